"""The exponential: its running error bound, known values, hard matrices, the ceiling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.multiprecision.functions.arrays import (
    from_exact,
    log2_frobenius,
    precision,
    to_mpmath,
)
from deepexp_exact.paths.multiprecision.functions.exponential import (
    ExpDerivative,
    double_norm,
    expm,
    log2_norm_of_exp,
)
from deepexp_exact.problems.hard_matrices import INVERTIBLE, SINGULAR, pascal, pascal_generator

CEILING = 400_000


def array(matrix: ExactMatrix, bits: int = 1000) -> Any:
    with precision(bits):
        return from_exact(matrix)


def distance(found: Any, reference: Any) -> float:
    """log2 of the relative Frobenius distance."""
    with mp.workprec(4000):
        ratio = mp.mnorm(found - reference, "f") / mp.mnorm(reference, "f")
        return float(mp.log(ratio, 2)) if ratio else -math.inf


@pytest.mark.parametrize("name", sorted(INVERTIBLE | SINGULAR))
@pytest.mark.parametrize("bits", [60, 500])
def test_the_error_bound_holds_on_hard_matrices(name: str, bits: int) -> None:
    matrix = array((INVERTIBLE | SINGULAR)[name])
    found = expm(matrix, bits, CEILING)
    assert found.error <= -bits
    reference = expm(matrix, 2 * bits + 200, CEILING)
    error = distance(to_mpmath(found.value), to_mpmath(reference.value))
    assert error <= found.error


@pytest.mark.parametrize("name", ["laub", "moler-van-loan", "ward-1", "ward-3", "nilpotent"])
def test_agrees_with_mpmath_far_beyond(name: str) -> None:
    matrix = array((INVERTIBLE | SINGULAR)[name])
    found = expm(matrix, 150, CEILING)
    with mp.workdps(200):
        reference = mp.expm(to_mpmath(matrix), method="taylor")
    assert distance(to_mpmath(found.value), reference) <= -150


@pytest.mark.parametrize("scale", ["1", "1/1000", "1/1000000"])
def test_the_exponential_of_the_generator_is_pascals_matrix(scale: str) -> None:
    for n in (1, 2, 5, 9):
        found = expm(array(pascal_generator(n, scale)), 200, CEILING)
        with precision(1000):
            exact = to_mpmath(from_exact(pascal(n, scale)))
        assert distance(to_mpmath(found.value), exact) <= -200


def test_a_quarter_turn_and_scalar_matrices() -> None:
    found = to_mpmath(expm(array(ExactMatrix.from_rows([[0, 1], [-1, 0]])), 120, CEILING).value)
    with mp.workprec(300):
        exact = mp.matrix([[mp.cos(1), mp.sin(1)], [-mp.sin(1), mp.cos(1)]])
    assert distance(found, exact) <= -120
    scalar = array(ExactMatrix.from_rows([["100i", 0], [0, "100i"]]))
    with mp.workprec(300):
        exact = mp.expj(100) * mp.eye(2)
    assert distance(to_mpmath(expm(scalar, 120, CEILING).value), exact) <= -120


def test_huge_and_tiny_norms() -> None:
    """exp(±2000) is far beyond float64; 1e-200 far below its precision."""
    wide = expm(array(ExactMatrix.from_rows([[2000, 1], [0, -2000]])), 100, CEILING)
    with mp.workprec(7000):
        exact = mp.matrix([[mp.exp(2000), mp.sinh(2000) / 2000], [0, mp.exp(-2000)]])
    assert distance(to_mpmath(wide.value), exact) <= -100
    tiny = expm(array(ExactMatrix.from_rows([[0, "1e-200"], ["1e-200", 0]])), 100, CEILING)
    assert tiny.error <= -100


def test_growth_bounds_the_sensitivity() -> None:
    """‖exp(A + E) − exp(A)‖ ≤ 2^growth·‖E‖·‖exp(A)‖ to first order."""
    A = INVERTIBLE["ward-3"]
    E = ExactMatrix.from_rows([[1, 2, -1], [0, 3, 1], [2, 2, -2]]).scale(to_gaussian("1e-60"))
    first = expm(array(A), 400, CEILING)
    second = expm(array(A + E), 400, CEILING)
    moved = distance(to_mpmath(second.value), to_mpmath(first.value))
    assert moved <= first.growth + log2_frobenius(array(E)) + 0.01


def test_frechet_derivative_against_a_difference() -> None:
    A = INVERTIBLE["ward-1"]
    E = ExactMatrix.from_rows([["1", "i", 2], [0, 3, 1], ["2-i", 2, -2]])
    derivative = to_mpmath(ExpDerivative(array(A), 100, CEILING)(array(E)))
    step = "1e-40"
    plus = to_mpmath(expm(array(A + E.scale(to_gaussian(step))), 500, CEILING).value)
    minus = to_mpmath(expm(array(A - E.scale(to_gaussian(step))), 500, CEILING).value)
    with mp.workdps(150):
        difference = (plus - minus) / (2 * mp.mpf(step))
    assert distance(derivative, difference) <= -90


def test_norm_of_an_exponential_in_either_arithmetic() -> None:
    for table in ([[1, 2], [3, 4]], [[-30, 100], [1, 2]], [[-900, 3], [1, 900]]):
        matrix = array(ExactMatrix.from_rows(table))
        exact = log2_frobenius(expm(matrix, 60, CEILING).value)
        assert log2_norm_of_exp(matrix, CEILING) == pytest.approx(exact, abs=0.02)
    # A hump that float64 cannot follow is declined, not answered.
    hump = np.array([[-40.0, 1e9], [-1e-7, -40.0]]) * 40
    assert double_norm(hump.astype(complex)) is None or np.isfinite(double_norm(hump))


def test_the_ceiling_is_an_error_with_a_remedy() -> None:
    matrix = array(ExactMatrix.from_rows([[10**6, 10**9], [0, -(10**6)]]))
    with pytest.raises(PrecisionCeilingError, match="more than 310 bits"):
        expm(matrix, 300, 310)


def test_large_diagonal_entries_that_cancel_in_the_trace() -> None:
    # Eigenvalues 1 and 2; the trace of 3 was summed in 64 bits and wrong by about 10^10.
    N = 10**30 + 7
    A = ExactMatrix.from_rows([[N, N * (3 - N) - 2], [1, 3 - N]])
    found = expm(array(A), 100, CEILING)
    with mp.workdps(300):
        e, matrix = mp.e, to_mpmath(array(A))
        expected = e * mp.eye(2) + (e * e - e) * (matrix - mp.eye(2))
    assert distance(to_mpmath(found.value), expected) <= -100
