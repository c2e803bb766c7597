"""What a person reads on a terminal: problems, records, solutions, verification runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..branches import BranchRecord, LogarithmRecord
from ..constructions import CONSTRUCTIONS, complete
from ..errors import NoSolutionError, printable
from ..problems import MATRICES, Problem, load_problem
from ..solution import Label, Solution, bound_text, condition_text
from ..spectrum import spectrum
from ..theorem import STATEMENTS

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


#: Columns where there is no terminal and COLUMNS is not set.
_WIDTH = 128
_LEAST_WIDTH, _WIDEST = 40, 10_000


class _Console(Console):
    """A console that leaves a broken pipe to the command line."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(stream: IO[str] | None = None, width: int = 0) -> Console:
    """A console on a stream (standard output by default), at least ``width`` columns wide: as
    COLUMNS says, otherwise as the terminal is."""
    stream = stream or sys.stdout
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns if stream.isatty() else _WIDTH
    with contextlib.suppress(ValueError):
        columns = int(os.environ.get("COLUMNS", "")) or columns
    columns = min(max(columns, width, _LEAST_WIDTH), _WIDEST)
    return _Console(file=stream, width=columns, highlight=False, markup=False, emoji=False)


def label_text(label: Label) -> Text:
    return Text(str(label), style=_STYLES[label])


def plain(text: str) -> Text:
    """A text as it is: no markup, no control characters."""
    return Text(printable(text))


