"""Random problems beyond the theorem's hypotheses, each with the answer its making forces: singular
X1, X2, D in every combination, outputs of any rank, no solution, and singular pencils, for which
"undecided" is an answer too.  What ``solve`` answers is held against that, and by code that shares
nothing with it."""

from __future__ import annotations

import contextlib
import io
import json
import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from flint import fmpq
from soak_certificates import forge, standard_checker

from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems import Problem
from deepexp_exact.solution import Label
from deepexp_exact.workers import time_limit

from .drawing import Draw
from .judging import JUDGING_SECONDS, MPMATH_D, MPMATH_EVERY, VIOLATION, judged, residuals_of

SOLVED, NO_SOLUTION, OPEN = "solution", "no solution", "open"
#: The answers that may be right; the class of a row is one of them or one of judging's.
ANSWERS = (SOLVED, NO_SOLUTION, OPEN)
MOST_D, DIGITS = 8, (10, 20, 30, 50, 80)
Pair = tuple[ExactMatrix, ExactMatrix]


def _integers(rows: int, columns: int, rng: random.Random, size: int = 3) -> ExactMatrix:
    def entry() -> Any:
        return gaussian(rng.randint(-size, size), rng.choice((0, 0, rng.randint(-size, size))))

    return ExactMatrix.from_rows([[entry() for _ in range(columns)] for _ in range(rows)])


def _gaussian(rows: int, columns: int, rng: random.Random) -> ExactMatrix:
    def part() -> fmpq:
        return fmpq(round(rng.gauss(0, 1) * 2**20), 2**20)

    entries = [[gaussian(part(), part()) for _ in range(columns)] for _ in range(rows)]
    return ExactMatrix.from_rows(entries)


def _of_rank(d: int, r: int, rng: random.Random) -> ExactMatrix:
    make = rng.choice((_integers, _gaussian))
    while True:
        M = make(d, r, rng) @ make(r, d, rng) if r else ExactMatrix.zero(d, d)
        if M.rank() == r:
            return M


