"""Solve a problem: pick construction, α, branch and path, and hand back what the path proves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from .branches import BranchRecord, FirstLayer, make_logarithm, make_record
from .branches.record import MAX_TURN
from .branches.rules import Branch
from .constructions import THEOREM, complete, fitting
from .errors import BranchError, PrecisionCeilingError
from .exact import one_of, to_gaussian, whole
from .problems import Problem, as_problem
from .solution import Label, Solution

#: Fewest and most digits that may be asked for.
MIN_DIGITS, MAX_DIGITS = 1, 100_000
PATHS = ("multiprecision", "mpmath", "ball", "symbolic", "double")


def choose_record(
    problem: Problem,
    alpha: Any = "auto",
    turn: int = 0,
    branch: Branch = "principal",
) -> tuple[BranchRecord, float | None]:
    """The branch record for a choice of α (``"auto"``, ``"positive"`` or a number), turn and
    branch, and the predicted digits lost where α was chosen here.

    A record given as ``branch`` keeps its own α and turn, and with ``alpha`` a number other than
    its own raises :class:`BranchError`."""
    turn = whole(turn, "turn", -MAX_TURN, MAX_TURN, BranchError)
    if isinstance(branch, BranchRecord):
        if not isinstance(alpha, str) and to_gaussian(alpha) != branch.alpha:
            raise BranchError(
                f"the record has α = {branch.alpha}, but α = {to_gaussian(alpha)} was asked for",
                "leave α out, or make a new record",
            )
        record = make_record(problem, branch.alpha, branch.turn, branch)
        return replace(record, logarithm=branch.logarithm), None
    if isinstance(alpha, str) and alpha in ("auto", "positive"):
        from .alpha import choose_alpha

        logarithm = make_logarithm(problem.quotient, branch)
        chosen = choose_alpha(problem, alpha, ks=logarithm.ks, turn=turn)
        layer = FirstLayer(THEOREM, chosen.alpha, turn)
        return BranchRecord(layer, complete(problem), logarithm), chosen.predicted_loss
    return make_record(problem, to_gaussian(alpha), turn, branch), None


def solve(
    problem: Any,
    *others: Any,
    digits: int = 50,
    path: str | None = None,
    alpha: Any = "auto",
    turn: int = 0,
    branch: Branch = "principal",
    construction: str | None = None,
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 to the decimal digits asked.

    Every weight's relative Frobenius error against the exact weight of the recorded branch, and
    ‖f(Xi) − Yi‖/‖Yi‖ of the returned weights, are at most 10^−digits.  Without ``path`` the label
    is the best there is, CERTIFIED (both proved by the ball path) or, where that is beyond its
    ceiling, AGREES with the reason among the findings; the matrices are mpmath's.  With ``path``
    that one is used alone and keeps its own types: ``"multiprecision"`` measures residuals and
    estimates errors, ``"mpmath"`` measures both, ``"ball"`` proves both, ``"symbolic"`` is exact,
    ``"double"`` reports the digits it kept and is FAILED if none is left.  ``alpha`` is
    ``"auto"``, ``"positive"`` (the paper's case) or any exact number; c = Log α + 2πi·turn.
    ``problem`` is a :class:`Problem`, a shipped name, a path, or the four matrices:
    ``solve(X1, X2, Y1, Y2)``.  Raises :class:`UsageError`, :class:`HypothesisError`,
    :class:`BranchError`, :class:`NotApplicableError` or :class:`PrecisionCeilingError`."""
    given = as_problem(problem, *others)
    digits = whole(digits, "digits", MIN_DIGITS, MAX_DIGITS)
    path = None if path is None else one_of(path, "path", PATHS)
    started = time.perf_counter()
    chosen = fitting(given, construction)
    record, loss = choose_record(given, alpha, turn, branch)
    if path is None:
        solution = _best(given, record, digits, chosen.name)
    else:
        solution = path_solver(path, chosen.name)(given, record, digits)
        if path == "double":
            solution = _judged(solution)
    if loss is not None and solution.predicted_loss is None:
        solution = replace(solution, predicted_loss=loss)
    return replace(solution, seconds=time.perf_counter() - started)


def _judged(solution: Solution) -> Solution:
    """A float64 solution with the digits it kept, by the multiprecision path's weights of the same
    record: AGREES if one digit or more is left of weights and residuals, otherwise FAILED."""
    from .paths.double.shift import digits_agreed

    worst = max(solution.residuals)
    if not math.isfinite(worst):
        return replace(solution, label=Label.FAILED, digits_carried=0)
    solver = path_solver("multiprecision", solution.construction)
    agreed = digits_agreed(solution, solver(solution.problem, solution.record, 20))
    kept = min(*agreed, -math.log10(worst) if worst else math.inf)
    return replace(
        solution,
        digits_carried=max(0, int(kept)),
        errors=tuple(10.0**-digits for digits in agreed),
        errors_are="measured",
        label=Label.AGREES if kept >= 1 else Label.FAILED,
    )


def _best(problem: Problem, record: BranchRecord, digits: int, construction: str) -> Solution:
    """CERTIFIED weights, or AGREES with the reason why not; in mpmath matrices either way."""
    from .paths.multiprecision.shift import conditions_of

    try:
        ball: Any = path_solver("ball", construction)(problem, record, digits)
    except PrecisionCeilingError as error:
        found = path_solver("multiprecision", construction)(problem, record, digits)
        return replace(found, findings=(*found.findings, f"not CERTIFIED: {error.message}"))
    certified: Solution = ball.as_mpmath()
    return replace(certified, condition_source=lambda: conditions_of(problem, record))


def path_solver(path: str, construction: str) -> Callable[..., Solution]:
    """The function of a path that carries out a construction."""
    module = import_module(f"deepexp_exact.paths.{path}.{construction}")
    solver: Callable[..., Solution] = getattr(module, f"solve_{construction}")
    return solver
