"""The construction ``shift`` in float64: W1 = c·D⁻¹."""

from __future__ import annotations

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Solution
from .weights import FloatFirstLayer, deliver, exp, inverse, log_scale


def solve_shift(problem: Problem, record: BranchRecord, digits: int = 15) -> Solution:
    """The weights in float64; findings and label as :func:`.weights.deliver` says."""
    return deliver(first_layer, problem, record, digits)


def first_layer(problem: Problem, record: BranchRecord, findings: list[str]) -> FloatFirstLayer:
    W1 = log_scale(record) * inverse(problem.D.to_numpy(), "D", findings)
    A = exp(W1 @ problem.X1.to_numpy(), "exp(W1·X1)", findings)
    return FloatFirstLayer(W1, A, inverse(A, "exp(W1·X1)", findings))
