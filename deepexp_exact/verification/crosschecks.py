"""Comparisons of the paths on one problem, each with its label and the figure behind it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..constructions import THEOREM
from ..errors import ClaimError, DeepexpError, NotApplicableError, PrecisionCeilingError
from ..problems import Problem
from ..solution import Label, Solution, bound_text
from ..solving import path_solver
from .steps import BRANCH_TOLERANCE, StepValues, context, frobenius, into
from .verdicts import Check


def power_text(value: Any) -> str:
    """An mpf as "1.2e-57" (and "0" for zero), whatever its exponent."""
    if not value:
        return "0"
    return str(context(15).nstr(value, 2, min_fixed=1, max_fixed=0))


def guarded(problem: str, subject: str, work: Callable[[], Check]) -> Check:
    """Run one check; an error becomes a label with its reason, never silence."""
    try:
        return work()
    except NotApplicableError as error:
        return Check(problem, subject, Label.NOT_APPLICABLE, str(error))
    except PrecisionCeilingError as error:
        return Check(problem, subject, Label.UNDECIDED, str(error))
    except DeepexpError as error:
        return Check(problem, subject, Label.FAILED, str(error))


def relative_difference(mp: Any, mine: Any, other: Any) -> Any:
    """‖mine − other‖_F/‖other‖_F; absolute if other is zero."""
    difference, size = frobenius(mp, mine - other), frobenius(mp, other)
    return difference / size if size else difference


def compare_weights(mine: Solution, other: Solution) -> list[Any]:
    """Relative differences of W1, W2, W3 between two solutions in mpmath matrices."""
    mp = context(max(mine.digits_carried, other.digits_carried) + 20)
    return [
        relative_difference(mp, into(mp, a), into(mp, b))
        for a, b in zip(mine.weights, other.weights, strict=True)
    ]


def step_checks(problem: Problem, evaluation: StepValues, digits: int) -> list[Check]:
    """P1..P7 on the instance, and every logarithm held against its record."""
    out = []
    for name, evaluate in evaluation.steps().items():
        result = evaluate()
        limit = evaluation.mp.mpf(10) ** -digits * max(result.amplification, 1)
        out.append(
            Check(
                problem.name,
                name,
                Label.AGREES if result.residual <= limit else Label.FAILED,
                result.words,
                power_text(result.residual),
                power_text(limit),
            )
        )
    distance = evaluation.branch_distance()
    out.append(
        Check(
            problem.name,
            "branch",
            Label.AGREES if distance <= BRANCH_TOLERANCE else Label.FAILED,
            "eigenvalues of L against the record (a wrong integer is off by 2π)",
            power_text(distance),
            str(BRANCH_TOLERANCE),
        )
    )
    return out


def second_solve(problem: Problem, solution: Solution) -> Check:
    """The weights against a second solve at higher precision."""

    def work() -> Check:
        digits = solution.digits + 15
        other = path_solver("multiprecision", solution.construction)(
            problem, solution.record, digits
        )
        worst = max(compare_weights(solution, other))
        good = worst <= context(30).mpf(10) ** -solution.digits
        return Check(
            problem.name,
            "forward error",
            Label.AGREES if good else Label.FAILED,
            f"largest relative difference of a weight from a solve with {digits} digits",
            bound_text(worst),
            f"1e-{solution.digits}",
        )

    return guarded(problem.name, "forward error", work)


#: Largest d, and most digits carried, at which the plain path is asked unless told otherwise.
PLAIN_D, PLAIN_DIGITS = 6, 2000


def against_plain(
    problem: Problem, solution: Solution, largest: int
) -> tuple[Check, Solution | None]:
    """The weights against the construction in plain mpmath, and what that gave: d up to
    ``largest``."""
    voices: list[Solution] = []

    def work() -> Check:
        if problem.d > largest:
            raise NotApplicableError(f"d is above {largest}", "verify --mpmath-max-d D asks for it")
        if solution.digits_carried > PLAIN_DIGITS:
            raise NotApplicableError(
                f"weights of more than {PLAIN_DIGITS} digits are too slow in plain mpmath",
                "solve --path mpmath has no such limit",
            )
        plain = path_solver("mpmath", solution.construction)(
            problem, solution.record, solution.digits
        )
        voices.append(plain)
        worst = max(compare_weights(solution, plain))
        mp = context(30)
        kept = max(plain.residuals) <= mp.mpf(10) ** -plain.digits
        good = worst <= 2 * mp.mpf(10) ** -solution.digits and kept
        return Check(
            problem.name,
            "mpmath",
            Label.AGREES if good else Label.FAILED,
            "largest relative difference of a weight from plain mpmath's, whose residual is "
            f"{bound_text(max(plain.residuals))}; {plain.findings[0]}",
            bound_text(worst),
            f"2e-{solution.digits}",
        )

    check = guarded(problem.name, "mpmath", work)
    return check, voices[0] if voices else None


def against_ball(problem: Problem, solution: Solution) -> Check:
    """The claims of a certificate for the multiprecision weights, proved in ball arithmetic."""

    def work() -> Check:
        from ..certificate import certify

        W1, W2, W3 = solution.weights
        claims = certify(problem, solution.record, W1, W2, W3, solution.digits)
        worst = max(
            float_log10(bound) for claim in claims for bound in claim.numbers if claim.id != "C3"
        )
        return Check(
            problem.name,
            "ball",
            Label.CERTIFIED,
            "C1 residuals, C2 exact solution nearby, C3 branch: "
            + ", ".join(claim.id for claim in claims),
            f"1e{math.ceil(worst)}" if math.isfinite(worst) else "0",
            f"1e-{solution.digits}",
        )

    try:
        return guarded(problem.name, "ball", work)
    except ClaimError as error:
        return Check(problem.name, "ball", Label.FAILED, str(error))


def float_log10(bound: Any) -> float:
    """log10 of a dyadic bound m·2^e, far beyond float64's range."""
    mantissa = abs(int(bound.mantissa))
    if mantissa == 0:
        return -math.inf
    extra = max(mantissa.bit_length() - 60, 0)
    return math.log10(mantissa >> extra) + (int(bound.exponent) + extra) * math.log10(2)


