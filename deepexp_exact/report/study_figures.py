"""The figures of studies S1 to S8: every measure that is present gives its own.

Medians and quantiles are those of the tables (:mod:`.summaries`), censored runs among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..study import Results
from ..study.results import value
from .depth_study import depth_figures
from .figures import Figure, line_style, logarithmic_ticks, new, slope
from .latex import plot_text
from .plane_figures import logarithmic, plane_figures
from .profiles import peer_figures, verification_figures
from .study_tables import TELLING, float64_records, machine
from .summaries import Quantity, Record, grouped, is_censored, run_set
from .tables import CENSORED

#: The paths with numbers to draw, in the order of their colours; the last is float64's.
NUMERICAL = ("multiprecision", "ball", "mpmath", "double")
LOST = TELLING["lost"]
_BAND = "median, quartiles (shaded; the range below four runs)"
_ARROWS = "an arrow at the edge: the median is censored, that is beyond the ceiling"


def study_figures(results: Results) -> list[Figure]:
    """Every figure these results have rows for; figures are drawn only when asked for."""
    out = []
    for measure, make in _MAKERS.items():
        rows = results.where(measure)
        if len(rows.measured()):
            made = [figure for figure in make(rows) if _has_marks(figure)]
            if measure == "scale":
                made += plane_figures(rows, results.where("choice"))
            if measure != "choice" or not len(results.where("scale")):
                made = made or _plain_figures(measure, rows)
            out += [replace(figure, measure=measure) for figure in made]
    return out


def _has_marks(figure: Figure) -> bool:
    """Whether anything finite is drawn."""
    return any(
        math.isfinite(y)
        for axis in figure.drawing.axes
        for y in (
            *(y for line in axis.lines for y in line.get_ydata()),
            *(
                y
                for points in axis.collections
                if type(points).__name__ == "PathCollection"  # of a scatter, not of a band
                for _, y in points.get_offsets()
            ),
        )
    )


def _plain_figures(measure: str, results: Results) -> list[Figure]:
    """What a plan of the user's own measured, where the figure of the studies has no place for
    it: one line a family over the axis of the most values."""
    axes = {name: set(results.groups(name)) for name in results.rows[0].run.params}
    numeric = [n for n, keys in axes.items() if all(isinstance(k, int | float) for (k,) in keys)]
    along = max(numeric, key=lambda name: len(axes[name]), default=None)
    shown = next((name for name in _MAIN if results.values(name)), None)
    if along is None or shown is None:
        return []
    drawing, (axis,) = new(1, 2.6)
    records = float64_records(results)
    for index, ((family,), found) in enumerate(grouped(records, ("family",))):
        _band(axis, found, along, Quantity(shown, _MAIN[shown]), index, family)
    axis.set(xlabel=plot_text(along), ylabel=_MAIN[shown])
    _legend(axis)
    caption = f"{measure}: {_MAIN[shown]}, {_BAND}. {run_set(records)}"
    return [Figure(measure, caption, drawing)]


#: The figure that shows most of a measure.
_MAIN = {
    "lost": "digits lost",
    "predicted": "digits lost, predicted",
    "median_seconds": "seconds of processor time",
    "log10_error": r"$\log_{10}$ of the relative error",
}


def _richest(records: list[Record], along: str, fixed: str, wanted: Any) -> list[Record]:
    """The records of the family and value of ``fixed`` with most values on the axis ``along``; the
    Gaussian family and ``wanted`` of those that have equally many."""

    def rank(group: tuple[tuple[Any, ...], list[Record]]) -> tuple[int, bool, bool]:
        (family, value), found = group
        return len(grouped(found, (along,))), family == "gaussian-complex", value == wanted

    best: list[Record] = max(grouped(records, ("family", fixed)), key=rank)[1]
    return best


def _band(
    axis: Any, records: Sequence[Record], along: str, shown: Quantity, index: int, label: str
) -> list[tuple[float, float]]:
    """Median line with a band over one axis of the grid; nothing, and no entry in the legend, for
    records without a value.  The points of the line."""
    told = sorted((x, shown.summary(found)) for (x,), found in grouped(records, (along,)))
    style = line_style(index)
    points = [(x, s["median"]) for x, s in told if _finite(s.get("median"))]
    if points:
        xs, ys = zip(*points, strict=True)
        axis.plot(xs, ys, label=label, **style)
    band = [
        (x, low, high)
        for x, s in told
        if _finite(low := s.get("25 %", s.get("best")))
        and _finite(high := s.get("75 %", s.get("worst")))
    ]
    if band:
        xs, lows, highs = zip(*band, strict=True)
        axis.fill_between(xs, lows, highs, color=style["color"], alpha=0.15, linewidth=0)
    beyond = [x for x, s in told if s.get("median") is CENSORED]
    if beyond and points:
        edge = 0.02 if shown.higher else 0.98
        axis.plot(
            beyond,
            [edge] * len(beyond),
            transform=axis.get_xaxis_transform(),
            linestyle="",
            marker="v" if shown.higher else "^",
            markersize=5,
            color=style["color"],
        )
    return points


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _legend(axis: Any, **options: Any) -> None:
    """A legend if there is anything to name; a panel without data says so."""
    if axis.get_legend_handles_labels()[1]:
        axis.legend(**options)
    elif not axis.lines:
        axis.text(0.5, 0.5, "no runs", transform=axis.transAxes, ha="center")


def _of(records: Sequence[Record], name: str, wanted: Any) -> list[Record]:
    return [r for r in records if r.get(name) == wanted]


def _words(records: Sequence[Record], axis: str) -> str:
    """The family, unless it is the Gaussian one, and the value of another axis, as a title."""
    first = records[0]
    family = "" if first["family"] == "gaussian-complex" else f"{first['family']}, "
    held = f"d = {first['d']}" if axis == "d" else f"{first['digits']} digits asked"
    return plot_text(f"{family}{held}" if first.get(axis) else family.removesuffix(", "))


def accuracy_figures(results: Results) -> list[Figure]:
    """S1: residual and error against d and digits; digits lost against the prediction."""
    drawing, (left, right) = new(2, 2.6)
    records = float64_records(results)
    for record in records:
        record["d"] = record["d"] or record.get("size")
    sizes = _richest(records, "d", "digits", 50)
    figures = (
        Quantity("log10_residual", "residual"),
        Quantity("log10_error", "error"),
    )
    for index, path in enumerate(NUMERICAL):
        found = _of(sizes if path != "double" else _of(records, "family", sizes[0]["family"]),
                    "path", path)  # fmt: skip
        for offset, figure in enumerate(figures):
            _band(left, found, "d", figure, index + 4 * offset, f"{path}, {figure.words}")
    left.set(
        xlabel="$d$",
        ylabel=r"$\log_{10}$ of the relative size",
        title=_words(sizes, "digits") + " (double: float64)",
    )
    logarithmic_ticks(left, [r["d"] for r in sizes])
    _legend(left, loc="center left", ncols=2)
    digits = _richest(records, "digits", "d", 8)
    for record in digits:
        for figure in figures:
            if record.get(figure.name) is not None:
                record[f"spare {figure.name}"] = -record[figure.name] - record["digits"]
    for index, path in enumerate(NUMERICAL[:3]):
        for offset, figure in enumerate(figures):
            shown = Quantity(f"spare {figure.name}", figure.words, higher=True)
            found = _of(digits, "path", path)
            _band(right, found, "digits", shown, index + 4 * offset, f"{path}, {figure.words}")
    right.set(xlabel="digits asked", ylabel="digits beyond those asked", title=_words(digits, "d"))
    right.axhline(0, color="black", linewidth=0.8)
    logarithmic_ticks(right, [r["digits"] for r in digits])
    _legend(right, ncols=2)
    caption = (
        "Left: relative residual (proved) and error of the worst weight (distance from the ball "
        f"path's with 12 more digits) against d, {_BAND}; lower is better. Right: digits "
        "of residual and error beyond those asked; below 0 (the line) would be a broken promise, "
        f"above it work is spent for nothing asked. {run_set(sizes + digits)}"
    )
    return [Figure("accuracy", caption, drawing), _prediction(results)]


def _prediction(results: Results) -> Figure:
    drawing, (axis,) = new(1, 2.3)
    once = results.where(path="ball").measured()
    once = once if len(once) else results.measured()
    pairs = {
        family: [(value(r, "predicted"), value(r, "lost")) for r in found]
        for (family,), found in once.groups("family").items()
    }
    for index, (family, found) in enumerate(pairs.items()):
        style = line_style(index)
        axis.scatter(
            *zip(*found, strict=True),
            facecolors=style["markerfacecolor"],
            edgecolors=style["color"],
            marker=style["marker"],
            label=family,
            s=14,
            linewidths=0.8,
        )
    every = [pair for found in pairs.values() for pair in found]
    top = max(max(pair) for pair in every) * 1.05 + 0.1
    axis.plot([0, top], [0, top], color="black", linewidth=0.8)
    axis.set(xlabel="digits lost, predicted", ylabel="digits lost, measured")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    above = sum(lost > predicted for predicted, lost in every)
    far = max(abs(lost - predicted) for predicted, lost in every)
    caption = (
        "Digits lost, measured by rounding certified weights, against the prediction, "
        f"{len(every)} runs of the ball path. On the line the prediction is exact; "
        f"{above} points lie above it (too small a prediction: digits are raised at run time), "
        f"{len(every) - above} on it or below (digits carried in vain); none is farther from it "
        f"than {math.ceil(10 * far) / 10:.1f} digits."
    )
    return Figure("prediction", caption, drawing)


def scale_figures(results: Results) -> list[Figure]:
    """S2: the real axis, the paper's case."""
    from matplotlib.ticker import NullLocator

    families = results.groups("family")
    drawing, axes = new(len(families), 2.4)
    every: list[Record] = []
    for axis, ((family,), found) in zip(axes, families.items(), strict=True):
        real = float64_records(_all_seeds(found.where(im_c=0.0)))
        every += real
        _band(axis, real, "re_c", LOST, 1, "measured")
        _band(axis, real, "re_c", Quantity("predicted", "predicted"), 2, "predicted")
        if any(0 < abs(r["re_c"]) < 1e-3 for r in real):
            logarithmic(axis, 1e-9)
            axis.set_yscale("log")
            axis.yaxis.set_minor_locator(NullLocator())
        count = max((len(g) for _, g in grouped(real, ("re_c",))), default=0)
        axis.set(
            title=f"{family}, {count} seed{'s' if count > 1 else ''}",
            xlabel=r"$c = \log\,\alpha$",
            ylabel="digits lost",
        )
        _legend(axis)
    caption = (
        f"Digits lost for real c, the paper's case α > 0, measured and predicted: {_BAND}; lower "
        "is better. Nothing was measured where the prediction is above 120 digits. "
        f"{run_set(every)}"
    )
    return [Figure("scale-real", caption, drawing)]


