"""The style of all figures, and writing them as PDF, SVG and PNG, the same bytes every time.

Lines differ in colour (Okabe and Ito's palette, safe for colour-blind readers), in marker and in
dashes, so that they can be told apart in greyscale; maps use cividis, whose lightness is monotone.
Matplotlib is imported when a figure is drawn.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import make_folder, write_bytes
from .extras import require_report

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
FORMATS = ("pdf", "svg", "png")
#: Width of a figure in inches: two columns of a journal, the text of a printed page; and one.
WIDTH, HALF = 6.85, 3.32


@dataclass(frozen=True)
class Figure:
    """A drawing with its file name and a caption that says which direction is better; ``measure``
    is the study's measure that it shows; one of ``half`` the width of a page can stand beside
    another."""

    id: str
    caption: str
    drawing: Any
    measure: str = ""
    half: bool = False


def line_style(index: int) -> dict[str, Any]:
    """Colour, marker and dashes of the index-th line; from the ninth on markers are hollow."""
    again, j = divmod(index, len(COLOURS))
    return {
        "color": COLOURS[j],
        "marker": MARKERS[j],
        "linestyle": DASHES[j],
        "markerfacecolor": "none" if again else COLOURS[j],
        "markersize": 4,
        "linewidth": 1.2,
    }


def new(columns: int = 1, height: float = 3.0, width: float = WIDTH) -> tuple[Any, list[Any]]:
    """A drawing of so many panels side by side; :class:`NotApplicableError` without matplotlib."""
    require_report("a figure", "matplotlib")
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    matplotlib.rcParams.update(
        {
            "font.size": 8,
            "axes.titlesize": 8,
            "legend.fontsize": 6.5,
            "mathtext.fontset": "dejavusans",
            "axes.linewidth": 0.6,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.5,
            "axes.axisbelow": True,
            "legend.frameon": False,
            "pdf.fonttype": 42,
            "svg.hashsalt": "deepexp-exact",
            "svg.fonttype": "none",
        }
    )
    drawing: Any = Drawing(figsize=(width, height), layout="constrained")
    drawing.get_layout_engine().set(wspace=0.08, w_pad=0.06)
    axes = [drawing.add_subplot(1, columns, j + 1) for j in range(columns)]
    return drawing, axes


def boxes(axis: Any, spots: Sequence[tuple[float, list[float]]], style: Any, label: str) -> None:
    """For each place on the y axis the range (thin), quartiles (thick) and median (mark) of values
    in order; a place without values has no mark, and a label without marks no entry."""
    kept = [(y, values) for y, values in spots if values]
    for y, values in kept:
        last = len(values) - 1
        for low, high, width in ((0, last, 0.6), (last // 4, last - last // 4, 2.2)):
            ends = [values[low], values[high]]
            axis.plot(ends, [y, y], color=style["color"], linewidth=width)
    if kept:
        middles = [values[len(values) // 2] for _, values in kept]
        places = [y for y, _ in kept]
        axis.plot(middles, places, label=label, **(style | {"linestyle": "", "markersize": 3.5}))


def logarithmic_ticks(axis: Any, values: Iterable[float]) -> None:
    """The x axis by its logarithm with ticks at these values, as many as stand apart, and none
    between them; the y axis, if it is logarithmic, with few."""
    from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, ScalarFormatter

    axis.set_xscale("log")
    given = sorted(set(values))
    least, kept = (given[-1] / given[0]) ** 0.1 if len(given) > 1 else 1.0, given[:1]
    for x in given[1:]:
        if x >= least * kept[-1]:
            kept.append(x)
    axis.xaxis.set_major_locator(FixedLocator(kept))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(ScalarFormatter())
    if axis.get_yscale() == "log":
        axis.yaxis.set_major_locator(LogLocator(numticks=7))
        axis.yaxis.set_minor_locator(NullLocator())


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Exponent p of the least-squares fit y = C·x^p; None for fewer than two x."""
    if len({x for x, _ in points}) < 2:
        return None
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    below = sum((x - mx) ** 2 for x in xs)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / below


def rendered(figure: Figure, kind: str, description: str = "") -> bytes:
    """The figure in one format, without dates; ``description`` goes into an SVG's metadata."""
    stream = io.BytesIO()
    dates: dict[str, dict[str, Any]] = {
        "pdf": {"CreationDate": None, "ModDate": None},
        "svg": {"Date": None},
        "png": {"Software": None},
    }
    metadata = dates[kind] | ({"Description": description} if description else {})
    figure.drawing.savefig(stream, format=kind, dpi=200, metadata=metadata)
    return stream.getvalue()


def write_figure(figure: Figure, folder: Path) -> list[Path]:
    """Write PDF, SVG and PNG into a folder; the paths written."""
    make_folder(folder)
    paths = [folder / f"{figure.id}.{kind}" for kind in FORMATS]
    for path, kind in zip(paths, FORMATS, strict=True):
        write_bytes(path, rendered(figure, kind))
    return paths
