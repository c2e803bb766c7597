"""The ball path's way by integers and float64: every radius holds, and what it proves is true."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from flint import acb, acb_mat, arb, ctx, fmpq

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.functions.fixed import Fixed, Near, Values, cut_off, integers
from deepexp_exact.paths.ball.functions.pencils import decompose, float_pencil
from deepexp_exact.paths.ball.functions.rough import Numbers, Rough, divided_exponentials
from deepexp_exact.paths.ball.network import weights as by_balls
from deepexp_exact.paths.ball.proving.claims import bound_residuals, distances
from deepexp_exact.paths.ball.shift import solve_shift
from deepexp_exact.paths.ball.shift.fast import solve_fast
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES

SEEDS = (1, 2, 3)


def fixed(d: int, rng: random.Random, bits: int = 150, scale: int = 140) -> Fixed:
    parts = [[rng.getrandbits(bits) - 2 ** (bits - 1) for _ in range(d * d)] for _ in range(2)]
    return Fixed.of_lists((d, d), [list(map(_integer, p)) for p in parts], scale)


def _integer(x: int) -> Any:
    from flint import fmpz

    return fmpz(x)


def balls(matrix: Fixed) -> Any:
    """The exact matrix of radius 0."""
    pairs = zip(*matrix.entries, strict=True)
    entries = [acb(arb((x, -matrix.bits)), arb((y, -matrix.bits))) for x, y in pairs]
    return acb_mat(*matrix.shape, entries)


def within(exact: Any, near: Near) -> bool:
    """Whether an exact matrix, in narrow balls, is proved to be within the radius."""
    return bool(en.norm_upper(exact - balls(near.mid)) <= near.radius)


def pushed(matrix: Fixed, radius: float, rng: random.Random) -> Any:
    """A matrix at just less than this distance, in balls."""
    d = matrix.shape[0]
    step = acb_mat(d, d, [acb(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(d * d)])
    return balls(matrix) + step * (arb(radius) * 0.999 / en.norm_upper(step))


@pytest.mark.parametrize("seed", SEEDS)
def test_products_are_exact_and_rounding_is_bounded(seed: int) -> None:
    rng = random.Random(seed)
    A, B = fixed(5, rng), fixed(5, rng, 90, 30)
    with ctx.workprec(1000):
        assert balls(A @ B) == balls(A) * balls(B)
        assert balls(A + B) == balls(A) + balls(B)
        short = A.rounded(20)
        assert en.norm_upper(balls(A) - balls(short)) <= cut_off(short)
        assert A.rounded(300).norm_lower <= en.norm_upper(balls(A))
        assert en.norm_lower(balls(A)) <= A.norm
        values = Values(
            [_integer(3), _integer(-7)] * 2 + [_integer(0)], list(B.entries[0][:5]), 9, 0
        )
        exact = [acb(arb((x, -9)), arb((y, -9))) for x, y in zip(values.re, values.im, strict=True)]
        assert balls(A.columns_scaled(values)) == en.scale_columns(balls(A), exact)


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbourhoods_hold_the_products_of_all_that_is_in_them(seed: int) -> None:
    rng = random.Random(seed)
    mids, radii = [fixed(4, rng), fixed(4, rng, 200, 180)], [2.0**-60, 2.0**-70]
    near = [Near(m, arb(r)) for m, r in zip(mids, radii, strict=True)]
    with ctx.workprec(1000):
        one, two = (pushed(m, r, rng) for m, r in zip(mids, radii, strict=True))
        assert within(one * two, near[0] @ near[1])
        assert within(one * two, (near[0] @ near[1]).shortened(40))
        scalars = [acb(arb(k, 2.0**-50), arb(-k, 2.0**-50)) for k in range(1, 5)]
        values = Values.of(scalars, 60)
        moved = [acb(k + 2.0**-51, -k - 2.0**-51) for k in range(1, 5)]
        assert within(en.scale_columns(one, moved), near[0].columns_scaled(values))
        turned = en.scale_columns(one.transpose(), moved).transpose()
        assert within(turned, near[0].rows_scaled(values))


@pytest.mark.parametrize("seed", SEEDS)
def test_float64_radii_hold(seed: int) -> None:
    rng = random.Random(seed)
    mids = [fixed(6, rng, 150, 150), fixed(6, rng, 150, 148)]
    with ctx.workprec(1000):
        exact = [pushed(m, 2.0**-40, rng) for m in mids]
        rough = [Rough.of(Near(m, arb(2.0**-40))) for m in mids]

        def holds(value: Any, found: Rough) -> bool:
            flat = [acb(z) for z in found.mid.ravel().tolist()]
            return bool(en.norm_upper(value - acb_mat(6, 6, flat)) <= found.radius)

        assert holds(exact[0], rough[0])
        assert holds(exact[0] * exact[1], rough[0] @ rough[1])
        assert holds(exact[0] + exact[1], rough[0] + rough[1])
        assert holds(exact[0] - exact[1], rough[0] - rough[1])
        assert holds(exact[0] / 3, rough[0].over(3))
        numbers = [acb(arb(k).exp(), arb(k).sin()) for k in range(6)]
        assert holds(
            en.scale_columns(exact[0], numbers), rough[0].columns_scaled(Numbers.of(numbers))
        )
        assert rough[0].norm_lower <= en.norm_upper(exact[0]) <= rough[0].norm


def test_a_norm_whose_squares_underflow_is_still_bounded() -> None:
    small = Rough(np.full((4, 4), 1e-170 + 0j), 0.0)
    assert small.norm >= 4e-170
    assert (small @ small).radius > 0


def test_divided_differences_of_exp_near_and_far() -> None:
    with ctx.workprec(400):
        nodes = [acb(0), acb("1e-9"), acb(0.5, 2), acb("0.5", "2.01"), acb(-20, 1), acb(15, -40)]
        found = divided_exponentials(Numbers.of(nodes), Numbers.of([x.exp() for x in nodes]))
        for i, x in enumerate(nodes):
            for j, y in enumerate(nodes):
                exact = x.exp() if i == j else (y.exp() - x.exp()) / (y - x)
                assert abs(exact - acb(complex(found.mid[i, j]))) <= float(found.error[i, j])
                assert found.error[i, j] < 1e-4 * abs(found.mid[i, j])


@pytest.mark.parametrize("d", [2, 5, 12])
@pytest.mark.parametrize("bits", [150, 230, 1500])
def test_a_pencil_is_what_its_decomposition_says(d: int, bits: int) -> None:
    problem = FAMILIES["gaussian-complex"].build(d, 3)
    (B, C), _ = integers(problem.X1, problem.D)
    start = float_pencil(B, C)
    assert start is not None
    found = decompose(B, C, start, bits)
    assert found is not None
    with ctx.workprec(3 * bits):
        exact = en.from_exact(problem.D).solve(en.from_exact(problem.X1))
        product = found.R.columns_scaled(found.values) @ found.V @ Near(C, arb(0))
        assert within(exact, product)
        assert product.radius < en.norm_upper(exact) * arb(2) ** (60 - bits)
        assert en.norm_upper(
            en.identity(d) - balls(found.V.mid) * balls(C) * balls(found.R.mid)
        ) < (arb(2) ** (40 - bits))
        values = exact.eig()
        assert all(any(z.overlaps(v) for v in values) for z in found.values.balls())
    turned = found.permuted(list(reversed(range(d))))
    assert turned.values.re == found.values.re[::-1]


def test_vectors_that_are_none_are_not_proved() -> None:
    problem = FAMILIES["gaussian-complex"].build(5, 4)
    (B, C), _ = integers(problem.X1, problem.D)
    start = float_pencil(B, C)
    assert start is not None
    other = float_pencil(C, B)
    assert other is not None
    assert decompose(B, C, start, 200) is not None  # the control
    assert decompose(B, C, other, 200) is None


@pytest.mark.parametrize(
    ("family", "d", "seed", "digits"),
    [
        ("gaussian-complex", 6, 1, 50),
        ("gaussian-real", 5, 2, 40),
        ("gaussian-complex", 3, 3, 300),
        ("integer", 4, 1, 30),
    ],
)
def test_both_ways_agree_and_every_bound_is_true(
    family: str, d: int, seed: int, digits: int
) -> None:
    problem = FAMILIES[family].build(d, seed)
    record = make_record(problem, gaussian(0, 2))
    found = solve_fast(problem, record, digits)
    assert found is not None
    finer = by_balls.solve(problem, record, 2 * digits)
    assert all(a.overlaps(b) for a, b in zip(found.weights, finer.weights, strict=True))
    assert all(a.contains(b.mid()) for a, b in zip(found.weights, finer.weights, strict=True))
    evidence = found.evidence
    assert evidence is not None
    exact = tuple(W.mid() for W in found.weights)
    with ctx.workprec(16 * digits):
        true = bound_residuals(
            problem, (exact[0], exact[1], exact[2]), en.from_rational(record.alpha)
        )
        for mine, lower, upper in zip(evidence.residuals, true.lower, true.upper, strict=True):
            assert lower <= mine <= en.ten_to_minus(digits)
            assert mine < 10**5 * upper  # a bound, and not an idle one
        assert evidence.layer >= true.layer * 0.999
        near = [
            lower
            for _, lower in distances(
                (exact[0], exact[1], exact[2]),
                by_balls.construct(problem, record),
            )
        ]
        for claimed, lower in zip(evidence.radii, near, strict=True):
            assert lower <= claimed <= en.ten_to_minus(digits)
    assert en.relative_radius(found.K) < en.power_of_two(-digits)


def test_zeros_stay_zeros_and_real_weights_real() -> None:
    rows = [[[2, 0], [0, 5]], [[3, 0], [0, 9]], [[1, 0], [0, 2]], [[3, 0], [0, 11]]]
    problem = Problem(*(ExactMatrix.from_rows(m) for m in rows))
    found = solve_fast(problem, make_record(problem, gaussian(3)), 50)
    assert found is not None
    for W in found.weights:
        assert W.mid()[0, 1] == 0
        assert all(z.imag.mid() == 0 for z in W.entries())


def test_what_is_out_of_the_ordinary_goes_the_other_way() -> None:
    one = ExactMatrix.identity(3)
    rows = [[1, 2, 0], [0, 1, 1], [3, 0, 2]]
    repeated = Problem(ExactMatrix.from_rows(rows), one.scale(7), one, one.scale(2))
    record = make_record(repeated, gaussian(3))
    assert solve_fast(repeated, record, 20) is None
    assert solve_shift(repeated, record, 20).evidence is not None
    close = ExactMatrix.diagonal([1, 1 + fmpq(1, 10**30), 3])
    problem = Problem(ExactMatrix.from_rows(rows), one.scale(7), one, close)
    assert solve_fast(problem, make_record(problem, gaussian(3)), 20) is None


def test_float64_has_no_say_in_what_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """With LAPACK's eigenvectors spoilt the answer is the same, or there is none."""
    problem = FAMILIES["gaussian-complex"].build(4, 9)
    record = make_record(problem, gaussian(0, 2))
    good = solve_fast(problem, record, 30)
    assert good is not None
    honest = np.linalg.eig

    def spoilt(matrix: Any) -> Any:
        values, vectors = honest(matrix)
        return values * (1 + 1e-9), vectors + 1e-9

    def reversed_values(matrix: Any) -> Any:
        values, vectors = honest(matrix)
        return values[::-1].copy(), vectors

    def no_vectors(matrix: Any) -> Any:
        values, vectors = honest(matrix)
        return values, vectors[:, ::-1].copy() + 0.1

    for other in (spoilt, reversed_values, no_vectors):
        monkeypatch.setattr(np.linalg, "eig", other)
        found = solve_fast(problem, record, 30)
        assert found is None or all(
            a.overlaps(b) for a, b in zip(good.weights, found.weights, strict=True)
        )
    assert found is None
