"""The constructions that solve f(X1) = Y1, f(X2) = Y2: one file each, and their registry.

``solve`` asks here which of them fits a problem.  Certificates, tables and checkers name the
construction and do not depend on which it was.
"""

from __future__ import annotations

from ..errors import HypothesisError
from ..exact import one_of
from ..problems import Problem
from .base import Construction, Parameters
from .completion import Completion, complete
from .shift import SHIFT

__all__ = [
    "CONSTRUCTIONS",
    "THEOREM",
    "Completion",
    "Construction",
    "Parameters",
    "complete",
    "fitting",
]

CONSTRUCTIONS = {c.name: c for c in (SHIFT,)}
#: The construction of the theorem, which comes first.
THEOREM = SHIFT.name


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
