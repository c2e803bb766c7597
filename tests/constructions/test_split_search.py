"""The splitting: exact planning, search in float64, exact parameters and their file."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from helpers import weierstrass
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact.constructions.split.floats import expm1, log1p, prescribed_pivots, roots
from deepexp_exact.constructions.split.parameters import SplitParameters
from deepexp_exact.constructions.split.planning import (
    normalised,
    pencil_rank,
    rational_blocks,
    reference,
    require_regular,
    zeros_of,
)
from deepexp_exact.constructions.split.sealing import seal
from deepexp_exact.constructions.split.search import Search
from deepexp_exact.errors import DeepexpError, FormatError, HypothesisError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.files import parse_json


def candidates(X1: ExactMatrix, X2: ExactMatrix) -> Any:
    d = X1.rows
    rng = np.random.default_rng(0)
    L = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    return Search(X1, X2, np.eye(d, dtype=complex), L).candidates()


# ------------------------------------------------------------------------------ float64 pieces


@given(st.complex_numbers(max_magnitude=0.4, allow_nan=False))
def test_log1p_and_expm1_keep_small_numbers(z: complex) -> None:
    value = complex(log1p(np.array([z]))[0])
    assert abs(value - np.log(1 + z)) <= 1e-15
    if abs(z) > 1e-300:
        assert abs(complex(expm1(np.array([value]))[0]) - z) <= 4e-16 * abs(z) + 1e-320
    tiny = complex(log1p(np.array([1e-10 + 1e-10j]))[0])
    assert tiny.real == pytest.approx(1e-10, rel=1e-15)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 12), st.integers(0, 10**6), st.floats(-9, 0.4))
def test_roots_solve_the_pivot_equation(q: int, seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    c = complex(np.log(3)) if seed % 2 else 1j * np.pi / 2
    log_det = 10.0**size * complex(*rng.normal(size=2))
    found = roots(c, log_det, q, 1)
    assert found
    a = 2j * np.pi * (np.arange(q) - (q - 1) // 2)
    for m in found:
        defect = expm1(np.sum(log1p(c / (m + a))) - log_det)
        assert abs(complex(defect)) < 1e-6 * min(1.0, float(np.sum(np.abs(c / (m + a)))))


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 8), st.integers(0, 10**6))
def test_pivots_are_those_prescribed(q: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    E = rng.normal(size=(q, q)) + 1j * rng.normal(size=(q, q))
    gamma = rng.normal(size=q) + 1j * rng.normal(size=q)
    gamma[-1] = np.linalg.det(np.eye(q) + E) / np.prod(1 + gamma[:-1]) - 1
    Lam, H, U, misfit = prescribed_pivots(E, gamma)
    assert misfit < 1e-4
    U = np.eye(q) + np.triu(U)
    left = (np.eye(q) + E) @ Lam
    assert np.linalg.norm(left - H @ U) < 1e-7 * np.linalg.norm(H) * np.linalg.norm(U)
    assert np.allclose(np.diag(U), 1 + gamma)


# ------------------------------------------------------------------------------------- planning


@pytest.mark.parametrize(
    ("blocks", "zeros", "nilpotent"),
    [
        ([(1, 1), (2, 1)], 1, False),
        ([(1, 2), (2, 1)], 2, True),
        ([(1, 1), (1, 1), (0, 1), ("inf", 1)], 2, False),
        ([(1, 3), (0, 2), ("inf", 1)], 3, True),
    ],
)
def test_the_zeros_of_F_are_counted(blocks: Any, zeros: int, nilpotent: bool) -> None:
    X1, X2 = weierstrass(blocks)
    s = require_regular(X1, X2)[0]
    assert zeros_of(X1, X2 - X1, s) == (zeros, nilpotent)


def test_singular_pencils_and_equal_inputs_are_named() -> None:
    X1, X2 = ExactMatrix.diagonal([1, 2, 0]), ExactMatrix.diagonal([3, 1, 0])
    with pytest.raises(HypothesisError, match="rank is 2, needed 3"):
        require_regular(X1, X2)
    assert pencil_rank(X1, X2 - X1) == 2
    with pytest.raises(HypothesisError, match="X1 = X2"):
        require_regular(X1, X1)


KINDS = [
    [(1, 1), (0, 1)],
    [(1, 1), ("inf", 1)],
    [(1, 1), (0, 1), ("inf", 1)],
    [(1, 2), (0, 1), ("inf", 1)],
    [(1, 1), (0, 2), ("inf", 2), (2, 1)],
    [(1, 1), (1, 1), ("inf", 2)],
]


@pytest.mark.parametrize("blocks", KINDS, ids=str)
def test_a_rational_block_is_invariant_and_fit(blocks: Any) -> None:
    X1, X2 = weierstrass(blocks)
    d = X1.rows
    for plan in rational_blocks(X1, X2):
        A, B = (X2, X1) if plan.exchanged else (X1, X2)
        F = reference(A, B - A, plan.s).solve(B - A)
        T = plan.basis or ExactMatrix.identity(d)
        H = T.solve(F @ T)
        q = plan.q
        assert all(H[r, c].is_zero() for r in range(d) for c in range(d) if (r < q) != (c < q))
        F1 = H.part(range(q), range(q))
        one = ExactMatrix.identity(q)
        A1, A2 = one - F1.scale(gaussian(plan.s)), one + F1.scale(gaussian(1 - plan.s))
        assert A1.is_invertible()
        assert A2.rank() == (q if plan.rank is None else plan.rank)
        assert not F1.is_zero(), "C1 must not be a scalar"
        if q < d:
            assert H.part(range(q, d), range(q, d)).is_invertible()


def test_one_power_of_two_scales_all() -> None:
    M = ExactMatrix.diagonal([fmpq(10**200), fmpq(1, 3)])
    N = ExactMatrix.diagonal([fmpq(1), fmpq(5)])
    A, B = normalised(M, N)
    assert A.solve(M) == B.solve(N)
    assert 0.5 <= float(abs(complex(A[0, 0]))) <= 2


# ------------------------------------------------------------------- candidates and parameters


@pytest.mark.parametrize("blocks", [*KINDS, [(1, 1), (3, 1), (-1, 1), (2, 1)]], ids=str)
def test_there_is_a_candidate_for_every_kind(blocks: Any) -> None:
    X1, X2 = weierstrass(blocks)
    d = X1.rows
    found = next(p for c in candidates(X1, X2) if (p := seal(c)) is not None)
    assert (found.rho is None) == (found.q in (0, d))
    assert len(set(found.integers)) == found.q == found.basis.cols
    assert (found.root is None) == (found.rank is not None or found.q == 0)
    text = json.dumps(found.to_json())
    assert SplitParameters.from_json(parse_json(text, "test"), d, "test") == found
    assert found.differences(found) == []


def test_every_field_of_a_file_is_checked() -> None:
    X1, X2 = weierstrass([(1, 1), (3, 1), (2, 1)])
    table = next(p for c in candidates(X1, X2) if (p := seal(c)) is not None and p.q == 2).to_json()
    wrong = {
        "exchanged": [0, None], "s": ["1/3", 1], "q": [1, 4, "2"], "rho": [None, "-0x1"],
        "basis": [[], [["0x1", "0x0"]]], "integers": [[0, 0], [1], [0, 10**7]],
        "root": [None, {"centre": ["0x1", "0x0"], "radius": "-0x1"}], "rank": [1, 5],
    }  # fmt: skip
    for field, values in wrong.items():
        for value in values:
            text = json.dumps(table | {field: value})
            with pytest.raises(DeepexpError):
                SplitParameters.from_json(parse_json(text, "test"), 3, "test")
    for field in table:
        text = json.dumps({key: value for key, value in table.items() if key != field})
        with pytest.raises(FormatError, match="missing"):
            SplitParameters.from_json(parse_json(text, "test"), 3, "test")


def test_losses_are_small_where_the_shift_would_lose_everything() -> None:
    rng = random.Random(7)
    for d in (3, 6, 10):
        rows = [[rng.gauss(0, 1) + 1j * rng.gauss(0, 1) for _ in range(d)] for _ in range(d)]
        X1 = ExactMatrix.from_rows(rows)
        thin = ExactMatrix.from_rows([row[: d - 1] for row in rows])
        wide = ExactMatrix.from_rows([[rng.gauss(0, 1) for _ in range(d)] for _ in range(d - 1)])
        best = next(candidates(X1, X1 + thin @ wide))
        assert best.loss < 1.5 + 2 * math.log10(d)
        assert best.q >= 2
