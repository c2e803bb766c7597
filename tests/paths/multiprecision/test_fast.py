"""The fast method: digits asked are digits given, or a reason to decline."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from helpers import gaussian_problem as gaussian
from mpmath import mp

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.multiprecision.kernel import TALLY, products
from deepexp_exact.paths.multiprecision.network.residuals import residuals
from deepexp_exact.paths.multiprecision.shift import fast
from deepexp_exact.paths.multiprecision.shift.fast import Inapplicable, solve_fast
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Solution

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core


def solved(problem: Problem, digits: int, alpha: str = "3", **choices: object) -> Solution:
    record = make_record(problem, to_gaussian(alpha), **choices)  # type: ignore[arg-type]
    found = solve_fast(problem, record, digits)
    assert isinstance(found, Solution), found
    return found


def test_thousands_of_digits_stay_on_the_fast_method_and_are_given() -> None:
    found = solved(gaussian(2, 7), 4500)
    bits = math.ceil(4500 * math.log2(10))
    balls = residuals(found.problem, found.weights, -bits, bits + 400, 40_000)
    for mine, true in zip(found.residuals, balls, strict=True):
        assert true.lower <= mp.log(mine, 2) <= -bits + 1
        assert true.upper <= -bits + 1


def matrix(exact: ExactMatrix) -> object:
    def one(q: object) -> object:
        return mp.mpf(int(q.p)) / int(q.q)  # type: ignore[attr-defined]

    return mp.matrix([[mp.mpc(one(z.re), one(z.im)) for z in row] for row in exact.to_rows()])


def true_residuals(solution: Solution) -> list[object]:
    """From the definition of f, by mpmath alone."""
    out = []
    with mp.workdps(solution.digits_carried + 40):
        for X, Y in (
            (solution.problem.X1, solution.problem.Y1),
            (solution.problem.X2, solution.problem.Y2),
        ):
            y = matrix(Y)
            value = solution.W3 * mp.expm(solution.W2 * mp.expm(solution.W1 * matrix(X)))
            out.append(mp.mnorm(value - y, "f") / mp.mnorm(y, "f"))
    return out


@pytest.mark.parametrize(
    ("d", "digits", "alpha", "real"),
    [
        (1, 30, "3", False),
        (2, 15, "i", True),
        (3, 40, "1/3", False),
        (5, 50, "-2+i", True),
        (4, 200, "3", False),
    ],
)
def test_residuals_are_those_of_the_definition(d: int, digits: int, alpha: str, real: bool) -> None:
    solution = solved(gaussian(d, d, real), digits, alpha)
    for estimated, true in zip(solution.residuals, true_residuals(solution), strict=True):
        assert true <= mp.mpf(10) ** -digits
        assert abs(true - estimated) <= 0.01 * true
    assert max(solution.errors) <= mp.mpf(10) ** -digits


@pytest.mark.parametrize(
    "name", ["gaussian-complex", "gaussian-real", "integer", "graded", "rotations-near-pi"]
)
def test_weights_agree_with_the_general_method(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from deepexp_exact.paths.multiprecision import shift

    names = {n: f for n, f in FAMILIES.items() if n.startswith(name[:6])}
    problem = next(iter(names.values())).build(3, 7)
    record = make_record(problem, to_gaussian("1/3"))
    quick = solve_fast(problem, record, 30)
    if isinstance(quick, Inapplicable):
        pytest.skip(quick.reason)
    for name in ("solve_small", "solve_fast"):
        monkeypatch.setattr(shift, name, lambda *a, **k: Inapplicable("not asked"))
    slow = shift.solve_shift(problem, record, 45)
    with mp.workdps(80):
        for label, error in zip(("W1", "W2", "W3"), quick.errors, strict=True):
            a, b = getattr(quick, label), getattr(slow, label)
            distance = mp.mnorm(a - b, "f") / mp.mnorm(b, "f")
            assert distance <= mp.mpf(10) ** -30
            assert distance <= 1.1 * error + mp.mpf(10) ** -44
        for label in ("A", "K", "L", "Z"):
            a, b = getattr(quick, label), getattr(slow, label)
            assert mp.mnorm(a - b, "f") <= mp.mpf(10) ** -30 * mp.mnorm(b, "f")


@pytest.mark.parametrize("name", ["hadamard-K", "dft-K", "frank-K"])
def test_matrices_of_few_digits_are_not_mistaken_for_inaccurate_ones(name: str) -> None:
    """K with integer entries has a stack that ends before the eigenvalues' digits do."""
    assert max(true_residuals(solved(FAMILIES[name].build(2, 0), 30))) <= mp.mpf(10) ** -30


