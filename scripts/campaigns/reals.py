"""Random real problems, d = 2 to 12, for which real weights are asked: a solution exists just where
det Y1 and det Y2 have one sign (D invertible), and outputs of lower rank have one always."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq

from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems import Problem
from deepexp_exact.problems.pieces import direct_sum, integer_matrix, jordan, rotation, similar

from . import deciding
from .drawing import Draw

DIGITS = (10, 20, 30, 50, 100)
SIZES = range(2, 13)


def _normal(d: int, rng: random.Random) -> ExactMatrix:
    def entry() -> Any:
        return gaussian(fmpq(round(rng.gauss(0, 1) * 2**20), 2**20))

    while True:
        M = ExactMatrix.from_rows([[entry() for _ in range(d)] for _ in range(d)])
        if M.is_invertible():
            return M


def _blocks(*blocks: tuple[int, int]) -> Callable[[int, random.Random], ExactMatrix]:
    """Jordan blocks as far as they fit, then small positive eigenvalues, in random coordinates."""

    def build(d: int, rng: random.Random) -> ExactMatrix:
        taken: list[tuple[int, int]] = []
        for block in blocks:
            taken += [block] * (sum(n for _, n in taken) + block[1] <= d)
        while sum(n for _, n in taken) < d:
            taken.append((rng.randint(1, 5), 1))
        return similar(jordan([(gaussian(x), n) for x, n in taken]), rng)

    return build


def _turns(d: int, rng: random.Random) -> ExactMatrix:
    """Rotations by nearly π, and ±1 where d is odd."""
    turns = [rotation(rng.randint(5, 99), 1) for _ in range(d // 2)]
    return direct_sum(*turns, *[ExactMatrix.from_rows([[rng.choice((1, -1))]])] * (d % 2))


def _near_minus_one(d: int, rng: random.Random) -> ExactMatrix:
    """−I and a small change."""
    small = _normal(d, rng).scale(gaussian(fmpq(1, 10 ** rng.choice((2, 5, 8)))))
    return small - ExactMatrix.identity(d)


KINDS: dict[str, Callable[[int, random.Random], ExactMatrix]] = {
    "generic": _normal, "integer": integer_matrix,
    "unpaired": _blocks((-1, 1), (-3, 1)), "one-block": _blocks((-1, 2)),
    "three-negative": _blocks((-1, 1), (-2, 2), (-3, 1)), "paired": _blocks((-2, 1), (-2, 1)),
    "paired-defective": _blocks((-1, 2), (-1, 2)), "negative": _blocks((-2, 1)),
    "minus-identity": lambda d, rng: ExactMatrix.identity(d).scale(-1),
    "rotations": _turns, "near-minus-identity": _near_minus_one, "lower-rank": _normal,
}  # fmt: skip


def families() -> list[str]:
    return list(KINDS)


def draw(seed: int, index: int) -> Draw:
    """Problem ``index`` of the campaign with this seed; sizes in proportion to 1/√d."""
    rng = random.Random(f"reals/{seed}/{index}")
    return Draw(
        index,
        families()[index % len(KINDS)],
        d=rng.choices(SIZES, [d**-0.5 for d in SIZES])[0],
        seed=rng.randrange(10**6),
        digits=rng.choice(DIGITS),
    )


def build(one: Draw) -> tuple[Problem, str]:
    """The problem and the answer that the signs of the determinants force."""
    rng, d = random.Random(f"reals/{one.family}/{one.d}/{one.seed}"), one.d
    make = rng.choice((_normal, integer_matrix))
    X1, X2, Y1 = (make(d, rng) for _ in range(3))
    while not (X2 - X1).is_invertible():
        X2 = make(d, rng)
    if one.family == "lower-rank":
        keep = [int(j < rng.randint(1, d - 1) or j == 0) for j in range(d)]
        Y1 = Y1 @ ExactMatrix.diagonal(keep) @ make(d, rng)
    problem = Problem(X1, X2, Y1, Y1 @ KINDS[one.family](d, rng), name=_name(one))
    opposite = _sign(problem.Y1) * _sign(problem.Y2) < 0
    return problem, deciding.NO_SOLUTION if opposite else deciding.SOLVED


def _name(one: Draw) -> str:
    return f"real-{one.family}-d{one.d}-s{one.seed}"


def _sign(M: ExactMatrix) -> int:
    """The sign of a determinant, by elimination in the standard library's fractions."""
    rows = [[Fraction(int(z.re.p), int(z.re.q)) for z in row] for row in M.to_rows()]
    sign = 1
    for column in range(len(rows)):
        at = next((j for j in range(column, len(rows)) if rows[j][column]), None)
        if at is None:
            return 0
        sign *= 1 if at == column else -1
        rows[column], rows[at] = rows[at], rows[column]
        pivot = rows[column]
        sign *= 1 if pivot[column] > 0 else -1
        for row in rows[column + 1 :]:
            factor = row[column] / pivot[column]
            for k in range(column, len(row)):
                row[k] -= factor * pivot[k]
    return sign


def examine(one: Draw, seconds: int) -> dict[str, Any]:
    """Solve one problem and judge the answer; whatever happens becomes a class with its reason."""
    return deciding.examine(one, seconds, build, real=True)


def examine_json(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """:func:`examine` for a worker process."""
    return examine(Draw(**one), seconds)
