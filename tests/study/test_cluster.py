"""The same study on a real Dask scheduler with two workers, one of which is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepexp_exact.study import execute
from deepexp_exact.study.plan import parse_study

pytest.importorskip("distributed", reason="the extra 'distributed' is not installed")

STUDY = """
format = "deepexp-exact/study"
version = 1
name = "cluster"
[[grid]]
measure = "scale"
family = "gaussian-complex"
d = [2, 3]
seed = {count = 12}
digits = 300
re_c = 1.0
"""


def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", name, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path):
    """(address of a scheduler, its two worker processes)."""
    from distributed import Client

    file = tmp_path / "scheduler.json"
    common = ("--no-dashboard", "--scheduler-file", str(file))
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
    deadline = time.monotonic() + 30
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    once = ("--no-nanny", "--nthreads", "1", "--nworkers", "1", "--host", "127.0.0.1")
    workers = [start("worker", *common, *once, "--death-timeout", "60") for _ in range(2)]
    with Client(scheduler_file=str(file), timeout="30s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        address = client.scheduler.address
    yield address, workers
    for process in (*workers, scheduler):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def contents(path: Path) -> list[object]:
    from deepexp_exact.study import Results

    return [
        (r.run.key, r.outcome.label, r.outcome.reason, dict(r.outcome.measured))
        for r in Results.load(path)
        if r.outcome
    ]


def test_a_killed_worker_changes_no_row(cluster, tmp_path):
    address, workers = cluster
    study = parse_study(STUDY)
    execute(study, tmp_path / "here.sqlite", workers=1)
    seen = []

    def shown(*_: object) -> None:
        seen.append(None)
        if len(seen) == 4:
            os.kill(workers[0].pid, signal.SIGKILL)

    progress = execute(study, tmp_path / "there.sqlite", scheduler=address, shown=shown)
    assert (progress.done, progress.failed) == (24, 0)
    assert workers[0].wait(10) == -signal.SIGKILL
    assert contents(tmp_path / "there.sqlite") == contents(tmp_path / "here.sqlite")
