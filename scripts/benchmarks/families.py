"""The problems of the benchmark: exact, seeded, of any size."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems import Problem

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
