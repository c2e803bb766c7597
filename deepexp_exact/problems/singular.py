"""Problems beyond the theorem's hypotheses: singular D, X's and Y's, and what has no solution."""

from __future__ import annotations

import random
from collections.abc import Callable

from flint import fmpq

from ..exact import ExactMatrix, gaussian
from .pieces import integer_matrix, jordan, normal_matrix, of_rank, similar
from .problem import Problem

Builder = Callable[[int, random.Random], Problem]


def _with_inputs(X1: ExactMatrix, X2: ExactMatrix, rng: random.Random) -> Problem:
    return Problem(X1, X2, normal_matrix(X1.rows, rng), normal_matrix(X1.rows, rng))


def _rank(words: str, d: int) -> int:
    """ "d-1", "d/2" or a number as a rank of d×d matrices."""
    return {"d-1": d - 1, "d/2": d // 2}[words] if words.startswith("d") else min(int(words), d)


def difference_of_rank(words: str) -> Builder:
    """D of a rank, X1 generic."""

    def build(d: int, rng: random.Random) -> Problem:
        X1 = normal_matrix(d, rng)
        return _with_inputs(X1, X1 + of_rank(d, _rank(words, d), rng), rng)

    return build


def outputs_of_rank(words: str) -> Builder:
    """Y2 = Y1·R with Y1 of a rank and R invertible, the X's generic."""

    def build(d: int, rng: random.Random) -> Problem:
        Y1 = of_rank(d, _rank(words, d), rng)
        Y2 = Y1 @ integer_matrix(d, rng)
        return Problem(normal_matrix(d, rng), normal_matrix(d, rng), Y1, Y2)

    return build


def identity_input(d: int, rng: random.Random) -> Problem:
    """X1 = I, D of rank d − 1."""
    one = ExactMatrix.identity(d)
    return _with_inputs(one, one + of_rank(d, d - 1, rng), rng)


def unipotent(d: int, rng: random.Random) -> Problem:
    """X2 = X1·C with C one Jordan block, or two, at 1."""
    blocks = [(1, d)] if rng.random() < 0.5 else [(1, d - d // 2), (1, d // 2)]
    X1 = integer_matrix(d, rng)
    return _with_inputs(X1, X1 @ similar(jordan([b for b in blocks if b[1]]), rng), rng)


def nearly_scalar(d: int, rng: random.Random) -> Problem:
    """X2 = X1·(I + 10⁻¹⁰·R) with R of rank d − 1."""
    X1 = normal_matrix(d, rng)
    R = of_rank(d, d - 1, rng).scale(gaussian(fmpq(1, 10**10)))
    return _with_inputs(X1, X1 + X1 @ R, rng)


def pencil(values: Callable[[int], list[object]]) -> Builder:
    """X1 = P·diag(first)·Q, X2 = P·diag(second)·Q: ``values`` are the ratios second/first, None
    for a first of 0."""

    def build(d: int, rng: random.Random) -> Problem:
        P, Q, ratios = integer_matrix(d, rng), integer_matrix(d, rng), values(d)
        first = ExactMatrix.diagonal([0 if c is None else 1 for c in ratios])
        second = ExactMatrix.diagonal([1 if c is None else c for c in ratios])
        return _with_inputs(P @ first @ Q, P @ second @ Q, rng)

    return build


def unequal_column_spaces(d: int, rng: random.Random) -> Problem:
    """Y1 and Y2 of one rank with different column spaces: no solution (N1)."""
    r = max(1, d // 2)
    Y1, Y2 = of_rank(d, r, rng), of_rank(d, r if d > 1 else 0, rng)
    return Problem(normal_matrix(d, rng), normal_matrix(d, rng), Y1, Y2)


def equal_inputs(d: int, rng: random.Random) -> Problem:
    """X1 = X2 with Y1 ≠ Y2, of one column space: no solution (N2)."""
    X = normal_matrix(d, rng)
    return Problem(X, X, integer_matrix(d, rng), integer_matrix(d, rng).scale(gaussian(7)))


def equal_everything(d: int, rng: random.Random) -> Problem:
    """X1 = X2 and Y1 = Y2: a constant f."""
    X, Y = normal_matrix(d, rng), of_rank(d, d - 1, rng)
    return Problem(X, X, Y, Y)
