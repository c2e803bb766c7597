"""Construction by a first layer of rank one: for every X1 ≠ X2, singular pencils too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...exact import GaussianRational
from ...problems import Problem
from ..base import Construction, LayerChoice
from .parameters import RankOneParameters

__all__ = ["RANK_ONE", "RankOneParameters"]


def _obstacles(problem: Problem) -> list[str]:
    return ["X1 = X2"] if problem.D.is_zero() else []


def _search(
    problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
) -> Iterator[LayerChoice]:
    from .search import search

    return search(problem, L, alphas, turn)


RANK_ONE = Construction(
    "rank-one",
    "W1 = z·ℓ of rank one, and a second layer with exp(−A)·exp(B) = K",
    ("T1", "T2a", "T2b", "T3"),
    _obstacles,
    RankOneParameters.from_json,
    _search,
    layered=False,
    paired=True,
)
