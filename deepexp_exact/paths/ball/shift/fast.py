"""Certified weights for W1 = c·D⁻¹ where both layers are diagonalised with ease: no product of
balls.

D⁻¹·X1 and K are decomposed as pencils (:mod:`pencils`), so that neither D⁻¹ nor K is formed;
with P, S = P⁻¹ of the first and Q, T = Q⁻¹ of the second

    W1 = c·P·(D·P)⁻¹,   W2 = Q·diag(z)·(T·P)·diag(e^−m)·S,   W3 = Y1·Q·diag(e^−z)·T,

in exact products of integers with one radius a matrix.  Everything about the rounded weights is
then proved in float64 (:mod:`changes`).  Where anything is out of the ordinary (repeated or close
eigenvalues, far from normal, beyond float64's range) there is no answer, and
:mod:`..network.weights` has one.
"""

from __future__ import annotations

import cmath
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpz

from ....branches import BranchRecord
from ....precision import MoreBits
from ....problems import Problem
from ..functions import enclosures as en
from ..functions.fixed import Fixed, Near, Values, integers
from ..functions.logarithm import log_value, match
from ..functions.pencils import FloatPencil, Pencil, decompose, float_pencil
from ..functions.rough import Rough
from ..network import weights
from ..network.construction import log_scale
from ..network.planning import GUARD_BITS, logarithms
from ..network.weights import MAX_EIGENVALUE_RADIUS, BallSolution, certified, steps_at
from ..proving.claims import ProvedBounds, radius_of_discs
from .changes import Layers, bounds

_ZERO, _ONE = fmpz(0), fmpz(1)
#: Largest modulus of an exponent that is worked with in float64.
_RANGE = 100.0
#: Bits added to the predicted loss, and attempts before another way is taken.
_MARGIN, _ATTEMPTS = 10, 3


@dataclass(frozen=True)
class _Setting:
    """The pencils (X1, D) and (Y2, Y1), each over its least common denominator, float64's
    eigenvectors of both, the bits that the weights have to carry and that their enclosures lose."""

    pencils: tuple[tuple[Fixed, Fixed], tuple[Fixed, Fixed]]
    denominators: tuple[int, int]
    near: tuple[FloatPencil, FloatPencil]
    carried: int
    loss: int


def solve_fast(problem: Problem, record: BranchRecord, digits: int) -> BallSolution | None:
    """The certified solution, or None where this way is not taken."""
    started = time.perf_counter()
    try:
        with np.errstate(all="ignore"):
            setting = _setting(problem, record, digits)
            if setting is None:
                return None
            more = carry = 0
            for repeated in range(_ATTEMPTS):
                carried = setting.carried + carry
                bits = carried + GUARD_BITS + setting.loss + more
                if bits > weights.MAX_BITS or carried > weights.MAX_CARRIED:
                    return None
                with ctx.workprec(bits):
                    found = _attempt(problem, record, digits, setting, carried)
                if isinstance(found, BallSolution):
                    seconds = time.perf_counter() - started
                    return replace(found, seconds=seconds, recomputations=repeated)
                more, carry = more + found[0], carry + found[1]
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):  # MoreBits among them
        pass
    return None


# -------------------------------------------------------------------------------- from float64


def _setting(problem: Problem, record: BranchRecord, digits: int) -> _Setting | None:
    quotient = record.quotient(problem)
    if record.logarithm.J is not None or quotient.left != problem.Y1:
        return None
    if any(entry.multiplicity > 1 for entry in record.logarithm.entries):
        return None
    inner, first = integers(problem.X1, problem.D)
    outer, second = integers(quotient.right, quotient.left)
    pencils = (inner[0], inner[1]), (outer[0], outer[1])
    near = float_pencil(*pencils[0]), float_pencil(*pencils[1])
    if near[0] is None or near[1] is None:
        return None
    growth, loss = _predict(record, (near[0], near[1]), (first, second))
    if not max(growth, loss) < 4 * _RANGE:
        return None
    carried = math.ceil(digits * math.log2(10) + growth) + 8
    return _Setting(
        pencils, (first, second), (near[0], near[1]), carried, math.ceil(loss) + _MARGIN
    )


def _norm(matrix: Any) -> float:
    return float(np.linalg.norm(matrix))


