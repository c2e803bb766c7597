"""S4: the tables and the figure of one, two and three layers."""

from __future__ import annotations

from ..solution import Label
from ..study import Results
from .figures import Figure, boxes, line_style, new
from .latex import plot_text
from .summaries import COUNTS, Quantity, Record, common, grouped, records_of, run_set, summarised
from .tables import Column, Table

_TOLD = ("25 %", "median", "75 %", "worst")
_SHOWN = (
    Quantity("lost", "digits lost", told=_TOLD),
    Quantity("log10_condition", "condition", "power", ("median",)),
    Quantity("log10_norm", "largest ‖W‖", "power", ("median",)),
    Quantity("log10_residual", "residual", "power", ("worst",)),
    Quantity("starts", "starts", "integer", ("worst",)),
)


def _named(record: Record) -> str:
    exponent = record.get("exponent")
    return f"{record['family']} 1e-{exponent}" if exponent else str(record["family"])


def layer_records(results: Results) -> list[Record]:
    """One record for each run and number of layers, with the label of that number: two layers that
    were not found are censored, those that cannot exist have nothing to measure."""
    out = []
    for record in records_of(results):
        for layers in (1, 2, 3):
            own = {
                name.removesuffix(f" {layers}"): x
                for name, x in record.items()
                if name.endswith(f" {layers}")
            }
            size = {"data": _named(record), "d": record.get("size"), "layers": layers}
            kept = {name: record[name] for name in ("seed", "digits", "label")}
            out.append(kept | own | size)
    return out


def depth_tables(results: Results) -> list[Table]:
    """S4: one, two and three layers."""
    records, by = layer_records(results), ("data", "d", "layers")
    known = [
        (sum(r.get("solvable") == 1 for r in g), common(r["label"] for r in g))
        for _, g in grouped(records, by)
    ]
    rows = [
        (*row[:3], *more, *row[3:])
        for row, more in zip(summarised(records, by, _SHOWN), known, strict=True)
    ]
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("layers", "integer"),
        Column("solved", "integer"),
        Column("known"),
        *(column for q in _SHOWN for column in q.columns()),
        *COUNTS,
    )
    caption = (
        "One, two and three layers on the same data, at the same digits: runs with a solution and "
        "how that is known (UNDECIDED: none found, which claims nothing and is censored); digits "
        "that rounding the weights loses; condition of (X, Y) ↦ W (estimated); largest norm of a "
        "weight; relative residual (proved; of the best weight for one layer); most starts of the "
        "search, which the formula of three layers does not need. Smaller is better. "
        f"{run_set(records_of(results))}"
    )
    return [Table("depth", caption, columns, tuple(rows))]


def equation_tables(results: Results) -> list[Table]:
    """S4: three equations by three layers."""
    records = records_of(results)
    for record in records:
        record["d"] = record.get("size")
    quantities = (
        Quantity("log10_residual", "residual", "power", ("worst",)),
        Quantity("log10_radius", "radius", "power", ("worst",)),
        Quantity("log10_condition", "condition", "power", ("median", "worst")),
        Quantity("lost", "digits lost", told=("median", "worst")),
        Quantity("starts", "starts", "integer", ("worst",)),
    )
    columns = (
        Column("data"),
        Column("d", "integer"),
        *(column for q in quantities for column in q.columns()),
        *COUNTS,
    )
    found = sum(r["label"] == Label.CERTIFIED for r in records)
    caption = (
        f"Three equations by three layers: weights were found and certified for {found} of "
        f"{len(records)} instances (an observation, no theorem; none found claims nothing and is "
        "censored). Relative residual and distance to an exact solution (proved), condition of the "
        "Jacobian, digits lost by rounding the weights, starts of the search; smaller is better. "
        f"{run_set(records)}"
    )
    rows = summarised(records, ("family", "d"), quantities)
    return [Table("equations", caption, columns, tuple(rows))]


def depth_figures(results: Results) -> list[Figure]:
    """S4: what two layers and three cost, over the families."""
    from matplotlib.ticker import MaxNLocator

    records = [r for r in layer_records(results) if r["layers"] > 1]
    groups = dict(grouped(records, ("data", "d", "layers")))
    names = list(dict.fromkeys((data, d) for data, d, _ in groups))
    drawing, axes = new(3, 0.8 + 0.19 * len(names))
    panels = (
        (_SHOWN[0], "digits lost by rounding"),
        (_SHOWN[1], r"$\log_{10}\,\kappa$ of $(X, Y) \mapsto W$"),
        (_SHOWN[2], r"$\log_{10}\,\max_j\,\|W_j\|_F$"),
    )
    for axis, (quantity, words) in zip(axes, panels, strict=True):
        for index, layers in enumerate((2, 3)):
            spots = [
                (place + 0.3 * index - 0.15, quantity.values(groups[(*name, layers)])[0])
                for place, name in enumerate(names)
            ]
            boxes(axis, spots, line_style(index), f"{layers} layers")
        axis.set_yticks(range(len(names)), [])
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set(xlabel=words)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.grid(axis="y", visible=False)
    axes[0].set_yticklabels([plot_text(f"{data}, d = {d}") for data, d in names], fontsize=6.5)
    drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    caption = (
        "What the third layer costs and saves on the same data and digits, where both are solved: "
        "median (mark), quartiles (thick) and range (thin) over the seeds, left is better. The "
        "two-layer weights were searched for and certified one by one, those of three layers come "
        "from the formula; where two layers have no mark they cannot solve the problem, or none "
        f"was found. {run_set(records_of(results))}"
    )
    return [Figure("depth", caption, drawing)]
