"""S1: residual and forward error of a path against d and digits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import NumberError
from ...solution import Label, Solution
from ...solving import path_solver
from ..outcome import Outcome
from .common import (
    Reference,
    digits_lost,
    distance,
    exact_weights,
    log10_upper,
    problem_of,
    record_of,
    reference,
    residual,
)


def accuracy(params: Mapping[str, Any]) -> Outcome:
    """Proved residual of the returned weights, their error: the distance from the ball path's
    weights with more digits; the ball path's own proved radius; digits carried, lost, predicted."""
    problem = problem_of(params)
    record, predicted = record_of(problem, params)
    path, digits = params["path"], params["digits"]
    solution = path_solver(path, params["construction"])(problem, record, digits)
    exact = reference(problem, record, digits if path != "double" else 20, params["construction"])
    measured: dict[str, Any] = {
        "size": problem.d,
        "log10_residual": _residual(problem, solution),
        "log10_error": _error(solution, exact),
        "carried": solution.digits_carried,
        "lost": digits_lost(problem, exact),
        "predicted": predicted,
        "chosen_alpha": str(record.alpha),
        "findings": "; ".join(solution.findings),
    }
    if path == "ball":
        measured["log10_radius"] = max(log10_upper(x) for x in solution.errors)
    label, reason = solution.label, ""
    if path == "double":
        if not math.isfinite(measured["log10_residual"]):
            label, reason = Label.FAILED, measured["findings"] or "the weights are not finite"
    elif max(x for key, x in measured.items() if key.startswith("log10_")) > -digits:
        label, reason = Label.FAILED, "the digits asked are not given"
    return Outcome(label, reason, measured, {"solve_seconds": solution.seconds})


def _residual(problem: Any, solution: Solution) -> float:
    try:
        return residual(problem, exact_weights(solution))
    except NumberError:
        return math.inf


def _error(solution: Solution, exact: Reference) -> float:
    try:
        return distance(exact_weights(solution), exact.weights, exact.carried)
    except NumberError:
        return math.inf
