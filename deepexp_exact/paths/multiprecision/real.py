"""The construction of real weights in multiprecision: A = S + a·I, B = log(exp(S)·K) + a·I, and W1
by the chord method.

The logarithm is inverse scaling and squaring (Kenney & Laub 1989): square roots by the iteration of
Denman & Beavers (1976), then log M = 2·artanh((M − I)·(M + I)⁻¹).  The Jacobian of the first
layer's equation is SciPy's, taken once at the record's centre.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from gmpy2 import mpfr, mpq

from ...branches import BranchRecord
from ...constructions.real import RealParameters
from ...errors import BranchError
from ...precision import MoreBits
from ...problems import Problem
from .functions.arrays import (
    ZERO,
    Array,
    diagonal_shift,
    from_exact,
    identity,
    log2_frobenius,
    precision,
    to_double,
)
from .functions.exponential import expm
from .functions.linear import exact_solve, inverse, solve
from .network.pairs import MeasuredPair
from .network.pairs import solve_pair as solve_real

__all__ = ["pair", "solve_real"]

#: Steps of the iterations, and square roots.
_STEPS, _ROOTS = 4000, 64
#: log2 of ‖M − I‖ from which on the series takes over.
_NEAR = -6.0


def pair(problem: Problem, record: BranchRecord, bits: int, ceiling: int) -> MeasuredPair:
    """W1, A, B and exp(−W1·X1) to about ``bits`` bits; ``ceiling`` in bits.

    Raises :class:`BranchError` where the iteration leaves the ball of the record."""
    given = cast("RealParameters", record.first_layer.parameters)
    quotient = record.quotient(problem)
    K = exact_solve(quotient.left, quotient.right, bits, ceiling)
    with precision(bits):
        S, a = from_exact(given.skew), mpfr(mpq(int(given.a.p), int(given.a.q)))
        M = expm(S, bits, ceiling).value.dot(K)
        A, B = diagonal_shift(S, a), diagonal_shift(logarithm(M, bits), a)
        W1 = _solved(problem, given, solve(A, B), bits, ceiling)
        X1 = from_exact(problem.X1)
        return MeasuredPair(W1, A, B, expm(-W1.dot(X1), bits, ceiling).value)


def logarithm(M: Array, bits: int) -> Array:
    """The principal logarithm of a real matrix near a symmetric positive definite one, at the
    current precision."""
    one, roots = identity(len(M)), 0
    while log2_frobenius(M - one) > _NEAR:
        M = square_root(M, bits)
        roots += 1
        if roots > _ROOTS:
            raise MoreBits("the square roots do not approach the identity")
    T = solve(M + one, M - one)
    square = T.dot(T)
    total, power, n = T, T, 1
    while log2_frobenius(power) - log2_frobenius(T) > -bits - 8 and log2_frobenius(power) > ZERO:
        power, n = power.dot(square), n + 2
        total = total + power / n
    out: Array = total * mpfr(2) ** (roots + 1)
    return out


def square_root(M: Array, bits: int) -> Array:
    """The principal square root (Denman & Beavers)."""
    Y: Array = M
    Z, last = identity(len(M)), math.inf
    half = mpfr(0.5)
    for _ in range(_STEPS):
        following = (Y + inverse(Z)) * half
        Z = (Z + inverse(Y)) * half
        change = log2_frobenius(following - Y) - log2_frobenius(following)
        Y = following
        if change < -bits / 2 - 8 or (change < -8 and not change < last):
            return Y
        last = change
    raise MoreBits("a square root does not settle")


def _solved(problem: Problem, given: RealParameters, G: Array, bits: int, ceiling: int) -> Array:
    """W1 in the record's ball."""
    d, X1, X2 = problem.d, from_exact(problem.X1), from_exact(problem.X2)
    try:
        R, exponent = np.linalg.inv(_slopes(problem, given)), 0
    except np.linalg.LinAlgError:
        raise BranchError("the equations are singular at the record", "use the ball path") from None
    centre = from_exact(given.centre)
    W, radius, last = centre, float(given.radius.p) / float(given.radius.q), math.inf
    for _ in range(_STEPS):
        both = [expm(E, bits, ceiling).value for E in (-W.dot(X1), W.dot(X2))]
        value, exponent = to_double(both[0].dot(both[1]) - G)
        step = (R @ np.asarray(value, dtype=complex).real.reshape(-1)).reshape(d, d)
        change = _lifted(step, exponent)
        W, size = W - change, log2_frobenius(change)
        apart = log2_frobenius(W - centre)
        if not apart <= math.log2(radius):
            raise BranchError("the iteration leaves the ball of the record", "make it again")
        if not size < last - 1 or size == ZERO:
            break
        last = size
    if not min(size, last) < log2_frobenius(centre) - bits / 2:
        raise MoreBits("the iteration for W1 does not settle")
    return W


def _lifted(step: Any, exponent: int) -> Array:
    scale = mpfr(2) ** exponent
    out = np.empty(step.shape, dtype=object)
    for place, value in zip(np.ndindex(out.shape), step.reshape(-1), strict=True):
        out[place] = mpfr(float(value)) * scale
    return out


def _slopes(problem: Problem, given: RealParameters) -> Any:
    """The Jacobian of exp(−W·X1)·exp(W·X2) at the centre in float64, entries row by row."""
    from scipy.linalg import expm_frechet

    d = problem.d
    W, X1, X2 = (m.to_numpy().real for m in (given.centre, problem.X1, problem.X2))
    columns = []
    for j in range(d * d):
        H = np.zeros((d, d))
        H.flat[j] = 1
        first, change = expm_frechet(-W @ X1, -H @ X1)
        second, other = expm_frechet(W @ X2, H @ X2)
        columns.append((change @ second + first @ other).reshape(-1))
    return np.array(columns).T
