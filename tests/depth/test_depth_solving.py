"""Layers through points: derivatives, Newton and Krawczyk, the search, what is never claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import acb_mat, arb, ctx

from deepexp_exact import Problem, load_problem
from deepexp_exact.depth import certifying, tracking
from deepexp_exact.depth.certifying import Equations
from deepexp_exact.depth.comparison import compare_depths
from deepexp_exact.depth.obstruction import two_layers_obstacle
from deepexp_exact.depth.solving import through_points
from deepexp_exact.errors import NotApplicableError, ShapeError, UsageError
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.precision import MoreBits
from deepexp_exact.problems.families import Case
from deepexp_exact.solution import Label


def gaussian(d: int, seed: int, kind: str = "complex") -> Problem:
    return Case.parse(f"gaussian-{kind},d={d},seed={seed}").build()


def points(problem: Problem) -> Equations:
    return Equations.of((problem.X1, problem.X2), (problem.Y1, problem.Y2))


def random_weights(k: int, d: int, seed: int) -> Any:
    parts = np.random.default_rng(seed).standard_normal((2, k, d, d)) / 2
    return parts[0] + 1j * parts[1]


@pytest.mark.parametrize("M", ["random", "nilpotent", "zero"])
def test_derivative_of_exp(M):
    """Against central differences, by eigenvectors and, where there are none, by blocks."""
    from scipy.linalg import expm

    at = {"random": random_weights(1, 3, 1)[0], "zero": np.zeros((3, 3))}.get(M, np.eye(3, k=1))
    H, h = random_weights(1, 3, 2)[0], 1e-5
    found = np.einsum("rsab,ab->rs", tracking.exp_derivative(at.astype(complex)), H)
    assert np.allclose(found, (expm(at + h * H) - expm(at - h * H)) / (2 * h), rtol=1e-7)


@pytest.mark.parametrize(("k", "d"), [(1, 3), (2, 2), (3, 1)])
def test_jacobians(k, d):
    """float64's against differences of what the weights meet; the balls' against differences of
    enclosures in 200 bits."""
    inputs = [gaussian(d, j).X1 for j in range(k + 1)]
    X = [x.to_numpy().astype(complex) for x in inputs]
    weights, H, h = random_weights(k, d, 3), random_weights(k, d, 4), 1e-5
    at = tracking.point(weights, X)
    ends = [tracking.point(weights + s * h * H, X).met for s in (1, -1)]
    slope = (at.jacobian @ H.ravel()).reshape(at.met.shape)
    assert np.allclose(slope, (ends[0] - ends[1]) / (2 * h), rtol=1e-6, atol=1e-7)
    exact = Equations.of(inputs, [gaussian(d, j).Y1 for j in range(k + 1)])
    with ctx.workprec(300):
        W = tuple(acb_mat(w.tolist()) for w in weights)
        step = arb(2) ** -80
        shifted = tuple(w + acb_mat(e.tolist()) * step for w, e in zip(W, H, strict=True))
        column = acb_mat([[complex(z)] for z in H.ravel()])
        found = certifying.jacobian(W, exact) * column
        near = (certifying._values(shifted, exact) - certifying._values(W, exact)) * (1 / step)
        assert all(abs(z) < 1e-15 for z in (found - near).mid().entries())


def test_certificate_of_an_exact_zero_holds_the_zero():
    """A zero refined to 600 bits lies within the polydisc certified for weights of 100 bits."""
    problem = gaussian(2, 0)
    found = through_points((problem.X1, problem.X2), (problem.Y1, problem.Y2), 20)
    exact = points(problem)
    with ctx.workprec(700):
        better = certifying.refined(found.weights[:1], exact, 600)
        zero = certifying.enclosed_zero(found.weights[:1], exact)
        assert zero.enclosures()[0].contains(better[0])
        assert all(r < 1e-20 for r in zero.reach)
        assert max(float(r) for r in zero.reach) > 0


def test_no_zero_no_certificate():
    """Krawczyk's test refuses weights that are far from every solution, and two-layers-fail."""
    weights = tuple(acb_mat(w.tolist()) for w in random_weights(1, 2, 5))
    for problem in (gaussian(2, 1), load_problem("two-layers-fail")):
        with ctx.workprec(200), pytest.raises(MoreBits):
            certifying.enclosed_zero(weights, points(problem))


