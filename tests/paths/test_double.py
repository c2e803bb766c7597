"""The float64 path: digits kept, branches from the record, findings instead of exceptions."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from helpers import conjugated_jordan

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.double.script import ordinary_script
from deepexp_exact.paths.double.shift import solve_shift as in_double
from deepexp_exact.paths.double.weights import (
    _each_its_nearest,
    digits_agreed,
)
from deepexp_exact.paths.multiprecision.network.residuals import largest_eigenvalue, measured
from deepexp_exact.paths.multiprecision.shift import solve_shift as in_multiprecision
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES, rotation
from deepexp_exact.problems.hard_matrices import jordan_block
from deepexp_exact.solution import Solution


def solved(problem: Problem, alpha: str = "3", branch: object = "principal") -> Solution:
    """A float64 solution; whatever happens, no warning and no exception leaves the path."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return in_double(problem, make_record(problem, to_gaussian(alpha), 0, branch))  # type: ignore[arg-type]


def agreement(problem: Problem, alpha: str, branch: object = "principal") -> tuple[float, ...]:
    record = make_record(problem, to_gaussian(alpha), 0, branch)  # type: ignore[arg-type]
    return digits_agreed(in_double(problem, record).weights, in_multiprecision(problem, record, 20))


@pytest.mark.parametrize("name", ["gaussian-complex", "gaussian-real", "integer", "rotations"])
def test_easy_problems_keep_most_digits(name: str) -> None:
    problem = FAMILIES[name].build(2, 5)
    assert min(agreement(problem, "i")) > 10
    solution = solved(problem, "i")
    assert max(solution.residuals) < 1e-8
    assert all(w.dtype == np.complex128 and w.shape == (2, 2) for w in solution.weights)


def as_K(K: ExactMatrix) -> Problem:
    d = K.rows
    X = ExactMatrix.from_rows(
        [[1 if r == c else (r + 2 * c) % 3 for c in range(d)] for r in range(d)]
    )
    return Problem(X, X + ExactMatrix.identity(d), ExactMatrix.identity(d), K)


@pytest.mark.parametrize("branch", ["principal", (-1, 0), (2, 1)])
def test_the_branch_is_the_records(branch: object) -> None:
    problem = as_K(ExactMatrix.diagonal([-1, 2]))
    solution = solved(problem, "3", branch)
    k = solution.record.ks
    wanted = [1j * math.pi * (2 * k[0] + 1), math.log(2) + 2j * math.pi * k[1]]
    assert np.allclose(np.diag(solution.L), wanted, atol=1e-12)
    assert min(agreement(problem, "3", branch)) > 8


def test_a_branch_taken_from_eigenvectors_is_a_finding() -> None:
    solution = solved(as_K(ExactMatrix.diagonal([-1, 2])), "3", (1, 0))
    assert any("logm left the recorded branch" in text for text in solution.findings)


def test_rotations_near_pi_stay_principal() -> None:
    solution = solved(as_K(rotation(637, 1)))
    imaginary = np.linalg.eigvals(solution.L).imag
    assert sorted(np.sign(imaginary)) == [-1, 1]
    assert (np.abs(imaginary) < math.pi).all()


def test_overflow_is_a_finding() -> None:
    """The paper's case of color-spaces is beyond float64."""
    solution = solved(load_problem("color-spaces"), "6001/6000")
    assert solution.findings
    assert not all(np.isfinite(w).all() for w in solution.weights) or max(solution.residuals) > 1e-3


def test_overflow_of_the_data_itself() -> None:
    big = ExactMatrix.diagonal(["1e400", "2e400"])
    eye = ExactMatrix.identity(2)
    problem = Problem(big, big + eye, eye, eye.scale(to_gaussian("2")))
    solution = solved(problem)
    assert solution.findings
    assert all(math.isinf(r) or math.isfinite(r) for r in solution.residuals)


def test_a_D_singular_to_float64_is_a_finding() -> None:
    problem = FAMILIES["near-singular-1e-30"].build(3, 1)
    solution = solved(problem, "i")
    assert solution.findings or max(solution.residuals) > 1e-6


def test_color_spaces_keeps_some_digits_at_i() -> None:
    problem = load_problem("color-spaces")
    digits = agreement(problem, "i")
    # W1 keeps 9 or so; W2, with a condition of 5e14, hardly any.
    assert 7 < digits[0] < 13
    assert 1 < min(digits) < 7


