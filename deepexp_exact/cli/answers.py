"""What ``solve`` says where there are no weights: no solution, with its proof, or undecided."""

from __future__ import annotations

from typing import Any

from ..errors import NoSolutionError, UndecidedError
from ..problems import Problem
from ..solution import Label
from ..theorem import STATEMENTS

Unsolved = NoSolutionError | UndecidedError
_NAMES = {
    "N1": ("rank Y1", "rank Y2", "rank [Y1 Y2]"),
    "N2": ("row", "column"),
    "R6": ("sign det Y1", "sign det Y2"),
}


def evidence(answer: NoSolutionError) -> dict[str, int]:
    """The exact numbers of the proof: three ranks, the first place where Y1 and Y2 differ, or the
    signs of two determinants."""
    return dict(zip(_NAMES[answer.statement], answer.evidence, strict=True))


def unsolved_lines(problem: Problem, answer: Unsolved) -> list[str]:
    """The answer for people, one line a fact."""
    head = f"{problem.name}: d = {problem.d}. {problem.title}"
    if isinstance(answer, UndecidedError):
        return [
            head,
            f"{Label.UNDECIDED}: {answer.message}",
            f"pencil         rank of X1 + z·(X2 − X1): {answer.pencil_rank} of {problem.d} (exact)",
            f"remedy         {answer.remedy}",
        ]
    statement = STATEMENTS[answer.statement]
    found = ", ".join(f"{name} = {value}" for name, value in evidence(answer).items())
    return [
        head,
        f"{Label.PROVED}: {answer.message}",
        f"statement      {statement.id}, {statement.title}: {statement.words}",
        f"evidence       {found} (exact)",
    ]


def unsolved_json(problem: Problem, answer: Unsolved, status: int) -> dict[str, Any]:
    """The answer for programs."""
    table = {
        "format": "deepexp-exact/solution",
        "version": 2,
        "exit_status": status,
        "problem": problem.name,
        "reason": answer.message,
        "remedy": answer.remedy,
    }
    if isinstance(answer, UndecidedError):
        return table | {
            "outcome": "undecided",
            "label": str(Label.UNDECIDED),
            "pencil_rank": answer.pencil_rank,
            "d": problem.d,
        }
    return table | {
        "outcome": "no-solution",
        "label": str(Label.PROVED),
        "statement": answer.statement,
        "evidence": evidence(answer),
    }
