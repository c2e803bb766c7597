"""What is told of the weights handed out is measured on them: recomputed here by python-flint."""

from __future__ import annotations

import math
import random
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flint import acb, acb_mat, arb, ctx, fmpz

from deepexp_exact.branches import make_record
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian, rational, to_gaussian
from deepexp_exact.paths.multiprecision.kernel import reading
from deepexp_exact.paths.multiprecision.network import residuals as network
from deepexp_exact.paths.multiprecision.shift import fast
from deepexp_exact.precision import MoreBits, raise_until
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Solution
from deepexp_exact.solving import solve

CASES = Path(__file__).resolve().parents[2] / "cases"


def balls(matrix: Any) -> acb_mat:
    """An mpmath matrix, exactly."""

    def part(x: Any) -> arb:
        sign = -1 if x < 0 else 1
        return arb((fmpz(sign * abs(int(x.man))), fmpz(int(x.exp))))

    return acb_mat([[acb(part(z.real), part(z.imag)) for z in row] for row in matrix.tolist()])


def exact(matrix: ExactMatrix) -> acb_mat:
    return acb_mat([[acb(arb(z.re), arb(z.im)) for z in row] for row in matrix.to_rows()])


def norm(matrix: acb_mat) -> arb:
    return sum((abs(z) ** 2 for z in matrix.entries()), arb(0)).sqrt()


def recomputed(solution: Solution) -> list[arb]:
    """‖f(Xi) − Yi‖/‖Yi‖ of the weights returned, with eight times the digits they carry."""
    p = solution.problem
    W1, W2, W3 = (balls(w) for w in solution.weights)
    with ctx.workprec(30 * solution.digits_carried + 600):
        return [
            norm(W3 * (W2 * (W1 * exact(X)).exp()).exp() - exact(Y)) / norm(exact(Y))
            for X, Y in ((p.X1, p.Y1), (p.X2, p.Y2))
        ]


def assert_kept(solution: Solution) -> None:
    """The promise holds, and every residual told is that of the weights, never less; where they
    carry few digits a bound of what is beyond the first order is part of it."""
    slack = 2 if solution.digits_carried > 10 else 16
    for true, told in zip(recomputed(solution), solution.residuals, strict=True):
        assert true < arb(10) ** -solution.digits
        limit = arb(tuple(int(v) for v in told.man_exp))
        assert true <= limit
        assert limit < true * slack


def diagonal(*entries: Any) -> ExactMatrix:
    d = len(entries)
    return ExactMatrix.from_rows(
        [[entries[r] if r == c else 0 for c in range(d)] for r in range(d)]
    )


def huge_eigenvalue(size: int, real: str, y: tuple[str, str]) -> Problem:
    """D⁻¹·X1 has an eigenvalue so large that f is far from linear in the last digits of W1."""
    mu = to_gaussian(real) + gaussian(0, size)
    return Problem(
        diagonal(1, mu), diagonal(2, mu + gaussian(1)), diagonal(1, y[0]), diagonal(2, y[1])
    )


def unrelated(d: int, seed: int, scale: int, power: int, of_x: bool) -> Problem:
    """Entries with a denominator each, X or Y scaled by 10^power for one of the two equations."""
    draw = random.Random(f"unrelated/{seed}")

    def entry() -> Any:
        return gaussian(
            rational(draw.randint(-(10**7), 10**7), draw.randint(1, scale)),
            rational(draw.randint(-(10**7), 10**7), draw.randint(1, scale)),
        )

    X1, X2, Y1, Y2 = (
        ExactMatrix.from_rows([[entry() for _ in range(d)] for _ in range(d)]) for _ in range(4)
    )
    factor = gaussian(rational(10 ** max(power, 0), 10 ** max(-power, 0)))
    if of_x:
        return Problem(X1, X2.scale(factor), Y1, Y2)
    return Problem(X1, X2, Y1, Y2.scale(factor))


@pytest.mark.parametrize(("d", "power"), [(1, -5000), (1, 3000), (2, -2000), (3, 4000)])
@pytest.mark.parametrize("of_x", [False, True])
def test_large_exponents_are_no_room_for_less(d: int, power: int, of_x: bool) -> None:
    for seed in range(3):
        problem = unrelated(d, seed, 1, power, of_x)
        assert_kept(solve(problem, digits=3 + seed, path="multiprecision"))


