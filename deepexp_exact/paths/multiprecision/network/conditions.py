"""Condition numbers of each logarithm and exponential and of the maps (X, Y) ↦ W.

The Frobenius norm of a Fréchet derivative is estimated by the power method on the derivative and
its adjoint (Higham, *Functions of Matrices*, algorithm 3.20); a few steps give a lower bound that
is nearly always within a third of the norm.  float64 does it where its range and a running error
bound allow; otherwise a few dozen bits of multiprecision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpfr

from ....branches import BranchRecord, LogarithmRecord
from ....errors import PrecisionCeilingError
from ....exact import ExactMatrix, Quotient, gaussian
from ....problems import Problem
from ..functions.arrays import (
    ZERO,
    Array,
    dagger,
    from_exact,
    log2_abs,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    mpf_power_of_two,
    number,
    precision,
)
from ..functions.exponential import (
    log2_norm_of_exp,
)
from ..functions.linear import exact_inverse
from ..functions.logarithm import Logarithm, logarithm
from .derivatives import (
    BITS,
    DOUBLE,
    SMALL,
    Exp,
    Linear,
    Operator,
    power_method,
    to_exact,
    to_float,
)
from .second_layer import Steps, construct, is_trivial

#: log2 condition of eigenvectors, which enter twice, up to which float64 resolves derivatives.
RESOLVED = 20.0
#: log2 condition of Y1, which enters with its inverse, that float64 has room for.
SPARE = 24.0
MAPS = ("W1", "W2", "W3")
#: Those of a record where none can be had.
UNKNOWN = ("exp(W1 X1)", "exp(-W1 X1)", "exp(-Z)", "log(K)", *MAPS, "map")

#: Condition numbers by name; ``mpf`` where float64 does not hold them, None where unknown.
Table = dict[str, Any]


def power_of_two(log2: float) -> Any:
    """2^log2 as a float, as an ``mpf`` beyond float64's range, None for what is no number."""
    if math.isnan(log2) or math.isinf(log2):
        return None
    return 2.0**log2 if abs(log2) < 1000 else mpf_power_of_two(log2)


def condition_of_exp(argument: ExactMatrix, ceiling: int) -> Any:
    """The relative condition number of exp at an exact matrix, as :func:`estimated` gives it."""
    with precision(BITS + 64):
        a = from_exact(argument)
    return _known(lambda: Exp.of(a, BITS, ceiling).condition())


def condition_of_log(record: LogarithmRecord, K: Quotient, ceiling: int) -> Any:
    """The relative condition number of the recorded logarithm at K; None where it is exactly zero
    or no differentiable function of K."""

    def size() -> float:
        log = logarithm(record, K, BITS + 64, ceiling)
        return log.derivative_norm + log2_frobenius(log.K) - log2_frobenius(log.value)

    return _known(size)


def _known(log2: Callable[[], float]) -> Any:
    """2^log2, None where it cannot be had."""
    try:
        with np.errstate(all="ignore"):
            return power_of_two(log2())
    except (PrecisionCeilingError, ArithmeticError, ValueError):
        return None


def estimated(
    problem: Problem, record: BranchRecord, ceiling: int, found: Steps | None = None
) -> Table:
    """Relative condition numbers ‖f'(A)‖·‖A‖/‖f(A)‖ (Frobenius, estimated) of ``exp(W1 X1)``,
    ``exp(-W1 X1)``, ``exp(-Z)``, ``exp(alpha Z)`` and ``log(K)``; of ``W1``, ``W2``, ``W3`` as
    functions of X1, X2, Y1, Y2, each perturbed relative to its own norm; ``map`` is the largest of
    these three.  The maps are the theorem's: left out for another first layer, whose parameters
    are chosen anew for perturbed data, and where Y1 and Y2 are singular (perturbed, they leave
    their column space).  A function whose argument or value is exactly zero has none and is left
    out; None where no estimate can be had."""
    try:
        with np.errstate(all="ignore"):
            if found is not None and (table := _by_eigenvectors(found, ceiling)) is not None:
                return table
            trivial, extra = is_trivial(problem, record), _extra(problem)
            if found is None or (not trivial and (found.log is None or extra > 0)):
                found = construct(problem, record, BITS + 128 + 2 * extra, ceiling)
            return _table(problem, record, found, ceiling)
    except (PrecisionCeilingError, ArithmeticError, ValueError):
        return dict.fromkeys(UNKNOWN)


