"""Whole processes: start-up time of the command line, and peak memory of one solve."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deepexp_exact.threads import ONE_THREAD

_SCRIPTS = Path(__file__).resolve().parents[1]
_SOLVE = """
import resource, sys
def peak():  # kilobytes; on Linux ru_maxrss may be that of the process that started this one
    try:
        with open("/proc/self/status") as lines:
            return next(int(x.split()[1]) for x in lines if x.startswith("VmHWM"))
    except (OSError, StopIteration):
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size // 1024 if sys.platform == "darwin" else size
sys.path.insert(0, sys.argv[1])
from benchmarks.families import build
from deepexp_exact.solving import solve
family, d, seed, digits, alpha, path = sys.argv[2:]
problem = build(family, int(d), int(seed))
before = peak()
solve(problem, digits=int(digits), alpha=alpha, path=path)
print(peak(), before)
"""


def environment(threads: int) -> dict[str, str]:
    """This environment with so many BLAS threads."""
    return os.environ | {name: str(threads) for name in ONE_THREAD}


def peak_memory(
    family: str, d: int, seed: int, digits: int, alpha: str, path: str, threads: int, limit: float
) -> dict[str, float] | None:
    """Largest resident size, in MB, of a process that solves one problem (``peak``) and of it
    before solving (``start``: interpreter, libraries, data); None where it took too long."""
    words = [family, str(d), str(seed), str(digits), alpha, path]
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SOLVE, str(_SCRIPTS), *words],
            capture_output=True, text=True, timeout=limit, env=environment(threads), check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    peak, start = (round(int(x) / 1000, 1) for x in done.stdout.split())
    return {"peak": peak, "start": start}


def start_up(repeats: int, threads: int) -> dict[str, float]:
    """Median seconds of whole processes: ``--help``, and ``solve`` of a d = 2 problem."""
    from .families import build

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "two.json"
        build("gaussian-complex", 2, 1).save(path)
        commands = {"--help": ["--help"], "solve": ["solve", str(path)]}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(repeats):
            for name, words in commands.items():
                started = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "deepexp_exact", *words],
                    stdout=subprocess.DEVNULL, env=environment(threads), check=True,
                )  # fmt: skip
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(spent) for name, spent in times.items()}
