"""Predicted against measured digits lost, and recomputations, over random problems of all
families and the shipped problems."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from deepexp_exact.errors import DeepexpError
from deepexp_exact.problems import Problem, load_problem, shipped
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import solve

from . import methods
from .limits import TooLong, alarm

Entry = dict[str, Any]


def ledger(count: int, seed: int, largest: int, ball: bool, limit: float) -> Iterator[Entry]:
    """So many random problems, families in turn, d ≤ ``largest``, 15 to 300 digits: one entry
    each.  ``ball`` also counts the ball path's recomputations; ``limit`` is seconds a problem."""
    rng = random.Random(seed)
    names = [*FAMILIES, *shipped()]
    for number in range(count):
        name = names[number % len(names)]
        digits = int(15 * 20 ** rng.random())
        problem = _problem(name, rng, largest)
        entry: Entry = {"family": name, "problem": problem.name, "d": problem.d, "digits": digits}
        started = time.perf_counter()
        try:
            with alarm(limit):
                _fill(entry, problem, digits, ball)
        except (DeepexpError, methods.NotDelivered) as error:
            entry["failed"] = f"{type(error).__name__}: {error}"
        except TooLong as late:
            entry["failed"] = str(late)
        entry["seconds"] = time.perf_counter() - started
        yield entry


def _problem(name: str, rng: random.Random, largest: int) -> Problem:
    if name not in FAMILIES:
        return load_problem(name)
    d, seed = rng.randint(1, largest), rng.randrange(10**6)
    if name == "hadamard-K":
        d = 1 << (d.bit_length() - 1)
    if name == "rotations":
        d = max(d, 2)
    if name.startswith("al-mohy"):
        d = min(d, max(largest // 2, 1))
    return FAMILIES[name].build(d, seed)


def _fill(entry: Entry, problem: Problem, digits: int, ball: bool) -> None:
    solution = solve(problem, digits=digits, path="multiprecision")
    entry |= {
        "alpha": str(solution.record.alpha),
        "carried": solution.digits_carried,
        "working": solution.working_digits,
        "predicted": max(0.0, solution.predicted_loss or 0.0),
        "measured": max(0.0, methods.measured_loss(solution)),
        "recomputations": {"c": solution.recomputations},
    }
    if ball:
        certified = solve(problem, digits=digits, alpha=solution.record.alpha, path="ball")
        entry["recomputations"]["d"] = certified.recomputations


def within(entries: list[Entry], digits: float) -> float:
    """The share of entries predicted to so many digits."""
    done = [e for e in entries if "measured" in e]
    near = [e for e in done if abs(e["predicted"] - e["measured"]) <= digits]
    return len(near) / len(done) if done else 0.0


def at_most_once(entries: list[Entry], method: str) -> float | None:
    """The share of solves by (c) or (d) that recomputed at most once."""
    counts = [e["recomputations"][method] for e in entries if method in e.get("recomputations", {})]
    return sum(n <= 1 for n in counts) / len(counts) if counts else None
