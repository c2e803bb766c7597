"""Certified boxes from float64: Gershgorin discs with every rounding error bounded.

With R, S approximate matrices of eigenvectors of K = Y1⁻¹·Y2 and S ≈ (Y1·R)⁻¹, the eigenvalues of
K are those of (I + E)⁻¹·M with I + E = S·Y1·R and M = S·Y2·R.  If ‖E‖_∞ < 1, that matrix differs
from M entrywise by at most rowsum_i|E|·max_k|M_kj|/(1 − ‖E‖_∞), and disjoint Gershgorin discs hold
one eigenvalue each (Horn & Johnson, *Matrix Analysis*, theorem 6.1.1).  A computed product of
three complex matrices of size n has an error of at most 8(n + 4)u·|S||Y||R| entrywise, rounding of
Y included (Higham, *Accuracy and Stability*, sections 3.5 and 3.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from ..exact import ExactMatrix
from .boxes import Box

Array = NDArray[Any]


@dataclass(frozen=True)
class FloatBoxes:
    """Disjoint discs in order of (Re, Im): enclosures, isolating boxes, on-axis flags."""

    enclosures: list[Box]
    isolating: list[Box]
    on_negative_axis: list[bool]


def float_boxes(Y1: ExactMatrix, Y2: ExactMatrix) -> FloatBoxes | None:
    """Isolating boxes of all eigenvalues of Y1⁻¹·Y2, or None where float64 does not decide."""
    with np.errstate(all="ignore"):
        left, right = Y1.to_numpy(), Y2.to_numpy()
        if not _in_range(left) or not _in_range(right):
            return None
        found = float_eigenvectors(Y1, Y2)
        discs = None if found is None else _discs(left, right, found[2])
        return None if discs is None else _ordered(*discs, Y1.is_real() and Y2.is_real())


def _in_range(matrix: Array) -> bool:
    """No overflow, and no subnormal numbers, whose rounding is not relative."""
    sizes = np.abs(np.concatenate([matrix.real.ravel(), matrix.imag.ravel()]))
    sizes = sizes[sizes != 0]
    return bool(
        np.isfinite(sizes).all() and sizes.size and sizes.min() > 1e-60 and sizes.max() < 1e60
    )


@lru_cache(maxsize=4)
def float_eigenvectors(left: ExactMatrix, right: ExactMatrix) -> tuple[Array, Array, Array] | None:
    """left⁻¹·right, its eigenvalues and its eigenvectors in float64, without error bounds; None
    where LAPACK gives none.  Not to be written to."""
    a, b = left.to_numpy(), right.to_numpy()
    if left.is_real() and right.is_real():
        a, b = a.real, b.real
    try:
        K = np.linalg.solve(a, b)
        return K, *np.linalg.eig(K)
    except np.linalg.LinAlgError:
        return None


def _discs(left: Array, right: Array, R: Array) -> tuple[Array, Array] | None:
    """Centres and radii of the Gershgorin discs, radii rounded up."""
    n = left.shape[0]
    try:
        S = np.linalg.inv(left @ R)
    except np.linalg.LinAlgError:
        return None
    abs_S, abs_R = np.abs(S), np.abs(R)
    unit = 8 * (n + 4) * 2.0**-53 * (1 + 1e-9)
    M = S @ (right @ R)
    E = S @ (left @ R) - np.eye(n)
    # What underflows in an entry of Y or in a product is below 2.3e-308, and reaches the result
    # times a row of |S| (columns of R have norm 1).
    lost = 1e-300 * (1 + abs_S.sum(axis=1, keepdims=True)) * max(1.0, float(abs_R.max()))
    round_M = unit * (abs_S @ (np.abs(right) @ abs_R)) + lost
    size_E = np.abs(E) + unit * (abs_S @ (np.abs(left) @ abs_R)) + lost + 2.0**-52
    row_E = size_E.sum(axis=1) * (1 + 1e-9)
    worst = float(row_E.max())
    if not np.isfinite(worst) or not worst < 0.25 or not np.isfinite(M).all():
        return None
    column = (np.abs(M) + round_M).max(axis=0)
    error = round_M + np.outer(row_E, column) / (1 - worst)
    off = np.abs(M) - np.diag(np.abs(np.diag(M)))
    radii = (off + error).sum(axis=1) * (1 + 1e-9)
    centres = np.diag(M).copy()
    return (centres, radii) if np.isfinite(radii).all() else None


def _ordered(centres: Array, radii: Array, real: bool) -> FloatBoxes | None:
    """Order decided by disjoint real parts (conjugate pairs of a real K apart), or None."""
    lo, hi = centres.real - radii, centres.real + radii
    low, high = centres.imag - radii, centres.imag + radii
    sides = np.array(
        [
            np.nextafter(lo, -np.inf),
            np.nextafter(hi, np.inf),
            np.nextafter(low, -np.inf),
            np.nextafter(high, np.inf),
        ]
    )
    if not _disjoint(sides).all():
        return None
    if real:
        sides = _symmetric(sides)
        if sides.shape[1] != len(centres) or not _disjoint(sides).all():
            return None
    order = np.lexsort((sides[2], sides[0]))
    sides = sides[:, order]
    for j in range(sides.shape[1] - 1):
        pair = real and sides[0, j] == sides[0, j + 1] and sides[2, j] == -sides[3, j + 1]
        if not pair and not sides[1, : j + 1].max() < sides[0, j + 1]:
            return None
    meets = (sides[0] <= 0) & (sides[2] <= 0) & (sides[3] >= 0)
    if (meets & (sides[1] >= 0)).any() or (meets.any() and not real):
        return None
    isolating = _isolating(sides, meets)
    if not _disjoint(isolating).all():
        return None
    return FloatBoxes(_boxes(sides), _boxes(isolating), [bool(x) for x in meets])


def _disjoint(sides: Array) -> Array:
    """For each pair j ≠ i whether the boxes are disjoint (float comparisons are exact)."""
    lo, hi, low, high = sides
    apart = (hi[:, None] < lo[None, :]) | (high[:, None] < low[None, :])
    apart = apart | apart.T
    np.fill_diagonal(apart, True)
    return np.asarray(apart)


def _symmetric(sides: Array) -> Array:
    """Boxes of a real K made symmetric about the real axis, in conjugate pairs or singly."""
    lo, hi, low, high = sides
    upper, crossing = low > 0, (low <= 0) & (high >= 0)
    reach = np.maximum(-low, high)[crossing]
    on_axis = np.array([lo[crossing], hi[crossing], -reach, reach])
    above = sides[:, upper]
    below = np.array([above[0], above[1], -above[3], -above[2]])
    return np.concatenate([on_axis, below, above], axis=1)


def _isolating(sides: Array, on_axis: Array) -> Array:
    """Inflate each box by about an eighth of its gap to the others, the cut and zero."""
    lo, hi, low, high = sides
    gaps = np.maximum(
        np.maximum(lo[:, None] - hi[None, :], lo[None, :] - hi[:, None]),
        np.maximum(low[:, None] - high[None, :], low[None, :] - high[:, None]),
    )
    np.fill_diagonal(gaps, np.inf)
    clear = np.where(on_axis, -hi, np.maximum(lo, np.maximum(low, -high)))
    amount = np.exp2(np.floor(np.log2(np.minimum(gaps.min(axis=1), clear) / 8)))
    return np.array([lo - amount, hi + amount, low - amount, high + amount])


def _boxes(sides: Array) -> list[Box]:
    exact = [[_exact(float(x)) for x in row] for row in sides.T]
    return [Box(*row) for row in exact]


def _exact(value: float) -> fmpq:
    top, bottom = value.as_integer_ratio()
    return fmpq(top, bottom)
