"""What a construction is: a W1 with exp(W1·X2) = α·exp(W1·X1), its hypotheses and steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..problems import Problem


class Parameters(Protocol):
    """Exact parameters of a first layer beside α and u."""

    def differences(self, other: Any) -> list[str]:
        """What differs, in words."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The parameters as a record's file holds them."""
        ...


@dataclass(frozen=True)
class Construction:
    """A closed-form solution.  ``obstacles`` gives the hypotheses that fail, each with its exact
    evidence; ``read`` the parameters of a file (None where it has none)."""

    name: str
    words: str
    steps: tuple[str, ...]
    obstacles: Callable[[Problem], list[str]]
    read: Callable[[Any, int, str], Parameters] | None = None


def singular(problem: Problem, label: str, words: str) -> list[str]:
    """That a matrix of the problem is singular, with its exact rank; empty if it is invertible."""
    matrix = getattr(problem, label)
    if matrix.is_invertible():
        return []
    return [f"{words} is singular: rank {matrix.rank()}, needed {problem.d}"]
