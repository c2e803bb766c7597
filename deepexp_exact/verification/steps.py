"""The proof steps P1..P7 evaluated on a solved problem, with plain mpmath and nothing else.

The evaluation shares no numerical code with any path: products are mpmath's, the exponential is
``mpmath.expm`` (Taylor with scaling and squaring), eigenvalues are ``mpmath.eig``'s; beyond
:data:`MPMATH_D`, where these take minutes, all three are FLINT's.  It uses the returned, rounded
weights, the exact data and the branch record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mpmath import MPContext

from ..branches import BranchRecord
from ..exact import ExactMatrix, GaussianRational
from ..precision import MoreBits, raise_until
from ..problems import Problem
from ..solution import Solution
from ..spectrum import spectrum
from .flint_matrices import MAX_BITS, FlintMatrix

#: Largest d at which products, exponentials and eigenvalues are mpmath's.
MPMATH_D = 24
#: An eigenvalue of L farther than this from its recorded place is on another branch (off by 2π).
BRANCH_TOLERANCE = 0.1


@dataclass(frozen=True)
class StepResult:
    """The residual of one step, relative to the size of what it equates, and what was measured.

    ``amplification`` ≥ 1 is by how much a relative error of the given weights (W1, W2) may grow in
    this step's quantities, by norms; the tolerance of the step is 10^−digits times it."""

    id: str
    residual: Any
    words: str
    amplification: Any = 1


def context(digits: int) -> MPContext:
    """An own mpmath context: the global precision is never touched."""
    mp = MPContext()
    mp.dps = digits
    return mp


def to_mp(mp: MPContext, matrix: ExactMatrix) -> Any:
    """The exact matrix rounded to the context's precision."""
    return mp.matrix([[scalar(mp, z) for z in row] for row in matrix.to_rows()])


def scalar(mp: MPContext, z: GaussianRational) -> Any:
    return mp.mpc(mp.mpf(int(z.re.p)) / int(z.re.q), mp.mpf(int(z.im.p)) / int(z.im.q))


def into(mp: MPContext, matrix: Any) -> Any:
    """An mpmath matrix of another context, taken over exactly (or rounded, if longer)."""
    return mp.matrix(
        [[mp.mpmathify(matrix[r, c]) for c in range(matrix.cols)] for r in range(matrix.rows)]
    )


def frobenius(mp: MPContext, matrix: Any) -> Any:
    if isinstance(matrix, FlintMatrix):
        return matrix.frobenius()
    return mp.sqrt(sum((abs(x) ** 2 for x in matrix), mp.mpf(0)))


def expm(mp: MPContext, matrix: Any) -> Any:
    """exp of a matrix of either kind."""
    return matrix.expm() if isinstance(matrix, FlintMatrix) else mp.expm(matrix)


def scale_c(mp: MPContext, record: BranchRecord) -> Any:
    """c = Log α + 2πi·turn."""
    return mp.log(scalar(mp, record.alpha)) + 2j * mp.pi * record.turn


def residuals(problem: Problem, solution: Solution) -> tuple[Any, Any]:
    """‖f(Xi) − Yi‖/‖Yi‖ (‖f(Xi)‖ where Yi = 0) of any weights, from the definition of f."""
    mp, out = context(2 * solution.digits_carried + 20), []
    W1, W2, W3 = (into(mp, W) for W in solution.weights)
    for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
        left = W3 * mp.expm(W2 * mp.expm(W1 * to_mp(mp, X))) - to_mp(mp, Y)
        out.append(frobenius(mp, left) / (frobenius(mp, to_mp(mp, Y)) or 1))
    return out[0], out[1]


