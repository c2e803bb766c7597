"""mpmath matrices as ball matrices of radius 0, whatever their exponents."""

from __future__ import annotations

from typing import Any

from flint import acb, acb_mat, arb, fmpz
from mpmath import mp

from ..exact.binary import from_mpf


def exact_balls(matrix: Any) -> Any:
    """The square mpmath matrix as ``acb_mat``, exactly (certificates limit exponents, this does
    not).  Raises :class:`NumberError` if an entry is NaN or infinite."""
    d = matrix.rows
    entries = [mp.mpmathify(matrix[r, c]) for r in range(d) for c in range(d)]
    return acb_mat(d, d, [acb(_part(z.real), _part(z.imag)) for z in entries])


def _part(x: Any) -> Any:
    mantissa, exponent = from_mpf(x)
    return arb((fmpz(mantissa), fmpz(exponent)))
