"""Families of hard and huge data: what overflows, cancels or coincides to float64, kind by kind.

Each stands for a kind of input that is exact, admitted by the theorem and beyond what estimates in
float64 can see; the seed chooses how far."""

from __future__ import annotations

import random
from typing import Any

from flint import fmpq

from ..exact import ExactMatrix, GaussianRational, gaussian
from .pieces import direct_sum, integer_matrix, jordan, normal_matrix, similar, unimodular, with_K
from .problem import Problem


def power(exponent: int) -> fmpq:
    """10^exponent."""
    return fmpq(10**exponent) if exponent >= 0 else fmpq(1, 10**-exponent)


def jordan_corner(d: int, rng: random.Random) -> Problem:
    """K is a Jordan block of size d with −10^−e in its corner: eigenvalues 10^(−e/d) apart."""
    value: Any = rng.choice([-1, fmpq(1, 2), gaussian(1, 1)])
    rows = jordan([(value, d)]).to_rows()
    if d > 1:
        rows[d - 1][0] = gaussian(-power(-rng.choice([20, 60, 120, 200, 300])))
    return with_K(ExactMatrix.from_rows(rows), rng, real=False)


def far_from_normal(d: int, rng: random.Random) -> Problem:
    """K is upper triangular, its off-diagonal entries 10^4 to 10^150 times its eigenvalues."""
    size = power(rng.choice([4, 5, 10, 40, 100, 150]))
    near = rng.random() < 0.5  # eigenvalues 1e-2 or O(1) apart
    values = [
        fmpq(3, 10) + fmpq(10 * r + rng.randint(0, 9), 1000 if near else 10) for r in range(d)
    ]
    rows = [
        [values[r] if r == c else (3 * size * rng.choice([1, 1, -1]) if c > r else 0)
         for c in range(d)]
        for r in range(d)
    ]  # fmt: skip
    return with_K(ExactMatrix.from_rows(rows), rng, real=False)


def huge_outputs(d: int, rng: random.Random) -> Problem:
    """Y1 and Y2 of very different sizes, 10^−300 to 10^300."""
    scales = [gaussian(power(rng.choice([-300, -150, 150, 300]))) for _ in range(2)]
    Y1, Y2 = (integer_matrix(d, rng).scale(s) for s in scales)
    return Problem(normal_matrix(d, rng), normal_matrix(d, rng), Y1, Y2)


def huge_eigenvalues(d: int, rng: random.Random) -> Problem:
    """K is triangular with eigenvalues 10^±500 to 10^±5000 and entries 1 above them."""
    exponents = [500, 1500] if d > 3 else [500, 1500, 5000]
    values = [power(rng.choice([-1, 1]) * rng.choice(exponents)) * (r + 1) for r in range(d)]
    rows = [
        [values[r] if r == c else int(c == r + 1) * rng.randint(0, 1) for c in range(d)]
        for r in range(d)
    ]
    return with_K(ExactMatrix.from_rows(rows), rng, real=False)


def tiny_gap(d: int, rng: random.Random) -> Problem:
    """K has eigenvalues 10^−100 to 10^−1000 apart in what would be a Jordan block."""
    gap = power(-rng.choice([100, 400, 1000] if d < 5 else [100, 400]))
    turned = rng.random() < 0.5
    close = min(d, 3)
    value: Any = rng.choice([1, -2, gaussian(0, 1)])
    J = jordan([(value, close), *((5 + j, 1) for j in range(d - close))])
    steps = [gap * (j - 1) if j < close else fmpq(0) for j in range(d)]
    spread = [gaussian(0, step) if turned else gaussian(step) for step in steps]
    return with_K(similar(J + ExactMatrix.diagonal(spread), rng), rng)


def huge_inputs(d: int, rng: random.Random) -> Problem:
    """X1 and D of sizes 10^−200 to 10^200, rows of different sizes."""
    size = power(rng.choice([-200, -30, 30, 200]))
    rows = [size if rng.random() < 0.7 else fmpq(1) for _ in range(d)]
    scale = ExactMatrix.diagonal(rows)
    D = scale @ integer_matrix(d, rng)
    X1 = scale @ normal_matrix(d, rng)
    return Problem(X1, X1 + D, normal_matrix(d, rng), normal_matrix(d, rng))


def near_cut(d: int, rng: random.Random) -> Problem:
    """Conjugate pairs of eigenvalues of K 10^−20 to 10^−300 from the negative axis."""
    parts = []
    for j in range(d // 2):
        t = power(-rng.choice([20, 100, 300]))
        parts.append(ExactMatrix.from_rows([[-1 - j, t], [-t, -1 - j]]))
    if d % 2:
        parts.append(ExactMatrix.from_rows([[gaussian(-3, power(-300))]]))
    return with_K(direct_sum(*parts), rng)


def second_order(d: int, rng: random.Random) -> Problem:
    """W1·X1 has large eigenvalues and Y graded rows: rounding W1 acts beyond first order."""
    size = 10 ** rng.randint(3, 12)
    D = ExactMatrix.diagonal([gaussian(rng.randint(1, 5), rng.randint(0, 5)) for _ in range(d)])
    M = ExactMatrix.diagonal([1 if j == 0 else size + fmpq(j, 3) for j in range(d)])
    grade = ExactMatrix.diagonal([fmpq(1) if j == 0 else fmpq(1, size) for j in range(d)])
    X1 = D @ M
    first = grade @ (unimodular(d, rng) if rng.random() < 0.5 else ExactMatrix.identity(d))
    return Problem(X1, X1 + D, first, first @ ExactMatrix.diagonal([2 + j for j in range(d)]))


def long_rationals(d: int, rng: random.Random) -> Problem:
    """Entries with unrelated denominators of 5 to 80 digits, and one matrix scaled by 10^±170."""
    length = rng.choice([5, 20, 80])

    def entry() -> GaussianRational:
        parts = (fmpq(rng.randint(-(10**length), 10**length), rng.randint(1, 10**length))
                 for _ in range(2))  # fmt: skip
        return gaussian(*parts)

    while True:
        matrices = [
            ExactMatrix.from_rows([[entry() for _ in range(d)] for _ in range(d)]) for _ in range(4)
        ]
        j = rng.randrange(5)
        if j < 4:
            matrices[j] = matrices[j].scale(gaussian(power(rng.choice([-170, 170]))))
        X1, X2, Y1, Y2 = matrices
        if (X2 - X1).is_invertible() and Y1.is_invertible() and Y2.is_invertible():
            return Problem(X1, X2, Y1, Y2)
