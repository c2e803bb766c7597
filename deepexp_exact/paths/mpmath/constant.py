"""Equal outputs in plain mpmath: W1 = W2 = 0 and W3 = Y1, rounded once."""

from __future__ import annotations

import time

import mpmath

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Label, Solution, bound_text
from .network import residuals
from .numbers import context, handed_out, matrix, relative, rounded, taken_over


def solve_constant(problem: Problem, record: BranchRecord, digits: int) -> Solution:
    """W1 = W2 = 0, W3 = Y1 for Y1 = Y2; the residuals are measured from the definition of f."""
    started, d, carried = time.perf_counter(), problem.d, digits + 2
    mp = context(2 * digits + 20)
    exact, zero = matrix(mp, problem.Y1), mpmath.mp.zeros(d)
    W3 = rounded(context(carried), exact)
    both, _, _ = residuals(problem, (zero, zero, W3), carried + 10, digits)
    error = relative(mp, taken_over(mp, W3) - exact, exact)
    one = mpmath.mp.eye(d)
    return Solution(
        problem=problem,
        construction=record.construction,
        path="mpmath",
        record=record,
        digits=digits,
        digits_carried=carried,
        working_digits=mp.dps,
        W1=handed_out(zero),
        W2=handed_out(zero),
        W3=handed_out(W3),
        step={"A": one, "K": one, "L": zero, "Z": zero}.__getitem__,
        residuals=(mpmath.mp.mpmathify(both[0]), mpmath.mp.mpmathify(both[1])),
        errors=(mpmath.mpf(0), mpmath.mpf(0), mpmath.mp.mpmathify(error)),
        errors_are="measured",
        label=Label.AGREES,
        seconds=time.perf_counter() - started,
        findings=(f"left by the equations: {bound_text(max(both))}",),
    )