@pytest.mark.parametrize("name", ["color-spaces", "iris-covariances", "quantum-gates"])
def test_shipped_problems_have_two_layers(name):
    report = compare_depths(name, digits=30)
    one, two, three = report.rows
    assert (one.label, one.solvable) == (Label.PROVED, False)
    for row in (two, three):
        assert (row.label, row.solvable) == (Label.CERTIFIED, True)
        assert row.log10_residual < -30
        assert row.condition > 1
        assert -1 < row.lost < 10
    assert report.status == 0
    assert report.found is not None
    assert max(report.found.radii) < 1e-30


def test_gaussian_problems_have_two_layers():
    for d, kind in ((1, "real"), (2, "complex"), (3, "real")):
        for seed in range(3):
            problem = gaussian(d, 50 + seed, kind)
            found = through_points((problem.X1, problem.X2), (problem.Y1, problem.Y2), 60)
            assert found is not None, problem.name
            assert max(*found.residuals, *found.radii) < 1e-60


def test_three_equations_by_three_layers():
    first, second = gaussian(2, 7), gaussian(2, 8)
    X, Y = (first.X1, first.X2, second.X1), (first.Y1, first.Y2, second.Y1)
    found = through_points(X, Y, 40, seed=1)
    assert found is not None
    assert len(found.weights) == 3
    assert len(found.residuals) == 3
    assert max(*found.residuals, *found.radii) < 1e-40


def test_the_same_seed_gives_the_same_weights():
    problem = gaussian(2, 3)
    made = [
        through_points((problem.X1, problem.X2), (problem.Y1, problem.Y2), 25, seed=9)
        for _ in range(2)
    ]
    assert made[0].weights[0].tolist() == made[1].weights[0].tolist()


def test_equal_outputs_are_met_by_zero():
    problem = gaussian(2, 4)
    found = through_points((problem.X1, problem.X2), (problem.Y1, problem.Y1), 30)
    assert found.weights[0] == acb_mat(2, 2)
    assert found.radii[0] == 0


def test_none_found_claims_nothing(monkeypatch):
    """No start reaches the data: not known, whatever is true, and the exit status stays 0."""

    def lost(*_: Any) -> Any:
        raise tracking.Lost

    monkeypatch.setattr("deepexp_exact.depth.solving.track", lost)
    report = compare_depths(gaussian(2, 0), digits=15, starts=3)
    assert (report.rows[1].label, report.rows[1].solvable) == (Label.UNDECIDED, None)
    assert "claims nothing" in report.rows[1].words
    assert report.status == 0


# ------------------------------------------------------------------------------ what is impossible


def in_another_basis(problem: Problem, seed: int) -> Problem:
    other = gaussian(problem.d, seed)
    Q, P = other.X1, other.X2
    K = P.inverse() @ problem.K @ P
    return Problem(Q @ problem.X1 @ P, Q @ problem.X2 @ P, other.Y1, other.Y1 @ K)


def test_two_layers_fail_is_proved_in_every_basis():
    problem = load_problem("two-layers-fail")
    for seed in range(3):
        for one in (problem, in_another_basis(problem, seed)):
            row, three = compare_depths(one, digits=15).rows[1:]
            assert (row.label, row.solvable) == (Label.PROVED, False)
            assert "N3" in row.words
            assert (three.label, three.solvable) == (Label.CERTIFIED, True)


def test_regular_block_is_no_obstacle():
    """The control: X1 = diag(1, 0), X2 = I − X1 and K with a regular leading block."""
    fail = load_problem("two-layers-fail")
    K = ExactMatrix.from_rows([[2, 1], [1, 3]])
    solvable = Problem(fail.X1, fail.X2, fail.Y1, K)
    for problem in (solvable, in_another_basis(solvable, 1), gaussian(3, 0)):
        assert two_layers_obstacle(problem) == ("", "")