def _predict(
    record: BranchRecord, near: tuple[FloatPencil, FloatPencil], denominators: tuple[int, int]
) -> tuple[float, float]:
    """log2 of how a relative change of the weights grows into f(Xi), as in
    :func:`construction.weight_bits`, and of what the radii lose; infinite beyond float64."""
    first, second = near
    alpha = complex(record.alpha)
    c = cmath.log(alpha) + 2j * math.pi * record.turn
    m, z = c * first.values, logarithms(second.values, record) / (alpha - 1)
    reach = max(float(np.abs(x).max()) for x in (m, z, alpha * z))
    if not reach < _RANGE:
        return math.inf, math.inf
    P, S, Q, T = first.R, first.S, second.R, second.S
    (X1, D, Y2, Y1), scales = (x[0] for p in near for x in (p.B, p.C)), []
    for p, q in zip(near, denominators, strict=True):
        scales += [2.0 ** x[1] / q for x in (p.B, p.C)]
    X1, D, Y2, Y1 = (x * s for x, s in zip((X1, D, Y2, Y1), scales, strict=True))
    down, last = np.exp(-m), np.exp(-z)
    W1 = c * P @ first.V[0] * (2.0 ** first.V[1] * denominators[0])
    W2 = Q @ (z[:, None] * (T @ P) * down) @ S
    W3 = (Y1 @ Q * last) @ T
    w1, w2, w3 = map(_norm, (W1, W2, W3))
    growth, a = 0.0, _norm((P / down) @ S)
    for X, Y, factor in ((X1, Y1, 1.0), (X1 + D, Y2, alpha)):
        g2 = w2 * a * abs(factor)
        o = w3 * _norm((Q * np.exp(factor * z)) @ T) / _norm(Y)
        growth = max(growth, math.log2(o * max(1.0, g2, g2 * w1 * _norm(X))))
    s, t = (_norm(p.V[0]) * _norm(p.C[0]) for p in near)
    sizes = (
        _norm(P) * s / _norm(D) * abs(c) / w1,
        _norm(Q) * t * _norm(P) * s * float(np.abs(z).max() * np.abs(down).max()) / w2,
        _norm(Y1) * _norm(Q) * t * float(np.abs(last).max()) / w3,
    )
    moves = 1 + abs(c) * first.gap + second.gap / float(np.abs(second.values).min())
    return growth, math.log2(max(sizes) * moves)


# ------------------------------------------------------------------------------- in fixed point