def _all_seeds(real: Results) -> Results:
    """The points of the axis that have as many seeds as any: a median of fewer would jump."""
    groups = real.groups("re_c")
    most = max(map(len, groups.values()), default=0)
    return Results([row for group in groups.values() if len(group) == most for row in group])


def unwinding_figures(results: Results) -> list[Figure]:
    """S3: the integers k."""
    drawing, (left, right) = new(2, 2.3)
    records = float64_records(results)
    for index, ((family,), found) in enumerate(grouped(records, ("family",))):
        _band(left, found, "k", LOST, index, family)
        _band(right, found, "k", Quantity("log10_L", "‖L‖"), index, family)
    left.set(xlabel="$k$ of the eigenvalue nearest the cut", ylabel="digits lost")
    right.set(xlabel="$k$ of the eigenvalue nearest the cut", ylabel=r"$\log_{10}\|L\|_F$")
    _legend(left)
    caption = (
        "Branches: digits lost and the Frobenius norm of L for different unwinding numbers, "
        f"{_BAND}; lower is better; near-cut is K with the eigenvalues e^(±i(π − 0.01)) and 5 "
        f"above the diagonal. {run_set(records)}"
    )
    return [Figure("unwinding", caption, drawing)]


def rule_figures(results: Results) -> list[Figure]:
    """S3: what the principal branch costs near the cut."""
    near = results.where(family="near-cut")
    if not len(near):
        return []
    drawing, (axis,) = new(1, 2.2)
    records = float64_records(near)
    for index, ((d, branch), found) in enumerate(grouped(records, ("d", "branch"))):
        _band(axis, found, "exponent", LOST, index, f"{branch}, $d = {d}$")
    axis.set(xlabel=r"$-\log_{10}(\pi - |\arg\lambda|)$", ylabel="digits lost")
    _legend(axis)
    caption = (
        "What the principal branch costs near the cut: digits lost against the distance of the "
        f"angles of a pair of eigenvalues λ of a non-normal K from ±π, {_BAND}; lower is better. "
        f"{run_set(records)}"
    )
    return [Figure("near-cut", caption, drawing)]