@pytest.mark.parametrize(
    ("problem", "statement"),
    [
        (Problem([[1]], [[1]], [[1]], [[2]]), "N2"),
        (Problem([[1]], [[2]], [[0]], [[2]]), "N1"),
    ],
)
def test_other_obstacles(problem, statement):
    two, three = compare_depths(problem, digits=15).rows[1:]
    assert (two.label, two.solvable) == (Label.PROVED, False)
    assert statement in two.words
    assert three.solvable is False


def test_singular_outputs_are_not_applicable():
    X = gaussian(2, 0)
    Y = ExactMatrix.from_rows([[1, 2], [2, 4]])
    row = compare_depths(Problem(X.X1, X.X2, Y, Y.scale(3)), digits=15).rows[1]
    assert (row.label, row.solvable) == (Label.NOT_APPLICABLE, None)
    with pytest.raises(NotApplicableError):
        through_points((X.X1, X.X2), (Y, Y))


def test_a_large_problem_is_not_searched():
    row = compare_depths(gaussian(13, 0), digits=15).rows[1]
    assert (row.label, row.solvable) == (Label.NOT_APPLICABLE, None)
    assert "144" in row.words


@pytest.mark.parametrize("scale", ["1e-400", "1e300", "1e400"])
def test_data_beyond_float64_end_in_a_label(scale):
    """The starts are float64: none is found there, and nothing is claimed."""
    problem = gaussian(2, 0)
    X1, X2 = (x.scale(to_gaussian(scale)) for x in (problem.X1, problem.X2))
    for one in (
        Problem(X1, X2, problem.Y1, problem.Y2),
        Problem(problem.X1, problem.X2, problem.Y1, problem.Y2.scale(to_gaussian(scale))),
    ):
        row = compare_depths(one, digits=15, starts=2).rows[1]
        assert (row.label, row.solvable) in (
            (Label.UNDECIDED, None),
            (Label.CERTIFIED, True),
        )


def test_bad_arguments():
    X = gaussian(2, 0)
    with pytest.raises(ShapeError):
        through_points((X.X1,), (X.Y1,))
    with pytest.raises(ShapeError):
        through_points((X.X1, gaussian(3, 0).X1), (X.Y1, X.Y2))
    for wrong in ({"digits": 0}, {"starts": 0}, {"seed": -1}, {"digits": 2.5}):
        with pytest.raises(UsageError):
            compare_depths(X, **wrong)


# ------------------------------------------------------------------------------ figures


@pytest.mark.parametrize("d", [1, 2, 3])
def test_condition_of_two_layers_against_perturbations(d):
    """No sampled relative change of a weight exceeds the condition, and one comes within 10×."""
    problem = gaussian(d, 12)
    found = through_points((problem.X1, problem.X2), (problem.Y1, problem.Y2), 20)
    weights = [np.array([[complex(z) for z in r] for r in w.tolist()]) for w in found.weights]
    condition = tracking.map_condition(*weights, problem)
    rng, size, ratios = np.random.default_rng(d), 1e-7, []
    for _ in range(20):
        data = [m.to_numpy().astype(complex) for m in (problem.X1, problem.X2)]
        data += [m.to_numpy().astype(complex) for m in (problem.Y1, problem.Y2)]
        noise = rng.standard_normal((4, d, d)) + 1j * rng.standard_normal((4, d, d))
        noise *= size / np.linalg.norm(noise)
        moved = [m + np.linalg.norm(m) * n for m, n in zip(data, noise, strict=True)]
        target = np.linalg.solve(moved[2], moved[3])[None]
        W1 = weights[0][None]
        for _ in range(3):
            at = tracking.point(W1, moved[:2])
            W1 = W1 + np.linalg.solve(at.jacobian, (target - at.met).ravel()).reshape(W1.shape)
        from scipy.linalg import expm

        W2 = moved[2] @ expm(-W1[0] @ moved[0])
        ratios += [
            np.linalg.norm(new - old) / np.linalg.norm(old) / size
            for new, old in zip((W1[0], W2), weights, strict=True)
        ]
    assert max(ratios) < 1.01 * condition
    assert max(ratios) > condition / 10
