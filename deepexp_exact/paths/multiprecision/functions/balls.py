"""Exponentials of matrices in balls (python-flint's; Johansson, "Arb", 2017): with the error of the
evaluation, and for matrices so large that scaling and squaring would take hundreds of squarings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpz

from ....exact import ExactMatrix
from ....precision import MoreBits
from ....spectrum.similarity import beyond_exponential, converging_steps, reduced
from .arrays import Array, from_balls, log2_sum, precision, to_balls

#: Bits for norms, which are bounds.
NORM_BITS = 53
#: Fewest and most squarings of the exponential whose norms tell its sensitivity.
_FEWEST, _MOST = 4, 64


def enclosure(matrix: ExactMatrix) -> Any:
    """The enclosure of an exact matrix at the current precision."""
    re = acb_mat(matrix.real_part)
    return re if matrix.is_real() else re + acb_mat(matrix.imag_part) * acb(0, 1)


def identity(d: int) -> Any:
    """The identity matrix, exactly."""
    return acb_mat(d, d, [int(k % (d + 1) == 0) for k in range(d * d)])


def log2_of(value: Any) -> float:
    """log2 of an exact non-negative ``arb``; ±inf at the ends and beyond 2^(±2^60)."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = (int(part) for part in value.mid().man_exp())
    if not mantissa or abs(exponent) > 2**60:
        return math.inf if mantissa and exponent > 0 else -math.inf
    return math.log2(abs(mantissa)) + exponent


def log2_quotient(top: float, bottom: float) -> float:
    """log2 of an upper bound of a/b from log2 in float64 of an upper bound of a and a lower one of
    b: with room for norms of few bits, and for what float64 leaves of large exponents."""
    if top == -math.inf:
        return top
    return top - bottom + 2.0**-40 + 2.0**-46 * (abs(top) + abs(bottom))


def log2_norms(matrix: Any) -> tuple[float, float]:
    """log2 of an upper and of a lower bound of the Frobenius norm."""
    with ctx.workprec(NORM_BITS):
        row = acb_mat(1, matrix.nrows() * matrix.ncols(), matrix.entries())
        square = (row * row.conjugate().transpose())[0, 0].real
        upper = log2_of(square.upper()) / 2
        return upper, log2_of(
            arb.max(square.lower(), arb(0))
        ) / 2 if upper < math.inf else -math.inf


def log2_bounds(matrices: Sequence[Any]) -> list[float]:
    """log2 of upper bounds of the Frobenius norms of matrices of one size, within 2⁻⁴⁰."""
    with ctx.workprec(NORM_BITS):
        count, entries = len(matrices), [z for m in matrices for z in m.entries()]
        rows = acb_mat(count, len(entries) // count, entries)
        squares = (rows * rows.conjugate().transpose()).entries()[:: count + 1]
        return [_half_log2(square.real.upper()) for square in squares]


def _half_log2(square: Any) -> float:
    near = float(square)
    return math.log2(near) / 2 if 1e-290 < near < 1e290 else log2_of(square) / 2


def exponential(matrix: Any, most: float = math.inf) -> Any:
    """exp of every matrix in the enclosure; not finite where the spectral radius of all of them is
    found beyond 2^most, which it ought not to exceed."""
    return _halved(matrix, False, most)[0]


def _halved(matrix: Any, watched: bool, most: float = math.inf) -> tuple[Any, list[float]]:
    """exp of every matrix in the enclosure, and where ``watched`` the log2 norms of exp(2^−j·A) for
    j down to 0, from where 2^−j·A is small.

    By way of a basis V where V⁻¹·A·V is much smaller if there is one: each squaring saved is radii
    not doubled.  Not finite where squarings would leave no correct bit."""
    small, basis = reduced(matrix)
    if beyond_exponential(small, most):
        return matrix * acb("nan"), []
    count = 0
    if watched:
        size = log2_norms(small)[0]
        count = min(max(math.ceil(max(size, 0.0)), _FEWEST), _MOST) if size < math.inf else 0
    x, norms = (small * power_of_two(-count)).exp() if count else small.exp(), []
    for j in range(count, -1, -1):
        outside = x if basis is None else basis[0] * x * basis[1]
        if count:
            norms.append(log2_norms(outside)[0])
        x = x * x if j else x
    return outside, norms


def log2_size(a: Array, work: int) -> float:
    """log2 ‖exp(A)‖ about as the eigenvalue of A with the largest real part tells it, before
    hundreds of squarings show it out of range; 0 where rounding errors may hide that eigenvalue."""
    with ctx.workprec(work):
        small = reduced(to_balls(a))[0]
        d, size = small.nrows(), log2_norms(small)[0]
        blur = max(log2_norms(small - small.mid())[0], size - work / 2)
        values = small.mid().eig(algorithm="approx", maxiter=converging_steps(d))
        largest = float(max(z.real.mid() for z in values)) / math.log(2)
        # A perturbation E moves no eigenvalue by more than about (‖E‖·‖A‖^(d − 1))^(1/d).
        known = largest and math.log2(abs(largest)) > 8 + size + (blur - size) / d
        return largest if known else 0.0


def power_of_two(exponent: int) -> Any:
    """2^exponent, exactly."""
    return arb((fmpz(1), fmpz(exponent)))


def to_accuracy(x: Any, error: float, work: int) -> tuple[Array, float]:
    """The midpoints in as many bits, at most ``work``, as a relative error of 2^error leaves them,
    and log2 of the relative error with that of rounding; :class:`MoreBits` where one of them is
    not finite, as the logarithm of an approximate eigenvalue 0."""
    if not all(z.is_finite() for z in x.entries()):
        raise MoreBits("a matrix is not finite at this precision", work)
    bits = min(work, math.ceil(-error)) if math.isfinite(error) else work
    bits = max(bits, 2)
    with precision(bits):
        return from_balls(x), log2_sum(error, -float(bits))


def squared_exponential(a: Array, work: int) -> tuple[Array, float, list[float]]:
    """exp(A) in as many bits as are right, log2 of a bound of its relative error, and the log2
    norms of exp(2^−j·A) for j down to 0, A taken as exact."""
    with ctx.workprec(work):
        x, norms = _halved(to_balls(a), True)
        radius, lower = log2_norms(x - x.mid())[0], log2_norms(x)[1]
    if not norms or not max(radius, *norms) < math.inf or lower == -math.inf:
        raise MoreBits("the enclosure of an exponential is not finite")
    value, error = to_accuracy(x, radius - lower, work)
    return value, error, norms
