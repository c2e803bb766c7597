"""Real weights where K has no real logarithm: exp(−A)·exp(B) = K with real A and B.

K = O·P in polar form with det O > 0: A is a skew logarithm of Oᵀ, about, and B the logarithm of
exp(A)·K, a matrix near P, each plus a·I; W1 solves exp(−W1·X1)·exp(W1·X2) = A⁻¹·B (R1 to R5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...exact import GaussianRational
from ...problems import Problem
from ..base import Construction, LayerChoice
from ..reals import signs
from .parameters import RealParameters

__all__ = ["REAL", "RealParameters"]


def _obstacles(problem: Problem) -> list[str]:
    found = problem.hypothesis("H1")
    out = [] if problem.is_real() else ["the data are not real"]
    if not out and signs(problem)[0] * signs(problem)[1] < 0:
        out = ["det Y1 and det Y2 have opposite signs (R6)"]
    return out if found.holds else [*out, f"D = X2 − X1 is singular: {found.evidence}"]


def _search(
    problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
) -> Iterator[LayerChoice]:
    from .search import search

    return search(problem)


REAL = Construction(
    "real",
    "real weights: W2·exp(W1·X1) = A and W2·exp(W1·X2) = B with exp(−A)·exp(B) = K",
    ("R1", "R2", "R3", "R4", "R5"),
    _obstacles,
    RealParameters.from_json,
    _search,
    layered=False,
    paired=True,
    real=True,
)
