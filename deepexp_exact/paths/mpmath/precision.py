"""Digits asked are digits given: the loop over precisions, for any first layer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
from mpmath import MPContext

from ...alpha import Predictor
from ...branches import BranchRecord
from ...constructions import CONSTRUCTIONS, THEOREM
from ...errors import BranchError, PrecisionCeilingError
from ...problems import Problem
from ...solution import Label, Solution, bound_text
from .network import LayerValues, residuals
from .numbers import (
    MorePrecisionNeeded,
    context,
    handed_out,
    log10_up,
    log_scale,
    norm,
    number,
    relative,
    rounded,
    taken_over,
)
from .second_layer import Carried, second_layer

#: Largest working precision, in decimal digits, unless the caller states another.
CEILING_DIGITS = 100_000
#: Seconds that one attempt may take as :func:`seconds_for` tells, or so many times what the digits
#: alone would, whichever is longer.
MOST_SECONDS, MOST_TIMES = 30.0, 30.0
#: W1 at the precision of a context, or all weights.
FirstLayer = Callable[[MPContext, Problem, BranchRecord], Any]


@dataclass(frozen=True)
class _Accepted:
    """Rounded weights with their residuals and layers in the context ``at``, and what they were
    rounded from, in ``mp`` at ``work`` digits after ``rounds`` recomputations."""

    weights: Any
    differences: list[Any]
    residuals: tuple[Any, Any]
    layers: tuple[LayerValues, LayerValues]
    at: MPContext
    mp: MPContext
    found: Carried
    carried: int
    work: int
    rounds: int


def seconds_for(d: int, digits: float) -> float:
    """About how long an attempt takes at so many digits, within a factor of 3 of what was measured
    for d = 2 to 16 and 50 to 16 000 digits."""
    return float(d**3 * (4.5e-4 + 8e-8 * digits ** (5 / 3)))


def affordable_digits(d: int, digits: int, most: int) -> int:
    """The working precision, at most ``most`` digits, up to which an attempt is made where
    ``digits`` are asked for."""
    limit = max(MOST_SECONDS, MOST_TIMES * seconds_for(d, digits + 20))
    return min(most, int((max(limit / d**3 - 4.5e-4, 0.0) / 8e-8) ** (3 / 5)))


def _probable_loss(problem: Problem, record: BranchRecord) -> float:
    """Digits that rounding the weights will probably cost, which the weights carry beyond those
    asked (:attr:`Carried.amplification` on a logarithmic scale); 0 where nothing is predicted."""
    if record.construction != THEOREM or record.logarithm.J is not None:
        return 0.0
    try:
        predictor = Predictor(problem, record.ks, record.turn, record.quotient(problem))
        return predictor.loss(record.alpha)
    except BranchError:
        return 0.0


def deliver(
    first_layer: FirstLayer,
    problem: Problem,
    record: BranchRecord,
    digits: int,
    ceiling: int,
) -> Solution:
    """The weights of a first layer to ``digits`` digits.

    Accepted when (a) two precisions, the second at least a quarter higher, agree on every weight
    to the ``carried`` digits it is rounded to, and (b) the residuals of the rounded weights,
    measured from the definition of f, are at most 10^−digits.  Refused before the work where the
    record's α is predicted to need more than ``ceiling`` digits, or than are affordable."""
    started = time.perf_counter()
    record.quotient(problem)  # refuses a completion of other outputs, exactly
    got = _accepted(first_layer, problem, record, digits, ceiling)
    mp, both = got.mp, got.residuals
    errors = tuple(
        mpmath.mp.mpmathify(difference + relative(mp, taken_over(mp, W) - exact, exact))
        for difference, W, exact in zip(
            got.differences, got.weights, got.found.weights, strict=True
        )
    )
    W1, W2, W3 = (handed_out(W) for W in got.weights)
    return Solution(
        problem=problem,
        construction=record.construction,
        path="mpmath",
        record=record,
        digits=digits,
        digits_carried=got.carried,
        working_digits=got.work,
        W1=W1,
        W2=W2,
        W3=W3,
        step=lambda letter: handed_out(getattr(got.found, letter)),
        residuals=(mpmath.mp.mpmathify(both[0]), mpmath.mp.mpmathify(both[1])),
        errors=(errors[0], errors[1], errors[2]),
        errors_are="measured",
        label=Label.AGREES,
        seconds=time.perf_counter() - started,
        findings=(_steps(got.at, record, got.found, got.layers, max(both)),),
        recomputations=got.rounds,
    )


