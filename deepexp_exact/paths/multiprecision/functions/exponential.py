"""The exponential of a matrix in multiprecision, with a run-time error bound.

Scaling and squaring of the Taylor polynomial, evaluated after Paterson & Stockmeyer; degree and
scaling are chosen from the working precision by bounding the truncation error at run time (Fasi &
Higham, "An arbitrary precision scaling and squaring algorithm for the matrix exponential", SIAM J.
Matrix Anal. Appl. 40 (2019); Higham, *Functions of Matrices*, chapter 10).  The rounding errors of
the squaring phase are followed with the norms that occur, so a hump (Moler & Van Loan 2003) shows
in the bound and is met with more bits; a diagonal similarity by powers of two comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpfr

from ....errors import PrecisionCeilingError
from ....precision import MoreBits, raise_until
from .arrays import (
    ZERO,
    Array,
    ExponentRangeError,
    adjoint,
    diagonal_shift,
    identity,
    log2_entries,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    precision,
    to_double,
)
from .balls import squared_exponential

#: Bits from which on the guard bits are found out at a low precision first.
PILOT = 400
#: log2 of a norm from which on squarings are saved by another basis, in balls.
_LARGE = 256.0
#: log2 of the largest norm that gmpy2's exponents hold, with room to spare.
_MOST_EXPONENT = 2.0**29
_WORDS = ("an exponential needs", "ask for fewer digits, or try another α or branch")


@dataclass(frozen=True)
class Exponential:
    """exp(A) with log2 bounds.

    ``error`` bounds the relative error ‖computed − exp(A)‖_F/‖exp(A)‖_F for A taken as exact, and
    ``growth`` the sensitivity: a perturbation E of A changes exp(A) by at most about
    2^growth·‖E‖·‖exp(A)‖ (Frobenius norms, to first order)."""

    value: Array
    error: float
    growth: float


def taylor_plan(log2_norm: float, bits: int) -> tuple[int, int]:
    """(s, m): squarings and Taylor degree that minimise the products 2√m + s for ‖A‖ = 2^log2_norm.

    The remainder Σ_{k>m} θ^k/k! ≤ 2·θ^(m+1)/(m+1)! with θ = 2^−s·‖A‖ ≤ 1/2 is at most
    2^−(bits + s)."""
    best: tuple[float, int, int] | None = None
    for t in range(1, 64):
        s = max(math.ceil(log2_norm) + t, 0)
        theta = min(log2_norm - s, -1.0)
        m = _degree(theta, bits + s)
        cost = 2 * math.sqrt(m) + s
        if best is None or cost < best[0]:
            best = (cost, s, m)
        elif cost > best[0] + 4:
            break
    if best is None:
        raise ValueError("no plan")
    return best[1], best[2]


def _degree(theta: float, bits: float) -> int:
    """Least m with 2·θ^(m+1)/(m+1)! ≤ 2^−bits, θ given by its logarithm."""

    def small_enough(m: int) -> bool:
        return (m + 1) * theta - math.lgamma(m + 2) / math.log(2) + 1 <= -bits

    low, high = 1, 2
    while not small_enough(high):
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        if small_enough(middle):
            high = middle
        else:
            low = middle + 1
    return high


def taylor(a: Array, degree: int) -> Array:
    """Σ_{k≤degree} A^k/k! after Paterson & Stockmeyer (1973), at the current precision."""
    q = max(math.isqrt(degree), 1)
    powers = [identity(a.shape[0]), a]
    while len(powers) <= q:
        powers.append(powers[-1].dot(a))
    blocks = degree // q
    # One factor from another down to 1/0! makes `degree` roundings: with 32 bits more they are
    # together below one of a product.
    wide = gmpy2.get_context().precision + 32
    with precision(wide):
        factor = mpfr(1) / gmpy2.factorial(degree)
    total: Array | None = None
    k = degree
    for j in range(blocks, -1, -1):
        part: Array | None = None
        while k >= j * q:
            term = powers[k - j * q] * factor
            part = term if part is None else part + term
            with precision(wide):
                factor = factor * max(k, 1)
            k -= 1
        if part is None:
            continue
        total = part if total is None else total.dot(powers[q]) + part
    if total is None:
        raise ValueError("the degree must not be negative")
    return total


def expm(a: Array, bits: int, ceiling: int) -> Exponential:
    """exp(A) of a matrix taken as exact, with a relative error of at most 2^−bits.

    The error is bounded by following norms where that bound is good enough.  Far from normal
    matrices make it grow like (log2‖A‖)²/2 while the error grows like 4·log2 of the hump: there it
    is measured, against the same at 64 more bits.  Very large matrices are left to balls.
    ``ceiling`` is the largest working precision in bits; :class:`PrecisionCeilingError` beyond."""
    if log2_spectral(a) > _LARGE:
        return _in_balls(a, bits, ceiling)
    exponents = balance(log2_entries(a))
    balanced = rescale(a, exponents)
    guard = _first_guard(balanced)
    if bits > PILOT:  # what is lost hardly depends on the precision: found out at a low one
        guard = _guarded(balanced, exponents, 32, guard, ceiling)[1] + 32
    return _guarded(balanced, exponents, bits, guard, ceiling)[0]


def _in_balls(a: Array, bits: int, ceiling: int) -> Exponential:
    """exp(A) with its error proved, up to four times the ceiling: there are few products."""

    def attempt(work: int) -> Exponential:
        value, error, norms = squared_exponential(a, work)
        if not -_MOST_EXPONENT < norms[-1] < _MOST_EXPONENT:
            raise _out_of_range()
        if error > -bits:
            raise MoreBits("the enclosure is too wide", error + bits)
        return Exponential(value, error, 2 * _hump(norms) + 4)

    start = bits + 64 + 4 * math.ceil(log2_spectral(a))  # what the change of basis costs, about
    return raise_until(attempt, start, 4 * ceiling, *_WORDS)


def _guarded(
    balanced: Array, exponents: list[int], bits: int, guard: int, ceiling: int
) -> tuple[Exponential, int]:
    """The exponential to ``bits`` bits and the guard bits that were enough."""

    def attempt(work: int) -> tuple[Exponential, int]:
        found = _attempt(balanced, exponents, work)
        if found.bound <= -bits:
            return Exponential(found.value, found.bound, found.growth), work - bits
        if found.estimate > -bits:
            lack = min(found.bound, found.estimate + 16) + bits
            raise MoreBits("rounding errors of the squarings", lack)
        error, value = _measured(balanced, exponents, work, found.value)
        if error > -bits:
            raise MoreBits("two precisions differ", max(error + bits, 16.0))
        return Exponential(value, error, found.growth), work - bits

    return raise_until(attempt, bits + guard, ceiling, *_WORDS)


def _measured(
    balanced: Array, exponents: list[int], work: int, value: Array
) -> tuple[float, Array]:
    """(log2 of the relative difference, exp) from the same computation with 64 more bits."""
    try:
        better = _attempt(balanced, exponents, work + 64).value
    except MoreBits:
        return 0.0, value
    with precision(work):
        moved = log2_frobenius(better - value)
    return moved - log2_frobenius(better) + 1, better


def balance(logs: Any) -> list[int]:
    """Integers e for which 2^−e_i·A_ij·2^e_j is small, zeros if that gains little; ``logs`` are
    log2 |A_ij|.

    Osborne's iteration (*On pre-conditioning of matrices*, J. ACM 7, 1960; Parlett & Reinsch 1969)
    on the logarithms of the entries.  Rows and columns below 1 are left alone: no smaller norm
    saves a squaring."""
    d = logs.shape[0]
    logs = np.where(np.eye(d, dtype=bool), ZERO, logs)
    shifts = np.zeros(d)
    if d == 1 or float(logs.max()) < 8:
        return [0] * d
    for _ in range(40 * d):
        moved = 0.0
        for i in range(d):
            current = logs - shifts[:, None] + shifts[None, :]
            row, column = max(current[i].max(), 0.0), max(current[:, i].max(), 0.0)
            step = round((row - column) / 2)
            shifts[i] += step
            moved = max(moved, abs(step))
        if moved <= 1:
            break
    shifts -= shifts.min()
    best = float((logs - shifts[:, None] + shifts[None, :]).max())
    return [int(e) for e in shifts] if best < float(logs.max()) - 4 else [0] * d


def rescale(a: Array, exponents: list[int], sign: int = -1) -> Array:
    """2^(sign·e_i)·A_ij·2^(−sign·e_j), exactly."""
    if not any(exponents):
        return a
    with precision(64):
        powers = [gmpy2.exp2(mpfr(sign * e)) for e in exponents]
    work = max(
        max((x.precision if isinstance(x, type(mpfr(0))) else max(x.precision)) for x in a.flat),
        gmpy2.get_context().precision,
    )
    with precision(work):
        rows = np.array(powers, dtype=object)
        out: Array = a * rows[:, None] / rows[None, :]
    return out


@dataclass(frozen=True)
class _Attempt:
    """exp(A), log2 of a bound of its relative error and of an estimate, and the growth."""

    value: Array
    bound: float
    estimate: float
    growth: float


def _first_guard(a: Array) -> int:
    """Guard bits from float64's running error bound; a wrong guess costs a second attempt."""
    scaled, e = to_double(a)
    if e or not np.isfinite(scaled).all():
        return 32
    centred = scaled - np.trace(scaled) / a.shape[0] * np.eye(a.shape[0])
    rough = _rough_squarings(centred)
    return 32 if rough is None else 28 + math.ceil(rough[1])


