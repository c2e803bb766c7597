"""Equal outputs in balls: W1 = W2 = 0 and W3 = Y1, rounded once."""

from __future__ import annotations

import math
from typing import Any

from flint import acb_mat, arb, ctx

from ...branches import BranchRecord
from ...problems import Problem
from .functions import enclosures as en
from .network.weights import SPARE_BITS, BallSolution, certified
from .proving.claims import ProvedBounds, bound_residuals, distance


def exact_weights(problem: Problem) -> tuple[Any, Any, Any]:
    """0, 0 and Y1."""
    zero = acb_mat(problem.d, problem.d)
    return zero, zero, en.from_exact(problem.Y1)


def solve_constant(problem: Problem, record: BranchRecord, digits: int) -> BallSolution:
    """W1 = W2 = 0, W3 = Y1 for Y1 = Y2: exact but for the rounding of Y1 to ``digits`` decimal
    digits and a few bits more, which the residuals and the error of W3 prove."""
    d, carried = problem.d, math.ceil(digits * math.log2(10)) + SPARE_BITS + 2
    with ctx.workprec(carried + 64):
        exact = en.from_exact(problem.Y1)
        zero = acb_mat(d, d)
        weights = (zero, zero, en.rounded_midpoints(exact, carried))
        evaluation = bound_residuals(problem, weights)
        upper, _ = distance(weights[2], exact)
        steps: dict[str, Any] = {"A": en.identity(d), "K": en.identity(d), "L": zero, "Z": zero}
        evidence = ProvedBounds(evaluation.upper, (arb(0), arb(0), upper))
        balls = (zero, zero, en.around(weights[2], exact))
        return certified(problem, record, digits, carried, balls, steps.__getitem__, evidence)
