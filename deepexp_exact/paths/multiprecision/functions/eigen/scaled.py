"""Float64 matrices with a binary exponent of their own, for estimates outside float64's range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

ComplexArray = npt.NDArray[np.complex128]


def largest_part(matrix: ComplexArray) -> float:
    """The largest modulus of a real or imaginary part; NaN where an entry is."""
    parts = np.ascontiguousarray(matrix).view(np.float64)
    return max(float(parts.max(initial=0.0)), -float(parts.min(initial=0.0)))


@dataclass(frozen=True)
class Scaled:
    """matrix·2^exp with float64 entries."""

    matrix: ComplexArray
    exp: float = 0.0

    #: NumPy arrays leave products with a Scaled to it.
    __array_ufunc__ = None

    def normal(self) -> Scaled:
        """The same with the largest entry near 1."""
        largest = largest_part(self.matrix)
        if largest == 0.0 or not math.isfinite(largest):
            return self
        shift = math.frexp(largest)[1]
        if abs(shift) < 1000:
            return self if shift == 0 else Scaled(self.matrix * 2.0**-shift, self.exp + shift)
        # in two factors, because 2^−shift may overflow
        half = shift // 2
        return Scaled(self.matrix * 2.0**-half * 2.0 ** -(shift - half), self.exp + shift)

    def __matmul__(self, other: Scaled | ComplexArray) -> Scaled:
        right = other if isinstance(other, Scaled) else Scaled(other)
        return Scaled(self.matrix @ right.matrix, self.exp + right.exp).normal()

    def __rmatmul__(self, other: ComplexArray) -> Scaled:
        return Scaled(other) @ self

    def __mul__(self, other: Any) -> Scaled:
        """Entry by entry, or by a scalar."""
        right = other if isinstance(other, Scaled) else Scaled(np.asarray(other))
        return Scaled(self.matrix * right.matrix, self.exp + right.exp).normal()

    def __add__(self, other: Scaled) -> Scaled:
        high = max(self.exp, other.exp)
        if high == -math.inf:
            return self
        return Scaled(
            self.matrix * 2.0 ** max(self.exp - high, -1070.0)
            + other.matrix * 2.0 ** max(other.exp - high, -1070.0),
            high,
        ).normal()

    def __neg__(self) -> Scaled:
        return Scaled(-self.matrix, self.exp)

    def __sub__(self, other: Scaled) -> Scaled:
        return self + (-other)

    def times_power(self, bits: float) -> Scaled:
        """The matrix times 2^bits."""
        return Scaled(self.matrix, self.exp + bits)

    def log2_norm(self) -> float:
        """log2 of the Frobenius norm; −inf for zero, +inf where an entry is NaN: an error of which
        nothing is known must not pass for none."""
        size = largest_part(self.matrix)
        scaled = self if 1e-140 < size < 1e140 else self.normal()
        norm = float(np.linalg.norm(scaled.matrix))
        if math.isnan(norm):
            return math.inf
        return math.log2(norm) + scaled.exp if norm > 0 else -math.inf


@dataclass(frozen=True)
class Basis:
    """R, R⁻¹ and the points at which functions are taken."""

    R: ComplexArray
    S: ComplexArray

    def into(self, matrix: Scaled) -> Scaled:
        """R⁻¹·matrix·R."""
        return self.S @ matrix @ self.R

    def back(self, matrix: Scaled) -> Scaled:
        """R·matrix·R⁻¹."""
        return self.R @ matrix @ self.S

    def function(self, row: Scaled) -> Scaled:
        """R·diag(row)·R⁻¹."""
        return Scaled(self.R * row.matrix[None, :], row.exp) @ self.S


def exp_row(points: ComplexArray) -> Scaled:
    """e^point for each point."""
    top = float(np.max(points.real))
    return Scaled(np.exp(points - top), top / math.log(2.0))


def log2_sum(*terms: float) -> float:
    """log2 of the sum of numbers given by their log2."""
    high = max(terms)
    if high == -math.inf or high == math.inf:
        return high
    return high + math.log2(sum(2.0 ** (t - high) for t in terms))


def divided_exp(points: ComplexArray) -> Scaled:
    """(e^a − e^b)/(a − b) for all pairs of points, e^a on the diagonal; no cancellation."""
    top = float(np.max(points.real))
    a = (points - top)[:, None]
    b = (points - top)[None, :]
    first = a.real >= b.real
    high, low = np.where(first, a, b), np.where(first, b, a)
    step = low - high
    safe = np.where(step == 0, 1.0, step)
    ratio = np.where(step == 0, 1.0, np.expm1(safe) / safe)
    return Scaled(np.exp(high) * ratio, top / math.log(2.0)).normal()


def divided_log(values: ComplexArray, logs: ComplexArray) -> ComplexArray:
    """(ℓ_i − ℓ_j)/(λ_i − λ_j) for pairs of values, 1/λ_i where float64 does not tell them apart."""
    step = values[:, None] - values[None, :]
    same = step == 0
    out: ComplexArray = np.where(
        same, 1.0 / values[:, None], (logs[:, None] - logs[None, :]) / np.where(same, 1.0, step)
    )
    return out
