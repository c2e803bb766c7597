"""The construction ``shift`` in plain mpmath: P1 and P2 here, P3 to P7 in ``second_layer``."""

from __future__ import annotations

from typing import Any

from mpmath import MPContext

from ...branches import BranchRecord
from ...problems import Problem
from ...solution import Solution
from .functions import inverse
from .numbers import log_scale, matrix
from .precision import CEILING_DIGITS, deliver


def solve_shift(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 for the recorded branch, to ``digits`` digits.

    The relative Frobenius error of each W, as two working precisions show it, and both measured
    residuals ‖f(Xi) − Yi‖/‖Yi‖ of the returned, rounded weights are at most 10^−digits.  d×d
    mpmath matrices.  Raises :class:`PrecisionCeilingError` if more than ``ceiling`` decimal digits
    of working precision are needed.  Gai & Zhang (2024); ``proofs/theorem.md``."""
    return deliver(first_layer, problem, record, digits, ceiling)


def first_layer(mp: MPContext, problem: Problem, record: BranchRecord) -> Any:
    """W1 with exp(W1·X2) = α·exp(W1·X1)."""
    # P1: W1 = c·D⁻¹ with D = X2 − X1 (formed exactly) gives W1·X2 = W1·X1 + c·I
    W1 = log_scale(mp, record) * inverse(mp, matrix(mp, problem.X2 - problem.X1))
    # P2: exp(W1·X2) = e^c·exp(W1·X1), since c·I commutes with W1·X1; e^c = α
    return W1
