"""The ways of solving that the benchmark holds side by side.

Each takes a problem, a branch record and digits, and returns W1, W2, W3 in its own type."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import flint
from flint import acb_mat, arb

from deepexp_exact.alpha.norms import forget as forget_norms
from deepexp_exact.branches import BranchRecord
from deepexp_exact.certificate import certified_certificate
from deepexp_exact.certificate.dyadic import dyadic_matrix
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.paths.ball.proving.claims import bound_residuals
from deepexp_exact.precision import MoreBits, raise_until
from deepexp_exact.problems import Problem
from deepexp_exact.solving import choose_record, solve
from deepexp_exact.spectrum import forget
from deepexp_exact.study.peers import (
    NotDelivered,
    Weights,
    bare_flint,
    lowest_bits,
    mpmath_script,
)

Method = Callable[[], Weights]
#: (a) and (b) are those of :mod:`deepexp_exact.study.peers`.
PEERS = (NotDelivered, mpmath_script, bare_flint, lowest_bits)


# ------------------------------------------------------------------- ours, as a user has them


def fresh(problem: Problem) -> Problem:
    """The same problem with nothing remembered of it: a user's first solve."""
    forget()
    forget_norms()
    parts = (problem.X1, problem.X2, problem.Y1, problem.Y2)
    return Problem(*(ExactMatrix(m.real_part, m.imag_part) for m in parts), name=problem.name)


def fresh_record(problem: Problem, record: BranchRecord) -> BranchRecord:
    """The record, α chosen, made from nothing, as a solve has to."""
    return choose_record(fresh(problem), "auto")[0]


def ours(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The multiprecision path as a user has it: α chosen, record made, residuals measured."""
    return solve(fresh(problem), digits=digits, path="multiprecision")


def given(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The same with α given."""
    return solve(fresh(problem), digits=digits, alpha=record.alpha, path="multiprecision")


def default(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """``solve`` without options: CERTIFIED weights."""
    return solve(fresh(problem), digits=digits)


def ball_with_certificate(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The ball path with α given, its record and the certificate of C1, C2, C3."""
    solution = solve(fresh(problem), digits=digits, alpha=record.alpha, path="ball")
    certified_certificate(solution)
    return solution


def plain(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The plain mpmath path with its record: what a script costs that checks what it does."""
    return solve(fresh(problem), digits=digits, alpha=record.alpha, path="mpmath")


def float64(problem: Problem, record: BranchRecord) -> Any:
    """The float64 path with its record."""
    return solve(fresh(problem), digits=15, alpha=record.alpha, path="double")


# ------------------------------------------------------------------- what is held against balls


def enclosures(problem: Problem, record: BranchRecord, digits: int) -> Weights:
    """Ball enclosures of the exact weights, finer than ``digits`` by 25 digits."""
    solution = solve(problem, digits=digits + 25, branch=record, path="ball")
    return solution.enclosures


def as_balls(weights: Weights, digits: int) -> Weights:
    """Exact ``acb_mat`` of weights in any path's type; balls stay as they are.

    Raises what the conversion raises where a weight is not finite."""
    one, two, three = (
        W if isinstance(W, acb_mat) else dyadic_matrix(W, 4 * digits + 900).to_acb_mat()
        for W in weights
    )
    return one, two, three


def forward_error(weights: Weights, exact: Weights, digits: int, midpoints: bool = True) -> float:
    """log10 of the largest relative Frobenius distance of a weight from its enclosure: of the
    midpoints, or of the farthest point of given balls."""
    saved = flint.ctx.prec
    flint.ctx.prec = 8 * digits + 4000
    try:
        worst = -math.inf
        try:
            given = as_balls(weights, digits)
        except Exception:  # a weight that is not finite has no distance
            return math.inf
        for W, ball in zip(given, exact, strict=True):
            difference = (W.mid() if midpoints else W) - ball
            squares = sum((abs(z).upper() ** 2 for z in difference.entries()), arb(0))
            size = sum((abs(z).lower() ** 2 for z in ball.entries()), arb(0))
            if squares > 0 and size > 0:
                worst = max(worst, float((squares / size).log().mid()) / math.log(100))
        return worst
    finally:
        flint.ctx.prec = saved


def measured_loss(solution: Any) -> float:
    """Digits lost: what the weights carry less what their residuals keep, in balls (within one
    digit, for the digits carried are whole)."""
    digits: int = solution.digits_carried
    one, two, three = (W.mid() for W in as_balls(solution.weights, digits))
    predicted = solution.predicted_loss
    guess = max(predicted, 10.0) if predicted and predicted < 1e5 else 10.0

    def attempt(bits: int) -> float:
        with flint.ctx.workprec(bits):
            found = bound_residuals(solution.problem, (one, two, three))
            upper, lower = max(found.upper), max(found.lower)
            if upper == 0:
                return -math.inf
            if not upper < 2 * lower:
                raise MoreBits("the residual stays undecided", bits // 2)
            return digits + float(upper.log().mid()) / math.log(10)

    start = math.ceil(3.33 * (digits + guess)) + 64
    return raise_until(attempt, start, 100 * start, "the digits lost need")
