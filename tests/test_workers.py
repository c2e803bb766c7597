"""Worker processes: time limits, reasons of those that die, none that outlives its parent."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepexp_exact.errors import UsageError
from deepexp_exact.threads import ONE_THREAD
from deepexp_exact.workers import (
    MAX_WORKERS,
    Lost,
    TimeLimit,
    Worker,
    count_workers,
    in_pool,
    time_limit,
)

# A call of a C library that keeps the interpreter for itself: only the system can end it.
_HELD = """
import sys, threading, time
from deepexp_exact.workers import Worker
worker = Worker()
print(worker.call("os:getpid", ()), flush=True)
print(worker.call("os:getenv", ("OMP_NUM_THREADS",)), flush=True)
call = ("time:sleep", (600,)) if sys.argv[1] == "asleep" else ("math:factorial", (10**7,))
worker.call(*call)
"""


def alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def ended(processes: list[int], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while any(map(alive, processes)) and time.monotonic() < end:
        time.sleep(0.02)
    left = [process for process in processes if alive(process)]
    for process in left:
        os.kill(process, signal.SIGKILL)
    return not left


def children(process: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(stat[1]) == process and stat[0] != "Z":
                found.append(int(entry.name))
    return found


def grandchildren(process: int) -> list[int]:
    """Those of the process in which a command computes."""
    return [worker for child in children(process) for worker in children(child)]


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks at /proc")


@needs_proc
@pytest.mark.parametrize("state", ["asleep", "busy"])
def test_a_worker_ends_with_a_killed_parent(state: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ONE_THREAD}
    parent = subprocess.Popen(
        [sys.executable, "-c", _HELD, state], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert parent.stdout.readline().strip() == "1"
    assert alive(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert ended([worker])


@needs_proc
@pytest.mark.parametrize(
    "words",
    [
        ["prove", "--max-d", "4", "--jobs", "2"],
        ["verify", "--full", "--jobs", "2"],
        ["study", "once", "accuracy", "family=gaussian-complex", "d=40", "digits=9000"],
    ],
)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"])
def test_the_workers_of_a_command_end_with_it(words: list[str], name: str, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "deepexp_exact", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    wanted, end = 1 if "once" in words else 2, time.monotonic() + 60
    while len(workers := grandchildren(parent.pid)) < wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert len(workers) == wanted
    parent.send_signal(getattr(signal, name))
    assert parent.wait(30) == -getattr(signal, name)
    assert ended(workers)


def test_calls_end_with_answers_or_reasons() -> None:
    worker = Worker(1.0)
    try:
        first = worker.call("os:getpid", ())
        assert worker.call("os:getpid", ()) == first != os.getpid()
        for arguments, words in (
            (("os:_exit", (7,)), "ended with status 7"),
            (("os:abort", ()), "died of SIGABRT"),
            (("time:sleep", (60,)), "the time limit of 1 s was reached"),
            (("json:loads", ("x",)), "internal error, JSONDecodeError"),
        ):
            lost = worker.call(*arguments)
            assert isinstance(lost, Lost)
            assert words in lost.reason
        assert worker.call("math:sqrt", (4,)) == 2  # a new process
    finally:
        worker.close()


_CEILING = """
import resource, sys
from deepexp_exact.workers import memory_is_used_up
with open("/proc/self/status") as lines:
    used = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:"))
size = int(float(sys.argv[1]) * used)
print(memory_is_used_up())
resource.setrlimit(resource.RLIMIT_DATA, (size, size))
print(memory_is_used_up())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the ceiling is Linux's")
@pytest.mark.parametrize(("room", "used_up"), [("1.05", "True"), ("4", "False")])
def test_a_ceiling_that_is_nearly_reached_is_noticed(room: str, used_up: str) -> None:
    words = [sys.executable, "-c", _CEILING, room]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", used_up]


@pytest.mark.parametrize("count", [1, 3])
def test_every_task_is_answered_once(count: int) -> None:
    answers = dict(in_pool("math:factorial", [(n,) for n in range(20)], count))
    assert [answers[n] for n in range(5)] == [1, 1, 2, 6, 24]
    assert len(answers) == 20


def test_workers_are_counted_from_one_up() -> None:
    assert count_workers(3, 2) == 2
    assert count_workers(2, 9) == 2
    assert count_workers(None, 10**6) >= 1
    for wrong in (0, -1, MAX_WORKERS + 1, 1.5, True, "2"):
        with pytest.raises(UsageError, match=f"ask for 1 to {MAX_WORKERS}"):
            count_workers(wrong, 5)  # type: ignore[arg-type]


def test_time_limit_rings_and_leaves_no_alarm() -> None:
    with pytest.raises(TimeLimit), time_limit(1):
        time.sleep(30)
    with time_limit(60):
        pass
    assert signal.alarm(0) == 0


def test_a_limit_of_processor_time_does_not_count_waiting() -> None:
    with time_limit(0.3, busy=True):
        time.sleep(0.6)
    with pytest.raises(TimeLimit), time_limit(0.2, busy=True):
        all(number >= 0 for number in itertools.count())  # a signal is heard between two steps
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
