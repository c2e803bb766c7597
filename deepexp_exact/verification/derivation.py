"""The derivation on one instance: branch record, steps P1..P7, figures and warnings."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..branches import BranchRecord
from ..constructions import CONSTRUCTIONS, THEOREM
from ..problems import Problem
from ..solution import Label, Solution, bound_text, condition_text
from ..solving import solve
from . import crosschecks
from .steps import StepValues, context, residuals
from .verdicts import CaseReport, Check
from .warnings import float64_warnings, record_warnings, solution_warnings


@dataclass
class Findings:
    """What is known so far; filled as results arrive, so that a time limit loses none."""

    checks: list[Check] = field(default_factory=list)
    summary: dict[str, str] = field(default_factory=dict)
    record: BranchRecord | None = None
    warnings: list[str] = field(default_factory=list)


def hypotheses_hold(problem: Problem, paper: bool, found: Findings) -> bool:
    """One check a hypothesis with its exact evidence; whether all hold of the theorem (or, with
    ``paper``, of the paper's version of it)."""
    holds = True
    for hypothesis in problem.hypotheses():
        if hypothesis.required or paper:
            label = Label.PROVED if hypothesis.holds else Label.NOT_APPLICABLE
            words = f"{hypothesis.words}: {hypothesis.evidence}"
            found.checks.append(Check(problem.name, hypothesis.id, label, words))
            holds = holds and hypothesis.holds
    return holds


def follow(problem: Problem, solution: Solution, found: Findings) -> None:
    """Add the record, the residuals, P1..P7, what float64 keeps, and warnings."""
    found.record = solution.record
    found.summary.update(_solution_summary(solution))
    found.warnings += record_warnings(solution.record) + solution_warnings(solution)
    if CONSTRUCTIONS[solution.construction].layered:
        evaluation = StepValues(problem, solution)
        found.checks.append(_residuals(problem, solution, evaluation.residuals()))
        found.checks += crosschecks.step_checks(problem, evaluation, solution.digits)
    else:
        found.checks.append(_residuals(problem, solution, residuals(problem, solution)))
    plain = crosschecks.against_double(problem, solution)
    found.checks += plain
    found.warnings += float64_warnings(plain[0])


def derivation(
    problem: Problem, record: BranchRecord, digits: int, construction: str = THEOREM
) -> CaseReport:
    """The steps of one record's solution to ``digits`` decimal digits, evaluated on the instance.

    Raises what :func:`solve` raises."""
    started = time.perf_counter()
    found = Findings()
    hypotheses_hold(problem, False, found)
    solution = solve(
        problem, digits=digits, path="multiprecision", branch=record, construction=construction
    )
    follow(problem, solution, found)
    return CaseReport(
        problem.name,
        problem.name,
        problem.title,
        problem.d,
        0,
        digits,
        tuple(found.checks),
        found.summary,
        time.perf_counter() - started,
        found.record.to_json() if found.record else None,
        tuple(found.warnings),
    )


def _solution_summary(solution: Solution) -> dict[str, str]:
    return {
        "construction": solution.construction,
        "alpha": str(solution.record.first_layer.alpha),
        "digits carried": str(solution.digits_carried),
        "working digits": str(solution.working_digits),
        "residual": bound_text(max(solution.residuals)),
        "solve seconds": f"{solution.seconds:.3f}",
    } | {f"condition {k}": condition_text(v) for k, v in solution.conditions.items()}


def _residuals(problem: Problem, solution: Solution, found: tuple[Any, Any]) -> Check:
    """The path's own residuals against a recomputation from the definition of f."""
    worst = max(found)
    good = worst <= context(30).mpf(10) ** -solution.digits
    return Check(
        problem.name,
        "multiprecision",
        Label.AGREES if good else Label.FAILED,
        "residuals of the returned weights, recomputed from the definition of f",
        bound_text(worst),
        f"1e-{solution.digits}",
    )
