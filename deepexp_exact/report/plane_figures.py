"""S2: digits lost over the plane of c = log α, with the points where the rules for α land."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..study import Results
from ..study.results import value
from .figures import HALF, Figure, new
from .tables import file_name


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


def logarithmic(axis: Any, nearest: float) -> None:
    """Re c on both sides of 0 by its logarithm, down to ``nearest``."""
    from matplotlib.ticker import NullLocator

    axis.set_xscale("symlog", linthresh=nearest)
    axis.set_xticks([-1, -1e-4, 0, 1e-4, 1])
    axis.xaxis.set_minor_locator(NullLocator())


def _heat_map(family: str, points: Results, landed: Results) -> Figure:
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    # The real axis may have more points of its own: the map has those of the plane's grid.
    columns = {row.run.params["re_c"] for row in points if row.run.params["im_c"] != 0.0}
    plane = points.where(re_c=lambda x: x in columns)
    xs, ys = sorted(set(plane.values("re_c"))), sorted(set(plane.values("im_c")))
    lost = np.full((len(ys), len(xs)), np.nan)
    unmeasured = 0
    for row in plane:
        found = value(row, "lost")
        if found is None:
            found = value(row, "predicted")
            unmeasured += found is not None
        if found is not None:
            place = ys.index(row.run.params["im_c"]), xs.index(row.run.params["re_c"])
            lost[place] = found
    finite = lost[np.isfinite(lost)]
    wide = float(np.nanmax(finite)) > 60
    shown = np.log10(np.maximum(lost, 0.1)) if wide else lost
    drawing, (axis,) = new(1, 2.6, HALF)
    nearest = min(abs(x) for x in xs if x)
    if nearest < 1e-3 * xs[-1]:
        logarithmic(axis, nearest)
    mesh = axis.pcolormesh(xs, ys, shown, cmap="cividis_r", shading="nearest", rasterized=True)
    words = r"$\log_{10}$ of digits lost" if wide else "digits lost"
    drawing.colorbar(mesh, ax=axis, label=words, ticks=MaxNLocator(5, integer=True))
    spot = np.unravel_index(np.nanargmin(lost), lost.shape)
    axis.plot(xs[spot[1]], ys[spot[0]], "*", color="#D55E00", markersize=9, label="least", ls="")
    axis.plot(0, 0, "x", color="black", label=r"$c = 0$ ($\alpha = 1$), excluded", ls="")
    for rule, marker in (("auto", "o"), ("positive", "^")):
        for row in landed.where(alpha=rule).measured():
            axis.plot(
                min(max(value(row, "found_re_c"), xs[0]), xs[-1]),
                min(max(value(row, "found_im_c"), ys[0]), ys[-1]),
                marker,
                linestyle="",
                markerfacecolor="white",
                markeredgecolor="black",
                label=f"{rule}: {value(row, 'lost'):.1f} digits lost",
            )
    axis.grid(False)
    axis.set(xlabel=r"$\mathrm{Re}\;c$", ylabel=r"$\mathrm{Im}\;c$")
    drawing.legend(loc="outside lower center", ncols=2)
    beyond = (
        f"of which {unmeasured} are predictions above 120 digits, where nothing was measured"
        if unmeasured
        else "all measured"
    )
    caption = (
        f"{family}: digits lost over the plane of c = log α (lighter is better), "
        f"{int(finite.size)} points, {beyond}. The marks show where the rules auto and "
        "positive (α > 0) land; one beyond the map is drawn at its edge."
    )
    return Figure(f"scale-{file_name(family)}", caption, drawing, half=True)
