"""The constructions that solve f(X1) = Y1, f(X2) = Y2: one file each, and their registry.

``solve`` asks here which of them fits a problem.  Certificates, tables and checkers name the
construction and do not depend on which it was.
"""

from __future__ import annotations

from ..errors import HypothesisError, NoSolutionError, UndecidedError
from ..exact import one_of
from ..problems import Problem
from .base import Construction, Parameters
from .completion import Completion, complete
from .constant import CONSTANT
from .rank_one import RANK_ONE
from .real import REAL
from .shift import SHIFT
from .split import SPLIT, pencil_rank

__all__ = [
    "CONSTRUCTIONS",
    "THEOREM",
    "Completion",
    "Construction",
    "Parameters",
    "complete",
    "fitting",
]

#: Every construction by name, in the order in which they are taken.
CONSTRUCTIONS = {c.name: c for c in (SHIFT, CONSTANT, SPLIT, RANK_ONE, REAL)}
#: The construction of the theorem, which comes first.
THEOREM = SHIFT.name


def require_solvable(problem: Problem) -> None:
    """Raise :class:`NoSolutionError` where N1 or N2 proves that no weights exist."""
    if problem.D.is_zero() and problem.Y1 != problem.Y2:
        pairs = zip(problem.Y1.entries(), problem.Y2.entries(), strict=True)
        place = next(j for j, (a, b) in enumerate(pairs) if a != b)
        row, column = place // problem.d + 1, place % problem.d + 1
        raise NoSolutionError(
            "no solution: X1 = X2, so that f(X1) = f(X2), but Y1 and Y2 differ (N2), first in row "
            f"{row}, column {column}",
            "give two different inputs, or equal outputs",
            "N2",
            (row, column),
        )
    complete(problem)


def fitting(problem: Problem, name: str | None = None) -> Construction:
    """The named construction, or the first that fits.

    Raises :class:`NoSolutionError` where it is proved that there is no solution,
    :class:`HypothesisError` with what fails where a named construction does not fit, and
    :class:`UndecidedError` where none does."""
    if name is not None:
        name = one_of(name, "construction", CONSTRUCTIONS)
    require_solvable(problem)
    reasons = []
    for construction in [CONSTRUCTIONS[name]] if name else CONSTRUCTIONS.values():
        obstacles = construction.obstacles(problem)
        if not obstacles:
            return construction
        reasons += [f"{construction.name}: {text}" for text in obstacles]
    if name is not None:
        raise HypothesisError("; ".join(reasons), "leave the construction to the program")
    raise UndecidedError(
        "undecided: no theorem here says whether a solution exists; " + "; ".join(reasons),
        "change X1 or X2 so that X1 + z·(X2 − X1) is invertible for some z",
        pencil_rank(problem.X1, problem.D),
    )
