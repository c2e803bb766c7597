"""How many threads the BLAS library uses: one, while something is solved.

The matrices here are small, and products of them are many: more threads only wait for each other
and double the processor time.  The caller's number is restored afterwards.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: Environment variables that BLAS libraries read when they are loaded.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_lock = threading.Lock()
#: Blocks entered, the numbers before the first of them, and the BLAS libraries found when so many
#: modules had been imported (a library comes with a module; looking for them takes a millisecond).
_inside: dict[str, Any] = {"count": 0, "before": [], "modules": -1, "libraries": ()}
_own = threading.local()


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """One BLAS thread in this block (a decorator too), without NumPy's warnings: estimates that
    leave float64's range are found by what they are, not told on standard error.

    A library may keep the number for each thread or for all: so each thread sets it and restores
    it, to what it was before the first of the blocks that several threads may be in."""
    import numpy  # its BLAS has to be loaded to be found

    if getattr(_own, "inside", False):
        yield
        return
    with _lock:
        libraries = _libraries()
        before = [(library, library.num_threads) for library in libraries]
        if _inside["count"] == 0:
            _inside["before"] = before
        _inside["count"] += 1
        _set((library, 1) for library in libraries)
    _own.inside = True
    try:
        with numpy.errstate(all="ignore"):
            yield
    finally:
        _own.inside = False
        with _lock:
            _inside["count"] -= 1
            _set(_inside["before"])


def _set(numbers: Iterable[tuple[Any, int | None]]) -> None:
    for library, number in numbers:
        if number is not None and library.num_threads != number:
            library.set_num_threads(number)


def _libraries() -> Sequence[Any]:
    """The BLAS libraries that are loaded; none in an environment made without threadpoolctl, which
    only costs processor time."""
    if _inside["modules"] != len(sys.modules):
        try:
            from threadpoolctl import ThreadpoolController
        except ImportError:
            return ()
        found = ThreadpoolController().select(user_api="blas").lib_controllers
        _inside["modules"], _inside["libraries"] = len(sys.modules), tuple(found)
    libraries: Sequence[Any] = _inside["libraries"]
    return libraries
