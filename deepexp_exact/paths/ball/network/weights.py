"""Weights with proved enclosures: digits asked are digits given, provably."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from flint import ctx

from ....branches import BranchRecord
from ....constructions import fitting
from ....errors import PrecisionCeilingError
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ....solution import Label, Solution
from ..functions import enclosures as en
from ..proving.claims import (
    ProvedBounds,
    ResidualBounds,
    TooCoarse,
    bound_residuals,
    distances,
    eigenvalue_radius,
    recovered_logarithm,
)
from ..proving.perturbation import PerturbedLayers, evaluate_near, layers
from .construction import (
    Enclosures,
    Starts,
    construct,
    weight_bits,
)
from .planning import GUARD_BITS, plan_for

#: Ceilings of the working precision and of the weights' mantissas, in bits: certificates hold
#: 24 000 digits.
MAX_BITS, MAX_CARRIED = 120_000, 79_700
REMEDY = "ask for fewer digits, or try another α or branch"
#: The weights' last bits that are not counted as carried digits.
SPARE_BITS = 8
#: Bits beyond those of the weights with which f is first evaluated.
EVALUATION_BITS = 96
#: Largest radius accepted about an eigenvalue of L (claim C3 needs less than π).
MAX_EIGENVALUE_RADIUS = 2


@dataclass(frozen=True, repr=False)
class BallSolution(Solution):
    """A solution whose W1, W2, W3 are balls about the rounded weights; ``evidence`` holds the
    proved bounds on those midpoints."""

    evidence: ProvedBounds | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the evidence, as python-flint's numbers are not copied: to be proved again."""
        return super().__getstate__() | {"evidence": None}

    def with_one_type(self) -> Self:
        """W1, W2, W3 by their midpoints, the balls as ``enclosures``."""
        return replace(super().with_one_type(), enclosures=self.weights)

    def as_mp_matrix(self, weight: Any) -> Any:
        """The midpoints, exactly; the balls stay with them."""
        made = en.to_mpmath(weight)
        made.own = weight
        return made

    def as_mpmath(self) -> BallSolution:
        """The same with mpmath numbers: matrices by their midpoints, upper bounds as they are."""
        W1, W2, W3 = map(en.to_mpmath, self.weights)
        first, second = map(en.to_mpf, self.residuals)
        errors = tuple(map(en.to_mpf, self.errors))
        return replace(
            self,
            W1=W1,
            W2=W2,
            W3=W3,
            step=lambda name: en.to_mpmath(self.step(name)),
            residuals=(first, second),
            errors=(errors[0], errors[1], errors[2]),
            enclosures=self.weights,
        )


def solve(
    problem: Problem, record: BranchRecord, digits: int, initial: Starts | None = None
) -> BallSolution:
    """W1, W2 = Z·exp(−W1·X1), W3 = Y1·exp(−Z), Z = log(K)/(α − 1) of a record, certified.

    The midpoints of the ``acb_mat`` returned are weights with mantissas of ``digits_carried``
    decimal digits and a few spare bits; the balls contain the exact weights of the record, their
    relative Frobenius radii are at most 10^−digits, and so are the proved relative residuals of
    the midpoints.  A weight that is exactly zero is returned so.  The working precision is raised
    until this is proved; :class:`PrecisionCeilingError` beyond :data:`MAX_BITS` bits,
    :class:`HypothesisError` where the construction's hypotheses fail.  ``initial`` are approximate
    eigenvectors of W1·X1 and of K (otherwise float64's); they can make it faster, not wrong."""
    started = time.perf_counter()
    _within(math.ceil(digits * math.log2(10)), digits)
    planned = plan_for(problem, record)
    starts = initial or planned.starts
    carried, repeated = 0, -1

    def attempt(bits: int) -> BallSolution:
        nonlocal carried, repeated
        repeated += 1
        with ctx.workprec(bits):
            try:
                return _finish(problem, record, digits, construct(problem, record, starts), carried)
            except _MoreDigits as short:
                carried = short.bits
                raise MoreBits(str(short), 12, sure=True) from None
            except MoreBits as short:
                if repeated == 0 and short.bits == 0:
                    fitting(problem, record.construction)  # singular, not imprecise
                raise

    words = f"{digits} digits on the ball path need"
    solution = raise_until(attempt, planned.bits_for_digits(digits), MAX_BITS, words, REMEDY)
    return replace(solution, seconds=time.perf_counter() - started, recomputations=repeated)


