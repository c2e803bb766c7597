"""Tables, JSON and figures of benchmark results."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
METHODS = {
    "a": "mpmath script",
    "b": "bare FLINT",
    "c": "multiprecision",
    "d": "ball + certificate",
    "e": "float64",
}
COLUMNS = (
    "family", "d", "digits",
    *(f"{m} ms" for m in METHODS),
    "record ms", "a/c", "b/c", "d/b",
    *(f"{m} error" for m in METHODS),
    "carried", "predicted", "c MB",
)  # fmt: skip


def cells(row: Row) -> list[str]:
    """The row as texts, in the order of COLUMNS."""
    out = [row["family"], str(row["d"]), str(row["digits"])]
    out += [_milliseconds(row["seconds"].get(m), row["notes"].get(m, "")) for m in METHODS]
    out.append(_milliseconds(row["record_seconds"], ""))
    out += [_ratio(row, *pair) for pair in (("a", "c"), ("b", "c"), ("d", "b"))]
    out += [_power(row["errors"].get(m)) for m in METHODS]
    carried, predicted = row.get("digits_carried"), row.get("predicted_loss")
    out.append("" if carried is None else str(carried))
    out.append("" if predicted is None else f"{row['digits'] + max(0.0, predicted):.1f}")
    memory = row.get("memory_mb")
    out.append("" if memory is None else f"{memory:.1f}")
    return out


def _milliseconds(seconds: float | None, note: str) -> str:
    if seconds is None:
        return note or "-"
    return f"{1000 * seconds:.3g}" if seconds < 1 else f"{1000 * seconds:.0f}"


def _ratio(row: Row, top: str, bottom: str) -> str:
    over, under = row["seconds"].get(top), row["seconds"].get(bottom)
    return f"{over / under:.2g}x" if over and under else "-"


def _power(log10: float | None) -> str:
    if log10 is None:
        return "-"
    return f"1e{log10:.1f}" if math.isfinite(log10) else ("0" if log10 < 0 else "inf")


def markdown(rows: Sequence[Row], head: str) -> str:
    lines = [head, "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def latex(rows: Sequence[Row], head: str) -> str:
    comment = "\n".join(f"% {line}" for line in head.splitlines())
    lines = [comment, r"\begin{tabular}{l" + "r" * (len(COLUMNS) - 1) + "}", r"\hline"]
    lines.append(" & ".join(COLUMNS) + r" \\ \hline")
    lines += [" & ".join(cells(row)).replace("_", r"\_") + r" \\" for row in rows]
    return "\n".join([*lines, r"\hline", r"\end{tabular}"]) + "\n"


def show(rows: Sequence[Row], head: str) -> None:
    """The table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS, title=head, show_lines=False, pad_edge=False)
    for row in rows:
        table.add_row(*cells(row))
    Console(width=220).print(table)


def write(rows: Sequence[Row], head: str, facts: Row, folder: Path) -> list[Path]:
    """benchmark.json, .md, .tex and the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    finite = json.dumps({"about": facts, "rows": rows}, indent=1, default=str)
    made = []
    for name, text in (
        ("benchmark.json", finite),
        ("benchmark.md", markdown(rows, head)),
        ("benchmark.tex", latex(rows, head)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        made.append(folder / name)
    return made + figures(rows, folder)


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Slope of the least-squares line through (log x, log y)."""
    if len({x for x, _ in points}) < 2:
        return None
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    below = sum((x - mx) ** 2 for x in xs)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / below


def figures(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Cost against d (at the digits with most sizes) and against digits (at the d with most)."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    usual = [row for row in rows if row["family"] == "gaussian-complex"]
    made = []
    for x, fixed in (("d", "digits"), ("digits", "d")):
        values = [row[fixed] for row in usual]
        if not values:
            continue
        held = max(sorted(set(values)), key=values.count)
        figure, axes = plt.subplots(figsize=(6, 4.2))
        for method, name in METHODS.items():
            points = [
                (row[x], row["seconds"][method])
                for row in usual
                if row[fixed] == held and row["seconds"].get(method)
            ]
            if points:
                steep = exponent([p for p in points if x != "d" or p[0] >= 16])
                label = name if steep is None else f"{name} (exponent {steep:.1f})"
                axes.loglog(*zip(*sorted(points), strict=True), "o-", label=label)
        unit = " (exponents from d = 16 on)" if x == "d" else ""
        axes.set(xlabel=f"{x}{unit}", ylabel="seconds, lower is better", title=f"{fixed} = {held}")
        axes.grid(True, which="both", alpha=0.25)
        axes.legend(fontsize=8)
        for suffix in ("pdf", "png"):
            made.append(folder / f"cost-against-{x}.{suffix}")
            figure.savefig(made[-1], bbox_inches="tight", dpi=150)
        plt.close(figure)
    return made
