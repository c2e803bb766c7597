"""Real weights for real data: what is asked of the data, and the proof that there are none (R6)."""

from __future__ import annotations

from ..errors import HypothesisError, NoSolutionError, UndecidedError
from ..problems import MATRICES, Problem
from .split import pencil_rank


def require_real(problem: Problem) -> None:
    """Raise :class:`HypothesisError` with the first entry that is not real."""
    for label in MATRICES:
        matrix = getattr(problem, label)
        place = next((j for j, z in enumerate(matrix.entries()) if z.im != 0), None)
        if place is not None:
            row, column = place // problem.d + 1, place % problem.d + 1
            raise HypothesisError(
                f"real weights need real data: {label}, row {row}, column {column} is "
                f"{matrix[row - 1, column - 1]}",
                "give real matrices, or solve without asking for real weights",
            )


def signs(problem: Problem) -> tuple[int, int]:
    """The signs of det Y1 and det Y2 of real outputs, exactly."""
    first, second = (Y.real_part.det() for Y in (problem.Y1, problem.Y2))
    return (first > 0) - (first < 0), (second > 0) - (second < 0)


def require_equal_signs(problem: Problem) -> None:
    """Raise :class:`NoSolutionError` where det Y1 and det Y2 have opposite signs: det exp > 0, so
    that the sign of det f(X) is that of det W3 whatever the real X is (R6)."""
    found = signs(problem)
    if found[0] * found[1] < 0:
        complex_one = (
            "a complex solution exists"
            if pencil_rank(problem.X1, problem.D) == problem.d
            else "whether a complex solution exists is another question"
        )
        raise NoSolutionError(
            "no real solution: det Y1 and det Y2 have opposite signs, and those of f(X1) and f(X2) "
            f"never do for real weights (R6); {complex_one}",
            "solve without asking for real weights",
            "R6",
            found,
        )


def undecided(problem: Problem, reason: str) -> UndecidedError:
    """That nothing here says whether real weights exist, with what the complex case says."""
    rank = pencil_rank(problem.X1, problem.D)
    known = "a complex solution exists: " if rank == problem.d else ""
    return UndecidedError(
        f"undecided: no theorem here says whether real weights exist; {reason}",
        f"{known}solve without asking for real weights",
        rank,
    )
