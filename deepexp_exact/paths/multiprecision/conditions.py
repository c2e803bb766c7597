"""Condition numbers of each logarithm and exponential and of the maps (X, Y) ↦ W.

The Frobenius norm of a Fréchet derivative is estimated by the power method on the derivative and
its adjoint (Higham, *Functions of Matrices*, algorithm 3.20); a few steps give a lower bound that
is nearly always within a third of the norm.  float64 does it where its range and a running error
bound allow; otherwise a few dozen bits of multiprecision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc, mpfr

from ...branches import BranchRecord
from ...exact import gaussian
from ...problems import Problem
from .arrays import (
    ZERO,
    Array,
    adjoint,
    dagger,
    from_exact,
    log2_abs,
    log2_frobenius,
    log2_spectral,
    number,
    precision,
    to_double,
)
from .exponential import double_norm, expm, frechet
from .general import Construction
from .logarithm import Logarithm

#: Bits of mantissa for estimates in multiprecision.
BITS = 64
#: Size up to which the multiprecision estimate takes several steps of the power method.
SMALL = 8

Operator = Callable[[Any], Any]


@dataclass(frozen=True)
class _Linear:
    """A linear map (of a matrix, or of a list of matrices) with its adjoint."""

    apply: Operator
    adjoint: Operator


def conditions(
    problem: Problem, record: BranchRecord, found: Construction, ceiling: int
) -> dict[str, float]:
    """Relative condition numbers ‖f'(A)‖·‖A‖/‖f(A)‖ (Frobenius, estimated) of ``exp(W1 X1)``,
    ``exp(-W1 X1)``, ``exp(-Z)``, ``exp(alpha Z)`` and ``log(K)``; of ``W1``, ``W2``, ``W3`` as
    functions of X1, X2, Y1, Y2, each perturbed relative to its own norm; ``map`` is the largest of
    these three.  A function whose value is exactly zero has none and is left out."""
    with precision(BITS):
        arguments = {
            "exp(W1 X1)": +found.M,
            "exp(-W1 X1)": -found.M,
            "exp(-Z)": -found.Z,
            "exp(alpha Z)": found.Z * number(record.alpha),
        }
        exps = {name: _Exp.of(a, ceiling) for name, a in arguments.items()}
        out = {name: e.condition() for name, e in exps.items()}
        if found.log is not None:
            size = found.log.derivative_norm + log2_frobenius(found.K) - log2_frobenius(found.L)
            out["log(K)"] = _exp2(size)
        maps = _maps(problem, record, found, exps["exp(-W1 X1)"], exps["exp(-Z)"])
    return out | maps | {"map": max(maps.values())}


def _exp2(value: float) -> float:
    return 2.0**value if value < 1020 else math.inf


# ---------------------------------------------------------------- numbers of either arithmetic


def _log2_norm(matrices: list[Any]) -> float:
    squares = [_one_norm(a) for a in matrices]
    top = max(squares)
    return (
        top + math.log2(sum(4.0 ** max(s - top, -400.0) for s in squares)) / 2
        if top > ZERO
        else ZERO
    )


def _one_norm(a: Any) -> float:
    if a.dtype == object:
        return log2_frobenius(a)
    norm = float(np.linalg.norm(a))
    return math.log2(norm) if norm > 0 else ZERO


def _power_of_two(exponent: float, like: Any) -> Any:
    return gmpy2.exp2(mpfr(exponent)) if like.dtype == object else 2.0**exponent


def _power_method(linear: _Linear, count: int, d: int, exact: bool, steps: int) -> float:
    """log2 of the operator norm of a map of ``count`` matrices, by a few power steps."""
    rng = np.random.default_rng(20)
    e: list[Any] = [
        rng.standard_normal((d, d)) + 1j * rng.standard_normal((d, d)) for _ in range(count)
    ]
    if exact:
        e = [np.array([mpc(complex(x)) for x in a.flat], dtype=object).reshape(d, d) for a in e]
    best = ZERO
    for step in range(steps + 1):
        norm = _log2_norm(e)
        if norm == ZERO or not math.isfinite(norm):
            return best
        e = [a * _power_of_two(-norm, a) for a in e]
        image = linear.apply(e)
        best = max(best, _log2_norm([image]))
        if step < steps:
            e = linear.adjoint(image)
    return best


# ------------------------------------------------------------------------------------ exponentials


@dataclass(frozen=True)
class _Exp:
    """exp at A: ‖exp(A)‖ (log2), exp(A)/‖exp(A)‖ and its derivative, in float64 or 64 bits."""

    argument: Array
    size: float
    value: Any
    derivative: _Linear
    exact: bool
    growth: float

    @classmethod
    def of(cls, a: Array, ceiling: int) -> _Exp:
        d = a.shape[0]
        scaled, e = to_double(a)
        if e == 0 or log2_frobenius(a) == ZERO:
            centre = complex(np.trace(scaled)) / d
            centred = scaled - centre * np.eye(d)
            size = double_norm(centred)
            if size is not None and abs(size) < 900:
                return cls._in_double(a, centred, centre, size)
        found = expm(a, BITS, ceiling)
        size = log2_frobenius(found.value)
        factor = gmpy2.exp2(mpfr(-size))
        other = adjoint(a)

        def apply(x: Array) -> Array:
            out: Array = frechet(a, x, 32, ceiling) * factor
            return out

        def back(x: Array) -> Array:
            out: Array = frechet(other, x, 32, ceiling) * factor
            return out

        return cls(a, size, found.value * factor, _Linear(apply, back), True, found.growth)

    @classmethod
    def _in_double(cls, a: Array, centred: Any, centre: complex, size: float) -> _Exp:
        from scipy.linalg import expm as scipy_expm
        from scipy.linalg import expm_frechet

        factor = 2.0**-size * complex(math.cos(centre.imag), math.sin(centre.imag))
        other = centred.conj().T

        def apply(x: Any) -> Any:
            return expm_frechet(centred, x, compute_expm=False, check_finite=False) * factor

        def back(x: Any) -> Any:
            result = expm_frechet(other, x, compute_expm=False, check_finite=False)
            return result * factor.conjugate()

        value = scipy_expm(centred) * factor
        return cls(
            a, size + centre.real / math.log(2), value, _Linear(apply, back), False, math.inf
        )

    def condition(self) -> float:
        """‖exp'(A)‖·‖A‖/‖exp(A)‖; for large matrices out of float64's range an upper bound."""
        norm = log2_frobenius(self.argument)
        d = self.argument.shape[0]
        if self.exact and d > SMALL:
            return _exp2(self.growth + norm)
        single = _Linear(
            lambda e: self.derivative.apply(e[0]), lambda g: [self.derivative.adjoint(g)]
        )
        return _exp2(_power_method(single, 1, d, self.exact, 2) + norm)


# --------------------------------------------------------------------------- the maps (X, Y) ↦ W


def _maps(
    problem: Problem, record: BranchRecord, found: Construction, first: _Exp, last: _Exp
) -> dict[str, float]:
    X1, X2, Y1, Y2 = (from_exact(a) for a in (problem.X1, problem.X2, problem.Y1, problem.Y2))
    sizes = [log2_frobenius(a) for a in (X1, X2, Y1, Y2)]
    inputs = math.log2(math.hypot(1.0, _exp2(min(abs(sizes[0] - sizes[1]), 900.0))))
    inputs += min(sizes[:2])
    W1 = found.weights[0]
    out = {
        "W1": _exp2(
            log2_spectral(W1) + log2_spectral(found.D_inverse) + inputs - log2_frobenius(W1)
        )
    }
    if found.log is None:
        # W2 is exactly zero and W3 = Y1.
        return out | {"W3": 1.0}
    exact = first.exact or last.exact or not _fits(found, found.log)
    chain = _Chain(problem, record, found, found.log, first, last, exact)
    steps = 1 if exact and problem.d > SMALL else 3
    for name, linear in (("W2", chain.second()), ("W3", chain.third())):
        out[name] = _exp2(_power_method(linear, 4, problem.d, exact, steps))
    return out


def _fits(found: Construction, log: Logarithm) -> bool:
    """Whether float64 holds the intermediate matrices with enough digits for an estimate."""
    sizes = [log2_frobenius(a) for a in (found.M, found.L, found.K, found.D_inverse, found.Z)]
    return log.derivative.bits < 96 + 2 * 16 and all(abs(s) < 300 for s in sizes if s != ZERO)


class _Chain:
    """The derivatives of W2 and W3, relative to their norms, in directions relative to the data.

    dW1 = −W1·dD·D⁻¹, dM = dW1·X1 + W1·dX1, dK = Y1⁻¹·(dY2 − dY1·K), dL = log'(K)[dK],
    dW2 = (dL·B − L·exp'(−M)[dM])/(α − 1), dW3 = dY1·E − Y1·exp'(−Z)[dL]/(α − 1)."""

    def __init__(
        self,
        problem: Problem,
        record: BranchRecord,
        found: Construction,
        log: Logarithm,
        first: _Exp,
        last: _Exp,
        exact: bool,
    ) -> None:
        self.cast: Operator = (lambda a: _to_exact(a)) if exact else (lambda a: _to_float(a))
        names = ("X1", "X2", "Y1", "Y2")
        data = [from_exact(getattr(problem, label)) for label in names]
        self.sizes = [self._scalar(log2_frobenius(a), exact) for a in data]
        self.X1, _, self.Y1, _ = (self.cast(a) for a in data)
        self.W1, self.D_inverse = self.cast(+found.weights[0]), self.cast(+found.D_inverse)
        self.K, self.L = self.cast(+found.K), self.cast(+found.L)
        from .linear import exact_inverse

        self.Y1_inverse = self.cast(exact_inverse(problem.Y1, BITS, 1 << 30)[0])
        self.derivative = log.derivative if exact else log.derivative.in_double()
        self.B, self.E = self.cast(first.value), self.cast(last.value)
        self.first, self.last = self._same(first), self._same(last)
        shrink = 1 / number(record.alpha - gaussian(1))
        self.shrink = shrink if exact else complex(shrink)
        second = first.size + log2_abs(shrink) - log2_frobenius(found.weights[1])
        third = last.size - log2_frobenius(found.weights[2])
        self.second_scale, self.third_scale = (
            self._scalar(second - log2_abs(shrink), exact),
            self._scalar(third, exact),
        )

    @staticmethod
    def _scalar(log2: float, exact: bool) -> Any:
        return gmpy2.exp2(mpfr(log2)) if exact else _exp2(log2)

    def _same(self, one: _Exp) -> _Linear:
        """The derivative of an exponential in the arithmetic of this chain."""
        if one.exact or self.K.dtype != object:
            return one.derivative
        return _Linear(
            lambda x: _to_exact(one.derivative.apply(_to_float(x))),
            lambda x: _to_exact(one.derivative.adjoint(_to_float(x))),
        )

    def _dL(self, e: list[Any]) -> Any:
        dY1, dY2 = e[2] * self.sizes[2], e[3] * self.sizes[3]
        return self.derivative(self.Y1_inverse.dot(dY2 - dY1.dot(self.K)))

    def _dL_adjoint(self, g: Any) -> tuple[Any, Any]:
        k = dagger(self.Y1_inverse).dot(self.derivative.adjoint(g))
        return -k.dot(dagger(self.K)) * self.sizes[2], k * self.sizes[3]

    def second(self) -> _Linear:
        def apply(e: list[Any]) -> Any:
            dX1, dX2 = e[0] * self.sizes[0], e[1] * self.sizes[1]
            dW1 = -self.W1.dot(dX2 - dX1).dot(self.D_inverse)
            dM = dW1.dot(self.X1) + self.W1.dot(dX1)
            dB = -self.first.apply(dM)
            total = self._dL(e).dot(self.B) + self.L.dot(dB)
            return total * (self.shrink * self.second_scale)

        def back(g: Any) -> list[Any]:
            g = g * _conj(self.shrink * self.second_scale)
            m = -self.first.adjoint(dagger(self.L).dot(g))
            w1 = m.dot(dagger(self.X1))
            d = -dagger(self.W1).dot(w1).dot(dagger(self.D_inverse))
            x1 = (dagger(self.W1).dot(m) - d) * self.sizes[0]
            return [x1, d * self.sizes[1], *self._dL_adjoint(g.dot(dagger(self.B)))]

        return _Linear(apply, back)

    def third(self) -> _Linear:
        def apply(e: list[Any]) -> Any:
            dE = self.last.apply(self._dL(e) * -self.shrink)
            total = (e[2] * self.sizes[2]).dot(self.E) + self.Y1.dot(dE)
            return total * self.third_scale

        def back(g: Any) -> list[Any]:
            g = g * self.third_scale
            dL = self.last.adjoint(dagger(self.Y1).dot(g)) * _conj(-self.shrink)
            y1, y2 = self._dL_adjoint(dL)
            direct = g.dot(dagger(self.E)) * self.sizes[2]
            return [0 * direct, 0 * direct, y1 + direct, y2]

        return _Linear(apply, back)


def _conj(x: Any) -> Any:
    return x.conjugate()


def _to_float(a: Any) -> Any:
    """complex128 of a matrix whose entries float64 holds."""
    if a.dtype != object:
        return a
    return np.array([complex(x) for x in a.flat], dtype=np.complex128).reshape(a.shape)


def _to_exact(a: Any) -> Any:
    if a.dtype == object:
        return a
    return np.array([mpc(complex(x)) for x in a.flat], dtype=object).reshape(a.shape)
