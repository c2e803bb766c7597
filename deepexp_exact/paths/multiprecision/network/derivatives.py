"""Linear maps of matrices, their norms by the power method, and the derivative of exp, in float64
where that resolves it, otherwise in multiprecision."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc, mpfr

from ..functions.arrays import (
    ZERO,
    Array,
    dagger,
    log2_frobenius,
    precision,
    to_ball,
    to_double,
)
from ..functions.exponential import ExpDerivative, double_norm, expm
from ..functions.logarithm import Logarithm

#: Bits of mantissa for estimates in multiprecision.
BITS = 64
#: Size up to which the multiprecision estimate takes several steps of the power method.
SMALL = 8
#: Bits of the chain up to which float64 stands in for them.
DOUBLE = 120
Operator = Callable[[Any], Any]


@dataclass(frozen=True)
class Linear:
    """A linear map (of a matrix, or of a list of matrices) with its adjoint."""

    apply: Operator
    adjoint: Operator


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


def power_method(linear: Linear, count: int, d: int, exact: bool, steps: int) -> float:
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
        if norm == ZERO:
            return best
        if not math.isfinite(norm):
            return math.nan
        e = [a * _power_of_two(-norm, a) for a in e]
        image = linear.apply(e)
        best = max(best, _log2_norm([image]))
        if step < steps:
            e = linear.adjoint(image)
    return best


# ------------------------------------------------------------------------------------ exponentials


@dataclass(frozen=True)
class Exp:
    """exp at A: ‖exp(A)‖ (log2), exp(A)/‖exp(A)‖ and its derivative over ‖exp(A)‖."""

    argument: Array
    size: float
    value: Any
    derivative: Linear
    exact: bool

    @classmethod
    def of(
        cls, a: Array, bits: int, ceiling: int, log: tuple[Logarithm, Any, int] | None = None
    ) -> Exp:
        """``log``: a logarithm of which, times the factor, A is; bits for what follows to lose."""
        d = a.shape[0]
        scaled, e = to_double(a)
        if e == 0 and bits <= DOUBLE:
            centre = complex(np.trace(scaled)) / d
            centred = scaled - centre * np.eye(d)
            size = double_norm(centred) if float(np.abs(centred).max()) < 1e3 else None
            if size is not None and abs(size) < 900:
                return cls._in_double(a, centred, centre, size)
        if log is not None and (known := cls._by_logarithm(a, *log)) is not None:
            return known
        found = expm(a, bits, ceiling)
        size = log2_frobenius(found.value)
        factor = gmpy2.exp2(mpfr(-size))
        inner = ExpDerivative(a, bits, ceiling)
        linear = Linear(lambda x: inner(x) * factor, lambda x: inner.adjoint(x) * factor)
        return cls(a, size, found.value * factor, linear, True)

    @classmethod
    def _by_logarithm(cls, a: Array, log: Logarithm, factor: Any, extra: int) -> Exp | None:
        ball = to_ball(factor)
        derivative, found = log.exp_derivative(ball, extra), log.exponential(ball)
        if derivative is None or found is None:
            return None
        size = log2_frobenius(found[0])
        unit = gmpy2.exp2(mpfr(-size))
        linear = Linear(lambda x: derivative(x) * unit, lambda x: derivative.adjoint(x) * unit)
        return cls(a, size, found[0] * unit, linear, True)

    @classmethod
    def _in_double(cls, a: Array, centred: Any, centre: complex, size: float) -> Exp:
        from scipy.linalg import expm as scipy_expm
        from scipy.linalg import expm_frechet

        factor = 2.0**-size * complex(math.cos(centre.imag), math.sin(centre.imag))

        def apply(x: Any) -> Any:
            norm = _one_norm(x)
            if norm == ZERO:
                return x * 0
            with precision(BITS):
                unit = to_float(x * _power_of_two(-norm, x))
                out = expm_frechet(centred, unit, compute_expm=False, check_finite=False) * factor
                return (
                    to_exact(out) * _power_of_two(norm, x)
                    if x.dtype == object
                    else (out * 2.0**norm)
                )

        value = scipy_expm(centred) * factor
        linear = Linear(apply, lambda g: dagger(apply(dagger(g))))
        return cls(a, size + centre.real / math.log(2), value, linear, False)

    def condition(self) -> float:
        """log2 of ‖exp'(A)‖·‖A‖/‖exp(A)‖."""
        norm = log2_frobenius(self.argument)
        d = self.argument.shape[0]
        steps = 1 if self.exact and d > SMALL else 2
        single = Linear(
            lambda e: self.derivative.apply(e[0]), lambda g: [self.derivative.adjoint(g)]
        )
        return power_method(single, 1, d, self.exact, steps) + norm


def to_float(a: Any) -> Any:
    """complex128 of a matrix whose entries float64 holds."""
    if a.dtype != object:
        return a
    return np.array([complex(x) for x in a.flat], dtype=np.complex128).reshape(a.shape)


def to_exact(a: Any) -> Any:
    if a.dtype == object:
        return a
    return np.array([mpc(complex(x)) for x in a.flat], dtype=object).reshape(a.shape)
