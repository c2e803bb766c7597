"""How a solution of the campaign is judged: ball enclosures of the weights, residuals of code that
shares nothing with the package, and what the solution says of itself."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import residuals
from flint import arb, ctx

from deepexp_exact.workers import TimeLimit, time_limit

from .drawing import Draw, build, record_of

INSIDE, VIOLATION, CRASH, TIME_OUT, REFUSED, UNDECIDED = (
    "inside", "VIOLATION", "CRASH", "TIME-OUT", "REFUSED", "UNDECIDED",
)  # fmt: skip
#: Classes that end the campaign with status 1.
BAD = (VIOLATION, CRASH, TIME_OUT, UNDECIDED)
#: Bits for judging one solution: more than any path may take.
JUDGING_BITS = 400_000
#: Seconds for judging one solution.
JUDGING_SECONDS = 120
#: mpmath's opinion is asked for one problem in so many, if its size and length allow.
MPMATH_EVERY, MPMATH_D, MPMATH_BITS = 25, 6, 1500
NAMES = ("W1", "W2", "W3", "residual at X1", "residual at X2")


def hex_text(value: Any) -> str:
    """An ``mpf`` or exact ``arb`` as ``-0x1a2bp-120``, exactly."""
    mantissa, exponent = (
        int(v) for v in (value.man_exp() if isinstance(value, arb) else value.man_exp)
    )
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(mantissa):#x}p{exponent}"


def dyadic_rows(weight: Any) -> list[list[list[str]]]:
    """A returned weight, an mpmath matrix, as texts."""
    return [[[hex_text(z.real), hex_text(z.imag)] for z in row] for row in weight.tolist()]


def problem_rows(matrix: Any) -> list[list[list[str]]]:
    def text(q: Any) -> str:
        return f"{'-' if q < 0 else ''}{abs(int(q.numerator)):#x}/{int(q.denominator):#x}"

    return [[[text(z.re), text(z.im)] for z in row] for row in matrix.to_rows()]


def table_of(problem: Any, solution: Any) -> dict[str, Any]:
    """What the stand-alone script reads: the exact problem, the weights as returned."""
    return {
        "digits": solution.digits,
        "problem": {n: problem_rows(getattr(problem, n)) for n in ("X1", "X2", "Y1", "Y2")},
        "weights": {n: dyadic_rows(getattr(solution, n)) for n in ("W1", "W2", "W3")},
    }


def log10(value: Any) -> float | None:
    """log10 of a magnitude (``arb`` or ``mpf``); None for zero."""
    if not isinstance(value, arb):
        value = arb(tuple(int(v) for v in value.man_exp))
    if value == 0:
        return None
    if not value.is_finite():
        return math.inf
    with ctx.workprec(64):
        return float((value.abs_upper().log() / arb(10).log()).mid())


def told_limits(solution: Any) -> list[Any]:
    """What the solution says its residuals are, as exact ``arb``; a number it may not tell (not
    finite, not a number) is None."""
    from mpmath import isfinite

    out = []
    for value in solution.residuals:
        if isinstance(value, arb):
            out.append(value.upper() if value.is_finite() else None)
        else:
            out.append(arb(tuple(int(v) for v in value.man_exp)) if isfinite(value) else None)
    return out


def judge(problem: Any, record: Any, solution: Any, with_mpmath: bool) -> dict[str, Any]:
    """The class of a solution with the figures behind it (log10 of proved upper bounds)."""
    out = residuals_of(problem, solution, with_mpmath)
    return out if "result" in out else out | enclosed(problem, record, solution)


def residuals_of(problem: Any, solution: Any, with_mpmath: bool) -> dict[str, Any]:
    """The residuals of the weights as returned; a class only where they break what is promised or
    told, or cannot be decided."""
    table = table_of(problem, solution)
    promise = arb(10) ** -solution.digits
    told = told_limits(solution)
    out: dict[str, Any] = {"told": [None if t is None else log10(t) for t in told]}
    if any(t is None for t in told):
        return out | {"result": VIOLATION, "reason": "a residual that is told is no number"}
    pairs = residuals.bounds(table, [(promise, t) for t in told])
    out["residuals"] = [log10(upper) for _, upper in pairs]
    for (lower, upper), name, limit in zip(pairs, NAMES[3:], told, strict=True):
        if lower > promise:
            return out | {"result": VIOLATION, "reason": f"{name} exceeds 10^-{solution.digits}"}
        if not upper <= promise:
            return out | {"result": UNDECIDED, "reason": f"{name} is undecided"}
        if lower > limit:
            return out | {"result": VIOLATION, "reason": f"{name} is told smaller than it is"}
    if with_mpmath and residuals.longest(table["weights"]) <= MPMATH_BITS:
        seen = residuals.by_mpmath(table)
        out["mpmath"] = [log10(v) for v in seen]
        if any(not v <= 10.0**-300 and log10(v) > -solution.digits for v in seen):  # type: ignore[operator]
            return out | {"result": VIOLATION, "reason": "mpmath finds a larger residual"}
    return out


def enclosed(problem: Any, record: Any, solution: Any) -> dict[str, Any]:
    """W1, W2, W3 against the enclosures of the exact weights of the same record."""
    from deepexp_exact.errors import ClaimError
    from deepexp_exact.exact.binary import exact_balls
    from deepexp_exact.paths.ball.functions.enclosures import ten_to_minus
    from deepexp_exact.paths.ball.proving.certifying import (
        check_branch,
        prove,
    )
    from deepexp_exact.solution import Label

    weights = tuple(map(exact_balls, solution.weights))
    try:
        found = prove(problem, record, weights, solution.digits, JUDGING_BITS)  # type: ignore[arg-type]
        radii = found.radii
    except ClaimError as error:
        if not str(error).startswith("C3"):
            return {"result": VIOLATION, "reason": str(error)}
        # Eigenvalues of (α − 1)·W2·exp(W1·X1) are not among the numbers promised.
        limit = ten_to_minus(solution.digits)
        near, _ = check_branch(problem, record, weights, (limit,) * 3, None)  # type: ignore[arg-type]
        if any(v.label is Label.FAILED for v in near):
            return {"result": VIOLATION, "reason": "; ".join(v.message for v in near)}
        radii = tuple(v.obtained for v in near)  # type: ignore[assignment]
    proved = [log10(r) for r in radii]
    worst = max((v for v in proved if v is not None), default=-math.inf)
    if not worst <= -solution.digits:
        return {"proved": proved, "result": UNDECIDED, "reason": "an error bound is too weak"}
    return {"proved": proved, "result": INSIDE, "reason": ""}


def solve_drawn(problem: Any, record: Any, one: Draw) -> Any:
    from deepexp_exact.solving import solve

    given = {} if one.path == "default" else {"path": one.path}
    return solve(
        problem, digits=one.digits, alpha=record.alpha, turn=record.turn, branch=record, **given
    )


def examine(one: Draw, seconds: int) -> dict[str, Any]:
    """Solve one problem and judge it; whatever happens becomes a class with its reason."""
    return judged(one, lambda row: _solve_and_judge(one, seconds, row))


def judged(one: Draw, work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The row of one problem as the work fills it; an error becomes a class, by the stage it came
    from."""
    from deepexp_exact.errors import DeepexpError

    row: dict[str, Any] = asdict(one) | {"stage": "problem"}
    started = time.perf_counter()
    try:
        work(row)
    except TimeLimit:
        kind = UNDECIDED if row["stage"] == "judging" else TIME_OUT
        row |= {"result": kind, "reason": f"{row['stage']}: the time limit was reached"}
    except DeepexpError as error:
        kind = UNDECIDED if row["stage"] == "judging" else REFUSED
        row |= {"result": kind, "reason": f"{row['stage']}: {type(error).__name__}: {error}"}
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        reason = f"{row['stage']}: {type(error).__name__}: {error} at {where}"
        row |= {"result": CRASH, "reason": reason}
    return _writable(row) | {"seconds": round(time.perf_counter() - started, 3)}


def _writable(value: Any) -> Any:
    """JSON has no infinite numbers: their text."""
    if isinstance(value, dict):
        return {key: _writable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_writable(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _solve_and_judge(one: Draw, seconds: int, row: dict[str, Any]) -> None:
    started = time.process_time()
    problem = build(one)
    with time_limit(seconds if one.d <= 8 else 4 * seconds, busy=True):
        row["stage"] = "record"
        record, as_drawn = record_of(problem, one)
        row |= {"problem": problem.name, "alpha_used": str(record.alpha), "drawn": as_drawn}
        row["stage"] = "solve"
        solution = solve_drawn(problem, record, one)
    row |= {"carried": solution.digits_carried, "label": str(solution.label)}
    row |= {"solve_seconds": round(time.process_time() - started, 4), "stage": "judging"}
    with time_limit(JUDGING_SECONDS, busy=True):
        asked = one.index % MPMATH_EVERY == 0 and one.d <= MPMATH_D
        row |= judge(problem, solution.record, solution, asked)


def examine_json(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """:func:`examine` for a worker process."""
    return examine(Draw(**one), seconds)
