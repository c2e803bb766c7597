"""Exact data as mpmath numbers, norms, rounding; contexts of our own."""

from __future__ import annotations

from typing import Any

import mpmath
from mpmath import MPContext

from ...branches import BranchRecord
from ...exact import ExactMatrix, GaussianRational
from ...exact.binary import to_mp_matrix


class MorePrecisionNeeded(ArithmeticError):
    """The working precision does not decide something; a higher one will."""


def context(digits: int) -> MPContext:
    """An own mpmath context of ``digits`` decimal digits."""
    mp = MPContext()
    mp.dps = digits
    return mp


def number(mp: MPContext, z: GaussianRational) -> Any:
    """A Gaussian rational, real and imaginary part each rounded once; real ones as ``mpf``."""
    real, imag = mp.mpf(int(z.re.p)) / int(z.re.q), mp.mpf(int(z.im.p)) / int(z.im.q)
    return mp.mpc(real, imag) if z.im != 0 else real


def matrix(mp: MPContext, exact: ExactMatrix) -> Any:
    """An exact matrix, every part of an entry rounded once."""
    return mp.matrix([[number(mp, z) for z in row] for row in exact.to_rows()])


def log_scale(mp: MPContext, record: BranchRecord) -> Any:
    """c = Log α + 2πi·u, −π < Im Log α ≤ π, closed at +π as mpmath's log is."""
    c = mp.log(number(mp, record.alpha))
    return c + mp.mpc(0, 2 * record.turn * mp.pi) if record.turn else c


def taken_over(mp: MPContext, other: Any) -> Any:
    """A matrix of another context (``mpmathify`` keeps every digit)."""
    rows = range(other.rows)
    return mp.matrix([[mp.mpmathify(other[r, c]) for c in range(other.cols)] for r in rows])


def handed_out(other: Any) -> Any:
    """A matrix of any context for whoever asked for it: every digit of it, in the type that all
    mpmath weights have."""
    entries = [
        mpmath.mp.mpmathify(other[r, c]) for r in range(other.rows) for c in range(other.cols)
    ]
    return to_mp_matrix(other.rows, other.cols, entries)


def rounded(mp: MPContext, other: Any) -> Any:
    """A matrix of another context, every part of an entry rounded to this one's precision."""
    return taken_over(mp, other).apply(lambda z: +z)


def norm(mp: MPContext, M: Any) -> Any:
    """The Frobenius norm."""
    return mp.mnorm(M, "f")


def relative(mp: MPContext, difference: Any, size: Any) -> Any:
    """‖difference‖/‖size‖ (Frobenius); ‖difference‖ itself where ``size`` is zero."""
    top, bottom = norm(mp, difference), norm(mp, size)
    return top / bottom if bottom else top


def log10_up(mp: MPContext, value: Any) -> int:
    """The least integer n ≥ 0 with value ≤ 10ⁿ, about."""
    return max(0, int(mp.ceil(mp.log10(value)))) if value > 1 else 0