def test_jordan_blocks_lose_digits_not_the_path() -> None:
    problem = as_K(jordan_block("2", 3))
    solution = solved(problem, "i")
    assert all(np.isfinite(w).all() for w in solution.weights)
    assert min(agreement(problem, "i")) > 3


def test_a_jordan_block_on_the_cut_is_torn_apart_and_says_so() -> None:
    """float64 splits the eigenvalue −3 of size 2 to both sides of the cut."""
    solution = solved(as_K(conjugated_jordan([("-3", 2), ("2", 1)])), "i")
    if min(agreement(solution.problem, "i")) < 3:
        assert solution.findings


def test_digits_agreed_of_equal_zero_and_infinite_weights() -> None:
    X = ExactMatrix.from_rows([[1, 2], [3, 4]])
    eye = ExactMatrix.identity(2)
    problem = Problem(X, X + eye, eye, eye)
    record = make_record(problem, to_gaussian("3"))
    plain, reference = in_double(problem, record), in_multiprecision(problem, record, 30)
    assert digits_agreed(plain.weights, reference)[1] == math.inf  # W2 = 0 in both
    broken = solved(load_problem("color-spaces"), "6001/6000")
    exact = in_multiprecision(
        broken.problem, make_record(broken.problem, to_gaussian("6001/6000")), 20
    )
    assert min(digits_agreed(broken.weights, exact)) == -math.inf  # no clamp for a measurement


def test_assignment_by_nearest_is_the_least_total_or_declined() -> None:
    """With repeated columns (equal eigenvalues) too; scipy's answer is the reference."""
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(3)
    answered = 0
    for _ in range(200):
        wanted = rng.standard_normal(5)
        wanted[1] = wanted[rng.integers(0, 2)]
        found = rng.permutation(wanted) + rng.choice([1e-9, 0.3]) * rng.standard_normal(5)
        distances = np.abs(found[:, None] - wanted[None, :])
        columns = _each_its_nearest(distances)
        if columns is None:
            continue
        answered += 1
        assert sorted(columns) == list(range(5))
        rows, best = linear_sum_assignment(distances)
        assert distances[rows, columns].sum() == pytest.approx(distances[rows, best].sum())
    assert 90 < answered < 200


def test_same_bits_every_time_and_the_random_state_is_left_alone() -> None:
    """`logm` draws from NumPy's global random numbers: the path must not show it."""
    problem = FAMILIES["gaussian-real"].build(8, 2)
    found = set()
    for seed in range(20):
        np.random.seed(seed)
        found.add(b"".join(w.tobytes() for w in solved(problem, "i").weights))
        left = np.random.randint(0, 2**31, 5).tolist()
        np.random.seed(seed)
        assert left == np.random.randint(0, 2**31, 5).tolist()
    assert len(found) == 1


def test_an_ordinary_script_keeps_real_data_real() -> None:
    """Real arrays where data and α are real; the same formula, digits that the path keeps too."""
    problem = FAMILIES["gaussian-real"].build(3, 1)
    for alpha, kinds in (("3", "ff"), ("-2", "cf"), ("i", "cc")):
        record = make_record(problem, to_gaussian(alpha))
        weights = ordinary_script(problem, record.alpha)
        reference = in_multiprecision(problem, record, 20)
        if not any(entry.on_negative_axis for entry in record.entries):
            assert min(digits_agreed(weights, reference)) > 8
        assert weights[0].dtype.kind == kinds[0]


def test_a_script_that_breaks_off_has_no_digits() -> None:
    X, eye = ExactMatrix.from_rows([[1, 2], [3, 4]]), ExactMatrix.identity(2)
    Y = ExactMatrix.from_rows([[1, 1], [1, "1.00000000000000000001"]])  # singular in float64
    problem = Problem(X, X + eye, Y, ExactMatrix.diagonal([2, 3]))
    record = make_record(problem, to_gaussian("3"))
    weights = ordinary_script(problem, record.alpha)
    assert max(digits_agreed(weights, in_multiprecision(problem, record, 20))) < 1
    assert min(measured(problem, weights, largest_eigenvalue(record))) > -4
