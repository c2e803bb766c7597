"""What a construction is: a W1 with exp(W1·X2) = α·exp(W1·X1), its hypotheses and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..exact import GaussianRational
from ..problems import Problem
from ..theorem import formal_names


class Parameters(Protocol):
    """Exact parameters of a first layer beside α and u."""

    def differences(self, other: Any) -> list[str]:
        """What differs, in words."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The parameters as a record's file holds them."""
        ...

    def __str__(self) -> str:
        """The parameters for people, in a line."""
        ...


@dataclass(frozen=True)
class LayerChoice:
    """One first layer to try: α, the parameters, and the predicted loss in decimal digits."""

    alpha: GaussianRational
    parameters: Parameters
    loss: float


class Search(Protocol):
    """First layers in the order in which they are to be tried, for one problem and the float64
    value of L; α from ``alphas``, or free where that is None."""

    def __call__(
        self, problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
    ) -> Iterator[LayerChoice]: ...


@dataclass(frozen=True)
class Construction:
    """A closed-form solution.  ``obstacles`` gives the hypotheses that fail, each with its exact
    evidence; ``read`` the parameters of a file and ``search`` finds them, where it has any;
    ``layered`` says that exp(W1·X2) = α·exp(W1·X1) with a logarithm of K behind it; ``theorems``
    are the IDs of what is proved in Coq of the whole; ``real`` that real data can give real
    weights."""

    name: str
    words: str
    steps: tuple[str, ...]
    obstacles: Callable[[Problem], list[str]]
    read: Callable[[Any, int, str], Parameters] | None = None
    search: Search | None = None
    layered: bool = True
    theorems: tuple[str, ...] = ()
    real: bool = False

    @property
    def formal(self) -> dict[str, str]:
        """The Coq theorems behind it for every d, by ID: of the whole, then of its steps."""
        return formal_names((*self.theorems, *self.steps))
