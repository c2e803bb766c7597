"""From a point in float64 to exact parameters: coordinates, radius, shift, unwinding numbers.

Newton's iteration in 192 bits on p·exp(A)·K = q = p·exp(B) in the 2d coordinates that the Jacobian
prefers; the derivative of exp is the block of exp([[M, H], [0, M]]) (Al-Mohy & Higham 2009).
Nothing here is believed later: a path solves the equations again, and the ball path proves that
they have one solution where the record says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq

from ...exact import GaussianRational
from .family import Family
from .parameters import dyadic_number

#: Bits of the iteration, of the coordinates that stay, and beyond the radius of those that move.
_BITS, _FROZEN, _ROOM = 192, 53, 20
_STEPS = 40
#: Exponents of the radius that are tried, relative to the largest coordinate.
_RADII = (16, 24, 32, 44, 60, 80)


@dataclass(frozen=True)
class Sealed:
    """The exact coordinates of a solution, the free ones, their radius; A and w to 192 bits."""

    centre: tuple[GaussianRational, ...]
    free: tuple[int, ...]
    radius: fmpq
    A: Any
    w: Any


class Equations:
    """The 2d equations in the coordinates of a space, at the current precision."""

    def __init__(self, made: Family) -> None:
        self.d, self.made = made.d, made
        d = made.d
        rows = made.basis.to_acb_mat().tolist()
        self.K, self.p, self.q = (m.to_acb_mat() for m in (made.K, made.p, made.q))
        inverse = self.K.inv()
        self.dA = [acb_mat(d, d, row[: d * d]) for row in rows]
        self.dw = [inverse * acb_mat(d, 1, row[d * d : d * d + d]) for row in rows]

    def member(self, theta: list[Any]) -> tuple[Any, Any]:
        """A and w."""
        A, w = acb_mat(self.d, self.d), acb_mat(self.d, 1)
        for t, dA, dw in zip(theta, self.dA, self.dw, strict=True):
            A, w = A + dA * t, w + dw * t
        return A, w

    def values(self, theta: list[Any]) -> Any:
        """p·exp(A)·K − q and p·exp(B) − q, as a column."""
        A, w = self.member(theta)
        first = self.p * A.exp() * self.K - self.q
        second = self.p * (A + w * self.p).exp() - self.q
        return acb_mat(2 * self.d, 1, first.entries() + second.entries())

    def slopes(self, theta: list[Any], free: tuple[int, ...]) -> Any:
        """The columns of the Jacobian for the coordinates named."""
        A, w = self.member(theta)
        B, d = A + w * self.p, self.d
        columns = []
        for j in free:
            first = self.p * _derivative(A, self.dA[j]) * self.K
            second = self.p * _derivative(B, self.dA[j] + self.dw[j] * self.p)
            columns.append(first.entries() + second.entries())
        return acb_mat(columns).transpose() if columns else acb_mat(2 * d, 0)


def _derivative(M: Any, H: Any) -> Any:
    d = M.nrows()
    m, h = M.tolist(), H.tolist()
    table = [[*m[i], *h[i]] for i in range(d)] + [[*([0] * d), *m[i]] for i in range(d)]
    block = acb_mat(table).exp().tolist()
    return acb_mat([row[d:] for row in block[:d]])


def seal(made: Family, A: Any, x: Any, y: Any) -> Sealed | None:
    """Exact coordinates of the solution near float64's (A, x, y); None where Newton's iteration
    finds none there, or no radius in which it is the only one."""
    flat = [*np.asarray(A).reshape(-1), *x, *y]
    with ctx.workprec(_BITS):
        equations = Equations(made)
        theta = [acb(complex(flat[c])) for c in made.columns]
        free = _preferred(equations, theta)
        if free is None or not _converged(equations, theta, free):
            return None
        inverse = _inverse(equations.slopes(theta, free))
        if inverse is None:
            return None
        largest = max((abs(complex(theta[j])) for j in free), default=1.0) or 1.0
        for exponent in _RADII:
            radius = fmpq(2) ** (math.frexp(largest)[1] - exponent)
            box = list(theta)
            for j in free:
                box[j] = theta[j] + acb(arb(0, arb(radius)), arb(0, arb(radius)))
            if _norm(inverse * equations.slopes(box, free) - _one(2 * made.d)) < 0.125:
                centre = tuple(
                    dyadic_number(t, _FROZEN if j not in free else exponent + _ROOM)
                    for j, t in enumerate(theta)
                )
                return Sealed(centre, free, radius, *equations.member(theta))
    return None


def _preferred(equations: Equations, theta: list[Any]) -> tuple[int, ...] | None:
    """2d coordinates whose columns of the Jacobian are far from dependent (QR with pivoting, the
    columns in proportion to the coordinates)."""
    from scipy.linalg import qr

    count = len(theta)
    slopes = equations.slopes(theta, tuple(range(count)))
    size = 2 * equations.d
    table = np.array([complex(z) for z in slopes.entries()]).reshape(size, count)
    sizes = np.array([abs(complex(t)) for t in theta])
    table = table * np.maximum(sizes, 1e-3 * sizes.max())[None, :]
    if not np.isfinite(table).all():
        return None
    _, _, order = qr(table, pivoting=True, mode="economic")
    return tuple(sorted(int(j) for j in order[:size]))


def _converged(equations: Equations, theta: list[Any], free: tuple[int, ...]) -> bool:
    """Newton's iteration in place, the coordinates that stay rounded first."""
    for j, t in enumerate(theta):
        exact = dyadic_number(t, _FROZEN)
        theta[j] = acb(arb(exact.re), arb(exact.im))
    reference = max(abs(complex(t)) for t in theta)
    last, inverse = math.inf, None
    for _ in range(_STEPS):
        if inverse is None:
            inverse = _inverse(equations.slopes(theta, free))
        if inverse is None:
            return False
        step = inverse * equations.values(theta)
        size = max(abs(complex(z)) for z in step.entries()) / reference
        if not size < 1:
            return False
        for j, z in zip(free, step.entries(), strict=True):
            theta[j] = (theta[j] - z).mid()
        if size < 2.0**-120:
            return True
        if size > 1e-3 * last:
            inverse = None
        last = size
    return False


def _inverse(matrix: Any) -> Any:
    try:
        found = matrix.mid().inv().mid()
    except ZeroDivisionError:
        return None
    return found if all(z.is_finite() for z in found.entries()) else None


def _one(size: int) -> Any:
    return acb_mat(size, size, [int(r == c) for r in range(size) for c in range(size)])


def _norm(matrix: Any) -> float:
    """The largest absolute row sum."""
    return max(sum(float(abs(z).upper()) for z in row) for row in matrix.tolist())
