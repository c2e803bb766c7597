"""Far from normal, huge, tiny, nearly equal: every input of these kinds is answered, on both paths.

The weights of the multiprecision path lie inside the enclosures that the ball path proves; sampled
perturbations move them by what the condition numbers say.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from flint import ctx, fmpq
from mpmath import log

from deepexp_exact import load_problem, make_record, solve
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, GaussianRational, gaussian, parse_number
from deepexp_exact.exact.binary import exact_balls
from deepexp_exact.paths.multiprecision.functions.arrays import (
    from_exact,
    log2_frobenius,
    precision,
)
from deepexp_exact.paths.multiprecision.network.conditions import estimated
from deepexp_exact.paths.multiprecision.network.second_layer import construct
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.problems.pieces import jordan, similar, with_K
from deepexp_exact.solution import Label
from deepexp_exact.solving import choose_record

CASES = Path(__file__).parent / "cases"
ANSWERED = [
    "eigenvalues-1e1500",
    "eigenvalues-1e5000",
    "entries-1e19",
    "gap-1e-400",
    "inputs-1e200",
    "jordan-corner-d2-1e-200",
    "jordan-corner-d4-1e-20",
    "near-cut-1e-300",
    "nonnormal-d5-3e4",
    "nonnormal-d6-3e4",
    "offdiagonal-1e155",
]

#: Y2 for Y1 = I and, where it matters, X1 (X2 = X1 + I): more inputs of each kind.
OWN: dict[str, tuple[list[list[str]], list[list[str]] | None]] = {
    "corner-d3-1e-300": ([["2", "1", "0"], ["0", "2", "1"], ["1e-300", "0", "2"]], None),
    "corner-d2-conjugated": ([["-1 -1e-90", "1"], ["-1e-90", "-1 1e-90"]], None),
    "corner-on-i": ([["i", "1", "0"], ["0", "i", "1"], ["-1e-50", "0", "i"]], None),
    "offdiagonal-1e100": ([["1", "1e100", "1e100"], ["0", "1/3", "1e100"], ["0", "0", "2"]], None),
    "offdiagonal-dense": ([["1e30 1", "-1e30"], ["1e30", "2 -1e30"]], None),
    "gap-1e-1000": ([["1+1e-1000i", "1"], ["0", "1-1e-1000i"]], None),
    "gap-of-three": ([["1", "1", "0"], ["0", "1 1e-400", "1"], ["0", "0", "2"]], None),
    "near-cut-1e-400": ([["-2+1e-400i", "1"], ["0", "-1"]], None),
    "near-cut-below": ([["-2-1e-300i", "1/7"], ["0", "3"]], None),
    "entries-1e300": ([["1e300", "2e300i"], ["-1", "1e-300"]], None),
    "eigenvalues-1e3000": ([["1e3000", "1"], ["0", "1e-3000i"]], None),
    "inputs-1e-200": ([["2", "1"], ["0", "3"]], [["1e-200", "2e-200"], ["0", "i"]]),
    "inputs-1e300": ([["2", "1"], ["1", "3"]], [["1", "1e300"], ["0", "1/2"]]),
    "jordan-inside": ([["2", "1"], ["0", "2"]], [["1/2", "1e90"], ["1e-90", "1/2"]]),
}


def matrix(rows: list[list[str]]) -> ExactMatrix:
    """Entries are sums of numbers."""
    zero = GaussianRational(fmpq(0), fmpq(0))
    return ExactMatrix.from_rows(
        [[sum(map(parse_number, text.split()), zero) for text in row] for row in rows]
    )


def own(name: str) -> Problem:
    Y2, X1 = OWN[name]
    d = len(Y2)
    rows = X1 or [[f"{1 + (3 * i + 5 * j) % 7}/{2 + j}" for j in range(d)] for i in range(d)]
    first = matrix(rows)
    identity = ExactMatrix.identity(d)
    return Problem(first, first + identity, identity, matrix(Y2), name)


def problem(name: str) -> Problem:
    return own(name) if name in OWN else load_problem(CASES / f"{name}.json")


@pytest.mark.parametrize("alpha", ["i", "-3/2", "1/5+2i"])
@pytest.mark.parametrize("name", ["offdiagonal-dense", "offdiagonal-1e155", "nonnormal-d5-3e4"])
def test_conditions_are_known_for_every_alpha(name: str, alpha: str) -> None:
    """Z far from normal, and not to be rounded before its exponential is taken."""
    found = solve(problem(name), path="multiprecision", digits=20, alpha=alpha)
    assert all(value is not None and value > 0 for value in found.conditions.values())


@pytest.mark.parametrize("name", [*ANSWERED, *OWN])
def test_both_paths_answer_and_agree(name: str) -> None:
    given = problem(name)
    fast = solve(given, path="multiprecision", digits=30)
    proved = solve(given, path="ball", digits=30, branch=fast.record)
    assert max(*fast.residuals, *proved.residuals) <= 1e-30
    with ctx.workprec(100_000):
        for mine, ball in zip(fast.weights, proved.weights, strict=True):
            gap, size = exact_balls(mine) - ball.mid(), ball.mid()
            assert _square(gap) <= _square(size) * fmpq(1, 10**58)
    for value in fast.conditions.values():
        assert value is not None
        assert value == value
        assert value > 0


def _square(matrix: Any) -> Any:
    return sum((z.real * z.real + z.imag * z.imag for z in matrix.entries()), 0 * matrix[0, 0].real)


@pytest.mark.parametrize("path", ["multiprecision", "ball"])
def test_exponentials_beyond_every_exponent_are_refused_with_a_remedy(path: str) -> None:
    with pytest.raises(PrecisionCeilingError) as caught:
        solve(problem("norm-overflow"), path=path, digits=15, construction="shift")
    assert "α" in caught.value.remedy


# ------------------------------------------------------------------------------ condition numbers


def moved(given: Problem, step: int, seed: int) -> Problem:
    """Each matrix moved by 2^−step relative to its norm."""
    draw = random.Random(seed)
    parts = []
    for name in ("X1", "X2", "Y1", "Y2"):
        exact: ExactMatrix = getattr(given, name)

        def entry() -> GaussianRational:
            return GaussianRational(fmpq(draw.randint(-999, 999)), fmpq(draw.randint(-999, 999)))

        noise = ExactMatrix.from_rows([[entry() for _ in range(given.d)] for _ in range(given.d)])
        with precision(64):
            sizes = [log2_frobenius(from_exact(m)) for m in (exact, noise)]
        exponent = round(sizes[0] - sizes[1] - step)
        factor = fmpq(1 << exponent) if exponent >= 0 else fmpq(1, 1 << -exponent)
        parts.append(exact + noise.scale(GaussianRational(factor, fmpq(0))))
    X1, X2, Y1, Y2 = parts
    return Problem(X1, X2, Y1, Y2)


@pytest.mark.parametrize(
    "name",
    ["nearly-defective", "rotations", "hilbert-K", "inputs-1e-200"],
)
def test_condition_numbers_are_what_sampled_perturbations_show(name: str) -> None:
    """Within a factor of 10 below and of 10·d above the largest amplification that was sampled."""
    given = FAMILIES[name].build(3, 5) if name in FAMILIES else problem(name)
    record, _ = choose_record(given)
    table = estimated(given, record, 1 << 20)
    largest = max(float(log(table[k], 2)) for k in ("W1", "W2", "W3"))
    step = round(2 * largest) + 140
    exact = construct(given, record, 2 * step + 200, 1 << 22).weights
    worst = dict.fromkeys(("W1", "W2", "W3"), -math.inf)
    for seed in range(2):
        other = moved(given, step, seed)
        near = make_record(other, record.alpha, record.turn)
        weights = construct(other, near, 2 * step + 200, 1 << 22).weights
        for key, a, b in zip(worst, exact, weights, strict=True):
            with precision(2 * step + 200):
                # four matrices, each moved by 2^-step: by 2·2^-step together
                size = log2_frobenius(b - a) - log2_frobenius(a) + step - 1
            worst[key] = max(worst[key], size)
    for key, size in worst.items():
        assert -math.log2(10) <= float(log(table[key], 2)) - size <= math.log2(10 * given.d), key


@pytest.mark.parametrize("alpha", ["auto", "positive"])
@pytest.mark.parametrize(("d", "size"), [(3, "1e700"), (4, "1e400")])
def test_jordan_blocks_of_very_different_sizes_need_no_prediction(
    d: int, size: str, alpha: str
) -> None:
    """Two blocks, of eigenvalue 1e±n, under a dense similarity: whatever is predicted, or not."""
    large = parse_number(size)
    blocks = [(gaussian(1) / large, d - 2), (large, 2)]
    given = with_K(similar(jordan(blocks), random.Random(d)), random.Random(1), real=False)
    found = solve(given, digits=20, alpha=alpha)
    assert found.label is Label.CERTIFIED


def test_weights_beyond_what_a_certificate_holds_are_measured_instead() -> None:
    found = solve(own("inputs-1e-200"), digits=24_050)
    assert found.label is Label.AGREES
    assert any("more than 79700 bits" in finding for finding in found.findings)


@pytest.mark.parametrize("signs", [(1, -1, 0), (-1, 1, 1), (1, 0, -1)])
def test_eigenvalues_of_10_to_5000_have_a_branch_of_least_norm(signs: tuple[int, ...]) -> None:
    rows = [["0"] * 3 for _ in range(3)]
    for r, sign in enumerate(signs):
        rows[r][r] = f"{r + 1}e{sign * 5000}"
        if r < 2:
            rows[r][r + 1] = "1"
    identity = ExactMatrix.identity(3)
    given = Problem(identity, identity + identity, identity, matrix(rows))
    found = solve(given, digits=5, branch="smallest-norm")
    assert found.label is Label.CERTIFIED
