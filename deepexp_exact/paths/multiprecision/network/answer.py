"""The solution of this path from what was measured on a logarithmic scale."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from ....branches import BranchRecord
from ....problems import Problem
from ....solution import Label, Solution
from ..functions.arrays import LOG2_10, mpf_power_of_two


class Stopwatch:
    """Processor time, in seconds, spent within its ``with`` blocks."""

    seconds = 0.0

    def __enter__(self) -> None:
        self.started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self.started


def answer(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    weights: Sequence[Any],
    bits: tuple[float, float],
    errors: Sequence[float],
    residuals: Sequence[float],
    step: Callable[[str], Any],
    **more: Any,
) -> Solution:
    """W1, W2, W3 as mpmath matrices that carry ``bits[0]`` bits, computed with ``bits[1]``; log2 of
    their relative errors and of both residuals; ``more`` fields of the solution as they are."""
    W1, W2, W3 = weights
    e1, e2, e3 = map(mpf_power_of_two, errors)
    r1, r2 = map(mpf_power_of_two, residuals)
    carried, working = (math.floor(b / LOG2_10) for b in bits)
    return Solution(
        problem=problem,
        construction=record.construction,
        path="multiprecision",
        record=record,
        digits=digits,
        digits_carried=carried,
        working_digits=working,
        W1=W1,
        W2=W2,
        W3=W3,
        step=step,
        residuals=(r1, r2),
        errors=(e1, e2, e3),
        label=Label.AGREES,
        **more,
    )
