"""Condition numbers from eigendecompositions.

The same quantities as in ``conditions`` (Frobenius norm of the Fréchet derivative by the power
method on the derivative and its adjoint; Higham, *Functions of Matrices*, algorithm 3.20), with the
derivatives as entrywise products with divided differences in the eigenbasis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ....branches import BranchRecord
from ....problems import Problem
from ..functions.eigen.derivatives import (
    Derivative,
    Directions,
    OuterDerivatives,
    operator_norm,
    scaled_dagger,
)
from ..functions.eigen.scaled import (
    Scaled,
    divided_exp,
    exp_row,
    log2_sum,
)
from ..network.conditions import SPARE, estimated, power_of_two
from .layers import ShiftLayers

#: log2 condition of eigenvectors up to which float64 estimates condition numbers.
MODERATE = 12.0


def condition_numbers(
    problem: Problem,
    record: BranchRecord,
    layers: ShiftLayers,
    Y1_inverse: Callable[[], Scaled],
    condition: float,
    ceiling: int,
) -> dict[str, Any]:
    """In float64 where the eigenvectors, and Y1 with its inverse, leave it enough digits:
    ``condition`` is their log2 condition; otherwise in multiprecision below ``ceiling`` bits."""
    if record.completion.rank == problem.d and condition < MODERATE:
        inverse = Y1_inverse()
        moderate = layers.Y_norms[0] + inverse.log2_norm() < SPARE
        if moderate and (found := conditions(layers, inverse)) is not None:
            return found
    return estimated(problem, record, ceiling)


def conditions(layers: ShiftLayers, Y1_inverse: Scaled) -> dict[str, Any] | None:
    """Relative condition numbers of the exponentials, the logarithm and the maps (X, Y) ↦ W; None
    where float64 does not give them."""
    with np.errstate(all="ignore"):
        sizes = _Conditions(layers, Y1_inverse).table()
    if not all(math.isfinite(size) for size in sizes.values()):
        return None
    return {name: power_of_two(size) for name, size in sizes.items()}


class _Conditions:
    def __init__(self, layers: ShiftLayers, Y1_inverse: Scaled) -> None:
        self.layers, self.Y1_inverse = layers, Y1_inverse
        inner = layers.inner
        functions = OuterDerivatives(layers)
        self.functions, self.log, self.last = functions, functions.log, functions.last
        self.K, self.L = functions.K, functions.L
        self.down = Derivative(inner, divided_exp(-layers.m))
        self.shrink = 1.0 / (layers.alpha - 1.0)
        self.M, self.B = inner.function(Scaled(layers.m)), layers.A_inverse
        self.E = layers.last
        self.W = layers.weights()
        self.sizes = [layers.X[0].log2_norm(), layers.X[1].log2_norm(), *layers.Y_norms]

    def table(self) -> dict[str, float]:
        layers = self.layers
        up = Derivative(layers.inner, divided_exp(layers.m))
        A = layers.inner.function(exp_row(layers.m))
        out = {
            "exp(W1 X1)": up.condition(self.M, A),
            "exp(-W1 X1)": self.down.condition(self.M, self.B),
        }
        if self.M.log2_norm() == -math.inf:  # no relative perturbation of zero
            del out["exp(W1 X1)"], out["exp(-W1 X1)"]
        maps = {"W1": self._first()}
        d = len(layers.m)
        for name, apply, adjoint, W in (
            ("W2", self._second, self._second_adjoint, self.W[1]),
            ("W3", self._third, self._third_adjoint, self.W[2]),
        ):
            maps[name] = operator_norm(apply, adjoint, 4, d) - W.log2_norm()
        return out | self.functions.conditions() | maps | {"map": max(maps.values())}

    def _first(self) -> float:
        W1 = self.W[0].normal()
        spectral = math.log2(float(np.linalg.norm(W1.matrix, 2))) + W1.exp
        inputs = log2_sum(2 * self.sizes[0], 2 * self.sizes[1]) / 2
        return 2 * spectral - math.log2(abs(self.layers.c)) + inputs - W1.log2_norm()

    # -- dW1 = −W1·dD·W1/c, dM = dW1·X1 + W1·dX1, dK = Y1⁻¹·(dY2 − dY1·K), each direction scaled

    def _scaled(self, e: Directions) -> Directions:
        return [Scaled(x.matrix, x.exp + size) for x, size in zip(e, self.sizes, strict=True)]

    def _d_L(self, dY1: Scaled, dY2: Scaled) -> Scaled:
        return self.log.apply(self.Y1_inverse @ (dY2 - dY1 @ self.K))

    def _d_L_adjoint(self, g: Scaled) -> Directions:
        k = scaled_dagger(self.Y1_inverse) @ self.log.adjoint(g)
        return [-(k @ scaled_dagger(self.K)), k]

    def _second(self, e: Directions) -> Directions:
        dX1, dX2, dY1, dY2 = self._scaled(e)
        W1 = self.W[0]
        dW1 = (W1 @ (dX1 - dX2) @ W1) * (1.0 / self.layers.c)
        dB = -self.down.apply(dW1 @ self.layers.X[0] + W1 @ dX1)
        return [(self._d_L(dY1, dY2) @ self.B + self.L @ dB) * self.shrink]

    def _second_adjoint(self, image: Directions) -> Directions:
        g = image[0] * np.conj(self.shrink)
        W1 = scaled_dagger(self.W[0])
        m = -self.down.adjoint(scaled_dagger(self.L) @ g)
        w = (W1 @ (m @ scaled_dagger(self.layers.X[0])) @ W1) * (1.0 / np.conj(self.layers.c))
        return self._scaled([W1 @ m + w, -w, *self._d_L_adjoint(g @ scaled_dagger(self.B))])

    def _third(self, e: Directions) -> Directions:
        _, _, dY1, dY2 = self._scaled(e)
        dE = self.last.apply(self._d_L(dY1, dY2) * -self.shrink)
        return [dY1 @ self.E + self.layers.Y1 @ dE]

    def _third_adjoint(self, image: Directions) -> Directions:
        g = image[0]
        inside = self.last.adjoint(scaled_dagger(self.layers.Y1) @ g) * -np.conj(self.shrink)
        y1, y2 = self._d_L_adjoint(inside)
        zero = Scaled(np.zeros_like(g.matrix))
        return self._scaled([zero, zero, y1 + g @ scaled_dagger(self.E), y2])
