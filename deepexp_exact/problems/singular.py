"""Problems beyond the theorem's hypotheses: singular D, X's and Y's, and what has no solution."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from flint import fmpq

from ..exact import ExactMatrix, gaussian
from .pieces import integer_matrix, jordan, normal_matrix, of_rank, similar, unimodular
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


def _basis(d: int, *places: tuple[int, int, object]) -> ExactMatrix:
    rows: list[list[object]] = [[0] * d for _ in range(d)]
    for r, c, value in places:
        rows[r][c] = value
    return ExactMatrix.from_rows(rows)


def _zero_and_product(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """X1 = 0 and X2 = u·p of rank one."""
    return _basis(d), _basis(d, (0, 0, 1))


def _product_and_zero(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """X2 = 0 and X1 = u·p of rank one."""
    return _basis(d, (0, 0, 1)), _basis(d)


def _parallel_rows(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """X2 = 3·X1 of rank one: every row ℓ·X2 is 3·ℓ·X1."""
    return _basis(d, (0, 0, 1)), _basis(d, (0, 0, 3))


def _common_right_kernel(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """X1 and X2 vanish on the last vector and are generic otherwise; a unit column at d = 2."""
    columns = range(d - 1)
    first = _basis(d, *((j, j, 1) for j in columns))
    return first, _basis(d, *((j, j, j + 2) for j in columns), (d - 1, 0, 1))


def _common_left_kernel(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """The last rows of X1 and X2 vanish: a Kronecker block L of size d − 1."""
    rows = range(d - 1)
    return _basis(d, *((j, j, 1) for j in rows)), _basis(d, *((j, j + 1, 1) for j in rows))


def _nilpotent(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """A nilpotent Jordan block and its transpose, singular for every z where d is odd, a zero block
    beside them where it is even."""
    n = d if d % 2 else d - 1
    up = [(j, j + 1, 1) for j in range(n - 1)]
    return _basis(d, *up), _basis(d, *((c, r, v) for r, c, v in up))


def _diagonal(d: int) -> tuple[ExactMatrix, ExactMatrix]:
    """diag(0, 1, …, 1) and diag(1, 0, 1, …), both with a zero at the end where d > 2."""
    rest = range(2, d - 1)
    first = _basis(d, (1, 1, 1), *((j, j, 1) for j in rest))
    return first, _basis(d, (0, 0, 1), *((j, j, j) for j in rest))


#: Pairs of size d whose every X1 + z·D is singular (d ≥ 2; nilpotent and diagonal d ≥ 3).
SINGULAR_PENCILS = {
    "zero-and-product": _zero_and_product,
    "product-and-zero": _product_and_zero,
    "parallel-rows": _parallel_rows,
    "right-kernel": _common_right_kernel,
    "left-kernel": _common_left_kernel,
    "nilpotent": _nilpotent,
    "diagonal": _diagonal,
}


def quotients(d: int, rng: random.Random) -> ExactMatrix:
    """K ≠ I of one of the kinds that matter here: scalar, with the eigenvalue 1, derogatory with
    blocks of several sizes, negative, complex, generic; similar to its Jordan form by integers."""
    kinds: tuple[tuple[Any, ...], ...] = (
        (2,),
        (1,),
        (-1,),
        (1, 3),
        (2, -3),
        ("i", 1),
        (2, 3, 5, 7),
    )
    while True:
        values, sizes, left = rng.choice(kinds), list[int](), d
        scalar = len(values) == 1 and rng.random() < 0.5
        while left:
            sizes.append(1 if scalar else rng.randint(1, left))
            left -= sizes[-1]
        blocks = [(values[j % len(values)], size) for j, size in enumerate(sizes)]
        K = similar(jordan(blocks), rng)
        if ExactMatrix.identity(d) != K:
            return K


def singular_pencil(name: str) -> Builder:
    """A pair of :data:`SINGULAR_PENCILS` in other coordinates, and K as :func:`quotients` says."""

    def build(d: int, rng: random.Random) -> Problem:
        X1, X2 = SINGULAR_PENCILS[name](d)
        P, Q = unimodular(d, rng), unimodular(d, rng)
        K, Y1 = quotients(d, rng), integer_matrix(d, rng, 3)
        return Problem(P @ X1 @ Q, P @ X2 @ Q, Y1, Y1 @ K)

    return build


def equal_everything(d: int, rng: random.Random) -> Problem:
    """X1 = X2 and Y1 = Y2: a constant f."""
    X, Y = normal_matrix(d, rng), of_rank(d, d - 1, rng)
    return Problem(X, X, Y, Y)
