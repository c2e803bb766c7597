"""Characteristic polynomials from images modulo primes."""

from __future__ import annotations

import random

import pytest
from flint import fmpq

from deepexp_exact.exact import PRIMES, ExactMatrix, GaussianRational, gaussian
from deepexp_exact.problems.families import jordan, similar
from deepexp_exact.spectrum.charpoly import characteristic_coefficients
from deepexp_exact.spectrum.polynomials import GaussianPoly, evaluate_at_matrix, factors


def random_matrix(d: int, seed: int, top: int, bottom: int) -> ExactMatrix:
    rng = random.Random(seed)

    def number() -> fmpq:
        return fmpq(rng.randint(-top, top), rng.randint(1, bottom))

    return ExactMatrix.from_rows(
        [[GaussianRational(number(), number()) for _ in range(d)] for _ in range(d)]
    )


@pytest.mark.parametrize(
    ("d", "top", "bottom"),
    [(1, 5, 3), (2, 10**30, 1), (3, 7, 10**20), (5, 10**12, 10**12), (7, 2**64, 2), (4, 0, 1)],
)
def test_cayley_hamilton_and_the_trace(d: int, top: int, bottom: int) -> None:
    K = random_matrix(d, d, top, bottom)
    found = characteristic_coefficients(ExactMatrix.identity(K.rows), K)
    assert found[d] == gaussian(1)
    assert found[d - 1] == -K.trace()
    assert evaluate_at_matrix(GaussianPoly.from_coefficients(found), K) == ExactMatrix.zero(d, d)


def test_coefficients_divisible_by_the_primes_in_use() -> None:
    p = PRIMES[0]
    K = ExactMatrix.diagonal([gaussian(p, p), gaussian(0, -p), gaussian(p * PRIMES[1])])
    roots = [K[j, j] for j in range(3)]
    total = roots[0] + roots[1] + roots[2]
    found = characteristic_coefficients(ExactMatrix.identity(K.rows), K)
    assert found[2] == -total
    assert found[0] == -(roots[0] * roots[1] * roots[2])


def test_blocks_when_a_prime_divides_what_separates_them() -> None:
    """K − λ has a smaller rank modulo the prime; the blocks are still the exact ones."""
    p = PRIMES[0]
    J = jordan([("i", 2), ("i", 1), (gaussian(0, 1 + p), 1)])
    K = similar(J, random.Random(1))
    found = {f.poly.degree: f.blocks for f in factors(K) if f.multiplicity > 1}
    assert found == {1: (2, 1)}
    linked = ExactMatrix.from_rows([["i", p], ["0", "i"]])  # one block, diagonal modulo p
    assert [f.blocks for f in factors(linked)] == [(2,)]


def test_quotients_give_the_polynomial_of_their_product() -> None:
    A, K = random_matrix(4, 1, 10**9, 10**3), random_matrix(4, 2, 10**9, 10**3)
    plain = characteristic_coefficients(ExactMatrix.identity(4), K)
    assert characteristic_coefficients(A, A @ K) == plain
    singular = A.scale(gaussian(PRIMES[0]))  # of no use modulo the first prime
    assert characteristic_coefficients(singular, singular @ K) == plain