class PlainTable(Table):
    """A table whose texts are shown as they are, whatever is in them."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*(plain(c) if isinstance(c, str) else c for c in cells), **options)


def plain_table(*columns: str, title: str = "") -> PlainTable:
    table = PlainTable(box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.title = plain(title) if title else None
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def problem_text(problem: Problem) -> Text:
    """Name, title, size and the four matrices."""
    head = printable(f"{problem.name}: {problem.title}" if problem.title else problem.name)
    matrices = (f"{label} =\n{getattr(problem, label)}" for label in MATRICES)
    return Text("\n".join((head, f"d = {problem.d}", *matrices)))


def problem_list(names: Sequence[str]) -> PlainTable:
    """Name, size, title and hypotheses of shipped problems."""
    table = plain_table("name", "d", "title", "hypotheses")
    for name in names:
        problem = load_problem(name)
        holds = all(h.holds for h in problem.hypotheses() if h.required)
        table.add_row(name, str(problem.d), problem.title, "hold" if holds else "fail")
    return table


def hypotheses_table(problem: Problem) -> PlainTable:
    table = plain_table("hypothesis", "holds", "evidence")
    for h in problem.hypotheses():
        table.add_row(f"{h.id} {h.words}", "yes" if h.holds else "NO", h.evidence)
    return table


def constructions_table(problem: Problem) -> PlainTable:
    """Whether the outputs have one column space, and which constructions apply, with the reason."""
    table = plain_table("construction", "applies", "evidence")
    try:
        rank = complete(problem).rank
        outputs = f"one column space: rank Y1 = rank Y2 = rank [Y1 Y2] = {rank} (exact)"
        table.add_row("outputs", "yes", outputs)
    except NoSolutionError as error:
        table.add_row("outputs", "NO", error.message)
    for construction in CONSTRUCTIONS.values():
        obstacles = construction.obstacles(problem)
        words = "; ".join(obstacles) or construction.words
        table.add_row(construction.name, "NO" if obstacles else "yes", words)
    return table


def spectrum_table(problem: Problem) -> PlainTable:
    found = spectrum(complete(problem).quotient(problem))
    table = plain_table(
        "eigenvalue of K",
        "multiplicity",
        "blocks",
        "on the cut",
        title=f"spectrum of K, Y1·K = Y2 ({found.evidence})",
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


def record_table(record: BranchRecord) -> PlainTable:
    """The branch record: construction, α, turn, the construction's own parameters, the completion
    where Y1 and Y2 are singular, and one row for each distinct eigenvalue."""
    layer, completion = record.first_layer, record.completion
    head = f"branch record: {layer.construction}"
    if layer.alpha is None:
        return plain_table(title=f"{head}, which has no scale and no logarithm")
    words = f"{head}, α = {layer.alpha}, c = Log α + 2πi·{layer.turn}, "
    notes = [] if layer.parameters is None else [f"{layer.construction}: {layer.parameters}"]
    if completion.rank < record.d:
        notes.append(
            f"completion: Y1 and Y2 of rank {completion.rank}, K = I + S·(C1·S)⁻¹·(C2 − C1)"
            if completion.rank
            else "completion: Y1 = Y2 = 0, K = I"
        )
    return logarithm_table(record.logarithm, words, notes)


def logarithm_table(
    record: LogarithmRecord, words: str = "branch record: ", notes: Sequence[str] = ()
) -> PlainTable:
    """The record of a logarithm: one row for each distinct eigenvalue."""
    table = plain_table(
        "eigenvalue λ of K",
        "multiplicity",
        "blocks",
        "on the cut",
        "k",
        "Im ℓ/π",
        title=f"{words}rule {record.rule}",
    )
    for e in record.entries:
        table.add_row(
            str(e.box),
            str(e.multiplicity),
            blocks_text(e.blocks),
            "yes" if e.on_negative_axis else "no",
            e.k_text,
            "±1" if e.integers else f"{e.im_over_pi:.8g}",
        )
    told = ["; ".join(record.notes)] if record.notes else []
    if any(e.on_negative_axis for e in record.entries):
        told.append("on the cut: Log λ = log(−λ) + iπ")
    if record.J is not None:
        told.append("half of each pair with k = −1, paired by J")
    told = [*notes, "; ".join(told)] if told else [*notes]
    table.caption = Text("\n").join(map(plain, told)) if told else None
    table.caption_justify = "left"
    return table


def solution_lines(solution: Solution, plain: str = "") -> list[str]:
    """Residuals, digits, condition numbers and time of a solution, one a line."""
    errors = ", ".join(
        f"{name} {bound_text(value)}"
        for name, value in zip(("W1", "W2", "W3"), solution.errors, strict=True)
    )
    carried, worked = solution.digits_carried, solution.working_digits
    sizes = [
        f"‖f(X{j}) − Y{j}‖/‖Y{j}‖ ≤ {bound_text(x)}" for j, x in enumerate(solution.residuals, 1)
    ]
    lines = [
        f"path           {solution.path} ({solution.label}), construction {solution.construction}",
        f"digits         {solution.digits} asked, {carried} carried, {worked} in the computation",
        f"residuals      {', '.join(sizes)} ({solution.residuals_are})",
        f"errors         {errors} (relative, Frobenius; {solution.errors_are})",
    ]
    if solution.predicted_loss is not None:
        lines.append(f"predicted loss {solution.predicted_loss:.1f} digits for this α")
    started = time.perf_counter()  # condition numbers may be made when they are read
    conditions = [f"{name} {condition_text(value)}" for name, value in solution.conditions.items()]
    seconds = solution.seconds + time.perf_counter() - started
    if conditions:
        lines.append(f"conditions     {', '.join(conditions)} ({solution.conditions_are})")
    lines += [f"finding        {text}" for text in solution.findings]
    if plain:
        lines.append(f"float64        {plain}")
    lines.append(f"time           {seconds:.3f} s")
    return lines


def case_line(report: CaseReport) -> str:
    """One plain line for a finished case."""
    verdict = "passes" if report.passes else "FAILS"
    return f"{report.problem} {verdict} ({report.seconds:.1f} s)"


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, plain lines on standard error elsewhere: call (text, done, planned)."""
    err = console(sys.stderr)
    if not err.is_terminal:

        def line(text: str, done: int, planned: int) -> None:
            with contextlib.suppress(OSError):  # progress is not what was asked for
                print(f"[{done}/{planned}] {printable(text)}", file=sys.stderr, flush=True)

        yield line
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
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda text, done, planned: bar.update(
            task, completed=done, total=planned, description=printable(text)
        )


#: Heading of a column of ``verify``, the subjects it sums up (the worst of them is shown) and its
#: rank: where the terminal is narrow, those of the highest ranks go first.  With ``--wide`` each
#: step that was evaluated has a column.
_LABELS = (
    ("branch", ("branch",), 7),
    ("fast", ("multiprecision", "forward error"), 3),
    ("mpmath", ("mpmath",), 5),
    ("ball", ("ball",), 2),
    ("symbolic", ("symbolic",), 4),
    ("B1", ("B1",), 8),
)
#: Columns between two cells of a table, and the fewest a problem's name is given.
_GAP, _LEAST_NAME = 2, 26


