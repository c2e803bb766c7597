"""The exponential of a matrix in multiprecision, with a proved error.

Scaling and squaring in balls at a precision that rises until the enclosure is narrow enough (Fasi &
Higham, "An arbitrary precision scaling and squaring algorithm for the matrix exponential", SIAM J.
Matrix Anal. Appl. 40 (2019); Higham, *Functions of Matrices*, chapter 10; Johansson, "Arb", 2017):
a hump (Moler & Van Loan 2003) shows in the radii and is met with more bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import gmpy2
import numpy as np
from gmpy2 import mpfr

from ....errors import PrecisionCeilingError
from ....precision import MoreBits, raise_until
from .arrays import (
    ZERO,
    Array,
    ExponentRangeError,
    adjoint,
    log2_frobenius,
    log2_spectral,
    precision,
    to_double,
)
from .balls import log2_size, squared_exponential

#: log2 of the largest norm that gmpy2's exponents hold, with room to spare.
_MOST_EXPONENT = 2.0**29
#: log2 of a norm from which on squarings are saved by another basis.
_LARGE = 256.0
#: log2 of a norm that an exponential out of range has.
_REACHING = 29.0
_BEYOND = (
    "an exponential is beyond the exponents that MPFR has here, about 2^(±2^30)",
    "try an α farther from 1, or another branch: Z = L/(α − 1) is too large",
)
_WORDS = ("an exponential needs", "ask for fewer digits, or try another α or branch")


@dataclass(frozen=True)
class Exponential:
    """exp(A) with log2 bounds.

    ``error`` bounds the relative error ‖computed − exp(A)‖_F/‖exp(A)‖_F for A taken as exact, and
    ``growth`` the sensitivity: a perturbation E of A changes exp(A) by at most about
    2^growth·‖E‖·‖exp(A)‖ (Frobenius norms, to first order)."""

    value: Array
    error: float
    growth: float


def expm(a: Array, bits: int, ceiling: int) -> Exponential:
    """exp(A) of a matrix taken as exact, with a relative error of at most 2^−bits.

    ``ceiling`` is the largest working precision in bits for matrices of norm 1, four times as much
    for large ones, which take few products; :class:`PrecisionCeilingError` beyond."""

    def attempt(work: int) -> Exponential:
        value, error, norms = squared_exponential(a, work)
        require_range(norms[-1])
        if error > -bits:
            lack = error + bits
            raise MoreBits("the enclosure is too wide", lack + 8, sure=lack < work)
        return Exponential(value, error, 2 * _hump(norms) + 4)

    size = max(log2_spectral(a), 0.0)
    start = bits + 16 + 4 * math.ceil(size)  # what squarings, or a change of basis, cost, about
    if size > _REACHING and abs(log2_size(a, start)) > _MOST_EXPONENT:
        raise ExponentRangeError(*_BEYOND)
    return raise_until(attempt, start, 4 * ceiling if size > _LARGE else ceiling, *_WORDS)


def require_range(log2_norm: float) -> None:
    """Raise :class:`PrecisionCeilingError` for a norm that gmpy2's exponents do not hold."""
    if not -_MOST_EXPONENT < log2_norm < _MOST_EXPONENT:
        raise PrecisionCeilingError(*_BEYOND)


def _hump(norms: list[float]) -> float:
    """max over t = 2^−j of log2 ‖exp(tA)‖ − t·log2 ‖exp(A)‖, given those norms for t up to 1."""
    return max(n - norms[-1] * 2.0**-j for j, n in enumerate(reversed(norms)))


class ExpDerivative:
    """The Fréchet derivative of exp at A, to about ``bits`` bits: (exp(A + hE) − exp(A))/h with an
    h so small that the second derivative does not show (Higham, *Functions of Matrices*, section
    3.4).  Its adjoint is E ↦ (exp'(A)[E*])*."""

    def __init__(self, a: Array, bits: int, ceiling: int) -> None:
        self.argument, self.ceiling = a, ceiling
        growth = max(expm(a, 24, ceiling).growth, 0.0)
        self.step = bits + 2 * math.ceil(growth) + 8
        self.bits = self.step + bits + 64
        if self.bits + 4 * max(log2_frobenius(a), 0.0) > ceiling:
            raise PrecisionCeilingError("a derivative of exp needs too many bits", "ask for none")
        self.base = expm(a, self.bits, ceiling).value
        self.room = self.bits + self.step + 64 + math.ceil(max(log2_frobenius(a), 0.0))

    def __call__(self, direction: Array) -> Array:
        size = log2_frobenius(direction)
        if size == ZERO:
            return direction * 0
        with precision(self.room):
            unit = gmpy2.exp2(mpfr(math.floor(size) + self.step))
            moved = expm(self.argument + direction / unit, self.bits, self.ceiling).value
            out: Array = (moved - self.base) * unit
        return out

    def adjoint(self, direction: Array) -> Array:
        """The adjoint for the inner product tr(A*·B)."""
        return adjoint(self(adjoint(direction)))


def log2_norm_of_exp(a: Array, ceiling: int) -> float:
    """log2 ‖exp(A)‖_F, from float64 where its running error bound allows, else from 24 bits."""
    d = a.shape[0]
    scaled, e = to_double(a)
    if e == 0 or float(np.max(np.abs(scaled))) == 0.0:
        centre = complex(np.trace(scaled)) / d
        found = double_norm(scaled - centre * np.eye(d))
        if found is not None:
            return float(found + centre.real / math.log(2))
    return log2_frobenius(expm(a, 24, ceiling).value)


def double_norm(a: Array) -> float | None:
    """log2 ‖exp(A)‖_F in float64 with scaled squarings; None if rounding errors may spoil it."""
    found = _rough_squarings(a)
    return None if found is None else found[0]


def _rough_squarings(a: Array) -> tuple[float, float] | None:
    """log2 ‖exp(A)‖_F in float64 and the bits lost on the way; None if they are too many."""
    s = max(math.ceil(math.log2(max(float(np.linalg.norm(a, 2)), 2.0**-60))) + 1, 0)
    if s > 60:
        return None
    theta = a / 2.0**s
    x = term = np.eye(a.shape[0], dtype=np.complex128)
    for k in range(1, 19):
        term = term @ theta / k
        x = x + term
    relative, exponent, current = 1e-15, 0, float(np.linalg.norm(x, 2))
    for _ in range(s):
        x = x @ x
        exponent *= 2
        following = float(np.linalg.norm(x, 2))
        if not following > 0:
            return None
        relative = (2 * relative + 1e-15) * max(current**2 / following, 1.0)
        if not relative < 1e-2:
            return None
        shift = math.frexp(following)[1]
        x, exponent, current = x * 2.0**-shift, exponent + shift, following * 2.0**-shift
    loss = math.log2(relative / 1e-15)
    return math.log2(float(np.linalg.norm(x))) + exponent, loss
