"""Proving and re-proving bounds on stored weights, whatever path they came from.

Everything starts from the problem, the record and exact weights; the working precision is raised
until a bound is decided or the ceiling for these weights is reached.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from ...branches import BranchRecord
from ...errors import ClaimError, PrecisionCeilingError
from ...problems import Problem
from ...solution import Label
from . import enclosures as en
from .claims import (
    Evaluation,
    Evidence,
    distances,
    eigenvalue_radius,
    evaluate,
    recovered_logarithm,
)
from .construction import Enclosures, construct
from .enclosures import MoreBits
from .perturbation import evaluate_near, layers
from .planning import GUARD_BITS, Plan, plan
from .shift import MAX_BITS

Weights = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Verdict:
    """The outcome for one number of one claim: what was obtained (an upper bound) and why."""

    subject: str
    label: Label
    obtained: Any
    message: str = ""


def mantissa_bits(weights: Weights) -> int:
    """The longest mantissa of exact weights, in bits."""
    parts = (part for w in weights for z in w.entries() for part in (z.real, z.imag))
    return max(abs(int(part.man_exp()[0])).bit_length() for part in parts)


def ceiling(weights: Weights) -> int:
    """Working bits beyond which weights of this length are given up: no true claim about weights
    that keep their residual below 10^−digits needs more than a small multiple of their length."""
    return min(MAX_BITS, 8 * mantissa_bits(weights) + 4096)


def prove(problem: Problem, record: BranchRecord, weights: Weights, digits: int) -> Evidence:
    """Bounds for the claims C1 to C3 about exact weights (``acb_mat`` of radius 0).

    Raises :class:`ClaimError` if a residual or a relative distance exceeds 10^−digits or an
    eigenvalue radius reaches π, :class:`PrecisionCeilingError` if that stays undecided."""
    planned, top = plan(problem, record), ceiling(weights)
    bits = _start(planned, weights)
    limit = en.ten_to_minus(digits)
    fine = mantissa_bits(weights) + GUARD_BITS
    while bits <= top:
        with ctx.workprec(bits):
            try:
                found = construct(problem, record, planned.starts)
                evaluation = _evaluation(problem, weights, found, limit)
            except MoreBits as short:
                bits = short.next_bits(bits)
                continue
            near = distances(weights, found)
            spread = eigenvalue_radius(found.log, recovered_logarithm(problem, found, evaluation))
            blur = en.log2_of(found.relative_radius()) + fine
        _refuse_if_false(evaluation, near, limit, digits)
        if blur <= 0 and all(upper <= limit for upper in evaluation.upper):
            break
        worst = en.log2_of(max(evaluation.upper, key=en.log2_of)) - en.log2_of(limit)
        bits = en.more_bits(bits, max(blur, worst))
    else:
        raise PrecisionCeilingError(f"the claims stay undecided with {top} bits")
    if not spread < arb.pi().lower():
        raise ClaimError(
            "C3: the weights are too coarse to tell the branch", "solve again with more digits"
        )
    radii = tuple(upper for upper, _ in near)
    return Evidence(evaluation.upper, (radii[0], radii[1], radii[2]), spread)


def _start(planned: Plan, weights: Weights) -> int:
    return min(planned.bits_for(mantissa_bits(weights)), ceiling(weights))


def _evaluation(problem: Problem, weights: Weights, found: Enclosures, limit: Any) -> Evaluation:
    """The residuals by perturbation if that decides them, otherwise from the definition of f."""
    near = layers(problem, found)
    if near is not None:
        with contextlib.suppress(MoreBits):
            cheap = evaluate_near(near, weights)
            if all(upper <= limit for upper in cheap.upper):
                return cheap
    return evaluate(problem, weights)


def _refuse_if_false(
    evaluation: Evaluation, near: list[tuple[Any, Any]], limit: Any, digits: int
) -> None:
    for i, lower in enumerate(evaluation.lower, 1):
        if lower > limit:
            raise ClaimError(f"C1: the residual at X{i} is {lower.str(3)}, above 10^-{digits}")
    for j, (_, lower) in enumerate(near, 1):
        if lower > limit:
            raise ClaimError(f"C2: W{j} is {lower.str(3)} from the exact W{j}, above 10^-{digits}")


# ------------------------------------------------------------------------------ re-proving


def check_residuals(problem: Problem, weights: Weights, bounds: Sequence[Any]) -> list[Verdict]:
    """Claim C1: for i = 1, 2 whether ‖f(Xi) − Yi‖_F ≤ bounds[i]·‖Yi‖_F, from f's definition."""
    bits, top = mantissa_bits(weights) + 64, ceiling(weights)
    message = "no allowed precision gives a finite enclosure"
    out = [Verdict(f"X{i}", Label.UNDECIDED, arb.pos_inf(), message) for i in (1, 2)]
    while bits <= top:
        with ctx.workprec(bits):
            try:
                found = evaluate(problem, weights)
            except MoreBits as short:
                bits = short.next_bits(bits)
                continue
        out = [
            _compare(f"X{i}", upper, lower, bound, "the residual")
            for i, upper, lower, bound in zip((1, 2), found.upper, found.lower, bounds, strict=True)
        ]
        open_ = [v for v in out if v.label is Label.UNDECIDED]
        if not open_:
            return out
        lack = max(
            en.log2_of(v.obtained) - en.log2_of(bound)
            for v, bound in zip(out, bounds, strict=True)
            if v.label is Label.UNDECIDED
        )
        bits = en.more_bits(bits, lack)
    return out


