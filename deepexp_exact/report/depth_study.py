"""S4: the tables and the figure of one, two and three layers."""

from __future__ import annotations

from ..study import Results
from .figures import Figure, line_style, new
from .summaries import common, median, worst
from .tables import Column, Table


def _named(family: str, exponent: int) -> str:
    return f"{family} 1e-{exponent}" if exponent else family


def depth_tables(results: Results) -> list[Table]:
    """S4: one, two and three layers."""
    rows = []
    for (family, _, exponent), found in results.groups("family", "d", "exponent").items():
        for layers in (1, 2, 3):
            lost = found.values(f"lost {layers}")
            rows.append(
                (
                    _named(family, exponent),
                    worst(found.values("size")),
                    layers,
                    len(found),
                    sum(1 for x in found.values(f"solvable {layers}") if x),
                    ", ".join(f"{a} ({n})" for a, n in common(found.values(f"label {layers}"), 3)),
                    worst(found.values(f"log10_residual {layers}")),
                    median(found.values(f"log10_norm {layers}")),
                    median(found.values(f"log10_condition {layers}")),
                    median(lost),
                    worst(lost),
                    worst(found.values(f"starts {layers}")),
                )
            )
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("layers", "integer"),
        Column("runs", "integer"),
        Column("solved", "integer"),
        Column("known"),
        Column("residual", "power"),
        Column("norm", "power"),
        Column("condition", "power"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("starts", "integer"),
    )
    caption = (
        "One, two and three layers on the same data, at the same digits: runs with a solution and "
        "how that is known (UNDECIDED: none found, which claims nothing); largest relative "
        "residual (proved; of the best weight for one layer); medians of the largest norm of a "
        "weight and of the condition of the W as functions of X and Y (estimated); digits that "
        "rounding the weights loses (median, worst; smaller is better); most starts of the search. "
        "Three layers are given by a formula, without a search."
    )
    return [Table("depth", caption, columns, tuple(rows))]


def equation_tables(results: Results) -> list[Table]:
    """S4: three equations by three layers."""
    rows = [
        (
            family,
            worst(found.values("size")),
            len(found),
            len(found.values("log10_residual")),
            worst(found.values("log10_residual")),
            worst(found.values("log10_radius")),
            median(found.values("log10_condition")),
            median(found.values("lost")),
            worst(found.values("lost")),
            worst(found.values("starts")),
        )
        for (family, _), found in results.groups("family", "d").items()
    ]
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("runs", "integer"),
        Column("found", "integer"),
        Column("residual", "power"),
        Column("radius", "power"),
        Column("condition", "power"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("starts", "integer"),
    )
    caption = (
        "Three equations by three layers: instances for which weights were found and certified "
        "(an observation, no theorem); largest residual and largest distance to an exact solution "
        "(relative, proved), median condition of the Jacobian, digits lost by rounding the "
        "weights (median, worst; smaller is better), most starts."
    )
    return [Table("equations", caption, columns, tuple(rows))]


def depth_figures(results: Results) -> list[Figure]:
    """S4: what two layers and three cost, over the families."""
    drawing, axes = new(3, 3.8)
    groups = results.groups("family", "d", "exponent")
    names = [f"{_named(family, e)}, d = {d}" if d else family for family, d, e in groups]
    panels = (
        ("lost", "digits lost by rounding"),
        ("log10_condition", "log10 of the condition of the map to W"),
        ("log10_norm", "log10 of the largest ‖W‖"),
    )
    for axis, (figure, words) in zip(axes, panels, strict=True):
        for index, layers in enumerate((2, 3)):
            style = line_style(index) | {"linestyle": ""}
            shift = 0.3 * index - 0.15
            spots = [
                (place + shift, sorted(found.values(f"{figure} {layers}")))
                for place, found in enumerate(groups.values())
            ]
            spots = [(x, values) for x, values in spots if values]
            axis.plot(
                [x for x, _ in spots],
                [values[len(values) // 2] for _, values in spots],
                label=f"{layers} layers",
                **style,
            )
            for x, values in spots:
                quarter = len(values) // 4
                for ends, width in (((0, -1), 0.6), ((quarter, -1 - quarter), 2.0)):
                    pair = [values[ends[0]], values[ends[1]]]
                    axis.plot([x, x], pair, color=style["color"], linewidth=width)
        axis.set_xticks(range(len(names)), names, rotation=90, fontsize=5)
        axis.set(ylabel=words)
    axes[0].legend(fontsize=6)
    caption = (
        "What the third layer costs and saves on the same data and digits, where both are solved: "
        "median, quartiles (thick) and range over the seeds (lower is better). The two-layer "
        "weights were searched for and certified one by one, those of three layers come from the "
        "formula; where two layers have no mark they cannot solve the problem, or none was found."
    )
    return [Figure("depth", caption, drawing)]
