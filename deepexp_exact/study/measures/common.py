"""What several measures need: the problem, the record, certified residuals and distances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import ctx

from ...alpha import predicted_loss
from ...branches import BranchRecord
from ...certificate import dyadic_matrix
from ...constructions import THEOREM
from ...errors import NumberError
from ...exact import parse_number
from ...paths.ball.functions import enclosures as en
from ...paths.ball.proving.certifying import mantissa_bits
from ...paths.ball.proving.claims import bound_residuals
from ...precision import MoreBits, raise_until
from ...problems import Problem
from ...solution import Solution
from ...solving import choose_record, path_solver
from ..problems import build

LOG10_2 = math.log10(2)
#: Digits by which a reference solution exceeds what is held against it.
EXTRA = 12
Weights = tuple[Any, Any, Any]


def problem_of(params: Mapping[str, Any]) -> Problem:
    return build(params["family"], params["d"], params["seed"], params.get("exponent", 0))


def record_of(
    problem: Problem, params: Mapping[str, Any], branch: Any = None
) -> tuple[BranchRecord, float]:
    """The branch record for the run's α, turn, branch and construction, and the loss predicted."""
    alpha = params["alpha"]
    chosen = branch if branch is not None else params.get("branch", "principal")
    value = alpha if alpha in ("auto", "positive") else parse_number(alpha)
    own = params.get("construction")
    record, loss = choose_record(problem, value, params.get("turn", 0), chosen, own)
    if loss is None:
        loss = predicted_loss(problem, record.alpha, ks=record.ks, turn=record.turn)
    return record, loss


def log10_upper(value: Any) -> float:
    """log10 of an exact upper bound (``arb``), −inf for zero."""
    return en.log2_of(value) * LOG10_2


def dyadic_weights(weights: Weights, digits: int) -> Weights:
    """Weights of any path or script as ``acb_mat`` of radius 0; NaN raises NumberError."""
    W1, W2, W3 = (dyadic_matrix(w, digits).to_acb_mat() for w in weights)
    return W1, W2, W3


def exact_weights(solution: Solution) -> Weights:
    """:func:`dyadic_weights` of a solution."""
    return dyadic_weights(solution.weights, solution.digits)


@dataclass(frozen=True)
class Reference:
    """Certified weights, ``digits`` of them proved, as exact midpoints."""

    solution: Solution
    weights: Weights
    carried: int


def reference(
    problem: Problem, record: BranchRecord, digits: int, construction: str = THEOREM
) -> Reference:
    """The ball path's weights of this record with EXTRA more digits than ``digits``."""
    solution = path_solver("ball", construction)(problem, record, digits + EXTRA)
    return Reference(solution, exact_weights(solution), solution.digits_carried)


def residual(problem: Problem, weights: Weights) -> float:
    """log10 of the larger proved upper bound of ‖f(Xi) − Yi‖/‖Yi‖ (Frobenius) of exact weights.

    The precision is raised until upper and lower bound differ by less than a factor of 1.2."""

    def attempt(bits: int) -> float:
        with ctx.workprec(bits):
            found = bound_residuals(problem, weights)
        upper = max(map(log10_upper, found.upper))
        lower = max(map(log10_upper, found.lower))
        if upper == lower or upper - lower < math.log10(1.2):  # both −inf: exactly zero
            return upper
        raise MoreBits("the residual stays undecided", bits // 2 + 64)

    start = mantissa_bits(weights) + 64
    return raise_until(attempt, start, 8 * start + 4096, "measuring a residual needs")


def log10_distances(mine: Weights, other: Weights, digits: int) -> tuple[float, ...]:
    """log10 of ‖Wj − Wj'‖/‖Wj'‖ (Frobenius), upper bounds, for each j; of ‖Wj‖ where Wj' = 0."""
    bits = max(mantissa_bits(mine), mantissa_bits(other), int(digits / LOG10_2)) + 64
    with ctx.workprec(bits):
        return tuple(
            log10_upper(
                en.quotient(en.norm_upper(a - b), size)
                if (size := en.norm_lower(b))
                else en.norm_upper(a)
            )
            for a, b in zip(mine, other, strict=True)
        )


def distance(mine: Weights, other: Weights, digits: int) -> float:
    """The largest of :func:`log10_distances`."""
    return max(log10_distances(mine, other, digits))


def digits_lost(problem: Problem, exact: Reference) -> float:
    """p + log10 of the residual of the weights rounded to p decimal digits, measured.

    p is EXTRA less than the reference carries, so that rounding is what is seen."""
    bits = max(8, math.floor((exact.carried - EXTRA) / LOG10_2))
    W1, W2, W3 = (en.rounded_midpoints(w, bits) for w in exact.weights)
    return residual(problem, (W1, W2, W3)) + bits * LOG10_2


def norm10(matrix: Any) -> float:
    """log10‖W‖_F of an ``acb_mat``."""
    return log10_upper(en.norm_upper(matrix))


def float64_digits(problem: Problem, record: BranchRecord, exact: Reference) -> tuple[float, str]:
    """−log10 of the relative error of the float64 path's worst weight, and its first finding: −inf
    where a weight is not finite, inf where there is no error."""
    plain = path_solver("double", exact.solution.construction)(problem, record, 15)
    finding = plain.findings[0] if plain.findings else ""
    try:
        return -distance(exact_weights(plain), exact.weights, exact.carried), finding
    except NumberError:
        return -math.inf, finding