def against_symbolic(
    problem: Problem, solution: Solution, plain: Solution | None = None
) -> list[Check]:
    """The exact closed form, proved, and its agreement with the weights of both numerical paths."""
    name, record = problem.name, solution.record

    def work() -> Check:
        exact: Any
        exact = path_solver("symbolic", solution.construction)(problem, record, solution.digits)
        if exact.label is not Label.PROVED:
            return Check(name, "symbolic", exact.label, "; ".join(exact.findings))
        digits = solution.digits + 10
        mp, exact_weights = context(digits + 10), exact.evaluate(digits)
        worst = max(
            relative_difference(mp, into(mp, mine), into(mp, closed))
            for voice in (solution, plain or solution)
            for mine, closed in zip(voice.weights, exact_weights, strict=True)
        )
        same = not record.same_branch(exact.record)
        good = worst <= mp.mpf(10) ** -solution.digits and same
        return Check(
            name,
            "symbolic",
            Label.PROVED if good else Label.FAILED,
            "f(X1) = Y1 and f(X2) = Y2 proved in closed form; the multiprecision weights agree"
            + (", mpmath's too" if plain else "")
            + ("" if same else "; but the branch records differ"),
            bound_text(worst),
            f"1e-{solution.digits}",
        )

    return [guarded(name, "symbolic", work)]


#: The unit roundoff of float64.
_UNIT = 2.0**-53


def against_double(problem: Problem, solution: Solution) -> list[Check]:
    """What float64 keeps, by its path ("double") and, for the theorem's construction, by the script
    that an ordinary user writes ("script"): findings, not failures of the theorem."""
    from ..paths.double.script import ordinary_script

    def path() -> Check:
        plain = path_solver("double", solution.construction)(problem, solution.record, 15)
        return _float64(problem, solution, "double", plain.weights, plain.findings)

    def script() -> Check:
        if solution.construction != THEOREM or solution.record.completion.S is not None:
            raise NotApplicableError("the script is the theorem's formula, which does not apply")
        weights = ordinary_script(problem, solution.record.alpha)
        return _float64(problem, solution, "script", weights, ())

    return [guarded(problem.name, "double", path), guarded(problem.name, "script", script)]


def _float64(
    problem: Problem, solution: Solution, subject: str, weights: Any, findings: tuple[str, ...]
) -> Check:
    """AGREES: the largest relative error of a weight is at most 10·d·κ·u, κ the condition number of
    (X, Y) ↦ W (1e-1 where that is larger or κ is not known); otherwise NOT_APPLICABLE, with what
    is missing.  The figure holds the digits of weights and residuals, −log10 of each."""
    from ..paths.double.weights import digits_agreed
    from ..paths.multiprecision.network.residuals import largest_eigenvalue, measured

    kept, most = min(digits_agreed(weights, solution)), largest_eigenvalue(solution.record)
    left = -max(measured(problem, weights, most)) * math.log10(2)
    condition, mp = solution.conditions.get("map"), context(15)
    bound = 0.1 if condition is None else 10 * problem.d * max(condition, 1.0) * _UNIT
    limit = mp.mpf(min(bound, 0.1))
    good = kept >= -mp.log10(limit)
    words = f"weights {_kept(kept)}, residuals {_kept(left)}"
    if not good and limit < 0.1:
        words += f", fewer than the condition number {power_text(mp.mpf(condition))} explains"
    return Check(
        problem.name,
        subject,
        Label.AGREES if good else Label.NOT_APPLICABLE,
        "; ".join([words, *findings]),
        f"{_tenths(kept)}/{_tenths(left)}",
        f"largest relative error of a weight {power_text(limit)}"
        + (" (10·d·κ·u)" if limit < 0.1 else ""),
    )


def _kept(digits: float) -> str:
    if math.isinf(digits):
        return "exact" if digits > 0 else "not finite"
    return f"right to {_tenths(digits)} digits" if digits > 0 else "without a right digit"


def _tenths(digits: float) -> str:
    """A count of right digits, rounded down."""
    return f"{math.floor(10 * digits) / 10 if math.isfinite(digits) else digits:.1f}"
