"""Closed forms: PROVED, equal to what the weights' definition gives, on the recorded branch."""

import mpmath
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact import load_problem, make_record, solve
from deepexp_exact.errors import BranchError, HypothesisError, NotApplicableError
from deepexp_exact.exact import ExactMatrix, gaussian, to_gaussian
from deepexp_exact.paths.symbolic.algebra.radicals import gaussian_sqrt, split_square
from deepexp_exact.paths.symbolic.evaluation import enclose, to_digits, with_precision
from deepexp_exact.paths.symbolic.shift.closed_form import solve_shift
from deepexp_exact.paths.symbolic.shift.formulas import Shift
from deepexp_exact.problems import Problem
from deepexp_exact.solution import Label

I = gaussian(0, 1)
BASES = tuple(
    ExactMatrix.from_rows([row.split() for row in text.split(" / ")])
    for text in (
        "1 i 0 2 / 0 1 1 -1 / 1 0 2 0 / 0 1 0 1-i",
        "2 1 1 0 / i 1 0 0 / 0 0 1 1 / 1 0 0 -1",
    )
)


def corner(matrix, d):
    return ExactMatrix.from_rows([row[:d] for row in matrix.to_rows()[:d]])


def blocks(*parts):
    """A block diagonal matrix."""
    size = sum(map(len, parts))
    rows, start = [[gaussian(0)] * size for _ in range(size)], 0
    for part in parts:
        for r, row in enumerate(part):
            for c, entry in enumerate(row):
                rows[start + r][start + c] = (
                    entry if not isinstance(entry, int) else gaussian(entry)
                )
        start += len(part)
    return ExactMatrix.from_rows(rows)


def problem_with(K, M):
    """A problem with Y1⁻¹·Y2 similar to K and D⁻¹·X1 similar to M."""
    d = K.rows
    P, Q = (corner(base, d) for base in BASES)
    assert P.rank() == Q.rank() == d
    X1 = P @ (Q @ M @ Q.inverse())
    return Problem(X1, X1 + P, Q, Q @ (P @ K @ P.inverse()))


CASES = {
    "d = 1, on the cut": (blocks([[-2]]), blocks([[3]])),
    "identity": (blocks([[1]], [[1]], [[1]]), blocks([[1]], [[2]], [[-1]])),
    "real quadratic": (blocks([[0, 1], [-3, 1]]), blocks([[1, 2], [1, 1]])),
    "quadratic on the cut": (blocks([[0, 1], [-1, -3]]), blocks([[0, 1], [0, 0]])),
    "complex radicands": (
        blocks([[0, gaussian(1, 2)], [1, 0]]),
        blocks([[0, gaussian(3, 1)], [1, I]]),
    ),
    "Jordan block on the cut": (
        blocks([[-1, 1, 0], [0, -1, 1], [0, 0, -1]]),
        blocks([[2, 1], [0, 2]], [[I]]),
    ),
    "quadratic Jordan blocks": (
        blocks([[0, 1, 1, 0], [2, 0, 0, 1], [0, 0, 0, 1], [0, 0, 2, 0]]),
        blocks([[1]], [[1]], [[0, 1], [-1, 0]]),
    ),
    "four square roots": (
        blocks([[0, 1], [2, 0]], [[0, 1], [3, 1]]),
        blocks([[0, 1], [5, 0]], [[0, 1], [-7, 1]]),
    ),
}


def to_mp(matrix):
    def number(q):
        return mpmath.mpf(int(q.p)) / int(q.q)

    return mpmath.matrix(
        [[mpmath.mpc(number(z.re), number(z.im)) for z in row] for row in matrix.to_rows()]
    )


def residual(problem, weights):
    """The larger relative residual of the two equations, at mpmath's precision."""
    W1, W2, W3 = weights
    worst = mpmath.mpf(0)
    for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
        value = W3 * mpmath.expm(W2 * mpmath.expm(W1 * to_mp(X)))
        worst = max(worst, mpmath.norm(value - to_mp(Y)) / mpmath.norm(to_mp(Y)))
    return worst


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("alpha", ["3", "1/2+1/3i", "-1"])
def test_closed_forms_are_proved_and_solve_the_equations(name, alpha):
    problem = problem_with(*CASES[name])
    count = len(make_record(problem, to_gaussian(alpha)).entries)
    record = make_record(problem, to_gaussian(alpha), 1, [k - 1 for k in range(count)])
    solution = solve_shift(problem, record, 50)
    assert solution.label is Label.PROVED, solution.findings
    assert solution.record == record
    assert len(solution.identities) == 24
    with mpmath.workdps(250):
        assert residual(problem, solution.evaluate(240)) < mpmath.mpf(10) ** -180


@pytest.mark.parametrize("name", ["quantum-gates"])
@pytest.mark.parametrize("alpha", ["auto", "positive", "i", "-1/2"])
def test_the_shipped_problem_is_proved_and_agrees_with_multiprecision(name, alpha):
    problem = load_problem(name)
    numeric = solve(problem, digits=50, path="multiprecision", alpha=alpha)
    exact = solve_shift(problem, numeric.record, 50)
    assert exact.label is Label.PROVED
    assert exact.record.same_branch(numeric.record) == []
    with mpmath.workdps(80):
        for mine, theirs in zip(exact.evaluate(70), numeric.weights, strict=True):
            theirs = mpmath.matrix(theirs.tolist())
            assert mpmath.norm(mine - theirs) <= mpmath.mpf(10) ** -50 * mpmath.norm(mine)