def _centred(a: Array, work: int) -> tuple[Array, Any]:
    """A − t·I and t near the mean of the diagonal, to ``work`` bits."""
    d = a.shape[0]
    whole = int(min(max(log2_frobenius(a), 0.0), 1e9))
    with precision(64 + whole):  # large diagonal entries may cancel
        trace = sum((a[j, j] for j in range(d)), mpfr(0)) / d
    # trace has 64 bits after the point: subtracting it is exact unless an entry is far below it.
    with precision(work + 128 + whole):
        return diagonal_shift(a, -trace), trace


def _attempt(a: Array, exponents: list[int], work: int) -> _Attempt:
    """exp of a balanced matrix, back in the coordinates before ``exponents``."""
    d = a.shape[0]
    centred, trace = _centred(a, work)
    norm = log2_spectral(centred)
    s, m = taylor_plan(norm, work) if norm > ZERO else (0, 1)
    # Each squaring at least doubles a relative error: s bits more keep that out of the result.
    unit = math.log2(4 * (d + 4)) - work - s
    apart = np.array(exponents, dtype=float)
    apart = apart[:, None] - apart[None, :]
    with precision(work + s):
        scaled = centred * gmpy2.exp2(mpfr(-s))
        x = taylor(scaled, m)
        # Taylor phase: at most √m·2 products and m additions of terms that sum to e^θ ≤ e^(1/2).
        first = unit + math.log2(2 * math.isqrt(m) + 4) + 1
        relative = first
        theta = 2.0 ** max(norm - s, -1000.0)
        growth = 2 * theta / math.log(2)
        norms, outside = [log2_spectral(x)], [_outside(x, apart)]
        for k in range(1, s + 1):
            x = x.dot(x)
            norms.append(_finite_norm(x))
            amplify = max(2 * norms[-2] - norms[-1], 0.0)
            relative = log2_sum(relative + 1, unit) + amplify
            growth += amplify
            hump = _hump(norms)
            # 2^k products, each carried by ‖exp(t·A)‖·‖exp((1−t)·A)‖ ≤ 2^(2·hump)·‖exp(A)‖
            estimate = first + k + 4 * hump + 4
            if min(estimate, relative) > -8:
                raise MoreBits("no correct bit is left", min(estimate, relative) + work)
            outside.append(_outside(x, apart))
        if s == 0:
            estimate = relative
        factor = gmpy2.exp(trace)
        if factor == 0 or not np.isfinite(complex(0 * factor)):
            raise _out_of_range()
    with precision(work):
        value = rescale(x * factor, exponents, 1)
    back = norms[-1] + float(apart.max()) - outside[-1] + math.log2(d) / 2
    growth = min(growth if not any(exponents) else math.inf, 2 * _hump(outside) + 4)
    rounding = 1.0 - work
    return _Attempt(
        value, log2_sum(relative + back, rounding), log2_sum(estimate + back, rounding), growth
    )


