"""Verdicts: one line of evidence with its label, and the whole run's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..solution import Label
from ..theorem import STATEMENTS


@dataclass(frozen=True)
class Check:
    """One finding: what was checked on which problem, its label, the figure behind it."""

    problem: str
    subject: str
    label: Label
    detail: str
    figure: str = ""
    tolerance: str = ""
    expected: Label | None = None

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a construction on the instance (P1 to P7, Q0 to Q8, S1 to S3)."""
        return self.subject in STATEMENTS and self.subject[0] in "PQRS"

    @property
    def holds(self) -> bool:
        """Whether what it says was shown: a step that does not apply does not hold."""
        return self.label.passes and self.label is not Label.NOT_APPLICABLE

    @property
    def passes(self) -> bool:
        """A negative control passes only when it is REFUTED; anything else by its label."""
        return self.label is self.expected if self.expected else self.label.passes


@dataclass(frozen=True)
class CaseReport:
    """Everything found on one problem; ``record`` is the branch record as a JSON object."""

    problem: str
    family: str
    purpose: str
    d: int
    seed: int
    digits: int
    checks: tuple[Check, ...]
    summary: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    record: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        return all(check.passes for check in self.checks)

    @property
    def steps(self) -> tuple[Check, ...]:
        """The steps of the construction that was taken: 7 for the theorem's, 13 for a splitting."""
        return tuple(check for check in self.checks if check.is_step)

    @property
    def steps_held(self) -> int:
        """How many of :attr:`steps` hold."""
        return sum(check.holds for check in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Every figure, as a JSON object."""
        table = asdict(self)
        table["seconds"] = round(self.seconds, 3)
        table["warnings"] = list(self.warnings)
        table["checks"] = [
            {key: (str(v) if isinstance(v, Label) else v) for key, v in asdict(c).items()}
            | {"passes": c.passes}
            for c in self.checks
        ]
        return table | {"steps": {"held": self.steps_held, "of": len(self.steps)}}

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> CaseReport:
        """What :meth:`to_json` gave."""
        checks = []
        for row in table["checks"]:
            fields = {key: v for key, v in row.items() if key != "passes"}
            expected = fields["expected"]
            fields["label"] = Label(fields["label"])
            fields["expected"] = Label(expected) if expected else None
            checks.append(Check(**fields))
        rest = {"checks": tuple(checks), "warnings": tuple(table["warnings"])}
        return cls(**({key: v for key, v in table.items() if key != "steps"} | rest))


@dataclass(frozen=True)
class VerifyReport:
    """A whole run: provenance, one report a case, and whether the run was cut short."""

    mode: str
    command: str
    versions: dict[str, str]
    seconds: float
    cases: tuple[CaseReport, ...]
    planned: int
    interrupted: bool = False

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(check.label) for case in self.cases for check in case.checks)

    @property
    def bad(self) -> list[Check]:
        return [check for case in self.cases for check in case.checks if not check.passes]

    @property
    def exit_status(self) -> int:
        """130 interrupted; 1 if anything failed, stayed undecided or nothing was run; else 0."""
        if self.interrupted:
            return 130
        return 1 if self.bad or not self.cases else 0

    def to_json(self) -> dict[str, Any]:
        """Versions, seeds, command and every figure, as a JSON object."""
        return {
            "format": "deepexp-exact/verification",
            "version": 1,
            "mode": self.mode,
            "command": self.command,
            "versions": self.versions,
            "seconds": round(self.seconds, 3),
            "planned": self.planned,
            "interrupted": self.interrupted,
            "exit_status": self.exit_status,
            "counts": dict(self.counts),
            "cases": [case.to_json() for case in self.cases],
        }
