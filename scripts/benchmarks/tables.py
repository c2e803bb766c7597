"""The benchmark's tables: terminal, Markdown, LaTeX and CSV from the same cells."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from deepexp_exact.report.tables import DASH, Column, Table

from .figures import METHODS
from .ledger import Entry, at_most_once
from .targets import Target

Row = dict[str, Any]
_RATIOS = (("a", "c"), ("b", "c"), ("n", "c"), ("b", "g"), ("b", "s"), ("d", "b"))
_ERRORS = ("a", "b", "b proved", "c", "c as b", "s", "d", "e", "f")
_METHODS_TEXT = ", ".join(f"({k}) {v}" for k, v in METHODS.items())
_FORWARD = (
    "Forward errors are distances of the worst weight from a ball enclosure of the exact one. "
    "(a) computes at the digits asked, (b) at the lowest working precision whose balls prove "
    "weights and residuals to the digits asked, so that its midpoints have more digits than "
    "that; (c) rounds its weights to what the promise needs. 'as b': (c) asked for the digits "
    "that (b)'s midpoints have."
)


def targets_table(found: Sequence[Target]) -> Table:
    """Every target beside what was measured."""
    columns = (Column("target"), Column("asked"), Column("measured"), Column("met?"))
    rows = tuple((t.text, t.asked, t.measured, t.verdict) for t in found)
    notes = (
        f"Complex Gaussian data unless said. {_METHODS_TEXT}.",
        _FORWARD,
    )
    return Table("benchmark-targets", "Targets, asked and measured", columns, rows, notes)


def times_table(rows: Sequence[Row], head: str) -> Table:
    """Milliseconds of each method, ratios, the record's share, memory."""
    notes = _Notes()
    columns = (
        Column("family"), Column("d", "integer"), Column("digits", "integer"),
        *(Column(f"({m}) ms", timing=True) for m in METHODS),
        Column("(c) wall ms", timing=True),
        Column("record ms", timing=True),
        *(Column(f"({m}) measuring %", "integer") for m in "cg"),
        *(Column(f"{x}/{y}", timing=True) for x, y in _RATIOS),
        Column("(b) bits", "integer"), Column("(c) MB", "integer"), Column("(d) MB", "integer"),
    )  # fmt: skip
    body = []
    for row in rows:
        line = [row["family"], row["d"], row["digits"]]
        line += [notes.time(row, method) for method in METHODS]
        wall = row["wall_seconds"].get("c")
        line += [DASH if wall is None else _milliseconds(wall)]
        line += [_milliseconds(row["record_seconds"])]
        line += [_percent(row.get("measuring", {}).get(m)) for m in "cg"]
        line += [_ratio(row, *pair) for pair in _RATIOS]
        line += [row.get("flint_bits")]
        line += [(row["memory_mb"].get(m) or {}).get("peak") for m in "cd"]
        body.append(tuple(line))
    once = (
        "Record: made and α chosen, as (c) and (s) have to. Ours start from a problem of which "
        "nothing is remembered. Measuring: share that goes on the residuals and errors of what is "
        "returned. A method that takes long, (a) above all, runs once. MB: largest "
        "resident size of a process that solves this one problem."
    )
    return Table("benchmark-times", head, columns, tuple(body), (once, *notes.texts()))


