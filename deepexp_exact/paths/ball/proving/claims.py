"""Rigorous bounds on stored weights: residuals (C1), distances (C2), eigenvalues of L (C3), the
first layer (C4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from ....exact import gaussian
from ....precision import MoreBits
from ....problems import Problem
from ....spectrum.similarity import spectral_growth
from ..functions import enclosures as en
from ..functions.logarithm import Logarithm
from ..network.construction import Enclosures

#: |log2| of ‖exp(W1·X1)‖ from which on a checker in fixed point has no bits left for claim C4.
_FIXED_POINT = 100_000
#: −log2 of the smallest radius that is told.
_SMALLEST = 2.0**40


class TooCoarse(MoreBits):
    """W2·exp(W1·X) has an eigenvalue so large, where log K has none, that the weights themselves
    need about ``bits`` more bits."""

    def __init__(self, bits: float) -> None:
        super().__init__("the weights are too coarse for f(X) to be a number", bits)


@dataclass(frozen=True)
class ResidualBounds:
    """f at X1 and X2 for exact weights: per output an upper and a lower bound of the relative
    Frobenius residual, Z = W2·exp(W1·X1) and Z2 = W2·exp(W1·X2) (None where it was not needed), and
    an upper bound of the relative residual of the first layer, ‖exp(W1·X2) −
    α·exp(W1·X1)‖/‖α·exp(W1·X1)‖, where α was given and these are within fixed point's reach."""

    upper: tuple[Any, Any]
    lower: tuple[Any, Any]
    Z: Any
    layer: Any = None
    Z2: Any = None


@dataclass(frozen=True)
class ProvedBounds:
    """What has been proved about stored weights (exact ``arb`` upper bounds): relative residuals,
    relative distances to the exact weights, the radius about every ℓ_j, and the relative residual
    of the first layer; the last two None where the construction has no logarithm.  ``pair_radii``:
    radii about the eigenvalues of A and of B of a paired construction."""

    residuals: tuple[Any, Any]
    radii: tuple[Any, Any, Any]
    eigenvalue_radius: Any = None
    layer: Any = None
    pair_radii: tuple[Any, Any] | None = None


def bound_residuals(
    problem: Problem, weights: tuple[Any, Any, Any], alpha: Any = None, most: float = math.inf
) -> ResidualBounds:
    """The relative residuals of exact weights in balls at the current precision (claim C1; C4 with
    ``alpha``).

    Raises :class:`MoreBits` if an enclosure is not finite, :class:`TooCoarse` if W2·exp(W1·X) is
    found to have an eigenvalue beyond 2^most."""
    W1, W2, W3 = weights
    upper, lower, inner = [], [], []
    for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
        A = en.require_finite(en.exp(W1 * en.from_exact(X)), "exp(W1·X)")
        inner.append(A)
        F = W3 * en.exp(W2 * A, most)
        if not en.all_finite(F) and (growth := spectral_growth(W2 * A)) > most:
            raise TooCoarse(growth * W2.nrows())
        en.require_finite(F, "f(X)")
        target = en.from_exact(Y)
        top, bottom = relative(F - target, target)
        upper.append(top)
        lower.append(bottom)
    layer = None
    if alpha is not None:
        scaled = inner[0] * alpha
        if abs(en.log2_of(en.norm_upper(scaled))) < _FIXED_POINT:
            layer, _ = relative(inner[1] - scaled, scaled)
    outer = [W2 * A for A in inner]
    return ResidualBounds((upper[0], upper[1]), (lower[0], lower[1]), outer[0], layer, outer[1])


def relative(difference: Any, target: Any) -> tuple[Any, Any]:
    """An upper and a lower bound of ‖difference‖_F/‖target‖_F."""
    upper = en.quotient(en.norm_upper(difference), en.norm_lower(target))
    with ctx.workprec(en.NORM_BITS):
        size, reference = en.norm_lower(difference), en.norm_upper(target)
        if reference == 0:
            return upper, arb.pos_inf() if size > 0 else arb(0)
        ratio = size / reference
        return upper, ratio.lower() if ratio.is_finite() else arb(0)


