"""The page of a study: figures, tables, every run, and a section for each problem with the
derivation of one of its runs and the commands that repeat them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import NotApplicableError
from ..solution import Label
from ..study import Results, Store
from ..study.derivations import Subject, case_of, stored, subjects
from ..study.outcome import Outcome, encode
from ..study.results import value
from ..study.single import COMMAND, command_of, words_of
from ..study.store import Row
from ..verification.verdicts import CaseReport
from . import page
from .figures import Figure, rendered
from .page import Cell, Line
from .problem_section import derivation_parts, how_to_read
from .study_figures import study_figures
from .study_tables import study_tables
from .tables import Column
from .texts import escape

#: The columns of figures in the table of every run.
_FIGURES = {
    "lost": Column("lost", "decimal"),
    "predicted": Column("predicted", "decimal"),
    "log10_residual": Column("residual", "power"),
    "log10_error": Column("error", "power"),
    "float64_digits": Column("float64", "decimal"),
}
_RUNS_WORDS = (
    f"Every run; to repeat one: {' '.join(COMMAND)} and the words of its row (a click copies the "
    "command). Lost, predicted: decimal digits lost; residual, error: relative (Frobenius); for "
    "these smaller is better. Float64: digits float64 keeps; larger is better."
)
_PROBLEMS_WORDS = (
    "Each problem of the study. Its derivation belongs to the run that lost the most digits of "
    "those that passed, solved again by the multiprecision path with at most 50 digits."
)
_CONTENTS = (
    ("figures", "Figures"),
    ("tables", "Tables"),
    ("runs", "Every run"),
    ("problems", "Problems"),
    ("again", "How to repeat this"),
    ("labels", "Labels"),
)


def study_page(
    results: Results,
    stores: Sequence[str] = (),
    derived: Mapping[str, Outcome] | None = None,
) -> str:
    """The page as text; figures are left out where matplotlib is not installed.

    ``derived`` are the outcomes of :func:`deepexp_exact.study.derivations.derive`; the results'
    own are shown if it is None."""
    title = ", ".join(facts.get("name", "") for facts in results.facts) or "study"
    known = stored(results) if derived is None else derived
    found = subjects(results)
    tables = study_tables(results)
    parts = [
        page.contents(_CONTENTS),
        *(page.paragraph(text) for facts in results.facts if (text := facts.get("title"))),
        page.headline(_facts(results, found)),
        page.heading("Figures", "figures"),
        *_figures(results),
        page.heading("Tables", "tables"),
        *(page.table_section(table) for table in tables),
        page.heading("Every run", "runs"),
        _runs(results),
        page.heading("Problems", "problems"),
        page.paragraph(_PROBLEMS_WORDS),
        how_to_read(),
        _problems(found, known),
        page.heading("How to repeat this", "again"),
        *_again(results, stores),
        page.heading("Labels", "labels"),
        page.label_key(),
        "<p><button type='button' class='save'>save every figure as JSON</button></p>",
    ]
    return page.document(title, parts, _data(results))


def _facts(results: Results, found: Sequence[Subject]) -> list[tuple[str, object, bool]]:
    counts = Counter(row.outcome.label for row in results if row.outcome)
    missing = results.missing()
    facts: list[tuple[str, object, bool]] = [
        ("runs", len(results), False),
        ("problems", len(found), False),
    ]
    for label in Label:
        bad = not label.passes
        if counts[label] or bad:
            facts.append((str(label), counts[label], bad and counts[label] > 0))
    facts.append(("missing", missing, missing > 0))
    for name, words, pick in (
        ("lost", "most digits lost", max),
        ("float64_digits", "fewest digits float64 keeps", min),
    ):
        values = [x for x in results.values(name) if isinstance(x, float) and math.isfinite(x)]
        if values:
            facts.append((words, f"{pick(values):.1f}", False))
    return facts


def _figures(results: Results) -> list[str]:
    try:
        figures = study_figures(results)
    except NotApplicableError as error:
        return [page.paragraph(str(error))]
    return [_figure(figure) for figure in figures] or [page.paragraph("No figures.")]


def _figure(figure: Figure) -> str:
    """The drawing as SVG within the page, its identifiers made unique."""
    text = rendered(figure, "svg").decode()
    body = text[text.index("<svg") :]
    for mark in ('id="', 'xlink:href="#', "url(#"):
        body = body.replace(mark, f"{mark}{figure.id}-")
    return (
        f"<figure id='figure-{escape(figure.id)}'><div class='plot' tabindex='0' role='img' "
        f'aria-label="{escape(figure.caption)}">{body}</div>'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
    )


def _runs(results: Results) -> str:
    shown = {name: column for name, column in _FIGURES.items() if results.values(name)}
    reasons = any(row.outcome and row.outcome.reason for row in results)
    heads = [("run", ""), ("label", ""), *((c.heading, "") for c in shown.values())]
    heads += [("reason", "")] if reasons else []
    return page.sortable(
        "runs",
        _RUNS_WORDS,
        heads,
        [_run(row, shown, reasons) for row in results],
        kind="runs",
        prefix=f"{' '.join(COMMAND)} ",
    )


def _run(row: Row, shown: Mapping[str, Column], reasons: bool) -> Line:
    label = _label(row)
    words = command_of(row.run).removeprefix(f"{' '.join(COMMAND)} ")
    cells = [Cell(words, code=True), Cell(label=label)]
    for name, column in shown.items():
        figure = value(row, name)
        key = page.sort_key(column.kind, figure)
        cells.append(Cell(column.cell(figure), key=key, number=True))
    if reasons:
        cells.append(Cell(row.outcome.reason if row.outcome else "", words=True))
    return Line(cells, [label])


def _label(row: Row) -> str:
    return str(row.outcome.label) if row.outcome else "missing"


def _problems(found: Sequence[Subject], derived: Mapping[str, Outcome]) -> str:
    if not found:
        return page.paragraph("The runs of this study are about statements, not about problems.")
    labels = {_label(row) for subject in found for row in subject.rows}
    sections = [_problem(s, f"problem-{j}", derived) for j, s in enumerate(found, 1)]
    return page.problems(sections, sorted(labels))


def _problem(subject: Subject, id_: str, derived: Mapping[str, Outcome]) -> str:
    counts = Counter(_label(row) for row in subject.rows)
    chips = " ".join(page.chip(label, f"{label} {n}") for label, n in sorted(counts.items()))
    lost = value(subject.shown, "lost")
    words = f", most digits lost {lost:.1f}" if isinstance(lost, float) else ""
    plural = "" if len(subject.rows) == 1 else "s"
    summary = (
        f"<b>{escape(subject.name)}</b> {chips} "
        f"<span class='soft'>{len(subject.rows)} run{plural}{escape(words)}</span>"
    )
    chosen = " ".join(f'"{word}"' for word in words_of(subject.shown.run)[1:] if _names(word))
    button = f"<button type='button' data-runs='{escape(chosen)}'>"
    body = [
        f"<p>{button}show its runs</button></p>",
        page.paragraph("The run shown:"),
        page.command(command_of(subject.shown.run)),
        *_refused(subject),
        *_derivation(subject, derived),
    ]
    return page.problem(id_, summary, body, sorted(counts), bool(page.BAD & set(counts)))


def _names(word: str) -> bool:
    return word.partition("=")[0] in ("family", "d", "seed", "exponent")


def _refused(subject: Subject) -> list[str]:
    """The runs of a problem that did not pass, with their reasons and commands."""
    out = []
    for row in subject.rows.not_passed():
        assert row.outcome is not None
        out.append(f"<p>{page.chip(_label(row))} {escape(row.outcome.reason)}</p>")
        out.append(page.command(command_of(row.run)))
    return out


def _derivation(subject: Subject, derived: Mapping[str, Outcome]) -> list[str]:
    """Steps, record and warnings, or why they are not here; always the command for them."""
    if subject.run is None:
        return [page.paragraph("No run of this problem tells its branch, so nothing is derived.")]
    outcome = derived.get(subject.run.key)
    out = [page.paragraph("Its derivation:"), page.command(command_of(subject.run))]
    case = case_of(outcome) if outcome else None
    if outcome is None:
        out.append(page.paragraph("Not made for this page (see --derive of study report)."))
    elif case is None:
        out.append(f"<p>{page.chip(str(outcome.label))} {escape(outcome.reason)}</p>")
    else:
        out += derivation_parts(CaseReport.from_json({**case, "seconds": 0.0}))
    return out


def _again(results: Results, stores: Iterable[str]) -> list[str]:
    """The commands, machines and versions of every session, and the study files."""
    out = []
    for path in map(str, stores):
        if not Path(path).is_file():
            continue
        with Store(path) as store:
            sessions = store.sessions()
        for session in sessions:
            out.append(page.command(session["command"]))
        if sessions:
            out.append(page.paragraph(_provenance(path, sessions[-1]["provenance"]), soft=True))
    for facts in results.facts:
        digest, words = facts.get("sha256", ""), facts.get("title") or facts.get("name", "")
        out.append(page.paragraph(f"Study file ({words}), SHA-256 {digest}:"))
        out.append(f"<pre tabindex='0'>{escape(facts.get('text', ''))}</pre>")
    return out


def _provenance(path: str, told: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in told.get("versions", {}).items())
    return (
        f"Results in {path}; {versions}; {told.get('machine', '')}, {told.get('cpus', '?')} "
        f"processors, {told.get('workers', '?')} workers."
    )


def _data(results: Results) -> dict[str, Any]:
    return {
        "format": "deepexp-exact/study-report",
        "version": 1,
        "studies": [dict(facts) for facts in results.facts],
        "runs": [encode(record) for record in results.records()],
    }
