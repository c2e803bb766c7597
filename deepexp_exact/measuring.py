"""The figures of float64's weights and of closed forms, which their own paths cannot measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .errors import PrecisionCeilingError
from .solution import Label, Solution


def judged(solution: Solution, exact: Callable[..., Solution]) -> Solution:
    """A float64 solution with its residuals as balls measure them, and the digits it kept by the
    weights that the solver ``exact`` finds of the same record: AGREES, to so many digits, if there
    is one of weights and residuals; UNDECIDED if only of these, as the weights are beyond its
    ceiling; else FAILED."""
    from .paths.double.weights import digits_agreed
    from .paths.multiprecision.functions.arrays import mpf_power_of_two
    from .paths.multiprecision.network.residuals import largest_eigenvalue, measured

    overflows = not math.isfinite(max(solution.residuals))
    most = largest_eigenvalue(solution.record)
    sizes = measured(solution.problem, solution.weights, most)
    solution = replace(solution, residuals=tuple(map(mpf_power_of_two, sizes)))
    if overflows:
        return replace(solution, label=Label.FAILED, digits_carried=0)
    kept = min(-size * math.log10(2) for size in sizes)
    try:
        reference = exact(solution.problem, solution.record, 20)
    except PrecisionCeilingError as error:
        return replace(
            solution,
            label=Label.UNDECIDED if kept >= 1 else Label.FAILED,
            digits_carried=0,
            findings=(*solution.findings, f"errors of the weights are unknown: {error.message}"),
        )
    agreed = digits_agreed(solution.weights, reference)
    kept = min(*agreed, kept)
    digits = int(min(max(kept, 0), 15))
    errors = list(map(_error, agreed, reference.errors))
    words = f"AGREES here means: weights and residuals to {digits} decimal digits"
    return replace(
        solution,
        digits_carried=digits,
        findings=(*solution.findings, *([words] if kept >= 1 else [])),
        errors=(errors[0], errors[1], errors[2]),
        errors_are="measured",
        label=Label.AGREES if kept >= 1 else Label.FAILED,
    )


def _error(digits: float, of_reference: Any) -> float:
    """A relative error from the digits agreed with a reference."""
    return math.inf if digits < -300 else 1.0001 * (10.0**-digits + float(of_reference))


#: How often closed forms are given values of more digits.
_MOST_VALUES = 6


def valued(solution: Solution) -> Solution:
    """Closed forms with the residuals of their values, which carry as many digits as that takes;
    where a bound on bits is met before, with the residuals that they have."""
    from .paths.multiprecision.functions.arrays import LOG2_10, mpf_power_of_two
    from .paths.multiprecision.network.residuals import largest_eigenvalue, measured

    target = -solution.digits * LOG2_10 - 2.0**-20
    most = largest_eigenvalue(solution.record)
    for round in range(_MOST_VALUES):
        carried = solution.digits_carried
        sizes = measured(solution.problem, solution.weights, most, 2 * target)
        if (lack := max(sizes) - target) <= 0 or round == _MOST_VALUES - 1:
            break
        more = carried + math.ceil(min(lack / LOG2_10, carried)) + 5
        forms = {f"W{j}": W.own for j, W in enumerate(solution.weights, 1)}
        solution = replace(solution, **forms, digits_carried=more).with_one_type()
    told = f"the closed forms are exact, residuals and errors those of their first {carried} digits"
    told += ", which are not enough for the digits asked" if lack > 0 else ""
    unit = mpf_power_of_two(-carried * LOG2_10 + 2.0**-20)
    errors = [unit if any(z != 0 for z in W) else 0 for W in solution.weights]
    return replace(
        solution,
        working_digits=carried,
        residuals=tuple(map(mpf_power_of_two, sizes)),
        errors=(errors[0], errors[1], errors[2]),
        errors_are="proved",
        findings=(*solution.findings, told),
    )
