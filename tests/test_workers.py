"""Worker processes: time limits, and no worker that outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from deepexp_exact.workers import ONE_THREAD, TimeLimit, time_limit

_POOL = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from deepexp_exact.workers import quiet_worker
initializer = quiet_worker if {quiet} else None
pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer)
print(pool.submit(os.getpid).result(), flush=True)
print(pool.submit(os.getenv, "OMP_NUM_THREADS").result(), flush=True)
pool.submit(time.sleep, 600)
time.sleep(600)
"""


def _alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks at processes by /proc")
@pytest.mark.parametrize("quiet", [True, False])
def test_a_worker_ends_with_a_killed_parent(quiet: bool) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ONE_THREAD}
    parent = subprocess.Popen(
        [sys.executable, "-c", _POOL.format(quiet=quiet)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    threads = parent.stdout.readline().strip()
    assert threads == ("1" if quiet else "None")
    assert _alive(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + (30 if quiet else 1)
    while _alive(worker) and time.monotonic() < end:
        time.sleep(0.02)
    left = _alive(worker)
    if left:
        os.kill(worker, signal.SIGKILL)
    assert left is not quiet  # the control shows that the test can fail


def test_time_limit_rings_and_leaves_no_alarm() -> None:
    with pytest.raises(TimeLimit), time_limit(1):
        time.sleep(30)
    with time_limit(60):
        pass
    assert signal.alarm(0) == 0