@pytest.mark.parametrize("ks", [(0, 0), (1, -2), (-3, 5)])
def test_the_eigenvalues_of_L_are_those_of_the_record(ks):
    problem = problem_with(*CASES["quadratic on the cut"])
    record = make_record(problem, gaussian(2), 0, list(ks))
    solution = solve_shift(problem, record, 50)
    with mpmath.workdps(40):
        found, _ = mpmath.eig(to_digits(solution.L, 40))
        wanted = [mpmath.mpc(0, mpmath.pi * (2 * k + 1)) for k in ks]
        for entry, value in zip(record.entries, wanted, strict=True):
            size = mpmath.log(abs(float(entry.box.center.re)))
            assert min(abs(x - value - size) for x in found) < 0.3


def test_a_tail_of_huge_eigenvalues_keeps_its_exponentials_whole():
    problem = problem_with(blocks([[2]], [[5]]), blocks([[gaussian(fmpq(10**9, 3))]], [[1]]))
    solution = solve_shift(problem, make_record(problem, I), 30)
    assert solution.label is Label.PROVED
    whole = problem_with(blocks([[2]], [[5]]), blocks([[10**9]], [[1]]))
    with pytest.raises(NotApplicableError, match="huge power"):
        solve_shift(whole, make_record(whole, I), 30)


def test_what_the_path_cannot_treat_is_said():
    cubic = blocks([[0, 0, 2], [1, 0, 0], [0, 1, 0]])
    plain = blocks([[1]], [[2]], [[3]])
    problem = problem_with(cubic, plain)
    with pytest.raises(NotApplicableError, match="K has an eigenvalue of degree 3"):
        solve_shift(problem, make_record(problem, gaussian(2)), 50)
    problem = problem_with(plain, cubic)
    with pytest.raises(NotApplicableError, match="D⁻¹·X1 has an eigenvalue of degree 3"):
        solve_shift(problem, make_record(problem, gaussian(2)), 50)
    five = ExactMatrix.diagonal([1, 2, 3, 4, 5])
    problem = Problem(five, five + five, five, five + five)
    with pytest.raises(NotApplicableError, match="d ≤ 4"):
        solve_shift(problem, make_record(problem, gaussian(2)), 50)


def test_hypotheses_and_records_are_checked():
    one, two = (ExactMatrix.diagonal([n, n + 1]) for n in (1, 2))
    record = make_record(Problem(one, two, one, two), gaussian(2))
    with pytest.raises(HypothesisError, match="no solution: X1 = X2"):
        solve_shift(Problem(one, one, one, two), record, 50)
    other = Problem(one, two, two, one)
    with pytest.raises(BranchError, match="another problem"):
        solve_shift(other, record, 50)


@pytest.mark.parametrize(
    "name",
    ["first_weight", "second_exponential", "inverse_argument", "scaled_logarithm", "second_weight",
     "telescope", "third_weight", "quotient"],
)  # fmt: skip
def test_one_changed_sign_in_the_construction_is_not_proved(name, monkeypatch):
    problem = problem_with(*CASES["real quadratic"])
    record = make_record(problem, gaussian(3))
    right = getattr(Shift, name)
    monkeypatch.setattr(Shift, name, lambda self, *args: -right(self, *args))
    solution = solve_shift(problem, record, 50)
    assert solution.label is Label.FAILED
    assert any("not an identity" in text for text in solution.findings)


@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(1, 12), st.integers(1, 12))
def test_square_roots_over_the_gaussian_rationals(a, b, p, q):
    z = gaussian(fmpq(a, p), fmpq(b, q))
    root = gaussian_sqrt(z * z)
    assert root is not None
    assert root * root == z * z
    if not z.is_zero():
        factor, radicand = split_square(z)
        assert factor * factor * radicand == z


@settings(max_examples=20)
@given(st.integers(1, 60))
def test_evaluation_agrees_with_sympy(digits):
    solution = solution_for_evaluation()
    with mpmath.workdps(digits + 20):
        mine = to_digits(solution.W3, digits)
        theirs = solution.W3.evalf(digits + 15, maxn=500)
        theirs = mpmath.matrix([[mpmath.mpmathify(x) for x in theirs.row(r)] for r in range(2)])
        assert mpmath.norm(mine - theirs) <= 2 * mpmath.mpf(10) ** -digits * mpmath.norm(theirs)


_KEPT = []


def solution_for_evaluation():
    if not _KEPT:
        problem = problem_with(*CASES["quadratic on the cut"])
        _KEPT.append(solve_shift(problem, make_record(problem, gaussian(-3)), 50))
    return _KEPT[0]


def test_evaluation_survives_cancellation_and_refuses_the_unknown():
    import sympy

    tiny = sympy.Matrix([[sympy.exp(sympy.Rational(1, 10**40)) - 1]])
    assert abs(to_digits(tiny, 30)[0] * mpmath.mpf(10) ** 40 - 1) < mpmath.mpf(10) ** -14
    assert to_digits(sympy.zeros(2, 2), 10) == mpmath.zeros(2, 2)
    with pytest.raises(TypeError, match="closed form"):
        with_precision(64, lambda: enclose(sympy.Symbol("x")))
    with pytest.raises(TypeError, match="closed form"):
        with_precision(64, lambda: enclose(sympy.gamma(sympy.Rational(1, 3))))


def test_weights_that_are_zero_are_exactly_zero():
    problem = problem_with(*CASES["identity"])
    solution = solve_shift(problem, make_record(problem, gaussian(2)), 50)
    assert solution.W2 == solution.W2 * 0
    assert solution.evaluate(50)[1] == mpmath.zeros(3, 3)
