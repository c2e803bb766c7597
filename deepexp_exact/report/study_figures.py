"""The figures of studies S1 to S6: every measure that is present gives its own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..study import Results
from ..study.results import value
from .depth_study import depth_figures
from .figures import Figure, line_style, new
from .summaries import bad, least, median, worst

#: The paths with numbers to draw, in the order of their colours; the last is float64's.
NUMERICAL = ("multiprecision", "ball", "mpmath", "double")


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
    drawing, (axis,) = new(1)
    for index, ((family,), found) in enumerate(results.groups("family").items()):
        _band(axis, found, along, shown, index, family)
    axis.set(xlabel=along, ylabel=_MAIN[shown])
    axis.legend()
    caption = f"{measure}: {_MAIN[shown]}, median and range over the other axes of the plan."
    return [Figure(measure, caption, drawing)]


#: The figure that shows most of a measure.
_MAIN = {
    "lost": "digits lost",
    "predicted": "digits lost, predicted",
    "median_seconds": "seconds, median",
    "log10_error": "log10 of the relative error",
}


def _richest(results: Results, along: str, fixed: str, wanted: Any) -> tuple[str, Any, Results]:
    """Family, value of the axis ``fixed`` and the rows with most values on the axis ``along``;
    the Gaussian family and ``wanted`` of those that have equally many."""

    def rank(key: tuple[Any, ...]) -> tuple[int, bool, bool]:
        return len(groups[key].groups(along)), key[0] == "gaussian-complex", key[1] == wanted

    groups = results.groups("family", fixed)
    best = max(groups, key=rank)
    return best[0], best[1], groups[best]


def _clean(xs: Sequence[Any], ys: Iterable[float | None]) -> tuple[list[Any], list[float]]:
    pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if y is not None and math.isfinite(y)]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _band(axis: Any, found: Results, name: str, figure: str, index: int, label: str) -> None:
    """Median line with a band from the least to the worst value, over one axis of the grid."""
    groups = {key[0]: group for key, group in found.groups(name).items()}
    if name == "d":  # 0 for a problem that has its size
        groups = {d or worst(group.values("size")) or 0: group for d, group in groups.items()}
    xs = sorted(groups)
    style = line_style(index)
    axis.plot(*_clean(xs, [median(groups[x].values(figure)) for x in xs]), label=label, **style)
    low = [least(groups[x].values(figure)) for x in xs]
    high = [worst(groups[x].values(figure)) for x in xs]
    kept = [
        (x, a, b) for x, a, b in zip(xs, low, high, strict=True) if a is not None and b is not None
    ]
    axis.fill_between(
        [k[0] for k in kept],
        [k[1] for k in kept],
        [k[2] for k in kept],
        color=style["color"],
        alpha=0.15,
        linewidth=0,
    )


def _finish(axis: Any, **scales: str) -> None:
    """Scales and legend; a panel without data says so."""
    if not any(len(line.get_xdata()) for line in axis.lines):
        axis.text(0.5, 0.5, "no runs", transform=axis.transAxes, ha="center")
        return
    axis.set(**scales)
    if scales.get("xscale") == "log":
        from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

        xs = sorted({float(x) for line in axis.lines for x in line.get_xdata()})
        axis.xaxis.set_major_locator(FixedLocator(xs))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(ScalarFormatter())
    axis.legend(fontsize=6)


def accuracy_figures(results: Results) -> list[Figure]:
    """S1: residual and error against d and digits; digits lost against the prediction."""
    drawing, (left, right) = new(2)
    family, asked, sizes = _richest(results, "d", "digits", 50)
    for index, path in enumerate(NUMERICAL):
        found = sizes.where(path=path)
        if len(found):
            _band(left, found, "d", "log10_residual", index, f"{path}, residual")
            _band(left, found, "d", "log10_error", index + 4, f"{path}, error")
    words = "" if family == "gaussian-complex" else f"{family}, "
    title = f"{words}{asked} digits asked; double: 15"
    left.set(xlabel="d", ylabel="log10 of the relative size", title=title)
    _finish(left, xscale="log")
    family, d, digits = _richest(results, "digits", "d", 8)
    for index, path in enumerate(NUMERICAL[:3]):
        found = digits.where(path=path)
        groups = {key[0]: group for key, group in found.groups("digits").items()}
        xs = sorted(groups)
        if not xs:
            continue
        for offset, figure in ((0, "log10_residual"), (4, "log10_error")):
            ys = [worst(groups[x].values(figure)) for x in xs]
            spare = [None if y is None else -y - x for x, y in zip(xs, ys, strict=True)]
            words = f"{path}, {figure.removeprefix('log10_')}"
            right.plot(*_clean(xs, spare), label=words, **line_style(index + offset))
    right.set(
        xlabel="digits asked", ylabel="digits beyond those asked, worst", title=_size_of(family, d)
    )
    _finish(right, xscale="log")
    caption = (
        "Left: relative residual and error of the weights against d, median and range over the "
        "seeds (lower is better). Right: correct digits beyond those asked, worst case; below 0 "
        "would be a broken promise (higher costs work and gains nothing)."
    )
    return [Figure("accuracy", caption, drawing), _prediction(results)]


def _size_of(family: str, d: int) -> str:
    size = f"d = {d}" if d else ""
    return ", ".join(x for x in ("" if family == "gaussian-complex" else family, size) if x)


def _prediction(results: Results) -> Figure:
    drawing, (axis,) = new(1, 2.7)
    once = results.where(path="ball").measured()
    once = once if len(once) else results.measured()
    for index, ((family,), found) in enumerate(once.groups("family").items()):
        style = line_style(index)
        axis.scatter(
            found.values("predicted"),
            found.values("lost"),
            facecolors=style["markerfacecolor"],
            edgecolors=style["color"],
            marker=style["marker"],
            label=family,
            s=14,
            linewidths=0.8,
        )
    top = max([*once.values("predicted"), *once.values("lost"), 1.0]) * 1.05
    axis.plot([0, top], [0, top], color="black", linewidth=0.8)
    axis.set(xlabel="predicted loss (decimal digits)", ylabel="measured loss (decimal digits)")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    caption = (
        "Digits lost, measured by rounding certified weights, against the prediction; one point a "
        "run. On the line the prediction is exact, above it too small (digits are then raised at "
        "run time), below it too large (digits carried in vain)."
    )
    return Figure("prediction", caption, drawing)


def plane_figures(results: Results, landed: Results) -> list[Figure]:
    """S2: heat maps over the plane of c, with the points where the rules for α land."""
    out = []
    groups = results.groups("family", "d", "seed")
    for (family, d, seed), found in groups.items():
        plane = found.where(im_c=lambda y: y != 0.0)
        xs, ys = plane.groups("re_c"), found.groups("im_c")
        if len(xs) > 1 and len(ys) > 1 and plane.values("predicted"):
            made = _heat_map(family, found, landed.where(family=family, d=d, seed=seed))
            alone = sum(key[0] == family for key in groups) == 1
            out.append(made if alone else replace(made, id=f"{made.id}-d{d}-s{seed}"))
    return out


def scale_figures(results: Results) -> list[Figure]:
    """S2: the real axis, the paper's case."""
    drawing, axes = new(len(results.groups("family")))
    for axis, ((family,), found) in zip(axes, results.groups("family").items(), strict=True):
        real = _all_seeds(found.where(im_c=0.0))
        small = any(abs(x) < 1e-3 for x in real.values("re_c") if x)
        _real_axis(axis, real, small)
        axis.set(title=family, xlabel="c = log α", ylabel="digits lost")
        axis.legend()
    caption = (
        "Digits lost for real c, the paper's case α > 0 (lower is better): measured on the seeds "
        "(median and range), and predicted where nothing was measured (above 120 digits)."
    )
    return [Figure("scale-real", caption, drawing)]


