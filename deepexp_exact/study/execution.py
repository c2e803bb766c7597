"""Running what is missing in a store: on worker processes here, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..certificate import installed_versions
from ..files import checked_path
from ..solution import Label
from ..workers import count_workers, in_pool
from .measures import MEASURES
from .measuring import PERFORM
from .outcome import Outcome
from .plan import Limits, Run, Study
from .store import Row, Store


@dataclass
class Progress:
    """Counts of a session so far: runs planned, done before it and in it, not passed, rate."""

    planned: int
    before: int
    done: int = 0
    failed: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def rate(self) -> float:
        """Runs in a second."""
        return self.done / max(time.perf_counter() - self.started, 1e-9)

    def __str__(self) -> str:
        left = self.planned - self.before - self.done
        seconds = left / self.rate if self.done else 0.0
        return f"{self.failed} not passed, {self.rate:.1f} runs/s, {clock(seconds)} left"


def clock(seconds: float) -> str:
    """ "42 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


Shown = Callable[[Run, Outcome, Progress], None]


def provenance(workers: int, scheduler: str | None) -> dict[str, object]:
    """What a session's results rest on: versions, machine, workers."""
    return {
        "versions": installed_versions(),
        "machine": platform.platform(),
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "blas": _blas(),
        "blas_threads": 1,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "workers": workers,
        "scheduler": scheduler or "",
    }


def _processor() -> str:
    """The processor's name as the system tells it."""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
        if named := re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE):
            return named[1].strip()
    return platform.processor() or platform.machine()


def _blas() -> str:
    """The BLAS under NumPy: name and version, "" where NumPy does not tell."""
    import numpy as np

    told: Any = np.show_config(mode="dicts")
    found = (told or {}).get("Build Dependencies", {}).get("blas", {})
    return f"{found.get('name', '')} {found.get('version', '')}".strip()


def still_missing(study: Study, path: str | os.PathLike[str]) -> list[Run]:
    """The runs of a study that the file at ``path`` does not hold; all if there is no file, or if
    the process that made it was killed before it had a plan."""
    if not os.path.lexists(checked_path(path)):
        return list(study.runs)
    with Store(path, may_be_empty=True) as store:
        kept = {row.run.key for row in store.rows() if row.outcome is not None}
    return [run for run in study.runs if run.key not in kept]


def not_accepted(study: Study, rows: Sequence[Row]) -> list[Row]:
    """The rows that FAILED, or stayed UNDECIDED where the study does not expect it."""
    return [
        row
        for row in rows
        if row.outcome is not None
        and (
            row.outcome.label is Label.FAILED
            or (
                row.outcome.label is Label.UNDECIDED and row.run.key not in study.may_stay_undecided
            )
        )
    ]


def execute(
    study: Study,
    path: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    retry: bool = False,
    command: str = "",
    shown: Shown | None = None,
) -> Progress:
    """Run every run of a study that the store at ``path`` does not hold yet.

    ``workers`` processes here (as many as processors by default), or the workers of the Dask
    cluster at the address ``scheduler``.  ``retry`` repeats runs that did not pass.  ``shown`` is
    called after each outcome is in the file.  Raises :class:`FormatError` if the file belongs to
    another plan or another process is running it."""
    count = count_workers(workers, len(study.runs))
    with Store.open_for(study, path) as store:
        if retry:
            store.forget_failures()
        todo = store.missing()
        progress = Progress(len(study.runs), len(study.runs) - len(todo))
        if not todo:
            return progress
        store.begin(command or " ".join(sys.argv), provenance(count, scheduler))
        if scheduler is None:
            stream = local(todo, study.limits, count)
        else:
            stream = _on_cluster(todo, study.limits, scheduler)
        with closing(stream):
            for run, outcome in stream:
                store.add(run.key, outcome)
                progress.done += 1
                progress.failed += outcome.label in (Label.FAILED, Label.UNDECIDED)
                if shown is not None:
                    shown(run, outcome, progress)
        store.end()
        return progress


def _on_cluster(
    todo: Sequence[Run], limits: Limits, scheduler: str
) -> Generator[tuple[Run, Outcome], None, None]:
    """(run, outcome) from a cluster; what is timed runs here afterwards, alone."""
    from .cluster import distributed_outcomes

    shared = [run for run in todo if not MEASURES[run.measure].alone]
    with closing(distributed_outcomes(shared, limits, scheduler)) as stream:
        yield from stream
    yield from local([run for run in todo if MEASURES[run.measure].alone], limits, 1)


def local(
    todo: Sequence[Run], limits: Limits, workers: int | None
) -> Generator[tuple[Run, Outcome], None, None]:
    """(run, outcome) as they end, from so many worker processes; what is timed comes last, one run
    at a time."""
    for alone in (False, True):
        runs = [run for run in todo if MEASURES[run.measure].alone is alone]
        calls = [(run.measure, dict(run.params)) for run in runs]
        count = 1 if alone else workers
        with closing(in_pool(PERFORM, calls, count, limits.seconds, limits.memory_mb)) as stream:
            for index, answer in stream:
                yield runs[index], Outcome.of(answer)
