"""Matrices of multiprecision numbers: NumPy object arrays of gmpy2 ``mpc`` or ``mpfr``.

A product of two such arrays costs about a sixth of mpmath's own.  Real data stay ``mpfr`` and cost
half of complex ones.  Precision is local: every computation runs inside :func:`precision`.  Norms
are taken in float64 of the scaled matrix and handed on as base-2 logarithms, so that neither 10^746
nor 10^-5000 leaves their range.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gmpy2
import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpz
from gmpy2 import mpc, mpfr, mpq
from numpy.typing import NDArray

from ....errors import PrecisionCeilingError
from ....exact import ExactMatrix, GaussianRational
from ....exact.binary import to_mp_matrix, to_mpc, to_mpf

Array = NDArray[Any]
LOG2_10 = math.log2(10)
#: log2 of zero, for norms.
ZERO = float("-inf")


class ExponentRangeError(PrecisionCeilingError):
    """A number grew or shrank beyond MPFR's exponent range."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with ``bits`` bits of mantissa in this block, gmpy2 and python-flint; restored
    afterwards."""
    saved, bits = gmpy2.get_context(), max(int(bits), 2)
    gmpy2.set_context(gmpy2.context(precision=bits))
    try:
        with ctx.workprec(bits):
            yield
    finally:
        gmpy2.set_context(saved)


# ------------------------------------------------------------------------------------- conversion


def number(value: GaussianRational) -> Any:
    """An exact number rounded to the current precision (``mpfr`` if it is real)."""
    real = mpfr(mpq(int(value.re.p), int(value.re.q)))
    if value.im == 0:
        return real
    return mpc(real, mpfr(mpq(int(value.im.p), int(value.im.q))))


def from_exact(matrix: ExactMatrix) -> Array:
    """An exact matrix rounded entrywise to the current precision; real ones stay real."""
    out = np.empty((matrix.rows, matrix.cols), dtype=object)
    real = matrix.is_real()
    for place, value in zip(np.ndindex(out.shape), matrix.entries(), strict=True):
        entry = number(value)
        out[place] = entry if real else mpc(entry)
    return out


def identity(d: int) -> Array:
    """The identity matrix."""
    out = np.full((d, d), mpfr(0), dtype=object)
    for j in range(d):
        out[j, j] = mpfr(1)
    return out


def rounded(a: Array, bits: int) -> Array:
    """Each entry rounded to ``bits`` bits of mantissa."""
    with precision(bits):
        out: Array = _PLUS(a)
        return out


def _plus(x: Any) -> Any:
    return +x


_PLUS = np.frompyfunc(_plus, 1, 1)
_CONJ = np.frompyfunc(lambda x: x.conjugate(), 1, 1)


def adjoint(a: Array) -> Array:
    """The conjugate transpose."""
    out: Array = _CONJ(a.T)
    return out


def dagger(a: Array) -> Array:
    """The conjugate transpose of a matrix in either arithmetic."""
    return adjoint(a) if a.dtype == object else a.conj().T


def diagonal_shift(a: Array, amount: Any) -> Array:
    """A + amount·I."""
    out = a.copy()
    for j in range(a.shape[0]):
        out[j, j] = out[j, j] + amount
    return out


def _parts(x: Any) -> tuple[Any, int]:
    if not gmpy2.is_finite(x):
        raise ExponentRangeError("a number left the exponent range", "rescale the problem")
    mantissa, exponent = x.as_mantissa_exp()
    return mantissa, int(exponent)


def to_mpmath_number(x: Any) -> Any:
    """A number of mpmath with exactly this value."""
    return to_mpc(_parts(x.real), _parts(x.imag))


def to_mpmath(a: Array) -> Any:
    """An mpmath matrix with exactly these entries."""
    return to_mp_matrix(a.shape[0], a.shape[1], map(to_mpmath_number, a.flat))


def to_ball(x: Any) -> acb:
    """The same number as an exact ball."""

    def part(x: Any) -> arb:
        mantissa, exponent = _parts(x)
        return arb((fmpz(int(mantissa)), fmpz(exponent)))

    return acb(part(x.real), part(x.imag))


def to_balls(a: Array) -> acb_mat:
    """The same entries as exact balls."""
    return acb_mat(a.shape[0], a.shape[1], [to_ball(x) for x in a.flat])


def from_balls(matrix: acb_mat) -> Array:
    """The midpoints rounded to the current precision; real ones stay real."""

    def part(x: arb) -> Any:
        mantissa, exponent = x.mid().man_exp()
        value, shift = mpfr(int(mantissa)), min(max(int(exponent), -(2**62)), 2**62)
        # exp2 would round the exponent itself where there are few bits
        return gmpy2.mul_2exp(value, shift) if shift >= 0 else gmpy2.div_2exp(value, -shift)

    flat = matrix.entries()
    real = all(z.imag.mid() == 0 for z in flat)
    out = np.empty(len(flat), dtype=object)
    for k, z in enumerate(flat):
        out[k] = part(z.real) if real else mpc(part(z.real), part(z.imag))
    return out.reshape(matrix.nrows(), matrix.ncols())


def mpf_power_of_two(log2: float) -> Any:
    """2**log2 as an ``mpf``, for residuals and errors below float64's range."""
    if log2 == ZERO:
        return to_mpf(0, 0)
    if log2 == math.inf:
        from mpmath import mp

        return mp.inf
    whole = math.floor(log2)
    return to_mpf(int(2.0 ** (log2 - whole + 52)), whole - 52)


