"""First-order error analysis of the shift construction in float64.

All three weights are functions of two eigendecompositions, M = W1·X1 = R·diag(m)·R⁻¹ and
K = R·diag(λ)·R⁻¹.  What a perturbation of a matrix does to a function of it is, in its eigenbasis,
an entrywise product with divided differences (Daleckii & Krein; Higham, *Functions of Matrices*,
theorem 3.11), so the error of each weight and the residual of perturbed weights cost a few float64
products.  Quantities carry binary exponents (:class:`Scaled`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..functions.eigen.outer import OuterLayer
from ..functions.eigen.scaled import (
    Basis,
    ComplexArray,
    Scaled,
    divided_exp,
    exp_row,
)


@dataclass(frozen=True)
class ShiftLayers(OuterLayer):
    """The construction in float64: enough to say what errors in its parts do to its results."""

    inner: Basis  # of M = W1·X1
    m: ComplexArray  # eigenvalues of M
    c: complex
    W1: Scaled
    Y1: Scaled
    X: tuple[Scaled, Scaled]
    Y_norms: tuple[float, float]  # log2

    @property
    def A_inverse(self) -> Scaled:
        return self.inner.function(exp_row(-self.m))

    def weights(self) -> tuple[Scaled, Scaled, Scaled]:
        """W1, W2, W3."""
        return (
            self.W1,
            self.Z @ self.A_inverse,
            self.Y1 @ self.last,
        )

    # -- errors of the functions, given what the eigendecompositions leave

    def inverse_error(self, F: Scaled, T: Scaled) -> Scaled:
        """R·exp(−c·Λ)·S − exp(−c·M₀) for M₀ = M/c = R(Λ + F)R⁻¹ and S = (I + T)R⁻¹."""
        row = exp_row(-self.m)
        slopes = divided_exp(-self.m) * (-self.c)
        inside = Scaled(row.matrix[:, None] * T.matrix, row.exp + T.exp) - F * slopes
        return self.inner.back(inside)

    # -- residuals

    def residuals(self, errors: tuple[Scaled, Scaled, Scaled]) -> tuple[float, float]:
        """log2 of ‖f(Xi) − Yi‖/‖Yi‖ to first order, for weights with the given errors."""
        d1, d2, d3 = errors
        _, W2, W3 = self.weights()
        A = self.inner.function(exp_row(self.m))
        slopes = divided_exp(self.m)
        out = []
        for factor, X, size in zip((1.0 + 0.0j, self.alpha), self.X, self.Y_norms, strict=True):
            d_A = self.inner.back(self.inner.into(d1 @ X) * slopes) * factor
            d_P = d2 @ (A * factor) + W2 @ d_A
            points = factor * self.z
            d_E = self.outer.back(self.outer.into(d_P) * divided_exp(points))
            d_f = d3 @ self.outer.function(exp_row(points)) + W3 @ d_E
            out.append(d_f.log2_norm() - size)
        return out[0], out[1]

    def loss(self, seed: int = 1) -> float:
        """log2 of the residual per unit of relative rounding of the weights, by a random trial."""
        draw = np.random.default_rng(seed)
        errors = []
        for weight in self.weights():
            shape = weight.matrix.shape
            size = float(np.max(np.abs(weight.matrix)))
            noise = draw.uniform(-0.5, 0.5, shape) + 1j * draw.uniform(-0.5, 0.5, shape)
            errors.append(Scaled(np.asarray(noise * size, dtype=np.complex128), weight.exp))
        return max(self.residuals((errors[0], errors[1], errors[2])))
