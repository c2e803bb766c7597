"""The residuals ‖f(Xi) − Yi‖/‖Yi‖ of the weights that are handed out, from the definition of f.

f(X) = W3·exp(W2·exp(W1·X)) is evaluated in balls (python-flint's; Johansson, "Arb", 2017) on the
mpmath matrices that the caller gets: nothing of the construction is used, and the
evaluation's own error is part of the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpz

from ....exact import ExactMatrix
from ....exact.binary import from_mpf
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ..functions.balls import enclosure, exponential, log2_norms


@dataclass(frozen=True)
class Residual:
    """log2 of an upper and of a lower bound of ‖f(X) − Y‖/‖Y‖ (Frobenius)."""

    upper: float
    lower: float


def exact_balls(matrix: Any) -> Any:
    """The mpmath matrix as an ``acb_mat``, exactly."""

    def part(x: Any) -> Any:
        mantissa, exponent = from_mpf(x)
        return arb((fmpz(mantissa), fmpz(exponent)))

    entries = [acb(part(z.real), part(z.imag)) for z in matrix]
    return acb_mat(matrix.rows, matrix.cols, entries)


def measure(weights: Sequence[Any], X: ExactMatrix, Y: ExactMatrix) -> Residual:
    """‖f(X) − Y‖/‖Y‖ for exact weights in balls at the current precision; 0 where W3 and Y are."""
    W1, W2, W3 = weights
    if Y.is_zero() and all(z == 0 for z in W3.entries()):  # whatever W1 and W2 are
        return Residual(-math.inf, -math.inf)
    y = enclosure(Y)
    top, bottom = log2_norms(W3 * exponential(W2 * exponential(W1 * enclosure(X))) - y)
    high, low = log2_norms(y)
    # 2^-40: norms of few bits, and log2 in float64
    return Residual(top - low + 2.0**-40, bottom - high - 2.0**-40)


def residuals(
    problem: Problem, weights: Sequence[Any], target: float, bits: int, ceiling: int
) -> tuple[Residual, Residual]:
    """Both equations for mpmath weights, each bounded by 2^target or proved to exceed it.

    ``target`` is a log2, ``bits`` the precision to begin with.  Both bounds are infinite where even
    eight times as many give no finite enclosure: the weights are then far too coarse.  Raises
    :class:`PrecisionCeilingError` where more than ``ceiling`` bits leave it undecided."""
    exact = [exact_balls(w) for w in weights]

    def decided(X: ExactMatrix, Y: ExactMatrix) -> Residual:
        def attempt(work: int) -> Residual:
            with ctx.workprec(work):
                found = measure(exact, X, Y)
            if found.upper == math.inf and work > 8 * bits:
                return Residual(math.inf, math.inf)
            if found.lower <= target < found.upper:
                raise MoreBits("the residual of the weights stays undecided", found.upper - target)
            return found

        words = "measuring the residual of the weights needs"
        return raise_until(
            attempt, bits, ceiling, words, "ask for fewer digits, or try another α or branch"
        )

    return decided(problem.X1, problem.Y1), decided(problem.X2, problem.Y2)
