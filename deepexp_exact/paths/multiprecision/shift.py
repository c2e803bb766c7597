"""The shift construction on the multiprecision path: digits asked are digits given."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

from ...alpha import predicted_loss
from ...branches import BranchRecord
from ...errors import BranchError, PrecisionCeilingError
from ...problems import Problem
from ...solution import Label, Solution
from .arrays import (
    LOG2_10,
    ZERO,
    ExponentRangeError,
    log2_sum,
    mpf_power_of_two,
    rounded,
    to_mpmath,
)
from .conditions import conditions
from .eigenconditions import DeferredTable
from .fast import solve_fast
from .general import Construction, construct, rounding_loss
from .residual import Evaluation, Weights, residuals

#: Largest working precision, in decimal digits, unless the caller states another.
CEILING_DIGITS = 100_000
NAME = "shift"


def solve_shift(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 for the recorded branch, to ``digits`` digits.

    The relative error of each W (Frobenius norm, against the exact W of the record) and both
    residuals of the returned, rounded weights are at most 10^−digits, as estimated to first order;
    the weights carry ``digits_carried`` decimal digits.  Matrices are d×d mpmath matrices.  Raises
    :class:`PrecisionCeilingError` if more than ``ceiling`` decimal digits of working precision
    are needed, :class:`HypothesisError` where the theorem does not apply.  Gai & Zhang (2024)."""
    quick = solve_fast(problem, record, digits, ceiling=ceiling)
    if isinstance(quick, Solution):
        return quick
    return solve_general(problem, record, digits, ceiling=ceiling)


def solve_general(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """:func:`solve_shift` by generalised eigenspaces and Taylor polynomials, for every problem."""
    started = time.perf_counter()
    limit = math.ceil(ceiling * LOG2_10)
    target = -digits * LOG2_10 - 1
    carried = math.ceil(-target) + 4
    expected = carried + _probable_loss(problem, record, limit - carried - 32)
    work = expected + 32
    patience = 4096 + 4 * work
    tries, recomputations = 0, -1
    while True:
        recomputations += 1
        if work > limit:
            raise PrecisionCeilingError(
                f"{digits} digits need more than {ceiling} digits of working precision",
                "choose another α (alpha='auto'), ask for fewer digits, or raise the ceiling",
            )
        try:
            found = construct(problem, record, work, 2 * limit)
            _require_numbers(*found.errors)
            error = max(found.errors)
            if error + carried + 2 <= 0:  # exp(Z) of a wrong Z says nothing about rounding
                loss = rounding_loss(problem, record, found, work, 2 * limit)
                _require_numbers(loss)
                carried = max(carried, math.ceil(min(loss, float(2 * limit)) - target) + 4)
        except ExponentRangeError:
            # More bits help if it is the errors that an exponential blows up.
            if work > patience:
                raise
            work *= 2
            continue
        if error + carried + 2 > 0:
            excess = error + max(carried, expected) + 2
            work += int(min(excess, float(limit))) + 24
            continue
        weights: Any = tuple(rounded(w, carried) for w in found.weights)
        try:
            both = residuals(problem, weights, target, carried + 48, 2 * limit)
        except ExponentRangeError:
            # The exact weights give f(Xi) = Yi, so it is their rounding that the exponentials blow
            # up: no residual to count the missing bits from.
            carried += carried // 2 + 64
            work = max(work, carried + 32)
            continue
        excess = max(one.residual for one in both) - target
        if excess <= 0:
            done = _solution(
                problem, record, digits, carried, work, 2 * limit, found, weights, both, started
            )
            return replace(done, recomputations=recomputations)
        tries += 1
        carried += int(min(excess, float(limit))) + 8 * 4**tries
        work = max(work, carried + 32)


def _require_numbers(*bounds: float) -> None:
    """Raise :class:`ExponentRangeError` unless every log2 of a bound is a number or −∞ (zero):
    comparisons with NaN are False, and ``max`` may drop it."""
    if not all(math.isfinite(b) or b == ZERO for b in bounds):
        raise ExponentRangeError("an error bound is not finite", "rescale the problem")


def _probable_loss(problem: Problem, record: BranchRecord, most: int) -> int:
    """Bits that rounding the weights will probably cost: where the search for the working
    precision starts.  What is measured decides; 0 where nothing can be predicted."""
    try:
        digits = predicted_loss(problem, record.alpha, ks=record.ks, turn=record.turn)
    except BranchError:
        return 0
    # The predictor is an upper bound less 1.6 + 2.9·log10 d digits.
    bits = (digits + 1.6 + 2.9 * math.log10(problem.d)) * LOG2_10
    return math.ceil(bits) if bits < most else 0


def _solution(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    carried: int,
    work: int,
    limit: int,
    found: Construction,
    weights: Weights,
    both: tuple[Evaluation, Evaluation],
    started: float,
) -> Solution:
    errors = tuple(
        mpf_power_of_two(ZERO if e == ZERO else log2_sum(e, -float(carried))) for e in found.errors
    )
    table = DeferredTable(lambda: conditions(problem, record, found, limit))
    W1, W2, W3 = (to_mpmath(w) for w in weights)
    steps = {"A": both[0].inner, "K": found.K, "L": found.L, "Z": found.Z}
    return Solution(
        problem=problem,
        construction=NAME,
        path="multiprecision",
        record=record,
        digits=digits,
        digits_carried=math.ceil(carried / LOG2_10),
        working_digits=math.ceil(work / LOG2_10),
        W1=W1,
        W2=W2,
        W3=W3,
        step=lambda name: to_mpmath(steps[name]),
        residuals=(mpf_power_of_two(both[0].residual), mpf_power_of_two(both[1].residual)),
        errors=(errors[0], errors[1], errors[2]),
        label=Label.AGREES,
        seconds=time.perf_counter() - started,
        conditions=table,
    )