@pytest.mark.parametrize(
    ("name", "digits", "options"),
    [
        ("residual-second-order", 2, {}),
        ("residual-second-order-10", 10, {}),
        ("rounded-data-scale", 50, {}),
        ("rounded-data-random", 50, {"alpha": "positive", "branch": "smallest-norm"}),
    ],
)
def test_cases_that_were_told_wrong(name: str, digits: int, options: dict[str, str]) -> None:
    problem = load_problem(str(CASES / f"{name}.json"))
    assert_kept(solve(problem, digits=digits, path="multiprecision", **options))


@pytest.mark.parametrize("size", [10**3, 10**7, 10**12])
@pytest.mark.parametrize("digits", [1, 3, 12])
def test_weights_of_few_digits_where_f_is_far_from_linear(size: int, digits: int) -> None:
    for real in ("0", str(-size // 3)):
        problem = huge_eigenvalue(size, real, ("1/1000", "7/10000"))
        try:
            found = solve(problem, digits=digits, path="multiprecision", alpha="-1/2")
        except PrecisionCeilingError:
            continue
        assert_kept(found)


@pytest.mark.parametrize("power", [-150, -40, 60, 120, 300])
@pytest.mark.parametrize("of_x", [False, True])
def test_exact_data_with_unrelated_denominators(power: int, of_x: bool) -> None:
    problem = unrelated(3, power, 10**7, power, of_x)
    assert_kept(solve(problem, digits=30, path="multiprecision"))


def test_a_denominator_for_every_entry_of_a_larger_matrix() -> None:
    assert_kept(solve(unrelated(6, 1, 10**40, 30, False), digits=20, path="multiprecision"))


@pytest.mark.parametrize("name", ["gaussian-complex", "gaussian-real", "integer"])
@pytest.mark.parametrize("d", [2, 5, 9])
@pytest.mark.parametrize("digits", [1, 7, 60])
def test_residuals_told_are_those_of_the_weights(name: str, d: int, digits: int) -> None:
    assert_kept(solve(FAMILIES[name].build(d, digits), digits=digits, path="multiprecision"))


def test_both_ways_of_measuring_agree() -> None:
    """By eigenvectors and by balls: the former is never below, and hardly above, the latter."""
    for d, seed in ((6, 0), (10, 1), (17, 2)):
        problem = FAMILIES["gaussian-complex"].build(d, seed)
        record = make_record(problem, to_gaussian("3"))
        found = fast.solve_fast(problem, record, 40)
        assert isinstance(found, Solution)
        target = -40 * math.log2(10)
        both = network.residuals(problem, found.weights, target, 400, 4000)
        for told, ball in zip(found.residuals, both, strict=True):
            assert 2.0**-1e-6 <= float(told / 2.0**ball.lower) < 2.0


def test_tampered_weights_are_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault on the way from the computation to the caller's matrices is seen, not told away."""
    problem = FAMILIES["gaussian-complex"].build(6, 3)
    honest = reading.integers_to_mp_matrix

    def faulty(*integers: Any) -> Any:
        out = honest(*integers)
        out[1, 2] *= 1 + 1e-12
        return out

    monkeypatch.setattr(reading, "integers_to_mp_matrix", faulty)
    record = make_record(problem, to_gaussian("3"))
    assert isinstance(fast.solve_fast(problem, record, 40), fast.Inapplicable)
    monkeypatch.undo()
    assert isinstance(fast.solve_fast(problem, record, 40), Solution)


@pytest.mark.parametrize(
    ("name", "d"), [("gaussian-complex", 3), ("gaussian-complex", 14), ("defective", 3)]
)
def test_the_cost_of_measuring_is_told(name: str, d: int) -> None:
    started = time.process_time()
    solution = solve(FAMILIES[name].build(d, 1), digits=30, path="multiprecision")
    assert 0 < solution.measuring_seconds < time.process_time() - started


def test_one_loop_raises_the_precision() -> None:
    asked: list[int] = []

    def attempt(bits: int) -> str:
        asked.append(bits)
        if bits < 1000:
            raise MoreBits("too few", 10**9)
        return "enough"

    assert raise_until(attempt, 100, 2000, "this needs") == "enough"
    assert asked == sorted(asked)
    assert all(b <= 2 * a + 16 for a, b in pairwise(asked))
    with pytest.raises(PrecisionCeilingError, match="this needs more than 500 bits: too few"):
        raise_until(attempt, 100, 500, "this needs")
