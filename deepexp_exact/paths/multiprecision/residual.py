"""The residuals ‖f(Xi) − Yi‖/‖Yi‖ of given weights, from the definition of f.

f(X) = W3·exp(W2·exp(W1·X)) is evaluated anew: nothing of the construction is used, and the
evaluation's own error is bounded (to first order) and added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...exact import ExactMatrix
from ...problems import Problem
from .arrays import (
    Array,
    from_exact,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    precision,
)
from .exponential import expm

Weights = tuple[Array, Array, Array]


@dataclass(frozen=True)
class Evaluation:
    """One equation: log2 of the residual with its evaluation error, the layers, and ``loss``,
    log2 of the factor by which the relative rounding of the weights can appear in the residual."""

    residual: float
    noise: float
    loss: float
    inner: Array
    outer: Array


def evaluate(
    weights: Weights, X: ExactMatrix, Y: ExactMatrix, bits: int, ceiling: int
) -> Evaluation:
    """f(X) − Y relative to Y, evaluated with about ``bits`` bits; everything in log2.

    ``loss`` is max(1, g2, g1)·‖W3‖·‖exp(W2·A)‖/‖Y‖ with g2 = ‖W2‖·‖A‖, g1 = g2·‖W1‖·‖X‖."""
    W1, W2, W3 = weights
    unit = math.log2(X.rows + 4) - bits
    with precision(bits):
        x, y = from_exact(X), from_exact(Y)
        inner_argument = W1.dot(x)
        w1x = log2_spectral(W1) + log2_frobenius(x)
        A = expm(inner_argument, bits, ceiling)
        a_error = log2_sum(A.error, A.growth + w1x + unit)
        outer_argument = W2.dot(A.value)
        w2a = log2_spectral(W2) + log2_frobenius(A.value)
        E = expm(outer_argument, bits, ceiling)
        e_error = log2_sum(E.error, E.growth + w2a + log2_sum(a_error, unit))
        size = log2_frobenius(y)
        product = log2_spectral(W3) + log2_frobenius(E.value) - size
        residual = log2_frobenius(W3.dot(E.value) - y) - size
    noise = product + log2_sum(e_error, unit)
    loss = product + max(0.0, w2a, w2a + w1x)
    return Evaluation(log2_sum(residual, noise), noise, loss, A.value, E.value)


def residuals(
    problem: Problem, weights: Weights, target: float, bits: int, ceiling: int
) -> tuple[Evaluation, Evaluation]:
    """Both equations, each with an evaluation error below 2^(target − 4), target a log2."""
    found = []
    for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
        work = bits
        while True:
            one = evaluate(weights, X, Y, work, ceiling)
            if one.noise <= target - 4:
                break
            work += int(min(one.noise - target + 4, float(ceiling))) + 16
        found.append(one)
    return found[0], found[1]
