"""Weights of a paired construction in balls: W2·exp(W1·X1) = A and W2·exp(W1·X2) = B.

With exp(−A)·exp(B) = K the weights are W2 = A·exp(−W1·X1) and W3 = Y1·exp(−A).  The module of the
construction encloses W1, A and B of the one exact solution that its record describes.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ....branches import BranchRecord
from ....errors import ClaimError
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ..functions import enclosures as en
from ..proving.claims import (
    ProvedBounds,
    ResidualBounds,
    bound_residuals,
    distance,
    general_radius,
)
from .weights import (
    EVALUATION_BITS,
    MAX_BITS,
    MAX_EIGENVALUE_RADIUS,
    SPARE_BITS,
    BallSolution,
    certified,
)

#: Bits for each dimension with which the first attempt exceeds what the weights need.
GUARD = 24


@dataclass(frozen=True)
class Pair:
    """Enclosures of W1, A, B and exp(−W1·X1) of one exact solution."""

    W1: Any
    A: Any
    B: Any
    inverse_inner: Any


@dataclass(frozen=True)
class Weights:
    """Enclosures of the exact weights, and what they are made from."""

    pair: Pair
    W2: Any
    W3: Any

    @property
    def weights(self) -> tuple[Any, Any, Any]:
        return self.pair.W1, self.W2, self.W3


def construct(problem: Problem, record: BranchRecord) -> Weights:
    """The weights of the record at the current precision; :class:`MoreBits` if that is too low."""
    pair: Pair = import_module(f"..{record.module}", __package__).pair(problem, record)
    W2 = en.require_finite(pair.A * pair.inverse_inner, "W2")
    W3 = en.require_finite(en.from_exact(problem.Y1) * en.exp(-pair.A), "W3")
    return Weights(pair, W2, W3)


def stored(problem: Problem, weights: tuple[Any, Any, Any]) -> tuple[Any, Any]:
    """W2·exp(W1·X1) and W2·exp(W1·X2) of exact weights."""
    W1, W2, _ = weights
    first, second = (
        en.require_finite(W2 * en.exp(W1 * en.from_exact(X)), "W2·exp(W1·X)")
        for X in (problem.X1, problem.X2)
    )
    return first, second


def spreads(found: Weights, seen: tuple[Any, Any]) -> list[tuple[Any, Any, bool]]:
    """For A and for B, an upper and a lower bound of the least r such that the eigenvalues of the
    stored weights' matrix lie, counted with multiplicity, within r of those of the exact one, and
    whether the matrices are told apart: then more bits make the upper bound no smaller.

    The lower bound: the traces differ by at most d·r."""
    out = []
    for exact, matrix in zip((found.pair.A, found.pair.B), seen, strict=True):
        d = matrix.nrows()
        shift = sum((matrix[j, j] - exact[j, j] for j in range(d)), acb(0))
        difference = matrix - exact
        apart = bool(en.radius(difference) * 64 < en.norm_lower(difference))
        out.append((general_radius(exact, matrix), (shift.abs_lower() / d).lower(), apart))
    return out


def solve(problem: Problem, record: BranchRecord, digits: int) -> BallSolution:
    """The weights of a record, certified: as :func:`weights.solve`, whatever the construction."""
    started = time.perf_counter()
    carried, repeated = math.ceil(digits * math.log2(10)) + SPARE_BITS + 8, -1

    def attempt(bits: int) -> BallSolution:
        nonlocal carried, repeated
        repeated += 1
        with ctx.workprec(bits):
            found = construct(problem, record)
            carried = max(carried, _bits_to_carry(problem, found, digits))
            width = max(en.log2_of(en.relative_radius(w)) for w in found.weights)
            if width + carried + 16 > 0:
                raise MoreBits("the enclosures of the weights stay too wide", width + carried + 16)
            weights = tuple(en.rounded_midpoints(w, carried) for w in found.weights)
            evaluation = bound_residuals(problem, (weights[0], weights[1], weights[2]))
            limit, lack = en.ten_to_minus(digits), 0.0
            for upper, lower in zip(evaluation.upper, evaluation.lower, strict=True):
                if not upper <= limit:
                    lack = max(lack, en.log2_of(upper) - en.log2_of(limit) + 1)
                    carried += math.ceil(min(lack, carried)) if lower > limit else 0
            spread = [r for r, *_ in spreads(found, (evaluation.Z, evaluation.Z2))]
            if not all(r < MAX_EIGENVALUE_RADIUS for r in spread):
                carried, lack = carried + max(32, carried // 2), max(lack, 32.0, carried / 2)
            if lack > 0:
                raise MoreBits("the residual or the spectrum of the rounded weights", lack)
            return _solution(problem, record, digits, carried, found, weights, evaluation)

    words = f"{digits} digits on the ball path need"
    remedy = "ask for fewer digits, or leave the construction to the program"
    start = carried + EVALUATION_BITS + GUARD * problem.d
    solution = raise_until(attempt, start, min(MAX_BITS, 8 * start + 8192), words, remedy)
    return replace(solution, seconds=time.perf_counter() - started, recomputations=repeated)


def _solution(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    carried: int,
    found: Weights,
    weights: Any,
    evaluation: ResidualBounds,
) -> BallSolution:
    evidence = _evidence(found, weights, evaluation)
    balls = [en.around(w, exact) for w, exact in zip(weights, found.weights, strict=True)]
    K = en.from_exact(record.quotient(problem).matrix)
    steps = {
        "A": en.solve(found.pair.inverse_inner, en.identity(problem.d), "exp(W1·X1)"),
        "K": K,
        "L": found.pair.B - found.pair.A,
        "Z": found.pair.A,
    }
    return certified(problem, record, digits, carried, balls, steps.__getitem__, evidence)


def _evidence(found: Weights, weights: Any, evaluation: ResidualBounds) -> ProvedBounds:
    radii = [distance(w, z)[0] for w, z in zip(weights, found.weights, strict=True)]
    spread = [r for r, *_ in spreads(found, (evaluation.Z, evaluation.Z2))]
    return ProvedBounds(
        evaluation.upper, (radii[0], radii[1], radii[2]), pair_radii=(spread[0], spread[1])
    )


def prove(
    problem: Problem, record: BranchRecord, weights: tuple[Any, Any, Any], digits: int
) -> ProvedBounds:
    """Bounds for C1, C2 and C3 about exact weights; errors as of :func:`proving.prove`."""
    limit = en.ten_to_minus(digits)

    def attempt(bits: int) -> ProvedBounds:
        with ctx.workprec(bits):
            found = construct(problem, record)
            evaluation = bound_residuals(problem, weights)
            evidence = _evidence(found, weights, evaluation)
            lower = [distance(w, z)[1] for w, z in zip(weights, found.weights, strict=True)]
        for claim, low in (("C1", evaluation.lower), ("C2", lower)):
            if any(bound > limit for bound in low):
                raise ClaimError(f"{claim}: a bound is above 10^-{digits}")
        bounds = (*evaluation.upper, *evidence.radii)
        if not all(bound <= limit for bound in bounds):
            worst = max(map(en.log2_of, bounds)) - en.log2_of(limit)
            raise MoreBits("the enclosures are too wide", worst)
        return evidence

    start = math.ceil(digits * math.log2(10)) + EVALUATION_BITS + GUARD * problem.d
    evidence = raise_until(attempt, start, MAX_BITS, "the claims stay undecided with")
    if not all(r < arb.pi() for r in evidence.pair_radii or ()):
        raise ClaimError(
            "C3: the weights are too coarse to tell the branch", "solve again with more digits"
        )
    return evidence


def _bits_to_carry(problem: Problem, found: Weights, digits: int) -> int:
    """Mantissa bits with which rounded weights keep residuals and errors below 10^−digits, by the
    rule of :func:`construction.weight_bits` with the arguments A and B of the outer exponential."""
    w1, w2, w3 = (en.log2_of(en.norm_upper(w)) for w in found.weights)
    inner = en.solve(found.pair.inverse_inner, en.identity(problem.d), "exp(W1·X1)")
    second = en.exp(found.pair.W1 * en.from_exact(problem.X2))
    worst = 0.0
    for X, Y, layer, argument in (
        (problem.X1, problem.Y1, inner, found.pair.A),
        (problem.X2, problem.Y2, second, found.pair.B),
    ):
        if Y.is_zero():  # then W3 = 0 and f(Xi) = Yi exactly
            continue
        with ctx.workprec(min(ctx.prec, 256)):
            outer = en.log2_of(en.norm_upper(en.exp(_short(argument))))
        o = w3 + outer - en.log2_of(en.norm_lower(en.from_exact(Y)))
        g2 = w2 + en.log2_of(en.norm_upper(layer))
        worst = max(worst, o + max(0.0, g2, g2 + w1 + en.log2_of(en.norm_upper(en.from_exact(X)))))
    if not math.isfinite(worst):
        raise MoreBits("the enclosures are too wide to choose the digits to carry")
    return math.ceil(digits * math.log2(10) + worst) + SPARE_BITS


def _short(matrix: Any) -> Any:
    """The matrix with its entries rounded outwards to the current precision."""
    return acb_mat(matrix.nrows(), matrix.ncols(), [+z for z in matrix.entries()])
