"""The construction of real weights in enclosures: B near the logarithm of a symmetric matrix, W1 by
a proved contraction; every imaginary part is exactly zero."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flint import acb, acb_mat, arb, arb_mat, ctx

from ....branches import BranchRecord
from ....constructions.real import RealParameters
from ....errors import BranchError
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ..network.pairs import Pair
from ..network.pairs import solve as solve_real
from .contraction import Contraction, proved, real, solve, solved
from .positive import principal_logarithm

__all__ = ["pair", "solve_real"]

#: Bits in which the contraction is proved, at first and at most.
_FIRST_BITS, _MOST_BITS = 128, 1024


def pair(problem: Problem, record: BranchRecord) -> Pair:
    """W1, A, B and exp(−W1·X1) of the recorded solution, at the current precision.

    Raises :class:`BranchError` where the record has no solution of the problem in its ball,
    :class:`MoreBits` if the precision is too low."""
    W1, A, B = first_layer(problem, record)
    inverse = (-(W1 * real(problem.X1))).exp()
    if not all(x.is_finite() for x in inverse.entries()):
        raise MoreBits("the enclosure of exp(−W1·X1) is not finite")
    return Pair(*map(_complex, (W1, A, B, inverse)))


def _complex(matrix: Any) -> Any:
    return acb_mat(matrix.nrows(), matrix.ncols(), [acb(x) for x in matrix.entries()])


def quotient(problem: Problem, record: BranchRecord) -> Any:
    """K in balls (``arb_mat``), for a record that belongs to the problem."""
    parameters = cast("RealParameters", record.first_layer.parameters)
    remedy = "is it the record of another problem?"
    if parameters.skew.rows != problem.d:
        raise BranchError("the skew matrix has another size than d", remedy)
    if not problem.is_real():
        raise BranchError("the data are not real", remedy)
    K = record.quotient(problem)
    first, second = K.left.real_part.det(), K.right.real_part.det()
    if not first * second > 0:
        raise BranchError("det K is not positive", remedy)
    return solve(real(K.left), real(K.right))


def arguments(problem: Problem, record: BranchRecord) -> tuple[Any, Any]:
    """A = S + a·I and B = log(exp(S)·K) + a·I at the current precision (``arb_mat``)."""
    parameters = cast("RealParameters", record.first_layer.parameters)
    K, d = quotient(problem, record), problem.d
    log = principal_logarithm(real(parameters.skew).exp() * K)
    a = arb_mat(d, d, [arb(parameters.a) if r == c else arb(0) for r in range(d) for c in range(d)])
    return real(parameters.skew) + a, log + a


@lru_cache(maxsize=32)
def _contraction(problem: Problem, record: BranchRecord) -> Contraction:
    """Proved once for a record, with as many bits as that takes."""
    parameters = cast("RealParameters", record.first_layer.parameters)

    def attempt(bits: int) -> Contraction:
        with ctx.workprec(bits):
            A, B = arguments(problem, record)
            return proved((problem.X1, problem.X2), parameters, solve(A, B))

    words = "the contraction of the first layer needs"
    return raise_until(attempt, _FIRST_BITS, _MOST_BITS, words)


def first_layer(problem: Problem, record: BranchRecord) -> tuple[Any, Any, Any]:
    """W1, A and B at the current precision (``arb_mat``)."""
    parameters = cast("RealParameters", record.first_layer.parameters)
    found = _contraction(problem, record)
    A, B = arguments(problem, record)
    return solved(found, parameters, solve(A, B)), A, B
