"""What a person reads on a terminal: problems, records, solutions, verification runs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..branches import BranchRecord
from ..problems import Problem, load_problem
from ..solution import Label, Solution, condition_text
from ..spectrum import spectrum

if TYPE_CHECKING:
    from ..verification import CaseReport, Check, VerifyReport

_STYLES = {
    Label.PROVED: "bold green",
    Label.CERTIFIED: "green",
    Label.AGREES: "cyan",
    Label.REFUTED: "magenta",
    Label.NOT_APPLICABLE: "dim",
    Label.FAILED: "bold red",
    Label.UNDECIDED: "bold yellow",
}


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal, or 110 columns where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 128, highlight=False)


def label_text(label: Label) -> Text:
    return Text(str(label), style=_STYLES[label])


def plain_table(*columns: str, title: str = "") -> Table:
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def problem_list(names: Sequence[str]) -> Table:
    """Name, size, title and hypotheses of shipped problems."""
    table = plain_table("name", "d", "title", "hypotheses")
    for name in names:
        problem = load_problem(name)
        holds = all(h.holds for h in problem.hypotheses() if h.required)
        table.add_row(name, str(problem.d), problem.title, "hold" if holds else "fail")
    return table


def hypotheses_table(problem: Problem) -> Table:
    table = plain_table("hypothesis", "holds", "evidence")
    for h in problem.hypotheses():
        table.add_row(f"{h.id} {h.words}", "yes" if h.holds else "NO", h.evidence)
    return table


def spectrum_table(problem: Problem) -> Table:
    found = spectrum(problem)
    table = plain_table(
        "eigenvalue of K",
        "multiplicity",
        "blocks",
        "on the cut",
        title=f"spectrum of K = Y1⁻¹·Y2 ({found.evidence})",
    )
    for e in found.eigenvalues:
        table.add_row(
            str(e.box),
            str(e.multiplicity),
            blocks_text(e.blocks),
            "yes" if e.on_negative_axis else "no",
        )
    return table


def blocks_text(blocks: Sequence[int]) -> str:
    """Jordan block sizes with their counts: "2×1 + 3"."""
    return " + ".join(
        f"{n}×{size}" if n > 1 else str(size)
        for size, n in sorted(Counter(blocks).items(), reverse=True)
    )


def record_table(record: BranchRecord) -> Table:
    """The branch record: α, turn and one row for each distinct eigenvalue."""
    table = plain_table(
        "eigenvalue λ of K",
        "multiplicity",
        "blocks",
        "on the cut",
        "k",
        "Im ℓ/π",
        title=f"branch record: α = {record.alpha}, c = Log α + 2πi·{record.turn}, "
        f"rule {record.rule}",
    )
    for e in record.entries:
        table.add_row(
            str(e.box),
            str(e.multiplicity),
            blocks_text(e.blocks),
            "yes, Log λ = log(−λ) + iπ" if e.on_negative_axis else "no",
            str(e.k),
            f"{e.im_over_pi:.8g}",
        )
    for note in record.notes:
        table.caption = note
    return table


def solution_lines(solution: Solution, plain: str = "") -> list[str]:
    """Residuals, digits, condition numbers and time of a solution, one a line."""
    from ..verification.crosschecks import power_text

    first, second = solution.residuals
    errors = ", ".join(
        f"{name} {_size(value, power_text)}"
        for name, value in zip(("W1", "W2", "W3"), solution.errors, strict=True)
    )
    carried, worked = solution.digits_carried, solution.working_digits
    sizes = [
        f"‖f(X{j}) − Y{j}‖/‖Y{j}‖ = {_size(x, power_text)}"
        for j, x in enumerate((first, second), 1)
    ]
    lines = [
        f"path           {solution.path} ({solution.label}), construction {solution.construction}",
        f"digits         {solution.digits} asked, {carried} carried, {worked} in the computation",
        f"residuals      {', '.join(sizes)}",
        f"errors         {errors} (relative, Frobenius)",
    ]
    if solution.predicted_loss is not None:
        lines.append(f"predicted loss {solution.predicted_loss:.1f} digits for this α")
    started = time.perf_counter()  # condition numbers may be made when they are read
    conditions = [f"{name} {condition_text(value)}" for name, value in solution.conditions.items()]
    seconds = solution.seconds + time.perf_counter() - started
    if conditions:
        lines.append(f"conditions     {', '.join(conditions)}")
    lines += [f"finding        {text}" for text in solution.findings]
    if plain:
        lines.append(f"float64        {plain}")
    lines.append(f"time           {seconds:.3f} s")
    return lines


def _size(value: Any, power_text: Any) -> str:
    try:
        return str(power_text(value))
    except (TypeError, AttributeError):
        return str(value)


def case_line(report: CaseReport) -> str:
    """One plain line for a finished case."""
    verdict = "passes" if report.passes else "FAILS"
    return f"{report.problem} {verdict} ({report.seconds:.1f} s)"


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, plain lines on standard error elsewhere: call (text, done, planned)."""
    err = console(stderr=True)
    if not err.is_terminal:
        yield lambda text, done, planned: print(
            f"[{done}/{planned}] {text}", file=sys.stderr, flush=True
        )
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda text, done, planned: bar.update(
            task, completed=done, total=planned, description=text
        )


