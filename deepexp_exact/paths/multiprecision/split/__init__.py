"""The split construction: scalar exponentials on a spectral subspace of F = X_s⁻¹·D, the shift on
the rest (steps Q0 to Q7)."""

from __future__ import annotations

import math
from typing import Any, cast

from ....branches import BranchRecord
from ....constructions.split.parameters import SplitParameters
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import (
    LOG2_10,
    from_exact,
    log2_frobenius,
    log2_sum,
    precision,
    rounded,
)
from ..functions.linear import inverse
from ..network.first_layer import MeasuredFirstLayer
from ..network.weights import CEILING_DIGITS, solve_general
from .layer import Layer, computed

__all__ = ["first_layer", "solve_split"]

#: Bits by which the two computations differ whose difference is taken for the error.
_APART = 64
#: Most guard bits: parameters that need more belong to another problem.
_MOST_GUARD = 20_000


def solve_split(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """:func:`solve_general` with W1 from the exact parameters of the record."""
    return solve_general(problem, record, digits, ceiling=ceiling, quick=True)


def first_layer(
    problem: Problem, record: BranchRecord, bits: int, ceiling: int
) -> MeasuredFirstLayer:
    """W1 and exp(±W1·X1) = e^(±m)·Π + exp(±N)·(I − Π); relative errors about 2^−bits.

    Found twice, with 64 bits more the second time: how far the results differ is the error of the
    first, and counted as that of the second, which is returned.  About 0.6·q + 10 digits are lost
    on the way (measured on D of every rank, d up to 32); more guard bits follow what is seen."""
    parameters = cast("SplitParameters", record.first_layer.parameters)
    start = bits + math.ceil((0.6 * parameters.q + 10) * LOG2_10)

    def attempt(work: int) -> tuple[Layer, tuple[float, float]]:
        rough = computed(problem, parameters, record, work)
        fine = computed(problem, parameters, record, work + _APART)
        with precision(work + _APART):
            errors = (
                _distance(rough.W1, fine.W1),
                _distance(rough.inverse_A, fine.inverse_A),
            )
        lack = max(errors) + bits
        if not lack <= 0:
            raise MoreBits("the first layer is not accurate enough", max(lack, 0.0), lack < bits)
        return fine, errors

    words = "the first layer of a splitting needs"
    remedy = "is it the record of another problem?"
    most = min(ceiling, bits + _MOST_GUARD)
    found, errors = raise_until(attempt, start, most, words, remedy)

    def size() -> float:
        with precision(start):
            try:
                return log2_frobenius(inverse(found.inverse_A))
            except ZeroDivisionError:
                return log2_frobenius(found.A())

    with precision(bits + 8):
        M = found.W1.dot(from_exact(problem.X1))
    return MeasuredFirstLayer(
        rounded(found.W1, bits + 8),
        M,
        rounded(found.inverse_A, bits + 8),
        (log2_sum(errors[0], -bits - 8.0), log2_sum(errors[1], -bits - 8.0)),
        lambda bits: rounded(found.A(), bits),
        size,
    )


def _distance(x: Any, y: Any) -> float:
    """log2 of ‖x − y‖/‖y‖; +∞ where that is no number."""
    found = log2_frobenius(x - y) - log2_frobenius(y)
    return math.inf if math.isnan(found) else found
