"""One BLAS thread inside a solve, the caller's number afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from deepexp_exact import solve
from deepexp_exact.threads import ONE_THREAD, one_blas_thread

threadpoolctl = pytest.importorskip("threadpoolctl")


def threads() -> set[int]:
    found = threadpoolctl.threadpool_info()
    return {one["num_threads"] for one in found if one["user_api"] == "blas"}


@pytest.fixture
def two_threads():
    np.linalg.norm(np.eye(2))
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        if 2 not in threads():
            pytest.skip("a BLAS library that has one thread only")
        yield


def test_one_thread_inside_and_the_callers_number_after_an_error_too(two_threads: None) -> None:
    before = threads()
    seen: list[set[int]] = []
    with pytest.raises(ZeroDivisionError), one_blas_thread(), one_blas_thread():
        seen.append(threads()) or 1 / 0
    assert seen == [{1}]
    assert threads() == before


def test_blocks_of_several_threads_that_overlap(two_threads: None) -> None:
    before, inside, leave = threads(), threading.Event(), threading.Event()

    def other() -> None:
        with one_blas_thread():
            inside.set()
            leave.wait(10)

    first = one_blas_thread()
    first.__enter__()
    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    assert threads() == {1}
    first.__exit__(None, None, None)
    leave.set()
    thread.join()
    assert threads() == before


def test_a_solve_leaves_the_number_as_it_was(two_threads: None) -> None:
    before = threads()
    solve("quantum-gates", digits=20)
    assert threads() == before


def test_a_command_asks_for_one_thread_unless_told_otherwise() -> None:
    code = (
        "import os, sys; from deepexp_exact.cli import main; sys.argv[1:] = ['show', '--help']\n"
        "try: main()\nexcept SystemExit: pass\nprint(os.environ['OMP_NUM_THREADS'])"
    )
    plain = {k: v for k, v in os.environ.items() if k not in ONE_THREAD}
    for given, seen in (({}, "1"), ({"OMP_NUM_THREADS": "3"}, "3")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=plain | given,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout.split()[-1] == seen, done.stderr