def _by_eigenvectors(found: Steps, ceiling: int) -> Table | None:
    """The same where Z and exp(−Z) came by eigenvectors that float64 resolves."""
    from ..functions.eigen.derivatives import OuterDerivatives

    functions = found.functions
    if functions is None or functions.layer is None or functions.condition > RESOLVED:
        return None
    sizes: dict[str, float] = {}
    with precision(BITS):
        for name, argument in (("exp(W1 X1)", +found.first.M), ("exp(-W1 X1)", -found.first.M)):
            if log2_frobenius(argument) > ZERO:
                sizes[name] = Exp.of(argument, BITS, ceiling).condition()
    sizes |= OuterDerivatives(functions.layer).conditions()
    if not all(math.isfinite(size) for size in sizes.values()):
        return None
    return {name: power_of_two(size) for name, size in sizes.items()}


def _table(problem: Problem, record: BranchRecord, found: Steps, ceiling: int) -> Table:
    bits = _bits(problem, found)
    with precision(bits):
        alpha = number(record.alpha)
        M, shrink = found.first.M, 1 / (alpha - 1)

        def outer(a: Array, factor: Any, bits: int = BITS) -> Exp:
            known = None if found.log is None else (found.log, factor * shrink, _extra(problem))
            return Exp.of(a, bits, ceiling, known)

        exps = {
            "exp(W1 X1)": Exp.of(+M, BITS, ceiling),
            "exp(-W1 X1)": Exp.of(-M, BITS, ceiling),
            "exp(-Z)": outer(-found.Z, -1),
            "exp(alpha Z)": outer(found.Z * alpha, alpha),
        }
        sizes = {
            name: e.condition() for name, e in exps.items() if log2_frobenius(e.argument) > ZERO
        }
        if found.log is not None:
            L = log2_frobenius(found.L)
            sizes["log(K)"] = found.log.derivative_norm + log2_frobenius(found.K) - L
        paired = record.logarithm.J is not None  # no differentiable function of K
        if paired or found.first.D_inverse is None or record.completion.rank < problem.d:
            return {name: power_of_two(size) for name, size in sizes.items()}
        first, last = exps["exp(-W1 X1)"], exps["exp(-Z)"]
        if bits > DOUBLE:  # the chain needs more than these alone
            first = first if first.exact else Exp.of(-M, bits, ceiling)
            last = outer(-found.Z, -1, bits)
        maps = _maps(problem, record, found, first, last, bits)
    known = all(map(math.isfinite, maps.values()))
    sizes |= maps | {"map": max(maps.values()) if known else math.nan}
    return {name: power_of_two(size) for name, size in sizes.items()}


def _extra(problem: Problem) -> int:
    """Bits that Y1·dE, which has Y1⁻¹ in it, may lose beyond those that float64 has room for."""
    if not problem.Y1.is_invertible():
        return 0
    with precision(BITS):
        sizes = from_exact(problem.Y1), exact_inverse(problem.Y1, BITS, 1 << 30)[0]
        return max(0, math.ceil(sum(map(log2_frobenius, sizes)) - SPARE))


def _bits(problem: Problem, found: Steps) -> int:
    """Bits for the chain of derivatives: those of the logarithm's, and what W1·X1, Z·B, Y1·E and
    Y1·dE, which has Y1⁻¹ in it, lose by cancellation."""
    if found.log is None:
        return BITS
    W1, W2, W3 = (log2_frobenius(w) for w in found.weights)
    with precision(BITS):
        X1, Y1 = (log2_frobenius(from_exact(a)) for a in (problem.X1, problem.Y1))
        with precision(max(z.real.precision for z in found.Z.flat)):  # exp(−Z) of Z as it is
            E = log2_norm_of_exp(-found.Z, 1 << 24)
        lost = [
            W1 + X1 - log2_frobenius(found.first.M),
            log2_frobenius(found.Z) + log2_frobenius(found.first.inverse_A) - W2,
            Y1 + E - W3,
            float(_extra(problem)),
        ]
    finite = sum(max(x, 0.0) for x in lost if math.isfinite(x))
    return max(BITS, found.log.derivative.bits) + math.ceil(finite)


# --------------------------------------------------------------------------- the maps (X, Y) ↦ W


