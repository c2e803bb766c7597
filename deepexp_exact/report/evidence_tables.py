"""The tables of study S7 and of the runs that did not pass: what is known, and how."""

from __future__ import annotations

import math

from ..solution import Label
from ..study import Results
from ..study.results import value
from .summaries import grouped
from .tables import Column, Table

#: What is said of float64 wherever it is shown.
FLOAT64_NOTE = (
    "∞: a weight is not finite. The last bits of float64 depend on the machine and its libraries."
)


def proof_tables(results: Results) -> list[Table]:
    """S7: the statements proved."""
    rows = [
        (
            row.run.params["statement"],
            row.run.params["d"],
            value(row, "types") or None,
            value(row, "identities"),
            value(row, "entries"),
            str(row.outcome.label),
            1000 * (value(row, "prove_seconds") or 0.0),
        )
        for row in results
        if row.outcome
    ]
    columns = (
        Column("statement"),
        Column("d", "integer"),
        Column("types", "integer"),
        Column("identities", "integer"),
        Column("entries", "integer"),
        Column("label"),
        Column("time, ms", "time", 0, timing=True),
    )
    proved = sum(row[5] == Label.PROVED for row in rows)
    caption = (
        f"The statements decided by exact algebra for every matrix of size d, {proved} of "
        f"{len(rows)} PROVED: Jordan types covered (a dash: generic entries), identities and "
        "matrix entries decided. Time: one run each, beside others on the same machine; the first "
        "in each process loads the algebra."
    )
    return [Table("proofs", caption, columns, tuple(rows))]


def refutation_tables(results: Results) -> list[Table]:
    """S7: the mutations refuted."""
    rows = [
        (row.run.params["mutation"], value(row, "words"), str(row.outcome.label))
        for row in results
        if row.outcome
    ]
    refuted = sum(row[2] == Label.REFUTED for row in rows)
    columns = (Column("mutation"), Column("changed statement", "formula"), Column("label"))
    caption = (
        f"Wrong variants of the statements, {refuted} of {len(rows)} REFUTED by exact values, as "
        "each has to be."
    )
    return [Table("refutations", caption, columns, tuple(rows))]


def verification_tables(results: Results) -> list[Table]:
    """S7: one row a problem of `verify`."""
    subjects = ("mpmath", "ball", "symbolic")
    rows = []
    for row in results:
        if row.outcome is None:
            continue
        known = {k.removeprefix("label "): v for k, v in row.outcome.measured.items()}
        steps = [known[s] for s in STEPS_SHOWN if s in known]
        agree = sum(label == str(Label.AGREES) for label in steps)
        rows.append(
            (
                value(row, "problem") or row.run.params["family"],
                f"{agree} of {len(steps)}",
                _short(value(row, "label multiprecision")),
                _log10(value(row, "figure multiprecision")),
                *(_short(value(row, f"label {s}")) for s in subjects),
                *_log10_errors(value(row, "figure double")),
                *_log10_errors(value(row, "figure script")),
                str(row.outcome.label),
            )
        )
    columns = (
        Column("problem"),
        Column("steps"),
        Column("label", group="multiprecision"),
        Column("residual", "power", group="multiprecision"),
        *(Column(s) for s in subjects),
        *(
            Column(heading, "power", group=group)
            for group in ("float64 path", "SciPy script")
            for heading in ("error", "residual")
        ),
        Column("verdict"),
    )
    caption = (
        f"Verification of {len(rows)} problems: steps evaluated on the instance, the "
        "multiprecision weights recomputed and held against plain mpmath (up to d = 6), claims C1 "
        "to C3 by balls, the closed form by exact algebra (n/a: it has none); relative error of "
        "the worst weight and relative residual by the float64 path (always complex, the branch "
        "repaired) and by an ordinary SciPy script (real arrays for real data, logm as it comes; a "
        "dash: another construction than the script's is taken); relative residual of the "
        "multiprecision weights for 50 digits asked. Smaller is better."
    )
    return [Table("verification", caption, columns, tuple(rows), (FLOAT64_NOTE,))]


#: Steps of `verify` on an instance: the theorem's and those of a first layer by splitting.
STEPS_SHOWN = (*(f"P{j}" for j in range(1, 8)), *(f"Q{j}" for j in range(9)))


def _log10_errors(figure: str | None) -> tuple[float | None, float | None]:
    """log10 of error and residual from the digits "14.8/14.4" that they leave."""
    if not figure:
        return None, None
    weights, residuals = (-float(x) for x in figure.split("/"))
    return weights, residuals


def _log10(text: str | None) -> float | None:
    """log10 of "1.2e-57", whatever its exponent; −inf of "0"."""
    if not text:
        return None
    mantissa, _, exponent = text.partition("e")
    size = float(mantissa)
    return math.log10(size) + int(exponent or 0) if size else -math.inf


def _short(label: str | None) -> str | None:
    return "n/a" if label == Label.NOT_APPLICABLE else label


def failures(results: Results) -> Table:
    """Runs that failed or stayed undecided, gathered by their reason."""
    records = [
        {
            "measure": row.run.measure,
            "label": str(row.outcome.label),
            "reason": row.outcome.reason.split(" (")[0][:160],
            "run": str(row.run).removeprefix(f"{row.run.measure} "),
        }
        for row in results.not_passed()
        if row.outcome
    ]
    rows = [
        (*key, len(found), found[0]["run"])
        for key, found in grouped(records, ("measure", "label", "reason"))
    ]
    columns = (
        Column("measure"),
        Column("label"),
        Column("reason"),
        Column("n", "integer"),
        Column("the first of them"),
    )
    expected = len(results.expected())
    caption = (
        f"The {len(records)} runs of {len(results)} that did not pass, gathered by their reason; "
        f"{expected} of them reached a ceiling that their study looks for, as expected. Every one "
        "counts as censored in the tables above."
    )
    return Table("failures", caption, columns, tuple(rows))
