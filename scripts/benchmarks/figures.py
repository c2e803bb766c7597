"""Log-log figures of cost against d and against digits, and of digits lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepexp_exact.report.figures import Figure, line_style, new
from deepexp_exact.report.figures import slope as exponent

from .ledger import Entry

Row = dict[str, Any]
METHODS = {
    "a": "mpmath script",
    "b": "bare FLINT",
    "n": "bare FLINT without its residual balls",
    "c": "multiprecision",
    "g": "multiprecision, α given",
    "s": "default solve",
    "d": "ball + certificate",
    "e": "float64",
    "f": "plain mpmath path",
}
#: Exponents in d are fitted from here on; below, overhead counts.
FIT_FROM = 16


def cost_points(
    rows: Sequence[Row], axis: str, method: str, held: int
) -> list[tuple[float, float]]:
    """(d or digits, seconds) of a method on complex Gaussian data, the other one held."""
    other = "digits" if axis == "d" else "d"
    return sorted(
        (float(row[axis]), float(row["seconds"][method]))
        for row in rows
        if row["family"] == "gaussian-complex" and row[other] == held and method in row["seconds"]
    )


def figures(rows: Sequence[Row], entries: Sequence[Entry]) -> list[Figure]:
    """Cost against d, cost against digits (each where most cells are), digits lost."""
    made = [_cost(rows, axis) for axis in ("d", "digits")]
    return [figure for figure in (*made, _lost(entries)) if figure is not None]


def _cost(rows: Sequence[Row], axis: str) -> Figure | None:
    other = "digits" if axis == "d" else "d"
    usual = [row for row in rows if row["family"] == "gaussian-complex"]
    values = [row[other] for row in usual]
    if not values:
        return None
    held = max(sorted(set(values)), key=values.count)
    drawing, (axes,) = new(height=3.6)
    for index, (method, name) in enumerate(METHODS.items()):
        points = cost_points(usual, axis, method, held)
        if not points:
            continue
        slope = exponent([p for p in points if axis != "d" or p[0] >= FIT_FROM])
        label = name if slope is None else f"{name}, exponent {slope:.1f}"
        axes.loglog(*zip(*points, strict=True), label=label, **line_style(index))
    from matplotlib.ticker import NullFormatter

    ticks = sorted({row[axis] for row in usual if row[other] == held})
    axes.set_xticks(ticks, [str(x) for x in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel={"d": "d", "digits": "digits asked"}[axis], ylabel="seconds")
    axes.legend()
    fit = f" from d = {FIT_FROM} on" if axis == "d" else ""
    held_words = f"{held} digits" if axis == "d" else f"d = {held}"
    caption = (
        f"Seconds against {axis} (lower is better), complex Gaussian data, {held_words}; "
        f"exponents of least-squares lines{fit}."
    )
    return Figure(f"cost-against-{axis}", caption, drawing)


def _lost(entries: Sequence[Entry]) -> Figure | None:
    points = [(e["measured"], e["predicted"]) for e in entries if "measured" in e]
    if not points:
        return None
    drawing, (axes,) = new(height=3.6)
    largest = max(max(p) for p in points) + 1
    axes.plot([0, largest], [0, largest], color="#7F7F7F", linewidth=0.8)
    axes.plot(*zip(*points, strict=True), linestyle="", marker="o", markersize=3, color="#0072B2")
    axes.set(xlabel="digits lost, measured", ylabel="digits lost, predicted")
    caption = (
        f"Digits lost as predicted before solving, against what was measured in balls, "
        f"{len(points)} random problems of all families: on the line exact, above it too careful."
    )
    return Figure("digits-lost", caption, drawing)
