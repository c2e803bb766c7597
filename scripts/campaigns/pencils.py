"""Random problems with X1 + z·D singular for every z, d = 2 to 4: the families of ``verify`` in
random coordinates, K of every kind, outputs of full and of lower rank.  A solution exists for each
(d ≤ 7 is proved); ``solve`` finds and certifies it, or says that it did not."""

from __future__ import annotations

import random
from typing import Any

from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems import Problem
from deepexp_exact.problems.pieces import integer_matrix, unimodular
from deepexp_exact.problems.singular import SINGULAR_PENCILS, quotients

from . import deciding
from .drawing import Draw

DIGITS = (10, 20, 30, 50)
#: One problem in so many has outputs of lower rank.
LOWER_EVERY = 4


def families() -> list[str]:
    return list(SINGULAR_PENCILS)


def draw(seed: int, index: int) -> Draw:
    """Problem ``index`` of the campaign with this seed."""
    rng = random.Random(f"pencils/{seed}/{index}")
    family = families()[index % len(families())]
    sizes = (3, 4) if family in ("right-kernel", "nilpotent", "diagonal") else (2, 3, 4)
    return Draw(
        index,
        family,
        d=rng.choice(sizes),
        seed=rng.randrange(10**6),
        digits=rng.choice(DIGITS),
    )


def build(one: Draw) -> tuple[Problem, str]:
    """The problem, and that it has a solution."""
    rng = random.Random(f"pencils/{one.family}/{one.d}/{one.seed}")
    X1, X2 = SINGULAR_PENCILS[one.family](one.d)
    P, Q = unimodular(one.d, rng), unimodular(one.d, rng)
    K, Y1 = quotients(one.d, rng), integer_matrix(one.d, rng, 3)
    if one.index % LOWER_EVERY == 3:
        keep = [int(j < one.d - 1) for j in range(one.d)]
        Y1 = Y1 @ ExactMatrix.diagonal(keep) @ unimodular(one.d, rng)
    name = f"{one.family}-d{one.d}-s{one.seed}"
    return Problem(P @ X1 @ Q, P @ X2 @ Q, Y1, Y1 @ K, name=name), deciding.SOLVED


def examine(one: Draw, seconds: int) -> dict[str, Any]:
    """Solve one problem and judge the answer; whatever happens becomes a class with its reason."""
    return deciding.examine(one, seconds, build)


def examine_json(one: dict[str, Any], seconds: int) -> dict[str, Any]:
    """:func:`examine` for a worker process."""
    return examine(Draw(**one), seconds)
