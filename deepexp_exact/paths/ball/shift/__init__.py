"""Steps P1 and P2 in enclosures, W1 = c·D⁻¹, and the weights of this construction."""

from __future__ import annotations

from typing import Any

from ....branches import BranchRecord
from ....errors import HypothesisError, PrecisionCeilingError
from ....exact import Quotient
from ....problems import Problem
from ....spectrum import spectrum
from ....spectrum.isolation import refined_cheaply
from ..functions import enclosures as en
from ..functions.eigen import Eigenvectors, EnclosedEigenvectors, decompose
from ..functions.known import decompose_known
from ..functions.logarithm import eigenvalue_balls
from ..network import weights
from ..network.construction import EnclosedFirstLayer, Starts, log_scale
from ..network.planning import plan as plan
from ..network.weights import BallSolution
from .fast import solve_fast

#: Fewest rows for which integers are quicker than balls.
_FEWEST_ROWS = 5
#: Most rows for which eigenvalues of D⁻¹·X1 are isolated, and log2 of the least ‖W1·X1‖.
_MOST_ROWS, _LARGE = 8, 64.0

__all__ = ["first_layer", "plan", "solve_shift"]


def solve_shift(
    problem: Problem, record: BranchRecord, digits: int, initial: Starts | None = None
) -> BallSolution:
    """The weights with proved enclosures, as :func:`network.weights.solve` has them: by integers
    and float64 where that is possible and quicker, and no ``initial`` eigenvectors are given."""
    quicker = initial is None and problem.d >= _FEWEST_ROWS
    found = solve_fast(problem, record, digits) if quicker else None
    return found or weights.solve(problem, record, digits, initial)


def _by_known_eigenvalues(problem: Problem, exponent: Any, c: Any) -> EnclosedEigenvectors | None:
    """The eigenvectors of W1·X1 from exact eigenvalues of D⁻¹·X1, where these are simple and the
    exponential of so large a matrix would take much."""
    if problem.d > _MOST_ROWS or en.log2_of(en.norm_upper(exponent)) < _LARGE:
        return None
    quotient = Quotient(problem.D, problem.X1)
    try:
        structure = spectrum(quotient)
        if not (structure.is_simple and refined_cheaply(structure.eigenvalues, quotient)):
            return None
    except (HypothesisError, PrecisionCeilingError):  # X1 is singular, or roots are too close
        return None
    return decompose_known(exponent, [c * value for value in eigenvalue_balls(quotient)])


def first_layer(
    problem: Problem, record: BranchRecord, start: Eigenvectors | None
) -> EnclosedFirstLayer:
    """W1 = c·D⁻¹ and exp(−W1·X1), by eigenvectors where they are found; success proves that D is
    invertible."""
    c = log_scale(record.alpha, record.turn)
    D = en.from_exact(problem.D)
    W1 = en.solve(D, en.scalar(problem.d, c), "W1 = c·D⁻¹")
    exponent = W1 * en.from_exact(problem.X1)
    inner = decompose(exponent, start) or _by_known_eigenvalues(problem, exponent, c)
    inverse_A = en.require_finite(
        inner.function([(-value).exp() for value in inner.values]) if inner else en.exp(-exponent),
        "the inverse of exp(W1·X1)",
    )
    return EnclosedFirstLayer(W1, None, inverse_A, inner)
