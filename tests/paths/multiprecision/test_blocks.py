"""Blocks of repeated and clustered eigenvalues on the fast method."""

from __future__ import annotations

import random

import mpmath
import numpy as np
import pytest
from mpmath import mp
from test_fast import true_residuals

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, gaussian, to_gaussian
from deepexp_exact.paths.multiprecision.functions.eigen.blockdiagonal import (
    BlockDiagonal,
    NotSimple,
    Reciprocals,
)
from deepexp_exact.paths.multiprecision.functions.eigen.grouping import Known, block_starts
from deepexp_exact.paths.multiprecision.functions.eigen.refine import refine
from deepexp_exact.paths.multiprecision.functions.eigen.series import exp_series, log_series
from deepexp_exact.paths.multiprecision.kernel import Stack
from deepexp_exact.paths.multiprecision.kernel.reading import to_mpmath
from deepexp_exact.paths.multiprecision.network.weights import solve_general
from deepexp_exact.paths.multiprecision.shift.fast import Inapplicable, solve_fast
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import (
    al_mohy_higham,
    jordan,
    similar,
    with_first_layer,
    with_K,
)
from deepexp_exact.solution import Solution


def agree(problem: Problem, digits: int, alpha: str = "i") -> Solution:
    """The fast method's weights against those of the general method with 20 digits more."""
    record = make_record(problem, to_gaussian(alpha))
    found = solve_fast(problem, record, digits)
    assert isinstance(found, Solution), found
    reference = solve_general(problem, record, digits + 20)
    with mp.workdps(found.digits_carried + 60):
        for W, exact, error in zip(found.weights, reference.weights, found.errors, strict=True):
            true = mp.mnorm(W - exact, "f") / mp.mnorm(exact, "f")
            assert true <= mp.mpf(10) ** -digits
            assert true <= 1.1 * error + mp.mpf(10) ** -(digits + 20)
    assert max(found.residuals) <= mp.mpf(10) ** -digits
    for true, estimated in zip(true_residuals(found), found.residuals, strict=True):
        assert true <= mp.mpf(10) ** -digits
        assert true <= 1.5 * estimated
    return found


VALUES = ["2", "-1", "1/3", "-3/2+i", "i", "5", "-2-1/7i", "1"]


def random_blocks(rng: random.Random) -> list[tuple[object, int]]:
    values = rng.sample(VALUES, rng.randint(1, 3))
    blocks: list[tuple[object, int]] = []
    while sum(size for _, size in blocks) < 4:
        blocks.append((rng.choice(values), rng.randint(1, 3)))
    return blocks


@pytest.mark.parametrize("seed", range(8))
def test_any_jordan_structure_of_K(seed: int) -> None:
    rng = random.Random(seed)
    K = similar(jordan(random_blocks(rng)), rng)
    agree(with_K(K, rng), rng.choice([15, 30, 60]), rng.choice(["3", "i", "-1"]))


@pytest.mark.parametrize("seed", range(4))
def test_any_jordan_structure_of_the_first_layer(seed: int) -> None:
    rng = random.Random(100 + seed)
    blocks = [(rng.choice(["0", "1", "1/2", "-1+i", "20"]), rng.randint(1, 3)) for _ in range(3)]
    blocks += [("2", 2)] * (sum(size for _, size in blocks) < 4)
    agree(with_first_layer(similar(jordan(blocks), rng), rng), rng.choice([15, 40]))


@pytest.mark.parametrize("gap", ["1e-9", "1e-12", "1e-14", "1e-20", "1e-60"])
@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (2, 2)])
def test_clusters_of_every_width(gap: str, sizes: tuple[int, int]) -> None:
    rng = random.Random(gap)
    near = gaussian(2) + to_gaussian(gap)
    rest = [("-1", 1)] * (5 - sum(sizes))
    agree(with_K(similar(jordan([("2", sizes[0]), (near, sizes[1]), *rest]), rng), rng), 30)


@pytest.mark.parametrize("d", [4, 5])
def test_matrices_too_far_from_normal_for_the_estimates_are_declined(d: int) -> None:
    """Their residuals would be thousands of times what float64 derivatives say."""
    for make in (with_K, with_first_layer):
        problem = make(al_mohy_higham(d), random.Random(7))
        found = solve_fast(problem, make_record(problem, to_gaussian("2")), 24)
        assert isinstance(found, Inapplicable)
        assert "normal" in found.reason


def test_long_precision() -> None:
    rng = random.Random(8)
    agree(with_K(similar(jordan([("2", 2), ("-1", 1), ("-1", 1)]), rng), rng), 400)


def test_a_cluster_over_the_cut_is_declined() -> None:
    rng = random.Random(9)
    pair = [(to_gaussian("-2+1e-15i"), 1), (to_gaussian("-2-1e-15i"), 1)]
    problem = with_K(similar(jordan([*pair, ("3", 1), ("1", 1)]), rng), rng)
    found = solve_fast(problem, make_record(problem, to_gaussian("3")), 20)
    assert isinstance(found, Inapplicable)
    assert "different branches" in found.reason