def _compare(subject: str, upper: Any, lower: Any, bound: Any, words: str) -> Verdict:
    if upper <= bound:
        return Verdict(subject, Label.CERTIFIED, upper)
    if lower > bound:
        text = f"{words} is at least {lower.str(3, radius=False)}"
        return Verdict(subject, Label.FAILED, upper, text)
    return Verdict(subject, Label.UNDECIDED, upper, "the enclosure is too wide")


def check_branch(
    problem: Problem,
    record: BranchRecord,
    weights: Weights,
    radii: Sequence[Any] | None,
    eigenvalue_radii: Sequence[Any] | None,
) -> tuple[list[Verdict], list[Verdict]]:
    """Claims C2 and C3 (None: not claimed) from the problem, the record and the weights.

    The record must already be known to describe the eigenvalues of K."""
    planned, top = plan(problem, record), ceiling(weights)
    bits = _start(planned, weights)
    message = "no allowed precision gives a finite enclosure"
    second = _open(("W1", "W2", "W3"), message) if radii is not None else []
    third = _open(("eigenvalues",), message) if eigenvalue_radii is not None else []
    while bits <= top and any(v.label is Label.UNDECIDED for v in second + third):
        with ctx.workprec(bits):
            try:
                found = construct(problem, record, planned.starts)
                if radii is not None:
                    second = [
                        _compare(f"W{j}", upper, lower, bound, "the relative distance")
                        for j, (upper, lower), bound in zip(
                            (1, 2, 3), distances(weights, found), radii, strict=True
                        )
                    ]
                if eigenvalue_radii is not None:
                    third = [_check_eigenvalues(problem, weights, found, eigenvalue_radii)]
            except MoreBits as short:
                bits = short.next_bits(bits)
                continue
        bits += bits // 4 + 32
    return second, third


def _open(subjects: Sequence[str], message: str) -> list[Verdict]:
    return [Verdict(s, Label.UNDECIDED, arb.pos_inf(), message) for s in subjects]


def _check_eigenvalues(
    problem: Problem, weights: Weights, found: Enclosures, claimed: Sequence[Any]
) -> Verdict:
    """Whether the radius obtained about every ℓ_j is at most each one claimed, all below π."""
    subject = "eigenvalues"
    if not all(r < arb.pi() for r in claimed):
        return Verdict(subject, Label.FAILED, arb.pos_inf(), "a radius claimed is not below π")
    W1, W2, _ = weights
    A = en.require_finite((W1 * en.from_exact(problem.X1)).exp(), "exp(W1·X1)")
    L = (W2 * A) * (found.alpha - 1)
    obtained = eigenvalue_radius(found.log, L)
    if all(obtained <= r for r in claimed):
        return Verdict(subject, Label.CERTIFIED, obtained)
    difference = L - found.log.L
    if en.radius(difference) * 64 < en.norm_lower(difference):
        size = en.norm_lower(difference).str(3, radius=False)
        text = f"‖(α − 1)·W2·exp(W1·X1) − L‖ is {size}: only larger radii follow from it"
        return Verdict(subject, Label.FAILED, obtained, text)
    return Verdict(subject, Label.UNDECIDED, obtained, "the enclosure is too wide")
