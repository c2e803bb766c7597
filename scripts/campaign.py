#!/usr/bin/env python3
"""Hold the multiprecision path against the ball path on many random problems.

    python scripts/campaign.py [--count 2000] [--seed 0] [--out out/campaign.jsonl] [--fresh]

Problem j of a seed is always the same: family j mod 20 (every family of ``verify`` and small
Gaussian rationals), size 1 to 12, 15 to 300 digits, α from the rule ``auto``, the paper's α > 0 or
a number, turns of c, and the principal, the smallest-norm or a random branch (``draw``).  The
multiprecision path solves it; what it returns, W1, W2, W3 rounded to the digits they carry, is
judged in ball arithmetic at a precision that starts above the longest mantissa of the weights and
rises until the enclosures of the exact weights of the SAME branch record are 2^12 times finer than
the rounding of those weights.  With p = 10^−digits, the error promised:

  inside     for j = 1, 2, 3 and every matrix B in the enclosure of Wj, ‖Wj − B‖_F ≤ p·‖Wj‖_F, and
             for i = 1, 2 every value of ‖f(Xi) − Yi‖_F/‖Yi‖_F is at most p (proved upper bounds:
             with the midpoint M and the radius r of the enclosure, ‖Wj − M‖_F + r ≤ p·‖Wj‖_F)
  OUTSIDE    a proved lower bound of one of these five numbers exceeds p
  UNDECIDED  neither, or no solution, with the reason; a number that is not finite is a reason

A weight that is exactly zero has to be returned as zero.  The path's own estimates of the five
numbers are compared too: ``estimate`` is the largest ratio of a proved number to its estimate.
Where what was drawn is predicted to lose more than 150 digits, milder choices stand in
(``record_of``).

One JSON line a problem is appended to the file as it ends, and a second start goes on where the
first stopped; a file of other settings or of another state of the package is refused.  Two worker
processes, one BLAS thread each.  Exit status 0 if all are inside, 1 otherwise, 130 interrupted.
One problem again, with what is known of it: ``--index J``.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deepexp_exact.workers import ONE_THREAD, Lost, TimeLimit, in_pool, time_limit

INSIDE, OUTSIDE, UNDECIDED = "inside", "OUTSIDE", "UNDECIDED"
FORMAT = "deepexp-exact/campaign"
#: Largest size of families whose cost or condition grows out of proportion, and the sizes that
#: exist of a family.
SIZES = {
    "hadamard-K": (1, 2, 4, 8),
    "al-mohy-higham-K": tuple(range(1, 7)),
    "nearly-defective": tuple(range(1, 9)),
}
#: Families whose eigenvalues are those of a split Jordan block: different integers for them make
#: the entries of L as large as 1/gap^(d − 1), which no path is made for.
ONE_BRANCH = ("nearly-defective",)
RATIONAL = "gaussian-rational"
MOST_D, FEWEST_DIGITS, MOST_DIGITS = 12, 15, 300
#: Digits that a drawn α may lose by prediction before ``auto`` stands in for it.
MOST_LOSS = 150
#: Least |α − 1|: exp(L/(α − 1)) is to stay within exponents that certificates and MPFR have.
LEAST_STEP = 1e-5
ALPHAS = ("3", "1/3", "i", "-1", "2", "-1/2", "1+i", "3/5+4/5i")


@dataclass(frozen=True)
class Draw:
    """One problem of the campaign and how it is to be solved."""

    index: int
    family: str
    d: int
    seed: int
    digits: int
    alpha: str
    turn: int
    branch: str
    branch_seed: int


def families() -> list[str]:
    from deepexp_exact.problems.families import FAMILIES

    return [*sorted(FAMILIES), RATIONAL]


def draw(seed: int, index: int) -> Draw:
    """Problem ``index`` of the campaign with this seed; digits are even on a log scale."""
    rng = random.Random(f"campaign/{seed}/{index}")
    names = families()
    family = names[index % len(names)]
    sizes = SIZES.get(family, range(1, MOST_D + 1))
    digits = round(FEWEST_DIGITS * (MOST_DIGITS / FEWEST_DIGITS) ** rng.random())
    kind = rng.choices(("auto", "positive", "number"), (5, 2, 3))[0]
    alpha = rng.choice(ALPHAS) if kind == "number" else kind
    branch = rng.choices(("principal", "smallest-norm", "integers"), (2, 1, 1))[0]
    turn = rng.choices((0, 1, -1), (8, 1, 1))[0]
    return Draw(
        index,
        family,
        rng.choice(sizes),
        rng.randrange(10**6),
        digits,
        alpha,
        turn,
        branch,
        rng.randrange(10**6),
    )


def gaussian_rational_problem(d: int, seed: int) -> Any:
    """Entries (p + q·i)/r with |p|, |q| ≤ 9 and r ≤ 7, drawn until the hypotheses hold."""
    from flint import fmpq

    from deepexp_exact.exact import ExactMatrix, gaussian
    from deepexp_exact.problems import Problem

    rng = random.Random(f"{RATIONAL}/{d}/{seed}")

    def entry() -> Any:
        r = rng.randint(1, 7)
        return gaussian(fmpq(rng.randint(-9, 9), r), fmpq(rng.randint(-9, 9), r))

    while True:
        X1, X2, Y1, Y2 = (
            ExactMatrix.from_rows([[entry() for _ in range(d)] for _ in range(d)]) for _ in range(4)
        )
        if (X2 - X1).is_invertible() and Y1.is_invertible() and Y2.is_invertible():
            return Problem(X1, X2, Y1, Y2, name=f"{RATIONAL}-d{d}-s{seed}")


def build(one: Draw) -> Any:
    """The problem; families with a random D or Y are drawn again until the hypotheses hold."""
    from deepexp_exact.problems.families import FAMILIES

    if one.family == RATIONAL:
        return gaussian_rational_problem(one.d, one.seed)
    for attempt in range(100):
        problem = FAMILIES[one.family].build(one.d, one.seed + 10**6 * attempt)
        if all(h.holds for h in problem.hypotheses() if h.required):
            return problem
    raise ValueError(f"no problem of family {one.family} satisfies the hypotheses")


def record_of(problem: Any, one: Draw) -> Any:
    """The branch record drawn for the problem, or the first of these that is predicted to lose at
    most MOST_LOSS digits and has |α − 1| ≥ LEAST_STEP: α by the rule ``auto``, then without turns,
    then the principal branch; at last α = i."""
    from deepexp_exact.alpha import predicted_loss
    from deepexp_exact.exact import gaussian
    from deepexp_exact.solving import choose_record
    from deepexp_exact.spectrum import spectrum

    branch: Any = one.branch
    if branch == "integers":
        rng = random.Random(one.branch_seed)
        count = len(spectrum(problem).eigenvalues)
        branch = [rng.randint(-2, 2) for _ in range(count)]
        if one.family in ONE_BRANCH:
            branch = branch[:1] * count
    tries = ((one.alpha, one.turn, branch), ("auto", one.turn, branch), ("auto", 0, branch))
    for alpha, turn, rule in (*tries, ("auto", 0, "principal"), ("i", 0, "principal")):
        record, loss = choose_record(problem, alpha, turn, rule)
        if loss is None:
            loss = predicted_loss(problem, record.alpha, ks=record.ks, turn=record.turn)
        if loss <= MOST_LOSS and abs(complex(record.alpha - gaussian(1))) >= LEAST_STEP:
            break
    return record


# ------------------------------------------------------------------------------------- judging


class NotFinite(ArithmeticError):
    """A number that has to be finite is not; the text names it."""


def log10_bound(value: Any, words: str) -> float | None:
    """log10 of an exact upper bound (``arb``); None for zero; :class:`NotFinite` otherwise."""
    from deepexp_exact.paths.ball.enclosures import log2_of

    if not value.is_finite():
        raise NotFinite(f"{words} is {value}")
    return None if value == 0 else log2_of(value) * math.log10(2)


def log10_estimate(value: Any, words: str) -> float | None:
    """log10 of an ``mpf``; None for zero; :class:`NotFinite` otherwise."""
    from mpmath import isfinite, log10, workprec

    if not isfinite(value):
        raise NotFinite(f"{words} is {value}")
    if value == 0:
        return None
    with workprec(60):
        return float(log10(value))


def judge(problem: Any, record: Any, solution: Any) -> dict[str, Any]:
    """The class of a multiprecision solution with the figures behind it."""
    from deepexp_exact.errors import ClaimError
    from deepexp_exact.paths.ball.enclosures import ten_to_minus
    from deepexp_exact.paths.ball.proving import check_branch, check_residuals, prove
    from deepexp_exact.solution import Label
    from deepexp_exact.verification.exact_balls import exact_balls

    names = ("W1", "W2", "W3", "residual at X1", "residual at X2")
    given = [
        log10_estimate(v, f"the estimate of {name}")
        for v, name in zip((*solution.errors, *solution.residuals), names, strict=True)
    ]
    out: dict[str, Any] = {"estimates": given}
    W1, W2, W3 = (exact_balls(w) for w in solution.weights)
    try:
        evidence = prove(problem, record, (W1, W2, W3), solution.digits)
        bounds = (*evidence.radii, *evidence.residuals)
        out["eigenvalue_radius"] = log10_bound(evidence.eigenvalue_radius, "C3")
    except ClaimError as error:
        if not str(error).startswith("C3"):
            return out | {"result": OUTSIDE, "reason": str(error)}
        # Eigenvalues of (α − 1)·W2·exp(W1·X1) are not among the five numbers promised.
        out["eigenvalue_radius"] = None
        limit = ten_to_minus(solution.digits)
        near, _ = check_branch(problem, record, (W1, W2, W3), (limit,) * 3, None)
        verdicts = [*near, *check_residuals(problem, (W1, W2, W3), (limit,) * 2)]
        if any(v.label is Label.FAILED for v in verdicts):
            return out | {"result": OUTSIDE, "reason": "; ".join(v.message for v in verdicts)}
        bounds = tuple(v.obtained for v in verdicts)
    proved = [log10_bound(v, name) for v, name in zip(bounds, names, strict=True)]
    worst = max((v for v in proved if v is not None), default=-math.inf)
    out["proved"] = proved
    if not worst <= -solution.digits:
        return out | {"result": UNDECIDED, "reason": "the bounds found exceed what is promised"}
    return out | {"result": INSIDE, "reason": ""}


def examine(one: Draw, seconds: int) -> dict[str, Any]:
    """Solve one problem and judge it; whatever happens becomes a class with its reason."""
    from deepexp_exact.errors import DeepexpError
    from deepexp_exact.solving import path_solver

    row: dict[str, Any] = asdict(one)
    stage, started = "problem", time.perf_counter()
    try:
        with time_limit(seconds):
            problem = build(one)
            stage = "record"
            record = record_of(problem, one)
            row |= {"problem": problem.name, "alpha_used": str(record.alpha)}
            row |= {"turn_used": record.turn, "rule_used": record.rule, "ks": list(record.ks)}
            stage, middle = "solve", time.perf_counter()
            solution = path_solver("multiprecision", "shift")(problem, record, one.digits)
            row |= {"carried": solution.digits_carried, "working": solution.working_digits}
            row |= {"solve_seconds": round(time.perf_counter() - middle, 4)}
            stage, middle = "ball", time.perf_counter()
            row |= judge(problem, record, solution)
            row |= {"ball_seconds": round(time.perf_counter() - middle, 4)}
    except TimeLimit:
        row |= {"result": UNDECIDED, "reason": f"{stage}: the limit of {seconds} s was reached"}
    except (DeepexpError, NotFinite) as error:
        row |= {"result": UNDECIDED, "reason": f"{stage}: {type(error).__name__}: {error}"}
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        text = f"{stage}: internal error {type(error).__name__}: {error} at {where}"
        row |= {"result": UNDECIDED, "reason": text}
    return row | {"seconds": round(time.perf_counter() - started, 3)}


# ----------------------------------------------------------------------------------- the run


def digest() -> str:
    """SHA-256 of the package's sources and of this script: results of two states never mix."""
    import deepexp_exact

    root = Path(deepexp_exact.__file__).parent
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(root.rglob("*.py")):
        total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def header(seed: int, seconds: int) -> dict[str, Any]:
    from deepexp_exact.certificate import installed_versions

    return {
        "format": FORMAT,
        "version": 1,
        "seed": seed,
        "time_limit": seconds,
        "sources": digest(),
        "versions": installed_versions(),
    }


