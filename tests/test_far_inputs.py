"""X's far larger than D, in full matrices: no α keeps exp(W1·X) in range but by a splitting whose
loss float64 cannot tell; and exponentials out of range are known before they are taken."""

from __future__ import annotations

import random

import numpy as np
import pytest
from flint import fmpq
from helpers import residual

from deepexp_exact import solve
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.multiprecision.functions.arrays import from_exact, precision
from deepexp_exact.paths.multiprecision.functions.exponential import expm
from deepexp_exact.problems import Problem
from deepexp_exact.problems.pieces import integer_matrix, normal_matrix, similar
from deepexp_exact.solution import Label


@pytest.mark.parametrize(("d", "exponent"), [(2, 200), (3, 120), (4, 300)])
def test_inputs_far_larger_than_their_difference(d: int, exponent: int) -> None:
    rng = random.Random(f"far/{d}")
    X1 = normal_matrix(d, rng).scale(gaussian(fmpq(10**exponent)))
    Y1, Y2 = normal_matrix(d, rng), normal_matrix(d, rng)
    problem = Problem(X1, X1 + integer_matrix(d, rng), Y1, Y2)
    found = solve(problem, digits=50)
    assert found.label is Label.CERTIFIED
    assert residual(problem, found.weights, 3 * found.digits_carried) < 1e-50
    assert all(value is None or value > 0 for value in found.conditions.values())


@pytest.mark.parametrize("sign", [1, -1])
def test_an_exponential_out_of_range_is_refused_before_it_is_taken(sign: int) -> None:
    values = [gaussian(sign * 10**60, 10**90), sign * 10**60, sign * 10**58]
    K = similar(ExactMatrix.diagonal(values), random.Random(1))
    with precision(600), pytest.raises(PrecisionCeilingError, match="beyond the exponents"):
        expm(from_exact(K), 100, 100_000)


def test_a_huge_nilpotent_part_is_not_out_of_range() -> None:
    N = similar(ExactMatrix.from_rows([[1, 10**90, 0], [0, 1, 10**90], [0, 0, 1]]),
                random.Random(2))  # fmt: skip
    with precision(2000):
        value = expm(from_exact(N), 100, 100_000).value
    assert 1e175 < float(np.max(abs(value))) < 1e185


@pytest.mark.parametrize(("d", "size"), [(3, 150), (4, 40), (5, 250)])
def test_a_huge_nilpotent_part_of_the_first_layer_is_hidden_by_a_similarity(
    d: int, size: int
) -> None:
    """D⁻¹·X1 = v·I + N, N nilpotent of size 10^n, or with distinct eigenvalues on its diagonal."""
    draw = random.Random(d)
    for step in (0, 1):
        rows = [
            [
                gaussian(2 + step * r if r == c else draw.randint(1, 3) * 10**size * int(c > r))
                for c in range(d)
            ]
            for r in range(d)
        ]
        M = similar(ExactMatrix.from_rows(rows), draw)
        D, Y1, Y2 = (integer_matrix(d, draw) for _ in range(3))
        given = Problem(D @ M, D @ M + D, Y1, Y2)
        assert solve(given, digits=20).label is Label.CERTIFIED
