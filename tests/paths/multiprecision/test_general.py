"""The method for every problem: hard matrices, digits given, exact zeros, conditions, ceilings."""

from __future__ import annotations

import random
from typing import Any

import gmpy2
import numpy as np
import pytest
from flint import acb_mat, arb, ctx
from helpers import mp_matrix
from mpmath import mp

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.certificate import certify
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.multiprecision.functions.eigen.scaled import Scaled
from deepexp_exact.paths.multiprecision.network.conditions import condition_of_exp
from deepexp_exact.paths.multiprecision.network.weights import (
    MOST_SECONDS,
    MOST_TIMES,
    _require_numbers,
    affordable_bits,
    seconds_for,
    solve_general,
)
from deepexp_exact.paths.multiprecision.shift import solve_shift
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES, HARD, al_mohy_higham, jordan, similar
from deepexp_exact.problems.hard_matrices import INVERTIBLE, SINGULAR, jordan_block
from deepexp_exact.solution import Solution


def number(z: Any) -> Any:
    return mp.mpc(mp.mpf(int(z.re.p)) / int(z.re.q), mp.mpf(int(z.im.p)) / int(z.im.q))


def matrix(exact: ExactMatrix) -> Any:
    return mp.matrix([[number(z) for z in row] for row in exact.to_rows()])


def true_residuals(solution: Solution) -> list[Any]:
    """From the definition of f, by mpmath alone, at four times the digits carried."""
    out, problem = [], solution.problem
    with mp.workdps(4 * solution.digits_carried):
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            y = matrix(Y)
            inner = mp.expm(solution.W1 * matrix(X), method="taylor")
            value = solution.W3 * mp.expm(solution.W2 * inner, method="taylor")
            out.append(mp.mnorm(value - y, "f") / mp.mnorm(y, "f"))
    return out


def distance(a: Any, b: Any) -> Any:
    with mp.workdps(5000):
        size = mp.mnorm(b, "f")
        return mp.mnorm(a - b, "f") / (size if size else 1)


def generic(d: int, seed: int) -> ExactMatrix:
    rng = np.random.default_rng(seed)
    while True:
        found = ExactMatrix.from_rows(rng.integers(-3, 4, (d, d)).tolist())
        if found.rank() == d:
            return found


def as_K(K: ExactMatrix) -> Problem:
    d = K.rows
    Y1 = generic(d, 1)
    return Problem(generic(d, 2), generic(d, 2) + generic(d, 3), Y1, Y1 @ K)


def as_layer(M: ExactMatrix) -> Problem:
    """D = I, so that W1·X1 = c·M."""
    d = M.rows
    return Problem(M, M + ExactMatrix.identity(d), generic(d, 4), generic(d, 5))


def record_of(problem: Problem, alpha: str = "3", branch: Any = "principal") -> BranchRecord:
    return make_record(problem, to_gaussian(alpha), 0, branch)


def assert_delivers(problem: Problem, digits: int, alpha: str = "3") -> Solution:
    record = record_of(problem, alpha)
    found = solve_general(problem, record, digits)
    bound = mp.mpf(10) ** -digits
    true = true_residuals(found)
    assert max(true) <= bound
    # What is reported is the measured residual with a bound of its evaluation error added.
    assert all(t <= r * mp.mpf("1.01") for t, r in zip(true, found.residuals, strict=True))
    reference = solve_general(problem, record, found.digits_carried + 20)
    for mine, better, claimed in zip(found.weights, reference.weights, found.errors, strict=True):
        error = distance(mine, better)
        assert error <= bound
        assert error <= 2 * claimed
    return found


@pytest.mark.parametrize("name", sorted(INVERTIBLE))
def test_hard_matrices_as_K(name: str) -> None:
    assert_delivers(as_K(INVERTIBLE[name]), 25 if name != "ward-4" else 15)


@pytest.mark.parametrize("name", sorted(set(INVERTIBLE | SINGULAR) - {"ward-4"}))
def test_hard_matrices_as_first_layer(name: str) -> None:
    # exp(±c·Ward 3) and the like span thousands of digits for |α| far from 1.
    assert_delivers(as_layer((INVERTIBLE | SINGULAR)[name]), 20, "41/40")


