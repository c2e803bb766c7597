"""Equal outputs: W1 = W2 = 0 and W3 = Y1 make f constant."""

from __future__ import annotations

from ..problems import Problem
from .base import Construction


def _obstacles(problem: Problem) -> list[str]:
    return [] if problem.Y1 == problem.Y2 else ["Y1 and Y2 differ"]


CONSTANT = Construction(
    "constant",
    "W1 = W2 = 0 and W3 = Y1, as Y1 = Y2",
    (),
    _obstacles,
    layered=False,
    theorems=("DECISION",),
    real=True,
)
