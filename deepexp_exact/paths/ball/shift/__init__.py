"""Steps P1 and P2 in enclosures, W1 = c·D⁻¹, and the weights of this construction."""

from __future__ import annotations

from ....branches import BranchRecord
from ....problems import Problem
from ..functions import enclosures as en
from ..functions.eigen import Eigenvectors, decompose
from ..network import weights
from ..network.construction import EnclosedFirstLayer, Starts, log_scale
from ..network.planning import plan as plan
from ..network.weights import BallSolution
from .fast import solve_fast

#: Fewest rows for which integers are quicker than balls.
_FEWEST_ROWS = 5

__all__ = ["first_layer", "plan", "solve_shift"]


def solve_shift(
    problem: Problem, record: BranchRecord, digits: int, initial: Starts | None = None
) -> BallSolution:
    """The weights with proved enclosures, as :func:`network.weights.solve` has them: by integers
    and float64 where that is possible and quicker, and no ``initial`` eigenvectors are given."""
    quicker = initial is None and problem.d >= _FEWEST_ROWS
    found = solve_fast(problem, record, digits) if quicker else None
    return found or weights.solve(problem, record, digits, initial)


def first_layer(
    problem: Problem, record: BranchRecord, start: Eigenvectors | None
) -> EnclosedFirstLayer:
    """W1 = c·D⁻¹ and exp(−W1·X1), by eigenvectors where they are found; success proves that D is
    invertible."""
    c = log_scale(record.alpha, record.turn)
    D = en.from_exact(problem.D)
    W1 = en.solve(D, en.scalar(problem.d, c), "W1 = c·D⁻¹")
    exponent = W1 * en.from_exact(problem.X1)
    inner = decompose(exponent, start)
    inverse_A = en.require_finite(
        inner.function([(-value).exp() for value in inner.values]) if inner else en.exp(-exponent),
        "the inverse of exp(W1·X1)",
    )
    return EnclosedFirstLayer(W1, None, inverse_A, inner)
