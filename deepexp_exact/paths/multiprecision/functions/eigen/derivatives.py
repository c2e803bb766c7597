"""Fréchet derivatives in an eigenbasis, in float64, and their condition numbers.

There they are entrywise products with divided differences (Daleckii & Krein; Higham, *Functions of
Matrices*, theorem 3.11).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .outer import OuterLayer
from .scaled import (
    Basis,
    Scaled,
    divided_exp,
    exp_row,
    log2_sum,
)

Directions = list[Scaled]
Map = Callable[[Directions], Directions]


class Derivative:
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
        norm = operator_norm(
            lambda e: [self.apply(e[0])],
            lambda g: [self.adjoint(g[0])],
            1,
            argument.matrix.shape[0],
        )
        return norm + argument.log2_norm() - value.log2_norm()


def _norm(directions: Directions) -> float:
    return log2_sum(*(2 * e.log2_norm() for e in directions)) / 2


def operator_norm(apply: Map, adjoint: Map, count: int, d: int, steps: int = 3) -> float:
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


def scaled_dagger(a: Scaled) -> Scaled:
    return Scaled(a.matrix.conj().T, a.exp)


class OuterDerivatives:
    """The derivatives of log at K and of exp at −Z and α·Z."""

    def __init__(self, layer: OuterLayer) -> None:
        self.layer = layer
        self.log = Derivative(layer.outer, Scaled(layer.log_differences))
        self.last = Derivative(layer.outer, divided_exp(-layer.z))
        self.K = layer.outer.function(Scaled(layer.values))
        self.L = layer.outer.function(Scaled(layer.logs))

    def conditions(self) -> dict[str, float]:
        """log2 of the relative condition numbers."""
        layer = self.layer
        points = layer.alpha * layer.z
        far = Derivative(layer.outer, divided_exp(points))
        value = layer.outer.function(exp_row(points))
        return {
            "exp(-Z)": self.last.condition(layer.Z, layer.last),
            "exp(alpha Z)": far.condition(layer.Z * layer.alpha, value),
            "log(K)": self.log.condition(self.K, self.L),
        }