def _finite_norm(x: Array) -> float:
    """log2 ‖X‖₂ of a matrix known to several bits.  Where that is no number no precision helps:
    not an :class:`ExponentRangeError`, which asks for more bits."""
    try:
        norm = log2_spectral(x)
    except ExponentRangeError:
        raise _out_of_range() from None
    if not math.isfinite(norm):
        raise _out_of_range()
    return norm


def _out_of_range() -> PrecisionCeilingError:
    return PrecisionCeilingError(
        "an exponential is beyond the exponents that MPFR has here, about 2^(±2^30)",
        "try an α farther from 1, or another branch: Z = L/(α − 1) is too large",
    )


def _hump(norms: list[float]) -> float:
    """max over t = 2^−j of log2 ‖exp(tA)‖ − t·log2 ‖exp(A)‖, given those norms for t up to 1."""
    return max(n - norms[-1] * 2.0**-j for j, n in enumerate(reversed(norms)))


def _outside(x: Array, apart: Array) -> float:
    """log2 of the norm in the coordinates before balancing."""
    if not apart.any():
        return log2_spectral(x)
    return log2_sum(*(2 * (log2_entries(x) + apart)).ravel()) / 2


class ExpDerivative:
    """The Fréchet derivative of exp at A, to about ``bits`` bits: (exp(A + hE) − exp(A))/h with an
    h so small that the second derivative does not show (Higham, *Functions of Matrices*, section
    3.4).  Its adjoint is E ↦ (exp'(A)[E*])*."""

    def __init__(self, a: Array, bits: int, ceiling: int) -> None:
        self.argument, self.ceiling = a, ceiling
        growth = max(expm(a, 24, ceiling).growth, 0.0)
        self.step = bits + 2 * math.ceil(growth) + 8
        self.bits = self.step + bits + 64
        self.base = expm(a, self.bits, ceiling).value
        self.room = self.bits + self.step + 64 + math.ceil(max(log2_frobenius(a), 0.0))

    def __call__(self, direction: Array) -> Array:
        size = log2_frobenius(direction)
        if size == ZERO:
            return direction * 0
        with precision(self.room):
            unit = gmpy2.exp2(mpfr(math.floor(size) + self.step))
            moved = expm(self.argument + direction / unit, self.bits, self.ceiling).value
            out: Array = (moved - self.base) * unit
        return out

    def adjoint(self, direction: Array) -> Array:
        """The adjoint for the inner product tr(A*·B)."""
        return adjoint(self(adjoint(direction)))