@pytest.mark.parametrize("size", range(1, 9))
def test_jordan_blocks_as_K(size: int) -> None:
    assert_delivers(as_K(jordan_block("-2", size)), 20)


@pytest.mark.parametrize("scale", ["1e30", "1e-30"])
@pytest.mark.parametrize("which", ["X", "Y", "Y2"])
def test_scaled_data(scale: str, which: str) -> None:
    s = to_gaussian(scale)
    X1, X2, Y1, Y2 = (generic(3, j) for j in (6, 7, 8, 9))
    if which == "X":
        X1, X2 = X1.scale(s), X2.scale(s)
    elif which == "Y":
        Y1, Y2 = Y1.scale(s), Y2.scale(s)
    else:
        Y2 = Y2.scale(s)
    assert_delivers(Problem(X1, X2, Y1, Y2), 25, "i")


@pytest.mark.parametrize("digits", [15, 100, 1000, 5000])
def test_digits_from_15_to_5000(digits: int) -> None:
    problem = FAMILIES["defective"].build(2, 3)
    record = record_of(problem, "i")
    found = solve_general(problem, record, digits)
    bound = mp.mpf(10) ** -digits
    assert max(found.residuals) <= bound
    assert max(found.errors) <= bound
    assert found.digits_carried >= digits
    other = solve_shift(problem, record, digits + 10)
    assert max(distance(a, b) for a, b in zip(found.weights, other.weights, strict=True)) <= bound


def test_zero_weights_are_exactly_zero() -> None:
    X1, X2, Y = generic(3, 1), generic(3, 2), generic(3, 3)
    found = solve_shift(Problem(X1, X2, Y, Y), record_of(Problem(X1, X2, Y, Y)), 30)
    assert all(x == 0 for x in found.W2)
    with mp.workdps(60):
        assert matrix(Y) == found.W3
    assert found.errors[1] == 0
    assert "W2" not in found.conditions
    assert max(true_residuals(found)) <= mp.mpf(10) ** -30


def test_K_is_the_identity_on_another_branch() -> None:
    X1, X2, Y = generic(3, 1), generic(3, 2), generic(3, 3)
    problem = Problem(X1, X2, Y, Y)
    found = solve_shift(problem, record_of(problem, "3", (2,)), 30)
    with mp.workdps(60):
        assert distance(found.L, 4j * mp.pi * mp.eye(3)) <= mp.mpf(10) ** -30
    assert max(true_residuals(found)) <= mp.mpf(10) ** -30


@pytest.mark.parametrize(("k", "turns"), [((0, 0), 1), ((-1, 0), -1)])
def test_on_the_cut_the_record_decides(k: tuple[int, int], turns: int) -> None:
    problem = as_K(ExactMatrix.diagonal([-1, 1]))
    for solve in (solve_general, solve_shift):
        L = solve(problem, record_of(problem, "3", k), 30).L
        with mp.workdps(50):
            assert abs(L[0, 0] - 1j * turns * mp.pi) < mp.mpf(10) ** -30


def test_turns_of_c() -> None:
    problem = as_K(INVERTIBLE["ward-1"])
    record = make_record(problem, to_gaussian("-2"), 1)
    found = solve_general(problem, record, 20)
    with mp.workdps(60):
        D = matrix(problem.D)
        c = mp.log(2) + 3j * mp.pi
        assert distance(found.W1 * D, c * mp.eye(3)) <= mp.mpf(10) ** -20
    assert max(true_residuals(found)) <= mp.mpf(10) ** -20


def test_color_spaces_with_the_papers_alpha() -> None:
    """A huge real eigenvalue of D⁻¹·X1 makes exp(W1·X1) span 750 digits."""
    problem = load_problem("color-spaces")
    found = solve_shift(problem, record_of(problem, "6001/6000"), 50)
    assert max(found.residuals) <= mp.mpf(10) ** -50
    assert 1900 < found.digits_carried < 2300
    assert found.working_digits < 2400
    exact = true_residuals_at(found, found.digits_carried + 800)
    assert max(exact) <= mp.mpf(10) ** -50


