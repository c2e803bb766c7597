"""Proving and re-proving bounds on stored weights, whatever path they came from.

Everything starts from the problem, the record and exact weights; the working precision is raised
until a bound is decided or the ceiling for these weights is reached.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from flint import acb, arb, ctx

from ....branches import BranchRecord
from ....errors import ClaimError, PrecisionCeilingError
from ....exact import GaussianRational
from ....precision import MoreBits, more_bits, raise_until
from ....problems import Problem
from ....solution import Label
from ..functions import enclosures as en
from ..functions.logarithm import Logarithm
from ..network import pairs
from ..network.construction import Enclosures, construct
from ..network.planning import GUARD_BITS, plan_for
from ..network.weights import MAX_BITS
from .claims import (
    ProvedBounds,
    ResidualBounds,
    bound_residuals,
    distance,
    distances,
    eigenvalue_radius,
    recovered_logarithm,
    relative,
)
from .perturbation import evaluate_near, layers

Weights = tuple[Any, Any, Any]
#: Why C3 stays undecided where the stored matrix is known.
_LARGER = "only larger radii follow from ‖W2·exp(W1·X) − its exact value‖"
#: Most work on the claims of one certificate, in seconds as :func:`work` tells them.
MAX_WORK = 120.0


@dataclass(frozen=True)
class Verdict:
    """The outcome for one number of one claim: what was obtained (an upper bound) and why;
    ``final`` if more bits change nothing."""

    subject: str
    label: Label
    obtained: Any
    message: str = ""
    final: bool = False

    @property
    def open(self) -> bool:
        """Whether more bits may decide it."""
        return self.label is Label.UNDECIDED and not self.final


def mantissa_bits(weights: Sequence[Any]) -> int:
    """The longest mantissa of exact weights, in bits."""
    parts = (part for w in weights for z in w.entries() for part in (z.real, z.imag))
    return max(abs(int(part.man_exp()[0])).bit_length() for part in parts)


def work(d: int, bits: int) -> float:
    """About how many seconds one attempt of any of the claims takes at so many bits: seven
    exponentials of 20 + 0.35·√bits products each, d³ complex products of numbers in each of them;
    within a factor of 4 of what was measured for d = 8 to 32 and 256 to 32768 bits."""
    products = 7 * (20 + 0.35 * math.sqrt(bits))
    return products * 4 * d**3 * (6e-8 + 7e-12 * bits * math.sqrt(bits))


class _Attempts:
    """The precisions to try, within the ceiling and the limit on work."""

    def __init__(self, d: int, bits: int) -> None:
        self.d, self.bits, self.spent, self.reason = d, min(bits, MAX_BITS), 0.0, ""

    def allowed(self) -> bool:
        """Whether one more attempt may be made; ``reason`` says why not."""
        cost = work(self.d, self.bits) if self.bits <= MAX_BITS else math.inf
        if self.bits > MAX_BITS:
            self.reason = f"more than {MAX_BITS} bits are needed"
        elif self.spent + cost > MAX_WORK:
            self.reason = f"beyond the limit on work with {self.bits} bits at d = {self.d}"
        else:
            self.spent += cost
            return True
        return False

    def raised(self, lack: float) -> None:
        """After an attempt that lacked so many bits: at least an eighth more, so that a bound that
        cannot be decided ends soon."""
        self.bits = max(more_bits(self.bits, lack), self.bits + self.bits // 8)


def _bits_for_bounds(weights: Sequence[Any], bounds: Sequence[Any]) -> int:
    """Mantissa bits that matter: those of the weights, but not many more than a bound needs."""
    finest = max((-en.log2_of(b) for b in bounds if b > 0), default=math.inf)
    wanted = 2 * max(finest, 0.0) + 256
    return math.ceil(min(mantissa_bits(weights), wanted))


def prove(
    problem: Problem,
    record: BranchRecord,
    weights: Weights,
    digits: int,
    ceiling: int = MAX_BITS,
) -> ProvedBounds:
    """Bounds for the claims C1 to C4 about exact weights (``acb_mat`` of radius 0), C1 and C2 where
    the construction has no logarithm.

    Raises :class:`ClaimError` if a residual or a relative distance exceeds 10^−digits or an
    eigenvalue radius reaches π, :class:`PrecisionCeilingError` if that stays undecided
    with ``ceiling`` bits (for ``shift``, ``split`` and the like)."""
    if record.first_layer.paired:
        return pairs.prove(problem, record, weights, digits)
    if not record.first_layer.scaled:
        return _prove_exact(problem, record, weights, digits)
    planned = plan_for(problem, record)
    bits = min(planned.bits_for(mantissa_bits(weights)), ceiling)
    limit = en.ten_to_minus(digits)
    fine = mantissa_bits(weights) + GUARD_BITS
    while bits <= ceiling:
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
        bits = more_bits(bits, max(blur, worst))
    else:
        raise PrecisionCeilingError(f"the claims stay undecided with {ceiling} bits")
    if not spread < arb.pi().lower():
        raise ClaimError(
            "C3: the weights are too coarse to tell the branch", "solve again with more digits"
        )
    radii = tuple(upper for upper, _ in near)
    return ProvedBounds(evaluation.upper, (radii[0], radii[1], radii[2]), spread, evaluation.layer)


def _prove_exact(
    problem: Problem, record: BranchRecord, weights: Weights, digits: int
) -> ProvedBounds:
    """The same where the exact weights need no construction."""
    limit = en.ten_to_minus(digits)

    def attempt(bits: int) -> ProvedBounds:
        with ctx.workprec(bits):
            evaluation = bound_residuals(problem, weights)
            near = [distance(w, z) for w, z in zip(weights, _exact(problem, record), strict=True)]
        _refuse_if_false(evaluation, near, limit, digits)
        radii = [upper for upper, _ in near]
        if not all(bound <= limit for bound in (*evaluation.upper, *radii)):
            raise MoreBits("the enclosures are too wide")
        return ProvedBounds(evaluation.upper, (radii[0], radii[1], radii[2]))

    start = min(mantissa_bits(weights) + GUARD_BITS, MAX_BITS)
    return raise_until(attempt, start, MAX_BITS, "the claims stay undecided with")


def _exact(problem: Problem, record: BranchRecord) -> Weights:
    """Exact weights that need no construction, in balls."""
    module = import_module(f"..{record.module}", __package__)
    weights: Weights = module.exact_weights(problem)
    return weights


def _evaluation(
    problem: Problem, weights: Weights, found: Enclosures, limit: Any
) -> ResidualBounds:
    """The residuals by perturbation if that decides them, otherwise from the definition of f."""
    near = layers(problem, found)
    if near is not None:
        with contextlib.suppress(MoreBits):
            cheap = evaluate_near(near, weights)
            if all(upper <= limit for upper in cheap.upper):
                return cheap
    return bound_residuals(problem, weights, found.alpha)


def _refuse_if_false(
    evaluation: ResidualBounds, near: list[tuple[Any, Any]], limit: Any, digits: int
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
    attempts = _Attempts(problem.d, _bits_for_bounds(weights, bounds) + 64)
    out = _open(("X1", "X2"), "no allowed precision gives a finite enclosure")
    while attempts.allowed():
        with ctx.workprec(attempts.bits):
            try:
                found = bound_residuals(problem, weights)
            except MoreBits as short:
                attempts.bits = short.next_bits(attempts.bits)
                continue
        out = [
            _compare(f"X{i}", upper, lower, bound, "the residual")
            for i, upper, lower, bound in zip((1, 2), found.upper, found.lower, bounds, strict=True)
        ]
        if not any(v.open for v in out):
            return out
        attempts.raised(_lack(out, bounds))
    return [_told(v, attempts.reason) for v in out]


def check_layer(problem: Problem, alpha: GaussianRational, W1: Any, bound: Any) -> list[Verdict]:
    """Claim C4: whether ‖exp(W1·X2) − α·exp(W1·X1)‖_F ≤ bound·‖α·exp(W1·X1)‖_F, bound < 1."""
    if not bound < 1:
        return [Verdict("", Label.FAILED, arb.pos_inf(), "a bound of 1 or more says nothing")]
    attempts = _Attempts(problem.d, _bits_for_bounds((W1,), [bound]) + 64)
    out = _open(("",), "no allowed precision gives a finite enclosure")
    while attempts.allowed():
        with ctx.workprec(attempts.bits):
            A, B = (en.exp(W1 * en.from_exact(X)) for X in (problem.X1, problem.X2))
            scaled = A * en.from_rational(alpha)
            upper, lower = relative(B - scaled, scaled)
        out = [_compare("", upper, lower, bound, "the residual of the first layer")]
        if not out[0].open:
            return out
        attempts.raised(_lack(out, [bound]))
    return [_told(v, attempts.reason) for v in out]


def _lack(verdicts: Sequence[Verdict], bounds: Sequence[Any]) -> float:
    """Bits that seem to be missing for the verdicts that are open."""
    return max(
        en.log2_of(v.obtained) - en.log2_of(bound) if bound > 0 else math.inf
        for v, bound in zip(verdicts, bounds, strict=True)
        if v.open
    )


def _told(verdict: Verdict, reason: str) -> Verdict:
    """An open verdict with the limit that was reached."""
    if not verdict.open:
        return verdict
    return replace(verdict, message=f"{verdict.message}; {reason}")


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
    if record.first_layer.paired:
        return _check_pair(problem, record, weights, radii, eigenvalue_radii)
    if not record.first_layer.scaled:
        return _check_exact(problem, record, weights, radii or ()), []
    planned = plan_for(problem, record)
    claimed = [*(radii or ()), *(eigenvalue_radii or ())]
    start = planned.bits_for(_bits_for_bounds(weights, claimed))
    attempts = _Attempts(problem.d, start)
    message = "no allowed precision gives a finite enclosure"
    second = _open(("W1", "W2", "W3"), message) if radii is not None else []
    third = _open(("eigenvalues",), message) if eigenvalue_radii is not None else []
    while any(v.open for v in second + third) and attempts.allowed():
        with ctx.workprec(attempts.bits):
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
                attempts.bits = short.next_bits(attempts.bits)
                continue
        attempts.raised(_lack(second, radii or ()) if any(v.open for v in second) else 0.0)
    return [_told(v, attempts.reason) for v in second], [_told(v, attempts.reason) for v in third]


def _check_exact(
    problem: Problem, record: BranchRecord, weights: Weights, radii: Sequence[Any]
) -> list[Verdict]:
    """Claim C2 where the exact weights need no construction."""
    attempts = _Attempts(problem.d, _bits_for_bounds(weights, radii) + 64)
    out = _open(("W1", "W2", "W3"), "no allowed precision gives a finite enclosure")
    while radii and any(v.open for v in out) and attempts.allowed():
        with ctx.workprec(attempts.bits):
            near = [distance(w, z) for w, z in zip(weights, _exact(problem, record), strict=True)]
        out = [
            _compare(v.subject, upper, lower, bound, "the relative distance")
            for v, (upper, lower), bound in zip(out, near, radii, strict=True)
        ]
        if any(v.open for v in out):
            attempts.raised(_lack(out, radii))
    return [_told(v, attempts.reason) for v in out]


def _check_pair(
    problem: Problem,
    record: BranchRecord,
    weights: Weights,
    radii: Sequence[Any] | None,
    eigenvalue_radii: Sequence[Any] | None,
) -> tuple[list[Verdict], list[Verdict]]:
    """Claims C2 and C3 where the second layer is a pair A, B."""
    message = "no allowed precision gives a finite enclosure"
    second = _open(("W1", "W2", "W3"), message) if radii is not None else []
    third = _open(("A", "B"), message) if eigenvalue_radii is not None else []
    if eigenvalue_radii and not all(r < arb.pi() for r in eigenvalue_radii):
        words = "a radius claimed is not below π"
        third = [Verdict(v.subject, Label.FAILED, arb.pos_inf(), words) for v in third]
    claimed = [*(radii or ()), *(eigenvalue_radii or ())]
    start = _bits_for_bounds(weights, claimed) + pairs.GUARD * problem.d
    attempts = _Attempts(problem.d, start)
    while any(v.open for v in second + third) and attempts.allowed():
        with ctx.workprec(attempts.bits):
            try:
                found = pairs.construct(problem, record)
                near = [distance(w, z) for w, z in zip(weights, found.weights, strict=True)]
                spread = pairs.spreads(found, pairs.stored(problem, weights))
            except MoreBits as short:
                attempts.bits = short.next_bits(attempts.bits)
                continue
        second = [
            _compare(v.subject, upper, lower, bound, "the relative distance")
            for v, (upper, lower), bound in zip(second, near, radii or (), strict=False)
        ]
        for j, (v, bound) in enumerate(zip(third, eigenvalue_radii or (), strict=True)):
            if v.open:
                upper, lower, apart = spread[j]
                told = _compare(v.subject, upper, lower, bound, "the distance of eigenvalues")
                third[j] = (
                    replace(told, final=apart, message=_LARGER) if told.open and apart else told
                )
        attempts.raised(_lack(second, radii or ()) if any(v.open for v in second) else 0.0)
    return [_told(v, attempts.reason) for v in second], [_told(v, attempts.reason) for v in third]


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
    A = en.require_finite(en.exp(W1 * en.from_exact(problem.X1)), "exp(W1·X1)")
    L = (W2 * A) * (found.alpha - 1)
    obtained = eigenvalue_radius(found.log, L)
    if all(obtained <= r for r in claimed):
        return Verdict(subject, Label.CERTIFIED, obtained)
    if _outside(L, found.log, claimed):
        return Verdict(subject, Label.FAILED, obtained, "they do not lie within the radii claimed")
    difference = L - found.log.L
    narrow = bool(en.radius(difference) * 64 < en.norm_lower(difference))
    text = "only larger radii follow from it" if narrow else "the enclosure is too wide"
    size = en.norm_upper(difference).str(3, radius=False)
    text = f"‖(α − 1)·W2·exp(W1·X1) − L‖ is at most {size}: {text}"
    return Verdict(subject, Label.UNDECIDED, obtained, text, final=narrow)


def _outside(L: Any, log: Logarithm, claimed: Sequence[Any]) -> bool:
    """Whether the eigenvalues of L certainly do not pair off with the centres within the radii
    claimed: by the trace, |tr L − Σ m_j·ℓ_j| > Σ m_j·r_j, or because one of them, as FLINT
    encloses it, is outside every disc."""
    radii = [claimed[j] for j in log.owners]
    trace = sum((L[j, j] for j in range(L.nrows())), acb(0))
    shift = trace - sum((m * z for m, z in zip(log.sizes, log.values, strict=True)), acb(0))
    if shift.abs_lower() > sum((m * r for m, r in zip(log.sizes, radii, strict=True)), arb(0)):
        return True
    try:
        values = L.eig(multiple=True)
    except (ValueError, ZeroDivisionError):
        return False
    return any(
        all((value - z).abs_lower() > r for z, r in zip(log.values, radii, strict=True))
        for value in values
    )
