"""The run of ``prove``: every statement at every size, and every mutation, in parallel.

A row is PROVED if all its identities were decided to hold, FAILED otherwise; a mutation is
REFUTED if exact values were found at which it is false, FAILED otherwise.  The statements and
their words come from the registry (:mod:`deepexp_exact.theorem`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from .errors import NotApplicableError
from .solution import Label
from .theorem import PROVED_STATEMENTS, STATEMENTS
from .workers import Lost, in_pool

if TYPE_CHECKING:
    from .paths.symbolic.algebra.evidence import Evidence

FORMAT = "deepexp-exact/prove"
VERSION = 1
#: Largest size the finite check is run for.
MAX_D = 6

#: What the checks rest on besides exact arithmetic; each is also named in proofs/theorem.md.
CITED = (
    "every complex matrix is similar to a Jordan form (P2, P3, P4, P6, P7, N1)",
    "the power series E(t) of exp(t·M) solves E' = M·E, E(0) = I",
    "the linear differential equation E' = M·E, E(0) = I has one solution",
    "e^(x+y) = e^x·e^y for complex numbers, and every nonzero complex number is some e^x",
    "every logarithm of K is U·L·U⁻¹, U·K = K·U, L a block logarithm as checked (Gantmacher)",
    "every X is G⁻¹·[I 0; 0 0]·H⁻¹, and invertible factors do not change a rank (B1)",
)

Progress = Callable[[int, int, str], None]


@cache
def formal_theorems() -> dict[str, str]:
    """Statement ID → name of the theorem that proves it for every d in Coq (``proofs/formal``).

    The index is a copy of ``proofs/formal/index.json``, whose names ``make formal`` verifies."""
    text = (resources.files("deepexp_exact") / "formal_index.json").read_text("utf-8")
    rows: list[dict[str, str]] = json.loads(text)["theorems"]
    return {row["id"]: row["name"] for row in rows}


@dataclass(frozen=True)
class ProveRow:
    """One statement at one size (``mutation`` empty), or one mutation."""

    statement: str
    mutation: str
    words: str
    d: int
    types: int
    identities: int
    entries: int
    label: Label
    seconds: float
    detail: str

    @property
    def id(self) -> str:
        return self.mutation or self.statement

    def to_json(self) -> dict[str, Any]:
        return {
            "statement": self.statement,
            "mutation": self.mutation,
            "words": self.words,
            "d": self.d,
            "types": self.types,
            "identities": self.identities,
            "entries": self.entries,
            "label": str(self.label),
            "seconds": round(self.seconds, 3),
            "detail": self.detail,
        }


@dataclass(frozen=True)
class ProveReport:
    """Every row of a run, in the order of the registry: proofs by size, then mutations."""

    max_d: int
    rows: tuple[ProveRow, ...]
    seconds: float

    @property
    def proofs(self) -> tuple[ProveRow, ...]:
        return tuple(row for row in self.rows if not row.mutation)

    @property
    def mutations(self) -> tuple[ProveRow, ...]:
        return tuple(row for row in self.rows if row.mutation)

    def statements(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.statement for row in self.rows))

    def label(self, statement: str) -> Label:
        """PROVED if every size is PROVED and every mutation REFUTED, FAILED otherwise."""
        rows = [row for row in self.rows if row.statement == statement]
        good = all(row.label is (Label.REFUTED if row.mutation else Label.PROVED) for row in rows)
        return Label.PROVED if good and any(not row.mutation for row in rows) else Label.FAILED

    @property
    def exit_status(self) -> int:
        """0 if every statement is PROVED and every mutation REFUTED, 1 otherwise."""
        labels = [self.label(statement) for statement in self.statements()]
        return 0 if labels and all(label is Label.PROVED for label in labels) else 1

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "max_d": self.max_d,
            "exit_status": self.exit_status,
            "seconds": round(self.seconds, 3),
            "labels": {statement: str(self.label(statement)) for statement in self.statements()},
            "formal": {
                s: formal_theorems()[s] for s in self.statements() if s in formal_theorems()
            },
            "rows": [row.to_json() for row in self.rows],
            "cited": list(CITED),
        }

    def to_text(self) -> str:
        """The table of proofs, the mutations with their counterexamples, and what is cited."""
        lines = [_TEXT.format("step", "d", "types", "identities", "entries", "label", "seconds")]
        for row in self.proofs:
            types = str(row.types) if row.types else "generic"
            lines.append(
                _TEXT.format(
                    row.id,
                    row.d,
                    types,
                    row.identities,
                    row.entries,
                    row.label,
                    f"{row.seconds:.2f}",
                )
            )
            if row.detail:
                lines.append(f"      {row.detail}")
        lines += ["", "mutations (each has to be REFUTED)"]
        for row in self.mutations:
            lines += [f"{row.id:<13} {row.label:<8} {row.words}", f"{'':13} {row.detail}"]
        lines += ["", "cited, not checked", *(f"- {text}" for text in CITED), ""]
        lines += [
            f"{s}: {self.label(s)}, {STATEMENTS[s].title}: {STATEMENTS[s].words} "
            f"[every d: Coq {formal_theorems().get(s, 'none')}]"
            for s in self.statements()
        ]
        sizes = sorted({row.d for row in self.proofs})
        lines.append(f"d = {', '.join(map(str, sizes))}; {self.seconds:.1f} s")
        return "\n".join(lines)

    def to_latex(self) -> str:
        """A table of step, size, Jordan types, identities, label and time (needs no package)."""
        lines = [r"\begin{tabular}{llrrrll}", r"\hline"]
        lines.append(r"step & & $d$ & types & identities & label & seconds \\ \hline")
        for row in self.proofs:
            types = str(row.types) if row.types else "--"
            lines.append(
                f"{row.id} & {STATEMENTS[row.statement].title} & {row.d} & {types} & "
                f"{row.identities} & {row.label} & {row.seconds:.2f} \\\\"
            )
        lines.append(r"\hline")
        for statement in self.statements():
            rows = [row for row in self.mutations if row.statement == statement]
            refuted = sum(row.label is Label.REFUTED for row in rows)
            lines.append(
                rf"{statement} & mutations & & & {len(rows)} & {refuted} REFUTED & "
                rf"{sum(row.seconds for row in rows):.2f} \\"
            )
        return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


_TEXT = "{:<5} {:>2} {:>8} {:>11} {:>8}  {:<8} {:>8}"


def statement_evidence(statement: str, d: int) -> Evidence:
    """Every identity of one statement at size d, decided."""
    from .paths.symbolic import network
    from .paths.symbolic.algebra.evidence import Evidence
    from .paths.symbolic.shift import steps

    checks: dict[str, Callable[[int, Evidence], None]] = {
        "P1": steps.p1,
        "P2": steps.p2,
        "P3": steps.p3,
        "P4": steps.p4,
        "P5": steps.p5,
        "P6": steps.p6,
        "P7": steps.p7,
        "B1": network.b1,
        "N1": network.n1,
        "N2": network.n2,
    }
    evidence = Evidence()
    checks[statement](d, evidence)
    return evidence


def prove_statement(statement: str, d: int) -> ProveRow:
    """One statement at size d: PROVED if every identity holds."""
    start = time.perf_counter()
    evidence = statement_evidence(statement, d)
    label = Label.PROVED if evidence.holds else Label.FAILED
    detail = ""
    if evidence.failures:
        found = evidence.counterexample()
        detail = f"{len(evidence.failures)} false: " + (
            str(found) if found else evidence.failures[0]
        )
    return ProveRow(
        statement,
        "",
        STATEMENTS[statement].words,
        d,
        evidence.types,
        evidence.identities,
        evidence.entries,
        label,
        time.perf_counter() - start,
        detail,
    )


def refute_mutation(mutation_id: str) -> ProveRow:
    """Find exact values that make one mutation false."""
    from .paths.symbolic.algebra.evidence import Evidence
    from .paths.symbolic.shift.mutations import MUTATIONS

    mutation = next(m for m in MUTATIONS if m.id == mutation_id)
    evidence, start = Evidence(), time.perf_counter()
    mutation.run(mutation.d, evidence)
    found = None if evidence.holds else evidence.counterexample()
    return ProveRow(
        mutation.statement,
        mutation.id,
        mutation.words,
        mutation.d,
        evidence.types,
        evidence.identities,
        evidence.entries,
        Label.REFUTED if found else Label.FAILED,
        time.perf_counter() - start,
        str(found) if found else "no counterexample was found",
    )


def _run(task: tuple[str, int]) -> ProveRow:
    """A statement at size d, or a mutation (d = 0); an exception becomes a FAILED row."""
    name, d = task
    start = time.perf_counter()
    try:
        return prove_statement(name, d) if d else refute_mutation(name)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        text = f"{type(error).__name__}: {error}"
        return _failed(task, text, time.perf_counter() - start)


def _failed(task: tuple[str, int], text: str, seconds: float) -> ProveRow:
    name, d = task
    statement, _, _ = name.partition("-")
    words = STATEMENTS[statement].words if d else name
    return ProveRow(statement, "" if d else name, words, d, 0, 0, 0, Label.FAILED, seconds, text)


def run_prove(
    max_d: int = 3,
    steps: Sequence[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ProveReport:
    """Prove the statements ``steps`` (all by default) for d = 1..max_d and refute their mutations.

    ``jobs`` processes (the number of processors by default; 1 runs in this process);
    ``progress(done, total, id)`` is called after each row.  Raises :class:`NotApplicableError` for
    a size beyond ``MAX_D`` or an unknown ID.
    """
    if not 1 <= max_d <= MAX_D:
        raise NotApplicableError(
            f"the finite check runs for d = 1..{MAX_D}, not {max_d}",
            "every size at once is the machine-checked proof in proofs/formal",
        )
    chosen = PROVED_STATEMENTS if steps is None else tuple(dict.fromkeys(steps))
    if unknown := [name for name in chosen if name not in PROVED_STATEMENTS]:
        raise NotApplicableError(
            f"there is no statement {unknown[0]!r} to prove",
            f"one of {', '.join(PROVED_STATEMENTS)}",
        )
    tasks = [(name, d) for name in chosen for d in range(1, max_d + 1)]
    tasks += _mutation_tasks(chosen)
    start = time.perf_counter()
    rows: dict[tuple[str, int], ProveRow] = {}
    for task, row in _rows(tasks, jobs):
        rows[task] = row
        if progress is not None:
            progress(len(rows), len(tasks), row.id)
    ordered = tuple(rows[task] for task in tasks)
    return ProveReport(max_d, ordered, time.perf_counter() - start)


def row_json(name: str, d: int) -> dict[str, Any]:
    """One row, for a worker process."""
    return _run((name, d)).to_json()


def _rows(
    tasks: list[tuple[str, int]], jobs: int | None
) -> Iterator[tuple[tuple[str, int], ProveRow]]:
    """Large sizes first, so that the longest rows do not start last."""
    order = sorted(tasks, key=lambda t: -t[1])
    with closing(in_pool(f"{__name__}:row_json", order, jobs)) as stream:
        for index, answer in stream:
            task = order[index]
            if isinstance(answer, Lost):
                yield task, _failed(task, answer.reason, answer.seconds)
            else:
                yield task, ProveRow(**answer | {"label": Label(answer["label"])})


def step_script(statement: str, description: str, arguments: Sequence[str] | None = None) -> int:
    """The command line of a script in proofs/steps: one statement at size --d (or 1, 2, 3), with
    every identity it consists of on --list; returns the exit status."""
    import argparse

    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--d", type=int, choices=range(1, MAX_D + 1), help="only this size")
    parser.add_argument("--list", action="store_true", help="print every identity")
    options = parser.parse_args(arguments)
    print(description.strip(), end="\n\n")
    sizes = [options.d] if options.d else [1, 2, 3]
    if options.list:
        for d in sizes:
            print(
                "\n".join(f"d = {d}: {words}" for words in statement_evidence(statement, d).words)
            )
    start = time.perf_counter()
    tasks = [(statement, d) for d in sizes] + _mutation_tasks((statement,))
    rows = tuple(_run(task) for task in tasks)
    report = ProveReport(max(sizes), rows, time.perf_counter() - start)
    print(report.to_text())
    return report.exit_status


def _mutation_tasks(chosen: Sequence[str]) -> list[tuple[str, int]]:
    from .paths.symbolic.shift.mutations import MUTATIONS

    return [(mutation.id, 0) for mutation in MUTATIONS if mutation.statement in chosen]


def to_json_text(report: ProveReport) -> str:
    """The report as JSON text."""
    return json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n"