def _attempt(
    problem: Problem, record: BranchRecord, digits: int, setting: _Setting, carried: int
) -> BallSolution | tuple[int, int]:
    """The solution at the current precision, or how many more bits and carried bits it needs."""
    bits = ctx.prec
    found = [
        decompose(*pencil, near, bits)
        for pencil, near in zip(setting.pencils, setting.near, strict=True)
    ]
    if found[0] is None or found[1] is None:
        raise MoreBits("an eigendecomposition is not proved")
    order = match(found[1].values.balls(), record.logarithm)
    outer = found[1].permuted(sorted(range(problem.d), key=order.__getitem__))
    scalars = _Scalars.of(record, found[0], outer)
    layers, enclosed = _weights(setting, found[0], outer, scalars)
    width = max(en.log2_of(w.radius) - en.log2_of(w.mid.norm_lower) for w in enclosed)
    lack = carried + GUARD_BITS + width
    if lack > 0:
        if not math.isfinite(lack):
            raise MoreBits("the enclosures of the weights are not finite")
        return math.ceil(lack) + 4, 0
    stored = [_stored(w, carried) for w in enclosed]
    changes = [
        Rough.of(Near(x.change, w.radius), -carried) for x, w in zip(stored, enclosed, strict=True)
    ]
    proved = bounds(layers, (changes[0], changes[1], changes[2]), carried)
    limit = en.ten_to_minus(digits)
    if not all(bound <= limit for bound in proved.residuals):
        worst = max(en.log2_of(bound / limit) for bound in proved.residuals)
        if not math.isfinite(worst):
            raise MoreBits("the residuals are beyond float64")
        return 0, math.ceil(worst) + 2
    spread = radius_of_discs(((layers.condition, 1),), problem.d, proved.logarithm)
    if spread is None or not spread < MAX_EIGENVALUE_RADIUS:
        return 0, max(32, carried // 2)
    radii = [
        en.quotient((x.change.norm + w.radius).upper(), x.norm_lower)
        for x, w in zip(stored, enclosed, strict=True)
    ]
    evidence = ProvedBounds(proved.residuals, (radii[0], radii[1], radii[2]), spread, proved.layer)
    balls = [x.balls for x in stored]
    return certified(
        problem, record, digits, carried, balls, _steps(problem, record, bits), evidence
    )


def _steps(problem: Problem, record: BranchRecord, bits: int) -> Callable[[str], Any]:
    """A, K, L and Z, which the weights did not need, by the other way when somebody asks."""
    made = cache(lambda: steps_at(problem, record, bits))
    return lambda name: made()[name]


@dataclass(frozen=True)
class _Scalars:
    """c, α, and enclosures of the eigenvalues m of W1·X1, ℓ of L and z of Z."""

    c: Any
    alpha: Any
    m: list[Any]
    z: list[Any]

    @classmethod
    def of(cls, record: BranchRecord, inner: Pencil, outer: Pencil) -> _Scalars:
        c, alpha = log_scale(record.alpha, record.turn), en.from_rational(record.alpha)
        pairs = zip(outer.values.balls(), record.logarithm.entries, strict=True)
        logs = [log_value(value, entry) for value, entry in pairs]
        m = [c * value for value in inner.values.balls()]
        return cls(c, alpha, m, [value / (alpha - 1) for value in logs])


def _weights(
    setting: _Setting, inner: Pencil, outer: Pencil, scalars: _Scalars
) -> tuple[Layers, list[Near]]:
    """W1, W2, W3 with radii, and what the bounds on them are made of."""
    bits, d = ctx.prec, len(scalars.m)
    D, Y1 = (Near(C, arb(0)) for _, C in setting.pencils)
    first, second = setting.denominators
    S, T, YQ = inner.V @ D, outer.V @ Y1, Y1 @ outer.R
    S, T, YQ = (x.shortened(bits) for x in (S, T, YQ))
    P, Q, z = inner.R, outer.R, scalars.z
    middle = (T @ P).shortened(bits)
    table = [(-value).exp() for value in scalars.m]
    scaled = middle.columns_scaled(_fixed(table)).shortened(bits).rows_scaled(_fixed(z))
    last = YQ.columns_scaled(_fixed([(-value).exp() / second for value in z]))
    enclosed = [
        (P @ inner.V).columns_scaled(_fixed([scalars.c * first] * d)),
        (Q @ scaled.shortened(bits)).shortened(bits) @ S,
        last.shortened(bits) @ T,
    ]
    P_, S_, Q_, T_ = (Rough.of(x) for x in (P, S, Q, T))
    D_, first_Y, second_Y = (
        Rough.of_floats(*matrix).over(q)
        for matrix, q in (
            (setting.near[0].C, first),
            (setting.near[1].C, second),
            (setting.near[1].B, second),
        )
    )
    return Layers(P_, S_, Q_, T_, D_, first_Y, second_Y, scalars), enclosed


def _fixed(balls: list[Any]) -> Values:
    """The midpoints to the current precision, relative to the largest."""
    largest = max(en.log2_of(abs(ball).upper()) for ball in balls)
    if not math.isfinite(largest):
        raise MoreBits("an enclosure of a scalar is not finite, or all are zero")
    return Values.of(balls, ctx.prec - math.floor(largest))


@dataclass(frozen=True)
class _Stored:
    """A weight with mantissas of a few bits, exactly, in ``balls`` that hold the exact weight;
    ``change``: what it differs by from the midpoint it was rounded from."""

    balls: Any
    change: Fixed
    norm_lower: Any


def _stored(weight: Near, bits: int) -> _Stored:
    """Mantissas of ``bits`` bits; a part whose ball holds 0 becomes 0."""
    mid, shape = weight.mid, weight.mid.shape
    with ctx.workprec(en.NORM_BITS):
        reach = fmpz(en.integer_above(weight.radius * en.power_of_two(mid.bits)))
    length = reach.bit_length()
    halves: dict[int, Any] = {}
    kept: tuple[list[Any], list[Any]] = ([], [])
    shifts: tuple[list[int], list[int]] = ([], [])
    for source, out, places in zip(mid.entries, kept, shifts, strict=True):
        for x in source:
            size = x.bit_length()
            if size <= length and abs(x) <= reach:
                places.append(-1)
                out.append(_ZERO)
                continue
            shift = max(0, size - bits)
            if shift not in halves:
                halves[shift] = (_ONE << shift) >> 1
            places.append(shift)
            out.append(((x + halves[shift]) >> shift) << shift if shift else x)
    with ctx.workprec(max(ctx.prec, mid.bits + bits)):
        unit = en.power_of_two(-mid.bits)
        halves[-1] = reach
        reaches = {s: arb(0, arb((h + reach, -mid.bits))) for s, h in halves.items()}
        radii = [acb(reaches[s], reaches[t]) for s, t in zip(*shifts, strict=True)]
        stored = Fixed.of_lists(shape, kept, mid.bits)
        balls = (acb_mat(stored.re) + acb_mat(stored.im) * acb(0, 1)) * unit + acb_mat(
            *shape, radii
        )
    change = stored - mid
    with ctx.workprec(en.NORM_BITS):
        lower = (mid.norm_lower - change.norm).lower()
    return _Stored(balls, change, lower)
