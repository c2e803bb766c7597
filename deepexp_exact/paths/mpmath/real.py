"""The construction of real weights in plain mpmath: A = S + a·I, B = log(exp(S)·K) + a·I, and
Newton's iteration for W1 with exp(−W1·X1)·exp(W1·X2) = A⁻¹·B.

exp(S)·K is near a symmetric positive definite matrix, so that ``mp.logm`` cannot leave the
principal branch; its exponential is held against the matrix.  The Jacobian is taken once, in 30
digits.
"""

from __future__ import annotations

from typing import Any, cast

from mpmath import MPContext

from ...branches import BranchRecord
from ...constructions.real import RealParameters
from ...errors import BranchError
from ...exact import ExactMatrix, gaussian
from ...problems import Problem
from ...solution import Solution
from .functions import exponential, inverse
from .numbers import MorePrecisionNeeded, context, matrix, norm, number, taken_over
from .precision import CEILING_DIGITS, deliver
from .rank_one import LOW_DIGITS, settle
from .second_layer import Carried, amplification, quotient


def solve_real(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """Real W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 as recorded, to ``digits`` digits.

    What is promised and raised is as for :func:`.shift.solve_shift`; :class:`BranchError` where
    Newton's iteration leaves the ball of the record."""
    return deliver(layers, problem, record, digits, ceiling)


def layers(mp: MPContext, problem: Problem, record: BranchRecord) -> Carried:
    """The weights of the record at one precision."""
    given = cast("RealParameters", record.first_layer.parameters)
    K, one = quotient(mp, problem, record), mp.eye(problem.d)
    A, shift = matrix(mp, given.A), number(mp, gaussian(given.a)) * one
    # R1: exp(−A)·exp(B) = K
    B = logarithm(mp, mp.expm(matrix(mp, given.skew)) * K) + shift
    W1 = solved(mp, problem, given, inverse(mp, A) * B)
    # R2: W2·exp(W1·X1) = A, hence W2·exp(W1·X2) = B
    inner, inverse_inner = exponential(mp, W1 * matrix(mp, problem.X1))
    outer, inverse_outer = exponential(mp, A)
    weights = W1, A * inverse_inner, matrix(mp, problem.Y1) * inverse_outer
    second = norm(mp, mp.expm(W1 * matrix(mp, problem.X2)))
    sizes = ((norm(mp, inner), norm(mp, outer)), (second, norm(mp, outer * K)))
    grown = amplification(mp, problem, weights, sizes)
    return Carried(weights, inner, inverse_inner, K, B, A, grown)


def logarithm(mp: MPContext, M: Any) -> Any:
    """The principal logarithm of a real matrix near a symmetric positive definite one."""
    log = mp.logm(M).apply(mp.re)
    if not norm(mp, mp.expm(log) - M) < norm(mp, M) * mp.mpf(10) ** -(mp.dps // 2):
        raise MorePrecisionNeeded("the logarithm of exp(S)·K is not seen")
    return log


def equation(mp: MPContext, W: Any, X: tuple[Any, Any], G: Any) -> Any:
    """exp(−W·X1)·exp(W·X2) − G."""
    return mp.expm(-W * X[0]) * mp.expm(W * X[1]) - G


def solved(mp: MPContext, problem: Problem, given: RealParameters, G: Any) -> Any:
    """W1 in the record's ball."""
    d, inputs = problem.d, (problem.X1, problem.X2)
    low = context(LOW_DIGITS)
    R = taken_over(mp, inverse(low, jacobian(low, matrix(low, given.centre), inputs)))
    centre, X = matrix(mp, given.centre), (matrix(mp, inputs[0]), matrix(mp, inputs[1]))
    found, radius = [centre], number(mp, gaussian(given.radius))

    def step() -> Any:
        column = mp.matrix(list(equation(mp, found[0], X, G)))
        change = mp.matrix([[(R * column)[r * d + c] for c in range(d)] for r in range(d)])
        found[0] = found[0] - change
        if not norm(mp, found[0] - centre) <= radius:
            raise BranchError("Newton's iteration leaves the ball", "make the record again")
        return norm(mp, change)

    settle(mp, step, norm(mp, centre) + radius)
    return found[0]


def jacobian(mp: MPContext, W: Any, inputs: tuple[ExactMatrix, ExactMatrix]) -> Any:
    """Its derivative, entries row by row, with dexp as a block of exp([[M, H], [0, M]])."""
    d = W.rows
    X1, X2 = (matrix(mp, X) for X in inputs)
    first, second = mp.expm(-W * X1), mp.expm(W * X2)
    out = mp.zeros(d * d)
    for j in range(d * d):
        H = mp.zeros(d)
        H[j // d, j % d] = 1
        change = derivative(mp, -W * X1, -H * X1) * second + first * derivative(mp, W * X2, H * X2)
        for r, value in enumerate(change):
            out[r, j] = value
    return out


def derivative(mp: MPContext, M: Any, H: Any) -> Any:
    d = M.rows
    block = mp.zeros(2 * d)
    for r in range(d):
        for c in range(d):
            block[r, c] = block[r + d, c + d] = M[r, c]
            block[r, c + d] = H[r, c]
    value = mp.expm(block)
    return mp.matrix([[value[r, c + d] for c in range(d)] for r in range(d)])
