"""The weights of a record in enclosures, at one working precision: the first layer of its
construction, then steps P3 to P7."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from flint import acb, arb

from ....branches import BranchRecord
from ....exact import GaussianRational, gaussian
from ....precision import MoreBits
from ....problems import Problem
from ..functions import enclosures as en
from ..functions.eigen import Eigenvectors, EnclosedEigenvectors
from ..functions.logarithm import Logarithm, logarithm

#: Approximate eigenvectors of W1·X1 and of K to start from, where somebody has them.
Starts = tuple[Eigenvectors | None, Eigenvectors | None]


@dataclass(frozen=True)
class Enclosures:
    """Enclosures of the exact weights of a record and of what they are made from.

    ``A`` is None where only its inverse was needed so far; ``inner`` is the eigendecomposition of
    W1·X1, where it was found; ``scale`` is c."""

    W1: Any
    W2: Any
    W3: Any
    A: Any
    inverse_A: Any
    K: Any
    Z: Any
    log: Logarithm
    alpha: Any
    scale: Any
    inner: EnclosedEigenvectors | None = None

    @property
    def weights(self) -> tuple[Any, Any, Any]:
        return self.W1, self.W2, self.W3

    def relative_radius(self) -> Any:
        """The largest relative Frobenius radius of W1, W2, W3."""
        return max((en.relative_radius(w) for w in self.weights), key=en.log2_of)


@dataclass(frozen=True)
class EnclosedFirstLayer:
    """Enclosures of W1, of A = exp(W1·X1) (None: to be had from its inverse) and of A⁻¹; and the
    eigendecomposition of W1·X1 where it was found."""

    W1: Any
    A: Any
    inverse_A: Any
    inner: EnclosedEigenvectors | None = None


def log_scale(alpha: GaussianRational, turn: int) -> Any:
    """c = Log α + 2πi·turn with −π < Im Log α ≤ π, at the current precision."""
    turns = acb(0, 2 * turn * arb.pi())
    if alpha.is_real() and alpha.re < 0:
        return acb(arb(-alpha.re).log(), arb.pi()) + turns
    return en.from_rational(alpha).log() + turns


def first_layer(
    problem: Problem, record: BranchRecord, start: Eigenvectors | None
) -> EnclosedFirstLayer:
    """W1 of the recorded construction; its module is named as the construction is."""
    layer: EnclosedFirstLayer = import_module(f"..{record.module}", __package__).first_layer(
        problem, record, start
    )
    return layer


def construct(problem: Problem, record: BranchRecord, starts: Starts = (None, None)) -> Enclosures:
    """W1, L = log K, Z = L/(α − 1), W2 = Z·exp(−W1·X1), W3 = Y1·exp(−Z) in enclosures.

    Works at the current precision; raises :class:`MoreBits` if that is too low.  Success proves
    the hypotheses of the construction.  ``starts`` are initial eigenvectors, whatever they are:
    what is returned holds."""
    layer = first_layer(problem, record, starts[0])
    beta = en.from_rational(gaussian(1) / (record.alpha - gaussian(1)))
    quotient = record.quotient(problem)
    left, right = en.from_exact(quotient.left), en.from_exact(quotient.right)
    K = en.solve(left, right, "K")
    log = logarithm(quotient, record.logarithm, K, starts[1])
    Z = log.L * beta
    W2 = en.require_finite(Z * layer.inverse_A, "W2")
    W3 = en.require_finite(en.from_exact(problem.Y1) * log.exponential(-beta), "W3")
    alpha, c = en.from_rational(record.alpha), log_scale(record.alpha, record.turn)
    return Enclosures(layer.W1, W2, W3, layer.A, layer.inverse_A, K, Z, log, alpha, c, layer.inner)


def weight_bits(
    problem: Problem, found: Enclosures, A: Any, outer: tuple[Any, Any], digits: int
) -> int:
    """Mantissa bits with which rounded weights keep residuals and errors below 10^−digits.

    A relative change ε of W1, W2, W3 changes f(Xi) by about ε·o·max(1, g2, g1) relative to Yi,
    with o = ‖W3‖·‖exp(αi·Z)‖/‖Yi‖, g2 = ‖W2‖·‖αi·A‖ and g1 = g2·‖W1‖·‖Xi‖ (norms; the residual
    is proved afterwards, this only chooses where to round).  ``outer``: exp(Z) and exp(α·Z)."""
    log_alpha = en.log2_of(found.alpha.abs_upper())
    w1, w2, w3 = (en.log2_of(en.norm_upper(w)) for w in found.weights)
    a = en.log2_of(en.norm_upper(A))
    worst = 0.0
    for X, Y, last, shift in (
        (problem.X1, problem.Y1, outer[0], 0.0),
        (problem.X2, problem.Y2, outer[1], log_alpha),
    ):
        if Y.is_zero():  # then W3 = 0 and f(Xi) = Yi exactly
            continue
        y = en.log2_of(en.norm_lower(en.from_exact(Y)))
        o = w3 + en.log2_of(en.norm_upper(last)) - y
        g2 = w2 + a + shift
        g1 = g2 + w1 + en.log2_of(en.norm_upper(en.from_exact(X)))
        worst = max(worst, o + max(0.0, g2, g1))
    if not math.isfinite(worst):
        raise MoreBits("the enclosures are too wide to choose the digits to carry")
    return math.ceil(digits * math.log2(10) + worst) + 8
