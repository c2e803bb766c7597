"""Eigendecompositions of small matrices, in python-flint's arithmetic.

The method is that of ``refine``, for simple eigenvalues and to second order: LAPACK's eigenvectors
refined by matrix products (Ogita & Aishima, "Iterative refinement for symmetric eigenvalue
decomposition", 2018 and 2019; for general matrices Newton's method of Davies & Modi 1986).  With
S ≈ R⁻¹: T = S·R − I, F = S·(A·R − R·Λ), Λ += diag F, E_ij = F_ij/(λ_j − λ_i), R += R·E,
S −= (T + E)·S, which doubles the correct digits.  Matrices are ``acb_mat`` (Johansson, "Arb",
2017), of which midpoints are kept; the radii are part of what is measured at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx

from ..balls import identity, log2_bounds
from .blockdiagonal import NotSimple
from .refine import Start, checked
from .scaled import ComplexArray

#: Correct bits that LAPACK's eigenvectors are expected to have, at worst.
FIRST = 38
#: Bits of quantities of which no more than their size matters.
FEW = 64


@dataclass
class Eigenvectors:
    """A ≈ R·diag(values)·S with exact R, S and values; ``left``: log2 of a bound of ‖F‖/max |λ|,
    for every A in the ball, and of ‖T‖ (Frobenius)."""

    R: Any
    S: Any
    values: list[Any]
    start: Start
    T: Any = None
    left: float = math.inf

    def function(self, row: Sequence[Any]) -> Any:
        """R·diag(row)·S."""
        return self.R * diagonal(row) * self.S


def float_starts(matrices: Sequence[Any]) -> list[Start]:
    """LAPACK's eigendecompositions of balls' midpoints; :class:`NotSimple` where there is none."""
    d = matrices[0].nrows()
    flat = [[complex(z) for z in m.entries()] for m in matrices]
    rounded = np.array(flat, dtype=np.complex128).reshape(len(flat), d, d)
    try:
        values, R = np.linalg.eig(rounded)
        S = np.linalg.inv(R)
    except (np.linalg.LinAlgError, ValueError) as error:
        raise NotSimple(f"float64 eigenvectors: {error}") from None
    starts = [checked(Start(*parts)) for parts in zip(R, S, values, strict=True)]
    if not all(1e-150 < start.radius < 1e150 for start in starts):
        raise NotSimple("eigenvalues outside float64's range")
    return starts


def refined(A: Any, start: Start, bits: float) -> Eigenvectors:
    """Eigenvectors with ‖F‖ ≤ 2^−bits·max |λ| and ‖T‖ ≤ 2^−bits, measured at the end.

    The radius of ``A`` has to allow for that: twice the condition of the eigenvectors below it.
    Raises :class:`NotSimple` if the float64 start is not in the basin of convergence, or if
    convergence stops."""
    with ctx.workprec(ctx.prec):
        return _refined(A, start, bits)


def _refined(A: Any, start: Start, bits: float) -> Eigenvectors:
    """:func:`refined`, with a precision of python-flint's for each step."""
    found = Eigenvectors(
        _exact(start.R), _exact(start.S), [acb(v) for v in start.values.tolist()], start
    )
    guard = math.ceil(2 * start.condition) + 2 * A.nrows().bit_length() + 8
    one, unit, wanted = identity(A.nrows()), arb(1 / start.radius), math.ceil(bits)
    goals = [wanted]
    while goals[-1] > 2 * FIRST:
        goals.append(goals[-1] // 2 + 8)
    reached, last = FIRST, math.inf
    while True:
        goal = goals.pop() if goals else wanted + 8
        ctx.prec = goal + guard
        G = A * found.R - found.R * diagonal(found.values)
        found.T = found.S * found.R - one
        ctx.prec = FEW if reached >= wanted else max(FEW, goal - reached + 24)
        F = found.S * G
        if reached >= wanted:
            found.left = max(log2_bounds((F * unit, found.T)))
            if found.left <= -bits:
                return found
            if not found.left <= last - 2.0:
                raise NotSimple("the refinement of the eigenvectors stagnates")
            last = found.left
            ctx.prec = max(FEW, math.ceil(wanted + last) + 32)
            F = found.S * G
        _correct(found, F, goal + guard, reached == FIRST)
        reached = goal


def _correct(found: Eigenvectors, F: Any, bits: int, first: bool) -> None:
    """One step, from python-flint's precision to ``bits``; ``first``: see whether it is small."""
    d, values, entries = F.nrows(), found.values, F.entries()
    quotients: list[Any] = [
        f / (values[k % d] - values[k // d]) if k % (d + 1) else 0 for k, f in enumerate(entries)
    ]
    E = acb_mat(d, d, quotients)
    U = found.T + E
    if first and not max(log2_bounds((E, U))) < -7.0:
        raise NotSimple("the float64 eigenvectors are too inaccurate: close eigenvalues")
    right, left = found.R * E, U * found.S
    ctx.prec = bits
    found.R, found.S = (found.R + right).mid(), (found.S - left).mid()
    found.values = [(v + f).mid() for v, f in zip(values, entries[:: d + 1], strict=True)]


# ------------------------------------------------------------------------------------- pieces


def diagonal(row: Sequence[Any]) -> Any:
    """diag(row)."""
    out = acb_mat(len(row), len(row))
    for j, value in enumerate(row):
        out[j, j] = value
    return out


def _exact(matrix: ComplexArray) -> Any:
    rows, cols = matrix.shape
    return acb_mat(rows, cols, [acb(v) for v in matrix.ravel().tolist()])
