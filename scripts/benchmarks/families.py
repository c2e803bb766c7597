"""The problems of the benchmark: exact, seeded, of any size."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems import Problem
from deepexp_exact.problems.hard_matrices import overscaled_pair

#: Name and what it shows.
FAMILIES = {
    "gaussian-complex": "all entries complex normal: the usual case",
    "gaussian-real": "all entries real normal: conjugate pairs, eigenvalues on the cut",
    "defective": "K with Jordan blocks of size 2",
    "cluster-1e-3": "K with two eigenvalues 1e-3 apart",
    "cluster-1e-6": "K with two eigenvalues 1e-6 apart",
    "cluster-1e-12": "K with two eigenvalues 1e-12 apart",
    "cluster-1e-20": "K with two eigenvalues 1e-20 apart",
    "nearly-singular-D": "D with condition about 1e8",
}
#: What is timed at some sizes only, and what it shows.
SPECIAL = {
    "split": "D of rank d/2, so that the construction split has to do it",
    "jordan-corner": "K a Jordan block with 1e-30 in its corner",
    "offdiagonal-1e100": "K triangular, 1e100 above its diagonal",
    "offdiagonal-3e4": "K triangular, 3e4 above its diagonal",
    "al-mohy-higham": "K block triangular with 1e10 beside blocks of norm 1000",
    "frank": "K Frank's matrix",
    "companion": "K a companion matrix",
    "toeplitz": "K the tridiagonal Toeplitz matrix of 1, 3, 1/4",
}
#: Those of them that are far from normal.
FAR = ("jordan-corner", "offdiagonal-1e100", "offdiagonal-3e4", "al-mohy-higham")
#: Those held against the simple case.
STRUCTURED = ("frank", "companion", "toeplitz")


def _normal(d: int, rng: np.random.Generator, real: bool = False) -> ExactMatrix:
    a = rng.standard_normal((d, d))
    return ExactMatrix.from_rows(a if real else a + 1j * rng.standard_normal((d, d)))


def _eigenvalues(d: int, rng: np.random.Generator) -> list[str]:
    """Gaussian rationals of three decimals, pairwise different, away from zero."""
    found: list[str] = []
    while len(found) < d:
        re, im = (round(float(v), 3) for v in rng.standard_normal(2))
        text = f"{re:.3f}{im:+.3f}i"
        if abs(re) + abs(im) > 0.2 and text not in found and im != 0:
            found.append(text)
    return found


def build(family: str, d: int, seed: int) -> Problem:
    """A problem of the family; K is similar to the stated matrix through a normal Y1."""
    rng = np.random.default_rng([seed, d, *random.Random(family).sample(range(10**6), 2)])
    name = f"{family}-{d}-{seed}"
    if family in ("gaussian-complex", "gaussian-real"):
        real = family.endswith("real")
        X1, X2, Y1, Y2 = (_normal(d, rng, real) for _ in range(4))
        return Problem(X1, X2, Y1, Y2, name=name)
    X1, X2, Y1 = (_normal(d, rng) for _ in range(3))
    if family == "split":
        ones = ExactMatrix.diagonal(["1"] * (d // 2) + ["0"] * (d - d // 2))
        return Problem(X1, X1 + _normal(d, rng) @ ones, Y1, _normal(d, rng), name=name)
    if family in SPECIAL:
        return Problem(X1, X2, Y1, Y1 @ ExactMatrix.from_rows(_special(family, d)), name=name)
    if family == "nearly-singular-D":
        scales = ["1"] * (d - 1) + ["0.00000001"]
        D = _normal(d, rng) @ ExactMatrix.diagonal(scales) @ _normal(d, rng)
        return Problem(X1, X1 + D, Y1, _normal(d, rng), name=name)
    values = _eigenvalues(d, rng)
    rows: list[list[Any]] = [[values[r] if r == c else "0" for c in range(d)] for r in range(d)]
    J = ExactMatrix.from_rows(rows)
    if family == "defective":
        for j in range(0, d - 1, 2):
            rows[j + 1][j + 1] = values[j]
            rows[j][j + 1] = "1"
        J = ExactMatrix.from_rows(rows)
    elif d > 1:
        gap: list[list[Any]] = [["0"] * d for _ in range(d)]
        rows[1][1] = values[0]
        gap[1][1] = family.removeprefix("cluster-")
        J = ExactMatrix.from_rows(rows) + ExactMatrix.from_rows(gap)
    # Y2 = J·Y1 makes Y1⁻¹·Y2 similar to J
    return Problem(X1, X2, Y1, J @ Y1, name=name)


def _special(family: str, d: int) -> list[list[Any]]:
    """K itself."""

    def table(entry: Callable[[int, int], Any]) -> list[list[Any]]:
        return [[entry(r, c) for c in range(d)] for r in range(d)]

    if family == "jordan-corner":
        corner = (d - 1, 0)
        return table(lambda r, c: 1 if c - r in (0, 1) else "-1e-30" if (r, c) == corner else 0)
    if family.startswith("offdiagonal"):
        size = family.removeprefix("offdiagonal-")
        return table(lambda r, c: f"{r + 1}.3" if r == c else size if c > r else 0)
    if family == "al-mohy-higham":
        return ExactMatrix.from_rows(overscaled_pair(1000, 10**10)).to_rows()
    if family == "frank":
        return table(lambda r, c: d - max(r, c) if c >= r - 1 else 0)
    if family == "companion":
        return table(
            lambda r, c: 1 if r == c + 1 else (r % 5) - 2 + (r == 0) * 5 if c == d - 1 else 0
        )
    return table(lambda r, c: {0: 3, 1: "1/4", -1: 1}.get(c - r, 0))