def _low_rank(d: int, rng: random.Random) -> Pair:
    """D of any rank below d, X1 invertible."""
    X1 = _of_rank(d, d, rng)
    return X1, X1 + _of_rank(d, rng.choice((d - 1, (d + 1) // 2, 1)) if d > 1 else 0, rng)


def _identity(d: int, rng: random.Random) -> Pair:
    """X1 = I."""
    one = ExactMatrix.identity(d)
    return one, one + _of_rank(d, rng.randint(min(1, d - 1), d - 1), rng)


def _nearly_scalar(d: int, rng: random.Random) -> Pair:
    """X1⁻¹·X2 = I + 10^-k·R."""
    X1, R = _of_rank(d, d, rng), _of_rank(d, max(d - 1, 1), rng)
    return X1, X1 + (X1 @ R).scale(gaussian(fmpq(1, 10 ** rng.choice((2, 5, 10)))))


def _nearly_singular(d: int, rng: random.Random) -> Pair:
    """D within 10^-k of a singular matrix."""
    D = _of_rank(d, d - 1, rng)
    small = gaussian(fmpq(1, 10 ** rng.choice((2, 6, 12, 30))))
    X1 = _of_rank(d, d, rng)
    return X1, X1 + D + _of_rank(d, d, rng).scale(small)


def _blocks(d: int, rng: random.Random, values: list[Any]) -> Pair:
    """P·diag(blocks)·Q with the given eigenvalues of X1⁻¹·X2 (None is ∞) and random Jordan
    blocks."""
    first = [[gaussian(0)] * d for _ in range(d)]
    second = [[gaussian(0)] * d for _ in range(d)]
    start = 0
    left = list(values)
    while left:
        c = left.pop(0)
        size = 1
        if c in left and rng.random() < 0.5:
            size = 1 + left.count(c)
            left = [v for v in left if v != c]
        for j in range(start, start + size):
            one, other = (second, first) if c is None else (first, second)
            one[j][j] = gaussian(1)
            other[j][j] = gaussian(0 if c is None else c)
            if j + 1 < start + size:
                other[j][j + 1] = gaussian(1)
        start += size
    P, Q = (_of_rank(d, d, rng) for _ in range(2))
    return tuple(P @ ExactMatrix.from_rows(m) @ Q for m in (first, second))  # type: ignore[return-value]


def _weierstrass(d: int, rng: random.Random) -> Pair:
    """Any eigenvalues, each often repeated."""
    while True:
        X1, X2 = _blocks(d, rng, sorted(rng.choices((1, 0, None, 2, -1, 3), k=d), key=str))
        if X1 != X2:
            return X1, X2


def _unipotent(d: int, rng: random.Random) -> Pair:
    """The one eigenvalue 1, as one Jordan block or several."""
    while True:
        X1, X2 = _blocks(d, rng, [1] * d)
        if X1 != X2 or d == 1:
            return X1, X2


def _all_singular(d: int, rng: random.Random) -> Pair:
    """X1, X2 and D singular: eigenvalues 0, ∞ and 1."""
    rest = rng.choices((1, 0, None, 2, -1, 3), k=max(0, d - 3))
    return _blocks(d, rng, sorted([1, 0, None, *rest][:d], key=str))


def _invertible(d: int, rng: random.Random) -> Pair:
    """D invertible, X1 and X2 of any rank."""
    while True:
        X1, X2 = (_of_rank(d, rng.choice((d, d, rng.randint(0, d))), rng) for _ in range(2))
        if (X2 - X1).is_invertible():
            return X1, X2


def _equal(d: int, rng: random.Random) -> Pair:
    """X1 = X2."""
    X1 = _of_rank(d, rng.randint(0, d), rng)
    return X1, X1


def _singular_pencil(d: int, rng: random.Random) -> Pair:
    """A common kernel: X1 + z·D is singular for every z."""
    if d == 1:
        return _equal(d, rng)
    right = _of_rank(d, d - 1, rng)
    while True:
        X1, X2 = (_of_rank(d, d, rng) @ right for _ in range(2))
        if X1 != X2:
            return X1, X2


KINDS: dict[str, Callable[[int, random.Random], Pair]] = {
    "low-rank": _low_rank, "identity": _identity, "nearly-scalar": _nearly_scalar,
    "nearly-singular": _nearly_singular, "weierstrass": _weierstrass, "unipotent": _unipotent,
    "all-singular": _all_singular, "invertible": _invertible, "equal-inputs": _equal,
    "singular-pencil": _singular_pencil,
}  # fmt: skip
#: How often each kind is drawn: those that a splitting decides most.
_TURNS = [name for name in KINDS for _ in range(1 if name in list(KINDS)[-3:] else 3)]


def _outputs(d: int, rng: random.Random) -> tuple[ExactMatrix, ExactMatrix, bool]:
    """Y1, Y2 and whether their column spaces agree."""
    kind = rng.choices(("full", "lower", "equal", "unequal"), (5, 5, 1, 2))[0]
    r = d if kind == "full" else rng.choice((0, min(1, d), d // 2, d - 1))
    Y1 = _of_rank(d, r, rng)
    if kind == "equal":
        return Y1, Y1, True
    if kind != "unequal":
        return Y1, Y1 @ _of_rank(d, d, rng), True
    while True:
        Y2 = _of_rank(d, rng.randint(0, d), rng)
        if not _one_column_space(Y1, Y2):
            return Y1, Y2, False


def _one_column_space(Y1: ExactMatrix, Y2: ExactMatrix) -> bool:
    one, two = _rows(Y1), _rows(Y2)
    joined = [[*a, *b] for a, b in zip(one, two, strict=True)]
    return _rank(one) == _rank(two) == _rank(joined)


def _rows(M: ExactMatrix) -> list[list[tuple[Fraction, Fraction]]]:
    def part(x: Any) -> Fraction:
        return Fraction(int(x.p), int(x.q))

    return [[(part(z.re), part(z.im)) for z in row] for row in M.to_rows()]


def _rank(rows: list[list[tuple[Fraction, Fraction]]]) -> int:
    """By Gaussian elimination over Q(i) in the standard library's fractions."""
    left, rank = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        at = next((j for j in range(rank, len(left)) if left[j][column] != (0, 0)), None)
        if at is None:
            continue
        left[rank], left[at] = left[at], left[rank]
        a, b = left[rank][column]
        size = a * a + b * b
        for row in left[rank + 1 :]:
            x, y = row[column]
            u, v = (x * a + y * b) / size, (y * a - x * b) / size
            for k in range(column, len(row)):
                p, q = left[rank][k]
                row[k] = (row[k][0] - u * p + v * q, row[k][1] - u * q - v * p)
        rank += 1
    return rank


def families() -> list[str]:
    return list(KINDS)


def draw(seed: int, index: int) -> Draw:
    """Problem ``index`` of the campaign with this seed; sizes in proportion to 1/√d."""
    rng = random.Random(f"deciding/{seed}/{index}")
    sizes = range(1, MOST_D + 1)
    return Draw(
        index,
        _TURNS[index % len(_TURNS)],
        d=rng.choices(sizes, [d**-0.5 for d in sizes])[0],
        seed=rng.randrange(10**6),
        digits=rng.choice(DIGITS),
        branch=rng.choices(("principal", "smallest-norm"), (5, 1))[0],
    )


def build(one: Draw) -> tuple[Problem, str]:
    """The problem and the answer that its making forces."""
    rng = random.Random(f"deciding/{one.family}/{one.d}/{one.seed}")
    X1, X2 = KINDS[one.family](one.d, rng)
    Y1, Y2, agree = _outputs(one.d, rng)
    problem = Problem(X1, X2, Y1, Y2, name=f"{one.family}-d{one.d}-s{one.seed}")
    if not agree or (X1 == X2 and Y1 != Y2):
        return problem, NO_SOLUTION
    return problem, SOLVED


def examine(
    one: Draw,
    seconds: int,
    make: Callable[[Draw], tuple[Problem, str]] = build,
    real: bool = False,
) -> dict[str, Any]:
    """Solve one problem and judge the answer; whatever happens becomes a class with its reason.

    ``real``: real weights are asked for, and have to be real in every digit."""
    return judged(one, lambda row: _decide(one, seconds, row, *make(one), real))


def _decide(
    one: Draw, seconds: int, row: dict[str, Any], problem: Problem, expected: str, real: bool
) -> None:
    from deepexp_exact.constructions.split import pencil_rank
    from deepexp_exact.errors import NoSolutionError, UndecidedError
    from deepexp_exact.solving import solve

    row |= {"problem": problem.name, "expected": expected, "stage": "solve"}
    started = time.perf_counter()
    solution: Any = None
    refused: Any = None
    try:
        with time_limit(seconds, busy=True):
            solution = solve(problem, digits=one.digits, branch=one.branch, real=real)
            answer = SOLVED
    except NoSolutionError as error:
        answer, refused = NO_SOLUTION, error
        row |= {"statement": error.statement, "evidence": list(error.evidence)}
    except UndecidedError as error:
        answer = OPEN
        row["reason"] = error.message
    row |= {"solve_seconds": round(time.perf_counter() - started, 4), "result": answer}
    row["stage"] = "judging"
    open_ = answer == OPEN and pencil_rank(problem.X1, problem.D) < problem.d
    if answer != expected and not open_:
        row |= {"result": VIOLATION, "reason": f"answered {answer}, expected {expected}"}
        return
    if real and solution is not None and any(z.imag for w in solution.weights for z in w):
        row |= {"result": VIOLATION, "reason": "a weight has an imaginary part"}
        return
    if solution is not None:
        row |= {
            "label": str(solution.label),
            "construction": solution.construction,
            "carried": solution.digits_carried,
            "alpha_used": str(solution.record.first_layer.alpha),
            "proved": [],
        }
    with time_limit(JUDGING_SECONDS, busy=True):
        if solution is not None:
            asked = one.index % MPMATH_EVERY == 0 and one.d <= MPMATH_D
            row |= residuals_of(problem, solution, asked)
        if row["result"] == answer and answer != OPEN:
            row |= _certificates(problem, solution, refused, one.seed)


def _certificates(problem: Problem, solution: Any, refused: Any, seed: int) -> dict[str, Any]:
    """Nothing if both checkers accept the certificate and refuse a forged one: a digit of a weight
    changed, or Y2 = Y1 where there is no solution."""
    from deepexp_exact.certificate import (
        canonical_sha256,
        certificate_of_no_solution,
        check_certificate,
        provable_certificate,
    )

    if solution is None:
        table = certificate_of_no_solution(problem, refused).to_json()
        forged = json.loads(json.dumps(table))
        forged["problem"]["Y2"] = forged["problem"]["Y1"]
        forged["sha256"] = canonical_sha256(forged)
    else:
        made, reason = provable_certificate(solution)
        if reason and solution.label is Label.CERTIFIED:
            return {"result": VIOLATION, "reason": f"not proved: {reason}"}
        table = made.to_json()
        zero = problem.Y1.is_zero()  # then every W1 and W2 will do
        forged = {} if zero else forge(json.loads(json.dumps(table)), random.Random(seed))
    standard = standard_checker()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.json"
        for kind, text, accepted in (("true", table, True), ("forged", forged, False)):
            if not text:
                continue
            path.write_text(json.dumps(text), encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as said:
                statuses = standard.check(str(path)), check_certificate(path).status
            if any((status == 0) != accepted for status in statuses):
                words = f"{kind} certificate: statuses {statuses}; {said.getvalue()[-200:]}"
                return {"result": VIOLATION, "reason": words}
    return {"certificate": "accepted, forged refused" if forged else "accepted"}


def examine_json(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """:func:`examine` for a worker process."""
    return examine(Draw(**one), seconds)
