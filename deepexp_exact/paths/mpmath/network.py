"""f(X) = W3·exp(W2·exp(W1·X)) for given weights, and its residual, from the definition of f.

Nothing of the construction is used.  Everything is evaluated at two precisions, and what they
differ by is added to the residual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpmath import MPContext

from ...exact import ExactMatrix
from ...problems import Problem
from .numbers import MorePrecisionNeeded, context, matrix, relative, taken_over

Weights = tuple[Any, Any, Any]


@dataclass(frozen=True)
class LayerValues:
    """One evaluation, layer by layer."""

    first: Any  # W1·X
    inner: Any  # exp(W1·X)
    second: Any  # W2·exp(W1·X)
    outer: Any  # exp(W2·exp(W1·X))
    value: Any  # f(X)


def layer_values(mp: MPContext, weights: Weights, X: ExactMatrix) -> LayerValues:
    """f(X) and its layers at the precision of ``mp``."""
    W1, W2, W3 = (taken_over(mp, W) for W in weights)
    first = W1 * matrix(mp, X)
    inner = mp.expm(first)
    second = W2 * inner
    outer = mp.expm(second)
    return LayerValues(first, inner, second, outer, W3 * outer)


def residuals(
    problem: Problem, weights: Weights, digits: int, target: int
) -> tuple[tuple[Any, Any], tuple[LayerValues, LayerValues], MPContext]:
    """‖f(Xi) − Yi‖/‖Yi‖ (Frobenius; ‖f(Xi)‖ if Yi = 0), evaluated with ``digits`` digits or more.

    Each is the larger of two precisions' plus what these make of f and of Y in difference, and room
    for the rounding of norms.  It has to be known to a tenth of 10^−target:
    :class:`MorePrecisionNeeded` otherwise."""
    low, high = context(digits), context(digits + digits // 4 + 10)
    found, layers = [], []
    for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
        coarse, fine = layer_values(low, weights, X), layer_values(high, weights, X)
        exact = matrix(high, Y)
        residual = relative(high, fine.value - exact, exact)
        noise = relative(high, fine.value - taken_over(high, coarse.value), exact)
        noise += relative(high, exact - taken_over(high, matrix(low, Y)), exact)
        if not noise <= max(residual, high.mpf(10) ** -target) / 10:
            raise MorePrecisionNeeded("the residual is not seen at this precision")
        found.append((residual + noise) * (1 + high.mpf(2) ** -20))
        layers.append(fine)
    return (found[0], found[1]), (layers[0], layers[1]), high
