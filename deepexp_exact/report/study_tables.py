"""The tables of studies S1 to S8: every measure that is present gives its own.

Each is a summary by pandas' groupby (see :mod:`.summaries`): quantiles over all runs, n and the
censored count in every row; what a caption states holds for the rows below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..study import Results
from .depth_study import depth_tables, equation_tables
from .evidence_tables import (
    FLOAT64_NOTE,
    failures,
    proof_tables,
    refutation_tables,
    verification_tables,
)
from .summaries import (
    COUNTS,
    Quantity,
    Record,
    common,
    grouped,
    pandas,
    records_of,
    run_set,
    summarised,
)
from .tables import Column, Table, file_name

_LOST = Quantity("lost", "digits lost", told=("25 %", "median", "75 %", "worst"))
_LOST_SHORT = replace(_LOST, told=("median", "worst"))
_PREDICTED = Quantity("predicted", "digits lost, predicted", told=("median", "worst"))
_CARRIED = Quantity("carried", "digits carried", "integer")
_KEPT = Quantity("log10_float64", "float64 error", "power", ("median", "worst"))
_TIME = Quantity(
    "median_seconds",
    "processor time, ms",
    "time",
    ("25 %", "median", "75 %", "worst"),
    timing=True,
    factor=1000.0,
)
TELLING = {"lost": _LOST, "log10_float64": _KEPT, "median_seconds": _TIME}


def study_tables(results: Results) -> list[Table]:
    """Every table these results have rows for; :class:`NotApplicableError` without pandas."""
    pandas()
    out = []
    for measure, make in _MAKERS.items():
        rows = results.where(measure)
        if len(rows):
            out += [replace(table, measure=measure) for table in make(rows) if table.rows]
    if results.not_passed():
        out.append(failures(results))
    return out


def float64_records(results: Results) -> list[Record]:
    """Records with the float64 error as log10, from the digits kept."""
    out = records_of(results)
    for record in out:
        kept = record.get("float64_digits")
        if kept is not None:
            record["log10_float64"] = -kept
    return out


def _sized(records: list[Record]) -> list[Record]:
    """d as the problem has it (shipped ones have no size to choose)."""
    for record in records:
        record["d"] = record.get("d") or record.get("size")
    sizes = {r["family"]: r["d"] for r in records if r["d"]}
    for record in records:  # a run without an outcome does not tell its size
        record["d"] = record["d"] or sizes.get(record["family"])
    return records


def _table(
    id: str,
    results: Results | list[Record],
    keys: Sequence[tuple[str, Column]],
    quantities: Sequence[Quantity],
    caption: str,
    notes: Iterable[str] = (),
) -> Table:
    """One row for each value of the axes ``keys``, with the quantities, n and censored count."""
    records = _sized(float64_records(results) if isinstance(results, Results) else results)
    first, *others = quantities
    used = [first, *(q for q in others if any(q.name in r for r in records))]
    rows = summarised(records, [name for name, _ in keys], used)
    columns = [c for _, c in keys] + [c for q in used for c in q.columns()] + [*COUNTS]
    return Table(id, f"{caption} {run_set(records)}", tuple(columns), tuple(rows), tuple(notes))


_DATA, _D = ("family", Column("data")), ("d", Column("d", "integer"))
_DIGITS = ("digits", Column("digits", "integer"))


def accuracy_tables(results: Results) -> list[Table]:
    """S1: residual and error by family, size, digits and path; then lost against predicted."""
    records = records_of(results)
    for record in records:
        record["digits"] = None if record["path"] == "double" else record["digits"]
    told = ("median", "75 %", "worst")
    quantities = (
        Quantity("log10_residual", "residual", "power", told),
        Quantity("log10_error", "error", "power", told),
        Quantity("log10_radius", "proved radius", "power", ("worst",)),
    )
    accuracy = _table(
        "accuracy",
        records,
        (_DATA, _D, _DIGITS, ("path", Column("path"))),
        quantities,
        "Relative residual (an upper bound, proved) and relative error of the worst weight: its "
        "distance from the ball path's weights computed with 12 more digits (Frobenius norms); "
        "proved radius: the ball path's own bound of its error. Smaller is better. Digits: as "
        "asked; a dash: float64.",
        ("The path double is float64, its last bits depend on the machine and its libraries.",),
    )
    once = results.where(path="ball")
    loss = _table(
        "prediction",
        once if len(once) else results,
        (_DATA, _D, _DIGITS),
        (replace(_LOST, told=("median", "worst")), _PREDICTED),
        "Digits by which the weights must be longer than the residual asked: measured by rounding "
        "certified weights, and as predicted before solving. Smaller is better; a prediction below "
        "the measurement means that digits are raised at run time.",
    )
    return [accuracy, loss]


def choice_tables(results: Results) -> list[Table]:
    """S2: where the rules auto and positive land."""
    table = _table(
        "choice",
        results,
        (_DATA, _D, ("alpha", Column("rule"))),
        (_LOST, _PREDICTED),
        "The choice of α: decimal digits lost at the α that each rule takes, measured and as "
        "predicted (smaller is better), and the values taken most often.",
    )
    chosen = [
        common(r["chosen_alpha"] for r in found if r.get("chosen_alpha"))
        for _, found in grouped(_sized(records_of(results)), ("family", "d", "alpha"))
    ]
    rows = tuple((*row, text) for row, text in zip(table.rows, chosen, strict=True))
    return [replace(table, columns=(*table.columns, Column("α chosen")), rows=rows)]


def scale_tables(results: Results) -> list[Table]:
    """S2: the real axis, the paper's case; one table a family, for each has its own c."""
    out = []
    real = results.where(im_c=0.0)
    for (family,), found in real.groups("family").items():
        groups = found.groups("re_c")
        most = max(map(len, groups.values()))
        kept = [r for (c,), g in sorted(groups.items()) if len(g) == most for r in g if _shown(c)]
        places = {"predicted": 0} if most == 1 else {}
        table = _table(
            f"scale-{file_name(family)}",
            Results(kept),
            (("re_c", Column("c", "general")),),
            (_LOST_SHORT, replace(_PREDICTED, places=places.get("predicted", 1))),
            f"{family}: digits lost over real c = log α, the paper's case α > 0, measured, and as "
            "predicted; smaller is better. Censored: the prediction is above 120 digits, and "
            "nothing was measured.",
        )
        if table.rows:
            out.append(table)
    return out