def true_residuals_at(solution: Solution, digits: int) -> list[Any]:
    out, problem = [], solution.problem
    with mp.workdps(digits):
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            y = matrix(Y)
            value = solution.W3 * mp.expm(solution.W2 * mp.expm(solution.W1 * matrix(X)))
            out.append(mp.mnorm(value - y, "f") / mp.mnorm(y, "f"))
    return out


def test_the_ceiling_is_a_typed_error_with_a_remedy() -> None:
    problem = load_problem("color-spaces")
    with pytest.raises(PrecisionCeilingError) as caught:
        solve_general(problem, record_of(problem, "3"), 50, ceiling=3000)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("d", "seed", "digits", "alpha", "turn"),
    [
        (3, 196484, 125, "4/5+3/5i", 0),
        (7, 658170, 89, "2829/2500-909/1250i", 0),
    ],
)
def test_huge_eigenvalues_are_answered_where_thousands_of_digits_take_seconds(
    d: int, seed: int, digits: int, alpha: str, turn: int
) -> None:
    """5 000 to 30 000 bits: more than a ceiling that told five times what an attempt takes."""
    problem = HARD["huge-eigenvalues"].build(d, seed)
    record = make_record(problem, to_gaussian(alpha), turn)
    found = solve_general(problem, record, digits)
    assert max(found.residuals) <= mp.mpf(10) ** -digits
    assert certify(problem, record, *found.weights, digits)


def test_the_affordable_precision_takes_what_is_affordable() -> None:
    for d in (1, 3, 8, 64):
        bits = affordable_bits(d, 300, 10**9)
        limit = max(MOST_SECONDS, MOST_TIMES * seconds_for(d, 300))
        assert seconds_for(d, bits) <= limit < seconds_for(d, bits + 2)
        assert affordable_bits(d, 300, 1000) == 1000
        assert affordable_bits(d, bits, 10**9) > bits


def test_nothing_global_changes() -> None:
    before = gmpy2.get_context().precision
    solve_general(as_K(INVERTIBLE["laub"]), record_of(as_K(INVERTIBLE["laub"])), 20)
    with pytest.raises(PrecisionCeilingError):
        solve_general(as_K(INVERTIBLE["laub"]), record_of(as_K(INVERTIBLE["laub"])), 90, ceiling=9)
    assert gmpy2.get_context().precision == before


