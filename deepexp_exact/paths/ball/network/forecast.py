"""What the enclosures of a construction will lose, in float64: sizes and radii of its layers.

Radii are in units of the last working bit and to first order; they are guesses for
:mod:`planning`.  Three models: eigenvectors (as :mod:`eigen` encloses them), scaling and squaring
(FLINT's exponential of a ball matrix), and Hermite interpolation of the logarithm.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb

from ....spectrum import Eigenvalue
from ..functions.eigen import Eigenvectors, exact

#: log2 of κ(R)·‖A‖/gap up to which float64's eigenvectors of A are believed.
TRUSTED = 46.0
#: The same where the gap is known; beyond TRUSTED more is lost than the model says.
_RESOLVED, _EXCESS = 80.0, 1.6
#: Condition of eigenvectors that are not those of a nearly defective matrix.
_WELL = 2.0**16


def norm(matrix: Any) -> float:
    return float(np.linalg.norm(matrix))


@dataclass(frozen=True)
class Estimate:
    """A matrix in float64 and the norm of the radii that its enclosure will have."""

    matrix: Any
    radius: float


@dataclass(frozen=True)
class Diagonalised:
    """A matrix by its eigenvectors, with the radii of eigenvalues and of eigenvectors."""

    values: Any
    R: Any
    S: Any
    condition: float
    values_radius: float
    vectors_radius: float

    @classmethod
    def of(cls, given: Estimate, true_gap: float | None = None) -> Diagonalised | None:
        """None where float64's eigenvectors are not to be believed; ``true_gap`` is the smallest
        distance of two eigenvalues if it is known."""
        values, R = np.linalg.eig(given.matrix)
        S = np.linalg.inv(R)
        condition, gap = norm(R) * norm(S), smallest_gap(values)
        # a cluster with well conditioned vectors is not a Jordan block that rounding has split
        resolved = true_gap is not None and (
            true_gap / 64 < gap < 64 * true_gap or condition < _WELL
        )
        gap = true_gap if true_gap is not None and resolved else gap
        doubt = math.log2(condition * norm(given.matrix) / gap) if gap > 0 else math.inf
        if not doubt < (_RESOLVED if resolved else TRUSTED):
            return None
        moved = condition * (given.radius + norm(given.matrix))
        excess = 2.0 ** (_EXCESS * max(0.0, doubt - TRUSTED))
        return cls(values, R, S, condition, moved * excess, moved * excess / gap)

    def function(self, images: Any, slope: float) -> Estimate:
        """f of the matrix from f(λ) and max |f'(λ)|."""
        largest = float(np.abs(images).max())
        radius = 2 * largest * self.vectors_radius + slope * self.values_radius
        return Estimate((self.R * images) @ self.S, self.condition * radius)

    def exponential(self, factor: complex) -> Estimate:
        images = np.exp(factor * self.values)
        return self.function(images, abs(factor) * float(np.abs(images).max()))

    def eigenvectors(self) -> Eigenvectors:
        return Eigenvectors([acb(v) for v in self.values.tolist()], exact(self.R), exact(self.S))


def smallest_gap(values: Any) -> float:
    """The smallest distance of two values, at most the largest modulus."""
    apart = np.abs(values[:, None] - values[None, :])
    np.fill_diagonal(apart, np.inf)
    return min(float(apart.min()), max(float(np.abs(values).max()), 1e-300))


def exponential(given: Estimate) -> Estimate:
    """exp by a Taylor sum of the matrix over 2^s and s squarings: each squaring of B doubles the
    relative radius and multiplies the absolute one by about 2·‖|B|‖₂."""
    matrix, d = given.matrix, given.matrix.shape[0]
    squarings = max(0, math.ceil(math.log2(max(norm(matrix), 1e-300)))) + 4
    small = matrix / 2.0**squarings
    B = np.eye(d) + small @ (np.eye(d) + small @ (np.eye(d) + small / 3) / 2)
    radius = given.radius / 2.0**squarings + math.sqrt(d)
    for _ in range(squarings):
        if not np.isfinite(B).all():  # LAPACK would say so on standard error
            raise OverflowError("the exponential leaves float64's range")
        size = float(np.linalg.norm(np.abs(B), 2))
        radius = 2 * size * radius + size
        B = B @ B
    return Estimate(B, radius)


def interpolated(
    K: Estimate, eigenvalues: Sequence[Eigenvalue], taylor: list[list[complex]]
) -> Estimate:
    """f(K) by Newton's form of the Hermite interpolant, as ``logarithm`` computes it, from Taylor
    coefficients of f at each eigenvalue."""
    d = K.matrix.shape[0]
    points = [complex(e.box.center) for e in eigenvalues]
    groups = [g for g, e in enumerate(eigenvalues) for _ in range(e.index)]
    coefficients = _divided_differences(points, groups, taylor)
    basis, basis_radius = np.eye(d, dtype=complex), 0.0
    total, total_radius = np.zeros((d, d), dtype=complex), 0.0
    for (value, radius), group in zip(coefficients, groups, strict=True):
        total = total + value * basis
        total_radius += abs(value) * basis_radius + (radius + abs(value)) * norm(basis)
        factor = K.matrix - points[group] * np.eye(d)
        basis_radius = basis_radius * norm(factor) + norm(basis) * (K.radius + norm(factor))
        basis = basis @ factor
    return Estimate(total, total_radius)


def taylor_of_log(x: complex, k: int, on_cut: bool, count: int) -> list[complex]:
    """Log x + 2πi·k and the further Taylor coefficients of log at x."""
    angle = math.pi if on_cut else math.atan2(x.imag, x.real)
    first = complex(math.log(abs(x)), angle + 2 * math.pi * k)
    return [first] + [-((-1.0 / x) ** i) / i for i in range(1, count)]


def taylor_of_power(x: complex, log: complex, t: complex, count: int) -> list[complex]:
    """Taylor coefficients of exp(t·log) at x from that value of log x."""
    out = [cmath.exp(t * log)]
    for i in range(1, count):
        out.append(out[-1] * (t - (i - 1)) / (i * x))
    return out


def _divided_differences(
    points: list[complex], groups: list[int], taylor: list[list[complex]]
) -> list[tuple[complex, float]]:
    """Newton's coefficients with their radii."""
    n = len(groups)
    column = [(taylor[g][0], 1 + abs(taylor[g][0])) for g in groups]
    out = [column[0]]
    for order in range(1, n):
        below = []
        for j in range(n - order):
            a, b = groups[j], groups[j + order]
            if a == b:
                value = taylor[a][order]
                below.append((value, abs(value)))
            else:
                gap = points[b] - points[a]
                value = (column[j + 1][0] - column[j][0]) / gap
                below.append((value, (column[j + 1][1] + column[j][1]) / abs(gap) + abs(value)))
        column = below
        out.append(column[0])
    return out
