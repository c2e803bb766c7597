"""The method for small matrices: digits asked are digits given, or a reason to decline."""

from __future__ import annotations

import math

import pytest
from flint import acb_mat, arb, ctx
from helpers import gaussian_problem as gaussian
from mpmath import mp

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.ball.shift import solve_shift as solve_in_balls
from deepexp_exact.paths.multiprecision.network.residuals import residuals
from deepexp_exact.paths.multiprecision.shift import small, solve_shift
from deepexp_exact.paths.multiprecision.shift.fast import Inapplicable, solve_fast
from deepexp_exact.paths.multiprecision.shift.small import solve_small
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Label, Solution

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core


def record_of(problem: Problem, alpha: str = "3", **choices: object) -> BranchRecord:
    return make_record(problem, to_gaussian(alpha), **choices)  # type: ignore[arg-type]


def solved(problem: Problem, digits: int, alpha: str = "3", **choices: object) -> Solution:
    found = solve_small(problem, record_of(problem, alpha, **choices), digits)
    assert isinstance(found, Solution), found
    return found


def distance(mine: object, other: object) -> object:
    """‖mine − other‖/‖other‖ (Frobenius) of matrices of either type, from above."""
    a, b = (m if isinstance(m, acb_mat) else m.to_acb_mat() for m in (mine, other))  # type: ignore[attr-defined]
    top, size = (sum((abs(z) ** 2 for z in m.entries()), arb(0)).sqrt() for m in (a - b, b))
    return top.upper() / size.lower()


def agrees(solution: Solution) -> None:
    """With the ball path's enclosures of the exact weights, and residuals with the definition."""
    assert solution.label is Label.AGREES
    digits = solution.digits
    with ctx.workprec(math.ceil(3.4 * digits) + 200):
        proved = solve_in_balls(solution.problem, solution.record, digits + 15)
        bound = arb(10) ** -digits
        for mine, ball, told in zip(solution.weights, proved.weights, solution.errors, strict=True):
            off = distance(mine, ball)
            assert off < bound
            assert off < 1.01 * arb(told) + bound / arb(10) ** 14
            assert told <= mp.mpf(10) ** -digits
    bits = math.ceil(3.4 * solution.digits_carried) + 60
    both = residuals(solution.problem, solution.weights, -3.4 * digits - 60, bits, 10**6)
    for told, true in zip(solution.residuals, both, strict=True):
        assert told <= mp.mpf(10) ** -digits
        assert true.lower - 1e-9 <= mp.log(told, 2) <= true.upper + 0.01


@pytest.mark.parametrize("d", range(1, 9))
@pytest.mark.parametrize("digits", [10, 50, 200])
def test_weights_lie_where_the_ball_path_proves_them(d: int, digits: int) -> None:
    agrees(solved(gaussian(d, 10 * d + digits, real=d % 2 == 0), digits, ("3", "i", "-2+i")[d % 3]))


@pytest.mark.parametrize("d", [2, 3])
def test_a_thousand_digits(d: int) -> None:
    agrees(solved(gaussian(d, d), 1000))


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_is_solved_or_declined_with_a_reason(name: str) -> None:
    family = FAMILIES[name]
    problem = family.build(family.sizes[0] if hasattr(family, "sizes") else 2, 3)
    if problem.d > 8 or not problem.D.is_invertible() or not problem.Y1.is_invertible():
        pytest.skip("not of this method")
    found = solve_small(problem, record_of(problem, "1/3"), 30)
    if isinstance(found, Inapplicable):
        assert found.reason
    else:
        agrees(found)


def test_everything_shown_is_that_of_the_kernels_method() -> None:
    problem = gaussian(4, 11)
    record = record_of(problem)
    mine, other = solve_small(problem, record, 40), solve_fast(problem, record, 40)
    assert isinstance(mine, Solution)
    assert isinstance(other, Solution)
    for name in ("W1", "W2", "W3", "A", "K", "L", "Z"):
        assert distance(getattr(mine, name), getattr(other, name)) < 1e-40, name
    assert list(mine.conditions) == list(other.conditions)
    for key, value in other.conditions.items():
        assert mine.conditions[key] == pytest.approx(value, rel=0.01)
    assert 0 <= mine.digits_carried - other.digits_carried <= 5
    assert mine.working_digits >= mine.digits_carried


def test_it_is_what_a_small_problem_is_solved_by() -> None:
    problem = gaussian(3, 5)
    record = record_of(problem)
    mine, other = solve_small(problem, record, 30), solve_shift(problem, record, 30)
    assert isinstance(mine, Solution)
    assert [list(w) for w in mine.weights] == [list(w) for w in other.weights]


