"""Working precision planned from float64, so that the first pass at it suffices.

The radii of :func:`construct` follow from the condition of D, Y1 and of the eigenvectors, from gaps
between eigenvalues and from the sizes of the exponentials; all of these float64 knows in ordinary
cases.  Elsewhere (repeated or clustered eigenvalues, D or Y1 nearly singular) the construction is
rehearsed at low precision: what its enclosures lose there they lose at any precision.

Everything here is a guess: a wrong one costs time, never correctness.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, ctx

from ...branches import BranchRecord
from ...exact import ExactMatrix
from ...problem import Problem
from . import enclosures as en
from .construction import Starts, scale
from .eigen import Eigenvectors, exact

#: How much finer than the rounding of the weights their enclosures have to be, in bits.
GUARD_BITS = 12
#: Bits added to the predicted loss, which is right within about as many.
_MARGIN = 8
#: log2 of the condition up to which float64 is believed.
_TRUSTED = 40.0
#: Bits of a rehearsal beyond the spread of the exponentials.
_REHEARSAL = 104
#: Largest exponent, in bits, of a number that float64 plans with.
_RANGE = 400.0


@dataclass(frozen=True)
class Plan:
    """``loss``: bits the enclosures of the weights lose, or None if a rehearsal has to tell;
    ``growth``: log2 of how a relative change of the weights grows into f(Xi); ``rehearsal``: bits
    to rehearse with; ``starts``: float64 eigenvectors of W1·X1 and of K."""

    loss: float | None
    growth: float
    rehearsal: int
    starts: Starts = (None, None)

    def bits_for(self, carried: float) -> int:
        """Working bits for weights with mantissas of ``carried`` bits."""
        if self.loss is None:
            return self.rehearsal
        return math.ceil(carried + GUARD_BITS + self.loss + _MARGIN)

    def bits_for_digits(self, digits: int) -> int:
        """Working bits for weights that keep ``digits`` decimal digits of the residual."""
        return self.bits_for(digits * math.log2(10) + self.growth + 9)


def plan(problem: Problem, record: BranchRecord) -> Plan:
    """The plan for a problem and a record."""
    floats = _float_plan(problem, record)
    if floats is not None:
        return floats
    bits = _REHEARSAL + 1.5 * problem.d + _inner_spread(problem, record) + _outer_spread(record)
    return Plan(None, 0.0, math.ceil(min(bits, 1e6)))


# -------------------------------------------------------------------------------- from float64


@dataclass(frozen=True)
class _Side:
    """A matrix in float64 with its eigenvectors and a bound, in units of the last working bit, of
    the radii of its eigenvalues (``values_radius``) and eigenvectors (``vectors_radius``)."""

    values: Any
    R: Any
    S: Any
    condition: float
    values_radius: float
    vectors_radius: float

    @classmethod
    def of(cls, matrix: Any, radius: float) -> _Side | None:
        """None where float64's eigenvectors are not to be believed."""
        values, R = np.linalg.eig(matrix)
        S = np.linalg.inv(R)
        condition = _norm(R) * _norm(S)
        apart = np.abs(values[:, None] - values[None, :])
        np.fill_diagonal(apart, np.inf)
        size = float(np.abs(values).max())
        gap = min(float(apart.min()), max(size, 1e-300))
        moved = condition * (radius + _norm(matrix))
        if not (gap > 0 and math.log2(condition * moved / gap) < _TRUSTED + 8):
            return None
        return cls(values, R, S, condition, moved, moved / gap)

    def function(self, images: Any) -> Any:
        return (self.R * images) @ self.S

    def radius(self, images: Any, slope: float) -> float:
        """Of f of the matrix, from max |f| and max |f'| at the eigenvalues."""
        largest = float(np.abs(images).max())
        return self.condition * (2 * largest * self.vectors_radius + slope * self.values_radius)

    def eigenvectors(self) -> Eigenvectors:
        return Eigenvectors([acb(v) for v in self.values.tolist()], exact(self.R), exact(self.S))


def _floats(matrix: ExactMatrix) -> Any:
    """The matrix in float64, by way of balls: quicker than the correctly rounded one."""
    with ctx.workprec(64):
        entries = en.from_exact(matrix).entries()
    return np.array([complex(z) for z in entries]).reshape(matrix.rows, matrix.cols)


def _norm(matrix: Any) -> float:
    return float(np.linalg.norm(matrix))


def _float_plan(problem: Problem, record: BranchRecord) -> Plan | None:
    if any(entry.multiplicity > 1 for entry in record.entries):
        return None
    try:
        with np.errstate(all="ignore"):
            found = _predict(problem, record)
    except (np.linalg.LinAlgError, ValueError, OverflowError, ZeroDivisionError):
        return None
    if found is None or found.loss is None:
        return None
    return found if math.isfinite(found.loss) and math.isfinite(found.growth) else None


