"""A study's results for programs: NumPy arrays, or a pandas DataFrame where pandas is installed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import DeepexpError, NotApplicableError
from ..solution import Label
from .outcome import encode
from .plan import canonical, parse_study
from .store import Row, Store


class Results:
    """The rows of one study file, or of several, in the order of their plans."""

    def __init__(self, rows: Sequence[Row], facts: Sequence[dict[str, str]] = ()) -> None:
        self.rows, self.facts = tuple(rows), tuple(facts)

    @classmethod
    def load(cls, *paths: str | os.PathLike[str]) -> Results:
        """Read study files; a file may be read while it is being run."""
        rows: list[Row] = []
        facts = []
        for path in paths:
            with Store(path) as store:
                rows += store.rows()
                facts.append(store.facts() | told(store.sessions()))
        return cls(rows, facts)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def where(self, measure: str | None = None, **params: Any) -> Results:
        """The rows of one measure with these values on its axes; a callable is a condition."""
        return Results([r for r in self.rows if _fits(r, measure, params)], self.facts)

    def measured(self) -> Results:
        """The rows that hold figures: not those that are missing, failed or were undecided."""
        return Results([r for r in self.rows if r.outcome and r.outcome.measured], self.facts)

    def not_passed(self) -> list[Row]:
        """The rows that failed or stayed undecided, each with its reason."""
        bad = (Label.FAILED, Label.UNDECIDED)
        return [r for r in self.rows if r.outcome is not None and r.outcome.label in bad]

    def expected(self) -> list[Row]:
        """The rows that stayed undecided and whose study looks for the ceiling there."""
        undecided = [row for row in self.not_passed() if _label(row) is Label.UNDECIDED]
        looked_for: frozenset[str] = frozenset()
        for facts in self.facts if undecided else ():
            for quick in (False, True):
                with contextlib.suppress(DeepexpError):  # a file of its grids may be gone
                    plan = parse_study(facts.get("text", ""), quick=quick)
                    looked_for |= plan.may_stay_undecided
        return [row for row in undecided if row.run.key in looked_for]

    def missing(self) -> int:
        """Planned runs without an outcome."""
        return sum(row.outcome is None for row in self.rows)

    def values(self, name: str) -> list[Any]:
        """One axis, figure or timing of every row that has it, in order."""
        found = (value(row, name) for row in self.rows)
        return [x for x in found if x is not None]

    def groups(self, *names: str) -> dict[tuple[Any, ...], Results]:
        """The rows by their values of these axes, in the order of the plan."""
        table: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.rows:
            key = tuple(_hashable(row.run.params.get(name)) for name in names)
            table.setdefault(key, []).append(row)
        return {key: Results(rows, self.facts) for key, rows in table.items()}

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary a row: measure, axes, label, reason, figures, timings."""
        out = []
        for row in self.rows:
            record: dict[str, Any] = {"measure": row.run.measure, **row.run.params}
            record["label"] = str(row.outcome.label) if row.outcome else ""
            if row.outcome:
                record["reason"] = row.outcome.reason
                record |= row.outcome.measured
                record |= row.outcome.timings
            out.append(record)
        return out

    @property
    def sha256(self) -> str:
        """Of what was measured, without timings: the same for a second run of the same plans."""
        lines = sorted(
            canonical([r.run.text, *([str(o.label), encode(o.measured)] if o else [])])
            for r in self.rows
            for o in (r.outcome,)
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def arrays(self) -> dict[str, Any]:
        """One NumPy array a column, all of one length: axes, label, reason, figures, timings.

        Columns of numbers are float64 with NaN where a row has none, others are text ("" where a
        row has none).  Digits are decimal, ``log10_…`` are log10 of relative or absolute Frobenius
        norms as the measure says, ``…_seconds`` are seconds."""
        import numpy as np

        records = self.records()
        names = dict.fromkeys(name for record in records for name in record)
        out = {}
        for name in names:
            column = [record.get(name) for record in records]
            if all(x is None or isinstance(x, int | float) for x in column):
                out[name] = np.array([np.nan if x is None else float(x) for x in column])
            else:
                out[name] = np.array(["" if x is None else str(x) for x in column])
        return out

    def to_pandas(self) -> Any:
        """A pandas DataFrame of :meth:`records`, with the columns of :meth:`arrays`.

        Raises :class:`NotApplicableError` without pandas (the extra ``report``)."""
        try:
            import pandas
        except ImportError:
            raise NotApplicableError(
                "a DataFrame needs pandas, which is not installed",
                "pip install 'deepexp-exact[report]', or use arrays()",
            ) from None
        return pandas.DataFrame(self.records())


def told(sessions: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What the sessions of a study tell of themselves: "machine" and "load" (the load average at
    the start) of the last one, "versions", "date" (UTC) and "commands", one a line."""
    if not sessions:
        return {}
    known = sessions[-1]["provenance"]
    load = known.get("load")
    machine = (
        f"{known.get('processor', 'an unknown processor')}, {known.get('cpus', '?')} processors, "
        f"BLAS {known.get('blas') or 'unknown'} on {known.get('blas_threads', '?')} thread"
    )
    return {
        "machine": machine,
        "load": "" if load is None else str(load),
        "versions": ", ".join(f"{k} {v}" for k, v in known.get("versions", {}).items()),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(sessions[-1]["started"])),
        "commands": "\n".join(dict.fromkeys(s["command"] for s in sessions)),
    }


def _label(row: Row) -> Label | None:
    return row.outcome.label if row.outcome else None


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def value(row: Row, name: str) -> Any:
    """An axis, a figure or a timing of a row, or None."""
    if name in row.run.params:
        return row.run.params[name]
    if row.outcome is None:
        return None
    found = row.outcome.measured.get(name)
    return row.outcome.timings.get(name) if found is None else found


def _fits(row: Row, measure: str | None, params: dict[str, Any]) -> bool:
    if measure is not None and row.run.measure != measure:
        return False
    for name, wanted in params.items():
        found = row.run.params.get(name)
        condition: Callable[[Any], bool] = wanted if callable(wanted) else wanted.__eq__
        if not condition(found):
            return False
    return True
