"""Far from normal: the general method against the ball path and its enclosures, on matrices drawn
here; eigenvalues near to each other on one sheet and across the cut."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from flint import ctx

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.paths.ball.functions.logarithm import logarithm as in_balls
from deepexp_exact.paths.multiprecision.functions import logarithm as module
from deepexp_exact.paths.multiprecision.functions.arrays import (
    log2_frobenius,
    to_balls,
)
from deepexp_exact.paths.multiprecision.functions.balls import enclosure, log2_norms
from deepexp_exact.paths.multiprecision.functions.logarithm import logarithm
from deepexp_exact.problems import Problem

CEILING = 400_000
BITS = 150


def problem_of(K: ExactMatrix) -> Problem:
    one = ExactMatrix.identity(K.rows)
    return Problem(ExactMatrix.zero(K.rows, K.rows), one, one, K)


def triangular(rng: random.Random, d: int, values: list[str], size: str) -> ExactMatrix:
    """The values on the diagonal and entries of that size above it."""
    rows: list[list[Any]] = [["0"] * d for _ in range(d)]
    for r in range(d):
        rows[r][r] = values[r]
        for c in range(r + 1, d):
            rows[r][c] = f"{rng.choice('-+').strip('+')}{rng.randint(1, 9)}{size}"
    return ExactMatrix.from_rows(rows)


def values(rng: random.Random, d: int) -> list[str]:
    return [f"{rng.choice((-1, 1)) * (j + 1)}.{rng.randint(0, 9)}+{j}i" for j in range(d)]


@pytest.mark.parametrize("size", ["e0", "e4", "e30", "e100"])
@pytest.mark.parametrize("d", [2, 3, 5])
def test_the_error_bound_holds_against_the_enclosure(d: int, size: str) -> None:
    rng = random.Random(f"{d}{size}")
    problem = problem_of(triangular(rng, d, values(rng, d), size))
    record = make_record(problem, to_gaussian("2"))
    found = logarithm(record.logarithm, problem.quotient, BITS, CEILING)
    assert found.error - log2_frobenius(found.value) <= -BITS
    with ctx.workprec(6000):
        K = enclosure(problem.quotient.matrix)
        exact = in_balls(problem.quotient, record.logarithm, K).L
        apart = log2_norms(exact - to_balls(found.value))
    assert apart[0] <= found.error + 1


@pytest.mark.parametrize("gap", ["1e-15", "1e-60", "1e-200"])
@pytest.mark.parametrize("base", ["2", "-2"])
@pytest.mark.parametrize("direction", ["", "i"])
def test_near_each_other_in_what_would_be_a_jordan_block(
    gap: str, base: str, direction: str
) -> None:
    """Divided differences of the logarithm, across the cut at −2 too, where they are as large as
    the gap is small."""
    step = to_gaussian(f"{gap}{direction}" if not direction else f"0+{gap}i")
    block = ExactMatrix.from_rows([[base, "1"], ["0", base]])
    K = block + ExactMatrix.from_rows([[-step, "0"], ["0", step]])
    problem = problem_of(K)
    record = make_record(problem, to_gaussian("3")).logarithm
    found = logarithm(record, problem.quotient, BITS, CEILING)
    a, b, upper = found.value[0, 0], found.value[1, 1], found.value[0, 1]
    across = base == "-2" and direction == "i"
    size = math.pi / float(gap) if across else 1 / abs(float(base))
    assert abs(complex(upper)) == pytest.approx(size, rel=1e-12)
    assert abs(complex(a) - complex(b)) == pytest.approx(2 * math.pi if across else 0)


def test_eigenvalues_of_very_different_sizes_are_no_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest gap over the largest eigenvalue says how many bits tell them apart; where
    balancing does it with fewer, these are never asked for."""
    tried: list[int] = []
    whole = module.diagonalised

    def counted(K: Any, groups: Any, bits: int, *more: Any, **options: Any) -> Any:
        tried.append(bits)
        return whole(K, groups, bits, *more, **options)

    monkeypatch.setattr(module, "diagonalised", counted)
    change = ExactMatrix.from_rows([[1, 2, 0], [1, 3, 1], [0, 1, 2]])
    sizes = ExactMatrix.diagonal([to_gaussian(x) for x in ("1e900", "2", "3e-900")])
    for K, most, attempts in ((change @ sizes @ change.inverse(), 30_000, 5), (sizes, 400, 1)):
        tried.clear()
        problem = problem_of(K)
        record = make_record(problem, to_gaussian("3")).logarithm
        found = logarithm(record, problem.quotient, BITS, CEILING)
        assert found.error - log2_frobenius(found.value) <= -BITS
        assert max(tried) < most
        assert len(tried) <= attempts


def test_precision_is_as_it_was() -> None:
    before = ctx.prec
    problem = problem_of(ExactMatrix.from_rows([[2, "1e50"], [0, 3]]))
    logarithm(make_record(problem, to_gaussian("3")).logarithm, problem.quotient, BITS, CEILING)
    assert ctx.prec == before
