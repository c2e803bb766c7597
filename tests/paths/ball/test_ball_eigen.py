"""Proved eigendecompositions and perturbation bounds: the reference is always inside."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from flint import acb, acb_mat, arb, ctx, fmpq

from deepexp_exact.branches import make_record
from deepexp_exact.exact import gaussian
from deepexp_exact.paths.ball.functions import eigen
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.network.construction import construct
from deepexp_exact.paths.ball.proving.claims import bound_residuals
from deepexp_exact.paths.ball.proving.perturbation import (
    divided_exponentials,
    evaluate_near,
    layers,
    perturbed_exponential,
)
from deepexp_exact.paths.ball.shift import solve_shift
from deepexp_exact.precision import MoreBits
from deepexp_exact.problems import load_problem
from deepexp_exact.problems.families import FAMILIES

FINE = 3000


def rational(draw: random.Random, bits: int = 12) -> Any:
    return acb(
        arb(draw.randint(-(2**bits), 2**bits)) / 2**bits,
        arb(draw.randint(-(2**bits), 2**bits)) / 2**bits,
    )


def known(d: int, seed: int, gap: float = 0.0) -> tuple[Any, list[Any], list[Any]]:
    """N = P·diag(λ)·P⁻¹ as a fine ball, its exact λ, and balls about its spectral projectors."""
    draw = random.Random(f"known {d} {seed} {gap}")
    values = [rational(draw) + j for j in range(d)]
    with ctx.workprec(FINE):
        if gap and d > 1:
            values[1] = values[0] + acb(gap)
        P = acb_mat(d, d, [rational(draw) for _ in range(d * d)])
        inverse = P.inv()
        columns = [acb_mat(d, 1, [P[r, j] for r in range(d)]) for j in range(d)]
        rows = [acb_mat(1, d, [inverse[j, c] for c in range(d)]) for j in range(d)]
        projectors = [a * b for a, b in zip(columns, rows, strict=True)]
        return P * en.diagonal(values) * inverse, values, projectors


def assert_encloses(found: Any, values: list[Any], projectors: list[Any]) -> None:
    """Each ball holds one known eigenvalue, and R, S hold its spectral projector: column times
    row, which does not depend on how the vectors are scaled."""
    d = len(values)
    seen = set()
    for j, ball in enumerate(found.values):
        hits = [k for k, value in enumerate(values) if ball.contains(value)]
        assert len(hits) == 1
        seen.add(hits[0])
        column = acb_mat(d, 1, [found.R[r, j] for r in range(d)])
        row = acb_mat(1, d, [found.S[j, c] for c in range(d)])
        assert (column * row).contains(projectors[hits[0]])
    assert len(seen) == d


@pytest.mark.parametrize("bits", [64, 240, 1500])
@pytest.mark.parametrize(("d", "gap"), [(1, 0), (2, 0), (3, 1e-9), (5, 0), (6, 1e-5), (9, 0)])
def test_known_decompositions_are_enclosed_narrowly(d: int, gap: float, bits: int) -> None:
    for seed in range(3):
        fine, values, projectors = known(d, seed, gap)
        with ctx.workprec(bits):
            N = fine * 1
            found = eigen.decompose(N)
            if found is None:
                assert bits == 64
                continue
            assert_encloses(found, values, projectors)
            back = found.function(list(found.values))
            assert back.overlaps(N)
            lost = 8 * d + 40 + (60 if gap else 0)
            assert en.relative_radius(back) < arb(2) ** (lost - bits)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1, 8, 16, 24, 40, 60, 100])
def test_corrupted_vectors_never_give_a_wrong_enclosure(size: int, seed: int) -> None:
    """Eigenvectors, inverse or eigenvalues wrong by 2^−size, alone or together."""
    fine, values, projectors = known(4, seed)
    draw = random.Random(f"corrupt {size} {seed}")
    with ctx.workprec(200):
        N = fine * 1
        good = eigen._refine(N.mid(), eigen.float_eigenvectors(N), 200)

        def noise(matrix: Any) -> Any:
            wrong = [z + rational(draw) / 2**size for z in matrix.entries()]
            return acb_mat(4, 4, wrong).mid()

        moved = [(v + rational(draw) / 2**size).mid() for v in good.values]
        for bad in (
            replace(good, R=noise(good.R)),
            replace(good, S=noise(good.S)),
            replace(good, values=moved),
            eigen.Eigenvectors(moved, noise(good.R), noise(good.S)),
        ):
            for found in (eigen.prove(N, bad, 200), eigen.decompose(N, bad)):
                if found is not None:
                    assert_encloses(found, values, projectors)


def test_absurd_vectors_are_no_vectors() -> None:
    fine, values, projectors = known(3, 5)
    with ctx.workprec(150):
        N = fine * 1
        good = eigen._refine(N.mid(), eigen.float_eigenvectors(N), 150)
        zero, nan = acb_mat(3, 3), acb_mat(3, 3, [acb(arb.nan())] * 9)
        swapped = [good.values[1], good.values[0], good.values[2]]
        same = [good.values[0]] * 3
        for bad in (
            replace(good, R=zero),
            replace(good, S=zero),
            replace(good, R=nan),
            replace(good, values=[acb(arb.nan())] * 3),
            replace(good, values=[good.values[0], acb(arb.nan()), good.values[2]]),
            replace(good, values=same),
        ):
            assert eigen.prove(N, bad, 150) is None
            found = eigen.decompose(N, bad)
            if found is not None:
                assert_encloses(found, values, projectors)
        found = eigen.prove(N, replace(good, values=swapped), 150)
        if found is not None:  # the diagonal of the correction puts them right
            assert_encloses(found, values, projectors)
        assert eigen.decompose(acb_mat(3, 3, [acb(arb.nan())] * 9)) is None


def test_every_member_of_a_wide_matrix_is_enclosed() -> None:
    fine, _, _ = known(4, 2)
    draw = random.Random("wide")
    with ctx.workprec(160):
        wide = en.widened(fine * 1, arb(2) ** -40)
        found = eigen.decompose(wide)
        assert found is not None
        for _ in range(10):
            step = acb_mat(4, 4, [rational(draw) / 2**40 for _ in range(16)])
            member = (fine * 1).mid() + step
            assert wide.contains(member)
            other = eigen.decompose(member)
            assert other is not None
            for ball in other.values:
                assert sum(b.contains(ball) for b in found.values) == 1
            log = [value.exp() for value in found.values]
            exact = other.function([value.exp() for value in other.values])
            assert found.function(log).contains(exact)


def test_multiple_eigenvalues_are_declined() -> None:
    with ctx.workprec(200):
        for N in (en.identity(3), acb_mat([[1, 1], [0, 1]]), acb_mat(2, 2)):
            assert eigen.decompose(N) is None


HARD = ["negative-axis", "graded", "hilbert-K", "frank-K", "al-mohy-higham-K", "rotations"]


@pytest.mark.parametrize("name", [*HARD, "clustered", "gaussian-real"])
def test_logarithms_of_hard_matrices_agree_with_a_finer_eigensolver(name: str) -> None:
    """Near the cut, graded, clustered: the same eigenvalues by FLINT's own enclosure."""
    problem = FAMILIES[name].build(FAMILIES[name].sizes[0], 5)
    record = make_record(problem, gaussian(3))
    with ctx.workprec(600):
        mine = construct(problem, record)
    if mine.log.decomposition is None:
        return
    with ctx.workprec(2500):
        K = en.solve(en.from_exact(problem.Y1), en.from_exact(problem.Y2), "K")
        reference = K.eig(algorithm="rump")
        for value, ell in zip(mine.log.decomposition.values, mine.log.values, strict=True):
            assert sum(value.contains(exact) for exact in reference) == 1
            assert ell.exp().overlaps(value)
        fine = solve_shift(problem, record, 300)
        assert all(a.contains(b.mid()) for a, b in zip(mine.weights, fine.weights, strict=True))


