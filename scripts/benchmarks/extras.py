"""What no cell measures: the standard-library checker, problems a second, threads, memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from deepexp_exact.certificate import certified_certificate, write_certificate
from deepexp_exact.solving import solve
from deepexp_exact.study.execution import execute
from deepexp_exact.study.plan import load_study
from deepexp_exact.threads import ONE_THREAD

from .families import build
from .processes import environment, peak_memory

_CHECKER = Path(__file__).resolve().parents[2] / "proofs" / "checker" / "check_certificate.py"
#: (d, digits) of the certificates that the standard-library checker is timed on.
CERTIFICATES = ((32, 50), (8, 1000))
#: Runs of the study whose rate is measured.
BATCH = 200
_STUDY = """format = "deepexp-exact/study"
version = 1
name = "batch"
title = "Rate of small problems"

[[grid]]
measure = "cost"
family = ["gaussian-complex"]
d = [4]
seed = {{ count = {count} }}
digits = [50]
path = ["multiprecision"]
repeat = [1]
"""
_THREADS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from benchmarks.families import build
from deepexp_exact.solving import solve
solve(build("gaussian-complex", 32, 1), digits=50, path="multiprecision")
problem = build("gaussian-complex", 32, 2)
wall, busy = time.perf_counter(), time.process_time()
solve(problem, digits=50, path="multiprecision")
print((time.process_time() - busy) / (time.perf_counter() - wall))
"""


def extras(seed: int, threads: int) -> dict[str, Any]:
    """Seconds of processor time unless said."""
    out: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for d, digits in CERTIFICATES:
            path = Path(folder) / f"{d}-{digits}.json"
            solution = solve(build("gaussian-complex", d, seed), digits=digits, path="ball")
            write_certificate(certified_certificate(solution), path)
            out[f"checker {d} {digits}"] = _busy([sys.executable, str(_CHECKER), str(path)])
        study = Path(folder) / "batch.toml"
        study.write_text(_STUDY.format(count=BATCH), "utf-8")
        started = time.perf_counter()
        execute(load_study(study), Path(folder) / "batch.sqlite", workers=2)
        out["study"] = BATCH / (time.perf_counter() - started)
    for path, name in ((None, "default"), ("multiprecision", "multiprecision")):
        problems = [build("gaussian-complex", 4, seed + k) for k in range(30)]
        started = time.process_time()
        for problem in problems:
            solve(problem, digits=50, path=path)
        out[f"rate {name}"] = len(problems) / (time.process_time() - started)
    scripts = str(Path(__file__).resolve().parents[1])
    plain = {key: value for key, value in os.environ.items() if key not in ONE_THREAD}
    words = [sys.executable, "-c", _THREADS, scripts]
    done = subprocess.run(words, capture_output=True, text=True, env=plain, check=True)
    out["busy over wall"] = float(done.stdout)
    memory = peak_memory(
        "gaussian-complex", 16, seed, 10_000, "auto", "multiprecision", threads, 600
    )
    out["memory 10000"] = None if memory is None else memory["peak"]
    return out


def _busy(words: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment(1))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
