"""The same runs on a Dask cluster (the ``distributed`` extra).

Each thread of a Dask worker has a worker process of its own, as a local study has, so that time
limit and memory ceiling hold there too.  Outcomes are written only by the process that runs the
study; a run whose Dask worker died, while it ran or while it held the result, is given to another
one by the scheduler.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from typing import Any

from ..errors import NotApplicableError
from ..solution import Label
from ..workers import Worker
from .measuring import PERFORM
from .outcome import Outcome
from .plan import Limits, Run

#: Outstanding runs for each thread of the cluster.
_AHEAD = 4
#: A future that ended and has one of these states again: its result went with the worker that held
#: it, and the scheduler has the run done once more.
_LOST = ("lost", "pending")
#: How long a scheduler may take to answer.
_PATIENCE = "20s"
_local = threading.local()


def perform_remotely(measure: str, params: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """One run on a Dask worker, in this thread's own worker process."""
    worker: Worker | None = getattr(_local, "worker", None)
    if worker is None or (worker.seconds, worker.memory_mb) != (limits.seconds, limits.memory_mb):
        if worker is not None:
            worker.close()
        worker = _local.worker = Worker(limits.seconds, limits.memory_mb)
    return Outcome.of(worker.call(PERFORM, (measure, params))).to_json()


def distributed_outcomes(
    todo: Sequence[Run], limits: Limits, scheduler: str
) -> Generator[tuple[Run, Outcome], None, None]:
    """(run, outcome) as they end on the cluster at the address ``scheduler``.

    Raises :class:`NotApplicableError` if the extra is not installed, nothing answers there or the
    scheduler goes away."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise NotApplicableError(
            "a scheduler needs the extra: pip install 'deepexp-exact[distributed]'"
        ) from None
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise NotApplicableError(
            f"no Dask scheduler answers at {scheduler} ({error})", "start one: dask scheduler"
        ) from None
    with client:
        waiting = iter(todo)
        runs: dict[str, Run] = {}

        def submit() -> Any:
            run = next(waiting, None)
            if run is None:
                return None
            future = client.submit(
                perform_remotely, run.measure, dict(run.params), limits, key=run.key, pure=False
            )
            runs[future.key] = run
            return future

        threads = sum(client.nthreads().values()) or 1
        first = [f for f in (submit() for _ in range(min(_AHEAD * threads, len(todo)))) if f]
        finished = as_completed(first, loop=client.loop)
        for future in finished:
            if future.status in _LOST:
                finished.add(future)
                continue
            yield runs.pop(future.key), _outcome(future, scheduler)
            following = submit()
            if following is not None:
                finished.add(following)


def _outcome(future: Any, scheduler: str) -> Outcome:
    """What a finished future holds; one whose workers kept dying is UNDECIDED with that reason.

    Raises :class:`NotApplicableError` if the scheduler has gone."""
    try:
        return Outcome.from_json(future.result())
    except Exception as error:
        words = f"{type(error).__name__}: {error}"[:300]
        if future.status == "error":
            return Outcome(Label.UNDECIDED, f"on the cluster, {words}")
        raise NotApplicableError(
            f"the Dask scheduler at {scheduler} has gone: {words}",
            "what was done is kept: run the study again with a scheduler that answers",
        ) from error
