"""The outcome of one run, and its JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..solution import Label
from ..workers import Lost


@dataclass(frozen=True)
class Outcome:
    """What a run gave: a label, the reason if it has no full measurement, figures and timings.

    ``measured`` does not depend on order, number of workers or load; ``timings`` do."""

    label: Label
    reason: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "label": str(self.label),
            "reason": self.reason,
            "measured": encode(self.measured),
            "timings": encode(self.timings),
            "seconds": self.seconds,
        }

    @classmethod
    def of(cls, answer: Any) -> Outcome:
        """The outcome of a call in a worker process; UNDECIDED with the reason if it was lost."""
        if isinstance(answer, Lost):
            return cls(Label.UNDECIDED, answer.reason, seconds=answer.seconds)
        return cls.from_json(answer)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Outcome:
        return cls(
            Label(table["label"]),
            table["reason"],
            decode(table["measured"]),
            decode(table["timings"]),
            table["seconds"],
        )


def encode(table: Mapping[str, Any]) -> dict[str, Any]:
    """Infinities and NaN as the texts "inf", "-inf", "nan", which strict JSON can hold."""
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in table.items()
    }


def decode(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: float(v) if v in ("inf", "-inf", "nan") else v for key, v in table.items()}
