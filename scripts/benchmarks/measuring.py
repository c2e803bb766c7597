"""One cell: methods in turn, then errors, digits lost and memory of what they returned."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepexp_exact.branches import BranchRecord
from deepexp_exact.problems import Problem
from deepexp_exact.solving import choose_record

from . import methods
from .families import build
from .grids import ALL, Cell
from .limits import Limits, TooLong, alarm
from .processes import peak_memory

Row = dict[str, Any]
#: From this d on, enclosures and residuals in balls cost too much for the quick grid.
QUICK_REFERENCE = 32
#: log10 of a forward error that means another branch, not rounding.
_ANOTHER_BRANCH = -2.0


@dataclass(frozen=True)
class Effort:
    """How often and how long each method runs in a cell, and what is looked at afterwards."""

    repeats: int
    seconds: float  # no further repeats of a method that has taken so long in this cell
    seed: int
    threads: int
    quick: bool


def measure(cell: Cell, effort: Effort, limits: Limits) -> Row:
    """Times, forward errors, digits lost, recomputations and memory of one cell.

    Methods run in turn; a method's first run is dropped if there is time for another."""
    problem = build(cell.family, cell.d, effort.seed)
    record, loss = choose_record(problem, "auto")
    row: Row = {
        "family": cell.family,
        "d": cell.d,
        "digits": cell.digits,
        "seed": effort.seed,
        "alpha": str(record.alpha),
        "predicted_loss": loss,
        "seconds": {},
        "wall_seconds": {},
        "runs": {},
        "notes": {m: "not asked in this grid" for m in ALL if m not in cell.methods},
        "remarks": {},
        "errors": {},
        "recomputations": {},
        "measuring": {},
        "memory_mb": {},
    }
    ways = _ways(row, cell, problem, record, limits)
    results = _timed(row, ways, effort, limits)
    _record_time(row, problem, record, effort)
    _accuracy(row, results, problem, record, effort, limits)
    _memory(row, results, record, effort, limits)
    return row


def warm_up() -> None:
    """Every method once on a small problem, so that no cell pays for imports."""
    cell = Cell("gaussian-complex", 2, 15)
    problem = build(*cell[:2], 0)
    record, _ = choose_record(problem, "auto")
    row: Row = {"flint_bits": 200, "notes": {}}
    cell = cell._replace(methods="acgsdef")
    for way in _ways(row, cell, problem, record, Limits(1e3)).values():
        way()


def _ways(
    row: Row, cell: Cell, problem: Problem, record: BranchRecord, limits: Limits
) -> dict[str, Callable[[], Any]]:
    """The methods that run here; why the others do not goes to the row's notes."""
    d, digits = cell.d, cell.digits
    ways: dict[str, Callable[[], Any]] = {
        "c": lambda: methods.ours(problem, record, digits),
        "g": lambda: methods.given(problem, record, digits),
        "s": lambda: methods.default(problem, record, digits),
        "d": lambda: methods.ball_with_certificate(problem, record, digits),
        "e": lambda: methods.float64(problem, record),
        "f": lambda: methods.plain(problem, record, digits),
        "a": lambda: methods.mpmath_script(problem, record, digits),
        "b": lambda: methods.bare_flint(problem, record, row["flint_bits"])[0],
        "n": lambda: methods.bare_flint(problem, record, row["flint_bits"], False)[0],
    }
    for method in list(ways):
        reason = (
            limits.reason(method, cell.family, d, digits) if method in cell.methods else "not asked"
        )
        if reason is None and method == "b":
            reason = _find_bits(row, problem, record, digits, limits)
        if reason is None and method == "n":
            reason = None if "flint_bits" in row else "as (b)"
        if reason is not None:
            row["notes"].setdefault(method, reason)
            del ways[method]
    return ways


def _find_bits(
    row: Row, problem: Problem, record: BranchRecord, digits: int, limits: Limits
) -> str | None:
    """The precision of (b) into the row, or why there is none."""
    try:
        with alarm(2 * limits.of("b")):
            row["flint_bits"] = methods.lowest_bits(problem, record, digits)
    except methods.NotDelivered as error:
        return f"fails: {error}"
    except TooLong as late:
        return f"the search for its lowest precision {late}"
    return None