def test_a_cluster_with_different_unwinding_numbers_is_declined() -> None:
    rng = random.Random(10)
    near = gaussian(2) + to_gaussian("1e-15")
    problem = with_K(similar(jordan([("2", 1), (near, 1), ("3", 1), ("1", 1)]), rng), rng)
    found = solve_fast(problem, make_record(problem, to_gaussian("3"), branch=[0, 0, 1, 0]), 20)
    assert isinstance(found, Inapplicable)
    whole = make_record(problem, to_gaussian("3"), branch=[0, 1, 1, 0])
    assert isinstance(solve_fast(problem, whole, 20), Solution)


# --------------------------------------------------------------------------------- the parts


def block_matrix(seed: int, bits: int) -> tuple[BlockDiagonal, Stack]:
    """A block-diagonal matrix with nilpotent and with narrow blocks, and a full right side."""
    draw = np.random.default_rng(seed)
    rest = np.zeros((5, 5), dtype=complex)
    rest[0, 1] = rest[1, 2] = 1.5
    rest[3:, 3:] = 1e-9 * draw.standard_normal((2, 2))
    row = np.array([[1, 1, 1, -2j, -2j, 3, 0.5 + 1j]])
    blocks = (slice(0, 3), slice(3, 5))
    middle = BlockDiagonal(Stack.from_complex(row), Stack.from_complex(rest), blocks)
    top = 1 << bits
    numbers = [[int(draw.integers(-(2**60), 2**60)) * top >> 60 for _ in range(49)] for _ in "ri"]
    return middle, Stack.from_integers(numbers[0], numbers[1], (7, 7), -bits)


def whole(middle: BlockDiagonal) -> object:
    out = mpmath.diag(list(to_mpmath(middle.row)))
    assert middle.rest is not None
    rest = to_mpmath(middle.rest)
    for r in range(middle.p):
        for c in range(middle.p):
            out[r, c] += rest[r, c]
    return out


@pytest.mark.parametrize("bits", [40.0, 120.0, 700.0])
def test_sylvester_equations(bits: float) -> None:
    middle, F = block_matrix(1, 300)
    E = middle.solve(F, Reciprocals(), bits, -60)
    with mp.workprec(1500):
        B, X = whole(middle), to_mpmath(E)
        left = X * B - B * X - to_mpmath(F)
        worst = max(abs(left[r, c]) for r in range(7) for c in range(7) if not middle.same[r, c])
        assert worst <= mp.mpf(2) ** -min(bits - 12, 1100)
        assert all(X[r, c] == 0 for r in range(7) for c in range(7) if middle.same[r, c])


def test_sylvester_equations_of_blocks_too_near_are_refused() -> None:
    row = Stack.from_complex(np.array([[1, 1, 1.1]]))
    rest = Stack.from_complex(np.array([[0, 1], [1, 0]], dtype=complex))
    middle = BlockDiagonal(row, rest, (slice(0, 2),))
    with pytest.raises(NotSimple):
        middle.solve(Stack.from_complex(np.ones((3, 3))), Reciprocals(), 60.0, -10)


@pytest.mark.parametrize("size", [1e-12, 0.3, 40.0])
def test_series_are_exp_and_log(size: float) -> None:
    draw = np.random.default_rng(3)
    nilpotent = np.triu(draw.standard_normal((4, 4)), 1) * size
    N = Stack.from_complex(nilpotent.astype(complex))
    bits = 200.0
    with mp.workprec(600):
        P, Q = to_mpmath(exp_series(N, bits)), to_mpmath(log_series(N, bits))
        exact = mp.expm(to_mpmath(N)) - mp.eye(4)
        assert mp.mnorm(P - exact, "f") <= mp.mpf(2) ** -bits
        back = mp.expm(Q) - mp.eye(4) - to_mpmath(N)
        assert mp.mnorm(back, "f") <= mp.mpf(2) ** -bits * (1 + size) ** 4 * 100


def test_series_of_wide_blocks_are_refused() -> None:
    with pytest.raises(NotSimple):
        log_series(Stack.from_complex(np.diag([1.5, -1.5]).astype(complex)), 100.0)


def test_starts_are_block_diagonal_and_refine() -> None:
    rng = random.Random(11)
    J = jordan([("2", 3), ("-1", 1), ("-1", 1), ("1/2", 1), ("7", 1)])
    A = similar(J, rng)
    matrix = Stack.from_complex(np.array(A.to_numpy()))
    known = [Known(2, 3), Known(-1, 2), Known(0.5, 1), Known(7, 1)]
    for start in block_starts(matrix, known):
        B = start.S @ matrix.to_complex() @ start.R
        same = start.middle().same
        assert np.max(np.abs(np.where(same, 0.0, B))) < 1e-9
    eigen = refine(matrix, block_starts(matrix, known)[0], 400.0)
    with mp.workprec(1200):
        R, S = to_mpmath(eigen.R), to_mpmath(eigen.S)
        back = R * whole(eigen.B) * S - to_mpmath(matrix)
        assert mp.mnorm(back, "f") <= mp.mpf(2) ** -390 * 1000


def test_derogatory_matrices_of_rank_one_perturbation() -> None:
    """K = I + u·vᵀ: the eigenvalue 1 of multiplicity d − 1, without Jordan blocks."""
    rng = random.Random(12)
    d = 6
    u, v = [[rng.randint(1, 3)] for _ in range(d)], [[rng.randint(-2, 2) for _ in range(d)]]
    K = ExactMatrix.identity(d) + ExactMatrix.from_rows(u) @ ExactMatrix.from_rows(v)
    assert K.is_invertible()
    agree(with_K(K, rng), 30)
