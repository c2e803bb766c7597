"""Equal outputs: W1 = W2 = 0 and W3 = Y1, rounded once."""

from __future__ import annotations

import math
import time

import numpy as np
from gmpy2 import mpfr

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Solution
from .functions.arrays import (
    LOG2_10,
    ZERO,
    from_exact,
    identity,
    precision,
    to_mpmath,
)
from .network.answer import answer
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
    error = ZERO if problem.Y1.is_zero() else 1.0 - carried
    return answer(
        problem,
        record,
        digits,
        (zero, zero, W3),
        (carried, carried),
        (ZERO, ZERO, error),
        [r.upper for r in both],
        {"A": one, "K": one, "L": zero, "Z": zero}.__getitem__,
        seconds=time.perf_counter() - started,
    )
