"""The construction of real weights in float64, as a careful script writes it: SciPy's logarithm of
exp(S)·K, and Newton's iteration for W1 from the record's centre."""

from __future__ import annotations

import time
import warnings
from typing import Any, cast

import numpy as np

from ...branches import BranchRecord
from ...constructions.real import RealParameters
from ...exact import fmpq_to_float
from ...problems import Problem
from ...solution import Solution
from .weights import Array, as_solution, exp, solve

#: Newton steps beyond the record's centre.
_STEPS = 2


def solve_real(problem: Problem, record: BranchRecord, digits: int = 15) -> Solution:
    """The weights in float64; findings and label as :func:`.weights.deliver` says."""
    from scipy.linalg import logm

    started = time.perf_counter()
    findings: list[str] = []
    given = cast("RealParameters", record.first_layer.parameters)
    X1, X2, Y1 = (m.to_numpy().real for m in (problem.X1, problem.X2, problem.Y1))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        S, K = given.skew.to_numpy().real, record.quotient(problem).matrix.to_numpy().real
        a = fmpq_to_float(given.a) * np.eye(problem.d)
        A, M = S + a, exp(S, "exp(S)", findings) @ K
        B = np.full_like(A, np.nan)
        if np.isfinite(M).all():
            B = np.asarray(logm(M)).real + a
        W1 = _first_layer(
            given.centre.to_numpy().real, X1, X2, solve(A, B, "A", findings), findings
        )
        up, down = exp(W1 @ X1, "exp(W1·X1)", findings), exp(-W1 @ X1, "exp(−W1·X1)", findings)
        W3 = Y1 @ exp(-A, "exp(−A)", findings)
    steps = {"A": up, "K": K, "L": B, "Z": A}
    return as_solution(problem, record, digits, (W1, A @ down, W3), steps, findings, started)


def _first_layer(W: Array, X1: Array, X2: Array, G: Array, findings: list[str]) -> Array:
    """Newton's iteration for exp(−W·X1)·exp(W·X2) = G with SciPy's Fréchet derivatives."""
    from scipy.linalg import expm_frechet

    d = len(W)
    for _ in range(_STEPS):
        columns: list[Any] = []
        try:
            for j in range(d * d):
                H = np.zeros((d, d))
                H.flat[j] = 1
                first, change = expm_frechet(-W @ X1, -H @ X1)
                second, other = expm_frechet(W @ X2, H @ X2)
                columns.append((change @ second + first @ other).reshape(-1))
        except ValueError:  # NaN or infinity
            findings.append("the equation of W1 leaves float64's range")
            return np.full_like(W, np.nan)
        value = (first @ second - G).reshape(-1)
        step = solve(np.array(columns).T, value, "the equation of W1", findings)
        W = W - step.reshape(d, d)
    return W