class _MoreDigits(Exception):
    """The weights have to carry ``bits`` bits."""

    def __init__(self, bits: int) -> None:
        super().__init__(f"the weights have to carry {bits} bits")
        self.bits = bits


def _finish(
    problem: Problem, record: BranchRecord, digits: int, found: Enclosures, carried: int
) -> BallSolution:
    """Round the weights, prove their residuals, distances and eigenvalues."""
    A = _first_layer(problem, found)
    near = layers(problem, found)
    carried = max(carried, weight_bits(problem, found, A, _outer(found, near), digits))
    width = en.log2_of(found.relative_radius())
    lack = carried + GUARD_BITS + width
    if width < -GUARD_BITS:  # otherwise sizes are not known
        _within(carried, digits)
    if lack > 0:
        raise MoreBits(
            "the enclosures of the weights stay too wide",
            math.ceil(lack) if math.isfinite(lack) else 0,
            sure=width < -GUARD_BITS,
        )
    W1, W2, W3 = (en.rounded_midpoints(w, carried) for w in found.weights)
    weights = (W1, W2, W3)
    evaluation = prove_residuals(
        problem, weights, digits, carried, found.alpha, near, _largest_eigenvalue(found)
    )
    radii = [upper for upper, _ in distances(weights, found)]
    spread = eigenvalue_radius(found.log, recovered_logarithm(problem, found, evaluation))
    if not spread < MAX_EIGENVALUE_RADIUS:
        raise _MoreDigits(carried + max(32, carried // 2))
    balls = [en.around(w, exact) for w, exact in zip(weights, found.weights, strict=True)]
    evidence = ProvedBounds(
        evaluation.upper, (radii[0], radii[1], radii[2]), spread, evaluation.layer
    )
    steps = _steps(A, found)
    return certified(problem, record, digits, carried, balls, steps.__getitem__, evidence)


def _steps(A: Any, found: Enclosures) -> dict[str, Any]:
    return {"A": A, "K": found.K, "L": found.log.L, "Z": found.Z}


def steps_at(problem: Problem, record: BranchRecord, bits: int) -> dict[str, Any]:
    """Enclosures of A, K, L and Z by name, with at least ``bits`` working bits."""
    planned = plan_for(problem, record)

    def attempt(precision: int) -> dict[str, Any]:
        with ctx.workprec(precision):
            found = construct(problem, record, planned.starts)
            return _steps(_first_layer(problem, found), found)

    start = max(bits, planned.bits_for(bits))
    return raise_until(attempt, start, MAX_BITS, "enclosures of the steps need")


def _within(carried: int, digits: int) -> None:
    """:class:`PrecisionCeilingError` for weights that no certificate can hold."""
    if carried > MAX_CARRIED:
        words = f"{digits} digits on the ball path need weights of more than {MAX_CARRIED} bits"
        raise PrecisionCeilingError(words, REMEDY)


def certified(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    carried: int,
    balls: Sequence[Any],
    step: Callable[[str], Any],
    evidence: ProvedBounds,
) -> BallSolution:
    """The solution of balls about weights rounded to ``carried`` bits, at the current precision."""
    _within(carried, digits)
    return BallSolution(
        problem=problem,
        construction=record.construction,
        path="ball",
        record=record,
        digits=digits,
        digits_carried=math.floor((carried - SPARE_BITS) * math.log10(2)),
        working_digits=math.floor(ctx.prec * math.log10(2)),
        W1=balls[0],
        W2=balls[1],
        W3=balls[2],
        step=step,
        residuals=evidence.residuals,
        errors=(*map(_of_exact, evidence.radii),),
        errors_are="proved",
        label=Label.CERTIFIED,
        evidence=evidence,
    )


def _of_exact(radius: Any) -> Any:
    """A bound of ‖W − W*‖/‖W*‖ from a small one of ‖W − W*‖/‖W‖."""
    with ctx.workprec(en.NORM_BITS):
        return (radius / (1 - radius)).upper()


def _first_layer(problem: Problem, found: Enclosures) -> Any:
    """A = exp(W1·X1): as it came, from the eigenvectors, otherwise the inverse of A⁻¹, or where
    that is too wide another exponential."""
    if found.A is not None:
        return found.A
    if found.inner is not None:
        images = [value.exp() for value in found.inner.values]
        return en.require_finite(found.inner.function(images), "exp(W1·X1)")
    try:
        A = en.solve(found.inverse_A, en.identity(problem.d), "exp(W1·X1)")
        if en.relative_radius(A) < en.power_of_two(-GUARD_BITS - ctx.prec // 2):
            return A
    except MoreBits:
        pass
    return en.require_finite(en.exp(found.W1 * en.from_exact(problem.X1)), "exp(W1·X1)")


def _outer(found: Enclosures, near: PerturbedLayers | None) -> tuple[Any, Any]:
    """exp(Z) and exp(α·Z), to a few digits where the eigenvectors give them."""
    if near is not None:
        with ctx.workprec(near.bits):
            return near.outer_exponential(1), near.outer_exponential(found.alpha)
    first = found.log.exponential(1 / (found.alpha - 1))
    return first, first * found.K


def _largest_eigenvalue(found: Enclosures) -> float:
    """log2 of what no eigenvalue of Z or α·Z comes near, at least 64; from lower bounds, as wide
    balls of ℓ would allow anything."""
    with ctx.workprec(en.NORM_BITS):
        reach = (1 / (found.alpha - 1)).abs_upper() + (found.alpha / (found.alpha - 1)).abs_upper()
        return max(64.0, 8 + en.log2_of(max(v.abs_lower() for v in found.log.values) * reach))


def prove_residuals(
    problem: Problem,
    weights: tuple[Any, Any, Any],
    digits: int,
    carried: int,
    alpha: Any = None,
    near: PerturbedLayers | None = None,
    largest: float = math.inf,
) -> ResidualBounds:
    """An evaluation whose relative residuals are proved to be at most 10^−digits.

    By perturbation in the eigenvectors if that suffices, otherwise from the definition of f, with
    the precision that the weights carry, raised as needed (what their enclosures took says nothing
    about it, and a long exponential cannot be interrupted); :class:`_MoreDigits` if the residual
    itself, not the radius of its enclosure, is too large."""
    limit, most = en.ten_to_minus(digits), ctx.prec
    if near is not None:
        with contextlib.suppress(MoreBits):
            cheap = evaluate_near(near, weights)
            if all(upper <= limit for upper in cheap.upper):
                return cheap

    def attempt(bits: int) -> ResidualBounds:
        with ctx.workprec(bits):
            try:
                found = bound_residuals(problem, weights, alpha, largest)
            except TooCoarse as short:
                raise _MoreDigits(carried + math.ceil(min(short.bits, carried)) + 4) from None
            blur = en.log2_of(en.relative_radius(found.Z)) + carried
        if all(upper <= limit for upper in found.upper) and (blur <= 0 or bits >= most):
            return found
        lack = en.log2_of(max(found.upper, key=en.log2_of)) - en.log2_of(limit)
        if any(lower > limit for lower in found.lower):
            raise _MoreDigits(carried + math.ceil(min(lack, carried)) + 4)
        raise MoreBits("the residual of the rounded weights stays undecided", max(lack, blur))

    start = min(most, carried + EVALUATION_BITS)
    return raise_until(attempt, start, MAX_BITS, "the residual of the rounded weights needs")
