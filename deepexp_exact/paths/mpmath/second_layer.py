"""P3 to P7: W2 and W3 for any first layer with exp(W1·X2) = α·exp(W1·X1), any logarithm L of K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import MPContext

from ...branches import BranchRecord
from ...constructions.completion import row_factors
from ...exact import gaussian
from ...problems import Problem
from .functions import exponential, inverse, logarithm
from .network import Weights
from .numbers import matrix, norm, number


@dataclass(frozen=True)
class Carried:
    """The weights and what they are made of, all at one precision; where the second layer is a
    pair, Z is W2·exp(W1·X1) and L is W2·exp(W1·X2).

    ``amplification`` bounds, by norms and to first order, the growth of a relative rounding of the
    weights in ‖f(Xi) − Yi‖/‖Yi‖.  It chooses precisions and nothing else."""

    weights: Weights
    A: Any
    A_inverse: Any
    K: Any
    L: Any
    Z: Any
    amplification: Any


def quotient(mp: MPContext, problem: Problem, record: BranchRecord) -> Any:
    """An invertible K with Y1·K = Y2: Y1⁻¹·Y2, or the recorded completion; I where Y1 = Y2."""
    one, S = mp.eye(problem.d), record.completion.S
    if problem.Y1 == problem.Y2:
        return one
    if S is None:
        return inverse(mp, matrix(mp, problem.Y1)) * matrix(mp, problem.Y2)
    # S1 to S3: Yi = B·Ci, and K = I + S·(C1·S)⁻¹·(C2 − C1) with the S of the record
    C1, C2 = row_factors(problem.Y1, problem.Y2)
    K = one + matrix(mp, S) * inverse(mp, matrix(mp, C1 @ S)) * matrix(mp, C2 - C1)
    if record.completion.n is None:
        return K
    n = matrix(mp, record.completion.n)  # Y1·n = 0: (I − 2·n·nᵀ/(nᵀn))·K has Y1·K = Y2 too
    return K - n * (n.T * K) * (2 / (n.T * n)[0])


def second_layer(mp: MPContext, problem: Problem, record: BranchRecord, W1: Any) -> Carried:
    """W2, W3 for a first layer W1 that satisfies P2 with the α of the record."""
    X1, Y1 = matrix(mp, problem.X1), matrix(mp, problem.Y1)
    # P2, P3: A = exp(W1·X1) and A⁻¹ = exp(−W1·X1), held against A·A⁻¹ = I
    A, A_inverse = exponential(mp, W1 * X1)
    # P4: K with Y1·K = Y2 and the L with exp(L) = K that the record fixes
    K, L = logarithm(mp, lambda at: quotient(at, problem, record), record)
    # P5: Z = L/(α − 1) and W2 = Z·A⁻¹ (α − 1 is formed exactly: α may be close to 1)
    Z = L / number(mp, record.alpha - gaussian(1))
    W2 = Z * A_inverse
    # P6: exp(α·Z) = exp(Z)·K, which nothing is computed from; measured in `precision`
    # P7: W3 = Y1·exp(−Z)
    E, E_inverse = exponential(mp, Z)
    W3 = Y1 * E_inverse
    weights = W1, W2, W3
    size, alpha = norm(mp, A), abs(number(mp, record.alpha))
    sizes = ((size, norm(mp, E)), (alpha * size, norm(mp, E * K)))
    grown = amplification(mp, problem, weights, sizes)
    return Carried(weights, A, A_inverse, K, L, Z, grown)


def amplification(
    mp: MPContext, problem: Problem, weights: Weights, sizes: Sequence[tuple[Any, Any]]
) -> Any:
    """What :class:`Carried` says, from the norms of exp(W1·Xi) and exp(W2·exp(W1·Xi))."""
    W1, W2, W3 = (norm(mp, W) for W in weights)
    worst = mp.mpf(1)
    points = ((problem.X1, problem.Y1), (problem.X2, problem.Y2))
    for (X, Y), (inner, outer) in zip(points, sizes, strict=True):
        if Y.is_zero():  # then W3 = 0
            continue
        second = W2 * inner
        first = second * W1 * norm(mp, matrix(mp, X))
        grown = W3 * outer / norm(mp, matrix(mp, Y)) * max(1, second, first)
        worst = max(worst, grown)
    return worst