def test_conditions_are_those_of_the_general_method(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepexp_exact.paths.multiprecision import shift

    problem = gaussian(3, 11)
    record = make_record(problem, to_gaussian("3"))
    quick = solve_fast(problem, record, 20)
    assert isinstance(quick, Solution)
    for name in ("solve_small", "solve_fast"):
        monkeypatch.setattr(shift, name, lambda *a, **k: Inapplicable("not asked"))
    slow = shift.solve_shift(problem, record, 20)
    assert list(quick.conditions) == list(slow.conditions)
    for key, value in slow.conditions.items():
        assert quick.conditions[key] == pytest.approx(value, rel=0.35)


def test_the_branch_is_the_records() -> None:
    problem = gaussian(3, 2)
    plain = solved(problem, 30)
    turned = solved(problem, 30, branch=(2, -1, 0))
    with mp.workdps(60):
        shift = sorted(mp.eig(turned.L - plain.L, left=False, right=False), key=lambda z: z.imag)
        for found, k in zip(shift, (-1, 0, 2), strict=True):
            assert abs(found - 2j * mp.pi * k) < mp.mpf(10) ** -28


def test_eigenvalues_close_to_the_cut_take_the_side_of_their_boxes() -> None:
    """Im λ = ±1e-40 at 30 digits: the sign of the rounded imaginary part says nothing."""
    tiny = "1/10000000000000000000000000000000000000000"
    for sign in ("+", "-"):
        K = ExactMatrix.from_rows([[f"-2{sign}{tiny}i", "1"], ["0", "3"]])
        eye = ExactMatrix.identity(2)
        problem = Problem(
            ExactMatrix.from_rows([["1", "2"], ["0", "5"]]),
            ExactMatrix.from_rows([["3", "2"], ["1", "9"]]),
            eye,
            K,
        )
        L = solved(problem, 30).L
        with mp.workdps(50):
            values = mp.eig(L, left=False, right=False)
        imaginary = max((v.imag for v in values), key=abs)
        assert abs(imaginary - (1 if sign == "+" else -1) * mp.pi) < 1e-12


def test_what_the_road_cannot_do_is_declined_with_a_reason() -> None:
    zero = Problem(ExactMatrix.zero(2, 2), ExactMatrix.identity(2), *[gaussian(2, 5).Y1] * 2)
    assert isinstance(solve_fast(zero, make_record(zero, to_gaussian("3")), 30), Inapplicable)
    problem = gaussian(2, 5)
    record = make_record(problem, to_gaussian("3"))
    assert isinstance(solve_fast(problem, record, 50, ceiling=40), Inapplicable)


def test_many_digits_lost_are_planned_for() -> None:
    problem = load_problem("color-spaces")
    solution = solved(problem, 20, "6001/6000")
    assert 1900 < solution.digits_carried < 2300
    assert max(solution.residuals) <= mp.mpf(10) ** -20


def test_deferred_matrices_behave_like_matrices() -> None:
    solution = solved(gaussian(3, 4), 20)
    assert (solution.L.rows, solution.L.cols) == (3, 3)
    with mp.workdps(40):
        assert list(copy.deepcopy(solution.L)) == list(solution.L)  # mpmath 1.4 rounds copies
        assert mp.mnorm(mp.expm(solution.L) - solution.K) < 1e-18
        assert mp.mnorm(mp.expm(solution.W1 * matrix(solution.problem.X1)) - solution.A) < 1e-18


def test_a_faulty_machine_costs_time_never_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fifth product has one wrong entry: all are noticed, and the result is unchanged."""
    original, count = products._matmul, [0]

    def faulty(left: np.ndarray, right: np.ndarray, index: int = 0) -> np.ndarray:
        out = original(left, right, index)
        count[0] += 1
        if count[0] % 5 == 0:
            out[0, -1, 0] += 3.0
        return out

    problem = gaussian(3, 9)
    expected = solved(problem, 40)
    monkeypatch.setattr(products, "_matmul", faulty)
    before = TALLY.repaired + TALLY.widened
    found = solved(problem, 40)
    assert TALLY.repaired + TALLY.widened > before
    with mp.workdps(80):
        for label in ("W1", "W2", "W3"):
            assert mp.mnorm(getattr(found, label) - getattr(expected, label)) < mp.mpf(10) ** -40


def test_one_pass_is_enough_in_the_usual_case(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    original = fast._Road._make

    def counted(self: fast._Road, plan: fast._Plan) -> fast._Made:
        passes.append(1)
        return original(self, plan)

    monkeypatch.setattr(fast._Road, "_make", counted)
    for seed in range(20):
        solved(gaussian(2 + seed % 6, seed, seed % 2 == 0), 30 + seed)
    assert len(passes) <= 21