def _shown(c: float) -> bool:
    return abs(c * 2 - round(c * 2)) < 1e-9 or abs(c) < 0.05


def branch_tables(results: Results) -> list[Table]:
    """S3: sizes and digits lost for integers k, or for rules."""
    measure = results.rows[0].run.measure
    axis = "k" if measure == "unwinding" else "branch"
    records = float64_records(results)
    for record in records:
        near = record["family"].startswith("near")
        record["distance"] = f"1e-{record['exponent']}" if near else None
    sizes = [Quantity(f"log10_{n}", f"‖{n}‖", "power", ("median",)) for n in ("L", "W2", "W3")]
    words = {
        "k": "the unwinding number k of the eigenvalue of K nearest the cut (0 for the others)",
        "branch": "two rules for the logarithm: the principal one and that of smallest norm",
    }[axis]
    return [
        _table(
            measure,
            records,
            (
                _DATA,
                _D,
                ("distance", Column("from cut")),
                (axis, Column(axis, "integer" if axis == "k" else "text")),
            ),
            (*sizes, _LOST_SHORT, _KEPT),
            f"Branches by {words}: Frobenius norms, decimal digits lost, relative error of the "
            "float64 path's worst weight; smaller is better. From cut: distance of the angle of a "
            "pair of eigenvalues of K from π.",
            (FLOAT64_NOTE,),
        )
    ]


