"""The theorem's own construction: W1 = c·D⁻¹."""

from __future__ import annotations

from ..problems import Problem
from ..theorem import STEPS
from .base import Construction, singular

_INVERTIBLE = (("D", "D = X2 − X1"), ("Y1", "Y1"), ("Y2", "Y2"))


def _obstacles(problem: Problem) -> list[str]:
    return [text for label, words in _INVERTIBLE for text in singular(problem, label, words)]


SHIFT = Construction(
    "shift", "W1 = c·D⁻¹, so that exp(W1·X2) = α·exp(W1·X1)", STEPS, _obstacles
)
