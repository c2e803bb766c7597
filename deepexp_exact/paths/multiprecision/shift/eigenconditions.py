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

from ..conditions import power_of_two
from ..scaled import Basis, Scaled, divided_exp, exp_row, log2_sum
from .layers import Layers

Directions = list[Scaled]
Map = Callable[[Directions], Directions]


def conditions(layers: Layers, Y1_inverse: Scaled) -> dict[str, Any] | None:
    """Relative condition numbers of the exponentials, the logarithm and the maps (X, Y) ↦ W; None
    where float64 does not give them."""
    with np.errstate(all="ignore"):
        sizes = _Conditions(layers, Y1_inverse).table()
    if not all(math.isfinite(size) for size in sizes.values()):
        return None
    return {name: power_of_two(size) for name, size in sizes.items()}


class _Derivative:
    """The Fréchet derivative of a function in an eigenbasis, and its adjoint."""

    def __init__(self, basis: Basis, slopes: Scaled) -> None:
        self.basis, self.slopes = basis, slopes
        self.R, self.S = basis.R.conj().T, basis.S.conj().T

    def apply(self, x: Scaled) -> Scaled:
        return self.basis.back(self.basis.into(x) * self.slopes)

    def adjoint(self, g: Scaled) -> Scaled:
        inside = (self.R @ g @ self.S) * Scaled(self.slopes.matrix.conj(), self.slopes.exp)
        return self.S @ inside @ self.R

    def condition(self, argument: Scaled, value: Scaled) -> float:
        """log2 of ‖f'(A)‖·‖A‖/‖f(A)‖."""
        norm = _operator_norm(
            lambda e: [self.apply(e[0])],
            lambda g: [self.adjoint(g[0])],
            1,
            argument.matrix.shape[0],
        )
        return norm + argument.log2_norm() - value.log2_norm()


def _norm(directions: Directions) -> float:
    return log2_sum(*(2 * e.log2_norm() for e in directions)) / 2


def _operator_norm(apply: Map, adjoint: Map, count: int, d: int, steps: int = 3) -> float:
    """log2 of the norm of a map of ``count`` matrices, from below, by a few power steps."""
    draw = np.random.default_rng(20)
    e = [
        Scaled(draw.standard_normal((d, d)) + 1j * draw.standard_normal((d, d)))
        for _ in range(count)
    ]
    best = -math.inf
    for _ in range(steps):
        size = _norm(e)
        if not math.isfinite(size):
            break
        image = apply([Scaled(x.matrix, x.exp - size) for x in e])
        best = max(best, _norm(image))
        e = adjoint(image)
    return best


def _dagger(a: Scaled) -> Scaled:
    return Scaled(a.matrix.conj().T, a.exp)


class _Conditions:
    def __init__(self, layers: Layers, Y1_inverse: Scaled) -> None:
        self.layers, self.Y1_inverse = layers, Y1_inverse
        inner, outer = layers.inner, layers.outer
        self.log = _Derivative(outer, Scaled(layers.log_differences))
        self.down = _Derivative(inner, divided_exp(-layers.m))
        self.last = _Derivative(outer, divided_exp(-layers.z))
        self.shrink = 1.0 / (layers.alpha - 1.0)
        self.K, self.L = outer.function(Scaled(layers.values)), outer.function(Scaled(layers.logs))
        self.M, self.B = inner.function(Scaled(layers.m)), layers.A_inverse
        self.E = outer.function(exp_row(-layers.z))
        self.W = layers.weights()
        self.sizes = [layers.X[0].log2_norm(), layers.X[1].log2_norm(), *layers.Y_norms]

    def table(self) -> dict[str, float]:
        layers = self.layers
        up = _Derivative(layers.inner, divided_exp(layers.m))
        far = _Derivative(layers.outer, divided_exp(layers.alpha * layers.z))
        A = layers.inner.function(exp_row(layers.m))
        out = {
            "exp(W1 X1)": up.condition(self.M, A),
            "exp(-W1 X1)": self.down.condition(self.M, self.B),
            "exp(-Z)": self.last.condition(layers.Z, self.E),
            "exp(alpha Z)": far.condition(
                layers.Z * layers.alpha, layers.outer.function(exp_row(layers.alpha * layers.z))
            ),
            "log(K)": self.log.condition(self.K, self.L),
        }
        if self.M.log2_norm() == -math.inf:  # no relative perturbation of zero
            del out["exp(W1 X1)"], out["exp(-W1 X1)"]
        maps = {"W1": self._first()}
        d = len(layers.m)
        for name, apply, adjoint, W in (
            ("W2", self._second, self._second_adjoint, self.W[1]),
            ("W3", self._third, self._third_adjoint, self.W[2]),
        ):
            maps[name] = _operator_norm(apply, adjoint, 4, d) - W.log2_norm()
        return out | maps | {"map": max(maps.values())}

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
        k = _dagger(self.Y1_inverse) @ self.log.adjoint(g)
        return [-(k @ _dagger(self.K)), k]

    def _second(self, e: Directions) -> Directions:
        dX1, dX2, dY1, dY2 = self._scaled(e)
        W1 = self.W[0]
        dW1 = (W1 @ (dX1 - dX2) @ W1) * (1.0 / self.layers.c)
        dB = -self.down.apply(dW1 @ self.layers.X[0] + W1 @ dX1)
        return [(self._d_L(dY1, dY2) @ self.B + self.L @ dB) * self.shrink]

    def _second_adjoint(self, image: Directions) -> Directions:
        g = image[0] * np.conj(self.shrink)
        W1 = _dagger(self.W[0])
        m = -self.down.adjoint(_dagger(self.L) @ g)
        w = (W1 @ (m @ _dagger(self.layers.X[0])) @ W1) * (1.0 / np.conj(self.layers.c))
        return self._scaled([W1 @ m + w, -w, *self._d_L_adjoint(g @ _dagger(self.B))])

    def _third(self, e: Directions) -> Directions:
        _, _, dY1, dY2 = self._scaled(e)
        dE = self.last.apply(self._d_L(dY1, dY2) * -self.shrink)
        return [dY1 @ self.E + self.layers.Y1 @ dE]

    def _third_adjoint(self, image: Directions) -> Directions:
        g = image[0]
        inside = self.last.adjoint(_dagger(self.layers.Y1) @ g) * -np.conj(self.shrink)
        y1, y2 = self._d_L_adjoint(inside)
        zero = Scaled(np.zeros_like(g.matrix))
        return self._scaled([zero, zero, y1 + g @ _dagger(self.E), y2])
