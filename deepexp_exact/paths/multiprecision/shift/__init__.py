"""The theorem's construction: W1 = c·D⁻¹ (steps P1 and P2)."""

from __future__ import annotations

import math

from ....branches import BranchRecord
from ....branches.logarithm import REAL
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import (
    from_exact,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    precision,
)
from ..functions.exponential import expm, log2_norm_of_exp
from ..functions.linear import exact_inverse
from ..network.first_layer import MeasuredFirstLayer, log_scale
from ..network.weights import CEILING_DIGITS, solve_general
from .fast import solve_fast
from .small import is_small, solve_small

__all__ = ["first_layer", "solve_shift"]


def solve_shift(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """:func:`solve_general`, by matrix products alone where the eigenvectors of D⁻¹·X1 and of K
    allow it and the logarithm is not to be real.  Gai & Zhang (2024)."""
    if record.rule != REAL:
        methods = (solve_small, solve_fast) if is_small(problem.d, digits) else (solve_fast,)
        for method in methods:
            quick = method(problem, record, digits, ceiling=ceiling)
            if isinstance(quick, Solution):
                return quick
    return solve_general(problem, record, digits, ceiling=ceiling)


def first_layer(
    problem: Problem, record: BranchRecord, bits: int, ceiling: int
) -> MeasuredFirstLayer:
    """W1 = c·D⁻¹ and exp(−W1·X1)."""
    unit = math.log2(problem.d + 4) - bits
    D_inverse, d_error = exact_inverse(problem.D, bits, ceiling)
    with precision(bits + 8):
        W1 = D_inverse * log_scale(record.alpha, record.turn)
        X1 = from_exact(problem.X1)
        M = W1.dot(X1)
        minus = -M
    error = log2_sum(d_error, unit - 4)
    m_error = log2_spectral(W1) + log2_frobenius(X1) + log2_sum(error, unit - 4)
    inverse = expm(minus, bits, ceiling)
    return MeasuredFirstLayer(
        W1,
        M,
        inverse.value,
        (error, log2_sum(inverse.error, inverse.growth + m_error)),
        lambda bits: expm(M, bits, ceiling).value,
        lambda: log2_norm_of_exp(M, ceiling),
        D_inverse,
    )
