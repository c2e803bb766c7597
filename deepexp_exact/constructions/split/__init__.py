"""Construction by a spectral splitting of F = X_s⁻¹·D: for every regular pencil with X1 ≠ X2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import HypothesisError
from ...exact import GaussianRational
from ...problems import Problem
from ..base import Construction, LayerChoice
from .parameters import SplitParameters
from .planning import normalised, pencil_rank, require_regular

__all__ = ["SPLIT", "SplitParameters", "pencil_rank"]


def _obstacles(problem: Problem) -> list[str]:
    try:
        require_regular(problem.X1, problem.X2)
    except HypothesisError as error:
        return [error.message]
    return []


def _search(
    problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
) -> Iterator[LayerChoice]:
    from .sealing import seal
    from .search import Search

    # F, Π and everything on the record are the same for X1 and X2 of any common scale
    X1, X2 = normalised(problem.X1, problem.X2)
    (Y1,) = normalised(problem.Y1)
    search = Search(X1, X2, Y1.to_numpy(), L, alphas, turn)
    blocks, others = set(), []
    for candidate in search.candidates():
        parameters = seal(candidate)
        if parameters is None:
            continue
        choice = LayerChoice(candidate.alpha, parameters, candidate.loss)
        block = (candidate.s, candidate.q, candidate.exchanged, candidate.hint is None)
        if block in blocks:  # where a path gave one up, the next of the same block fails as well
            others.append(choice)
            continue
        blocks.add(block)
        yield choice
    yield from others


SPLIT = Construction(
    "split",
    "scalar exponentials on a spectral subspace of F = X_s⁻¹·D, the shift on the rest",
    (
        *("Q0", "Q1", "Q2", "Q3", "Q4", "Q5", "Q5'", "Q6", "Q7", "Q7'", "Q8"),
        *("P3", "P4", "P5", "P6", "P7"),
    ),
    _obstacles,
    SplitParameters.from_json,
    _search,
    theorems=("THEOREM-split", "THEOREM-layer"),
)
