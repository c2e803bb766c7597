"""Weights of a paired construction in multiprecision: W2 = A·exp(−W1·X1), W3 = Y1·exp(−A).

The module of the construction gives W1, A, B and exp(−W1·X1) of the recorded solution; everything
is computed twice, with 64 bits more the second time, and what differs is the error.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from ....branches import BranchRecord
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import (
    LOG2_10,
    Array,
    from_exact,
    log2_frobenius,
    log2_sum,
    precision,
    rounded,
    to_mpmath,
)
from ..functions.exponential import expm, log2_norm_of_exp
from ..functions.linear import exact_solve, inverse
from .answer import Stopwatch, answer
from .residuals import Residual, residuals
from .weights import CEILING_DIGITS, affordable_bits

#: Bits by which the two computations differ, and guard bits of the first for each dimension.
_APART, _GUARD = 64, 16
#: How much slower an attempt is than with a logarithm of K, at a thousand digits.
_SLOWER = 12.0


@dataclass(frozen=True)
class MeasuredPair:
    """W1, A, B with exp(−A)·exp(B) = K, and exp(−W1·X1)."""

    W1: Array
    A: Array
    B: Array
    inverse_inner: Array


@dataclass(frozen=True)
class _Found:
    pair: MeasuredPair
    weights: tuple[Array, Array, Array]
    errors: tuple[float, float, float]


def solve_pair(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """W1, W2, W3 of the record to ``digits`` digits: measured residuals, estimated errors, raising
    what :func:`.weights.solve_general` raises."""
    started, target = time.perf_counter(), -digits * LOG2_10 - 2.0**-20
    limit = affordable_bits(problem.d, 256 - target, math.ceil(ceiling * LOG2_10), _SLOWER)
    carried, repeated, measuring = math.ceil(-target) + 8, -1, Stopwatch()

    def attempt(work: int) -> Solution:
        nonlocal carried, repeated
        repeated += 1
        found = _construct(problem, record, work, 2 * limit)
        loss = _rounding_loss(problem, found, work, 2 * limit)
        carried = max(carried, math.ceil(loss - target) + 5)
        while True:
            lack = max(found.errors) + carried + 2
            if not lack <= 0:
                raise MoreBits("a weight is not accurate enough", lack, sure=lack < work)
            weights: Any = tuple(to_mpmath(rounded(w, carried)) for w in found.weights)
            with measuring:
                both = residuals(problem, weights, target, carried + 48, 2 * limit)
            excess = max(one.lower for one in both) - target
            if excess <= 0:
                return _solution(problem, record, digits, (carried, work), found, weights, both)
            carried += math.ceil(min(excess, carried)) + 4

    words = f"{digits} digits on the multiprecision path need"
    remedy = "ask for fewer digits, or the path ball"
    solution = raise_until(attempt, carried + 32 + _GUARD * problem.d, limit, words, remedy)
    return replace(
        solution,
        seconds=time.perf_counter() - started,
        measuring_seconds=measuring.seconds,
        recomputations=repeated,
    )


def _construct(problem: Problem, record: BranchRecord, bits: int, ceiling: int) -> _Found:
    """The weights to about ``bits`` bits with log2 of their relative errors."""
    module = import_module(f"..{record.module}", __package__)
    made = []
    for work in (bits, bits + _APART):
        pair: MeasuredPair = module.pair(problem, record, work, ceiling)
        with precision(work):
            last = expm(-pair.A, work, ceiling)
            W2, W3 = pair.A.dot(pair.inverse_inner), from_exact(problem.Y1).dot(last.value)
        made.append((pair, (pair.W1, W2, W3)))
    (_, coarse), (pair, fine) = made
    with precision(bits + _APART):
        errors = [_distance(a, b) for a, b in zip(coarse, fine, strict=True)]
    return _Found(pair, fine, (errors[0], errors[1], errors[2]))


def _distance(a: Array, b: Array) -> float:
    """log2 of ‖a − b‖/‖b‖; −∞ where both are zero."""
    size, apart = log2_frobenius(b), log2_frobenius(a - b)
    return apart - size if math.isfinite(size) else apart


def _rounding_loss(problem: Problem, found: _Found, bits: int, ceiling: int) -> float:
    """As :func:`.second_layer.rounding_loss`, with the arguments A and B."""
    w1, w2, w3 = (log2_frobenius(w) for w in found.weights)
    pair, worst = found.pair, 0.0
    with precision(bits):
        inner = inverse(pair.inverse_inner)
        second = expm(pair.W1.dot(from_exact(problem.X2)), 64, ceiling).value
    points = ((problem.X1, problem.Y1), (problem.X2, problem.Y2))
    layers = ((inner, pair.A), (second, pair.B))
    for (X, Y), (layer, argument) in zip(points, layers, strict=True):
        if Y.is_zero():  # then W3 = 0 and f(Xi) = Yi exactly
            continue
        with precision(64):
            x, y = log2_frobenius(from_exact(X)), log2_frobenius(from_exact(Y))
        g2 = w2 + log2_frobenius(layer)
        outer = w3 + log2_norm_of_exp(argument, ceiling) - y
        worst = max(worst, outer + max(0.0, g2, g2 + w1 + x))
    return worst


def _solution(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    bits: tuple[int, int],
    found: _Found,
    weights: Any,
    both: tuple[Residual, Residual],
) -> Solution:
    carried, work = bits
    errors = [log2_sum(e, -float(carried)) for e in found.errors]
    quotient, pair = record.quotient(problem), found.pair

    def step(name: str) -> Any:
        if name == "K":
            return to_mpmath(exact_solve(quotient.left, quotient.right, carried, 2 * work))
        if name == "A":
            with precision(work):
                return to_mpmath(inverse(pair.inverse_inner))
        return to_mpmath(pair.B if name == "L" else pair.A)

    return answer(problem, record, digits, weights, bits, errors, [one.upper for one in both], step)
