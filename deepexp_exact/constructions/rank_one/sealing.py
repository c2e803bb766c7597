"""From a point in float64 to exact parameters: coordinates, radius, shift, unwinding numbers.

Newton's iteration in 512 bits on p·exp(A)·K = q = p·exp(B) in the 2d coordinates that the Jacobian
prefers; the derivative of exp at a point comes from its eigenvectors (Daleckii & Krein 1965), that
over a box is the block of exp([[M, H], [0, M]]) (Al-Mohy & Higham 2009).
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
_BITS, _FROZEN, _ROOM = 512, 53, 20
_STEPS = 40
#: Exponents of the largest and the smallest radius, relative to the largest coordinate.
_LARGEST, _SMALLEST = 16, 320


@dataclass(frozen=True)
class Sealed:
    """The exact coordinates of a solution, the free ones, their radius; A and w to 512 bits."""

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
        """The columns of the Jacobian for the coordinates named, enclosed over a box."""
        A, w = self.member(theta)
        B, d = A + w * self.p, self.d
        columns = []
        for j in free:
            first = self.p * _derivative(A, self.dA[j]) * self.K
            second = self.p * _derivative(B, self.dA[j] + self.dw[j] * self.p)
            columns.append(first.entries() + second.entries())
        return acb_mat(columns).transpose() if columns else acb_mat(2 * d, 0)

    def slopes_at(self, theta: list[Any], free: tuple[int, ...]) -> Any:
        """The same at a point, approximately: with M = V·diag(z)·U the derivative of exp in the
        direction H is V·((U·H·V) ∘ (e^z_r − e^z_c)/(z_r − z_c))·U."""
        A, w = self.member(theta)
        d, columns = self.d, []
        first, second = _Spectral(A, self.p), _Spectral(A + w * self.p, self.p)
        for j in free:
            one = first.derivative(self.dA[j]) * self.K
            two = second.derivative(self.dA[j] + self.dw[j] * self.p)
            columns.append(one.entries() + two.entries())
        return acb_mat(columns).transpose() if columns else acb_mat(2 * d, 0)


class _Spectral:
    """p·dexp(M)[H] for one M and many H."""

    def __init__(self, M: Any, p: Any) -> None:
        values, V = M.mid().eig(right=True, algorithm="approx")
        z, self.V = [x.mid() for x in values], V.mid()
        self.U, self.top = self.V.inv().mid(), (p * self.V).entries()
        e = [x.exp() for x in z]
        self.d, d = len(z), range(len(z))
        self.quotients = [[e[r] if r == c else (e[r] - e[c]) / (z[r] - z[c]) for c in d] for r in d]

    def derivative(self, H: Any) -> Any:
        inner, d = (self.U * H * self.V).tolist(), range(self.d)
        row = [
            sum((self.top[r] * inner[r][c] * self.quotients[r][c] for r in d), acb(0)) for c in d
        ]
        return acb_mat(1, self.d, row) * self.U


def _derivative(M: Any, H: Any) -> Any:
    d = M.nrows()
    m, h = M.tolist(), H.tolist()
    table = [[*m[i], *h[i]] for i in range(d)] + [[*([0] * d), *m[i]] for i in range(d)]
    block = acb_mat(table).exp().tolist()
    return acb_mat([row[d:] for row in block[:d]])


def seal(made: Family, A: Any, x: Any, y: Any) -> Sealed | None:
    """Exact coordinates of the solution near (A, x, y), floats or balls; None where Newton's
    iteration finds none there, or no radius in which it is the only one."""
    flat = [*A, *x, *y]
    with ctx.workprec(_BITS):
        equations = Equations(made)
        theta = [acb(flat[c]).mid() for c in made.columns]
        try:
            free = _preferred(equations, theta)
            if free is None or not _converged(equations, theta, free):
                return None
            inverse = equations.slopes_at(theta, free).mid().inv().mid()
        except (ValueError, ZeroDivisionError):  # no eigenvectors, or a singular Jacobian
            return None
        largest = max((abs(complex(theta[j])) for j in free), default=1.0) or 1.0
        scale = fmpq(2) ** math.frexp(largest)[1]

        def width(exponent: int) -> float:
            return _width(equations, theta, free, scale / fmpq(2) ** exponent, inverse)

        least = width(_SMALLEST)
        if not least < 0.125:
            return None
        # the width is nearly in proportion to a small radius
        gained = math.floor(-math.log2(max(least, 2.0**-_SMALLEST))) - 6
        exponent = max(_LARGEST, _SMALLEST - max(gained, 0))
        while exponent < _SMALLEST and not width(exponent) < 0.125:
            exponent = min(exponent + 12, _SMALLEST)
        radius = scale / fmpq(2) ** exponent
        centre = tuple(
            dyadic_number(t, _FROZEN if j not in free else exponent + _ROOM)
            for j, t in enumerate(theta)
        )
        return Sealed(centre, free, radius, *equations.member(theta))


def _width(
    equations: Equations, theta: list[Any], free: tuple[int, ...], radius: fmpq, inverse: Any
) -> float:
    """How far the Jacobian over the box is from the one whose inverse is given: ‖R·J − I‖."""
    box = list(theta)
    for j in free:
        box[j] = theta[j] + acb(arb(0, arb(radius)), arb(0, arb(radius)))
    return _norm(inverse * equations.slopes(box, free) - _one(2 * equations.d))


def _preferred(equations: Equations, theta: list[Any]) -> tuple[int, ...] | None:
    """2d coordinates whose columns of the Jacobian are far from dependent (QR with pivoting, the
    columns in proportion to the coordinates)."""
    from scipy.linalg import qr

    count = len(theta)
    slopes = equations.slopes_at(theta, tuple(range(count)))
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
    last, inverse, stalled = math.inf, None, 0
    for _ in range(_STEPS):
        if inverse is None:
            inverse = equations.slopes_at(theta, free).mid().inv().mid()
        step = inverse * equations.values(theta)
        size = max(abs(complex(z)) for z in step.entries()) / reference
        stalled += size > last / 2
        if not size < 1 or stalled > 4:
            return False
        for j, z in zip(free, step.entries(), strict=True):
            theta[j] = (theta[j] - z).mid()
        if size < 2.0 ** -(_SMALLEST + 2 * _ROOM):
            return True
        if size > 1e-3 * last:
            inverse = None
        last = size
    return False


def _one(size: int) -> Any:
    return acb_mat(size, size, [int(r == c) for r in range(size) for c in range(size)])


def _norm(matrix: Any) -> float:
    """The largest absolute row sum."""
    return max(sum(float(abs(z).upper()) for z in row) for row in matrix.tolist())