def distance_figures(results: Results) -> list[Figure]:
    """S5: digits lost and the error of float64 near a failing hypothesis."""
    from matplotlib.ticker import MaxNLocator

    drawing, (left, right) = new(2, 2.7)
    records = float64_records(results)
    told = False
    for index, (key, found) in enumerate(grouped(records, ("family", "construction", "alpha"))):
        family, construction, alpha = key
        label = plot_text(f"{family.removeprefix('near-singular-')}, {construction}, {alpha}")
        beyond = sum(is_censored(r) for r in found)
        told = told or bool(beyond)
        if beyond:
            label += f" ({beyond} of {len(found)} censored)"
        _band(left, found, "exponent", LOST, index, label)
        _band(right, found, "exponent", TELLING["log10_float64"], index, label)
    for axis in (left, right):
        axis.set_xlabel(r"$-\log_{10}$ of the distance from singular")
    left.set_ylabel("digits lost")
    left.set_yscale("symlog", linthresh=10)
    right.set_ylabel(r"$\log_{10}$ of float64's relative error")
    right.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    drawing.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    caption = (
        "A hypothesis close to failing, D or Y1 nearly singular, by the theorem's construction "
        "shift and by split, for the best α (auto) and the best α > 0 (positive). Left: digits "
        "lost. Right: relative error of the worst weight in float64, above 0 none of its digits is "
        f"right; a line ends where a weight of the median run is not finite. "
        f"{_BAND[0].upper()}{_BAND[1:]}{f'; {_ARROWS}' if told else ''}; lower is better. "
        f"{run_set(records)}"
    )
    return [Figure("distance", caption, drawing)]


