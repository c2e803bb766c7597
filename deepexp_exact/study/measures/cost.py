"""S6: time of each path against d and digits."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Mapping
from typing import Any

from ...exact import gaussian
from ...problems import Problem
from ...solution import Label
from ...solving import solve
from ..outcome import Outcome
from ..problems import build
from .common import record_of

_fresh_count = itertools.count(1)


def cost(params: Mapping[str, Any]) -> Outcome:
    """Median time of a whole solve (spectrum, record and choice of α included), after one solve
    of a small problem that loads the code; nothing is known from earlier repetitions."""
    alpha, path = params["alpha"], params["path"]
    solve(build("gaussian-complex", 2, 0), digits=20, path=path)
    times = []
    label, carried = Label.AGREES, 0
    for _ in range(params["repeat"]):
        problem = _fresh(build(params["family"], params["d"], params["seed"]))
        started = time.perf_counter()
        chosen = alpha if alpha in ("auto", "positive") else record_of(problem, params)[0].alpha
        solution = solve(
            problem,
            digits=params["digits"],
            path=path,
            alpha=chosen,
            construction=params["construction"],
        )
        times.append(time.perf_counter() - started)
        label, carried = solution.label, solution.digits_carried
    timings = {"median_seconds": statistics.median(times), "worst_seconds": max(times)}
    return Outcome(label, "", {"size": problem.d, "carried": carried}, timings)


def _fresh(problem: Problem) -> Problem:
    """The same problem with Y1 and Y2 scaled by a power of two not used before: K, α and every
    digit count are the same, but nothing cached about the exact matrices applies."""
    factor = gaussian(2 ** next(_fresh_count))
    return Problem(problem.X1, problem.X2, problem.Y1.scale(factor), problem.Y2.scale(factor))
