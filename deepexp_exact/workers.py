"""What every worker process of a long run needs: one BLAS thread, a time limit, an end of its own
when the process that started it is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

#: The variables that hold BLAS to one thread, to be set before NumPy is imported.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class TimeLimit(Exception):
    """Raised by the alarm of :func:`time_limit`."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise :class:`TimeLimit` in the main thread after so many seconds (where alarms exist)."""

    def ring(_signal: int, _frame: Any) -> None:
        raise TimeLimit

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def quiet_worker() -> None:
    """Initializer of a pool's process: Ctrl-C is the parent's to handle, one BLAS thread, and no
    worker outlives a killed parent (a pool's process would wait for work for ever)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
