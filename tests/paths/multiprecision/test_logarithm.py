"""The logarithm by approximate diagonalisation: values, branches, hard matrices, derivative."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp

from deepexp_exact.branches import make_record
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.multiprecision.functions.arrays import from_exact, precision, to_mpmath
from deepexp_exact.paths.multiprecision.functions.logarithm import Logarithm, logarithm
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import (
    HARD,
    direct_sum,
    discrete_fourier,
    hadamard,
    rotation,
    similar,
)
from deepexp_exact.problems.hard_matrices import (
    INVERTIBLE,
    jordan_block,
    pascal,
    pascal_generator,
)
from deepexp_exact.solving import solve

CEILING = 200_000
THREE = to_gaussian("3")


def problem_of(K: ExactMatrix) -> Problem:
    d = K.rows
    eye = ExactMatrix.identity(d)
    return Problem(ExactMatrix.zero(d, d), eye, eye, K)


def log_of(K: ExactMatrix, bits: int = 150, branch: Any = "principal") -> Logarithm:
    problem = problem_of(K)
    record = make_record(problem, THREE, 0, branch).logarithm
    return logarithm(record, problem.quotient, bits, CEILING)


def matrix_of(K: ExactMatrix, bits: int = 150, branch: Any = "principal") -> Any:
    return to_mpmath(log_of(K, bits, branch).value)


def exact(K: ExactMatrix, bits: int = 2000) -> Any:
    with precision(bits):
        return to_mpmath(from_exact(K))


def distance(found: Any, reference: Any) -> Any:
    with mp.workprec(3000):
        return mp.mnorm(found - reference, "f") / mp.mnorm(reference, "f")


def small(bits: int) -> Any:
    return mp.ldexp(1, -bits)


@pytest.mark.parametrize("name", sorted(INVERTIBLE))
def test_hard_matrices(name: str) -> None:
    """exp(L) = K by mpmath, and L agrees with a second one at higher precision."""
    K = INVERTIBLE[name]
    found = log_of(K, 150)
    L = to_mpmath(found.value)
    with mp.workprec(1500):
        assert distance(mp.expm(L, method="taylor"), exact(K)) < small(100)
    assert distance(L, matrix_of(K, 400)) <= small(150)


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("value", ["2", "-3", "1+2i"])
def test_jordan_blocks(size: int, value: str) -> None:
    """log(λ + N) = Log λ + Σ (−1)^{s+1} (N/λ)^s/s, exactly written down."""
    L = matrix_of(jordan_block(value, size))
    with mp.workprec(400):
        z = to_gaussian(value)
        lam = mp.mpc(int(z.re.p), int(z.im.p))
        rows = mp.matrix(size, size)
        for r in range(size):
            for c in range(r, size):
                s = c - r
                rows[r, c] = mp.log(lam) if s == 0 else (-1) ** (s + 1) / (s * lam**s)
    assert distance(L, rows) <= small(150)


@pytest.mark.parametrize("size", [3, 8])
def test_conjugated_jordan_blocks(size: int) -> None:
    import random

    K = similar(direct_sum(jordan_block("2", size), jordan_block("-1", 2)), random.Random(size))
    found = log_of(K, 150)
    with mp.workprec(1500):
        assert distance(mp.expm(to_mpmath(found.value), method="taylor"), exact(K)) < small(100)
        trace = sum(found.value[j, j] for j in range(size + 2))
        wanted = size * mp.log(2) + 2j * mp.pi
        assert abs(mp.mpc(complex(trace)) - wanted) < 1e-12


@pytest.mark.parametrize("size", [3, 4, 6])
def test_a_cluster_takes_as_many_bits_as_its_perturbation_costs(size: int) -> None:
    K = similar(jordan_block("-2", size), random.Random(size))
    problem = problem_of(K)
    found = logarithm(make_record(problem, THREE).logarithm, problem.quotient, 1500, CEILING)
    assert found.bits < 1500 + 400


def test_an_approximate_eigenvalue_may_be_zero() -> None:
    problem = HARD["huge-eigenvalues"].build(4, 560871)
    alpha = to_gaussian("10081/10000+1947/1250i")
    solution = solve(problem, digits=1, alpha=alpha, path="multiprecision")
    assert max(solution.residuals) < 0.1


def test_the_logarithm_of_pascals_matrix_is_its_generator() -> None:
    for n, scale in ((2, "1"), (6, "1"), (6, "1/1000")):
        L = matrix_of(pascal(n, scale))
        assert distance(L, exact(pascal_generator(n, scale))) <= small(150)


@pytest.mark.parametrize(("k", "turns"), [(0, 1), (-1, -1), (3, 7)])
def test_the_side_of_the_cut_is_the_records(k: int, turns: int) -> None:
    """diag(−1, 1): k = 0 gives +iπ, k = −1 gives −iπ."""
    L = matrix_of(ExactMatrix.diagonal([-1, 1]), branch=(k, 0))
    with mp.workprec(400):
        reference = mp.matrix([[1j * turns * mp.pi, 0], [0, 0]])
    assert distance(L, reference) <= small(150)


def test_minus_the_identity() -> None:
    L = matrix_of(-ExactMatrix.identity(3))
    with mp.workprec(400):
        assert distance(L, 1j * mp.pi * mp.eye(3)) <= small(150)


def circle(t: Fraction) -> tuple[ExactMatrix, Any]:
    """The rotation by θ = 2·atan(t) and θ."""
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    with mp.workprec(500):
        theta = 2 * mp.atan(mp.mpf(t.numerator) / t.denominator)
    return ExactMatrix.from_rows([[cosine, -sine], [sine, cosine]]), theta


@pytest.mark.parametrize("t", [Fraction(63, 10), Fraction(32), Fraction(637), Fraction(10**12)])
def test_rational_rotations_near_pi(t: Fraction) -> None:
    """Angles near 0.9π, 0.98π, 0.999π and π − 2e-12: L = θ·[[0, −1], [1, 0]] with θ < π, real."""
    K, theta = circle(t)
    found = log_of(K)
    L = to_mpmath(found.value)
    assert theta < mp.pi
    assert all(not hasattr(x, "_mpc_") for x in L), "the principal logarithm of this K is real"
    with mp.workprec(500):
        reference = mp.matrix([[0, -theta], [theta, 0]])
        assert distance(L, reference) <= small(150)


def test_a_family_rotation_is_within_the_strip() -> None:
    L = matrix_of(rotation(32, 1))
    with mp.workprec(200):
        values = mp.eig(L, left=False, right=False)
        assert all(abs(v.imag) < mp.pi for v in values)
        assert abs(sum(values)) < small(140)
        assert all(0.975 < abs(v.imag) / mp.pi < 0.985 for v in values)


@pytest.mark.parametrize("scale", ["1e30", "1e-30", "-1e30"])
def test_scaled_matrices_move_by_a_scalar(scale: str) -> None:
    """Log(s·K) = Log K + log s for s > 0; K = [[2, 1], [1, 3]] keeps its eigenvectors."""
    K = ExactMatrix.from_rows([[2, 1], [1, 3]])
    L = matrix_of(K.scale(to_gaussian(scale)))
    with mp.workprec(400):
        shift = mp.log(mp.mpf(scale.lstrip("-"))) + (1j * mp.pi if scale[0] == "-" else 0)
        assert distance(L, matrix_of(K, 200) + shift * mp.eye(2)) <= small(150)


@pytest.mark.parametrize("make", [lambda: hadamard(8), lambda: discrete_fourier(4)])
def test_repeated_eigenvalues(make: Any) -> None:
    K = make()
    L = matrix_of(K)
    with mp.workprec(600):
        assert distance(mp.expm(L, method="taylor"), exact(K)) < small(140)


def test_eigenvalues_1e20_apart() -> None:
    K = ExactMatrix.from_rows([["2", "1", 0], [0, "2.00000000000000000001", "1"], [0, 0, "5"]])
    L = matrix_of(K)
    with mp.workprec(600):
        a, b = mp.mpf(2), mp.mpf(2) + mp.mpf("1e-20")
        slope = (mp.log(b) - mp.log(a)) / (b - a)
        assert abs(L[0, 1] - slope) < small(140)
        assert distance(mp.expm(L, method="taylor"), exact(K)) < small(140)


def test_the_derivative_norm_is_that_of_a_difference() -> None:
    """log is 1/λ-Lipschitz for a normal matrix: ‖log'(K)‖ = 1/min|λ| for diag(1/4, 2)."""
    found = log_of(ExactMatrix.diagonal(["1/4", 2]))
    assert found.derivative_norm == pytest.approx(2.0, abs=0.05)
    defective = log_of(jordan_block("2", 2))
    # f'(λ)·E + f''(λ)/2·(N·E + E·N) + f'''(λ)/6·N·E·N with λ = 2: norm by hand of the 4×4 map.
    import numpy as np

    N = np.array([[0.0, 1.0], [0.0, 0.0]])
    eye = np.eye(2)
    left, right = np.kron(eye, N), np.kron(N.T, eye)
    operator = np.eye(4) / 2 - (left + right) / 8 + left @ right / 24
    assert 2**defective.derivative_norm == pytest.approx(np.linalg.norm(operator, 2), rel=0.1)


def test_the_derivative_solves_its_equation() -> None:
    import random

    K = similar(direct_sum(jordan_block("2", 3), jordan_block("-1+i", 2)), random.Random(5))
    found = log_of(K, 200)
    with precision(300):
        E = from_exact(ExactMatrix.from_rows([[r * c - r + 1 for c in range(5)] for r in range(5)]))
        G = found.derivative(E)
        L, k = found.value, from_exact(K)
        left = to_mpmath(k.dot(G) - G.dot(k))
        right = to_mpmath(L.dot(E) - E.dot(L))
    assert distance(left, right) < small(60)


def test_the_ceiling_is_an_error_with_a_remedy() -> None:
    problem = problem_of(INVERTIBLE["al-mohy-higham"])
    with pytest.raises(PrecisionCeilingError, match="more than 160 bits"):
        logarithm(make_record(problem, THREE).logarithm, problem.quotient, 150, 160)
