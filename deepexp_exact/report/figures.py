"""The style of all figures, and writing them as PDF, SVG and PNG, the same bytes every time.

Lines differ in colour (Okabe and Ito's palette, safe for colour-blind readers), in marker and in
dashes, so that they can be told apart in greyscale; maps use cividis, whose lightness is monotone.
Matplotlib is imported when a figure is drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotApplicableError
from ..files import make_folder, write_bytes

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
FORMATS = ("pdf", "svg", "png")
#: Width of a figure in inches: the text of a printed page.
WIDTH = 6.3


@dataclass(frozen=True)
class Figure:
    """A drawing with its file name and a caption that says which direction is better; ``measure``
    is the study's measure that it shows."""

    id: str
    caption: str
    drawing: Any
    measure: str = ""


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


def new(columns: int = 1, height: float = 3.0) -> tuple[Any, list[Any]]:
    """A drawing of so many panels side by side; :class:`NotApplicableError` without matplotlib."""
    try:
        import matplotlib
        from matplotlib.figure import Figure as Drawing
    except ImportError:
        raise NotApplicableError(
            "figures need the extra: pip install 'deepexp-exact[report]'"
        ) from None
    matplotlib.rcParams.update(
        {
            "font.size": 9,
            "axes.titlesize": 9,
            "legend.fontsize": 7.5,
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
    drawing: Any = Drawing(figsize=(WIDTH, height), layout="constrained")
    drawing.get_layout_engine().set(wspace=0.08, w_pad=0.06)
    axes = [drawing.add_subplot(1, columns, j + 1) for j in range(columns)]
    return drawing, axes


def rendered(figure: Figure, kind: str) -> bytes:
    """The figure in one format, without dates."""
    stream = io.BytesIO()
    metadata: dict[str, Any] = {
        "pdf": {"CreationDate": None, "ModDate": None},
        "svg": {"Date": None},
        "png": {"Software": None},
    }[kind]
    figure.drawing.savefig(stream, format=kind, dpi=200, metadata=metadata)
    return stream.getvalue()


def write_figure(figure: Figure, folder: Path) -> list[Path]:
    """Write PDF, SVG and PNG into a folder; the paths written."""
    make_folder(folder)
    paths = [folder / f"{figure.id}.{kind}" for kind in FORMATS]
    for path, kind in zip(paths, FORMATS, strict=True):
        write_bytes(path, rendered(figure, kind))
    return paths
