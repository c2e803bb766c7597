"""What a construction is: its first layer, its second layer, its hypotheses and steps.

Most have exp(W1·X2) = α·exp(W1·X1) and a logarithm of K.  In the paired ones the second layer has
two matrices of its own: W2·exp(W1·X1) = A and W2·exp(W1·X2) = B with exp(−A)·exp(B) = K."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..exact import GaussianRational
from ..problems import Problem
from ..theorem import formal_names
from .completion import Completion


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
    """One first layer to try: α (None where the construction has none), the parameters, the
    predicted loss in decimal digits, and a completion where it is not the usual one."""

    alpha: GaussianRational | None
    parameters: Parameters | None
    loss: float | None
    completion: Completion | None = None


class Search(Protocol):
    """First layers in the order in which they are to be tried, for one problem and the float64
    value of L (None where there is no logarithm); α from ``alphas``, or free where that is None."""

    def __call__(
        self, problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
    ) -> Iterator[LayerChoice]: ...


@dataclass(frozen=True)
class Construction:
    """A closed-form solution.  ``obstacles`` gives the hypotheses that fail, each with its exact
    evidence; ``read`` the parameters of a file and ``search`` finds them, where it has any;
    ``layered`` says that exp(W1·X2) = α·exp(W1·X1) with a logarithm of K behind it, ``paired`` that
    the second layer is a pair A, B with exp(−A)·exp(B) = K; ``theorems`` are the IDs of what is
    proved in Coq of the whole; ``real`` that real data can give real weights."""

    name: str
    words: str
    steps: tuple[str, ...]
    obstacles: Callable[[Problem], list[str]]
    read: Callable[[Any, int, str], Parameters] | None = None
    search: Search | None = None
    layered: bool = True
    paired: bool = False
    theorems: tuple[str, ...] = ()
    real: bool = False

    @property
    def module(self) -> str:
        """The name of its module in every path that carries it out."""
        return self.name.replace("-", "_")

    @property
    def formal(self) -> dict[str, str]:
        """The Coq theorems behind it for every d, by ID: of the whole, then of its steps."""
        return formal_names((*self.theorems, *self.steps))