def _timed(
    row: Row, ways: dict[str, Callable[[], Any]], effort: Effort, limits: Limits
) -> dict[str, Any]:
    """The least processor and wall time of each into the row, and the share of (c) and (g) that
    went on measuring; what each method returned."""
    busy: dict[str, list[float]] = {method: [] for method in ways}
    times: dict[str, list[float]] = {method: [] for method in ways}
    results: dict[str, Any] = {}
    shares: dict[str, list[float]] = {"c": [], "g": []}
    for turn in range(effort.repeats + 1):
        for method, way in ways.items():
            enough = turn > 0 and sum(times[method]) > effort.seconds
            if method in row["notes"] or enough:
                continue
            started, clock = time.perf_counter(), time.process_time()
            try:
                with alarm(2 * limits.of(method)):
                    results[method] = way()
            except TooLong as late:
                row["notes"][method] = str(late)
                results.pop(method, None)
            except Exception as error:  # a method that fails is a result of the benchmark
                row["notes"][method] = f"fails: {type(error).__name__}: {error}"
                results.pop(method, None)
            busy[method].append(time.process_time() - clock)
            if method in shares and method in results:
                shares[method].append(results[method].measuring_seconds / busy[method][-1])
            times[method].append(time.perf_counter() - started)
    for method in results:
        row["seconds"][method] = min(busy[method])
        row["wall_seconds"][method] = min(times[method])
        row["runs"][method] = len(times[method])
        if method in shares:
            row["measuring"][method] = statistics.median(shares[method])
        limits.note(method, row["family"], row["d"], row["digits"], row["wall_seconds"][method])
    return results


def _record_time(row: Row, problem: Problem, record: BranchRecord, effort: Effort) -> None:
    times = []
    for _ in range(effort.repeats):
        started = time.process_time()
        methods.fresh_record(problem, record)
        times.append(time.process_time() - started)
        if sum(times) > effort.seconds:
            break
    row["record_seconds"] = min(times)


def _accuracy(
    row: Row,
    results: dict[str, Any],
    problem: Problem,
    record: BranchRecord,
    effort: Effort,
    limits: Limits,
) -> None:
    """Forward errors against an enclosure, and digits lost as measured in balls."""
    digits = row["digits"]
    for method in ("c", "d"):
        if method in results:
            row["recomputations"][method] = results[method].recomputations
    if "c" in results:
        row["digits_carried"] = results["c"].digits_carried
        row["working_digits"] = results["c"].working_digits
    if effort.quick and (row["d"] > QUICK_REFERENCE or digits * row["d"] > 6000):
        row["remarks"]["errors"] = "no enclosure computed in the quick grid"
        return
    try:
        with alarm(4 * limits.of("d")):
            # Ours may have chosen another construction (split): each against its own weights.
            records = {m: getattr(result, "record", record) for m, result in results.items()}
            exact: dict[str, Any] = {}
            for method, own in records.items():
                same = [m for m in exact if records[m] == own]
                exact[method] = exact[same[0]] if same else methods.enclosures(problem, own, digits)
            if "c" in results:
                row["measured_loss"] = methods.measured_loss(results["c"])
    except TooLong as late:
        row["remarks"]["errors"] = f"the enclosure {late}"
        return
    for method, result in results.items():
        weights = result if isinstance(result, tuple) else result.weights
        row["errors"][method] = methods.forward_error(weights, exact[method], digits)
        if method == "b":
            proved = methods.forward_error(weights, exact[method], digits, False)
            row["errors"]["b proved"] = proved
    if "b" in results and "c" in results:
        _as_accurate(row, exact["c"], problem, record, effort)
    if row["errors"].get("a", -math.inf) > _ANOTHER_BRANCH:
        row["remarks"]["a"] = "left the recorded branch, or has no digit right"


def _as_accurate(
    row: Row, exact: Any, problem: Problem, record: BranchRecord, effort: Effort
) -> None:
    """(c) once more, asked for as many digits as (b)'s midpoints have: its time and error.

    (b) has to work at a precision that proves its residuals; (c) rounds its weights to what the
    promise needs.  So their forward errors differ unless (c) is asked for (b)'s."""
    error = row["errors"]["b"]
    if not -1000 - row["digits"] < error < 0:
        return
    digits = math.ceil(-error)
    times: list[float] = []
    for _ in range(effort.repeats + 1):
        started = time.process_time()
        solution = methods.ours(problem, record, digits)
        times.append(time.process_time() - started)
        if sum(times) > effort.seconds:
            break
    row["seconds"]["c as b"] = min(times)
    row["digits_as_b"] = digits
    row["errors"]["c as b"] = methods.forward_error(solution.weights, exact, digits)


def _memory(
    row: Row, results: dict[str, Any], record: BranchRecord, effort: Effort, limits: Limits
) -> None:
    """Peak memory of (c), and in the full grid of (d), each alone in a process of its own."""
    for method, path in (("c", "multiprecision"), ("d", "ball"))[: 1 if effort.quick else 2]:
        if method in results:
            row["memory_mb"][method] = peak_memory(
                row["family"], row["d"], effort.seed, row["digits"],
                "auto" if method == "c" else str(record.alpha), path, effort.threads,
                4 * limits.of(method) + 60,
            )  # fmt: skip
