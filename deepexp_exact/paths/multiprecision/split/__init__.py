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
from ..arrays import (
    LOG2_10,
    from_exact,
    log2_frobenius,
    log2_sum,
    precision,
    rounded,
)
from ..first_layer import FirstLayer
from ..weights import CEILING_DIGITS, solve_general
from .layer import Layer, layer

__all__ = ["first_layer", "solve_split"]

#: Bits by which the two computations differ whose difference is taken for the error.
_APART = 64
#: Most guard bits: parameters that need more belong to another problem.
_MOST_GUARD = 20_000


def solve_split(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """:func:`solve_general` with W1 from the exact parameters of the record."""
    return solve_general(problem, record, digits, ceiling=ceiling)


def first_layer(problem: Problem, record: BranchRecord, bits: int, ceiling: int) -> FirstLayer:
    """W1 and exp(±W1·X1) = e^(±m)·Π + exp(±N)·(I − Π), each with a relative error of about 2^−bits.

    Found twice, with 64 bits more the second time: how far the results differ is the error of the
    first, and counted as that of the second, which is returned.  About 0.6·q + 10 digits are lost
    on the way (measured on D of every rank, d up to 32); more guard bits follow what is seen."""
    parameters = cast("SplitParameters", record.first_layer.parameters)
    start = bits + math.ceil((0.6 * parameters.q + 10) * LOG2_10)

    def attempt(work: int) -> tuple[Layer, tuple[float, ...]]:
        rough = layer(problem, parameters, record, work)
        fine = layer(problem, parameters, record, work + _APART)
        with precision(work + _APART):
            errors = tuple(_distance(x, y) for x, y in zip(rough.parts, fine.parts, strict=True))
        lack = max(errors) + bits
        if not lack <= 0:
            raise MoreBits("the first layer is not accurate enough", max(lack, 0.0), lack < bits)
        return fine, errors

    words = "the first layer of a splitting needs"
    remedy = "is it the record of another problem?"
    most = min(ceiling, bits + _MOST_GUARD)
    found, (w_error, _, b_error) = raise_until(attempt, start, most, words, remedy)
    W1, A, inverse_A = found.parts
    with precision(bits + 8):
        M = W1.dot(from_exact(problem.X1))
    return FirstLayer(
        rounded(W1, bits + 8),
        M,
        rounded(inverse_A, bits + 8),
        (log2_sum(w_error, -bits - 8.0), log2_sum(b_error, -bits - 8.0)),
        lambda bits: rounded(A, bits),
        lambda: log2_frobenius(A),
    )


def _distance(x: Any, y: Any) -> float:
    """log2 of ‖x − y‖/‖y‖; +∞ where that is no number."""
    found = log2_frobenius(x - y) - log2_frobenius(y)
    return math.inf if math.isnan(found) else found
