"""F = X_s⁻¹·D in float64, rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import acb_mat, arb, ctx, fmpq

from ...exact import ExactMatrix
from .floats import Array
from .planning import reference


def rounded_quotient(X1: ExactMatrix, D: ExactMatrix, s: fmpq) -> tuple[Array, Array]:
    """F = X_s⁻¹·D and X_s⁻¹ to the last bits of float64, however ill-conditioned X_s is."""
    d, bits = D.rows, 128
    Xs = reference(X1, D, s)
    while True:
        with ctx.workprec(bits):
            inverse = Xs.to_acb_mat().solve(acb_mat(d, d, _identity(d)), nonstop=True)
            F = inverse * D.to_acb_mat()
            good = all(_sharp(M) for M in (inverse, F))
            if good or bits > 100_000:
                return _floats(F), _floats(inverse)
        bits *= 2


def _identity(d: int) -> list[int]:
    return [int(r == c) for r in range(d) for c in range(d)]


def _sharp(M: Any) -> bool:
    """Whether every radius is below 2^−56 of the largest entry."""
    largest = max((z.abs_lower() for z in M.entries()), default=arb(0))
    return all(
        part.is_finite() and arb(part.rad()) <= largest * arb(2) ** -56
        for z in M.entries()
        for part in (z.real, z.imag)
    )


def _floats(M: Any) -> Array:
    flat = [complex(float(z.real.mid()), float(z.imag.mid())) for z in M.entries()]
    return np.array(flat).reshape(M.nrows(), M.ncols())