def log2_norm_of_exp(a: Array, ceiling: int) -> float:
    """log2 ‖exp(A)‖_F, from float64 where its running error bound allows, else from 24 bits."""
    d = a.shape[0]
    scaled, e = to_double(a)
    if e == 0 or float(np.max(np.abs(scaled))) == 0.0:
        centre = complex(np.trace(scaled)) / d
        found = double_norm(scaled - centre * np.eye(d))
        if found is not None:
            return float(found + centre.real / math.log(2))
    return log2_frobenius(expm(a, 24, ceiling).value)


def double_norm(a: Array) -> float | None:
    """log2 ‖exp(A)‖_F in float64 with scaled squarings; None if rounding errors may spoil it."""
    found = _rough_squarings(a)
    return None if found is None else found[0]


def _rough_squarings(a: Array) -> tuple[float, float] | None:
    """log2 ‖exp(A)‖_F in float64 and the bits lost on the way; None if they are too many."""
    s = max(math.ceil(math.log2(max(float(np.linalg.norm(a, 2)), 2.0**-60))) + 1, 0)
    if s > 60:
        return None
    theta = a / 2.0**s
    x = term = np.eye(a.shape[0], dtype=np.complex128)
    for k in range(1, 19):
        term = term @ theta / k
        x = x + term
    relative, exponent, current = 1e-15, 0, float(np.linalg.norm(x, 2))
    for _ in range(s):
        x = x @ x
        exponent *= 2
        following = float(np.linalg.norm(x, 2))
        if not following > 0:
            return None
        relative = (2 * relative + 1e-15) * max(current**2 / following, 1.0)
        if not relative < 1e-2:
            return None
        shift = math.frexp(following)[1]
        x, exponent, current = x * 2.0**-shift, exponent + shift, following * 2.0**-shift
    loss = math.log2(relative / 1e-15)
    return math.log2(float(np.linalg.norm(x))) + exponent, loss
