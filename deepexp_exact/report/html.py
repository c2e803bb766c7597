"""The page of a verification run: what failed first, every problem against every check, and a
section for each problem with its derivation and the command that repeats it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..problems.families import EVERY, Case
from ..solution import Label
from ..theorem import STATEMENTS, STEPS
from ..verification.run import command_line
from . import page
from .page import Cell, Line
from .problem_section import derivation_parts, digits, how_to_read
from .tables import DASH
from .texts import escape

if TYPE_CHECKING:
    from ..verification import CaseReport, Check, VerifyReport

_SHORT = {Label.CERTIFIED: "CERT.", Label.NOT_APPLICABLE: "n/a"}
#: Heading, explanation and subjects of the columns of labels; the worst label of a column counts.
_COLUMNS = (
    ("H", "hypotheses, by exact ranks", ("H1", "H2", "H3", "H4", "H5")),
    *((step, STATEMENTS[step].words, (step,)) for step in STEPS),
    ("branch", "eigenvalues of L against the record", ("branch",)),
    ("fast", "residuals of the multiprecision weights, recomputed", ("multiprecision",)),
    ("error", "multiprecision weights against a second solve", ("forward error",)),
    ("mpmath", "multiprecision weights against the construction in plain mpmath", ("mpmath",)),
    ("ball", "claims C1 to C3 by ball arithmetic", ("ball",)),
    ("symbolic", "closed form by exact algebra", ("symbolic",)),
    ("B1", STATEMENTS["B1"].words, ("B1",)),
    ("float64", "float64 path; not a failure of the theorem", ("double",)),
)
_MATRIX_WORDS = (
    "Every problem against every check. Digits: carried by the weights / asked. Residual: larger "
    "of ‖f(Xi) − Yi‖/‖Yi‖ (Frobenius), smaller is better. Kept: decimal digits of the worst weight "
    "and of the residual that float64 keeps, larger is better. A problem's name leads to its "
    "section."
)


def verify_page(report: VerifyReport) -> str:
    """The run as one HTML page that needs nothing else."""
    ids = {id(case): f"problem-{j}" for j, case in enumerate(report.cases, 1)}
    known = [check for case in report.cases for check in case.checks if check.expected is not None]
    verdict = "interrupted" if report.interrupted else "NOT passed" if report.bad else "all pass"
    parts = [
        page.contents(_CONTENTS),
        page.headline(_facts(report)),
        page.paragraph("The whole run again:"),
        page.command(report.command),
        page.paragraph(_provenance(report), soft=True),
        _table("Not passed", "failed", report.bad),
        "<div class='broad'>",
        page.heading("Problems and checks", "matrix"),
        page.sortable(
            "matrix",
            _MATRIX_WORDS,
            _heads(),
            [_line(case, ids[id(case)]) for case in report.cases],
            kind="matrix",
        ),
        "</div>",
        _reasons(report.cases),
        _table("Negative controls: wrong inputs that have to be REFUTED", "controls", known),
        page.heading("Problems", "problems"),
        how_to_read(),
        page.problems([_case(c, ids[id(c)], report) for c in report.cases], _labels(report.cases)),
        page.heading("Labels", "labels"),
        page.label_key(),
        "<p><button type='button' class='save'>save every figure as JSON</button></p>",
    ]
    return page.document(f"verify {report.mode}: {verdict}", parts, report.to_json())


_CONTENTS = (
    ("matrix", "Problems and checks"),
    ("controls", "Negative controls"),
    ("problems", "Problems"),
    ("labels", "Labels"),
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
    residuals = [c.figure for case in report.cases for c in _of(case, ("multiprecision",))]
    if residuals:
        facts.append(("worst residual", min(residuals, key=digits), False))
    kept = [x for case in report.cases if (x := _kept(case)) is not None]
    if kept:
        facts.append(("fewest digits float64 keeps", f"{min(kept):.1f}", False))
    return facts


def _provenance(report: VerifyReport) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return f"{report.seconds:.1f} s; {versions}."


def _of(case: CaseReport, subjects: Sequence[str]) -> list[Check]:
    return [check for check in case.checks if check.subject in subjects]


def _kept(case: CaseReport) -> float | None:
    figures = [check.figure.partition("/")[0] for check in _of(case, ("double",))]
    return float(figures[0]) if figures and figures[0] else None


def _heads() -> list[tuple[str, str]]:
    heads = [("problem", ""), ("d", ""), ("digits", "carried / asked"), ("residual", "")]
    heads += [(name, words) for name, words, _ in _COLUMNS]
    return [
        *heads,
        ("kept", "digits float64 keeps: weights / residual"),
        ("one layer", "squared residual of the best one-layer network W·X"),
        ("s", "seconds"),
    ]


def _line(case: CaseReport, id_: str) -> Line:
    residual = next((check.figure for check in _of(case, ("multiprecision",))), "")
    kept = next((check.figure for check in _of(case, ("double",))), "")
    carried = case.summary.get("digits carried", "")
    cells = [
        Cell(case.problem, href=id_),
        Cell(str(case.d), number=True),
        Cell(
            f"{carried or DASH}/{case.digits}",
            number=True,
            key=float(carried) if carried else None,
        ),
        _size(residual),
        *(_worst(case, subjects) for _, _, subjects in _COLUMNS),
        Cell(kept or DASH, number=True, key=_kept(case)),
        Cell(case.summary.get("one layer, squared residual", DASH), number=True),
        Cell(f"{case.seconds:.1f}", number=True),
    ]
    return Line(cells, _labels([case]))


def _size(text: str) -> Cell:
    """A relative size, sorted by its logarithm; zero is the smallest."""
    return Cell(text or DASH, number=True, key=max(-digits(text), -1e9) if text else None)


def _worst(case: CaseReport, subjects: Sequence[str]) -> Cell:
    checks = _of(case, subjects)
    if not checks:
        return Cell(DASH)
    worst = min(checks, key=lambda c: (c.passes, c.label is not Label.NOT_APPLICABLE))
    return Cell(_SHORT.get(worst.label, ""), label=str(worst.label))


def _labels(cases: Iterable[CaseReport]) -> list[str]:
    return sorted({str(check.label) for case in cases for check in case.checks})


def _table(title: str, id_: str, checks: Sequence[Check]) -> str:
    """The checks of several problems under a heading; nothing for none."""
    if not checks:
        return ""
    rows = (
        [
            Cell(check.problem).html(),
            Cell(check.subject.removeprefix("control: ")).html(),
            f"<td>{page.chip(str(check.label))}</td>",
            Cell(check.figure, number=True).html(),
            Cell(check.tolerance).html(),
            Cell(check.detail, words=True).html(),
        ]
        for check in checks
    )
    heads = ("problem", "check", "label", "figure", "tolerance", "what")
    return page.heading(title, id_) + page.plain_table(heads, rows)


def _reasons(cases: Iterable[CaseReport]) -> str:
    """Why checks were not applicable, with their number."""
    reasons = Counter(
        (check.subject, check.detail)
        for case in cases
        for check in case.checks
        if check.label is Label.NOT_APPLICABLE
    )
    if not reasons:
        return ""
    rows = (
        [Cell(str(n), number=True).html(), Cell(subject).html(), Cell(detail, words=True).html()]
        for (subject, detail), n in reasons.most_common()
    )
    return f"<h3>Why n/a</h3>{page.plain_table(('times', 'check', 'reason'), rows)}"


def _case(case: CaseReport, id_: str, report: VerifyReport) -> str:
    """The section of one problem; the command repeats it alone."""
    verdict = page.chip("AGREES", "passes") if case.passes else page.chip("FAILED", "does not pass")
    counts = Counter(str(check.label) for check in case.checks)
    words = f"d = {case.d}, {case.digits} digits, {case.seconds:.1f} s"
    if case.warnings:
        words += f", {len(case.warnings)} warning{'s' if len(case.warnings) > 1 else ''}"
    summary = f"<b>{escape(case.problem)}</b>{verdict} <span class='soft'>{escape(words)}</span>"
    again = Case(case.family, case.d, case.seed, case.digits)
    mode, _, paper = report.mode.partition(" ")
    labels = ", ".join(f"{label} {n}" for label, n in sorted(counts.items()))
    seed = f"Seed {case.seed}. " if case.family in EVERY else ""
    body = [
        page.paragraph(f"{case.purpose or case.problem}. {seed}{labels}."),
        page.command(command_line(mode, bool(paper), [again])),
        *derivation_parts(case),
    ]
    return page.problem(id_, summary, body, sorted(counts), not case.passes)
