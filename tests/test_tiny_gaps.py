"""Eigenvalues of K 1e-50 to 1e-1000 apart with logarithms on different sheets: L, large as powers
of the inverse gap, has its exponentials in bases where it is small."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import acb, acb_mat, ctx, fmpq

from deepexp_exact import solve
from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, as_quotient, gaussian
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.multiprecision.functions.balls import exponential
from deepexp_exact.problems.pieces import jordan, similar, with_K
from deepexp_exact.solution import Label
from deepexp_exact.spectrum import spectrum
from deepexp_exact.spectrum.isolation import eigenvalue_ball
from deepexp_exact.spectrum.similarity import in_basis, reducing_basis, spectral_growth


def close_K(d: int, close: int, digits: int, seed: int = 0) -> ExactMatrix:
    """``close`` eigenvalues 10^−digits apart in what would be a Jordan block, others far off."""
    rng = random.Random(f"{d}/{close}/{digits}/{seed}")
    J = jordan(
        [(rng.choice([1, -2, gaussian(0, 1)]), close), *((5 + j, 1) for j in range(d - close))]
    )
    gap = fmpq(1, 10**digits)
    steps = [gaussian(gap * j if j < close else fmpq(0)) for j in range(d)]
    return similar(J + ExactMatrix.diagonal(steps), rng)


MIXED = (1, -1, 0, 2, -1, 1, 0, 1)
SIZES = [(2, 2, 1000), (3, 3, 300), (4, 2, 400), (5, 4, 60), (8, 3, 60)]


@pytest.mark.parametrize(("d", "close", "digits"), SIZES)
@pytest.mark.parametrize("branch", ["principal", "smallest-norm", "integers"])
def test_every_rule_is_solved_and_certified(d: int, close: int, digits: int, branch: str) -> None:
    problem = with_K(close_K(d, close, digits), random.Random(d))
    rule: Any = MIXED[:d] if branch == "integers" else branch
    solution = solve(problem, digits=10, alpha=3, branch=rule)
    assert solution.label is Label.CERTIFIED
    if branch == "integers":  # each integer costs about the projectors' size
        assert solution.digits_carried > digits


@pytest.mark.parametrize(
    ("d", "close", "digits"), [(2, 2, 400), (3, 3, 60), (4, 2, 100), (5, 3, 200), (7, 2, 300)]
)
def test_the_multiprecision_path_gives_the_same_weights(d: int, close: int, digits: int) -> None:
    problem = with_K(close_K(d, close, digits), random.Random(d))
    record = make_record(problem, gaussian(3), 0, MIXED[:d])
    proved = solve(problem, digits=15, branch=record, path="ball")
    fast = solve(problem, digits=15, branch=record, path="multiprecision")
    for exact, weight in zip(proved.weights, fast.weights, strict=True):
        W = en.to_mpmath(exact)
        size = max(abs(z) for z in W)
        assert max(abs(a - b) for a, b in zip(W, weight, strict=True)) < size * 10**-14


@pytest.mark.parametrize("digits", [50, 400])
def test_eigenvalues_are_enclosed_to_any_precision(digits: int) -> None:
    K = as_quotient(close_K(4, 3, digits))
    with ctx.workprec(6000):
        balls = [eigenvalue_ball(e, K, 5000) for e in spectrum(K).eigenvalues]
        assert all(z.rel_accuracy_bits() > 4990 for z in balls)
        assert not any(a.overlaps(b) for j, a in enumerate(balls) for b in balls[:j])


@pytest.mark.parametrize("exp", [en.exp, exponential])
def test_the_exponential_of_a_huge_matrix_of_small_eigenvalues(exp: Any) -> None:
    rng = random.Random(1)
    N = similar(jordan([(0, 4)]), rng).scale(gaussian(fmpq(10**300)))
    with ctx.workprec(9000):
        A = en.from_exact(N)
        series, term = en.identity(4), en.identity(4)
        for k in range(1, 4):  # N⁴ = 0
            term = term * A * (1 / en.from_rational(gaussian(k)))
            series = series + term
        found = exp(A)
        assert found.overlaps(series)
        assert en.log2_of(en.relative_radius(found)) < -1000


def test_a_basis_is_only_looked_for_where_it_helps() -> None:
    with ctx.workprec(4000):
        assert reducing_basis(en.identity(3)) is None
        normal = en.diagonal([acb(n * 2**100) for n in (1, 3, 5)])
        assert reducing_basis(normal) is None
        A = en.from_exact(similar(jordan([(1, 3)]), random.Random(2)).scale(gaussian(2**300)))
        nilpotent: acb_mat = A - en.scalar(3, acb(2**300))
        V = reducing_basis(nilpotent)
        assert V is not None
        found = in_basis(nilpotent, V)
        assert found is not None
        assert en.log2_of(en.norm_upper(found[0])) < 20


def test_an_exponential_that_cannot_be_the_one_meant_is_not_tried() -> None:
    rng = random.Random(4)
    with ctx.workprec(9000):
        nilpotent = en.from_exact(similar(jordan([(0, 4)]), rng).scale(gaussian(2**1500)))
        assert en.all_finite(en.exp(nilpotent, 64))
        assert not spectral_growth(nilpotent) > -100
        # An error in a corner moves the eigenvalues by about its fourth root.
        corner = [acb(2) ** -900 if k == 12 else acb(0) for k in range(16)]
        coarse = nilpotent + acb_mat(4, 4, corner)
        largest = max(abs(z).upper() for z in coarse.eig())
        growth = spectral_growth(coarse)
        assert growth > 64
        assert en.log2_of(largest) - 2 < growth <= en.log2_of(largest) + 2**-20
        assert not en.all_finite(en.exp(coarse, 64))
        large = en.diagonal([acb(n * 2**100) for n in (1, -1)])  # may be meant
        assert en.all_finite(en.exp(large))
        assert not en.all_finite(en.exp(large, 64))


@pytest.mark.parametrize("d", [3, 5])
def test_few_digits_of_a_tiny_gap_are_proved(d: int) -> None:
    problem = with_K(close_K(d, d - 1, 200, seed=1), random.Random(d))
    solution = solve(problem, digits=2, alpha=2, branch=MIXED[:d], path="ball")
    assert solution.label is Label.CERTIFIED