#: Slopes are fitted from these values on, where they have two at least: below, overhead counts.
_FIT_FROM = {"d": 8, "digits": 100}


def cost_figures(results: Results) -> list[Figure]:
    """S6: time against d and digits, with the slopes of the last points."""
    drawing, axes = new(2, 2.7)
    records = float64_records(results)
    panels = (("d", "digits", 50), ("digits", "d", 8))
    for axis, (along, fixed, wanted) in zip(axes, panels, strict=True):
        rows = _richest(records, along, fixed, wanted)
        for index, path in enumerate(NUMERICAL):
            if path == "double" and along == "digits":
                continue
            seconds = Quantity("median_seconds", "seconds")
            points = _band(axis, _of(rows, "path", path), along, seconds, index, path)
            _sloped(axis, path, [p for p in points if p[0] >= _FIT_FROM[along]])
        axis.set(
            xlabel="$d$" if along == "d" else "digits asked",
            ylabel="seconds of processor time",
            title=_words(rows, fixed),
            yscale="log",
        )
        logarithmic_ticks(axis, [r[along] for r in rows])
        _legend(axis, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    caption = (
        f"Processor time of a whole solve, each run alone on one thread, {_BAND}; lower is better. "
        "p: exponent of the least-squares fit C·x^p of the medians from d = 8, and from 100 "
        f"digits, on. {run_set(records)} {machine(results)}"
    )
    return [Figure("cost", caption, drawing)]


def _sloped(axis: Any, label: str, points: Sequence[tuple[float, float]]) -> None:
    """The slope of these points in the label of the line just drawn."""
    exponent = slope(points)
    if exponent is not None:
        line = next(x for x in axis.lines if x.get_label() == label)
        line.set_label(f"{label}, $p = {exponent:.1f}$")


_MAKERS: dict[str, Callable[[Results], list[Figure]]] = {
    "accuracy": accuracy_figures,
    "peers": peer_figures,
    "scale": scale_figures,
    "unwinding": unwinding_figures,
    "choice": lambda results: [],
    "rule": rule_figures,
    "depth": depth_figures,
    "distance": distance_figures,
    "cost": cost_figures,
    "verification": verification_figures,
}
