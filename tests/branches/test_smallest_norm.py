"""The primary logarithm of smallest norm against brute force in mpmath."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import fmpq
from helpers import mp_matrix, problem_with
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact.branches import make_record, smallest_norm
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, GaussianRational, gaussian, to_gaussian
from deepexp_exact.problems.families import (
    FAMILIES,
    direct_sum,
    integer_matrix,
    jordan,
    rotation,
)

WINDOW = 3


def logarithm_parts(
    blocks: Sequence[tuple[GaussianRational, int]], P: ExactMatrix
) -> tuple[Any, list[Any], list[GaussianRational]]:
    """L0 and the spectral projectors of P·J·P⁻¹ in mpmath, from the Jordan form itself."""
    values = sorted({z for z, _ in blocks}, key=lambda z: (z.re, z.im))
    d = sum(size for _, size in blocks)
    left, right = mp_matrix(P), mp_matrix(P.inverse())
    L = mpmath.zeros(d)
    marks = [mpmath.zeros(d) for _ in values]
    at = 0
    for z, size in blocks:
        number = mp_matrix(ExactMatrix.diagonal([z]))[0, 0]
        for r in range(size):
            L[at + r, at + r] = mpmath.log(number)
            for c in range(r + 1, size):
                L[at + r, at + c] = (-1) ** (c - r + 1) / number ** (c - r) / (c - r)
            marks[values.index(z)][at + r, at + r] = 1
        at += size
    return left * L * right, [left * E * right for E in marks], values


def brute_force(
    blocks: Sequence[tuple[GaussianRational, int]], P: ExactMatrix
) -> list[tuple[int, ...]]:
    """All n of the window whose ‖L0 + 2πi·Σ n_j P_j‖_F is least to 40 digits."""
    with mpmath.workdps(60):
        L, projectors, values = logarithm_parts(blocks, P)
        turn = 2j * mpmath.pi
        flat = [mpmath.matrix(list(M)) for M in (L, *[turn * E for E in projectors])]
        gram = [[mpmath.re((x.H * y)[0]) for y in flat] for x in flat]
        norms = {}
        for n in itertools.product(range(-WINDOW, WINDOW + 1), repeat=len(values)):
            v = (1, *n)
            norms[n] = mpmath.fsum(
                v[i] * v[j] * gram[i][j]
                for i in range(len(v))
                for j in range(len(v))
                if v[i] * v[j]
            )
        least = min(norms.values())
        return [n for n, size in norms.items() if size <= least + mpmath.mpf(10) ** -40]


def by_the_rule(ties: list[tuple[int, ...]]) -> tuple[int, ...]:
    return min(ties, key=lambda n: (sum(map(abs, n)), tuple(-k for k in n)))


def assert_smallest(blocks: Sequence[tuple[Any, int]], P: ExactMatrix) -> None:
    exact = [(to_gaussian(z), size) for z, size in blocks]
    K = P @ jordan(exact) @ P.inverse()
    ties = brute_force(exact, P)
    record = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    assert record.ks == by_the_rule(ties)
    assert bool(record.notes) == (len(ties) > 1)
    if record.notes:
        assert record.notes[0].startswith(f"{len(ties)} branches of equal norm")


def point(numerator: int, denominator: int, sign: int = 1) -> GaussianRational:
    """A rational point of the circle at the angle ±2·atan(numerator/denominator)."""
    R = rotation(numerator, denominator)
    return gaussian(R[0, 0].re, sign * R[1, 0].re)


# ------------------------------------------------------------------------------ known answers


def test_the_documented_example() -> None:
    """[[e^{i(π−0.1)}, 5], [0, e^{−i(π−0.1)}]]: 152 on the principal branch, 6.7 at the least."""
    t = fmpq(19983, 1000)  # tan((π − 0.1)/2) to four digits
    up, down = point(int(t.p), int(t.q)), point(int(t.p), int(t.q), -1)
    K = ExactMatrix.from_rows([[up, 5], [0, down]])
    P = ExactMatrix.from_rows([[1, gaussian(5) / (down - up)], [0, 1]])
    blocks = [(up, 1), (down, 1)]
    assert P @ jordan(blocks) @ P.inverse() == K
    record = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    assert sorted(record.ks) in ([0, 1], [-1, 0])
    assert_smallest(blocks, P)
    with mpmath.workdps(30):
        L, projectors, _ = logarithm_parts(blocks, P)
        norms = [
            mpmath.norm(
                L
                + 2j
                * mpmath.pi
                * sum((k * E for k, E in zip(ks, projectors, strict=True)), mpmath.zeros(2))
            )
            for ks in ((0, 0), record.ks)
        ]
    assert [round(float(x), 0) for x in norms] == [152, 7]
    assert float(norms[1]) == pytest.approx(6.7, abs=0.05)


@pytest.mark.parametrize(
    "blocks",
    [
        [(-1, 2)],
        [(-1, 2), (-1, 1)],
        [(2, 3), (-1, 1)],
        [("i", 2), ("-i", 2)],
        [("-1+1/9i", 2), ("-1-1/9i", 1)],
        [("-3", 1), ("-3", 1), ("5", 2)],
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_defective_and_derogatory(blocks: list[tuple[Any, int]], seed: int) -> None:
    d = sum(size for _, size in blocks)
    assert_smallest(blocks, integer_matrix(d, random.Random(seed), 4))


@given(st.integers(2, 4), st.integers(0, 10**6))
@settings(max_examples=25)
def test_simple_spectra_near_and_on_the_cut(d: int, seed: int) -> None:
    rng = random.Random(seed)
    choices = [point(rng.randint(3, 60), rng.randint(1, 3), s) for s in (1, -1) for _ in range(d)]
    choices += [gaussian(-rng.randint(1, 9)), gaussian(rng.randint(1, 9)), gaussian(-1, 1)]
    values = rng.sample(sorted(set(choices), key=str), d)
    assert_smallest([(z, 1) for z in values], integer_matrix(d, rng, 6))


@pytest.mark.parametrize("seed", range(8))
def test_nearly_parallel_eigenvectors(seed: int) -> None:
    """Projectors of norm up to 1e10 and more: the Gram matrix is singular to float64."""
    rng = random.Random(seed)
    tiny = fmpq(1, 10 ** (3 * seed + 1))
    P = ExactMatrix.from_rows([[1, 1, 0], [0, gaussian(tiny), rng.randint(1, 5)], [0, 0, 1]])
    assert_smallest([(point(40, 1), 1), (point(41, 1, -1), 1), (gaussian(-2), 1)], P)


# ------------------------------------------------------------------------------ normal K


@pytest.mark.parametrize(
    "K",
    [
        ExactMatrix.identity(3),
        ExactMatrix.identity(3).scale(gaussian(-1)),
        ExactMatrix.diagonal([-1, -2, "i", "-1+1/50i"]),
        rotation(95, 3),
        direct_sum(rotation(95, 3), rotation(19, 3), ExactMatrix.diagonal([-1])),
        ExactMatrix.from_rows([[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
        ExactMatrix.from_rows([[2, 1], [1, -3]]),
    ],
)
def test_for_normal_K_the_principal_branch_wins(K: ExactMatrix) -> None:
    assert K @ K.conjugate_transpose() == K.conjugate_transpose() @ K
    assert set(make_record(problem_with(K), gaussian(3), 0, "smallest-norm").ks) == {0}


def test_many_eigenvalues_on_the_cut_do_not_multiply_the_search() -> None:
    """2^24 branches of equal norm, one component each."""
    K = ExactMatrix.diagonal([-j for j in range(1, 25)])
    started = time.perf_counter()
    record = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    print(f"24 ties: {time.perf_counter() - started:.2f} s")
    assert set(record.ks) == {0}
    assert record.notes[0].startswith(f"{2**24} branches of equal norm")


def test_orthogonal_parts_are_searched_apart_with_the_same_answer() -> None:
    P = ExactMatrix.from_rows([[1, 50], [0, 1]])
    blocks = [(point(40, 1), 1), (point(40, 1, -1), 1)]
    K = P @ jordan(blocks) @ P.inverse()
    alone = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    joined = direct_sum(K, ExactMatrix.diagonal([5, -7]))
    together = make_record(problem_with(joined), gaussian(3), 0, "smallest-norm")
    ks = dict(zip([complex(e.box.center) for e in together.entries], together.ks, strict=True))
    assert [k for z, k in ks.items() if abs(z.imag) > 1e-3] == list(alone.ks)
    assert [k for z, k in ks.items() if abs(z.imag) <= 1e-3] == [0, 0]


# ------------------------------------------------------------------------------ ties and limits


def test_conjugate_branches_of_a_real_matrix_tie_exactly() -> None:
    K = ExactMatrix.from_rows([[-1, 5], [0, 2]])
    record = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    assert record.ks == (0, 0)
    assert "complex conjugates of each other: taken 0,0, not -1,0" in record.notes[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_family_is_beyond_the_search(name: str) -> None:
    for d in FAMILIES[name].sizes:
        problem = FAMILIES[name].build(d, 4)
        record = make_record(problem, gaussian(3), 0, "smallest-norm")
        principal = make_record(problem, gaussian(3), 0)
        assert len(record.ks) == len(principal.ks)


def test_a_search_without_end_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smallest_norm, "MAX_NODES", 3)
    K = np.array([[1.0, 2], [3, -4]])
    with pytest.raises(PrecisionCeilingError, match="passed 3 nodes") as caught:
        make_record(problem_with(ExactMatrix.from_rows(K)), gaussian(3), 0, "smallest-norm")
    assert caught.value.remedy


def test_projectors_that_are_never_enclosed_are_a_typed_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smallest_norm, "_BITS", (24,))
    monkeypatch.setattr(smallest_norm, "_MORE_BITS", ())
    tiny = fmpq(1, 10**30)
    K = ExactMatrix.from_rows([[1, 1], [0, gaussian(1 + tiny)]])
    with pytest.raises(PrecisionCeilingError, match="could not be enclosed with 24 bits"):
        make_record(problem_with(K), gaussian(3), 0, "smallest-norm")


def test_projectors_of_very_close_eigenvalues_get_the_bits_they_need() -> None:
    gap = fmpq(1, 10**1000)
    K = ExactMatrix.from_rows([[1, 1], [0, gaussian(1 + gap)]])
    record = make_record(problem_with(K), gaussian(3), 0, "smallest-norm")
    assert record.ks == (0, 0)
