"""How many threads the BLAS library uses: one, while something is solved.

The matrices here are small, and products of them are many: more threads only wait for each other
and double the processor time.  The caller's number is restored afterwards.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

#: Environment variables that BLAS libraries read when they are loaded.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_lock = threading.Lock()
_inside: dict[str, Any] = {"count": 0, "limit": None}
_own = threading.local()


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """One BLAS thread in this block (a decorator too).

    A library may keep the number for each thread or for all: so each thread sets it and restores
    it, to what it was before the first of the blocks that several threads may be in."""
    if getattr(_own, "inside", False):
        yield
        return
    with _lock:
        limit = _limit()
        if _inside["count"] == 0:
            _inside["limit"] = limit
        _inside["count"] += 1
    _own.inside = True
    try:
        yield
    finally:
        _own.inside = False
        with _lock:
            _inside["count"] -= 1
            if _inside["limit"] is not None:
                _inside["limit"].restore_original_limits()


def _limit() -> Any:
    """One thread from now on; None in an environment made without threadpoolctl, which only costs
    processor time."""
    import numpy  # noqa: F401 (its BLAS has to be loaded to be found)

    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return None
    return threadpool_limits(limits=1, user_api="blas")