def perturbed(problem: Problem, step: str, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    parts = []
    for label in ("X1", "X2", "Y1", "Y2"):
        exact = getattr(problem, label)
        noise = rng.standard_normal((problem.d, problem.d))
        noise = noise / np.linalg.norm(noise) * float(exact.frobenius_squared()) ** 0.5
        parts.append(exact + ExactMatrix.from_rows(noise).scale(to_gaussian(step)))
    return Problem(*parts)


@pytest.mark.parametrize("name", ["rotations", "hilbert-K", "integer"])
def test_conditions_bound_and_predict_what_perturbations_do(name: str) -> None:
    """Random relative perturbations of 1e-20 move each W by at most 2·κ·1e-20 (the four matrices
    together have norm 2), and not by less than a hundredth of it."""
    problem = FAMILIES[name].build(2, 1)
    record = record_of(problem, "i")
    found = solve_general(problem, record, 40)
    worst = [0.0, 0.0, 0.0]
    for seed in range(5):
        other = perturbed(problem, "1e-20", seed)
        moved = solve_general(other, record_of(other, "i"), 40)
        for j, (a, b) in enumerate(zip(moved.weights, found.weights, strict=True)):
            worst[j] = max(worst[j], float(distance(a, b)) / 2e-20)
    for j, label in enumerate(("W1", "W2", "W3")):
        assert worst[j] <= 1.05 * found.conditions[label]
        assert worst[j] >= 0.01 * found.conditions[label]
    assert found.conditions["map"] == max(found.conditions[f"W{j}"] for j in (1, 2, 3))


@pytest.mark.parametrize("name", ["rotations", "hilbert-K", "integer", "graded"])
def test_both_methods_report_the_same_conditions(name: str) -> None:
    problem = FAMILIES[name].build(3 if name != "rotations" else 2, 1)
    record = record_of(problem, "i")
    slow, quick = solve_general(problem, record, 20), solve_shift(problem, record, 20)
    assert list(slow.conditions) == list(quick.conditions)
    for key, value in slow.conditions.items():
        assert quick.conditions[key] == pytest.approx(value, rel=0.35), key


@pytest.mark.parametrize(("d", "seed", "digits"), [(9, 0, 15), (9, 89877, 41)])
def test_rounding_errors_that_an_exponential_blows_up_past_its_range_are_met_with_bits(
    d: int, seed: int, digits: int
) -> None:
    # ‖W1·X1‖ is near 2^110: rounded to too few bits, exp(W2·exp(W1·X1)) leaves MPFR's range.
    # Seed 0: in the residual of the rounded weights; seed 89877: in planning their rounding.
    problem = FAMILIES["near-singular-1e-30"].build(d, seed)
    record = make_record(problem, to_gaussian("-1"), -1 if seed else 0)
    found = solve_general(problem, record, digits)
    assert certify(problem, record, *found.weights, digits)


def test_an_error_bound_that_is_not_a_number_is_never_taken_for_zero() -> None:
    _require_numbers(-50.0, float("-inf"))
    for bound in (float("nan"), float("inf")):
        with pytest.raises(PrecisionCeilingError):
            _require_numbers(-50.0, bound)
    assert Scaled(np.array([[0j, complex("nan")]])).log2_norm() == float("inf")
    assert Scaled(np.zeros((2, 2), dtype=complex)).log2_norm() == float("-inf")


def test_a_weight_beyond_the_exponent_range_is_a_typed_error_never_zero() -> None:
    # W3 = Y1·exp(−Z) with Z near 10^12 underflows to 0: its relative error bound was a NaN, and
    # NaN > 0 is False.
    problem = as_K(ExactMatrix.from_rows([[3]]))
    record = record_of(problem, "1000000000001/1000000000000")
    with pytest.raises(PrecisionCeilingError, match="exponents that MPFR has"):
        solve_general(problem, record, 20)
    assert_delivers(problem, 20, "1001/1000")


@pytest.mark.parametrize("zeros", [18, 99, 299])
@pytest.mark.parametrize("d", [1, 2])
def test_K_as_near_the_identity_as_the_data_say(d: int, zeros: int) -> None:
    # K rounds to I and L to zero; at d = 2 the box of an eigenvalue is a point.
    near = to_gaussian("1." + "0" * zeros + "1")
    problem = as_K(ExactMatrix.diagonal([near, to_gaussian("1")][:d]))
    record = record_of(problem, "3")
    found = solve_shift(problem, record, 30)
    assert certify(problem, record, *found.weights, 30)


def test_a_logarithm_of_norm_1e25_costs_bits_not_the_answer() -> None:
    # Bits lost on the way to exp(Z) are many, those that rounded weights lose few: an estimate
    # from too few bits of Z was taken for the latter.
    blocks = [("1e-25", 2), ("-1e-25", 1), ("1", 1), ("i", 1)]
    J = jordan([(to_gaussian(value), size) for value, size in blocks])
    problem = as_K(similar(J, random.Random("x4")))
    record = record_of(problem)
    found = solve_general(problem, record, 20)
    assert found.digits_carried < 200  # 349 from Z rounded to 64 bits after the point
    assert certify(problem, record, *found.weights, 20)


@pytest.mark.parametrize("alpha", ["3", "1001/1000", "1/2+i", "-1"])
@pytest.mark.parametrize("d", [1, 3])
def test_the_condition_of_W3_where_K_is_the_identity(alpha: str, d: int) -> None:
    """W2 = 0 has none; W3 = Y1·exp(−log(Y1⁻¹·Y2)/(α − 1)) moves with both Y's."""
    Y = jordan([(2, d)]) + ExactMatrix.identity(d).scale(to_gaussian("3i"))
    p = Problem(ExactMatrix.zero(d, d), ExactMatrix.identity(d), Y, Y)
    record = make_record(p, to_gaussian(alpha))
    told = solve_shift(p, record, 20).conditions
    assert set(told) == {"W1", "W3", "map"}
    rng, worst = random.Random(alpha), 0.0
    step = to_gaussian("1e-60")
    for _ in range(4):
        changes = [
            ExactMatrix.from_rows(
                [[complex(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(d)] for _ in range(d)]
            )
            for _ in range(2)
        ]
        one, two = (Y + change.scale(step) for change in changes)
        moved = Problem(p.X1, p.X2, one, two)
        W3 = solve_shift(moved, make_record(moved, to_gaussian(alpha)), 100).W3
        with mp.workdps(150):
            gap = mp.mnorm(W3 - mp_matrix(Y), "f") * mp.mpf(10) ** 60
            norms = [mp.mnorm(mp_matrix(change), "f") for change in changes]
            worst = max(worst, float(gap / mp.sqrt(norms[0] ** 2 + norms[1] ** 2)))
    assert worst / 1.01 <= told["W3"] <= 10 * d * worst


def _norm(matrix: Any) -> Any:
    return sum((abs(z) ** 2 for z in matrix.entries()), arb(0)).sqrt()


@pytest.mark.parametrize("d", [9, 12])
def test_condition_numbers_of_exponentials_beyond_float64_are_estimated_for_larger_sizes(
    d: int,
) -> None:
    """Within 10·d of the derivative in sampled directions, which [[A, E], [0, A]] shows."""
    A, rng = al_mohy_higham(d), random.Random(d)
    told = condition_of_exp(A, 20_000)
    with ctx.workprec(2000):
        exact, worst = A.to_acb_mat(), arb(0)
        norm = _norm(exact) / _norm(exact.exp())
        for _ in range(4):
            E = acb_mat([[rng.gauss(0, 1) for _ in range(d)] for _ in range(d)])
            block = acb_mat(2 * d, 2 * d)
            for r in range(d):
                for c in range(d):
                    block[r, c] = block[d + r, d + c] = exact[r, c]
                    block[r, d + c] = E[r, c]
            value = block.exp()
            part = acb_mat([[value[r, d + c] for c in range(d)] for r in range(d)])
            ratio = (_norm(part) / _norm(E) * norm).mid()
            worst = max(worst, ratio)
    assert worst / 10 < told < 10 * d * worst


@pytest.mark.parametrize("digits", [6, 30, 100])
def test_conditions_of_W3_with_Y1_nearly_singular(digits: int) -> None:
    """Y1·dE has Y1⁻¹ in it, and what is left is far smaller than its factors."""
    step, noise = to_gaussian("1e-300"), ExactMatrix.from_rows([["1", "-2i"], ["1/3", "1+i"]])
    Y1 = ExactMatrix.from_rows([[1, 1], [1, "1." + "0" * digits + "1"]])
    X1, X2 = ExactMatrix.identity(2), ExactMatrix.from_rows([[3, 2], [3, 7]])
    weights, alpha = [], to_gaussian("1/3i")
    for first in (Y1, Y1 + noise.scale(step)):
        p = Problem(X1, X2, first, ExactMatrix.from_rows([[2, 1], [0, 3]]))
        weights.append(solve_shift(p, make_record(p, alpha), 900).W3)
    p = Problem(X1, X2, Y1, ExactMatrix.from_rows([[2, 1], [0, 3]]))
    told = solve_shift(p, make_record(p, alpha), 20).conditions["W3"]
    with mp.workdps(1000):
        moved = mp.mnorm(weights[1] - weights[0], "f") / mp.mnorm(weights[0], "f")
        shown = moved * mp.mpf(10) ** 300 * mp.mnorm(mp_matrix(Y1), "f")
        shown /= mp.mnorm(mp_matrix(noise), "f")
    assert shown / 10 <= told <= 20 * shown
