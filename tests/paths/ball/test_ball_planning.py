"""Precision planned so that one pass suffices; a wrong plan or hint costs time and no truth."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from flint import acb, acb_mat, ctx

from deepexp_exact.branches import make_record
from deepexp_exact.exact import gaussian
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.functions.eigen import Eigenvectors, exact
from deepexp_exact.paths.ball.network import weights
from deepexp_exact.paths.ball.network.construction import construct
from deepexp_exact.paths.ball.network.planning import plan
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import choose_record

CASES = [(name, d) for name, family in FAMILIES.items() for d in family.sizes if d <= 8]


def test_one_pass_suffices_in_nearly_every_case() -> None:
    """At 15, 50 and 300 digits over every family, the ill-conditioned ones included."""
    repeated, total = [], 0
    for name, d in CASES:
        problem = FAMILIES[name].build(d, 0)
        record, _ = choose_record(problem)
        for digits in (15, 50, 300):
            solution = weights.solve(problem, record, digits)
            total += 1
            repeated += [(name, d, digits)] * (solution.recomputations > 0)
            assert solution.recomputations <= 2
    assert len(repeated) <= total / 20, repeated


@pytest.mark.parametrize("name", ["gaussian-complex", "gaussian-real", "integer", "defective"])
@pytest.mark.parametrize("d", [2, 4, 8])
def test_the_loss_predicted_is_that_of_the_enclosures(name: str, d: int) -> None:
    for seed in range(3):
        problem = FAMILIES[name].build(d, seed)
        record, _ = choose_record(problem)
        planned = plan(problem, record)
        bits = 600
        with ctx.workprec(bits):
            found = construct(problem, record)
            lost = bits + en.log2_of(found.relative_radius())
        assert -8 < planned.loss - lost < 24


@pytest.mark.parametrize("off", [-400.0, -60.0, 200.0])
def test_a_wrong_plan_is_made_good(off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = FAMILIES["gaussian-complex"].build(4, 1)
    record = make_record(problem, gaussian(3))
    right = weights.solve(problem, record, 60)

    def wrong(problem: Problem, record: Any) -> Any:
        planned = plan(problem, record)
        return replace(planned, loss=max(planned.loss + off, -240.0))

    monkeypatch.setattr(weights, "plan_for", wrong)
    other = weights.solve(problem, record, 60)
    assert (other.recomputations > 0) == (off < 0)
    assert other.digits_carried == pytest.approx(right.digits_carried, abs=1)
    for mine, theirs in zip(right.weights, other.weights, strict=True):
        assert mine.overlaps(theirs)


def test_hints_of_any_kind_give_the_same_weights() -> None:
    """Eigenvectors of another matrix, noise, the identity, half of them right."""
    import numpy as np

    problem = FAMILIES["gaussian-complex"].build(5, 3)
    record = make_record(problem, gaussian(3))
    right = weights.solve(problem, record, 80)
    draw = np.random.default_rng(5)
    noise = draw.standard_normal((5, 5)) + 1j * draw.standard_normal((5, 5))
    values = [acb(v) for v in draw.standard_normal(5).tolist()]
    bad = Eigenvectors(values, exact(noise), exact(np.linalg.inv(noise)))
    flat = Eigenvectors(values, en.identity(5), en.identity(5))
    good = plan(problem, record).starts
    assert good[0] is not None
    assert good[1] is not None
    chance = random.Random(2)
    nearly = acb_mat(5, 5, [z + acb(chance.uniform(-1e-4, 1e-4)) for z in good[0].R.entries()])
    for hints in (
        (bad, bad),
        (flat, good[1]),
        (good[1], good[0]),
        (replace(good[0], R=nearly), None),
        (None, None),
    ):
        other = weights.solve(problem, record, 80, hints)
        for mine, theirs in zip(right.weights, other.weights, strict=True):
            assert mine.overlaps(theirs)
            assert en.relative_radius(theirs) < en.ten_to_minus(80)
