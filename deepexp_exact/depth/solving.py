"""Layers through given points: found from seeded starts, refined to the digits asked, certified."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb_mat, arb, ctx, fmpq

from ..errors import NotApplicableError, PrecisionCeilingError, ShapeError
from ..exact import ExactMatrix, whole
from ..paths.ball.functions import enclosures as en
from ..precision import MoreBits, raise_until
from ..threads import one_blas_thread
from .certifying import (
    MAX_UNKNOWNS,
    Equations,
    NoConvergence,
    Weights,
    enclosed_zero,
    last_weight,
    refined,
    residuals,
)
from .tracking import Array, Lost, track

#: Most digits, and most starts.
MAX_DIGITS, MAX_STARTS = 10_000, 100_000
_LOG2_10 = math.log2(10)


@dataclass(frozen=True)
class Found:
    """Weights W_1, ..., W_(k+1) (``acb_mat`` of radius 0) of a network with k exponentials, with
    what is proved: relative Frobenius residuals for each point, and radii: an exact solution lies
    within ``radii[j]``·‖W_j‖_F of W_j for every j at once.  ``condition`` is that of the equations'
    Jacobian, ``starts`` the number of starts made until this one."""

    weights: Weights
    digits: int
    digits_carried: int
    residuals: tuple[Any, ...]
    radii: tuple[Any, ...]
    condition: Any
    starts: int
    seconds: float


@one_blas_thread()
def through_points(
    inputs: Sequence[ExactMatrix],
    outputs: Sequence[ExactMatrix],
    digits: int = 50,
    starts: int = 20,
    seed: int = 0,
) -> Found | None:
    """k + 1 points (X_i, Y_i) by k + 1 layers W_(k+1)·exp(W_k·…exp(W_1·X)), certified to ``digits``
    decimal digits; None if none was found in so many starts, which claims nothing.

    Raises :class:`ShapeError` for fewer than two points or unequal sizes,
    :class:`NotApplicableError` if an output is singular or k·d² above 144."""
    digits = whole(digits, "digits", 1, MAX_DIGITS)
    starts = whole(starts, "starts", 1, MAX_STARTS)
    seed = whole(seed, "seed", 0, 10**18)
    points = _equations(inputs, outputs)
    began = time.perf_counter()
    for number, start in enumerate(_starts(points, starts, seed), 1):
        if start is None:
            continue
        try:
            return _certified(points, start, digits, number, began)
        except (NoConvergence, PrecisionCeilingError):
            continue
    return None


def _equations(inputs: Sequence[ExactMatrix], outputs: Sequence[ExactMatrix]) -> Equations:
    sizes = {(m.rows, m.cols) for m in (*inputs, *outputs)}
    d = inputs[0].rows if inputs else 0
    if len(inputs) < 2 or len(inputs) != len(outputs) or sizes != {(d, d)}:
        raise ShapeError(
            "the points are not two or more pairs of square matrices of one size",
            "give as many outputs as inputs, all d×d",
        )
    if (len(inputs) - 1) * d * d > MAX_UNKNOWNS:
        raise NotApplicableError(
            f"{len(inputs) - 1} unknown {d}×{d} matrices: the search takes at most {MAX_UNKNOWNS} "
            "unknown entries",
            "take a smaller problem",
        )
    for j, Y in enumerate(outputs, 1):
        if not Y.is_invertible():
            raise NotApplicableError(
                f"Y{j} is singular, and the equations are made with Y1⁻¹·Y{j}",
                "only invertible outputs are searched for",
            )
    return Equations.of(inputs, outputs)


def _starts(points: Equations, starts: int, seed: int) -> Iterator[Array | None]:
    """What path tracking reaches from each seeded start; None where it gets lost.

    For two layers every other start is W = 0, which solves K = I and where the derivative
    H ↦ H·(X2 − X1) is regular if X2 − X1 is."""
    d, k = points.d, points.k
    try:
        X = [m.to_numpy().astype(np.complex128) for m in points.inputs]
        target = np.stack([m.to_numpy().astype(np.complex128) for m in points.quotients])
    except OverflowError:
        return
    if not (np.isfinite(target).all() and all(np.isfinite(x).all() for x in X)):
        return
    if k == 1 and points.quotients[0] == ExactMatrix.identity(d):
        yield np.zeros((1, d, d), dtype=np.complex128)  # exactly
        return
    rng = np.random.default_rng(seed)
    unit = max(float(np.linalg.norm(x, 2)) for x in X)
    for number in range(starts):
        parts = rng.standard_normal((2, 2, k, d, d))
        bump, weights = parts[0, 0] + 1j * parts[0, 1], parts[1, 0] + 1j * parts[1, 1]
        bump *= rng.uniform(0.2, 2.0) / float(np.linalg.norm(bump))
        weights *= rng.uniform(0.3, 1.0) / math.sqrt(d)
        weights[0] *= math.sqrt(d) / max(unit, 1e-300)
        try:
            yield track(weights * (k > 1 or number % 2), X, target, bump)
        except Lost:
            yield None


def _certified(points: Equations, start: Array, digits: int, number: int, began: float) -> Found:
    """A start refined and certified, with as many bits as the digits need."""
    layers: Weights = tuple(acb_mat(W.tolist()) for W in start)
    asked = math.ceil(digits * _LOG2_10)

    def attempt(bits: int) -> Found:
        exact = refined(layers, points, bits + 64) if start.any() else layers
        with ctx.workprec(bits + 64):
            tight = tuple(en.rounded_midpoints(W, bits) for W in exact)
            last = en.rounded_midpoints(last_weight(tight, points), bits)
        return proved((*tight, last), points, digits, bits, number, began)

    ceiling = 16 * asked + 4096
    return raise_until(attempt, asked + 48, ceiling, "layers through these points need")


def proved(
    weights: Weights, points: Equations, digits: int, bits: int, number: int, began: float
) -> Found:
    """Exact weights with their residuals and radii proved; :class:`MoreBits` beyond 10^−digits."""
    with ctx.workprec(2 * bits + 64):
        bound = arb(fmpq(1, 10**digits))
        found = residuals(weights, points)
        radii, condition = distances(weights, points)
    worst = max((*(upper for upper, _ in found), *radii), key=en.log2_of)
    if not worst <= bound:
        lack = en.log2_of(worst) + digits * _LOG2_10
        raise MoreBits("the weights are too coarse for the digits asked", lack + 8)
    return Found(
        weights,
        digits,
        int(bits / _LOG2_10),
        tuple(upper for upper, _ in found),
        radii,
        condition,
        number,
        time.perf_counter() - began,
    )


def distances(weights: Weights, points: Equations) -> tuple[tuple[Any, ...], Any]:
    """Upper bounds of ‖W_j − W_j*‖_F/‖W_j‖_F for an exact solution W*, and the condition of the
    Jacobian, at the current precision.  Raises :class:`MoreBits` where there is no proof."""
    zero = enclosed_zero(weights[:-1], points)
    exact = zero.enclosures()
    spread = [
        en.quotient(en.norm_upper(E - W), en.norm_lower(W))
        for E, W in zip((*exact, last_weight(exact, points)), weights, strict=True)
    ]
    return tuple(spread), zero.condition


#: Digits by which weights exceed those at which the loss by rounding is measured.
_EXTRA = 12


def digits_lost(
    weights: Weights, inputs: Sequence[ExactMatrix], outputs: Sequence[ExactMatrix], digits: int
) -> float:
    """What rounding costs: p + log10 of the largest residual of weights, known to ``digits`` digits
    or more, once they are rounded to p = digits − 12 (at least 2) of them."""
    points = Equations(tuple(inputs), tuple(outputs), ())
    bits = max(8, int(max(2, digits - _EXTRA) * _LOG2_10))
    rounded = tuple(en.rounded_midpoints(W, bits) for W in weights)

    def attempt(working: int) -> float:
        with ctx.workprec(working):
            found = residuals(rounded, points)
        upper, lower = (max(en.log2_of(pair[i]) for pair in found) for i in (0, 1))
        if upper - lower < 0.3 or upper == lower:
            return (upper + bits) / _LOG2_10
        raise MoreBits("the residual stays undecided", working // 2)

    return raise_until(attempt, 2 * bits + 128, 64 * bits + 8192, "measuring a residual needs")