def _maps(
    problem: Problem, record: BranchRecord, found: Steps, first: Exp, last: Exp, bits: int
) -> dict[str, float]:
    """log2 of the condition numbers of W1, W2, W3."""
    X1, X2 = (log2_frobenius(from_exact(a)) for a in (problem.X1, problem.X2))
    W1, D_inverse = found.weights[0], found.first.D_inverse
    inputs = log2_sum(2 * X1, 2 * X2) / 2
    out = {"W1": log2_spectral(W1) + log2_spectral(D_inverse) + inputs - log2_frobenius(W1)}
    if found.log is None:
        # W2 is exactly zero; log'(I) and exp'(0) are identities: dW3 = (α·dY1 − dY2)/(α − 1)
        alpha = log2_abs(number(record.alpha))
        shrink = log2_abs(number(record.alpha - gaussian(1)))
        return out | {"W3": log2_sum(2 * alpha, 0.0) / 2 - shrink}
    exact = bits > DOUBLE or first.exact or last.exact or not _fits(problem, found, found.log)
    chain = _Chain(problem, record, found, found.log, first, last, exact, bits)
    steps = 1 if exact and problem.d > SMALL else 3
    for name, linear in (("W2", chain.second()), ("W3", chain.third())):
        out[name] = power_method(linear, 4, problem.d, exact, steps)
    return out


def _fits(problem: Problem, found: Steps, log: Logarithm) -> bool:
    """Whether float64 holds the intermediate matrices, and products of three of them."""
    data = [from_exact(a) for a in (problem.X1, problem.X2, problem.Y1, problem.Y2)]
    first = found.first
    matrices = (first.M, found.L, found.K, first.D_inverse, found.Z, *found.weights, *data)
    sizes = [log.derivative_norm, *map(log2_frobenius, matrices)]
    return all(abs(s) < 200 for s in sizes if s != ZERO)


class _Chain:
    """The derivatives of W2 and W3, relative to their norms, in directions relative to the data.

    dW1 = −W1·dD·D⁻¹, dM = dW1·X1 + W1·dX1, dK = Y1⁻¹·(dY2 − dY1·K), dL = log'(K)[dK],
    dW2 = (dL·B − L·exp'(−M)[dM])/(α − 1), dW3 = dY1·E − Y1·exp'(−Z)[dL]/(α − 1)."""

    def __init__(
        self,
        problem: Problem,
        record: BranchRecord,
        found: Steps,
        log: Logarithm,
        first: Exp,
        last: Exp,
        exact: bool,
        bits: int,
    ) -> None:
        self.cast: Operator = (lambda a: to_exact(a)) if exact else (lambda a: to_float(a))
        names = ("X1", "X2", "Y1", "Y2")
        data = [from_exact(getattr(problem, label)) for label in names]
        self.sizes = [self._scalar(log2_frobenius(a), exact) for a in data]
        self.X1, _, self.Y1, _ = (self.cast(a) for a in data)
        self.W1, self.D_inverse = self.cast(+found.weights[0]), self.cast(+found.first.D_inverse)
        self.K, self.L = self.cast(+found.K), self.cast(+found.L)
        self.Y1_inverse = self.cast(exact_inverse(problem.Y1, bits, 1 << 30)[0])
        exactly = log.log_derivative(_extra(problem)) if exact else log.derivative
        self.derivative = exactly if exact else exactly.in_double()
        self.B, self.E = self.cast(first.value), self.cast(last.value)
        self.first, self.last = first.derivative, last.derivative
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
        return gmpy2.exp2(mpfr(log2)) if exact else 2.0**log2

    def _dL(self, e: list[Any]) -> Any:
        dY1, dY2 = e[2] * self.sizes[2], e[3] * self.sizes[3]
        return self.derivative(self.Y1_inverse.dot(dY2 - dY1.dot(self.K)))

    def _dL_adjoint(self, g: Any) -> tuple[Any, Any]:
        k = dagger(self.Y1_inverse).dot(self.derivative.adjoint(g))
        return -k.dot(dagger(self.K)) * self.sizes[2], k * self.sizes[3]

    def second(self) -> Linear:
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

        return Linear(apply, back)

    def third(self) -> Linear:
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

        return Linear(apply, back)


def _conj(x: Any) -> Any:
    return x.conjugate()