def distance_tables(results: Results) -> list[Table]:
    """S5: as D or Y1 approaches singularity."""
    records = float64_records(results)
    for record in records:
        record["singular"] = record["family"].removeprefix("near-singular-")
        record["distance"] = f"1e-{record['exponent']}"
    return [
        _table(
            "distance",
            records,
            (
                ("singular", Column("singular")),
                ("construction", Column("construction")),
                ("alpha", Column("α")),
                ("distance", Column("distance")),
            ),
            (_LOST, _CARRIED, _KEPT),
            "A hypothesis close to failing, D = X2 − X1 or Y1 at the distance named from a "
            "singular matrix: decimal digits lost, digits that the weights carry for 50 asked, "
            "relative error of the float64 path's worst weight; smaller is better. "
            "Censored: runs beyond the precision ceiling, worse than any measured one.",
            (FLOAT64_NOTE,),
        )
    ]


def cost_tables(results: Results) -> list[Table]:
    """S6: processor time of a whole solve."""
    records = records_of(results)
    for record in records:
        record["digits"] = None if record["path"] == "double" else record["digits"]
    return [
        _table(
            "cost",
            records,
            (_DATA, ("path", Column("path")), _D, _DIGITS),
            (_TIME,),
            "Processor time of a whole solve (spectrum, branch record and choice of α included), "
            f"each run alone, one at a time, on one thread; smaller is better. {machine(results)} "
            "Each run is the median of its repetitions; quantiles are over the seeds.",
        )
    ]


def machine(results: Results) -> str:
    """The machine of the timings in a sentence."""
    timed = [f for f in results.facts if f.get("machine")]
    if not timed:
        return ""
    loads = [float(f["load"]) for f in timed if f.get("load")]
    words = f", load average {max(loads):.1f} at the start" if loads else ""
    return f"Measured on {timed[0]['machine']}{words}."


def peer_tables(results: Results) -> list[Table]:
    """S8: the paths beside what a user would write."""
    records = records_of(results)
    for record in records:
        record["branch"] = other_branch(record)
    quantities = (
        Quantity("log10_error", "error", "power", ("median", "75 %", "worst")),
        Quantity("log10_residual", "residual", "power"),
        replace(_TIME, told=("median", "worst")),
    )
    table = _table(
        "peers",
        records,
        (("method", Column("method")),),
        quantities,
        "Our four paths (multiprecision, ball, mpmath, double: float64 with the recorded branch "
        "repaired) and the formula as a user writes it with mpmath, python-flint and SciPy (real "
        "arrays for real data, logm as it comes), on the same problems with the same α: relative "
        "error of the worst weight against certified weights of the recorded branch, relative "
        "residual (proved), processor time on one thread, each run alone; smaller is better. "
        f"{machine(results)} Other branch: runs whose residual is below 1e-6 and whose error is "
        "above 1e-2, which solve the equations by another logarithm. Censored: runs that delivered "
        "nothing.",
    )
    found = [sum(r["branch"] for r in g) for _, g in grouped(records, ("method",))]
    rows = tuple((*row, n) for row, n in zip(table.rows, found, strict=True))
    columns = (*table.columns, Column("other branch", "integer"))
    return [replace(table, columns=columns, rows=rows)]


def other_branch(record: Record) -> bool:
    """Whether weights solve the equations, by another logarithm than the recorded one."""
    error, residual = record.get("log10_error"), record.get("log10_residual")
    return error is not None and residual is not None and residual < -6 and error > -2


_MAKERS: dict[str, Callable[[Results], list[Table]]] = {
    "accuracy": accuracy_tables,
    "peers": peer_tables,
    "choice": choice_tables,
    "scale": scale_tables,
    "unwinding": branch_tables,
    "rule": branch_tables,
    "depth": depth_tables,
    "equations": equation_tables,
    "distance": distance_tables,
    "cost": cost_tables,
    "proof": proof_tables,
    "refutation": refutation_tables,
    "verification": verification_tables,
}
