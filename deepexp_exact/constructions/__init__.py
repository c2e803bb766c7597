"""The constructions that solve f(X1) = Y1, f(X2) = Y2: names, hypotheses, step IDs.

``solve`` asks here which of them fits a problem.  Certificates, tables and checkers name the
construction and do not depend on which it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import HypothesisError
from ..exact import one_of
from ..problems import Problem
from ..theorem import STEPS


@dataclass(frozen=True)
class Construction:
    """A closed-form solution: the matrices that have to be invertible, and its proof steps."""

    name: str
    words: str
    invertible: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]

    def obstacles(self, problem: Problem) -> list[str]:
        """The hypotheses that fail, each with its exact rank; empty if the problem fits."""
        out = []
        for label, words in self.invertible:
            matrix = getattr(problem, label)
            if not matrix.is_invertible():
                out.append(f"{words} is singular: rank {matrix.rank()}, needed {problem.d}")
        return out


SHIFT = Construction(
    "shift",
    "W1 = c·D⁻¹, so that exp(W1·X2) = α·exp(W1·X1)",
    (("D", "D = X2 − X1"), ("Y1", "Y1"), ("Y2", "Y2")),
    STEPS,
)

CONSTRUCTIONS = {c.name: c for c in (SHIFT,)}


def fitting(problem: Problem, name: str | None = None) -> Construction:
    """The named construction, or the first that fits; :class:`HypothesisError` names what fails."""
    if name is not None:
        name = one_of(name, "construction", CONSTRUCTIONS)
    reasons = []
    for construction in [CONSTRUCTIONS[name]] if name else CONSTRUCTIONS.values():
        obstacles = construction.obstacles(problem)
        if not obstacles:
            return construction
        reasons += [f"{construction.name}: {text}" for text in obstacles]
    raise HypothesisError(
        "; ".join(reasons), "change the data so that X2 − X1, Y1 and Y2 are invertible"
    )
