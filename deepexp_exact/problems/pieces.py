"""The pieces problems are made of: random, structured and published matrices, all exact."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from flint import fmpq

from ..exact import ExactMatrix, GaussianRational, gaussian
from .problem import Problem


def normal_matrix(d: int, rng: random.Random, real: bool = False) -> ExactMatrix:
    """Standard normal entries as their float64 (dyadic) values."""
    return ExactMatrix.from_rows(
        [
            [complex(rng.gauss(0, 1), 0 if real else rng.gauss(0, 1)) for _ in range(d)]
            for _ in range(d)
        ]
    )


def of_rank(d: int, r: int, rng: random.Random) -> ExactMatrix:
    """Rank r, generic: a product of normal matrices d×r and r×d."""
    core = ExactMatrix.diagonal([1] * r + [0] * (d - r))
    return normal_matrix(d, rng) @ core @ normal_matrix(d, rng)


def integer_matrix(d: int, rng: random.Random, size: int = 5) -> ExactMatrix:
    """Integers in [−size, size], drawn again until the matrix is invertible."""
    while True:
        matrix = ExactMatrix.from_rows(
            [[rng.randint(-size, size) for _ in range(d)] for _ in range(d)]
        )
        if matrix.is_invertible():
            return matrix


def unimodular(d: int, rng: random.Random) -> ExactMatrix:
    """A product of unit triangular integer matrices: its inverse is integral too."""
    lower = [[1 if r == c else rng.randint(-1, 1) * (r > c) for c in range(d)] for r in range(d)]
    upper = [[1 if r == c else rng.randint(-1, 1) * (r < c) for c in range(d)] for r in range(d)]
    return ExactMatrix.from_rows(lower) @ ExactMatrix.from_rows(upper)


def jordan(blocks: Sequence[tuple[Any, int]]) -> ExactMatrix:
    """The block diagonal matrix of Jordan blocks (eigenvalue, size)."""
    d = sum(size for _, size in blocks)
    rows: list[list[Any]] = [[0] * d for _ in range(d)]
    at = 0
    for value, size in blocks:
        for j in range(size):
            rows[at + j][at + j] = value
            if j + 1 < size:
                rows[at + j][at + j + 1] = 1
        at += size
    return ExactMatrix.from_rows(rows)


def similar(J: ExactMatrix, rng: random.Random) -> ExactMatrix:
    """P·J·P⁻¹ with a unimodular P."""
    P = unimodular(J.rows, rng)
    return P @ J @ P.inverse()


def with_K(K: ExactMatrix, rng: random.Random, real: bool = True) -> Problem:
    """A problem with Y1⁻¹·Y2 = K exactly and X's of normal entries."""
    d = K.rows
    Y1 = integer_matrix(d, rng)
    return Problem(normal_matrix(d, rng, real), normal_matrix(d, rng, real), Y1, Y1 @ K)


def with_first_layer(M: ExactMatrix, rng: random.Random) -> Problem:
    """A problem with D⁻¹·X1 = M exactly and Y's of normal entries."""
    D = integer_matrix(M.rows, rng)
    X1 = D @ M
    return Problem(X1, X1 + D, normal_matrix(M.rows, rng), normal_matrix(M.rows, rng))


def rotation(turn_numerator: int, turn_denominator: int) -> ExactMatrix:
    """The rotation by 2·atan(t), t rational: a rational point of the circle."""
    t = fmpq(turn_numerator, turn_denominator)
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return ExactMatrix.from_rows([[cosine, -sine], [sine, cosine]])


def direct_sum(*parts: ExactMatrix) -> ExactMatrix:
    d = sum(p.rows for p in parts)
    rows: list[list[GaussianRational]] = []
    at = 0
    for part in parts:
        for row in part.to_rows():
            rows.append([gaussian(0)] * at + row + [gaussian(0)] * (d - at - part.cols))
        at += part.cols
    return ExactMatrix.from_rows(rows)


def hadamard(d: int) -> ExactMatrix:
    """Sylvester's Hadamard matrix; d is a power of two."""
    return ExactMatrix.from_rows(
        [[-1 if (r & c).bit_count() % 2 else 1 for c in range(d)] for r in range(d)]
    )


def hilbert(d: int) -> ExactMatrix:
    return ExactMatrix.from_rows([[fmpq(1, r + c + 1) for c in range(d)] for r in range(d)])


def frank(d: int) -> ExactMatrix:
    """Frank's upper Hessenberg matrix, det = 1, with ill-conditioned small eigenvalues."""
    return ExactMatrix.from_rows(
        [[0 if c < r - 1 else d - max(r, c) for c in range(d)] for r in range(d)]
    )


def al_mohy_higham(d: int) -> ExactMatrix:
    """Upper triangular, diagonal near 0.3, superdiagonal 3e4: overscaling's classical victim."""
    rows = [
        [fmpq(3, 10) + fmpq(r, 1000) if r == c else (30000 if c == r + 1 else 0) for c in range(d)]
        for r in range(d)
    ]
    return ExactMatrix.from_rows(rows)


def discrete_fourier(d: int) -> ExactMatrix:
    """The DFT matrix with entries rounded to float64 (exact for d = 1, 2, 4)."""
    import cmath

    exact = {0: (1, 0), 1: (0, -1), 2: (-1, 0), 3: (0, 1)}

    def entry(power: int) -> GaussianRational:
        if (4 * power) % d == 0:
            return gaussian(*exact[(4 * power // d) % 4])
        z = cmath.exp(-2j * cmath.pi * power / d)
        return gaussian(fmpq(*z.real.as_integer_ratio()), fmpq(*z.imag.as_integer_ratio()))

    return ExactMatrix.from_rows([[entry(r * c % d) for c in range(d)] for r in range(d)])