def test_the_branch_is_the_records() -> None:
    problem = gaussian(3, 2)
    plain, turned = solved(problem, 30), solved(problem, 30, branch=(2, -1, 0))
    agrees(turned)
    with mp.workdps(60):
        shift = sorted(mp.eig(turned.L - plain.L, left=False, right=False), key=lambda z: z.imag)
        for found, k in zip(shift, (-1, 0, 2), strict=True):
            assert abs(found - 2j * mp.pi * k) < mp.mpf(10) ** -28
    agrees(solved(problem, 30, "-1/2", turn=1))


@pytest.mark.parametrize("sign", ["+", "-"])
def test_eigenvalues_close_to_the_cut_take_the_side_of_their_boxes(sign: str) -> None:
    """Im λ = ±1e-40 at 30 digits: the sign of the rounded imaginary part says nothing."""
    tiny = "1/10000000000000000000000000000000000000000"
    K = ExactMatrix.from_rows([[f"-2{sign}{tiny}i", "1"], ["0", "3"]])
    inputs = (ExactMatrix.from_rows(rows) for rows in ([[1, 2], [0, 5]], [[3, 2], [1, 9]]))
    solution = solved(Problem(*inputs, ExactMatrix.identity(2), K), 30)
    agrees(solution)
    with mp.workdps(50):
        values = mp.eig(solution.L, left=False, right=False)
    imaginary = max((v.imag for v in values), key=abs)
    assert abs(imaginary - (1 if sign == "+" else -1) * mp.pi) < 1e-12


def test_what_the_method_cannot_do_is_declined_with_a_reason() -> None:
    gap = ExactMatrix.from_rows([["2", "1"], ["0", "2.00000000000000000001"]])
    double, eye = ExactMatrix.from_rows([["2", "1"], ["0", "2"]]), ExactMatrix.identity(2)
    usual = gaussian(2, 5)
    for Y2, X1, reason in (
        (gap, usual.X1, "eigenv"),
        (double, usual.X1, "repeated"),
        (usual.Y2, ExactMatrix.zero(2, 2), "not known"),
    ):
        problem = Problem(X1, usual.X2, eye, Y2)
        found = solve_small(problem, record_of(problem), 30)
        assert isinstance(found, Inapplicable)
        assert reason in found.reason
    found = solve_small(usual, record_of(usual), 50, ceiling=40)
    assert isinstance(found, Inapplicable)
    assert "more than 133 bits" in found.reason


def test_the_residual_is_that_of_the_very_weights_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry changed on its way to mpmath by 1e-40 of it is seen at 50 digits, not at 30."""
    original = small._to_mpmath

    def changed(matrix: object) -> object:
        out = original(matrix)
        with mp.workdps(200):
            out[0, 0] = out[0, 0] * (1 + mp.mpf(10) ** -40)
        return out

    problem = gaussian(2, 9)
    record = record_of(problem)
    monkeypatch.setattr(small, "_to_mpmath", changed)
    seen = solve_small(problem, record, 30)
    assert isinstance(seen, Solution)
    assert mp.mpf(10) ** -42 < max(seen.residuals) < mp.mpf(10) ** -30
    found = solve_small(problem, record, 50)
    assert isinstance(found, Inapplicable)
    assert "residual" in found.reason


def test_python_flints_precision_is_the_callers_afterwards() -> None:
    with ctx.workprec(77):
        solution = solved(gaussian(2, 1), 20)
        assert ctx.prec == 77
        assert solution.A.rows == solution.K.rows == 2
        assert ctx.prec == 77


def test_one_pass_is_enough_in_the_usual_case() -> None:
    again = sum(
        solved(gaussian(2 + seed % 7, seed, seed % 2 == 0), 30 + seed).recomputations
        for seed in range(30)
    )
    assert again <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", ["1e400", "1e-400", "1e250"])
def test_condition_numbers_do_not_depend_on_the_scale_of_X(scale: str) -> None:
    """Beyond float64's range too, where the plan of this method is declined."""
    problem = gaussian(2, 1)
    X1, X2 = (X.scale(to_gaussian(scale)) for X in (problem.X1, problem.X2))
    found = [
        solve_shift(p, record_of(p), 20).conditions
        for p in (problem, Problem(X1, X2, problem.Y1, problem.Y2))
    ]
    assert found[0].keys() == found[1].keys()
    for name, value in found[0].items():
        assert abs(found[1][name] - value) < value * mp.mpf("1e-6")