# ------------------------------------------------------------------------ perturbation bounds


@pytest.mark.parametrize("size", [0, 4, 20, 90])
@pytest.mark.parametrize("spread", [0.0, 1e-12, 1e-3, 3.0, 200.0])
def test_the_change_of_an_exponential_is_enclosed(spread: float, size: int) -> None:
    draw = random.Random(f"exponential {spread} {size}")
    d = 4
    for _ in range(5):
        nodes = [(rational(draw) * arb(spread)).mid() for _ in range(d)]
        with ctx.workprec(100):
            change = acb_mat(d, d, [rational(draw) / 2 ** (size + 3) for _ in range(d * d)])
            images = [x.exp() for x in nodes]
            found = perturbed_exponential(divided_exponentials(nodes, images), images, change)
        with ctx.workprec(900):
            diagonal = en.diagonal(nodes)
            exact = (diagonal + change).exp() - diagonal.exp()
            assert found.contains(exact)


def test_a_large_change_of_an_exponential_is_refused() -> None:
    nodes = [acb(0), acb(1)]
    with pytest.raises(MoreBits):
        perturbed_exponential([acb(1)] * 4, nodes, acb_mat([[2, 0], [0, 0]]))


CASES = [(name, d) for name, family in FAMILIES.items() for d in family.sizes if d <= 6]


@pytest.mark.parametrize(("name", "d"), CASES)
def test_residuals_by_perturbation_are_those_of_the_definition(name: str, d: int) -> None:
    """Rounded weights, and weights changed in their 25th digit: both ways overlap, and the cheap
    bound is not much larger."""
    problem = FAMILIES[name].build(d, 2)
    record = make_record(problem, gaussian(0, 1))
    solution = solve_shift(problem, record, 40)
    draw = random.Random(f"residuals {name}")
    bits = 900
    with ctx.workprec(bits):
        found = construct(problem, record)
        near = layers(problem, found)
        if near is None:
            return
        weights = [w.mid() for w in solution.weights]
        for size in (0, 80):
            if size:
                scale = [en.norm_upper(w) for w in weights]
                weights = [
                    acb_mat(d, d, [z + rational(draw) * s / 2**size for z in w.entries()]).mid()
                    for w, s in zip(weights, scale, strict=True)
                ]
            try:
                cheap = evaluate_near(near, tuple(weights))
            except MoreBits:
                assert size or name in ("nearly-defective", "near-singular-1e-30")
                continue
            direct = bound_residuals(problem, tuple(weights))
            for low, high, other in zip(cheap.lower, cheap.upper, direct.upper, strict=True):
                assert low <= other
                assert high >= other * (1 - arb(2) ** -30)
            assert cheap.Z.overlaps(direct.Z)


def test_a_shipped_problem_keeps_its_evidence_by_either_way() -> None:
    problem = load_problem("color-spaces")
    record = make_record(problem, gaussian(0, 1))
    solution = solve_shift(problem, record, 30)
    with ctx.workprec(600):
        weights = tuple(w.mid() for w in solution.weights)
        direct = bound_residuals(problem, weights)
        for mine, upper, lower in zip(solution.residuals, direct.upper, direct.lower, strict=True):
            assert lower <= mine
            assert mine <= arb(fmpq(1, 10**30))
            assert upper <= arb(fmpq(1, 10**30))
