"""Builders and judges shared by the tests; matrices come from the package's own families."""

from __future__ import annotations

import fcntl
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import fmpq
from hypothesis import strategies as st

from deepexp_exact.branches import BranchRecord
from deepexp_exact.exact import ExactMatrix, GaussianRational, gaussian, to_gaussian
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import jordan, similar
from deepexp_exact.spectrum import Spectrum, spectrum

# ------------------------------------------------------------------------------ sharing


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker to ask fills, and every worker of this run reads.

    A lock beside it, as pytest-xdist documents for fixtures of a whole run."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            done.touch()
    return folder


# ------------------------------------------------------------------------------ problems


def gaussian_problem(d: int, seed: int, real: bool = False) -> Problem:
    """Entries are float64 normal variates, complex ones unless ``real``."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(4):
        a = rng.standard_normal((d, d))
        parts.append(a if real else a + 1j * rng.standard_normal((d, d)))
    return Problem(*map(ExactMatrix.from_rows, parts))


# ------------------------------------------------------------------------------ exact numbers


def rationals(size: int = 50, denominator: int = 12) -> st.SearchStrategy[fmpq]:
    return st.builds(fmpq, st.integers(-size, size), st.integers(1, denominator))


def gaussians(size: int = 50, denominator: int = 12) -> st.SearchStrategy[GaussianRational]:
    parts = rationals(size, denominator)
    return st.builds(GaussianRational, parts, parts)


def matrices(
    rows: int, cols: int, entries: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[ExactMatrix]:
    row = st.lists(gaussians(9, 4) if entries is None else entries, min_size=cols, max_size=cols)
    return st.lists(row, min_size=rows, max_size=rows).map(ExactMatrix.from_rows)


# ------------------------------------------------------------------------------ problems about K


def problem_with(K: ExactMatrix, Y1: ExactMatrix | None = None) -> Problem:
    """A problem whose K is the given matrix; Y1 is the identity unless given."""
    d = K.rows
    left = ExactMatrix.identity(d) if Y1 is None else Y1
    return Problem(ExactMatrix.zero(d, d), ExactMatrix.identity(d), left, left @ K)


def spectrum_of(K: Any) -> Spectrum:
    return spectrum(ExactMatrix.from_rows(K))


def conjugated_jordan(blocks: Sequence[tuple[Any, int]], seed: int = 0) -> ExactMatrix:
    """P·J·P⁻¹ with a seeded unimodular P; blocks are (eigenvalue, size)."""
    J = jordan([(to_gaussian(value), size) for value, size in blocks])
    return similar(J, random.Random(f"jordan/{seed}"))


def companion(coefficients: Sequence[Any]) -> ExactMatrix:
    """The companion matrix of a monic polynomial, lowest degree first, leading 1 left out."""
    d = len(coefficients)
    rows: list[list[Any]] = [[0] * d for _ in range(d)]
    for j in range(d):
        if j:
            rows[j][j - 1] = 1
        rows[j][d - 1] = -to_gaussian(coefficients[j])
    return ExactMatrix.from_rows(rows)


def jordan_of_companion(coefficients: Sequence[Any], size: int) -> ExactMatrix:
    """Companion matrices on the diagonal, identities above: a Jordan block for each root."""
    C, d = companion(coefficients), len(coefficients)
    rows = [[gaussian(0)] * (d * size) for _ in range(d * size)]
    for block in range(size):
        for r in range(d):
            for c in range(d):
                rows[block * d + r][block * d + c] = C[r, c]
            if block + 1 < size:
                rows[block * d + r][(block + 1) * d + r] = gaussian(1)
    return ExactMatrix.from_rows(rows)


# ------------------------------------------------------------------------------ judging a spectrum


def assert_isolating(found: Spectrum, expected: dict[GaussianRational, tuple[int, ...]]) -> None:
    """The spectrum is exactly {eigenvalue: block sizes}, in order, with sound boxes."""
    order = sorted(expected, key=lambda z: (z.re, z.im))
    assert [e.blocks for e in found.eigenvalues] == [expected[z] for z in order]
    assert [e.multiplicity for e in found.eigenvalues] == [sum(expected[z]) for z in order]
    for j, z in enumerate(order):
        for i, e in enumerate(found.eigenvalues):
            assert e.enclosure.contains(z) == (i == j)
            assert e.box.contains(z) == (i == j)
        assert found.eigenvalues[j].on_negative_axis == (z.is_real() and z.re < 0)
    assert_sound_boxes(found)


def assert_sound_boxes(found: Spectrum) -> None:
    """Generous boxes hold the tight ones, are disjoint, off zero, off the cut unless on it."""
    for j, e in enumerate(found.eigenvalues):
        assert e.box.contains_box(e.enclosure)
        assert not e.box.contains_zero()
        assert e.box.meets_cut() == e.on_negative_axis
        assert sum(e.blocks) == e.multiplicity
        assert list(e.blocks) == sorted(e.blocks, reverse=True)
        for other in found.eigenvalues[:j]:
            assert not e.box.overlaps(other.box)


def assert_holds_roots(found: Spectrum, coefficients: Sequence[Any], digits: int = 60) -> None:
    """Every box holds exactly one root of the polynomial (lowest degree first), by mpmath."""
    with mpmath.workdps(3 * digits):
        exact = [to_gaussian(c) for c in coefficients]
        values = [mpmath.mpc(mp_real(c.re), mp_real(c.im)) for c in exact]
        roots = mpmath.polyroots(values[::-1], maxsteps=2000, extraprec=2000)
        assert len(roots) == len(found.eigenvalues)
        for e in found.eigenvalues:
            for box in (e.box, e.enclosure):
                slack = mpmath.mpf(10) ** -digits
                hits = [
                    z
                    for z in roots
                    if mp_real(box.re_lo) - slack <= z.real <= mp_real(box.re_hi) + slack
                    and mp_real(box.im_lo) - slack <= z.imag <= mp_real(box.im_hi) + slack
                ]
                assert len(hits) == 1


def mp_real(value: fmpq) -> Any:
    """A rational as an mpmath number at the current precision."""
    return mpmath.mpf(int(value.p)) / int(value.q)


def mp_matrix(matrix: ExactMatrix) -> Any:
    """An exact matrix as an mpmath matrix at the current precision."""
    rows = [[mpmath.mpc(mp_real(z.re), mp_real(z.im)) for z in row] for row in matrix.to_rows()]
    return mpmath.matrix(rows)


def altered(record: BranchRecord, **fields: Any) -> BranchRecord:
    """A record with some fields of its first layer or of its logarithm changed."""
    layer = {key: value for key, value in fields.items() if key in ("alpha", "turn")}
    rest = {key: value for key, value in fields.items() if key not in layer}
    return replace(
        record,
        first_layer=replace(record.first_layer, **layer),
        logarithm=replace(record.logarithm, **rest),
    )


def weierstrass(blocks: list[tuple[Any, int]], seed: int = 0) -> tuple[ExactMatrix, ExactMatrix]:
    """X1 and X2 with the eigenvalues c of X1⁻¹·X2 (or "inf") in blocks of these sizes."""
    d = sum(size for _, size in blocks)
    A, B = ([[0] * d for _ in range(d)] for _ in range(2))
    at = 0
    for c, size in blocks:
        unit, other = (B, A) if c == "inf" else (A, B)
        for j in range(at, at + size):
            unit[j][j] = 1
            other[j][j] = 0 if c == "inf" else c
            if j + 1 < at + size:
                other[j][j + 1] = 1
        at += size
    rng = random.Random(seed)

    def invertible() -> ExactMatrix:
        while True:
            M = ExactMatrix.from_rows([[rng.randint(-3, 3) for _ in range(d)] for _ in range(d)])
            if M.is_invertible():
                return M

    P, Q = invertible(), invertible()
    return P @ ExactMatrix.from_rows(A) @ Q, P @ ExactMatrix.from_rows(B) @ Q


# ------------------------------------------------------------------------------ judges


def residual(problem: Problem, weights: Any, digits: int = 100) -> Any:
    """The larger relative residual, by mpmath alone with so many digits, f evaluated from its
    definition."""
    with mpmath.workdps(digits):
        W1, W2, W3 = weights
        found = []
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            value = W3 * mpmath.expm(W2 * mpmath.expm(W1 * X.to_mpmath()))
            found.append(
                mpmath.mnorm(value - Y.to_mpmath(), "f") / mpmath.mnorm(Y.to_mpmath(), "f")
            )
        return max(found)