def verify_table(report: VerifyReport, width: int = 0) -> PlainTable:
    """One row a problem: digits carried, residual, labels, what float64 keeps; the columns that
    fit into ``width`` (0: all of them, and a column for each step)."""
    taken = {step.subject for case in report.cases for step in case.steps}
    steps = None if width else [name for name in STATEMENTS if name in taken]
    heads, ranks = _verify_heads(steps)
    rows = [_verify_row(case, steps) for case in report.cases]
    sizes = [
        max(cell_len(str(cell)) for cell in column) for column in zip(heads, *rows, strict=True)
    ]
    kept = list(range(len(heads)))
    name = min(sizes[0], _LEAST_NAME)
    room = width - 2  # for the edges
    while width and name + sum(sizes[j] + _GAP for j in kept[1:]) > room and len(kept) > 2:
        kept.remove(max(kept, key=lambda j: ranks[j]))
    table = plain_table()
    table.padding, table.collapse_padding = (0, 1), True
    table.add_column(
        heads[0],
        no_wrap=True,
        max_width=room - sum(sizes[j] + _GAP for j in kept[1:]) if width else None,
    )
    for j in kept[1:]:
        table.add_column(heads[j], no_wrap=True, min_width=sizes[j])
    for row in rows:
        table.add_row(*(row[j] for j in kept))
    left = ", ".join(heads[j] for j in range(len(heads)) if j not in kept)
    table.caption = (
        "steps: those of its construction that hold; digits: those the weights carry / asked; "
        "residual: larger of ‖f(Xi) − Yi‖/‖Yi‖; float64: right digits of its weights / of its "
        "residuals (below 0: none, inf: no error seen); one layer: squared residual of W·X"
        + (f" (left out: {left}; --wide shows all)" if left else "")
    )
    table.caption_justify = "left"
    return table


def _verify_heads(steps: Sequence[str] | None) -> tuple[list[str], list[int]]:
    heads = [("problem", 0), ("digits", 1), ("residual", 5)]
    heads += [("steps", 1)] if steps is None else [(step, 0) for step in steps]
    heads += [(name, rank) for name, _, rank in _LABELS]
    heads += [("float64", 6), ("one layer", 9), ("s", 10)]
    return [name for name, _ in heads], [rank for _, rank in heads]


def _verify_row(case: CaseReport, names: Sequence[str] | None) -> list[str | Text]:
    by_subject = {check.subject: check for check in case.checks}

    def worst(*subjects: str) -> Text:
        return _cell([by_subject[s] for s in subjects if s in by_subject])

    def figure(subject: str) -> str:
        return (by_subject[subject].figure if subject in by_subject else "") or "–"

    if names is None:
        failed = any(not step.passes for step in case.steps)
        counted = f"{case.steps_held} of {len(case.steps)}" if case.steps else "–"
        steps: list[str | Text] = [Text(counted, style=_STYLES[Label.FAILED] if failed else "")]
    else:
        steps = [worst(step) for step in names]
    return [
        printable(case.problem),
        f"{case.summary.get('digits carried', '–')}/{case.digits}",
        figure("multiprecision"),
        *steps,
        *(worst(*subjects) for _, subjects, _ in _LABELS),
        figure("double"),
        case.summary.get("one layer, squared residual", "–"),
        f"{case.seconds:.1f}",
    ]


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


def verify_summary(report: VerifyReport, out: Console, wide: bool = False) -> None:
    """The table, the reasons behind n/a, the negative controls, failures and the counts."""
    if wide:
        console(out.file, _WIDEST).print(verify_table(report))
    else:
        out.print(verify_table(report, out.width))
    reasons: Counter[str] = Counter()
    for case in report.cases:
        for check in case.checks:
            if check.label is Label.NOT_APPLICABLE:
                reasons[f"{check.subject}: {check.detail}"] += 1
    for text, count in reasons.most_common(12):
        out.print(Text(printable(f"n/a ×{count}  {text}"), style="dim"))
    for case in report.cases:
        for check in case.checks:
            if check.expected is not None:
                out.print(
                    Text.assemble(
                        label_text(check.label),
                        printable(
                            f"  {check.subject} on {check.problem}: {check.detail} {check.figure}"
                        ),
                    )
                )
    for check in report.bad:
        out.print(
            Text.assemble(
                label_text(check.label),
                printable(
                    f"  {check.problem}, {check.subject}: {check.detail} "
                    f"{check.figure} (tolerance {check.tolerance or 'none'})"
                ),
            )
        )
    counts = ", ".join(f"{name} {count}" for name, count in sorted(report.counts.items()))
    state = "interrupted" if report.interrupted else "all pass" if not report.bad else "NOT passed"
    out.print(
        f"{len(report.cases)} of {report.planned} problems in {report.seconds:.1f} s: "
        f"{counts}: {state}"
    )
