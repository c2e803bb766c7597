"""The derivation of one record on one problem: what a report shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...solution import Label
from ...verification.derivation import derivation as derive
from ..outcome import Outcome
from .common import problem_of, record_of


def derivation(params: Mapping[str, Any]) -> Outcome:
    """Branch record, residuals of the steps P1 to P7 and warnings, in the form of a case of
    ``verify``; FAILED if a step's residual exceeds its tolerance."""
    problem = problem_of(params)
    report = derive(
        problem, record_of(problem, params)[0], params["digits"], params["construction"]
    )
    table = report.to_json()
    seconds = table.pop("seconds")
    bad = [check for check in report.checks if not check.passes]
    reason = "; ".join(f"{c.subject}: {c.label} {c.detail}" for c in bad)
    label = Label.FAILED if bad else Label.AGREES if report.record else Label.NOT_APPLICABLE
    return Outcome(label, reason, {"size": problem.d, "case": table}, {"derive_seconds": seconds})
