"""S6: time of each path against d and digits."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Mapping
from typing import Any

from ...exact import gaussian
from ...problems import Problem
from ...solving import path_solver, solve
from ..outcome import Outcome
from ..problems import build
from .common import record_of

_fresh_count = itertools.count(1)


def cost(params: Mapping[str, Any]) -> Outcome:
    """Processor seconds of a whole solve (spectrum, record and choice of α included), after one
    solve of a small problem that loads the code; nothing is known from earlier repetitions."""
    path, digits = params["path"], params["digits"]
    solve(build("gaussian-complex", 2, 0), digits=20, path=path)
    times = []
    for _ in range(params["repeat"]):
        problem = fresh(build(params["family"], params["d"], params["seed"]))
        started = time.process_time()
        record, _ = record_of(problem, params)
        if path == "double":  # without the comparison that ``solve`` makes for its label
            solution = path_solver(path, params["construction"])(problem, record, 15)
        else:
            solution = solve(
                problem,
                digits=digits,
                path=path,
                branch=record,
                construction=params["construction"],
            )
        times.append(time.process_time() - started)
    timings = {"median_seconds": statistics.median(times), "worst_seconds": max(times)}
    measured = {"size": problem.d, "carried": solution.digits_carried}
    return Outcome(solution.label, "", measured, timings)


def fresh(problem: Problem) -> Problem:
    """The same problem with Y1 and Y2 scaled by a power of two not used before: K, α and every
    digit count are the same, but nothing cached about the exact matrices applies."""
    factor = gaussian(2 ** next(_fresh_count))
    return Problem(problem.X1, problem.X2, problem.Y1.scale(factor), problem.Y2.scale(factor))