def _predict(problem: Problem, record: BranchRecord) -> Plan | None:
    """Loss and growth to first order; None where float64 does not see the problem."""
    X1, D, Y1, Y2 = map(_floats, (problem.X1, problem.D, problem.Y1, problem.Y2))
    alpha = complex(record.alpha)
    c = cmath.log(alpha) + 2j * math.pi * record.turn
    shrink = 1 / (alpha - 1)
    inverses = [np.linalg.inv(m) for m in (D, Y1)]
    conditions = [_norm(m) * _norm(v) for m, v in zip((D, Y1), inverses, strict=True)]
    if not max(conditions) < 2.0**_TRUSTED:
        return None
    W1, K = c * inverses[0], inverses[1] @ Y2
    M = W1 @ X1
    inner = _Side.of(M, _norm(W1) * _norm(X1) * conditions[0])
    outer = _Side.of(K, _norm(inverses[1]) * _norm(Y2) * conditions[1])
    if inner is None or outer is None:
        return None
    logs = _logarithms(outer.values, record)
    z, m = logs * shrink, inner.values
    reach = max(float(np.abs(x.real).max()) for x in (m, z, alpha * z))
    if not reach / math.log(2) < _RANGE:
        return None
    down, last = inner.function(np.exp(-m)), outer.function(np.exp(-z))
    Z = outer.function(z)
    W2, W3 = Z @ down, Y1 @ last
    slope = 1 / float(np.abs(outer.values).min())
    Z_radius = outer.radius(z, abs(shrink) * slope)
    down_radius = inner.radius(np.exp(-m), float(np.exp(-m.real).max()))
    last_radius = outer.radius(np.exp(-z), abs(shrink) * slope * float(np.exp(-z.real).max()))
    second = (_norm(Z) * down_radius + _norm(down) * Z_radius) / _norm(W2)
    third = _norm(Y1) * last_radius / _norm(W3)
    loss = math.log2(max(conditions[0], second, third))
    a = _norm(inner.function(np.exp(m)))
    growth = -math.inf
    for X, Y, factor in ((X1, Y1, 1.0), (X1 + D, Y2, alpha)):
        g2 = _norm(W2) * a * abs(factor)
        o = _norm(W3) * _norm(outer.function(np.exp(factor * z))) / _norm(Y)
        growth = max(growth, math.log2(o * max(1.0, g2, g2 * _norm(W1) * _norm(X))))
    near = max(conditions) < 1e4
    starts = (inner.eigenvectors(), outer.eigenvectors()) if near else (None, None)
    return Plan(loss, max(growth, 0.0), 0, starts)


def _logarithms(values: Any, record: BranchRecord) -> Any:
    """Log λ + 2πi·k with the integer of the nearest box."""
    centers = np.array([complex(entry.box.center) for entry in record.entries])
    nearest = np.abs(values[:, None] - centers[None, :]).argmin(axis=1)
    ks = np.array([record.entries[int(j)].k for j in nearest])
    return np.log(values) + 2j * math.pi * ks


def _inner_spread(problem: Problem, record: BranchRecord) -> float:
    """log2 of the condition of exp(W1·X1), about: the spread of Re(c·μ), μ eigenvalues of
    D⁻¹·X1."""
    D, X1 = _floats(problem.D), _floats(problem.X1)
    alpha = complex(record.alpha)
    try:
        if float(np.linalg.cond(D)) < 1e10 and alpha not in (0, 1):
            c = cmath.log(alpha) + 2j * math.pi * record.turn
            values = [complex(c * z) for z in np.linalg.eigvals(np.linalg.solve(D, X1))]
        else:
            values = _approximate_exponents(problem, record)
    except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
        return 0.0
    real = [z.real for z in values]
    spread = (max(real) - min(real)) / math.log(2)
    size = max(map(abs, values))
    return spread + (math.log2(size) if size > 1 else 0.0) if math.isfinite(spread) else 0.0


def _approximate_exponents(problem: Problem, record: BranchRecord) -> list[complex]:
    """The numbers c·μ with real parts that are right although |c·μ| may exceed 10^16."""
    bits = 256
    while bits <= 8192:
        with ctx.workprec(bits):
            quotient = en.from_exact(problem.D).solve(en.from_exact(problem.X1), nonstop=True)
            if en.norm_upper(quotient) * en.relative_radius(quotient) < 1:
                c = scale(record.alpha, record.turn)
                values = quotient.mid().eig(algorithm="approx")
                return [complex((c * z).mid()) for z in values]
        bits *= 2
    return [0j]


def _outer_spread(record: BranchRecord) -> float:
    """log2 of the condition of exp(Z) and exp(α·Z), about."""
    alpha = complex(record.alpha)
    if alpha in (0, 1):
        return 0.0
    values = []
    for entry in record.entries:
        center = complex(entry.box.center)
        if center == 0 or not cmath.isfinite(center):
            return 0.0
        angle = math.pi if entry.on_negative_axis else cmath.phase(center)
        ell = complex(math.log(abs(center)), angle + 2 * math.pi * entry.k)
        values.append(ell / (alpha - 1))
    spreads = [
        max((f * z).real for z in values) - min((f * z).real for z in values) for f in (1, alpha)
    ]
    return max(spreads) / math.log(2)
