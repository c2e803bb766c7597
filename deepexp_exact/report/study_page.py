"""The page of a study: figures, tables, every run, and a section for each problem with the
derivation of one of its runs and the commands that repeat them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..solution import Label
from ..study import Results, Store
from ..study.derivations import Subject, case_of, stored, subjects
from ..study.outcome import Outcome, encode
from ..study.results import value
from ..study.single import COMMAND, command_of, words_of
from ..study.store import Row
from ..verification.verdicts import CaseReport
from .extras import require_report
from .figures import Figure, rendered
from .pages import (
    BAD,
    OPENED,
    Cell,
    Grid,
    Head,
    allot,
    fragment,
    grid,
    rendered_page,
    sort_key,
)
from .problem_section import derivation, how_to_read
from .studies import SECTIONS
from .study_figures import study_figures
from .study_tables import study_tables
from .tables import Column

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


def study_page(
    results: Results,
    stores: Sequence[str] = (),
    derived: Mapping[str, Outcome] | None = None,
) -> str:
    """The page as text; :class:`NotApplicableError` where the extra ``report`` is not installed.

    ``derived`` are the outcomes of :func:`deepexp_exact.study.derivations.derive`; the results'
    own are shown if it is None."""
    require_report("a study's page", "jinja2", "matplotlib")
    known = stored(results) if derived is None else derived
    found = subjects(results)
    figures = study_figures(results)
    tables = [(table.measure, grid(table)) for table in study_tables(results)]
    runs = _runs(results)
    grids = [*(made for _, made in tables), runs]
    opened = [s.key for s in found if BAD & {_label(row) for row in s.rows}][:OPENED]
    commands, provenance = _stores(stores)
    used = 300 + 220 * len(opened) + 14 * len(commands)
    drawn = allot(grids, [_height(figure) for figure in figures], used)
    shown = [(f.measure, _figure(f, j < drawn)) for j, f in enumerate(figures)]
    sections = _sections(shown, tables)
    return rendered_page(
        "study.html",
        grids,
        _data(results),
        title=", ".join(facts.get("name", "") for facts in results.facts) or "study",
        titles=[text for facts in results.facts if (text := facts.get("title"))],
        contents=[
            *((section["id"], section["title"]) for section in sections),
            *(("runs", "Every run"), ("problems", "Problems"), ("again", "How to repeat this")),
        ],
        facts=_facts(results, found),
        sections=sections,
        runs=runs,
        problems=[
            _problem(subject, f"problem-{j}", known, subject.key in opened)
            for j, subject in enumerate(found, 1)
        ],
        labels=sorted({_label(row) for subject in found for row in subject.rows}),
        commands=commands,
        provenance=provenance,
        files=[
            {
                "words": facts.get("title") or facts.get("name", ""),
                **{"sha256": facts.get("sha256", ""), "text": facts.get("text", "")},
            }
            for facts in results.facts
        ],
        **how_to_read(),
    )


def _sections(
    figures: Sequence[tuple[str, dict[str, Any]]], tables: Sequence[tuple[str, Grid]]
) -> list[dict[str, Any]]:
    """Figures and tables under the headings of the paper; what belongs to none comes last."""
    rest = tuple({m for m, _ in (*figures, *tables)} - {m for _, _, ms in SECTIONS for m in ms})
    last = ("Runs that did not pass, and more", "", rest)
    out = []
    for j, (title, question, measures) in enumerate((*SECTIONS, last), 1):
        drawn = [made for measure, made in figures if measure in measures]
        written = [made for measure, made in tables if measure in measures]
        if drawn or written:
            head = {"id": f"section-{j}", "title": title, "question": question}
            out.append({**head, "figures": drawn, "grids": written})
    return out


def _facts(results: Results, found: Sequence[Subject]) -> list[tuple[str, object, bool]]:
    counts = Counter(row.outcome.label for row in results if row.outcome)
    missing = results.missing()
    facts: list[tuple[str, object, bool]] = [
        ("runs", len(results), False),
        ("problems", len(found), False),
    ]
    expected = len(results.expected())
    for label in Label:
        allowed = expected if label is Label.UNDECIDED else 0
        if counts[label] or not label.passes:
            words = f"{label}, {allowed} as expected" if allowed else str(label)
            facts.append((words, counts[label], not label.passes and counts[label] > allowed))
    facts.append(("missing", missing, missing > 0))
    lost = [x for x in results.values("lost") if isinstance(x, float) and math.isfinite(x)]
    if lost:
        facts.append(("most digits lost", f"{max(lost):.1f}", False))
    kept = [x for x in results.values("float64_digits") if isinstance(x, float)]
    if kept:
        none = sum(digits <= 0 for digits in kept)
        facts.append(("runs of which float64 keeps no digit", f"{none} of {len(kept)}", False))
    return facts


def _height(figure: Figure) -> float:
    """Millimetres that a drawing takes across a printed page."""
    width, height = figure.drawing.get_size_inches()
    return float(height / width * (93 if figure.half else 186))


def _figure(figure: Figure, printed: bool) -> dict[str, Any]:
    """The drawing as SVG within the page, its identifiers made unique, and in words."""
    from markupsafe import Markup

    text = rendered(figure, "svg").decode()
    body = text[text.index("<svg") :]
    for mark in ('id="', 'xlink:href="#', "url(#"):
        body = body.replace(mark, f"{mark}{figure.id}-")
    told = {"id": figure.id, "caption": figure.caption, "words": _words(figure)}
    return {**told, "svg": Markup(body), "printed": printed, "half": figure.half}


def _words(figure: Figure) -> str:
    """What is drawn, for who does not see it: axes with their ranges, and what is in them."""
    out = []
    for axes in figure.drawing.axes:
        labels = [axes.get_xlabel(), axes.get_ylabel()]
        if not any(labels):
            continue
        ranges = [
            f"{label or 'unnamed'} from {low:.3g} to {high:.3g}{', log scale' * (scale == 'log')}"
            for label, (low, high), scale in zip(
                labels,
                (axes.get_xlim(), axes.get_ylim()),
                (axes.get_xscale(), axes.get_yscale()),
                strict=True,
            )
        ]
        names = [name for name in axes.get_legend_handles_labels()[1] if name]
        title = f"{axes.get_title()}: " if axes.get_title() else ""
        series = f"; shown: {', '.join(names)}" if names else ""
        out.append(f"{title}horizontally {ranges[0]}, vertically {ranges[1]}{series}")
    return "Figure. " + ". ".join(out) + ". The caption says what it shows."


def _runs(results: Results) -> Grid:
    shown = {name: column for name, column in _FIGURES.items() if results.values(name)}
    reasons = any(row.outcome and row.outcome.reason for row in results)
    heads = [Head("run", "", "run"), Head("label")]
    heads += [Head(column.heading, "", "number") for column in shown.values()]
    heads += [Head("reason", "", "math")] if reasons else []
    rows = [_run(row, shown, reasons) for row in results]
    return Grid("runs", _RUNS_WORDS, heads, rows, "sortable runs", prefix=f"{' '.join(COMMAND)} ")


def _run(row: Row, shown: Mapping[str, Column], reasons: bool) -> tuple[list[Cell], list[str]]:
    label = _label(row)
    words = command_of(row.run).removeprefix(f"{' '.join(COMMAND)} ")
    cells = [Cell(words), Cell(label=label)]
    for name, column in shown.items():
        figure = value(row, name)
        cells.append(Cell(column.cell(figure), key=sort_key(column.kind, figure)))
    if reasons:
        cells.append(Cell(row.outcome.reason if row.outcome else ""))
    return cells, [label]


def _label(row: Row) -> str:
    return str(row.outcome.label) if row.outcome else "missing"


def _problem(
    subject: Subject, id_: str, derived: Mapping[str, Outcome], opened: bool
) -> dict[str, Any]:
    counts = Counter(_label(row) for row in subject.rows)
    lost = value(subject.shown, "lost")
    words = f", most digits lost {lost:.1f}" if isinstance(lost, float) else ""
    plural = "" if len(subject.rows) == 1 else "s"
    chosen = " ".join(f'"{word}"' for word in words_of(subject.shown.run)[1:] if _names(word))
    refused = [
        (_label(row), row.outcome.reason if row.outcome else "", command_of(row.run))
        for row in subject.rows.not_passed()
    ]
    body = fragment(
        "subject.html",
        **{"chosen": chosen, "command": command_of(subject.shown.run), "refused": refused},
        **_derivation(subject, derived, id_),
    )
    return {
        **{"id": id_, "name": subject.name, "words": f"{len(subject.rows)} run{plural}{words}"},
        "chips": [(label, f"{label} {n}") for label, n in sorted(counts.items())],
        **{"body": body, "labels": sorted(counts), "open": opened},
        "bad": bool(BAD & set(counts)),
    }


def _names(word: str) -> bool:
    return word.partition("=")[0] in ("family", "d", "seed", "exponent")


def _derivation(subject: Subject, derived: Mapping[str, Outcome], id_: str) -> dict[str, Any]:
    """Steps, record and warnings, or why they are not here; always the command for them."""
    told: dict[str, Any] = {"derivation_command": "", "refusal": None, "derivation": ""}
    if subject.run is None:
        told["derivation"] = "No run of this problem tells its branch, so nothing is derived."
        return told
    told["derivation_command"] = command_of(subject.run)
    outcome = derived.get(subject.run.key)
    case = case_of(outcome) if outcome else None
    if outcome is None:
        told["derivation"] = "Not made for this page (see --derive of study report)."
    elif case is None:
        told["refusal"] = (str(outcome.label), outcome.reason)
    else:
        told["derivation"] = derivation(CaseReport.from_json({**case, "seconds": 0.0}), id_)
    return told


def _stores(stores: Iterable[str]) -> tuple[list[str], list[str]]:
    """The commands of every session, and on what they ran with their stores, each once."""
    commands: list[str] = []
    found: dict[str, list[str]] = {}
    for path in map(str, stores):
        if not Path(path).is_file():
            continue
        with Store(path) as store:
            sessions = store.sessions()
        commands += [session["command"] for session in sessions]
        if sessions:
            found.setdefault(_provenance(sessions[-1]["provenance"]), []).append(path)
    return commands, [f"Results in {', '.join(paths)}: {told}." for told, paths in found.items()]


def _provenance(told: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in told.get("versions", {}).items())
    machine, cpus, workers = (told.get(name, "?") for name in ("machine", "cpus", "workers"))
    return f"{versions}; {machine}, {cpus} processors, {workers} workers"


def _data(results: Results) -> dict[str, Any]:
    return {
        "format": "deepexp-exact/study-report",
        "version": 1,
        "studies": [dict(facts) for facts in results.facts],
        "runs": [encode(record) for record in results.records()],
    }
