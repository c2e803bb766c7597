"""The theorem's own construction: W1 = c·D⁻¹."""

from __future__ import annotations

from ..theorem import STEPS
from .base import Construction, singular

SHIFT = Construction(
    "shift",
    "W1 = c·D⁻¹, so that exp(W1·X2) = α·exp(W1·X1)",
    STEPS,
    lambda problem: singular(problem, "D", "D = X2 − X1"),
    theorems=("THEOREM-explicit",),
)
