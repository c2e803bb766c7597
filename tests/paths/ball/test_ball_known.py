"""Eigenvectors from known eigenvalues: graded by thousands of digits, close, corrupted."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import acb, acb_mat, arb, ctx, fmpq, fmpq_mat

from deepexp_exact.paths.ball.functions import enclosures as en
from deepexp_exact.paths.ball.functions import known
from deepexp_exact.paths.ball.functions.known import decompose_known


def example(d: int, exponent: int, seed: int, dense: bool) -> tuple[Any, list[Any], Any, Any]:
    """K = P·diag(λ)·P⁻¹ with |λ| = (1 … d)·10^±exponent, exactly, with λ, P and P⁻¹."""
    draw = random.Random(f"known {d} {exponent} {seed} {dense}")
    values = [
        fmpq(draw.choice([-1, 1]) * (j + 1)) * fmpq(10) ** draw.choice([-exponent, 0, exponent])
        for j in range(d)
    ]
    size = fmpq(10) ** (exponent if seed % 2 else 0)
    rows = [[fmpq(int(r == c)) for c in range(d)] for r in range(d)]
    for r in range(d):
        for c in range(r + 1, d):
            rows[r][c] = draw.randint(-2, 2) * size
    P = fmpq_mat(rows)
    if dense:
        P *= fmpq_mat([[fmpq(draw.randint(-2, 2) if r > c else r == c) for c in range(d)]
                       for r in range(d)])  # fmt: skip
    diagonal = fmpq_mat([[values[r] if r == c else 0 for c in range(d)] for r in range(d)])
    return P * diagonal * P.inv(), values, P, P.inv()


def balls(matrix: Any) -> Any:
    rows, cols = matrix.nrows(), matrix.ncols()
    return acb_mat(rows, cols, [acb(arb(z)) for z in matrix.entries()])


def assert_encloses(found: Any, P: Any, inverse: Any) -> None:
    """Column j times row j holds the spectral projector of eigenvalue j, which is rational."""
    d = P.nrows()
    for j in range(d):
        column = fmpq_mat([[P[r, j]] for r in range(d)])
        row = fmpq_mat([[inverse[j, c] for c in range(d)]])
        exact = balls(column * row)
        mine = acb_mat(d, 1, [found.R[r, j] for r in range(d)]) * acb_mat(
            1, d, [found.S[j, c] for c in range(d)]
        )
        assert mine.overlaps(exact)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(("d", "exponent", "bits"), [
    (1, 5000, 64), (2, 2000, 60_000), (3, 1500, 20_000), (5, 300, 12_000), (7, 200, 16_000),
    (4, 0, 200), (9, 3, 600),
])  # fmt: skip
def test_projectors_of_graded_matrices_are_enclosed(
    d: int, exponent: int, bits: int, dense: bool
) -> None:
    for seed in range(2):
        K, values, P, inverse = example(d, exponent, seed, dense)
        with ctx.workprec(bits):
            found = decompose_known(balls(K), [acb(arb(v)) for v in values])
            assert found is not None
            assert_encloses(found, P, inverse)
            back = found.function(list(found.values))
            assert back.overlaps(balls(K))
            assert en.relative_radius(back) < arb(2) ** -20


@pytest.mark.parametrize("bits", [32, 64, 128, 1000, 4000])
def test_too_few_bits_are_declined_or_true(bits: int) -> None:
    for seed in range(4):
        K, values, P, inverse = example(4, 300, seed, True)
        with ctx.workprec(bits):
            found = decompose_known(balls(K), [acb(arb(v)) for v in values])
            if found is not None:
                assert_encloses(found, P, inverse)
            assert found is None or bits > 64


@pytest.mark.parametrize("size", [0, 2, 8, 30, 100])
def test_corrupted_eigenvectors_never_give_a_wrong_enclosure(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(f"corrupt {size}")
    true = known.inverse_iteration

    def wrong(K: Any, values: Any) -> Any:
        R = true(K, values)
        return (R + acb_mat(4, 4, [acb(draw.uniform(-1, 1)) / 2**size for _ in range(16)])).mid()

    monkeypatch.setattr(known, "inverse_iteration", wrong)
    accepted = 0
    for seed in range(4):
        K, values, P, inverse = example(4, 0, seed, True)
        with ctx.workprec(200):
            found = decompose_known(balls(K), [acb(arb(v)) for v in values])
            if found is not None:
                accepted += 1
                assert_encloses(found, P, inverse)
                assert en.relative_radius(found.R) > arb(2) ** -(size + 8)
    assert accepted == 4 or size < 100


def test_equal_eigenvalues_and_wide_matrices_are_declined() -> None:
    with ctx.workprec(200):
        assert decompose_known(en.identity(2), [acb(1), acb(1)]) is None
        assert decompose_known(acb_mat([[1, 1], [0, 1]]), [acb(1), acb(1)]) is None
        wide = acb_mat([[acb(arb(1, 1)), 1], [0, 2]])
        assert decompose_known(wide, [acb(1), acb(2)]) is None
        assert decompose_known(acb_mat([[arb.nan()]]), [acb(1)]) is None
