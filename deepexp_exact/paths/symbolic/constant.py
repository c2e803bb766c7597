"""Equal outputs in closed form: W1 = W2 = 0 and W3 = Y1, exactly."""

from __future__ import annotations

import time

from ...branches import BranchRecord
from ...constructions import fitting
from ...problems import Problem
from ...solution import Label
from .closed_form import sympy_gaussian
from .shift.closed_form import SymbolicSolution


def solve_constant(problem: Problem, record: BranchRecord, digits: int = 50) -> SymbolicSolution:
    """f(X) = Y1·exp(0·exp(0·X)) = Y1 = Y2, label PROVED; ``digits`` is only recorded.

    Raises :class:`HypothesisError` where Y1 and Y2 differ."""
    from sympy import ImmutableMatrix, eye, latex, zeros

    started, d = time.perf_counter(), problem.d
    fitting(problem, "constant")
    rows = [[sympy_gaussian(z) for z in row] for row in problem.Y1.to_rows()]
    zero, one, W3 = ImmutableMatrix(zeros(d)), ImmutableMatrix(eye(d)), ImmutableMatrix(rows)
    return SymbolicSolution(
        problem=problem,
        construction=record.construction,
        path="symbolic",
        record=record,
        digits=digits,
        digits_carried=digits + 15,
        working_digits=digits,
        residuals=(0, 0),
        errors=(0, 0, 0),
        errors_are="exact",
        label=Label.PROVED,
        seconds=time.perf_counter() - started,
        identities=("exp(0) = I: f(X1) = f(X2) = W3 = Y1", "Y1 = Y2"),
        latex=("W_1 = W_2 = 0", f"W_3 = {latex(W3)}"),
        W1=zero,
        W2=zero,
        W3=W3,
        step={"A": one, "K": one, "L": zero, "Z": zero}.__getitem__,
    )
