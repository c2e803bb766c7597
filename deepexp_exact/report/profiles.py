"""S7, S8: what float64 keeps; performance profiles of paths and scripts; errors against κ·u."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..study import Results
from ..study.axes import METHODS
from ..study.results import value
from .figures import Figure, line_style, new
from .summaries import Record, grouped, records_of, run_set

#: Methods that work in float64, and the unit roundoff they work with, as log10.
IN_FLOAT64 = METHODS[-2:]
FLOAT64_UNIT = -53 * math.log10(2)
_PROBLEM = ("family", "d", "seed", "exponent")


def peer_figures(results: Results) -> list[Figure]:
    """Profiles in error and in time; errors of each weight sorted by its condition number."""
    records = records_of(results)
    return [figure for figure in (_profiles(records), _weights(records)) if figure]


def ratios(
    records: Sequence[Record], name: str, methods: Sequence[str], floor: float = -math.inf
) -> dict[str, list[float]]:
    """For each method, log10 of its figure over the best of these methods on each problem, in
    order; inf where it has none.  Figures are given by their log10 and raised to ``floor``: what is
    better than asked is not better than another that is (Dingle and Higham 2013, for performance
    profiles as Dolan and Moré 2002 define them).  Problems that no method solves are left out."""
    out: dict[str, list[float]] = {method: [] for method in methods}
    for _, found in grouped(records, _PROBLEM):
        own = {r["method"]: r.get(name) for r in found}
        logs = {m: max(x, floor) for m in methods if (x := own.get(m)) is not None}
        best = min(logs.values(), default=math.inf)
        if math.isfinite(best):
            for method in methods:
                out[method].append(logs.get(method, math.inf) - best)
    return {method: sorted(found) for method, found in out.items()}


def _profiles(records: list[Record]) -> Figure | None:
    for record in records:
        if seconds := record.get("median_seconds"):
            record["log10_seconds"] = math.log10(seconds)
    digits = min((r["digits"] for r in records), default=50)
    present = [m for m in METHODS if any(r["method"] == m for r in records)]
    long = [m for m in present if m not in IN_FLOAT64]
    short = [m for m in present if m in IN_FLOAT64]
    panels = (
        (f"error, {digits} digits asked", ratios(records, "log10_error", long, -float(digits)), 60),
        (f"time, {digits} digits asked", ratios(records, "log10_seconds", long), 3),
        ("error, float64", ratios(records, "log10_error", short, FLOAT64_UNIT), 18),
        ("time, float64", ratios(records, "log10_seconds", short), 3),
    )
    drawing, axes = new(4, 2.5)
    for axis, (title, found, top) in zip(axes, panels, strict=True):
        for method, logs in found.items():
            if logs:
                index = METHODS.index(method)
                _steps(axis, [min(x, 2.0 * top) for x in logs], top, index, method)
        axis.set(
            title=title,
            xlabel=r"$\log_{10}\,\tau$",
            xlim=(-0.02 * top, top),
            ylim=(-0.02, 1.02),
        )
    axes[0].set_ylabel("share of problems")
    handles = {h.get_label(): h for axis in axes for h in axis.lines}
    drawing.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)
    count = len(grouped(records, _PROBLEM))
    caption = (
        f"Performance profiles on {count} problems: the share of problems on which a method's "
        "figure is at most τ times the best of the methods in the panel (higher is better); a "
        f"curve that ends below 1 delivers nothing on the rest. Errors below 10^−{digits}, and in "
        "float64 below 2^−53, count as equal. Error: of the worst weight, relative, against the "
        "recorded branch, where a script on another branch of the logarithm has none of its "
        "digits. Time: processor time of a whole solve, each run alone; the scripts check nothing."
    )
    return Figure("profiles", caption, drawing)


def _steps(axis: Any, logs: Sequence[float], top: float, index: int, label: str) -> None:
    """The share of values up to each abscissa, as steps; values beyond ``top`` stay below."""
    kept = [x for x in logs if x <= top]
    xs = [0.0, *kept, top]
    ys = [0.0, *((j + 1) / len(logs) for j in range(len(kept))), len(kept) / len(logs)]
    style = line_style(index) | {"marker": ""}
    axis.plot(xs, ys, drawstyle="steps-post", label=label, **style)


def _weights(records: list[Record]) -> Figure | None:
    """Error of W1, W2, W3, problems in order of κ, with the line max(1, κ)·u."""
    points: dict[tuple[Any, ...], float] = {}
    for r in records:
        for j in (1, 2, 3):
            kappa = r.get(f"log10_condition W{j}")
            if kappa is not None:
                points[(*(r.get(n) for n in _PROBLEM), j)] = max(0.0, kappa)
    if not points:
        return None
    order = {key: place for place, key in enumerate(sorted(points, key=lambda k: points[k]), 1)}
    digits = min(r["digits"] for r in records)
    drawing, axes = new(2, 2.7)
    panels = ((METHODS[:-2], -float(digits)), (IN_FLOAT64, FLOAT64_UNIT))
    missing = 0
    for axis, (methods, unit) in zip(axes, panels, strict=True):
        curve = sorted(points.values())
        axis.plot(
            range(1, len(curve) + 1),
            [unit + x for x in curve],
            color="black",
            linewidth=1.2,
            label=r"$\max(1, \kappa)\,u$",
        )
        for method in methods:
            found = []
            for r in records:
                for j in (1, 2, 3):
                    key = (*(r.get(n) for n in _PROBLEM), j)
                    error = r.get(f"log10_error W{j}")
                    if r["method"] != method or key not in order:
                        continue
                    if error is not None and math.isfinite(error):
                        found.append((order[key], error))
                    else:
                        missing += 1
            if found:
                style = line_style(METHODS.index(method)) | {"linestyle": "", "markersize": 2.5}
                axis.plot(*zip(*sorted(found), strict=True), label=method, **style)
        axis.set(xlabel=r"weights, in order of $\kappa$")
    axes[0].set_ylabel(r"$\log_{10}$ of the relative error")
    axes[0].set_title(rf"$u = 10^{{-{digits}}}$")
    axes[1].set_title(r"$u = 2^{-53}$")
    handles = {h.get_label(): h for axis in axes for h in axis.lines}
    drawing.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)
    caption = (
        f"Relative error of each of W1, W2, W3 against the recorded branch, {len(points)} weights "
        "sorted by the condition number κ of (X1, X2, Y1, Y2) ↦ W (estimated); lower is better. "
        "The line is max(1, κ)·u, u the unit of the digits asked (left) or of float64 (right). "
        "Errors near 1 belong to another branch of the logarithm. Not drawn: "
        f"{missing} errors that are 0 or weights that were not delivered. {run_set(records)}"
    )
    return Figure("weights", caption, drawing)


def verification_figures(results: Results) -> list[Figure]:
    """S7: what float64 keeps of each problem, by its path and by an ordinary script."""
    from matplotlib.ticker import MaxNLocator

    found: list[tuple[str, dict[str, list[float]]]] = []
    for row in results.measured():
        told = {name: value(row, f"figure {name}") for name in ("double", "script")}
        errors = {n: [-float(x) for x in text.split("/")] for n, text in told.items() if text}
        if "double" in errors:
            found.append((str(value(row, "problem")), errors))
    if not found:
        return []
    found.sort(key=lambda row: row[1]["double"][0])
    drawing, (axis,) = new(1, 0.9 + 0.15 * len(found))
    drawn = 0
    for index, (who, words) in enumerate((("double", "float64 path"), ("script", "script"))):
        for what, measured in enumerate(("weights", "residuals")):
            points = [
                (errors[who][what], place)
                for place, (_, errors) in enumerate(found)
                if who in errors and math.isfinite(errors[who][what])
            ]
            drawn += len(points)
            if points:
                style = line_style(2 * index) | {"linestyle": "", "markersize": 4.5}
                style["markerfacecolor"] = "none" if what else style["color"]
                axis.plot(*zip(*points, strict=True), label=f"{measured}, {words}", **style)
    undrawn = sum(2 * len(errors) for _, errors in found) - drawn
    axis.axvline(0, color="black", linewidth=0.6)
    axis.set_yticks(range(len(found)), [name for name, *_ in found], fontsize=6.5)
    axis.set_ylim(len(found) - 0.5, -0.5)
    axis.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axis.set_xlabel(r"$\log_{10}$ of the relative error of the worst weight, and of the residual")
    drawing.legend(loc="outside lower center", ncols=4)
    caption = (
        f"What float64 keeps on the construction that solve takes, {len(found)} problems: relative "
        "error of the worst weight (filled) and relative residual (hollow), left is better, right "
        "of the line no digit is right. The float64 path is always complex and repairs the branch "
        "of the logarithm; the ordinary script has real arrays for real data and takes logm as it "
        f"comes (only where the theorem's own construction is taken). Not drawn: {undrawn} that "
        "are 0 or not finite."
    )
    return [Figure("float64", caption, drawing)]
