"""The theorem's own construction: W1 = c·D⁻¹."""

from __future__ import annotations

from ..problems import Problem
from ..theorem import STEPS
from .base import Construction


def _obstacles(problem: Problem) -> list[str]:
    found = problem.hypothesis("H1")
    return [] if found.holds else [f"D = X2 − X1 is singular: {found.evidence}"]


SHIFT = Construction(
    "shift",
    "W1 = c·D⁻¹, so that exp(W1·X2) = α·exp(W1·X1)",
    STEPS,
    _obstacles,
    theorems=("THEOREM-explicit",),
    real=True,
)