#: Column title and the subjects it sums up (the worst of them is shown).
_COLUMNS = (
    ("steps", ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "branch")),
    ("mp", ("multiprecision", "forward error")),
    ("ball", ("ball",)),
    ("symbolic", ("symbolic",)),
    ("B1", ("B1",)),
)


def verify_table(report: VerifyReport) -> Table:
    """One row a problem: digits carried, residual, the label of every path, what float64 keeps."""
    table = plain_table()
    table.add_column("problem", no_wrap=True)
    for name in ("carried", "residual", *(n for n, _ in _COLUMNS), "float64", "one layer", "s"):
        table.add_column(name, no_wrap=True)
    for case in report.cases:
        by_subject = {check.subject: check for check in case.checks}
        cells = [
            _cell([by_subject[s] for s in subjects if s in by_subject]) for _, subjects in _COLUMNS
        ]
        shown = {
            name: by_subject[name].figure
            for name in ("multiprecision", "double")
            if name in by_subject
        }
        table.add_row(
            case.problem,
            f"{case.summary.get('digits carried', '–')}/{case.digits}",
            shown.get("multiprecision", "–"),
            *cells,
            shown.get("double") or "–",
            case.summary.get("one layer, squared residual", "–"),
            f"{case.seconds:.1f}",
        )
    table.caption = (
        "carried: digits the weights carry / digits asked; residual: larger of ‖f(Xi) − Yi‖/‖Yi‖; "
        "float64: digits of its weights / of its residuals; one layer: squared residual of W·X"
    )
    table.caption_justify = "left"
    return table


_SHORT = {
    Label.PROVED: "PROVED",
    Label.CERTIFIED: "CERT.",
    Label.AGREES: "AGREES",
    Label.NOT_APPLICABLE: "n/a",
    Label.FAILED: "FAILED",
    Label.UNDECIDED: "UNDECIDED",
    Label.REFUTED: "REFUTED",
}


def _cell(checks: list[Check]) -> Text:
    if not checks:
        return Text("–")
    worst = min(checks, key=lambda c: (c.passes, c.label is not Label.NOT_APPLICABLE))
    return Text(_SHORT[worst.label], style=_STYLES[worst.label])


def verify_summary(report: VerifyReport, out: Console) -> None:
    """The table, the reasons behind n/a, the negative controls, failures and the counts."""
    out.print(verify_table(report))
    reasons: Counter[str] = Counter()
    for case in report.cases:
        for check in case.checks:
            if check.label is Label.NOT_APPLICABLE:
                reasons[f"{check.subject}: {check.detail}"] += 1
    for text, count in reasons.most_common(12):
        out.print(Text(f"n/a ×{count}  {text}", style="dim"))
    for case in report.cases:
        for check in case.checks:
            if check.expected is not None:
                out.print(
                    Text.assemble(
                        label_text(check.label),
                        f"  {check.subject} on {check.problem}: {check.detail} {check.figure}",
                    )
                )
    for check in report.bad:
        out.print(
            Text.assemble(
                label_text(check.label),
                f"  {check.problem}, {check.subject}: {check.detail} "
                f"{check.figure} (tolerance {check.tolerance or 'none'})",
            )
        )
    counts = ", ".join(f"{name} {count}" for name, count in sorted(report.counts.items()))
    state = "interrupted" if report.interrupted else "all pass" if not report.bad else "NOT passed"
    out.print(
        f"{len(report.cases)} of {report.planned} problems in {report.seconds:.1f} s: "
        f"{counts}: {state}"
    )