def distances(weights: tuple[Any, Any, Any], found: Enclosures) -> list[tuple[Any, Any]]:
    """For each weight, an upper and a lower bound of ‖Wj − Wj*‖_F/‖Wj‖_F (claim C2)."""
    return [distance(w, exact) for w, exact in zip(weights, found.weights, strict=True)]


def distance(stored: Any, exact: Any) -> tuple[Any, Any]:
    """An upper and a lower bound of ‖W − W*‖_F/‖W‖_F for every W* in an enclosure."""
    difference = stored - exact
    upper = en.quotient(en.norm_upper(difference), en.norm_lower(stored))
    with ctx.workprec(en.NORM_BITS):
        low = en.norm_lower(difference)
        return upper, (low / en.norm_upper(stored)).lower() if low > 0 else arb(0)


def eigenvalue_radius(log: Logarithm, L: Any) -> Any:
    """r such that the eigenvalues of every matrix in the enclosure ``L`` pair off with the ℓ_j,
    counted with multiplicity, at distances of at most r (claim C3); an upper bound.

    With E = L − log.L and δ = ‖E‖ there are two bounds, and the smaller one is returned.
    (a) If δ·Σ c/ρ^i < 1 over ``log.terms``, then no eigenvalue of log.L + t·E, 0 ≤ t ≤ 1, lies
    outside the discs |z − ℓ_j| < ρ; eigenvalues move continuously with t, so each connected
    component of the union keeps its number of them, and r = (2s − 1)·ρ for s discs.
    (b) r = 4·(‖log.L‖ + ‖L‖)^(1 − 1/d)·δ^(1/d) (Bhatia, Elsner & Krause 1990)."""
    delta = en.norm_upper(L - log.L)
    if delta == 0 or not delta.is_finite():
        return delta if delta == 0 else arb.pos_inf()
    general = general_radius(log.L, L)
    discs = radius_of_discs(log.terms, len(log.values), delta)
    return discs if discs is not None and discs < general else general


def radius_of_discs(terms: tuple[tuple[Any, int], ...], discs: int, delta: Any) -> Any | None:
    """(a) of :func:`eigenvalue_radius` for so many ℓ_j and δ > 0; None where it says nothing."""
    with ctx.workprec(en.NORM_BITS):
        rho = _smallest_disc(terms, delta)
        return None if rho is None else ((2 * discs - 1) * rho).upper()


def general_radius(A: Any, B: Any) -> Any:
    """r such that the eigenvalues of any matrices in the enclosures A and B pair off, counted with
    multiplicity, at distances of at most r: (b) of :func:`eigenvalue_radius`; an upper bound."""
    delta = en.norm_upper(A - B)
    if delta == 0 or not delta.is_finite():
        return delta if delta == 0 else arb.pos_inf()
    with ctx.workprec(en.NORM_BITS):
        size = (en.norm_upper(A) + en.norm_upper(B)).upper()
        return (4 * size * ((delta / size).log() / A.nrows()).exp()).upper()


def _smallest_disc(terms: tuple[tuple[Any, int], ...], delta: Any) -> Any | None:
    """The smallest ρ = 2^(e/4) with δ·Σ c/ρ^i < 1 certain, for e ≤ 16."""

    def holds(e: int) -> bool:
        rho = (arb(e) * arb.const_log2() / 4).exp()
        return bool(sum((c / rho**i for c, i in terms), arb(0)) * delta < 1)

    high = 16
    if not holds(high):  # log2 of a forged weight's δ may be no float
        return None
    low = min(4 * int(max(en.log2_of(delta), -_SMALLEST)) - 40, 0)
    while high - low > 1:
        middle = (high + low) // 2
        high, low = (middle, low) if holds(middle) else (high, middle)
    return (arb(high) * arb.const_log2() / 4).exp().upper()


def recovered_logarithm(problem: Problem, found: Enclosures, evaluation: ResidualBounds) -> Any:
    """(α − 1)·W2·exp(W1·X1) from an evaluation of stored weights."""
    return evaluation.Z * (found.alpha - en.from_rational(gaussian(1)))
