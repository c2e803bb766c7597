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

import gmpy2
import mpmath
from flint import ctx

from ....branches import BranchRecord
from ....errors import NumberError, PrecisionCeilingError
from ....exact import ExactMatrix, gaussian
from ....exact.binary import exact_balls
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ....spectrum.similarity import spectral_growth
from ..functions.arrays import number, precision
from ..functions.balls import enclosure, exponential, log2_norms, log2_quotient


@dataclass(frozen=True)
class Residual:
    """log2 of an upper and of a lower bound of ‖f(X) − Y‖/‖Y‖ (Frobenius)."""

    upper: float
    lower: float


def largest_eigenvalue(record: BranchRecord) -> float:
    """log2 of what no eigenvalue of Z or α·Z comes near for exact weights, at least 64:
    |ℓ|·max(1, |α|)/|α − 1| over the logarithms ℓ of the record, and 8 bits; inf without one."""
    if not record.entries:
        return math.inf
    parts = [part for entry in record.entries for part in entry.parts]
    size = max((abs(e.re_log) + math.pi * (2 * abs(e.k) + 1) for e in parts), default=1.0)
    with precision(53):
        alpha = number(record.alpha)
        reach = max(1, abs(alpha)) / abs(number(record.alpha - gaussian(1)))
        return max(64.0, 8 + math.log2(size) + float(gmpy2.log2(reach)))


def measure(
    weights: Sequence[Any], X: ExactMatrix, Y: ExactMatrix, most: float = math.inf
) -> Residual:
    """‖f(X) − Y‖/‖Y‖ for exact weights in balls at the current precision; 0 where W3 and Y are.

    Infinite where W2·exp(W1·X) is found to have an eigenvalue beyond 2^most: there f says nothing
    of how far the weights are from the solution, and takes a long time."""
    W1, W2, W3 = weights
    if Y.is_zero() and all(z == 0 for z in W3.entries()):  # whatever W1 and W2 are
        return Residual(-math.inf, -math.inf)
    y = enclosure(Y)
    inner = W2 * exponential(W1 * enclosure(X))
    outer = exponential(inner, most)
    if most < math.inf and log2_norms(outer)[0] == math.inf and spectral_growth(inner) > most:
        return Residual(math.inf, math.inf)
    top, bottom = log2_norms(W3 * outer - y)
    high, low = log2_norms(y)
    return Residual(log2_quotient(top, low), -log2_quotient(high, bottom))


def measured(
    problem: Problem, weights: Sequence[Any], most: float, small: float = -1000.0
) -> tuple[float, float]:
    """log2 of upper bounds of both residuals of any weights (matrices of mpmath's numbers or
    float64's), within 1 % where they are above 2^small; infinite where an entry is, where
    W2·exp(W1·X) has an eigenvalue beyond 2^most, or 20 000 bits and some do not tell."""
    try:
        exact = [exact_balls(mpmath.matrix(w.tolist())) for w in weights]
    except NumberError:
        return math.inf, math.inf

    def bound(X: ExactMatrix, Y: ExactMatrix) -> float:
        def attempt(work: int) -> float:
            with ctx.workprec(work):
                found = measure(exact, X, Y, most)
            if found.upper == found.lower or found.upper < max(small, found.lower + 0.01):
                return found.upper
            raise MoreBits("the residual is not known to 1 %")

        try:
            most_bits = 20_000 + math.ceil(-4 * small)
            return raise_until(attempt, 192, most_bits, "measuring a residual needs")
        except PrecisionCeilingError:
            return math.inf

    return bound(problem.X1, problem.Y1), bound(problem.X2, problem.Y2)


def residuals(
    problem: Problem,
    weights: Sequence[Any],
    target: float,
    bits: int,
    ceiling: int,
    most: float = math.inf,
) -> tuple[Residual, Residual]:
    """Both equations for mpmath weights, each bounded by 2^target or proved to exceed it.

    ``target`` is a log2, ``bits`` the precision to begin with.  Both bounds are infinite where even
    eight times as many give no finite enclosure, or W2·exp(W1·X) has an eigenvalue beyond 2^most:
    the weights are then far too coarse.  Raises
    :class:`PrecisionCeilingError` where more than ``ceiling`` bits leave it undecided."""
    exact = [exact_balls(w) for w in weights]

    def decided(X: ExactMatrix, Y: ExactMatrix) -> Residual:
        def attempt(work: int) -> Residual:
            with ctx.workprec(work):
                found = measure(exact, X, Y, most)
            if found.lower == math.inf:
                return found
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
