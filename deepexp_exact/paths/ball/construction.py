"""Steps P1 to P7 of the construction in enclosures, at one working precision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import acb, arb

from ...branches import BranchRecord
from ...exact import GaussianRational, gaussian
from ...precision import MoreBits
from ...problems import Problem
from . import enclosures as en
from .eigen import Decomposition, Eigenvectors, decompose
from .logarithm import Logarithm, logarithm

#: Approximate eigenvectors of W1·X1 and of K to start from, where somebody has them.
Starts = tuple[Eigenvectors | None, Eigenvectors | None]


@dataclass(frozen=True)
class Enclosures:
    """Enclosures of the exact weights of a record and of what they are made from.

    ``inner`` is the eigendecomposition of W1·X1, where it was found; ``scale`` is c."""

    W1: Any
    W2: Any
    W3: Any
    inverse_A: Any
    K: Any
    Z: Any
    log: Logarithm
    alpha: Any
    scale: Any
    inner: Decomposition | None = None

    @property
    def weights(self) -> tuple[Any, Any, Any]:
        return self.W1, self.W2, self.W3

    def relative_radius(self) -> Any:
        """The largest relative Frobenius radius of W1, W2, W3."""
        return max((en.relative_radius(w) for w in self.weights), key=en.log2_of)


def scale(alpha: GaussianRational, turn: int) -> Any:
    """c = Log α + 2πi·turn with −π < Im Log α ≤ π, at the current precision."""
    turns = acb(0, 2 * turn * arb.pi())
    if alpha.is_real() and alpha.re < 0:
        return acb(arb(-alpha.re).log(), arb.pi()) + turns
    return en.from_rational(alpha).log() + turns


def construct(problem: Problem, record: BranchRecord, starts: Starts = (None, None)) -> Enclosures:
    """W1 = c·D⁻¹, L = log K, Z = L/(α − 1), W2 = Z·exp(−W1·X1), W3 = Y1·exp(−Z) in enclosures.

    Works at the current precision; raises :class:`MoreBits` if that is too low.  Success proves
    that D and Y1 are invertible.  ``starts`` are hints, whatever they are: what is
    returned holds."""
    d = problem.d
    c = scale(record.alpha, record.turn)
    alpha = en.from_rational(record.alpha)
    beta = en.from_rational(gaussian(1) / (record.alpha - gaussian(1)))
    D, Y1 = en.from_exact(problem.D), en.from_exact(problem.Y1)
    W1 = en.solve(D, en.scalar(d, c), "W1 = c·D⁻¹")
    exponent = W1 * en.from_exact(problem.X1)
    inner = decompose(exponent, starts[0])
    inverse_A = en.require_finite(
        inner.function([(-value).exp() for value in inner.values]) if inner else (-exponent).exp(),
        "the inverse of exp(W1·X1)",
    )
    K = en.solve(Y1, en.from_exact(problem.Y2), "K = Y1⁻¹·Y2")
    log = logarithm(problem, record, K, starts[1])
    Z = log.L * beta
    W2 = en.require_finite(Z * inverse_A, "W2")
    W3 = en.require_finite(Y1 * log.exponential(-beta), "W3")
    return Enclosures(W1, W2, W3, inverse_A, K, Z, log, alpha, c, inner)


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
        y = en.log2_of(en.norm_lower(en.from_exact(Y)))
        o = w3 + en.log2_of(en.norm_upper(last)) - y
        g2 = w2 + a + shift
        g1 = g2 + w1 + en.log2_of(en.norm_upper(en.from_exact(X)))
        worst = max(worst, o + max(0.0, g2, g1))
    if not math.isfinite(worst):
        raise MoreBits("the enclosures are too wide to choose the digits to carry")
    return math.ceil(digits * math.log2(10) + worst) + 8
