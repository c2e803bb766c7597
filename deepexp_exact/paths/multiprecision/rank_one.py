"""The construction of rank one in multiprecision: A and w by Newton's iteration, then W1 = z·ℓ.

The equations p·exp(A)·K = q = p·exp(B), B = A + w·p, are solved in the free coordinates of the
record by the chord method: the Jacobian is SciPy's, taken once at the record's centre, and each
step gains nearly float64's digits over its condition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import gmpy2
import numpy as np
from gmpy2 import mpc

from ...branches import BranchRecord
from ...constructions.rank_one.family import Family, family
from ...constructions.rank_one.parameters import RankOneParameters, Shift
from ...constructions.rank_one.rows import Row, row_of
from ...errors import BranchError
from ...exact import gaussian
from ...precision import MoreBits
from ...problems import Problem
from .functions.arrays import (
    ZERO,
    Array,
    ExponentRangeError,
    diagonal_shift,
    from_exact,
    identity,
    log2_abs,
    log2_frobenius,
    number,
    precision,
)
from .functions.exponential import expm
from .functions.linear import solve
from .network.pairs import MeasuredPair
from .network.pairs import solve_pair as solve_rank_one

__all__ = ["pair", "solve_rank_one"]

#: Steps of the iterations.
_STEPS = 4000


def pair(problem: Problem, record: BranchRecord, bits: int, ceiling: int) -> MeasuredPair:
    """W1, A + a, B + a and exp(−W1·X1) to about ``bits`` bits; ``ceiling`` in bits.

    Raises :class:`BranchError` where the iteration leaves the box of the record."""
    given = cast("RankOneParameters", record.first_layer.parameters)
    row = row_of(problem, given.row)
    made = family(record.quotient(problem).matrix, row.p, given.q)
    if made.dimension != len(given.centre):
        raise BranchError("the record is not one of these equations", "make the record again")
    A, w = _Equations(made, bits, ceiling).solved(given)
    with precision(bits):
        a = _shift(A, w, row, given.offset, bits)
        A = diagonal_shift(A, a)
        B = A + w.dot(from_exact(row.p))
        W1, inverse_inner = _first_layer(A, B, w, row, given.offset)
    return MeasuredPair(W1, A, B, inverse_inner)


class _Equations:
    """The linear space of (A, w) and F on it, to ``bits`` bits."""

    def __init__(self, made: Family, bits: int, ceiling: int) -> None:
        d = self.d = made.d
        self.made, self.bits, self.ceiling = made, bits, ceiling
        with precision(bits):
            self.K, self.p, self.q = (from_exact(M) for M in (made.K, made.p, made.q))
            basis = from_exact(made.basis)
            self.A = basis[:, : d * d]
            self.w = solve(self.K, basis[:, d * d : d * d + d].T).T

    def member(self, theta: Array) -> tuple[Array, Array]:
        """A and w (a column)."""
        with precision(self.bits):
            return theta.dot(self.A).reshape(self.d, self.d), theta.dot(self.w).reshape(self.d, 1)

    def values(self, theta: Array) -> Array:
        """(p·exp(A)·K − q, p·exp(B) − q)."""
        A, w = self.member(theta)
        with precision(self.bits):
            B = A + w.dot(self.p)
        inner, outer = (expm(M, self.bits, self.ceiling).value for M in (A, B))
        with precision(self.bits):
            first, second = self.p.dot(inner).dot(self.K) - self.q, self.p.dot(outer) - self.q
        return np.concatenate([first[0], second[0]])

    def slopes(self, theta: Array, free: tuple[int, ...]) -> Array:
        """The Jacobian in float64 (``scipy.linalg.expm_frechet``)."""
        from scipy.linalg import expm_frechet

        A, w = (_float(M) for M in self.member(theta))
        p, K = _float(self.p), _float(self.K)
        B, columns = A + w @ p, []
        for j in free:
            dA, dw = _float(self.A[j]).reshape(self.d, self.d), _float(self.w[j])
            first = p @ expm_frechet(A, dA, compute_expm=False) @ K
            second = p @ expm_frechet(B, dA + np.outer(dw, p[0]), compute_expm=False)
            columns.append(np.concatenate([first[0], second[0]]))
        return np.array(columns).T

    def solved(self, given: RankOneParameters) -> tuple[Array, Array]:
        """A and w of the solution in the record's box."""
        with precision(self.bits):
            centre = np.array([mpc(number(z)) for z in given.centre], dtype=object)
        table = self.slopes(centre, given.free)
        try:
            R = np.array([[mpc(z) for z in row] for row in np.linalg.inv(table).tolist()])
        except np.linalg.LinAlgError:
            raise BranchError(
                "the equations are singular at the record", "use the ball path"
            ) from None
        theta, free = centre.copy(), list(given.free)
        # what is rounded at this precision may be more than a narrow box is wide
        radius = max(float(given.radius.p) / float(given.radius.q), 2.0 ** (-self.bits / 2))

        def step() -> float:
            change = R.dot(self.values(theta))
            theta[free] = theta[free] - change
            apart = [complex(z) for z in theta[free] - centre[free]]
            if not max(max(abs(z.real), abs(z.imag)) for z in apart) <= radius:
                raise BranchError("the iteration leaves the box of the record", "make it again")
            return log2_frobenius(change.reshape(1, -1))

        with precision(self.bits):
            _settled(step, log2_frobenius(centre.reshape(1, -1)), self.bits)
        return self.member(theta)


