"""The split construction in enclosures: its equations hold, its count is proved, forgeries fail."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from flint import acb_mat, arb, ctx, fmpq
from helpers import weierstrass

from deepexp_exact import solve
from deepexp_exact.constructions.split.parameters import Root
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.split.layer import enclosed_layer, root
from deepexp_exact.paths.ball.split.projector import split
from deepexp_exact.precision import MoreBits

KINDS: dict[str, list[tuple[Any, int]]] = {
    "generic": [(1, 1), (2, 1), (3, 1), (-1, 1)],
    "Jordan": [(1, 1), (2, 2), (5, 1)],
    "unipotent": [(1, 3)],
    "X2 singular": [(1, 1), (0, 1)],
    "X1 singular": [(1, 1), ("inf", 1)],
    "all singular": [(1, 1), (0, 1), ("inf", 1)],
    "all singular, nilpotent": [(1, 2), (0, 1), ("inf", 1)],
}


def solved(kind: str, digits: int = 30) -> Any:
    X1, X2 = weierstrass(KINDS[kind], seed=3)
    d = X1.rows
    rng = random.Random(d)
    Y1, Y2 = (
        ExactMatrix.from_rows(
            [[gaussian(rng.randint(-9, 9), rng.randint(-9, 9)) for _ in range(d)] for _ in range(d)]
        )
        for _ in range(2)
    )
    return solve(X1, X2, Y1, Y2, digits=digits, path="ball", construction="split")


@pytest.fixture(scope="module", params=KINDS)
def solution(request: pytest.FixtureRequest) -> Any:
    return solved(request.param)


def test_both_equations_hold_by_the_definition_of_f(solution: Any) -> None:
    problem = solution.problem
    with ctx.workprec(1200):
        W1, W2, W3 = (w.mid() for w in solution.weights)
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            value = W3 * (W2 * (W1 * en.from_exact(X)).exp()).exp()
            distance = en.norm_upper(value - en.from_exact(Y)) / en.norm_lower(en.from_exact(Y))
            assert distance < arb(10) ** -30


def test_the_first_layer_multiplies_the_exponential_by_alpha(solution: Any) -> None:
    problem, record = solution.problem, solution.record
    with ctx.workprec(600):
        alpha = en.from_rational(record.alpha)
        c = alpha.log()
        layer = enclosed_layer(problem.X1, problem.X2, record.first_layer.parameters, alpha, c)
        second = (layer.W1 * en.from_exact(problem.X2)).exp()
        assert (second - layer.A * alpha).contains(acb_mat(problem.d, problem.d))
        assert (layer.A * layer.inverse_A).contains(en.identity(problem.d))
        assert layer.W1.overlaps(solution.enclosures[0])


def test_a_circle_around_another_number_of_eigenvalues_is_refused() -> None:
    with ctx.workprec(200):
        values = [fmpq(1, 8), fmpq(-1, 5), fmpq(2), fmpq(3)]
        F = en.from_exact(
            ExactMatrix.from_rows(
                [[values[r] if r == c else int(c == r + 1) for c in range(4)] for r in range(4)]
            )
        )
        good = split(F, 2, fmpq(1))
        assert (good.left * good.right).contains(en.identity(2))
        projector = good.right * good.left
        assert (projector * projector - projector).contains(acb_mat(4, 4))
        assert (projector * F - F * projector).contains(acb_mat(4, 4))
        for q, rho in ((1, fmpq(1)), (3, fmpq(1)), (2, fmpq(1, 6)), (2, fmpq(5, 2)), (2, fmpq(2))):
            with pytest.raises((MoreBits, PrecisionCeilingError)):
                split(F, q, rho)


def test_a_square_without_one_root_is_refused() -> None:
    integers, c = (0, 1), en.from_rational(gaussian(3)).log()
    parameters = solved("generic").record.first_layer.parameters
    with ctx.workprec(200):
        for square in (
            Root(gaussian(1000), fmpq(1, 10)),
            Root(gaussian(0), fmpq(1000)),
            None,
        ):
            with pytest.raises((MoreBits, PrecisionCeilingError)):
                root(square, integers, c, c)
    assert parameters.root is not None


@pytest.mark.parametrize("field", ["rho", "integers", "basis", "root", "exchanged"])
def test_changed_parameters_are_another_layer_or_none(field: str) -> None:
    solution = solved("generic")
    problem, record = solution.problem, solution.record
    good = record.first_layer.parameters
    assert 0 < good.q < problem.d
    changes = {
        "rho": good.rho * 1000,
        "integers": (*good.integers[:-1], good.integers[-1] + 50),
        "basis": good.basis.scale(gaussian(1)) + ExactMatrix.from_rows(
            [[fmpq(1, 3) if (r, c) == (0, good.q - 1) else 0 for c in range(good.q)]
             for r in range(problem.d)]
        ),
        "root": Root(good.root.centre + gaussian(1), good.root.radius),
        "exchanged": True,
    }  # fmt: skip
    changed = replace(good, **{field: changes[field]})
    assert good.differences(changed) or field == "rho"
    with ctx.workprec(500):
        alpha = en.from_rational(record.alpha)
        try:
            layer = enclosed_layer(problem.X1, problem.X2, changed, alpha, alpha.log())
        except (MoreBits, PrecisionCeilingError):
            return
        assert not layer.W1.overlaps(solution.enclosures[0])
