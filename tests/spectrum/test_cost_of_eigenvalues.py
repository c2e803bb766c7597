"""Eigenvalues to any precision where the characteristic polynomial is short, and only there."""

from __future__ import annotations

import random

import pytest
from flint import fmpq

from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems.families import FAMILIES, HARD
from deepexp_exact.spectrum import spectrum
from deepexp_exact.spectrum.charpoly import characteristic_coefficients, coefficient_bits
from deepexp_exact.spectrum.isolation import refined_cheaply


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("length", [1, 6, 40])
def test_coefficients_are_not_longer_than_estimated(d: int, length: int) -> None:
    draw = random.Random(f"bits {d} {length}")

    def part() -> fmpq:
        return fmpq(draw.randint(-(10**length), 10**length), draw.randint(1, 10**length))

    for _ in range(5):
        A, B = (
            ExactMatrix.from_rows([[gaussian(part(), part()) for _ in range(d)] for _ in range(d)])
            for _ in range(2)
        )
        if not A.is_invertible():
            continue
        bits = coefficient_bits(A, B)
        leading = characteristic_coefficients(A, B)
        # monic: numerators and denominators both divide integers below the bound, squared for |·|²
        longest = max(
            max(abs(int(x.p)).bit_length(), int(x.q).bit_length())
            for z in leading
            for x in (z.re, z.im)
        )
        assert longest <= 2 * bits + 2
        assert bits <= 8 * d * d * (8 * length + 8)


def test_long_unrelated_rationals_are_left_to_the_eigensolver() -> None:
    family = HARD["long-rationals"]
    found = []
    for seed in range(12):
        K = family.build(8, seed).quotient
        found.append(coefficient_bits(K.left, K.right) > 100_000)
        if found[-1]:
            assert not refined_cheaply(spectrum(K).eigenvalues, K)
    assert any(found)


@pytest.mark.parametrize("name", ["huge-eigenvalues", "gaussian-complex", "tiny-gap"])
def test_doubles_and_huge_eigenvalues_are_refined(name: str) -> None:
    K = (FAMILIES | HARD)[name].build(5, 1).quotient
    assert refined_cheaply(spectrum(K).eigenvalues, K)