def _all_seeds(real: Results) -> Results:
    """The points of the axis that have as many seeds as any: a median of fewer would jump."""
    groups = real.groups("re_c")
    most = max(map(len, groups.values()), default=0)
    return Results([row for group in groups.values() if len(group) == most for row in group])


def _real_axis(axis: Any, real: Results, small: bool) -> None:
    _band(axis, real, "re_c", "lost", 1, "measured")
    _band(axis, real, "re_c", "predicted", 2, "predicted")
    if small:
        _logarithmic(axis, 1e-9)
        axis.set_yscale("log")


def _logarithmic(axis: Any, nearest: float) -> None:
    """Re c on both sides of 0 by its logarithm, down to ``nearest``."""
    axis.set_xscale("symlog", linthresh=nearest)
    axis.set_xticks([-1, -1e-4, -1e-8, 1e-8, 1e-4, 1])


def _heat_map(family: str, points: Results, landed: Results) -> Figure:
    import numpy as np

    # The real axis may have more points of its own: the map has those of the plane's grid.
    columns = {row.run.params["re_c"] for row in points if row.run.params["im_c"] != 0.0}
    plane = points.where(re_c=lambda x: x in columns)
    xs, ys = sorted(set(plane.values("re_c"))), sorted(set(plane.values("im_c")))
    lost = np.full((len(ys), len(xs)), np.nan)
    for row in plane:
        found = value(row, "lost")
        if found is None:
            found = value(row, "predicted")
        if found is not None:
            place = ys.index(row.run.params["im_c"]), xs.index(row.run.params["re_c"])
            lost[place] = found
    finite = lost[np.isfinite(lost)]
    wide = float(np.nanmax(finite)) > 60
    shown = np.log10(np.maximum(lost, 0.1)) if wide else lost
    drawing, (axis,) = new(1, 3.6)
    nearest = min(abs(x) for x in xs if x)
    if nearest < 1e-3 * xs[-1]:
        _logarithmic(axis, nearest)
    mesh = axis.pcolormesh(xs, ys, shown, cmap="cividis_r", shading="nearest", rasterized=True)
    drawing.colorbar(mesh, ax=axis, label="log10 of digits lost" if wide else "digits lost")
    spot = np.unravel_index(np.nanargmin(lost), lost.shape)
    axis.plot(xs[spot[1]], ys[spot[0]], "*", color="#D55E00", markersize=9, label="least")
    axis.plot(0, 0, "x", color="black", label="c = 0 (α = 1), excluded")
    for rule, marker in (("auto", "o"), ("positive", "^")):
        for row in landed.where(alpha=rule).measured():
            axis.plot(
                min(max(value(row, "found_re_c"), xs[0]), xs[-1]),
                min(max(value(row, "found_im_c"), ys[0]), ys[-1]),
                marker,
                markerfacecolor="white",
                markeredgecolor="black",
                label=f"{rule}: {value(row, 'lost'):.1f} digits lost",
            )
    axis.grid(False)
    axis.set(xlabel="Re c", ylabel="Im c", title=family)
    axis.legend(loc="upper right", fontsize=6, frameon=True)
    caption = (
        f"{family}: digits lost over the plane of c = log α (lighter is better), measured; "
        "predicted where that is above 120 digits. The marks show where the rules auto and "
        "positive (α > 0) land; one beyond the map is drawn at its edge."
    )
    return Figure(f"scale-{re.sub(r'[^A-Za-z0-9]+', '-', family)}", caption, drawing)


