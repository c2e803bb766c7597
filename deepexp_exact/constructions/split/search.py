"""The search for a splitting of least predicted loss, in float64.

The first layer is W1 = [B·M·A1⁻¹·Y + c·(F(I−Π) + Π)⁻¹(I−Π)]·X_s⁻¹ with Π = B·Y the spectral
projector of F = X_s⁻¹·D for its q smallest eigenvalues, exp(M) = e^m·I and exp(M·C1) = α·e^m·I on
the block (statements Q0 to Q8).  Free are s, q, α, the basis B, the integers a and the root m; a
candidate is one choice of all, and :class:`floats.RoundingLoss` ranks them.  Some 40 candidates and
as many small turns of the bases of the best (a random search whose width follows its success:
Rechenberg 1973; Schumer & Steiglitz 1968) are enough (0.02 to 0.25 s up to d = 32).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from flint import fmpq

from ...exact import ExactMatrix, GaussianRational, gaussian
from .blocks import NARROW, SINGULAR, Block, Blocks
from .floats import (
    TWO_PI_I,
    Array,
    RoundingLoss,
    centred,
    eigenvectors_upper,
    prescribed_pivots,
    roots,
    unitary,
)
from .planning import NEAR_REFERENCES, Plan, rational_blocks, reference, require_regular, zeros_of
from .rounding import rounded_quotient

#: Candidates judged for one reference s, and draws of basis and root for each pair (q, α).
CANDIDATES, _ROUNDS = 40, 4
#: Turns of the bases of the best few; after so many of them the worst of these is left alone.
_TURNS, _BEST, _PATIENCE = 40, 4, 8
#: Width of the first turn, and its factors after a success and a failure.
_WIDTH, _WIDER, _NARROWER = 0.5, 1.2, 0.8
#: Values of α beside those steered by the block.
ALPHAS = (gaussian(3), gaussian(-1), gaussian(0, 1))
#: Eigenvalues borrowed beyond the zeros of F.
_BORROWED = (1, 2, 3, 5, 8)
#: Predicted loss, in digits, and condition of X1 beyond which references near 0 are tried too.
_POOR, _ILL = 6.0, 1e6
#: Integers are spaced so where C1 is nearly scalar.
_SPACINGS = (1, 8, 64)
#: Candidates offered in turn, and digits of loss by which one stands back whose gap float64 may
#: have made up.
_OFFERED, _DOUBT = 8, 20.0
#: |ln| of a weight's size that costs nobody anything, and how much more is as bad as a digit lost.
_WRITTEN, _AS_BAD = 70.0, 120.0
#: Largest spread of Re of the exponents on the rest, and of the exponents, that are looked at.
_SPREAD, _OVERFLOW = 80.0, 300.0


@dataclass(frozen=True)
class Candidate:
    """One choice in float64; ``basis`` spans the block, ``alpha`` is exact, ``c`` is −c where
    exchanged."""

    loss: float
    c: complex
    exchanged: bool
    s: fmpq
    q: int
    alpha: GaussianRational
    integers: tuple[int, ...]
    m: complex
    basis: Array
    rho: float | None
    gap: float
    log_det: complex = 0.0
    rank: int | None = None
    hint: ExactMatrix | None = None
    #: |ln| of the largest of what cancels: exp(W1·X1) against W2
    size: float = 0.0
    #: block, α, spacing and root of the choice, and the unitary factor of its basis
    origin: tuple[Any, ...] = ()


def _doubted(candidate: Candidate) -> float:
    """What ranks a candidate: its loss, a price for weights of a size far from 1, and a doubt:
    eigenvalues of a defective block scatter in float64, so that a narrow gap may not be one unless
    the block is exact."""
    doubt = _DOUBT * (candidate.gap < NARROW and candidate.hint is None)
    return candidate.loss + doubt + max(0.0, candidate.size - _WRITTEN) / _AS_BAD


class Search:
    """Candidates for one pair of inputs, one logarithm L and Y1 (both in float64)."""

    def __init__(
        self,
        X1: ExactMatrix,
        X2: ExactMatrix,
        Y1: Array,
        L: Array,
        alphas: Sequence[GaussianRational] | None = None,
        turn: int = 0,
        seed: int = 0,
    ) -> None:
        self.X1, self.X2, self.Y1, self.L = X1, X2, Y1, L
        self.alphas, self.steer = alphas or ALPHAS, alphas is None and turn == 0
        self.turn, self.seed = turn, seed

    def scale(self, alpha: GaussianRational, exchanged: bool) -> complex:
        """c = Log α + 2πi·turn, or −c where X1 and X2 are exchanged."""
        c = cmath.log(complex(alpha)) + TWO_PI_I * self.turn
        return -c if exchanged else c

    def candidates(self) -> Iterator[Candidate]:
        """The best of the search in order of predicted loss, over the usual references, then those
        near 0 where that is poor; at last those of rational blocks, which always exist.

        Raises :class:`HypothesisError` for a singular pencil or X1 = X2."""
        usable = require_regular(self.X1, self.X2)
        D = self.X2 - self.X1
        with np.errstate(all="ignore"):
            found = self._with_reference(self._reference(usable, D))
            if not found or (found[0].loss > _POOR and self._ill_conditioned()):
                near = [s for s in NEAR_REFERENCES if reference(self.X1, D, s).is_invertible()]
                for s in near:
                    found += self._with_reference(s)
        offered = sorted(found, key=_doubted)[:_OFFERED]
        certain = (self._rational(plan) for plan in rational_blocks(self.X1, self.X2))
        while not offered or _doubted(offered[0]) > _POOR:
            more = next(certain, None)
            if more is None:
                break
            offered = sorted(offered + more[:_OFFERED], key=_doubted)
        yield from offered
        for more in certain:
            yield from more[:_OFFERED]

    def _ill_conditioned(self) -> bool:
        X1 = self.X1.to_numpy()
        return not (np.isfinite(X1).all() and np.linalg.cond(X1) < _ILL)

    def _reference(self, usable: Sequence[fmpq], D: ExactMatrix) -> fmpq:
        """0 unless the condition of X_s is ten times smaller elsewhere."""
        X1, Df = self.X1.to_numpy(), D.to_numpy()

        def cost(s: fmpq) -> float:
            M = X1 + int(s.p) / int(s.q) * Df
            condition = float(np.linalg.cond(M)) if np.isfinite(M).all() else math.inf
            return condition * (1 if s == 0 else 10)

        return min(usable, key=cost)

    def _with_reference(self, s: fmpq) -> list[Candidate]:
        D = self.X2 - self.X1
        d = D.rows
        zeros, nilpotent = zeros_of(self.X1, D, s)
        # where F vanishes on its zeros, C1 is a scalar there: they need company
        sizes = {zeros} if zeros == 0 or nilpotent else set()
        sizes |= {zeros + k for k in _BORROWED} | {d}
        return self._round(
            s,
            False,
            lambda round_: [
                round_.blocks.of_smallest(q) for q in sorted(sizes) if q <= d and q != 1
            ],
        )

    def _rational(self, plan: Plan) -> list[Candidate]:
        with np.errstate(all="ignore"):
            return self._round(plan.s, plan.exchanged, lambda round_: [round_.blocks.of_plan(plan)])

    def _round(
        self, s: fmpq, exchanged: bool, blocks: Callable[[_Round], list[Block | None]]
    ) -> list[Candidate]:
        """The candidates of one reference; none where float64 cannot hold what it takes."""
        try:
            round_ = _Round(self, s, exchanged)
            return round_.run([block for block in blocks(round_) if block is not None])
        except (np.linalg.LinAlgError, ValueError, OverflowError):
            return []


class _Round:
    """The candidates for one reference s."""

    def __init__(self, search: Search, s: fmpq, exchanged: bool) -> None:
        self.search, self.s, self.exchanged = search, s, exchanged
        X1, X2 = (search.X2, search.X1) if exchanged else (search.X1, search.X2)
        self.F, self.inverse_Xs = rounded_quotient(X1, X2 - X1, s)
        self.sf = int(s.p) / int(s.q)
        self.d = len(self.F)
        self.blocks = Blocks(search.X1, search.X2, s, self.F)
        self.rng = np.random.default_rng(search.seed)
        # Both layers belong to (X1, X2) as they are given: exchanged, M·C1 is that of X1.
        self.loss = RoundingLoss(
            search.X1.to_numpy(), search.X2.to_numpy(), search.Y1, search.L, self.rng
        )
        self.found: list[Candidate] = []
        self.roots: dict[tuple[int, GaussianRational, int], list[complex]] = {}
        self.judged = 0

    def run(self, blocks: Sequence[Block]) -> list[Candidate]:
        """Every pair (block, α) once, then new bases and roots for the best three pairs."""
        pairs = [(b, a, spacing) for b in blocks for a, spacing in self._alphas(b)]
        for block, alpha, spacing in pairs:
            self._judge(block, alpha, spacing, 0)
        ranked = sorted(self.found, key=_doubted)
        top: list[tuple[int, GaussianRational]] = []
        for one in ranked:
            if (one.q, one.alpha) not in top:
                top.append((one.q, one.alpha))
        again = [p for p in pairs if (p[0].q, p[1]) in top[:3]]
        for k in range(_ROUNDS * CANDIDATES if again else 0):
            if self.judged >= CANDIDATES:
                break
            block, alpha, spacing = again[k % len(again)]
            self._judge(block, alpha, spacing, (k // len(again)) % 3)
        self._turn_bases()
        return sorted(self.found, key=_doubted)

    def _turn_bases(self) -> None:
        """Small random turns of the bases of the best candidates of different blocks, α or roots,
        in turn."""
        best: dict[tuple[Any, ...], Candidate] = {}
        for one in sorted(self.found, key=_doubted):
            if one.q > 1:
                best.setdefault((one.q, one.alpha, one.m), one)
        held = [(one, _WIDTH) for one in list(best.values())[:_BEST]]
        for k in range(1, _TURNS + 1 if held else 0):
            one, width = held.pop(0)
            block, alpha, spacing, which, Q = one.origin
            before = len(self.found)
            self._judge(block, alpha, spacing, which, (Q, width))
            turned = self.found[before:]
            better = bool(turned) and _doubted(turned[0]) < _doubted(one)
            if better:  # it takes the other's place, so that what is offered stays various
                self.found = [c for c in self.found if c is not one]
            else:
                del self.found[before:]
            held.append((turned[0], width * _WIDER) if better else (one, width * _NARROWER))
            if k % _PATIENCE == 0 and len(held) > 1:
                held.remove(max(held, key=lambda pair: _doubted(pair[0])))

    def _alphas(self, block: Block) -> Iterator[tuple[GaussianRational, int]]:
        """α's with spacings; steered ones make m imaginary where C1 is near a scalar: c ⊥ log det,
        as many decimals as m needs."""
        yield from ((alpha, 1) for alpha in self.search.alphas)
        size = abs(block.log_det)
        if not (self.search.steer and block.q and block.rank is None and 0 < size < 0.5):
            return
        for length in (1.1, -1.1, 2.0, -2.0):
            places = min(15, math.ceil(math.log10(block.q * abs(length) / size)) + 1)
            z = np.exp(1j * length * block.log_det / size)
            scale = 10 ** max(places, 1)
            alpha = gaussian(fmpq(round(z.real * scale), scale), fmpq(round(z.imag * scale), scale))
            for spacing in _SPACINGS if abs(length) > 100 * size else (1,):
                yield alpha, spacing

    def _judge(
        self,
        block: Block,
        alpha: GaussianRational,
        spacing: int,
        which: int,
        near: tuple[Array, float] | None = None,
    ) -> None:
        """One candidate, its basis drawn at random or at a distance from a unitary factor."""
        q, c = block.q, self.search.scale(alpha, self.exchanged)
        rest = c * (1 - self.sf * block.phi) / block.phi if q < self.d else np.zeros(0)
        if len(rest) and not np.ptp(rest.real) <= _SPREAD:
            return
        self.judged += 1
        if q == 0:
            centre = rest.real.mean()
            pair = (rest - centre, block.rest), (rest - centre + c, block.rest)
            W1 = c * block.inverse_rest @ self.inverse_Xs
            self._keep(block, alpha, W1, pair, (), 0j, None, abs(centre), ())
            return
        chosen = self._integers(block, alpha, c, spacing, which)
        if chosen is None:
            return
        m, integers = chosen
        noise = self.rng.normal(size=(q, q)) + 1j * self.rng.normal(size=(q, q))
        Q = unitary(noise if near is None else near[0] + near[1] / math.sqrt(2 * q) * noise)
        try:
            layer = self._layer(block, c, m, integers, Q)
        except (np.linalg.LinAlgError, ValueError):
            return
        if layer is None:
            return
        W1, (first, second), basis = layer
        if q < self.d:
            first = (np.concatenate([first[0], rest - m]), np.hstack([first[1], block.rest]))
            second = (
                np.concatenate([second[0], rest - m + c]), np.hstack([second[1], block.rest]),
            )  # fmt: skip
        if not np.max(np.abs(first[0].real)) <= _OVERFLOW:
            return
        self._keep(block, alpha, W1, (first, second), integers, m, basis, abs(m.real),
                   (block, alpha, spacing, which, Q))  # fmt: skip

    def _integers(
        self, block: Block, alpha: GaussianRational, c: complex, spacing: int, which: int
    ) -> tuple[complex, Array] | None:
        """m, and the integers in the order of decreasing |μ| (of |a| where C1 is singular)."""
        a = centred(block.q, spacing)
        if block.rank is not None:
            return -c, a[np.argsort(-np.abs(a), kind="stable")]
        key = (block.q, alpha, spacing)
        if key not in self.roots:
            self.roots[key] = roots(c, block.log_det, block.q, spacing)
        if not self.roots[key]:
            return None
        m = self.roots[key][which % len(self.roots[key])]
        return m, a[np.argsort(-np.abs(m + TWO_PI_I * a), kind="stable")]

    def _layer(self, block: Block, c: complex, m: complex, integers: Array, Q: Array) -> Any:
        """W1, the exponents and eigenvectors of the block in both layers (each less m), and the
        basis with the unitary factor Q; None where the factorisation fails."""
        q, rank = block.q, block.rank
        mu, turns = m + TWO_PI_I * integers, TWO_PI_I * integers
        gamma = c / mu if rank is None else turns[:rank] / mu[:rank] - 1
        P0 = block.unitary @ (block.scaling[:, None] * Q)
        if not np.linalg.cond(P0) < SINGULAR:
            return None
        E = np.linalg.solve(P0, block.E @ P0)
        Lam, H, U, misfit = prescribed_pivots(E, gamma, rank)
        if not misfit < 0.1:
            return None
        Hi = scipy.linalg.solve_triangular(H, np.eye(q), lower=True, unit_diagonal=True)
        PL = P0 @ Lam
        lower = mu[:, None] * np.tril(Hi @ Lam - np.eye(q), -1)
        upper = mu[:, None] * np.triu(U, 1)
        VM = eigenvectors_upper(lower[::-1, ::-1], turns[::-1])[::-1, ::-1]
        second = turns + c
        if rank is None:
            VT = eigenvectors_upper(upper, turns)
        else:
            V1 = eigenvectors_upper(upper[:rank, :rank], turns[:rank])
            T11 = upper[:rank, :rank] + np.diag(turns[:rank])
            corner = -np.linalg.solve(T11, mu[:rank, None] * U[:rank, rank:])
            VT = np.block([[V1, corner], [np.zeros((q - rank, rank)), np.eye(q - rank)]])
            second = np.concatenate([turns[:rank], np.zeros(q - rank)]) - m
        right = np.linalg.solve(P0, np.linalg.solve(block.A1, block.Y))
        W1 = block.B @ (PL * mu) @ Hi @ right
        if q < self.d:
            W1 = W1 + c * block.inverse_rest
        frame = block.B @ PL
        return W1 @ self.inverse_Xs, ((turns, frame @ VM), (second, frame @ VT)), block.B @ P0

    def _keep(
        self,
        block: Block,
        alpha: GaussianRational,
        W1: Array,
        pair: tuple[tuple[Array, Array], tuple[Array, Array]],
        integers: Any,
        m: complex,
        basis: Array | None,
        size: float,
        origin: tuple[Any, ...],
    ) -> None:
        first, second = pair[::-1] if self.exchanged else pair
        if not np.isfinite(W1).all():
            return
        try:
            loss = self.loss(W1, complex(alpha), first, second)
        except (np.linalg.LinAlgError, ValueError):
            loss = math.inf
        loss = math.inf if math.isnan(loss) else loss  # beyond float64, not beyond a path
        q, o = block.q, block.moduli
        inner = 0 < q < self.d
        self.found.append(
            Candidate(
                loss,
                self.search.scale(alpha, self.exchanged),
                self.exchanged,
                self.s,
                q,
                alpha,
                tuple(int(x) for x in integers),
                m,
                np.zeros((self.d, 0)) if basis is None else basis,
                math.sqrt(max(o[q - 1], 1e-6 * o[q]) * o[q]) if inner else None,
                o[q] / max(o[q - 1], 1e-300) if inner else math.inf,
                block.log_det,
                block.rank,
                block.hint,
                size,
                origin,
            )
        )
