"""The same study on a real Dask scheduler with two workers, parts of which are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deepexp_exact.errors import NotApplicableError
from deepexp_exact.study import Results, execute
from deepexp_exact.study.execution import Progress
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


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.05)


@dataclass(frozen=True)
class Cluster:
    """A watching client, the scheduler's process and the workers' processes by name."""

    client: Any
    scheduler: subprocess.Popen[bytes]
    workers: dict[str, subprocess.Popen[bytes]]

    @property
    def address(self) -> str:
        return self.client.scheduler.address

    def names(self) -> dict[str, str]:
        """Address of each worker the scheduler knows, and its name."""
        table = self.client.scheduler_info(n_workers=-1)["workers"]
        return {address: entry["name"] for address, entry in table.items()}

    def holding(self) -> list[str]:
        """Names of the workers that hold a result nobody has taken yet."""
        names = self.names()
        return [names[at] for at, keys in self.client.has_what().items() if keys and at in names]

    def kill(self, name: str) -> None:
        """kill -9, and wait until the scheduler knows."""
        self.workers[name].send_signal(signal.SIGKILL)
        assert self.workers[name].wait(30) == -signal.SIGKILL
        wait_until(lambda: name not in self.names().values())


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers of one thread each, real processes."""
    from distributed import Client

    file = tmp_path / "scheduler.json"
    common = ("--no-dashboard", "--scheduler-file", str(file))
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
    wait_until(file.exists)
    once = ("--no-nanny", "--nthreads", "1", "--nworkers", "1", "--host", "127.0.0.1")
    once += ("--death-timeout", "120")
    workers = {name: start("worker", *common, *once, "--name", name) for name in ("a", "b")}
    with Client(scheduler_file=str(file), timeout="60s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
        yield Cluster(client, scheduler, workers)
    for process in (*workers.values(), scheduler):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def contents(path: Path) -> list[object]:
    return [
        (r.run.key, r.outcome.label, r.outcome.reason, dict(r.outcome.measured))
        for r in Results.load(path)
        if r.outcome
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("cluster") / "here.sqlite"
    execute(parse_study(STUDY), path, workers=1)
    return contents(path)


def run_there(cluster: Cluster, path: Path, disturb: Callable[[], None]) -> Progress:
    """The study on the cluster, disturbed after its fourth outcome."""
    seen = []

    def shown(*_: object) -> None:
        seen.append(None)
        if len(seen) == 4:
            disturb()

    return execute(parse_study(STUDY), path, scheduler=cluster.address, shown=shown)


def test_a_worker_killed_in_the_middle_changes_no_row(cluster, undisturbed, tmp_path):
    path = tmp_path / "there.sqlite"
    progress = run_there(cluster, path, lambda: cluster.kill("a"))
    assert (progress.done, progress.failed) == (24, 0)
    assert contents(path) == undisturbed


def test_results_lost_with_the_worker_that_held_them_are_computed_again(
    cluster, undisturbed, tmp_path
):
    """An outcome that has ended and is not taken yet dies with its worker."""

    def disturb() -> None:
        wait_until(lambda: bool(cluster.holding()))
        cluster.kill(cluster.holding()[0])
        time.sleep(0.5)  # the client of the study hears of it a moment after the scheduler

    path = tmp_path / "there.sqlite"
    progress = run_there(cluster, path, disturb)
    assert (progress.done, progress.failed) == (24, 0)
    assert contents(path) == undisturbed


def test_a_scheduler_that_goes_away_leaves_what_was_done(cluster, undisturbed, tmp_path):
    path = tmp_path / "there.sqlite"
    with pytest.raises(NotApplicableError, match="has gone"):
        run_there(cluster, path, cluster.scheduler.kill)
    kept = contents(path)
    assert 4 <= len(kept) < 24
    assert all(row in undisturbed for row in kept)
    execute(parse_study(STUDY), path, workers=1)
    assert contents(path) == undisturbed


def test_nothing_answers_at_the_address(tmp_path, monkeypatch):
    monkeypatch.setattr("deepexp_exact.study.cluster._PATIENCE", "1s")
    with pytest.raises(NotApplicableError, match="no Dask scheduler answers"):
        execute(parse_study(STUDY), tmp_path / "s.sqlite", scheduler="tcp://127.0.0.1:1")
