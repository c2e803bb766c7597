"""The ball path: promises kept and proved for every family, traps, ceilings."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from flint import acb, acb_mat, arb, ctx

from deepexp_exact.branches import make_record
from deepexp_exact.certificate import dyadic_matrix
from deepexp_exact.errors import HypothesisError, PrecisionCeilingError
from deepexp_exact.exact import gaussian, rational
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.functions.logarithm import Logarithm, divided_differences, log_value
from deepexp_exact.paths.ball.proving.certifying import check_residuals
from deepexp_exact.paths.ball.proving.claims import eigenvalue_radius
from deepexp_exact.paths.ball.shift import solve_shift
from deepexp_exact.precision import MoreBits
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES, jordan, similar, with_K
from deepexp_exact.solution import Label

CASES = [
    (name, d)
    for name, family in FAMILIES.items()
    for d in sorted({*family.sizes, *family.full_sizes[:1]})
    if d <= 8
]


def midpoints(solution: Any) -> Any:
    return tuple(w.mid() for w in solution.weights)


def assert_promises(solution: Any, digits: int) -> None:
    """Narrow finite balls about stored weights, proved residuals, every L near its record."""
    limit = arb(10) ** -digits
    assert solution.label is Label.CERTIFIED
    assert solution.digits_carried >= digits
    for weight, error in zip(solution.weights, solution.errors, strict=True):
        assert all(z.is_finite() for z in weight.entries())
        assert error < limit
        assert en.relative_radius(weight) < limit
    assert all(r < limit for r in solution.residuals)
    assert solution.evidence.eigenvalue_radius < arb.pi()


@pytest.mark.parametrize(("name", "d"), CASES)
def test_every_family_is_certified(name: str, d: int) -> None:
    problem = FAMILIES[name].build(d, 3)
    solution = solve_shift(problem, make_record(problem, gaussian(0, 1)), 50)
    assert_promises(solution, 50)


@pytest.mark.parametrize("digits", [1, 16, 300])
def test_digits_asked_are_digits_given(digits: int) -> None:
    problem = FAMILIES["gaussian-complex"].build(3, 8)
    record = make_record(problem, gaussian(3))
    solution = solve_shift(problem, record, digits)
    assert_promises(solution, digits)
    finer = solve_shift(problem, record, digits + 30)
    for mine, theirs in zip(solution.weights, finer.weights, strict=True):
        assert mine.overlaps(theirs)


def test_multiprecision_weights_lie_in_the_balls() -> None:
    from deepexp_exact.paths.multiprecision.shift import solve_shift as solve_mp

    problem = FAMILIES["gaussian-real"].build(4, 2)
    record = make_record(problem, gaussian(0, 1))
    balls, other = solve_shift(problem, record, 30), solve_mp(problem, record, 40)
    for ball, weight in zip(balls.weights, other.weights, strict=True):
        found = dyadic_matrix(weight).to_acb_mat()
        near = en.norm_upper(found - ball)
        assert near < arb(10) ** -30 * en.norm_lower(ball)


@pytest.mark.parametrize(
    "blocks",
    [
        [("-2", 8)],
        [("i", 5), ("-1", 2), ("-1", 1)],
        [("1/3", 1)] * 3 + [("-1/3", 1)] * 3,
        [("-1+1/100000000000000000000i", 2), ("-1-1/100000000000000000000i", 2)],
    ],
    ids=["size 8 on the cut", "derogatory on the cut", "repeated", "both sides of the cut"],
)
def test_jordan_structures(blocks: Any) -> None:
    import random

    problem = with_K(similar(jordan(blocks), random.Random("jordan")), random.Random(4))
    ks = [1] + [0] * (len({b[0] for b in blocks}) - 1)
    record = make_record(problem, gaussian(0, 1), 0, ks)
    solution = solve_shift(problem, record, 50)
    assert_promises(solution, 50)
    exact = solution.L.exp() - solution.K
    assert exact.contains(acb_mat(problem.d, problem.d))


def test_colour_spaces_with_positive_alpha_and_beyond_the_ceiling() -> None:
    problem = load_problem("color-spaces")
    solution = solve_shift(problem, make_record(problem, gaussian(rational(6001, 6000))), 50)
    assert_promises(solution, 50)
    assert 2000 < solution.digits_carried < 2300
    with pytest.raises(PrecisionCeilingError, match="bits"):
        solve_shift(problem, make_record(problem, gaussian(3)), 50)


def test_equal_outputs_give_an_exactly_zero_second_weight() -> None:
    problem = FAMILIES["equal-outputs"].build(3, 1)
    solution = solve_shift(problem, make_record(problem, gaussian(3)), 20)
    assert all(z == 0 for z in solution.W2.entries())
    assert all(z.real.is_exact() and z.imag.is_exact() for z in solution.W2.entries())
    turned = solve_shift(problem, make_record(problem, gaussian(3), 0, [2]), 20)
    assert_promises(turned, 20)


def test_singular_data_is_a_hypothesis_error_and_not_a_lack_of_precision() -> None:
    problem = Problem([[1, 0], [0, 1]], [[2, 0], [0, 1]], [[1, 0], [0, 1]], [[2, 0], [0, 1]])
    with pytest.raises(HypothesisError, match="singular"):
        solve_shift(problem, make_record(problem, gaussian(3)), 20)


def test_the_precision_of_the_caller_is_left_alone() -> None:
    problem = FAMILIES["gaussian-complex"].build(2, 1)
    with ctx.workprec(77), mpmath.workdps(33):
        solve_shift(problem, make_record(problem, gaussian(3)), 60)
        assert ctx.prec == 77
        assert mpmath.mp.dps == 33


# ------------------------------------------------------------------------------ parts


def test_a_ball_across_the_cut_never_passes() -> None:
    problem = FAMILIES["rotations"].build(2, 1)
    entry = make_record(problem, gaussian(3)).entries[0]
    with pytest.raises(MoreBits):
        log_value(acb(arb(-1, 0.01), arb(0, 0.01)), entry)


def test_a_nan_is_a_failure() -> None:
    with pytest.raises(MoreBits):
        en.require_finite(acb_mat([[arb.nan()]]), "a test")
    assert not en.norm_upper(acb_mat([[arb.nan()]])).is_finite()
    assert not en.relative_radius(acb_mat([[arb.pos_inf()]])) < 1


def test_divided_differences_of_a_polynomial() -> None:
    # x³ at 1, 1, 2, 2: f[1] = 1, f[1,1] = 3, f[1,1,2] = 4, f[1,1,2,2] = 1
    taylor = [[acb(1), acb(3)], [acb(8), acb(12)]]
    nodes, groups = [acb(1), acb(1), acb(2), acb(2)], [0, 0, 1, 1]
    assert [complex(c) for c in divided_differences(nodes, groups, taylor)] == [1, 3, 4, 1]


@pytest.mark.parametrize("seed", range(4))
def test_eigenvalue_radius_holds(seed: int) -> None:
    """Perturb a Jordan block by δ: its eigenvalues move by about δ^(1/3), and stay inside."""
    delta = arb(10) ** -(12 + 6 * seed)
    L = acb_mat([[1, 1, 0], [0, 1, 1], [0, 0, 1]])
    one = arb(1)
    log = Logarithm(L, (acb(1),), ((arb(3).sqrt().upper(), 1), (arb(2), 2), (one, 3)), (0,), (3,))
    moved = acb_mat(L)
    moved[2, 0] = acb(delta)
    with ctx.workprec(200):
        radius = eigenvalue_radius(log, moved)
        true = delta.root(3)
        assert true < radius
        assert radius < 30 * true


def test_false_residuals_are_refused_and_not_left_open() -> None:
    problem = FAMILIES["integer"].build(2, 1)
    solution = solve_shift(problem, make_record(problem, gaussian(3)), 30)
    W1, W2, W3 = midpoints(solution)
    bound = arb(10) ** -30
    labels = [v.label for v in check_residuals(problem, (W1, W2, W3), [bound, bound])]
    assert labels == [Label.CERTIFIED] * 2
    with ctx.workprec(300):
        wrong = (W1, W2, (W3 * acb_mat(2, 2, [1, 0, 0, acb(1, 2**-60)])).mid())
    labels = [v.label for v in check_residuals(problem, wrong, [bound, bound])]
    assert labels == [Label.FAILED] * 2
