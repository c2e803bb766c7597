"""Tables and figure of the forward errors of exp and log, by ``forward_errors``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forward_errors import Point

#: Upper edge of the figure's panels, log10 of error/u.
TOP = 30.0
#: The multiple of d·max(1, κ)·u that errors stay below.
MULTIPLE = 10
NOTES = (
    (
        "function: exp(A), log(K) asked for these digits, u = 2^−w at their working precision of w "
        "bits; path: exp(log(α)·A), α chosen by solve, and log(K) as solve returns them, u = 10^−n "
        "with n the digits carried (left out: log of davies-higham, which takes minutes)."
    ),
    (
        "κ: relative condition number, Frobenius norm. References: ball enclosures. 0: no error "
        "seen at 2^−20·u."
    ),
)


def table(points: Sequence[Point]) -> Any:
    """One row a matrix, function and source, sorted by κ; error/(max(1, κ)·u) for each digits."""
    from deepexp_exact.report.tables import Column, Table

    digits = sorted({p.digits for p in points})
    rows: dict[tuple[str, str, str], list[Point]] = {}
    for p in points:
        rows.setdefault((p.function, p.source, p.matrix), []).append(p)
    lines = []
    for (function, source, name), found in rows.items():
        by_digits = {p.digits: p for p in found}
        ratios = [
            None if n not in by_digits else -math.inf if (r := by_digits[n].ratio) is None else r
            for n in digits
        ]
        methods = "/".join(dict.fromkeys(p.method for p in found))
        kappa = found[0].kappa * math.log10(2)
        lines.append((function, source, methods, name, found[0].d, kappa, *ratios))
    columns = (
        Column("function"),
        Column("source"),
        Column("method"),
        Column("matrix"),
        Column("d", "integer"),
        Column("κ", "power"),
        *(Column(f"{n} digits", "power") for n in digits),
    )
    return Table(
        "forward-errors",
        "Forward errors of exp and log on hard matrices: error/(max(1, κ)·u), smaller is better",
        columns,
        tuple(lines),
        NOTES,
    )


def summary(points: Sequence[Point]) -> Any:
    """error/(max(1, κ)·u) over the matrices, for each function, source and number of digits."""
    from deepexp_exact.report.summaries import COUNTS, Quantity, grouped, summarised
    from deepexp_exact.report.tables import Column, Table

    records: list[dict[str, Any]] = [
        {
            "function": p.function,
            "source": p.source,
            "digits": None if p.source == "scipy" else p.digits,
            "matrix": p.matrix,
            "label": "CERTIFIED",
            "ratio": -math.inf if p.ratio is None else p.ratio,
        }
        for p in points
    ]
    records.sort(key=lambda r: (r["function"], ("function", "path", "scipy").index(r["source"])))
    told = Quantity("ratio", "error/(max(1, κ)·u)", "power", ("25 %", "median", "75 %", "worst"))
    by = ("function", "source", "digits")
    names = []
    for _, found in grouped(records, by):
        top = max(found, key=lambda r: r["ratio"])
        names.append(top["matrix"] if math.isfinite(top["ratio"]) else None)
    rows = [(*row, name) for row, name in zip(summarised(records, by, (told,)), names, strict=True)]
    columns = (
        Column("function"), Column("source"), Column("digits", "integer"), *told.columns(), *COUNTS,
        Column("worst matrix"),
    )  # fmt: skip
    matrices = len({p.matrix for p in points})
    caption = (
        f"Relative forward errors (Frobenius) of exp and log on {matrices} published hard matrices "
        "in units of max(1, κ)·u, κ the relative condition number, against ball enclosures; "
        "smaller is better, and a value near d or below is what stability allows. Function: exp(A) "
        "and log(K) asked for these digits, u of their working precision; path: as solve returns "
        "them, u = 10^(−digits carried); scipy: expm and logm in float64 as they come, u = 2^−53. "
        f"0: no error seen at 2^−20·u. {_met(points)}"
    )
    found = Table("forward-errors", caption, columns, tuple(rows), measure="forward-errors")
    return found


def _met(points: Sequence[Point]) -> str:
    """What the functions' errors beyond the multiple amount to."""
    own = [p for p in points if p.source == "function"]
    beyond = [p for p in own if not p.within]
    given = sum(p.delivered for p in own)
    return (
        f"Of {len(own)} errors of the functions {len(beyond)} exceed {MULTIPLE}·d·max(1, κ)·u; "
        f"{given} are at most 10^(−digits), as asked, by guard bits where they have to."
    )


def figure(points: Sequence[Point]) -> Any:
    """log10 of error/u, matrices in order of κ, with the line max(1, κ): exp, exp in solve, log."""
    from deepexp_exact.report.figures import COLOURS, MARKERS, Figure, new

    digits = sorted({p.digits for p in points if p.source != "scipy"})
    drawing, axes = new(3, 2.7)
    shown = 0
    for panel, title, function, sources in (
        (axes[0], "exp", "exp", ("function", "scipy")),
        (axes[1], "exp, in solve", "exp", ("path",)),
        (axes[2], "log", "log", ("function", "path", "scipy")),
    ):
        here = [p for p in points if p.function == function and p.source in sources]
        kappas = {p.matrix: max(0.0, p.kappa) * math.log10(2) for p in here}
        order = sorted(kappas, key=lambda name: kappas[name])
        xs = range(1, len(order) + 1)
        label = r"$\max(1, \kappa)$"
        panel.plot(xs, [kappas[m] for m in order], color="black", linewidth=1.2, label=label)
        for source in sources:
            for j, n in enumerate(digits if source != "scipy" else (0,)):
                group = [
                    p
                    for p in here
                    if p.source == source
                    and (source == "scipy" or p.digits == n)
                    and p.over_unit is not None
                    and p.over_unit <= TOP
                ]
                shown += len(group)
                if not group:
                    continue
                index = len(digits) if source == "scipy" else j
                label = "SciPy" if source == "scipy" else f"{n} digits"
                panel.plot(
                    [order.index(p.matrix) + 1 for p in group],
                    [p.over_unit for p in group],
                    linestyle="none",
                    marker=MARKERS[index],
                    markersize=3,
                    markeredgewidth=0.7,
                    color=COLOURS[index + 1],
                    markerfacecolor="none" if source == "path" else COLOURS[index + 1],
                    label=label + (", in solve" if source == "path" else ""),
                )
        panel.set_ylim(-7.0, TOP)
        panel.set_xlabel(r"matrices, in order of $\kappa$")
        panel.set_title(title)
    axes[0].set_ylabel(r"$\log_{10}(\mathrm{error}/u)$")
    handles = {
        text: handle
        for panel in axes
        for handle, text in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    drawing.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6)
    caption = _caption(points, shown)
    return Figure("forward-errors", caption, drawing, "forward-errors")


def _caption(points: Sequence[Point], shown: int) -> str:
    words = (
        "Relative forward errors of the exponential and the logarithm on hard matrices in units of "
        "u, sorted by the condition number κ; the line is max(1, κ), lower is better. Filled: the "
        "functions, u = 2^−w at their working precision of w bits, and SciPy's, u = 2^−53; hollow: "
        "as solve returns them, u = 10^(−digits carried)."
    )
    above = [p for p in points if (p.over_unit or 0.0) > TOP]
    names = sorted({f"{p.function} of {p.matrix} ({p.source})" for p in above})
    if names:
        words += f" Above the panels: {', '.join(names)}."
    below = len(points) - shown - len(above)
    return words + f" {below} of {len(points)} errors are below 2^−20·u and not drawn."
