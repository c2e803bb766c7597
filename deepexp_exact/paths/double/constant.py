"""Equal outputs in float64: W1 = W2 = 0, W3 = Y1."""

from __future__ import annotations

import time

import numpy as np

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Solution
from .weights import as_solution


def solve_constant(problem: Problem, record: BranchRecord, digits: int = 15) -> Solution:
    """W1 = W2 = 0 and W3 = Y1 as complex128 arrays."""
    started, d = time.perf_counter(), problem.d
    zero, one = np.zeros((d, d), dtype=np.complex128), np.eye(d, dtype=np.complex128)
    weights = zero, zero, problem.Y1.to_numpy()
    steps = {"A": one, "K": one, "L": zero, "Z": zero}
    return as_solution(problem, record, digits, weights, steps, [], started)