def unwinding_figures(results: Results) -> list[Figure]:
    """S3: the integers k."""
    drawing, (left, right) = new(2)
    for index, ((family,), found) in enumerate(results.groups("family").items()):
        _band(left, found, "k", "lost", index, family)
        _band(right, found, "k", "log10_L", index, family)
    left.set(xlabel="k of the eigenvalue nearest the cut", ylabel="digits lost")
    right.set(xlabel="k of the eigenvalue nearest the cut", ylabel="log10 of ‖L‖")
    left.legend()
    caption = (
        "Branches: digits lost and the Frobenius norm of L for different unwinding numbers, "
        "median and range over the seeds (lower is better); near-cut is K with the eigenvalues "
        "e^(±i(π − 0.01)) and 5 above the diagonal."
    )
    return [Figure("unwinding", caption, drawing)]


def rule_figures(results: Results) -> list[Figure]:
    """S3: what the principal branch costs near the cut."""
    near = results.where(family="near-cut")
    if not len(near):
        return []
    drawing, (axis,) = new(1)
    for index, ((d, branch), found) in enumerate(near.groups("d", "branch").items()):
        _band(axis, found, "exponent", "lost", index, f"{branch}, d = {d}")
    axis.set(xlabel="−log10 of the distance of arg λ from π", ylabel="digits lost")
    axis.legend()
    caption = (
        "What the principal branch costs near the cut: digits lost against the distance of a pair "
        "of eigenvalues of a non-normal K from the negative axis (lower is better)."
    )
    return [Figure("near-cut", caption, drawing)]


