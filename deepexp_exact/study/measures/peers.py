"""S8: paths beside what a user would write, on the same problem, record and α, one at a time."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ...branches import BranchRecord, make_record
from ...constructions import THEOREM
from ...errors import DeepexpError, NumberError
from ...paths.double.script import ordinary_script
from ...problems import Problem
from ...solution import Label
from ...solving import path_solver, solve
from ..axes import METHODS
from ..outcome import Outcome
from ..peers import NotDelivered, Weights, bare_flint, lowest_bits, mpmath_script
from .common import Reference, dyadic_weights, log10_distances, problem_of, record_of, reference
from .common import residual as proved_residual
from .cost import fresh

#: Decimal digits of a float64 number, as the references of its methods need them.
_FLOAT64_DIGITS = 17
#: Methods that work in float64, whatever digits are asked.
IN_FLOAT64 = METHODS[-2:]
#: A method is repeated until it has taken so many seconds, or ``repeat`` times.
_ENOUGH = 1.0


def peers(params: Mapping[str, Any]) -> Outcome:
    """Errors and residuals of one method's weights, its condition numbers and its time.

    Errors: log10 ‖W − W*‖/‖W*‖ (Frobenius) against the ball path's weights W* of the recorded
    branch with 12 more digits, for each weight, its condition number κ as a function of
    (X1, X2, Y1, Y2) beside it; residual: proved.  Time: processor seconds of a whole solve."""
    problem = problem_of(params)
    record, _ = record_of(problem, params)
    method = params["method"]
    digits = _FLOAT64_DIGITS if method in IN_FLOAT64 else params["digits"]
    measured: dict[str, Any] = {"size": problem.d} | _conditions(params)
    try:
        run = _prepared(method, problem, record, digits)
        weights, times = _timed(run, problem, params["repeat"])
    except (NotDelivered, DeepexpError, ArithmeticError, ValueError) as error:
        return Outcome(Label.NOT_APPLICABLE, str(error), measured | {"censored": 1})
    exact = _reference(params, digits)
    try:
        mine = dyadic_weights(weights, digits)
        errors = log10_distances(mine, exact.weights, exact.carried)
        measured["log10_residual"] = proved_residual(problem, mine)
    except NumberError:
        errors, measured["log10_residual"] = (math.inf,) * 3, math.inf
    measured |= {f"log10_error W{j}": x for j, x in enumerate(errors, 1)}
    measured["log10_error"] = max(errors)
    label = Label.CERTIFIED if measured["log10_residual"] < math.inf else Label.NOT_APPLICABLE
    timings = {"median_seconds": statistics.median(times), "worst_seconds": max(times)}
    reason = "" if label is Label.CERTIFIED else "the weights are not finite"
    return Outcome(label, reason, measured, timings)


def _prepared(
    method: str, problem: Problem, record: BranchRecord, digits: int
) -> Callable[[Problem], Weights]:
    """The method as a function of the problem; what is not timed is done now."""
    if method == "double":  # without the comparison that ``solve`` makes for its label
        return lambda given: (
            path_solver("double", THEOREM)(given, make_record(given, record.alpha), 15).weights
        )
    if not method.endswith("script"):
        return lambda given: (
            solve(
                given, digits=digits, path=method, alpha=record.alpha, construction=THEOREM
            ).weights
        )
    if method == "SciPy script":
        return lambda given: ordinary_script(given, record.alpha)
    if method == "mpmath script":
        return lambda given: mpmath_script(given, record, digits)
    bits = lowest_bits(problem, record, digits)
    return lambda given: bare_flint(given, record, bits)[0]


def _timed(
    run: Callable[[Problem], Weights], problem: Problem, most: int
) -> tuple[Weights, list[float]]:
    """The weights for the problem itself, and the times of at most so many other runs."""
    weights = run(problem)
    times: list[float] = []
    while len(times) < most and (not times or sum(times) < _ENOUGH):
        given = fresh(problem)
        started = time.process_time()
        run(given)
        times.append(time.process_time() - started)
    return weights, times


@lru_cache(maxsize=4)
def _kept(family: str, d: int, seed: int, exponent: int, alpha: str, digits: int) -> Reference:
    params = {"family": family, "d": d, "seed": seed, "exponent": exponent, "alpha": alpha}
    params["construction"] = THEOREM
    problem = problem_of(params)
    return reference(problem, record_of(problem, params)[0], digits)


def _reference(params: Mapping[str, Any], digits: int) -> Reference:
    names = ("family", "d", "seed", "exponent", "alpha")
    return _kept(*(params[name] for name in names), digits)


def _conditions(params: Mapping[str, Any]) -> dict[str, float]:
    problem = problem_of(params)
    record, _ = record_of(problem, params)
    solver = path_solver("multiprecision", THEOREM)
    try:
        found = solver(problem, record, 20).conditions
    except (DeepexpError, ArithmeticError, ValueError):
        return {}
    return {
        f"log10_condition {name}": float(math.log10(found[name]))
        for name in ("W1", "W2", "W3")
        if isinstance(found.get(name), float) and found[name] > 0
    }
