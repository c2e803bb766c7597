"""Equal outputs: W1 = W2 = 0 and W3 = Y1, rounded once."""

from __future__ import annotations

import math
import time

import numpy as np
from gmpy2 import mpfr

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Label, Solution
from .functions.arrays import (
    LOG2_10,
    ZERO,
    from_exact,
    identity,
    mpf_power_of_two,
    precision,
    to_mpmath,
)
from .network.residuals import residuals


def solve_constant(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = 100_000
) -> Solution:
    """W1 = W2 = 0, W3 = Y1 for Y1 = Y2, with measured residuals; an entry of W3 is rounded to
    ``digits`` decimal digits and two bits more, which bounds its error (no ceiling is needed)."""
    started, d = time.perf_counter(), problem.d
    carried = math.ceil(digits * LOG2_10) + 2
    with precision(carried):
        W3 = to_mpmath(from_exact(problem.Y1))
        zero = to_mpmath(np.full((d, d), mpfr(0), dtype=object))
        one = to_mpmath(identity(d))
    target = -digits * LOG2_10
    both = residuals(problem, (zero, zero, W3), target, carried + 64, 4 * carried + 4096)
    nothing = mpf_power_of_two(ZERO)
    error = nothing if problem.Y1.is_zero() else mpf_power_of_two(1.0 - carried)
    return Solution(
        problem=problem,
        construction=record.construction,
        path="multiprecision",
        record=record,
        digits=digits,
        digits_carried=math.ceil(carried / LOG2_10),
        working_digits=math.ceil(carried / LOG2_10),
        W1=zero,
        W2=zero,
        W3=W3,
        step={"A": one, "K": one, "L": zero, "Z": zero}.__getitem__,
        residuals=(mpf_power_of_two(both[0].upper), mpf_power_of_two(both[1].upper)),
        errors=(nothing, nothing, error),
        label=Label.AGREES,
        seconds=time.perf_counter() - started,
    )