class StepValues:
    """All quantities of the proof, recomputed once from the weights of a solution."""

    def __init__(self, problem: Problem, solution: Solution, extra: int = 20) -> None:
        self.problem, self.record = problem, solution.record
        self.weights = solution.weights
        digits = solution.digits_carried + extra
        digits += self._growth(solution, min(digits, 40))
        self.mp = mp = context(digits)
        self.W1, self.W2, self.W3 = (self._taken(mp, w) for w in solution.weights)
        self.Z, self.L = self._taken(mp, solution.Z), self._taken(mp, solution.L)
        self.alpha, self.c = scalar(mp, self.record.alpha), scale_c(mp, self.record)
        four = (problem.X1, problem.X2, problem.Y1, problem.Y2)
        self.X1, self.X2, self.Y1, self.Y2 = (self._taken(mp, m) for m in four)
        self.M1, self.M2 = self.W1 * self.X1, self.W1 * self.X2
        self.A, self.B = expm(mp, self.M1), expm(mp, self.M2)
        self.one = self._taken(mp, ExactMatrix.identity(problem.d))

    def _taken(self, mp: MPContext, matrix: Any) -> Any:
        """An exact matrix or one of mpmath's in the arithmetic of this size."""
        if self.problem.d > MPMATH_D:
            return FlintMatrix.of(mp, matrix)
        return to_mp(mp, matrix) if isinstance(matrix, ExactMatrix) else into(mp, matrix)

    @cached_property
    def K(self) -> Any:
        """K as the record completes it; slow to make exactly where d is large."""
        quotient = self.record.quotient(self.problem)
        if self.problem.d > MPMATH_D:
            return FlintMatrix.quotient(self.mp, quotient.left, quotient.right)
        return self._taken(self.mp, quotient.matrix)

    def _growth(self, solution: Solution, digits: int) -> int:
        """Digits lost when exp(W1·X1)·exp(−W1·X1) and exp(Z)·exp(−Z) are formed: the product of
        the norms, at the first precision at which the products are the identity to 3 digits."""

        def lost(bits: int) -> float:
            mp, total = context(digits), 0.0
            mp.prec = bits
            one = self._taken(mp, ExactMatrix.identity(self.problem.d))
            inner = self._taken(mp, solution.W1) * self._taken(mp, self.problem.X1)
            for M in (inner, self._taken(mp, solution.Z)):
                E, F = expm(mp, M), expm(mp, -M)
                if not frobenius(mp, E * F - one) < mp.mpf(10) ** -3:
                    raise MoreBits("exp(M)·exp(−M) is not I", bits)
                total = max(total, float(mp.log10(frobenius(mp, E) * frobenius(mp, F))))
            return total

        start = context(digits).prec
        return int(raise_until(lost, start, MAX_BITS, "the steps need")) + 5

    def ratio(self, difference: Any, *sizes: Any) -> Any:
        """‖difference‖ relative to the largest of the sizes (or absolute if all are zero)."""
        size = max((frobenius(self.mp, s) for s in sizes), default=self.mp.mpf(0))
        top = frobenius(self.mp, difference)
        return top / size if size else top

    def size(self, *factors: Any) -> Any:
        """The product of the Frobenius norms."""
        return self.mp.fprod(frobenius(self.mp, factor) for factor in factors)

    def p1(self) -> StepResult:
        shift = self.c * self.one
        size = max(self.size(self.M2), self.size(shift))
        grown = (self.size(self.W1, self.X1) + self.size(self.W1, self.X2)) / size
        residual = self.ratio(self.M2 - self.M1 - shift, self.M2, shift)
        return StepResult("P1", residual, "W1·X2 − W1·X1 − c·I", grown + 1)

    def p2(self) -> StepResult:
        residual = self.ratio(self.B - self.alpha * self.A, self.B)
        return StepResult("P2", residual, "exp(W1·X2) − α·exp(W1·X1)", self._first_layer)

    @property
    def _first_layer(self) -> Any:
        """By how much an error of W1 may grow in exp(W1·X1) or exp(W1·X2), to first order."""
        return 1 + self.size(self.W1, self.X1) + self.size(self.W1, self.X2)

    def p3(self) -> StepResult:
        inverse = expm(self.mp, -self.M1)
        residual = self.ratio(self.A * inverse - self.one, self.one)
        return StepResult("P3", residual, "exp(W1·X1)·exp(−W1·X1) − I")

    def p4(self) -> StepResult:
        residual = self.ratio(expm(self.mp, self.L) - self.K, self.K)
        return StepResult("P4", residual, "exp(L) − K", 1 + self.size(self.L))

    def p5(self) -> StepResult:
        first = self.ratio(self.W2 * self.A - self.Z, self.Z)
        second = self.ratio(self.W2 * self.B - self.alpha * self.Z, self.alpha * self.Z)
        size = self.size(self.Z)
        grown = self.size(self.W2, self.A) / size if size else self.mp.mpf(1)
        return StepResult(
            "P5",
            max(first, second),
            "W2·exp(W1·X1) − Z and W2·exp(W1·X2) − α·Z",
            1 + grown * self._first_layer,
        )

    def p6(self) -> StepResult:
        left, right = expm(self.mp, self.alpha * self.Z), expm(self.mp, self.Z)
        residual = self.ratio(left - right * self.K, left)
        return StepResult("P6", residual, "exp(α·Z) − exp(Z)·K", 1 + self.size(self.alpha * self.Z))

    def p7(self) -> StepResult:
        first, second = self.residuals()
        return StepResult("P7", max(first, second), "f(X1) − Y1 and f(X2) − Y2")

    def residuals(self) -> tuple[Any, Any]:
        """‖f(Xi) − Yi‖/‖Yi‖, f evaluated from its definition."""
        out = []
        for inner, Y in ((self.A, self.Y1), (self.B, self.Y2)):
            out.append(self.ratio(self.W3 * expm(self.mp, self.W2 * inner) - Y, Y))
        return out[0], out[1]

    def branch_distance(self) -> Any:
        """Largest distance of an eigenvalue of (α − 1)·W2·exp(W1·X1) from its recorded place."""
        mp = self.mp
        L = (self.alpha - 1) * self.W2 * self.A
        flint = isinstance(L, FlintMatrix)
        values = L.eigenvalues() if flint else list(mp.eig(L, left=False, right=False))
        return match_distance(mp, values, recorded_logarithms(mp, self.problem, self.record))

    def steps(self) -> dict[str, Callable[[], StepResult]]:
        """The steps of the first layer, then P3 to P7."""
        from .splitting import first_layer_steps

        return first_layer_steps(self) | {f"P{j}": getattr(self, f"p{j}") for j in range(3, 8)}


def recorded_logarithms(mp: MPContext, problem: Problem, record: BranchRecord) -> list[Any]:
    """Log λ_j + 2πi·k_j, with multiplicity, from the centres of the enclosures."""
    out = []
    eigenvalues = spectrum(record.quotient(problem)).eigenvalues
    for eigenvalue, entry in zip(eigenvalues, record.entries, strict=True):
        centre = scalar(mp, eigenvalue.enclosure.center)
        if entry.on_negative_axis:
            value = mp.mpc(mp.log(-centre.real), mp.pi)
        else:
            value = mp.log(centre)
        for part in entry.parts:
            out += [value + 2j * mp.pi * part.k] * part.multiplicity
    return out


def match_distance(mp: MPContext, found: list[Any], wanted: list[Any]) -> Any:
    """The largest distance when each wanted value takes the nearest one still free."""
    free, worst = list(found), mp.mpf(0)
    for value in wanted:
        nearest = min(range(len(free)), key=lambda j: abs(free[j] - value))
        worst = max(worst, abs(free.pop(nearest) - value))
    return worst
