"""Working precision planned from float64, so that the first pass suffices.

The radii of :func:`construct` follow from the condition of D, Y1 and of the eigenvectors, from gaps
between eigenvalues and from the sizes of the exponentials; all of these float64 knows in ordinary
cases (:mod:`forecast`).  Elsewhere (D nearly singular, K nearly defective) a multiple of the
condition's logarithm stands in, on the safe side.

Everything here is a guess: a wrong one costs time, never correctness.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from flint import ctx

from ....branches import BranchRecord
from ....exact import ExactMatrix
from ....problems import Problem
from ....spectrum import spectrum
from ....spectrum.similarity import converging_steps, reduced
from ..functions import enclosures as en
from .construction import Starts, log_scale
from .forecast import (
    TRUSTED,
    Diagonalised,
    Estimate,
    exponential,
    interpolated,
    norm,
    taylor_of_log,
    taylor_of_power,
)

#: How much finer than the rounding of the weights their enclosures have to be, in bits.
GUARD_BITS = 12
#: Bits added to the predicted loss, which is right within about as many.
_MARGIN = 8
#: Loss where nothing is known, and as multiples of log2 of a condition: of D, of eigenvectors.
_UNKNOWN, _LOSS_OF_INVERSE, _LOSS_OF_VECTORS = 40.0, 5.0, 6.0
#: The same as a multiple of log2 of the largest eigenvalue over the smallest gap.
_LOSS_OF_RANGE = 2.0
#: Any number of bits beyond every ceiling.
_ABSURD = 1e6
#: Size of c·μ from which on float64 may have made up its real part.
_FAR = 1e3
#: Condition of D beyond which the eigenvectors of W1·X1 are not counted on.
_MODERATE = 2.0**30
#: Largest loss and growth, in bits, that float64's range allows to predict.
_RANGE = 600.0


@dataclass(frozen=True)
class Plan:
    """``loss``: bits the enclosures of the weights lose; ``growth``: log2 of how a relative change
    of the weights grows into f(Xi); ``starts``: float64 eigenvectors of W1·X1 and of K."""

    loss: float
    growth: float
    starts: Starts = (None, None)

    def bits_for(self, carried: float) -> int:
        """Working bits for weights with mantissas of ``carried`` bits."""
        return math.ceil(min(carried + GUARD_BITS + self.loss + _MARGIN, _ABSURD))

    def bits_for_digits(self, digits: int) -> int:
        """Working bits for weights that keep ``digits`` decimal digits of the residual."""
        return self.bits_for(digits * math.log2(10) + self.growth + 9)


def plan_for(problem: Problem, record: BranchRecord) -> Plan:
    """The plan of the recorded construction."""
    found: Plan = import_module(f"..{record.module}", __package__).plan(problem, record)
    return found


def plan(problem: Problem, record: BranchRecord) -> Plan:
    """The plan for W1 = c·D⁻¹."""
    loss = _UNKNOWN
    try:
        with np.errstate(all="ignore"):
            found = _predict(problem, record)
        if abs(found.loss) + found.growth < _RANGE:
            return found
    except _Unseen as unseen:
        loss = unseen.loss
    except (np.linalg.LinAlgError, ValueError, OverflowError, ZeroDivisionError):
        loss = max(loss, _LOSS_OF_INVERSE * _log2_condition(problem.D))
        gap, size = _log2_gap(record)
        loss = max(loss, _LOSS_OF_RANGE * (size - gap))
    if not math.isfinite(loss):  # a singular matrix: the construction will say so
        loss = _UNKNOWN
    return Plan(loss + 1.5 * problem.d, _inner_spread(problem, record) + _outer_spread(record))


# -------------------------------------------------------------------------------- from float64


class _Unseen(Exception):
    """float64 does not see the problem; ``loss`` is a guess from its condition."""

    def __init__(self, loss: float) -> None:
        super().__init__()
        self.loss = loss


def _floats(matrix: ExactMatrix) -> Any:
    """The matrix in float64, by way of balls: quicker than the correctly rounded one."""
    with ctx.workprec(64):
        entries = en.from_exact(matrix).entries()
    return np.array([complex(z) for z in entries]).reshape(matrix.rows, matrix.cols)


def _predict(problem: Problem, record: BranchRecord) -> Plan:
    """Loss and growth to first order."""
    X1, D, Y1, Y2 = map(_floats, (problem.X1, problem.D, problem.Y1, problem.Y2))
    alpha = complex(record.alpha)
    c = cmath.log(alpha) + 2j * math.pi * record.turn
    inverses = [np.linalg.inv(m) for m in (D, Y1)]
    conditions = [norm(m) * norm(v) for m, v in zip((D, Y1), inverses, strict=True)]
    if not max(conditions) < 2.0**TRUSTED:
        raise _Unseen(_LOSS_OF_INVERSE * max(map(_log2_condition, (problem.D, problem.Y1))))
    W1 = c * inverses[0]
    M = Estimate(W1 @ X1, norm(W1) * norm(X1) * conditions[0])
    K = Estimate(inverses[1] @ Y2, norm(inverses[1]) * norm(Y2) * conditions[1])
    inner = Diagonalised.of(M) if conditions[0] < _MODERATE else None
    A, down = (
        inner.exponential(s) if inner else exponential(Estimate(s * M.matrix, M.radius))
        for s in (1, -1)
    )
    repeated = any(entry.multiplicity > 1 for entry in record.entries)
    gap, _ = _log2_gap(record)
    known = 2.0**gap if -1000 < gap < 1000 else None
    outer = None if repeated else Diagonalised.of(K, known)
    if outer is None and not repeated:
        raise _Unseen(_LOSS_OF_VECTORS * _eigenvector_loss(K.matrix, gap))
    Z, powers = _outer(problem, record, K, outer)
    W2, W3 = Z.matrix @ down.matrix, Y1 @ powers[0].matrix
    losses = [conditions[0], norm(Y1) * powers[0].radius / norm(W3)]
    if norm(W2) > 0:
        losses.append((norm(Z.matrix) * down.radius + norm(down.matrix) * Z.radius) / norm(W2))
    growth = 0.0
    for X, Y, factor, power in ((X1, Y1, 1.0, powers[1]), (X1 + D, Y2, alpha, powers[2])):
        g2 = norm(W2) * norm(A.matrix) * abs(factor)
        o = norm(W3) * norm(power.matrix) / norm(Y)
        growth = max(growth, math.log2(o * max(1.0, g2, g2 * norm(W1) * norm(X))))
    near = max(conditions) < 1e4
    starts = tuple(side.eigenvectors() if side and near else None for side in (inner, outer))
    return Plan(math.log2(max(losses)), growth, (starts[0], starts[1]))


def _log2_condition(matrix: ExactMatrix) -> float:
    """log2 of ‖A‖·‖A⁻¹‖, however large; infinite for a singular matrix."""
    for bits in (192, 768, 3072):
        with ctx.workprec(bits):
            A = en.from_exact(matrix)
            inverse = A.solve(en.identity(matrix.rows), nonstop=True)
            if en.relative_radius(inverse) < 1:
                return en.log2_of(en.norm_upper(A)) + en.log2_of(en.norm_upper(inverse))
    return math.inf


def _log2_gap(record: BranchRecord) -> tuple[float, float]:
    """log2 of the smallest distance of two eigenvalues of K (infinite for one eigenvalue) and of
    the largest modulus, from the centres of their boxes, whatever their exponents."""
    centers = [entry.box.center for entry in record.entries]
    with ctx.workprec(64):
        moduli = [en.log2_of(abs(en.from_rational(z)).upper()) for z in centers]
        gaps = [
            en.log2_of(abs(en.from_rational(a - b)).upper())
            for k, a in enumerate(centers)
            for b in centers[:k]
        ]
    return min(gaps, default=math.inf), max(moduli)


def _outer(
    problem: Problem, record: BranchRecord, K: Estimate, outer: Diagonalised | None
) -> tuple[Estimate, list[Estimate]]:
    """Z, and exp(−Z), exp(Z), exp(α·Z)."""
    alpha, quotient = complex(record.alpha), record.quotient(problem)
    shrink, d = 1 / (alpha - 1), problem.d
    factors = (-1.0, 1.0, alpha)
    if outer is not None:
        logs = logarithms(outer.values, record)
        values = [f * shrink * logs for f in factors]
        slope = abs(shrink) / float(np.abs(outer.values).min())
        Z = outer.function(shrink * logs, slope)
        return Z, [
            outer.function(np.exp(v), abs(f) * slope * float(np.exp(v.real).max()))
            for f, v in zip(factors, values, strict=True)
        ]
    if quotient.left == quotient.right:
        z = 2j * math.pi * record.entries[0].k * shrink
        return Estimate(z * np.eye(d), 0.0), [
            Estimate(cmath.exp(f * z) * np.eye(d), math.sqrt(d)) for f in factors
        ]
    eigenvalues = spectrum(quotient).eigenvalues
    logs = [
        taylor_of_log(complex(e.box.center), entry.k, entry.on_negative_axis, e.index)
        for entry, e in zip(record.entries, eigenvalues, strict=True)
    ]
    L = interpolated(K, eigenvalues, logs)
    powers = [
        interpolated(
            K,
            eigenvalues,
            [
                taylor_of_power(complex(e.box.center), log[0], f * shrink, e.index)
                for log, e in zip(logs, eigenvalues, strict=True)
            ],
        )
        for f in factors
    ]
    return Estimate(shrink * L.matrix, abs(shrink) * L.radius), powers


def _eigenvector_loss(K: Any, gap: float) -> float:
    """log2 of condition over gap of the eigenvectors, as far as float64 sees it; ``gap`` a log2."""
    _, R = np.linalg.eig(K)
    return math.log2(float(np.linalg.cond(R)) * norm(K)) - gap


def logarithms(values: Any, record: BranchRecord) -> Any:
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
            values = []
        if not values or not max(map(abs, values)) < _FAR:  # or float64 made them up
            values = _approximate_exponents(problem, record)
    except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
        return 0.0
    real = [z.real for z in values]
    spread = (max(real) - min(real)) / math.log(2)
    size = max(map(abs, values))
    return spread + (math.log2(size) if size > 1 else 0.0) if math.isfinite(spread) else 0.0


def _approximate_exponents(problem: Problem, record: BranchRecord) -> list[complex]:
    """The numbers c·μ with real parts that are right although |c·μ| may exceed 10^16, and the
    entries of D⁻¹·X1 may be far larger."""
    bits, d = 256, problem.d
    while bits <= 8192:
        with ctx.workprec(bits):
            quotient = en.from_exact(problem.D).solve(en.from_exact(problem.X1), nonstop=True)
            if en.norm_upper(quotient) * en.relative_radius(quotient) < 1:
                small = reduced(quotient)[0]
                size, width = (en.log2_of(x(small)) for x in (en.norm_upper, en.radius))
                # A perturbation E moves eigenvalues by about (‖E‖·‖A‖^(d − 1))^(1/d) at most.
                if size + (max(width, size - bits / 2) - size) / d < 0 or bits == 8192:
                    c = log_scale(record.alpha, record.turn)
                    values = small.mid().eig(algorithm="approx", maxiter=converging_steps(d))
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