def accuracy_table(rows: Sequence[Row]) -> Table:
    """Forward errors, digits carried and lost, recomputations."""
    notes = _Notes()
    columns = (
        Column("family"), Column("d", "integer"), Column("digits", "integer"),
        *(Column(f"({m[0]}){m[1:]} error", "power") for m in _ERRORS),
        Column("carried", "integer"), Column("working", "integer"),
        Column("lost, predicted", "decimal"), Column("lost, measured", "decimal"),
        Column("(c) again", "integer"), Column("(d) again", "integer"), Column("remarks"),
    )  # fmt: skip
    body = []
    for row in rows:
        line = [row["family"], row["d"], row["digits"]]
        line += [row["errors"].get(m) for m in _ERRORS]
        line += [row.get("digits_carried"), row.get("working_digits")]
        line += [_at_least_zero(row.get(k)) for k in ("predicted_loss", "measured_loss")]
        line += [row["recomputations"].get(m) for m in "cd"]
        line += [" ".join(notes.mark(f"{k}: {v}") for k, v in row["remarks"].items())]
        body.append(tuple(line))
    caption = (
        "Forward error of the worst weight (lower is better; of given balls their midpoints, "
        "'proved' their farthest points), digits that (c)'s weights carry, digits lost to the "
        "residual, and how often (c) and (d) recomputed"
    )
    return Table("benchmark-accuracy", caption, columns, tuple(body), notes.texts())


def ledger_table(entries: Sequence[Entry]) -> Table:
    """Predicted less measured digits lost, and recomputations, family by family."""
    columns = (
        Column("family"), Column("problems", "integer"), Column("lost at most", "decimal"),
        Column("predicted − measured: least", "decimal"), Column("median", "decimal"),
        Column("most", "decimal"), Column("(c) again at most once, %", "decimal"),
        Column("(d) again at most once, %", "decimal"), Column("no result", "integer"),
    )  # fmt: skip
    body = [_ledger_line(name, entries) for name in dict.fromkeys(e["family"] for e in entries)]
    notes = tuple(
        f"{e['problem']}, {e['digits']} digits: {e['failed']}" for e in entries if "failed" in e
    )
    caption = (
        "Decimal digits that the weights must carry beyond those asked: predicted before solving "
        "(above 0: too careful) and measured on the weights returned, over random problems"
    )
    return Table("benchmark-ledger", caption, columns, tuple(body), notes)


def _ledger_line(name: str, entries: Sequence[Entry]) -> tuple[Any, ...]:
    own = [e for e in entries if e["family"] == name]
    done = [e for e in own if "measured" in e]
    gaps = sorted(e["predicted"] - e["measured"] for e in done)
    shares = [at_most_once(own, m) for m in "cd"]
    return (
        name,
        len(own),
        max((e["measured"] for e in done), default=None),
        gaps[0] if gaps else None,
        statistics.median(gaps) if gaps else None,
        gaps[-1] if gaps else None,
        *(None if share is None else 100 * share for share in shares),
        len(own) - len(done),
    )


class _Notes:
    """Footnotes: each text once, numbered in order."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, text: str) -> str:
        return f"[{self.numbers.setdefault(text, len(self.numbers) + 1)}]"

    def time(self, row: Row, method: str) -> str:
        """Milliseconds, or the mark of the reason why there are none."""
        seconds = row["seconds"].get(method)
        if seconds is not None:
            return _milliseconds(seconds)
        reason = row["notes"].get(method, "no result")
        word = "fails" if reason.startswith("fails") else "skipped"
        return f"{word} {self.mark(reason)}"

    def texts(self) -> tuple[str, ...]:
        return tuple(f"[{number}] {text}" for text, number in self.numbers.items())


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g}" if seconds < 1 else f"{1000 * seconds:.0f}"


def _ratio(row: Row, top: str, bottom: str) -> str:
    over, under = row["seconds"].get(top), row["seconds"].get(bottom)
    return f"{over / under:.3g}" if over and under else DASH


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _at_least_zero(value: float | None) -> float | None:
    return None if value is None else max(0.0, value)


def show(table: Table) -> None:
    """The table on the terminal."""
    from rich.console import Console
    from rich.table import Table as Shown
    from rich.text import Text

    out = Console()
    out = out if out.is_terminal else Console(width=250)
    shown = Shown(title=table.caption, title_justify="left", pad_edge=False)
    for column in table.columns:
        shown.add_column(column.heading, justify="left" if column.kind == "text" else "right")
    for cells in table.cells():
        shown.add_row(*(Text(cell) for cell in cells))
    out.print(shown)
    for note in table.notes:
        out.print(note, markup=False, highlight=False, soft_wrap=True)