def _accepted(
    first_layer: FirstLayer, problem: Problem, record: BranchRecord, digits: int, ceiling: int
) -> _Accepted:
    """The loop over precisions.  (a) and (b) ask for more separately: (a) through the digits lost
    between two precisions, (b) through ``extra`` digits of the weights."""
    most, loss = affordable_digits(problem.d, digits, ceiling), _probable_loss(problem, record)
    beyond = PrecisionCeilingError(
        f"{digits} digits need more than {most} digits of working precision, this path's ceiling "
        f"at d = {problem.d}",
        "choose another α (alpha='auto'), ask for fewer digits, or leave the path to the program",
    )
    if digits + loss > most:
        raise beyond
    work, extra, rounds = digits + 20 + math.ceil(loss), 2, -1
    earlier: tuple[int, Carried] | None = None
    while work <= most:
        rounds += 1
        mp = context(work)
        try:
            made = first_layer(mp, problem, record)
            paired = isinstance(made, Carried)
            found = made if paired else second_layer(mp, problem, record, made)
        except MorePrecisionNeeded:
            earlier, work = None, 2 * work
            continue
        carried = digits + extra + log10_up(mp, found.amplification)
        lost = 0
        if earlier is not None:
            differences = [
                relative(mp, taken_over(mp, a) - b, b)
                for a, b in zip(earlier[1].weights, found.weights, strict=True)
            ]
            agreed = _digits(mp, max(differences), earlier[0])
            lost = earlier[0] - agreed
            if agreed > carried:
                weights: Any = tuple(rounded(context(carried), W) for W in found.weights)
                try:
                    both, layers, at = residuals(problem, weights, carried + 10, digits)
                except MorePrecisionNeeded:
                    extra += 10 + carried // 4
                else:
                    if max(both) <= at.mpf(10) ** -digits:
                        return _Accepted(
                            weights, differences, both, layers, at, mp, found, carried, work, rounds
                        )
                    extra += log10_up(at, max(both) * at.mpf(10) ** digits) + 2
                carried = digits + extra + log10_up(mp, found.amplification)
        earlier = work, found
        work = max(work + work // 4 + 5, carried + lost + 15)
    raise beyond


def _digits(mp: MPContext, difference: Any, most: int) -> int:
    """The decimal digits in which two precisions agree, 0 to ``most``."""
    if not difference:
        return most
    return min(most, max(0, int(mp.floor(-mp.log10(difference)))))


def _steps(
    mp: MPContext,
    record: BranchRecord,
    found: Carried,
    layers: tuple[LayerValues, LayerValues],
    residual: Any,
) -> str:
    """What each step leaves, relative to the size of what it equates, on the rounded weights."""
    steps = CONSTRUCTIONS[record.construction].steps
    if record.first_layer.paired:
        return _pair_steps(mp, found, layers, residual)
    alpha, one = number(mp, record.alpha), mp.eye(found.A.rows)
    K, L, Z = (taken_over(mp, M) for M in (found.K, found.L, found.Z))
    first, second = layers
    c = log_scale(mp, record)
    shifted = relative(mp, second.first - first.first - c * one, second.first)
    scaled = relative(mp, second.inner - alpha * first.inner, second.inner)
    left = ({"P1": shifted, "P2": scaled} if "P1" in steps else {"Q3": scaled}) | {
        "P3": norm(mp, taken_over(mp, found.A) * taken_over(mp, found.A_inverse) - one),
        "P4": relative(mp, mp.expm(L) - K, K),
        "P5": relative(mp, first.second - Z, Z),
        "P6": relative(mp, second.outer - first.outer * K, second.outer),
        "P7": residual,
    }
    return "left by the steps: " + ", ".join(f"{id} {bound_text(x)}" for id, x in left.items())


def _pair_steps(
    mp: MPContext, found: Carried, layers: tuple[LayerValues, LayerValues], residual: Any
) -> str:
    """The same where W2·exp(W1·X1) = A and W2·exp(W1·X2) = B with exp(−A)·exp(B) = K."""
    A, B, K = (taken_over(mp, M) for M in (found.Z, found.L, found.K))
    left = {
        "A": relative(mp, layers[0].second - A, A),
        "B": relative(mp, layers[1].second - B, B),
        "K": relative(mp, mp.expm(-A) * mp.expm(B) - K, K),
        "P7": residual,
    }
    return "left by the steps: " + ", ".join(f"{id} {bound_text(x)}" for id, x in left.items())
