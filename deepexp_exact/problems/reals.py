"""Real problems that ask for real weights: with a real logarithm of K that is not primary, without
one, and with opposite signs of the determinants."""

from __future__ import annotations

import random
from collections.abc import Callable

from ..exact import ExactMatrix, gaussian
from .pieces import direct_sum, jordan, normal_matrix, rotation, similar
from .problem import Problem

Builder = Callable[[int, random.Random], Problem]


def _with(K: ExactMatrix, rng: random.Random) -> Problem:
    """Generic real X1, X2, Y1 and Y2 = Y1·K."""
    X1, X2, Y1 = (normal_matrix(K.rows, rng, real=True) for _ in range(3))
    return Problem(X1, X2, Y1, Y1 @ K)


def _filled(blocks: list[tuple[int, int]], d: int) -> ExactMatrix:
    """Jordan blocks (eigenvalue, size), then 2, 3, … up to d."""
    size = sum(n for _, n in blocks)
    return jordan([(gaussian(x), n) for x, n in (*blocks, *((2 + j, 1) for j in range(d - size)))])


def minus_identity(d: int, rng: random.Random) -> Problem:
    """K = −I, d even: a logarithm that pairs the eigenvalues."""
    return _with(ExactMatrix.identity(d).scale(-1), rng)


def paired_blocks(d: int, rng: random.Random) -> Problem:
    """K with two equal Jordan blocks at −2, defective from d = 4 on."""
    n = min(2, d // 2)
    return _with(similar(_filled([(-2, n), (-2, n)], d), rng), rng)


def unpaired_eigenvalues(d: int, rng: random.Random) -> Problem:
    """K with the simple eigenvalues −1 and −3: no real logarithm, det K > 0."""
    return _with(similar(_filled([(-1, 1), (-3, 1)], d), rng), rng)


def unpaired_block(d: int, rng: random.Random) -> Problem:
    """K with one Jordan block of size 2 at −1: no real logarithm, det K > 0."""
    return _with(similar(_filled([(-1, 2)], d), rng), rng)


def rotated(d: int, rng: random.Random) -> Problem:
    """K a sum of rotations by nearly π, and 2 where d is odd."""
    turns = [rotation(rng.randint(20, 90), 1) for _ in range(d // 2)]
    last = [ExactMatrix.from_rows([[2]])] * (d % 2)
    return _with(direct_sum(*turns, *last), rng)


def negative_determinant(d: int, rng: random.Random) -> Problem:
    """K with one negative eigenvalue: no real solution (R6)."""
    return _with(similar(_filled([(-2, 1)], d), rng), rng)
