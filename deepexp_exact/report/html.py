"""The page of a verification run: what failed first, every problem against every check, and a
section for each problem with its derivation and the command that repeats it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..problems.families import EVERY, Case
from ..solution import Label
from ..verification.run import command_line
from .pages import OPENED, Cell, Grid, Head, allot, fragment, rendered_page, size
from .problem_section import CHECKS, checks_rows, derivation, how_to_read
from .tables import DASH

if TYPE_CHECKING:
    from ..verification import CaseReport, Check, VerifyReport

_SHORT = {Label.CERTIFIED: "CERT.", Label.NOT_APPLICABLE: "n/a"}
#: Heading, explanation and subject of the columns of labels.
_COLUMNS = (
    ("branch", "eigenvalues of L against the record", "branch"),
    ("recomputed", "residuals of the multiprecision weights, recomputed", "multiprecision"),
    ("solved again", "multiprecision weights against a second solve", "forward error"),
    ("mpmath", "multiprecision weights against the construction in plain mpmath", "mpmath"),
    ("ball", "claims C1 to C4 by ball arithmetic", "ball"),
    ("symbolic", "closed form by exact algebra", "symbolic"),
)
_CAPTION = (
    "Every problem against every check. Residual: larger of ‖f(Xi) − Yi‖/‖Yi‖ (Frobenius), smaller "
    "is better. Hypotheses that hold, steps that hold, each of those examined. float64, script: "
    "decimal digits of the worst weight and of the residual that the float64 path and an ordinary "
    "SciPy script keep, larger is better; a finding, not a failure of the "
    "theorem. One "
    "layer: squared residual of the best W·X. A problem's name leads to its section."
)
_HEADS = (
    *(Head("problem"), Head("d", "", "number"), Head("digits", "asked", "number")),
    *(Head("carried", "digits that the weights carry", "number"), Head("residual", "", "number")),
    *(Head("hypotheses", "by exact ranks", "number"), Head("steps", "", "number")),
    *(Head(name, words) for name, words, _ in _COLUMNS),
    Head("float64: W", "digits that it keeps in its worst weight", "number"),
    Head("residual", "digits that float64 keeps in its residual", "number"),
    Head("script: W", "digits of the worst weight by an ordinary script", "number"),
    Head("residual", "digits of its residual by an ordinary script", "number"),
    *(Head("one layer", "", "number"), Head("s", "seconds", "number")),
)


def verify_page(report: VerifyReport) -> str:
    """The run as one HTML page that needs nothing else."""
    verdict = "interrupted" if report.interrupted else "NOT passed" if report.bad else "all pass"
    known = [check for case in report.cases for check in case.checks if check.expected is not None]
    ids = [f"problem-{j}" for j in range(1, len(report.cases) + 1)]
    rows = [(_row(c, id_), _labels([c])) for c, id_ in zip(report.cases, ids, strict=True)]
    matrix = Grid("matrix", _CAPTION, _HEADS, rows, "sortable matrix")
    failed = _checks("failed", "Checks that did not pass.", report.bad)
    words = "Wrong inputs, made on purpose; a figure beyond its tolerance refutes them."
    controls = _checks("controls", words, known)
    reasons = _reasons(report.cases)
    grids = [g for g in (failed, matrix, controls, reasons) if g]
    bad = [id_ for case, id_ in zip(report.cases, ids, strict=True) if not case.passes]
    allot(grids, used=400 + 240 * len(bad[:OPENED]))
    return rendered_page(
        "verify.html",
        grids,
        report.to_json(),
        title=f"verify {report.mode}: {verdict}",
        contents=[
            *([("failed", "Not passed")] if failed else []),
            ("matrix", "Problems and checks"),
            *([("reasons", "Not applicable")] if reasons else []),
            *([("controls", "Negative controls")] if controls else []),
            ("problems", "Problems"),
        ],
        facts=_facts(report),
        command=report.command,
        provenance=_provenance(report),
        **{"failed": failed, "matrix": matrix, "controls": controls, "reasons": reasons},
        sections=[
            _section(case, id_, report, id_ in bad[:OPENED])
            for case, id_ in zip(report.cases, ids, strict=True)
        ],
        labels=_labels(report.cases),
        **how_to_read(),
    )


def _facts(report: VerifyReport) -> list[tuple[str, object, bool]]:
    counts = report.counts
    bad = {"FAILED", "UNDECIDED"}
    facts: list[tuple[str, object, bool]] = [
        ("problems run of those planned", f"{len(report.cases)} of {report.planned}", False),
        ("checks not passed", len(report.bad), bool(report.bad)),
    ]
    facts += [
        (str(label), counts[str(label)], str(label) in bad and counts[str(label)] > 0)
        for label in Label
        if counts[str(label)] or str(label) in bad
    ]
    residuals = [size(f) for case in report.cases if (f := _figure(case, "multiprecision"))]
    if known := [cell for cell in residuals if cell.key is not None]:
        facts.append(("worst residual", max(known, key=lambda c: c.key or 0.0).text, False))
    kept = [k for case in report.cases if (k := _kept(case, "double")[0].key) is not None]
    if kept:
        none = sum(digits <= 0 for digits in kept)
        facts.append(("problems of which float64 keeps no digit", f"{none} of {len(kept)}", False))
    return facts


def _provenance(report: VerifyReport) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return f"{report.seconds:.1f} s; {versions}."


def _figure(case: CaseReport, subject: str) -> str:
    return next((check.figure for check in case.checks if check.subject == subject), "")


def _kept(case: CaseReport, subject: str) -> list[Cell]:
    """Digits that float64 keeps: in its weights, in its residual."""
    weights, _, residual = _figure(case, subject).partition("/")
    named = {"": DASH, "inf": "∞", "-inf": "none"}
    return [
        Cell(named.get(text, text), key=max(-1e9, min(float(text), 1e9)) if text else None)
        for text in (weights, residual)
    ]


def _row(case: CaseReport, id_: str) -> list[Cell]:
    summary = case.summary
    return [
        Cell(case.problem, href=id_),
        *map(Cell, (str(case.d), str(case.digits), summary.get("digits carried", DASH))),
        size(_figure(case, "multiprecision")),
        _held(case, lambda c: c.subject[0] == "H" and c.subject[1:].isdigit()),
        _held(case, lambda c: c.is_step),
        *(_worst([c for c in case.checks if c.subject == s]) for _, _, s in _COLUMNS),
        *(cell for subject in ("double", "script") for cell in _kept(case, subject)),
        size(_figure(case, "B1")),
        Cell(f"{case.seconds:.1f}"),
    ]


def _held(case: CaseReport, chosen: Callable[[Check], bool]) -> Cell:
    """How many of the chosen checks hold, of those there are: "7 of 7"."""
    checks = [check for check in case.checks if chosen(check)]
    held = sum(c.holds for c in checks)
    return Cell(f"{held} of {len(checks)}" if checks else DASH, key=held - 1e-3 * len(checks))


def _worst(checks: Sequence[Check]) -> Cell:
    if not checks:
        return Cell(DASH)
    worst = min(checks, key=lambda c: (c.passes, c.label is not Label.NOT_APPLICABLE))
    return Cell(_SHORT.get(worst.label, ""), str(worst.label))


def _labels(cases: Iterable[CaseReport]) -> list[str]:
    return sorted({str(check.label) for case in cases for check in case.checks})


def _checks(id_: str, caption: str, checks: Sequence[Check]) -> Grid | None:
    """The checks of several problems; nothing for none."""
    rows = [
        ([Cell(check.problem), *cells], [str(check.label)])
        for check, (cells, _) in zip(checks, checks_rows(checks), strict=True)
    ]
    return Grid(id_, caption, (Head("problem"), *CHECKS), rows) if rows else None


def _reasons(cases: Iterable[CaseReport]) -> Grid | None:
    """Why checks were not applicable, with their number."""
    reasons = Counter(
        (check.subject, check.detail)
        for case in cases
        for check in case.checks
        if check.label is Label.NOT_APPLICABLE
    )
    rows = [([*map(Cell, (s, str(n), words))], ()) for (s, words), n in reasons.most_common()]
    heads = (Head("check"), Head("times", "", "number"), Head("reason", "", "math"))
    caption = "Checks that are not applicable, how often, and why."
    return Grid("reasons", caption, heads, rows) if rows else None


def _section(case: CaseReport, id_: str, report: VerifyReport, opened: bool) -> dict[str, Any]:
    """The section of one problem; the command repeats it alone."""
    counts = Counter(str(check.label) for check in case.checks)
    words = f"d = {case.d}, {case.digits} digits, {case.seconds:.1f} s"
    if case.warnings:
        words += f", {len(case.warnings)} warning{'s' if len(case.warnings) > 1 else ''}"
    again = Case(case.family, case.d, case.seed, case.digits)
    mode, _, paper = report.mode.partition(" ")
    labels = ", ".join(f"{label} {n}" for label, n in sorted(counts.items()))
    seed = f"Seed {case.seed}. " if case.family in EVERY else ""
    body = fragment(
        "case.html",
        words=f"{case.purpose or case.problem}. {seed}{labels}.",
        command=command_line(mode, bool(paper), [again]),
        derivation=derivation(case, id_),
    )
    chip = ("AGREES", "passes") if case.passes else ("FAILED", "does not pass")
    return {
        **{"id": id_, "name": case.problem, "words": words, "chips": [chip], "body": body},
        **{"labels": sorted(counts), "bad": not case.passes, "open": opened},
    }
