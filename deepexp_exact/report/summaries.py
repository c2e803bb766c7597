"""How the values of several runs become one row: pandas' groupby, with censored values counted.

A run that ended at a ceiling, or was not made because its loss was predicted to be too large, has
no value, but it is known to be worse than what was measured: it is **censored**.  Quantiles are
order statistics over all runs, censored ones at the worse end; of two candidates the worse is
taken, so that a quantile never flatters.  Where it falls on a censored run it is CENSORED.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..solution import Label
from ..study import Results
from .extras import require_report
from .tables import CENSORED, Column

#: Runs from which on quartiles are told.
QUARTILES_FROM = 4
_SHARES = {"25 %": 0.25, "median": 0.5, "75 %": 0.75}
Record = dict[str, Any]


def pandas() -> Any:
    """The module; :class:`NotApplicableError` without it, before any work."""
    require_report("a table of a study", "pandas")
    import pandas

    return pandas


@dataclass(frozen=True)
class Quantity:
    """A figure of the runs, its words, how it is written, which direction is better, and what is
    told of it: "best", "25 %", "median", "75 %", "worst"."""

    name: str
    words: str
    kind: str = "decimal"
    told: tuple[str, ...] = ("median", "worst")
    higher: bool = False
    places: int = 1
    timing: bool = False
    factor: float = 1.0

    def columns(self) -> list[Column]:
        """One column for each thing told, under the quantity's words."""
        return [Column(t, self.kind, self.places, self.timing, self.words) for t in self.told]

    def values(self, records: Iterable[Record]) -> tuple[list[float], int]:
        """Values in order from the best to the worst, and how many are censored."""
        values, censored = [], 0
        for record in records:
            value = record.get(self.name)
            if isinstance(value, int | float) and not math.isnan(value):
                values.append(self.factor * value)
            elif is_censored(record):
                censored += 1
        return sorted(values, reverse=self.higher), censored

    def summary(self, records: Iterable[Record]) -> dict[str, Any]:
        """n (censored ones included), censored, best, worst and quartiles (from QUARTILES_FROM runs
        on); nothing but counts where no run has a value."""
        values, censored = self.values(records)
        ordered = [*values, *[CENSORED] * censored]
        out: dict[str, Any] = {"n": len(ordered), "censored": censored}
        if ordered:
            out |= {"best": ordered[0], "worst": ordered[-1]}
            for name, share in _SHARES.items():
                if name == "median" or len(ordered) >= QUARTILES_FROM:
                    out[name] = ordered[math.ceil(share * (len(ordered) - 1))]
        return out


def is_censored(record: Mapping[str, Any]) -> bool:
    """Whether a run without a value is known to be worse than measured ones: it failed, reached a
    ceiling or the time limit, or says so itself (not made because of its prediction)."""
    return record.get("label") in (Label.FAILED, Label.UNDECIDED) or bool(record.get("censored"))


def records_of(results: Results) -> list[Record]:
    """The rows with an outcome; runs that had nothing to measure (c = 0) are left out."""
    return [
        record
        for record in results.records()
        if record["label"] and (record["label"] != Label.NOT_APPLICABLE or is_censored(record))
    ]


def grouped(records: Sequence[Record], by: Sequence[str]) -> list[tuple[tuple[Any, ...], Any]]:
    """(key, records) by the values of some axes, the first one slowest: numbers by their size
    (none last), anything else in the order in which it first occurs."""
    keys = [tuple(_key(r.get(name)) for name in by) for r in records]
    if not by or not keys:
        return [((), list(records))] if records else []
    frame = pandas().DataFrame(keys, columns=list(by))
    parts = frame.groupby(list(by), sort=False, dropna=False).indices.values()
    ranks = [_ranks(dict.fromkeys(key[j] for key in keys)) for j in range(len(by))]
    found = [(keys[places[0]], [records[j] for j in sorted(places)]) for places in parts]
    return sorted(found, key=lambda group: [r[x] for r, x in zip(ranks, group[0], strict=True)])


def _ranks(values: Iterable[Any]) -> dict[Any, int]:
    """The place of each of these values, which come in the order of the plan, in a table."""
    given = list(values)
    if all(x is None or isinstance(x, int | float) for x in given):
        given.sort(key=lambda x: math.inf if x is None else x)
    return {x: place for place, x in enumerate(given)}


def _key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def summarised(
    records: Sequence[Record], by: Sequence[str], quantities: Sequence[Quantity]
) -> list[tuple[Any, ...]]:
    """One row a group: its key, what is told of each quantity, the runs n and the censored count
    (of the quantity that has most)."""
    rows = []
    for key, found in grouped(records, by):
        told = [q.summary(found) for q in quantities]
        cells = [s.get(t) for q, s in zip(quantities, told, strict=True) for t in q.told]
        rows.append((*key, *cells, len(found), max(s["censored"] for s in told)))
    return rows


COUNTS = (Column("n", "integer"), Column("censored", "integer"))


def common(texts: Iterable[str], most: int = 3) -> str:
    """The commonest texts with their counts."""
    short = [text if len(text) <= 14 else f"{text[:12]}..." for text in texts]
    return ", ".join(f"{text} ({n}×)" for text, n in Counter(short).most_common(most))


#: Axes of a run set in words, in the order in which they are told.
_AXES = ("path", "construction", "alpha", "branch", "digits", "seed", "repeat")


def run_set(records: Sequence[Record]) -> str:
    """The run set behind a table: how many runs, and the axes that its caption has to tell."""
    parts = []
    for name in _AXES:
        values = list(dict.fromkeys(_key(r[name]) for r in records if r.get(name) is not None))
        if name == "seed" and len(values) > 1:
            parts.append(f"seeds {min(values)} to {max(values)}")
        elif len(values) == 1 and name not in ("seed",):
            words = {"digits": "{} digits asked", "alpha": "α {}", "repeat": "{} repetitions"}
            parts.append(words.get(name, f"{name} {{}}").format(values[0]))
    told = f": {', '.join(parts)}" if parts else ""
    return f"{len(records)} runs{told}."
