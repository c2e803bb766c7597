"""The run of ``prove``: every statement at every size, and every mutation, in parallel.

A row is PROVED if all its identities were decided to hold, FAILED otherwise; a mutation is
REFUTED if exact values were found at which it is false, FAILED otherwise.  A statement on which the
engines disagree is FAILED.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from ..errors import NotApplicableError
from ..solution import Label
from ..theorem import PROVED_STATEMENTS
from ..workers import Lost, in_pool
from .engines import ENGINES, NORMAL_FORMS, SYMPY, failed_row, mutations_of, run_row
from .report import ProveReport, ProveRow

#: Largest size the finite check is run for.
MAX_D = 6
#: Largest size at which ``both`` runs the sympy engine too; beyond it sympy is slow.
MAX_BOTH = 3

Progress = Callable[[int, int, str], None]
#: (statement, size, engine), or (mutation, 0, engine).
Task = tuple[str, int, str]


def run_prove(
    max_d: int = 3,
    steps: Sequence[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: str = "both",
) -> ProveReport:
    """Prove the statements ``steps`` (all by default) for d = 1..max_d and refute their mutations.

    ``engine``: ``sympy``, ``normal-forms``, or ``both``, which is both up to d = 3 and the normal
    forms beyond.  ``jobs`` processes (the number of processors by default; 1 runs in this process);
    ``progress(done, total, id)`` is called after each row.  Raises :class:`NotApplicableError` for
    a size beyond ``MAX_D`` or an unknown ID or engine.
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
    if engine not in (*ENGINES, "both"):
        raise NotApplicableError(
            f"there is no engine {engine!r}", f"one of {', '.join(ENGINES)}, both"
        )
    tasks = plan(chosen, range(1, max_d + 1), engine)
    start = time.perf_counter()
    rows: dict[Task, ProveRow] = {}
    for task, row in _rows(tasks, jobs):
        rows[task] = row
        if progress is not None:
            progress(len(rows), len(tasks), f"{row.id}, {row.engine}")
    ordered = tuple(rows[task] for task in tasks)
    return ProveReport(max_d, engine, ordered, time.perf_counter() - start)


def plan(chosen: Sequence[str], sizes: Sequence[int], engine: str) -> list[Task]:
    """The rows of a run: proofs by statement and size, then mutations."""
    names = ENGINES if engine == "both" else (engine,)
    tasks = [
        (name, d, e)
        for name in chosen
        for d in sizes
        for e in names
        if engine != "both" or e == NORMAL_FORMS or d <= MAX_BOTH
    ]
    return tasks + [(m, 0, e) for name in chosen for m in mutations_of(name) for e in names]


def row_json(name: str, d: int, engine: str) -> dict[str, Any]:
    """One row, for a worker process."""
    return run_row(name, d, engine).to_json()


def _rows(tasks: list[Task], jobs: int | None) -> Iterator[tuple[Task, ProveRow]]:
    """Large sizes first, so that the longest rows do not start last."""
    order = sorted(tasks, key=lambda t: (-t[1], t[2] != SYMPY))
    with closing(in_pool(f"{__name__}:row_json", order, jobs)) as stream:
        for index, answer in stream:
            task = order[index]
            if isinstance(answer, Lost):
                yield task, failed_row(*task, answer.reason, answer.seconds)
            else:
                yield task, ProveRow(**answer | {"label": Label(answer["label"])})