def distance_figures(results: Results) -> list[Figure]:
    """S5: digits lost and digits kept by float64 near a failing hypothesis."""
    drawing, (left, right) = new(2)
    lines = results.groups("family", "construction", "alpha")
    for index, ((family, construction, alpha), found) in enumerate(lines.items()):
        label = f"{family.removeprefix('near-singular-')}, {construction}, {alpha}"
        if bad(found):
            label += f" ({bad(found)} of {len(found)} beyond the ceiling)"
        _band(left, found, "exponent", "lost", index, label)
        _band(right, found, "exponent", "float64_digits", index, label)
    left.set(xlabel="−log10 of the distance from singular", ylabel="digits lost")
    left.set_yscale("symlog", linthresh=10)
    left.legend(fontsize=6, loc="upper right", handlelength=1.5, bbox_to_anchor=(1.02, 0.9))
    right.set(xlabel="−log10 of the distance from singular", ylabel="digits float64 keeps")
    caption = (
        "A hypothesis close to failing, D or Y1 nearly singular, by the theorem's construction "
        "shift and by split, for the best α (auto) and the best α > 0 (positive). Left: digits "
        "lost (lower is better). Right: correct digits of the float64 weights (higher is better). "
        "Median and range over the seeds."
    )
    return [Figure("distance", caption, drawing)]


def cost_figures(results: Results) -> list[Figure]:
    """S6: time against d and digits."""
    drawing, (left, right) = new(2)
    family, asked, sizes = _richest(results, "d", "digits", 50)
    other, d, digits = _richest(results, "digits", "d", 8)
    for index, path in enumerate(NUMERICAL):
        _band(left, sizes.where(path=path), "d", "median_seconds", index, path)
        if path != "double":
            _band(right, digits.where(path=path), "digits", "median_seconds", index, path)
    words = "" if family == "gaussian-complex" else f"{family}, "
    left.set(xlabel="d", ylabel="seconds", title=f"{words}{asked} digits")
    right.set(xlabel="digits", ylabel="seconds", title=_size_of(other, d))
    for axis in (left, right):
        _finish(axis, xscale="log", yscale="log")
    caption = "Time of a whole solve, median and range (lower is better)."
    return [Figure("cost", caption, drawing)]


_MAKERS: dict[str, Callable[[Results], list[Figure]]] = {
    "accuracy": accuracy_figures,
    "scale": scale_figures,
    "unwinding": unwinding_figures,
    "choice": lambda results: [],
    "rule": rule_figures,
    "depth": depth_figures,
    "distance": distance_figures,
    "cost": cost_figures,
}