def resume(path: Path, head: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Rows that are already in the file; a line cut short by a kill is left out and removed."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(head) + "\n", encoding="utf-8")
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    whole = lines[:-1]
    if not whole or json.loads(whole[0]) != head:
        raise SystemExit(
            f"{path} is of other settings, versions or sources (--fresh starts again, --out FILE "
            "writes elsewhere)"
        )
    if lines[-1]:
        with path.open("r+", encoding="utf-8") as stream:
            stream.truncate(len("\n".join(whole).encode()) + 1)
    rows = [json.loads(line) for line in whole[1:]]
    return {row["index"]: row for row in rows}


def results(todo: Sequence[Draw], workers: int, seconds: int) -> Iterator[dict[str, Any]]:
    """Rows as they end.  A worker that dies costs the problem in hand, which is UNDECIDED."""
    # This script by the name under which a worker finds it.
    name = f"{Path(__file__).stem}:examine_json"
    with contextlib.closing(
        in_pool(name, [(asdict(one), seconds) for one in todo], workers, 2.0 * seconds + 60)
    ) as stream:
        for index, answer in stream:
            if isinstance(answer, Lost):
                lost = {"result": UNDECIDED, "reason": answer.reason, "seconds": answer.seconds}
                answer = asdict(todo[index]) | lost
            yield answer


def examine_json(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """:func:`examine` for a worker process."""
    return examine(Draw(**one), seconds)


def summary(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Counts, reasons, and the worst cases, as lines for people."""
    counts = Counter(row["result"] for row in rows)
    classes = ", ".join(f"{counts[name]} {name}" for name in (INSIDE, OUTSIDE, UNDECIDED))
    out = [f"{len(rows)} problems: {classes}"]
    for row in rows:
        if row["result"] != INSIDE:
            out.append(f"  {row['result']} {describe(row)}: {row['reason']}")
    judged = [row for row in rows if row["result"] == INSIDE]
    if not judged:
        return out
    for words, key in (
        ("closest to the error promised (log10 of proved/promised)", nearness),
        ("largest ratio of a proved number to the path's estimate of it (log10)", excess),
        ("digits carried beyond those asked", lambda r: float(r["carried"] - r["digits"])),
        ("slowest solves (s)", lambda r: float(r["solve_seconds"])),
    ):
        out.append(words)
        for row in sorted(judged, key=key, reverse=True)[:5]:
            out.append(f"  {key(row):8.2f}  {describe(row)}")
    short = [row for row in judged if excess(row) > math.log10(2)]
    out.append(f"{len(short)} of {len(judged)} inside with an estimate more than 2 times too small")
    return out


def describe(row: dict[str, Any]) -> str:
    return (
        f"index {row['index']}: {row.get('problem', row['family'])}, {row['digits']} digits, "
        f"alpha {row['alpha']} ({row.get('alpha_used', '?')}), turn {row['turn']}, {row['branch']}"
    )


def nearness(row: dict[str, Any]) -> float:
    """log10 of the largest proved number over 10^−digits; 0 is the limit."""
    return max((v for v in row["proved"] if v is not None), default=-math.inf) + row["digits"]


def excess(row: dict[str, Any]) -> float:
    """log10 of the largest ratio of a proved number to its estimate."""
    pairs = zip(row["proved"], row["estimates"], strict=True)
    return max(
        ((math.inf if e is None else p - e) for p, e in pairs if p is not None), default=-math.inf
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="problems (default 2000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--time-limit", type=int, default=600, help="seconds a problem")
    parser.add_argument("--out", type=Path, default=Path("out/campaign.jsonl"), metavar="FILE")
    parser.add_argument("--fresh", action="store_true", help="start the file again")
    parser.add_argument("--index", type=int, help="this problem alone, printed, not written")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    if options.index is not None:
        row = examine(draw(options.seed, options.index), options.time_limit)
        print(json.dumps(row, indent=1, allow_nan=False))
        return int(row["result"] != INSIDE)
    if options.fresh:
        options.out.unlink(missing_ok=True)
    head = header(options.seed, options.time_limit)
    done = resume(options.out, head)
    todo = [draw(options.seed, j) for j in range(options.count) if j not in done]
    from deepexp_exact.report.terminal import progress

    interrupted = False
    with (
        options.out.open("a", encoding="utf-8") as stream,
        progress("campaign") as tell,
        contextlib.closing(results(todo, options.workers, options.time_limit)) as found,
    ):
        try:
            for row in found:
                stream.write(json.dumps(row, allow_nan=False) + "\n")
                stream.flush()
                done[row["index"]] = row
                tell(f"{row['family']} {row['result']}", len(done), options.count)
        except KeyboardInterrupt:
            interrupted = True
    rows = [done[j] for j in sorted(done) if j < options.count]
    print("\n".join(summary(rows)))
    print(f"rows: {options.out}")
    if interrupted:
        return 130
    return int(any(row["result"] != INSIDE for row in rows) or not rows)


if __name__ == "__main__":
    sys.exit(main())
