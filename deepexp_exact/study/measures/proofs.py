"""S7: rows of ``prove`` and of ``verify`` as runs of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...problems.families import Case
from ...proving import ProveRow, prove_statement, refute_mutation
from ...solution import Label
from ...verification.run import run_case
from ...verification.verdicts import CaseReport
from ..outcome import Outcome
from ..problems import is_file_name, named_file


def proof(params: Mapping[str, Any]) -> Outcome:
    """A statement decided for every matrix of one size."""
    return _row(prove_statement(params["statement"], params["d"]), Label.PROVED)


def refutation(params: Mapping[str, Any]) -> Outcome:
    """A mutation of a statement, which has to be REFUTED."""
    return _row(refute_mutation(params["mutation"]), Label.REFUTED)


def _row(row: ProveRow, wanted: Label) -> Outcome:
    measured = {
        "statement": row.statement,
        "types": row.types,
        "identities": row.identities,
        "entries": row.entries,
        "words": row.words,
        "detail": row.detail,
    }
    reason = "" if row.label is wanted else row.detail or f"{row.label} instead of {wanted}"
    return Outcome(row.label, reason, measured, {"prove_seconds": row.seconds})


def verification(params: Mapping[str, Any]) -> Outcome:
    """All checks of ``verify`` on one problem: labels by subject, and the figures of the main
    ones.  FAILED if a check does not pass, otherwise the weakest of its labels."""
    family = params["family"]
    if is_file_name(family):
        family = named_file(family).rpartition("@")[0]
    case = Case(family, params["d"], params["seed"], params["digits"])
    report = run_case(case, params["alpha"], 10**6)
    measured: dict[str, Any] = {"problem": report.problem, "size": report.d}
    for check in report.checks:
        measured[f"label {check.subject}"] = str(check.label)
        if check.figure:
            measured[f"figure {check.subject}"] = check.figure
    bad = [check for check in report.checks if not check.passes]
    reason = "; ".join(f"{c.subject}: {c.label} {c.detail}" for c in bad)[:1000]
    return Outcome(_overall(report), reason, measured, {"verify_seconds": report.seconds})


def _overall(report: CaseReport) -> Label:
    labels = {check.label for check in report.checks if not check.passes}
    if labels:
        return Label.UNDECIDED if labels == {Label.UNDECIDED} else Label.FAILED
    solved = any(check.subject == "multiprecision" for check in report.checks)
    return Label.AGREES if solved else Label.NOT_APPLICABLE
