"""The block of a splitting and the rest, in float64: spectral subspaces of F = X_s⁻¹·D."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import scipy.linalg
from flint import fmpq

from ...exact import ExactMatrix
from .floats import Array, log1p
from .planning import Plan

#: A condition beyond which a matrix counts as singular.
SINGULAR = 1e13
#: A ratio of moduli that float64 may have made up.
NARROW = 1.001


@dataclass
class Block:
    """F split into its q smallest eigenvalues and the rest, and C1 = I + E on the block."""

    q: int
    B: Array
    Y: Array
    moduli: Array
    rank: int | None
    hint: ExactMatrix | None = None
    A1: Array = field(default_factory=lambda: np.zeros((0, 0)))
    E: Array = field(default_factory=lambda: np.zeros((0, 0)))
    unitary: Array = field(default_factory=lambda: np.zeros((0, 0)))
    scaling: Array = field(default_factory=lambda: np.zeros(0))
    log_det: complex = 0.0
    phi: Array = field(default_factory=lambda: np.zeros(0))
    rest: Array = field(default_factory=lambda: np.zeros((0, 0)))
    inverse_rest: Array = field(default_factory=lambda: np.zeros((0, 0)))


class Blocks:
    """Blocks of F for one reference s and X1, X2 as they are given."""

    def __init__(self, X1: ExactMatrix, X2: ExactMatrix, s: fmpq, F: Array) -> None:
        self.X1, self.X2, self.s, self.F = X1, X2, s, F
        self.sf, self.d = int(s.p) / int(s.q), len(F)

    def of_smallest(self, q: int) -> Block | None:
        """The block of the q smallest eigenvalues by reordered Schur forms; None without a gap."""
        d, moduli = self.d, np.sort(np.abs(np.linalg.eigvals(self.F)))
        if q in (0, d):
            if q and not self._nonsingular(math.inf):
                return None
            T = np.eye(d, dtype=complex)
            return self._finish(Block(q, T[:, :q], T[:q], moduli, None), T, T)
        if not moduli[q] / max(moduli[q - 1], 1e-300) > 1 + 1e-8:
            return None
        limit = math.sqrt(max(moduli[q - 1], 1e-14 * moduli[-1]) * moduli[q])
        if not self._nonsingular(limit):
            return None
        _, Qa, inside = scipy.linalg.schur(self.F, "complex", sort=lambda z: abs(z) < limit)
        _, Qb, outside = scipy.linalg.schur(self.F, "complex", sort=lambda z: abs(z) >= limit)
        if (inside, outside) != (q, d - q):
            return None
        T = np.hstack([Qa[:, :q], Qb[:, : d - q]])
        Ti = np.linalg.inv(T)
        return self._finish(Block(q, T[:, :q], Ti[:q], moduli, None), T, Ti)

    def _nonsingular(self, radius: float) -> bool:
        """Whether A1 and A2 are invertible on the block |φ| < radius: where X1 is singular φ = 1/s
        is an eigenvalue, where X2 is φ = −1/(1 − s)."""
        first = self.s == 0 or self.X1.is_invertible() or abs(1 / self.sf) > radius
        return first and (self.s == 1 or self.X2.is_invertible() or abs(1 / (1 - self.sf)) > radius)

    def of_plan(self, plan: Plan) -> Block | None:
        """The block of a rational plan, its exact bases made orthonormal."""
        q, T = plan.q, np.eye(self.d, dtype=complex)
        moduli = np.sort(np.abs(np.linalg.eigvals(self.F)))
        if plan.basis is not None:
            columns = plan.basis.to_numpy()
            T = np.hstack([np.linalg.qr(columns[:, :q])[0], np.linalg.qr(columns[:, q:])[0]])
        Ti = np.linalg.inv(T)
        block = Block(q, T[:, :q], Ti[:q], moduli, plan.rank, plan.basis)
        if q < self.d:
            inside = np.abs(np.linalg.eigvals(block.Y @ self.F @ block.B))
            outside = np.abs(np.linalg.eigvals(Ti[q:] @ self.F @ T[:, q:]))
            if not inside.max() * NARROW < outside.min():
                return None  # no circle about 0 between them
            block.moduli = np.concatenate([np.sort(inside), np.sort(outside)])
        return self._finish(block, T, Ti)

    def _finish(self, block: Block, T: Array, Ti: Array) -> Block | None:
        """E = A1⁻¹·F1 on the block and the eigenvectors of the rest; None where a pivot fails."""
        q = block.q
        if q:
            F1 = block.Y @ self.F @ block.B
            block.A1 = np.eye(q) - self.sf * F1
            if not np.linalg.cond(block.A1) < SINGULAR:
                return None  # φ = 1/s is in the block
            block.E = np.linalg.solve(block.A1, F1)
            values, V = np.linalg.eig(block.E)
            if block.rank is None and not np.min(np.abs(1 + values)) > 1 / SINGULAR:
                return None  # so is φ = −1/(1 − s)
            order = np.argsort(-np.abs(1 + values))
            plain = not np.linalg.cond(V) < 1e12
            block.unitary = np.eye(q) if plain else np.linalg.qr(V[:, order])[0]
            block.scaling = np.maximum(1, np.abs(1 + values[order]))
            total = complex(np.sum(log1p(values)))
            # float64's log det of a unipotent block is noise
            block.log_det = total if abs(total) > 1e-13 * np.linalg.norm(block.E) else 0.0
        if q < self.d:
            F2 = Ti[q:] @ self.F @ T[:, q:]
            block.phi, V2 = np.linalg.eig(F2)
            block.rest = T[:, q:] @ V2
            block.inverse_rest = T[:, q:] @ np.linalg.solve(F2, Ti[q:])
        return block