def _float(matrix: Array) -> Array:
    out = np.array([complex(z) for z in matrix.flat], dtype=np.complex128).reshape(matrix.shape)
    if not np.isfinite(out).all():
        raise ExponentRangeError("a coordinate leaves float64's range", "use the ball path")
    return out


def _settled(step: Callable[[], float], size: float, bits: int) -> None:
    """Steps, of which log2 is given, until they no longer halve; :class:`MoreBits` where they are
    then not small against 2^size."""
    last = math.inf
    for _ in range(_STEPS):
        now = step()
        if not now < last - 1 or now == ZERO:
            break
        last = now
    if not min(now, last) < size - bits / 2:
        raise MoreBits("Newton's iteration does not settle")


def _shift(A: Array, w: Array, row: Row, given: Shift, bits: int) -> Any:
    """a: as recorded, or the root of r1·v·(Log(1 + r2·v) + 2πi·n) − 2πi·k·r2·v near it."""
    found = [number(given.a)]
    if given.radius is None:
        return found[0]
    rows, turn = [from_exact(r) for r in (row.r1, row.r2)], mpc(0, 2 * gmpy2.const_pi())

    def step() -> float:
        shifted = diagonal_shift(A, found[0])
        v = solve(shifted, w)
        slope = -solve(shifted, v)
        (x, dx), (y, dy) = ((r.dot(v)[0, 0], r.dot(slope)[0, 0]) for r in rows)
        log = gmpy2.log(mpc(1 + y)) + turn * given.n
        value = x * log - turn * given.k * y
        change = value / (dx * log + x * dy / (1 + y) - turn * given.k * dy)
        found[0] = found[0] - change
        return log2_abs(change)

    _settled(step, max(log2_abs(found[0]), 0.0), bits)
    return found[0]


def _first_layer(A: Array, B: Array, w: Array, row: Row, given: Shift) -> tuple[Array, Array]:
    """W1 = z·ℓ and exp(−W1·X1) in the four cases of Theorem 1; A and B are shifted."""
    d, r1 = A.shape[0], from_exact(row.r1)
    v = solve(B if row.case == 2 else A, w)
    pv = from_exact(row.p).dot(v)[0, 0]
    if row.case == 4:
        factor = mpc(0, 2 * given.k * gmpy2.const_pi()) / r1.dot(v)[0, 0]
    elif row.case == 3 and row.rho is not None:
        factor = gmpy2.log(mpc(1 + pv)) / (pv * number(row.rho - gaussian(1)))
    else:
        factor = gmpy2.log(mpc(1 - pv if row.case == 2 else 1 + pv)) / pv
    z = v * factor
    W1 = z.dot(from_exact(row.ell))
    if row.case in (1, 4):  # r1·z is 0 or 2πi·k
        return W1, identity(d)
    s = r1.dot(z)[0, 0]
    return W1, identity(d) + z.dot(r1) * ((gmpy2.exp(-s) - 1) / s)