# ------------------------------------------------------------------------------------------ norms


def _exponent(x: Any) -> int | None:
    if isinstance(x, type(mpc(0))):
        found = [e for e in (_exponent(x.real), _exponent(x.imag)) if e is not None]
        return max(found) if found else None
    if x == 0:
        return None
    if not gmpy2.is_finite(x):
        raise ExponentRangeError("a number left the exponent range", "rescale the problem")
    return int(gmpy2.get_exp(x))


def to_double(a: Array) -> tuple[Array, int]:
    """(M, e) with complex128 M and a ≈ M·2^e; entries far below the largest may become zero."""
    flat = np.array([complex(x) for x in a.flat], dtype=np.complex128).reshape(a.shape)
    top = float(np.max(np.abs(flat), initial=0.0))
    if 1e-100 < top < 1e100:
        return flat, 0
    exponents = [e for e in map(_exponent, a.flat) if e is not None]
    if not exponents:
        return np.zeros(a.shape, dtype=np.complex128), 0
    e = max(exponents)
    factor = gmpy2.exp2(mpfr(-e))
    return np.array([complex(x * factor) for x in a.flat]).reshape(a.shape), e


def log2_entries(a: Array) -> Array:
    """log2 of the modulus of every entry within 1, −∞ for zero."""
    return np.array([ZERO if e is None else float(e) for e in map(_exponent, a.flat)]).reshape(
        a.shape
    )


def log2_frobenius(a: Array) -> float:
    """log2 ‖A‖_F."""
    scaled, e = to_double(a)
    norm = float(np.linalg.norm(scaled))
    return math.log2(norm) + e if norm else ZERO


def log2_spectral(a: Array) -> float:
    """log2 ‖A‖_2."""
    scaled, e = to_double(a)
    norm = float(np.linalg.norm(scaled, 2))
    return math.log2(norm) + e if norm else ZERO


def log2_abs(x: Any) -> float:
    """log2 |x|."""
    return log2_frobenius(np.array([[x]], dtype=object))


def log2_sum(*terms: float) -> float:
    """log2 of a sum of numbers given by their base-2 logarithms."""
    top = max(terms)
    if top == ZERO or math.isinf(top):
        return top
    return top + math.log2(sum(2.0 ** max(t - top, -1000.0) for t in terms))
