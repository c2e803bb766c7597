"""The tables of studies S1 to S7: every measure that is present gives its own.

Medians stand beside the worst case; runs without a result are counted and listed with their
reasons, never averaged away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..solution import Label
from ..study import Results
from ..study.results import value
from .depth_study import depth_tables, equation_tables
from .summaries import bad, common, least, median, worst
from .tables import Column, Table

_EXPLAINED = "Runs that failed or stayed undecided are counted and never averaged away."


def study_tables(results: Results) -> list[Table]:
    """Every table these results have rows for."""
    out = []
    for measure, make in _MAKERS.items():
        rows = results.where(measure)
        if len(rows):
            out += [replace(table, measure=measure) for table in make(rows) if table.rows]
    if results.not_passed():
        out.append(failures(results))
    return out


def accuracy_tables(results: Results) -> list[Table]:
    """S1: one row for each family, size, digits and path."""
    rows = []
    for group, found in results.groups("family", "d", "digits", "path").items():
        family, _, digits, path = group
        size = worst(found.values("size"))
        residuals, errors = found.values("log10_residual"), found.values("log10_error")
        rows.append(
            (
                family,
                size,
                path,
                digits if path != "double" else None,
                median(residuals),
                worst(residuals),
                median(errors),
                worst(errors),
                worst(found.values("lost")),
                worst(found.values("predicted")),
                len(found),
                bad(found),
            )
        )
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("path"),
        Column("digits", "integer"),
        Column("residual", "power"),
        Column("worst", "power"),
        Column("error", "power"),
        Column("worst", "power"),
        Column("lost", "decimal"),
        Column("predicted", "decimal"),
        Column("runs", "integer"),
        Column("bad", "integer"),
    )
    caption = (
        "Relative residual (proved) and relative error of the worst weight (Frobenius), median "
        "and worst over the seeds; smaller is better. Lost and predicted: digits by which the "
        "weights must be longer than their residual, worst seed."
    )
    return [Table("accuracy", caption, columns, tuple(rows), (_EXPLAINED, _FLOAT64))]


_FLOAT64 = "The path double is float64: its last bits depend on the machine and its libraries."


def choice_tables(results: Results) -> list[Table]:
    """S2: where the rules auto and positive land."""
    rows = []
    for (family, _, alpha), found in results.groups("family", "d", "alpha").items():
        lost = found.values("lost")
        rows.append(
            (
                family,
                worst(found.values("size")),
                alpha,
                median(lost),
                worst(lost),
                worst(found.values("predicted")),
                ", ".join(f"{a} ({n}×)" for a, n in common(found.values("chosen_alpha"), 3)),
                bad(found),
            )
        )
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("rule"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("predicted", "decimal"),
        Column("α chosen"),
        Column("bad", "integer"),
    )
    caption = (
        "The choice of α: decimal digits lost (measured, median and worst seed; smaller is "
        "better), the worst prediction, and the values chosen most often."
    )
    return [Table("choice", caption, columns, tuple(rows), (_EXPLAINED,))]


def scale_tables(results: Results) -> list[Table]:
    """S2: the real axis, the paper's case."""
    rows = []
    groups = results.where(im_c=0.0).groups("family", "re_c")
    families = list(dict.fromkeys(family for family, _ in groups))
    for family, c in sorted(groups, key=lambda key: (families.index(key[0]), key[1])):
        found = groups[family, c]
        lost, predicted = found.values("lost"), found.values("predicted")
        if predicted and (abs(c * 2 - round(c * 2)) < 1e-9 or abs(c) < 0.05):
            rows.append((family, f"{c:g}", median(lost), worst(lost), worst(predicted), len(found)))
    columns = (
        Column("data"),
        Column("c"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("predicted", "decimal", 0),
        Column("runs", "integer"),
    )
    caption = (
        "Digits lost over c = log α real (the paper's case α > 0): median and worst seed measured, "
        "worst prediction; smaller is better. A dash: the prediction is above 120 digits and "
        "nothing was measured."
    )
    return [Table("scale", caption, columns, tuple(rows))]


def branch_tables(results: Results) -> list[Table]:
    """S3: sizes and digits lost for integers k, or for rules."""
    axis = "k" if results.rows[0].run.measure == "unwinding" else "branch"
    rows = []
    for group, found in results.groups("family", "d", "exponent", axis).items():
        family, d, exponent, branch = group
        rows.append(
            (
                family,
                d,
                f"1e-{exponent}" if family.startswith("near") else None,
                branch,
                *(median(found.values(f"log10_{name}")) for name in ("L", "W2", "W3")),
                median(found.values("lost")),
                worst(found.values("lost")),
                least(found.values("float64_digits")),
                bad(found),
            )
        )
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("from cut"),
        Column(axis, "integer" if axis == "k" else "text"),
        Column("‖L‖", "power"),
        Column("‖W2‖", "power"),
        Column("‖W3‖", "power"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("float64", "decimal"),
        Column("bad", "integer"),
    )
    caption = (
        "Branches: median Frobenius norms of L, W2, W3; decimal digits lost (median, worst; "
        "smaller is better); digits that float64 keeps in its worst weight (least; larger is "
        "better). " + ("k is that of the eigenvalue of K nearest the cut." if axis == "k" else "")
    )
    return [Table(results.rows[0].run.measure, caption.strip(), columns, tuple(rows), (_FLOAT64,))]


def distance_tables(results: Results) -> list[Table]:
    """S5: as D or Y1 approaches singularity."""
    rows = []
    axes = ("family", "d", "exponent", "construction", "alpha")
    for (family, d, exponent, construction, alpha), found in results.groups(*axes).items():
        rows.append(
            (
                family.removeprefix("near-singular-"),
                d,
                f"1e-{exponent}",
                construction,
                alpha,
                median(found.values("lost")),
                worst(found.values("lost")),
                worst(found.values("carried")),
                least(found.values("float64_digits")),
                len(found),
                bad(found),
            )
        )
    columns = (
        Column("singular"),
        Column("d", "integer"),
        Column("distance"),
        Column("construction"),
        Column("α"),
        Column("lost", "decimal"),
        Column("worst", "decimal"),
        Column("carried", "integer"),
        Column("float64", "decimal"),
        Column("runs", "integer"),
        Column("bad", "integer"),
    )
    caption = (
        "A hypothesis close to failing: decimal digits lost (median, worst; smaller is better), "
        "digits the weights carry for 50 digits asked, digits float64 keeps (least seed; larger is "
        "better). Bad: runs beyond the precision ceiling, listed with their reasons."
    )
    return [Table("distance", caption, columns, tuple(rows), (_FLOAT64,))]


def cost_tables(results: Results) -> list[Table]:
    """S6: seconds of a whole solve."""
    rows = []
    for (family, d, digits, path), found in results.groups("family", "d", "digits", "path").items():
        times = found.values("median_seconds")
        rows.append(
            (
                family,
                d,
                digits if path != "double" else None,
                path,
                _thousandfold(median(times)),
                _thousandfold(worst(found.values("worst_seconds"))),
                bad(found),
            )
        )
    columns = (
        Column("data"),
        Column("d", "integer"),
        Column("digits", "integer"),
        Column("path"),
        Column("median, ms", "decimal", timing=True),
        Column("worst, ms", "decimal", timing=True),
        Column("bad", "integer"),
    )
    caption = (
        "Time of a whole solve (spectrum, branch record and choice of α included); smaller is "
        "better."
    )
    return [Table("cost", caption, columns, tuple(rows))]


def _thousandfold(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def proof_tables(results: Results) -> list[Table]:
    """S7: the statements proved."""
    rows = []
    for row in results:
        label = row.outcome.label if row.outcome else "missing"
        types = value(row, "types")
        rows.append(
            (
                row.run.params["statement"],
                row.run.params["d"],
                types or None,
                value(row, "identities"),
                value(row, "entries"),
                str(label),
                value(row, "prove_seconds"),
            )
        )
    columns = (
        Column("statement"),
        Column("d", "integer"),
        Column("Jordan types", "integer"),
        Column("identities", "integer"),
        Column("entries", "integer"),
        Column("label"),
        Column("seconds", "decimal", 2, timing=True),
    )
    caption = (
        "The statements decided by exact algebra for every matrix of size d: Jordan types covered "
        "(a dash: generic entries), identities and matrix entries decided."
    )
    return [Table("proofs", caption, columns, tuple(rows))]


def refutation_tables(results: Results) -> list[Table]:
    """S7: the mutations refuted."""
    rows = [
        (
            row.run.params["mutation"],
            value(row, "words"),
            str(row.outcome.label) if row.outcome else "missing",
        )
        for row in results
    ]
    columns = (Column("mutation"), Column("changed statement"), Column("label"))
    caption = "Wrong variants of the statements; each has to be REFUTED by exact values."
    return [Table("refutations", caption, columns, tuple(rows))]


def verification_tables(results: Results) -> list[Table]:
    """S7: one row a problem of `verify`."""
    subjects = ("multiprecision", "mpmath", "ball", "symbolic")
    rows = []
    for row in results:
        steps = [value(row, f"label P{j}") for j in range(1, 8)]
        agree = sum(label == str(Label.AGREES) for label in steps)
        rows.append(
            (
                value(row, "problem") or row.run.params["family"],
                f"{agree} of 7",
                *(_short(value(row, f"label {s}")) for s in subjects),
                value(row, "figure double"),
                value(row, "figure multiprecision"),
                str(row.outcome.label) if row.outcome else "missing",
            )
        )
    columns = (
        Column("problem"),
        Column("steps"),
        Column("fast"),
        Column("mpmath"),
        Column("ball"),
        Column("symbolic"),
        Column("float64"),
        Column("residual"),
        Column("all"),
    )
    caption = (
        "Verification: steps P1 to P7 on the instance, the fast (multiprecision) weights "
        "recomputed and held against plain mpmath (up to d = 6), claims C1 to C3 by balls, the "
        "closed form by exact algebra, digits float64 kept/expected (larger is better), largest "
        "residual for 50 digits asked (smaller is better)."
    )
    return [Table("verification", caption, columns, tuple(rows), (_FLOAT64,))]


def _short(label: str | None) -> str | None:
    return {"NOT_APPLICABLE": "n/a", "CERTIFIED": "CERT."}.get(label or "", label)


def failures(results: Results) -> Table:
    """Every run that failed or stayed undecided, with its reason."""
    rows = []
    for row in results.not_passed():
        assert row.outcome is not None
        reason = row.outcome.reason.split(" (")[0]
        rows.append((str(row.run), str(row.outcome.label), reason[:160]))
    columns = (Column("run"), Column("label"), Column("reason"))
    return Table("failures", "Runs that did not pass, with the reason.", columns, tuple(rows))


_MAKERS: dict[str, Callable[[Results], list[Table]]] = {
    "accuracy": accuracy_tables,
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
