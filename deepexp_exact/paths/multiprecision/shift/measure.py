"""The residuals of the weights handed out, evaluated from f's definition in two eigenbases.

exp(W·X) of a given matrix is P·exp(diag(m) + Φ)·P⁻¹ for any invertible P, where
Φ = P⁻¹·(W·X)·P − diag(m) is small if P holds approximate eigenvectors: the products at full
precision, exp(m) for each eigenvalue, and Φ, known to a few words, to first order (Daletskii &
Krein) with a bound of everything beyond.  About eleven products instead of the hundred of four
exponentials; nothing is assumed of P and m but that they are the numbers they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np

from ..functions.balls import log2_quotient
from ..functions.eigen.blockdiagonal import on_diagonal, scaled
from ..functions.eigen.refine import Eigen
from ..functions.eigen.scaled import (
    ComplexArray,
    Scaled,
    divided_exp,
    exp_row,
    log2_sum,
)
from ..kernel import Stack, Term, entrywise, evaluate, position, product
from ..kernel.reading import DIGIT_BITS, numbers, row_stack

#: log2 of float64's relative error in a product of two matrices, d = 128 included.
UNIT = -43.0
#: Bits of small differences that are worth having.
KEPT = 100.0
ZERO = -math.inf


class NotMeasured(ArithmeticError):
    """The eigenvectors are not near enough to those of the weights' products."""


@dataclass(frozen=True)
class Rough:
    """A matrix in float64 and log2 of a bound of what it differs by (Frobenius norm)."""

    middle: Scaled
    reach: float = ZERO

    @classmethod
    def of(cls, stack: Stack, reach: float = ZERO) -> Rough:
        middle = scaled(stack)
        return cls(middle, log2_sum(reach, middle.log2_norm() + UNIT))

    @property
    def norm(self) -> float:
        """log2 of a bound of the norm."""
        return log2_sum(self.middle.log2_norm(), self.reach) + 1e-9

    def __matmul__(self, other: Rough) -> Rough:
        product = self.norm + other.norm + UNIT
        reach = log2_sum(product, self.norm + other.reach, self.reach + other.norm)
        return Rough(self.middle @ other.middle, reach)

    def __add__(self, other: Rough) -> Rough:
        noise = max(self.norm, other.norm) + UNIT
        return Rough(self.middle + other.middle, log2_sum(self.reach, other.reach, noise))

    def times(self, factor: complex, exponent: float = 0.0) -> Rough:
        """The matrix times factor·2^exponent, known to float64's precision."""
        size = math.log2(abs(factor)) + exponent
        middle = (self.middle * factor).times_power(exponent)
        return Rough(middle, log2_sum(self.reach, self.norm + UNIT) + size)

    def rows_times(self, row: Scaled) -> Rough:
        """diag(row)·matrix."""
        top = math.log2(float(np.max(np.abs(row.matrix)))) + row.exp
        middle = Scaled(row.matrix[:, None] * self.middle.matrix, row.exp + self.middle.exp)
        return Rough(middle.normal(), log2_sum(self.reach, self.norm + UNIT) + top)

    def within(self, reach: float) -> Rough:
        """The same, known to so much less."""
        return Rough(self.middle, log2_sum(self.reach, reach))


@dataclass(frozen=True)
class Basis:
    """Approximate eigenvectors R with S ≈ R⁻¹, T = S·R − I, and the points put in place of the
    eigenvalues; ``bits``, those of T and of its decomposition, are worth computing with."""

    R: Stack
    S: Stack
    T: Rough
    row: Stack  # the points, exactly
    points: list[Any]  # the same as numbers
    bits: float

    @classmethod
    def of(cls, eigen: Eigen, points: Sequence[Any], bits: float) -> Basis:
        worth = bits + eigen.start.condition + 2 * math.log2(eigen.R.shape[0]) + 8.0
        row = row_stack(points, worth + 16.0)
        T = Rough(eigen.T, log2_sum(eigen.T.log2_norm() + UNIT, -worth))
        return cls(eigen.R, eigen.S, T, row, numbers(row), worth)

    @property
    def floats(self) -> ComplexArray:
        return np.array([complex(v) for v in self.points])

    def product(self, left: Stack, right: Stack) -> tuple[Stack, float]:
        """left·right to ``bits`` bits, and log2 of a bound of what was cut off."""
        size = left.size + right.size + math.log2(2 * left.shape[1])
        low = position(size, self.bits + 8.0)
        cut = DIGIT_BITS * low + math.log2(left.shape[0])
        return product(left, right, low), cut

    def into(self, matrix: Rough) -> Rough:
        """S·matrix·R."""
        return Rough.of(self.S) @ matrix @ Rough.of(self.R)

    def back(self, matrix: Rough) -> Rough:
        """R·matrix·S."""
        return Rough.of(self.R) @ matrix @ Rough.of(self.S)

    def off(self, matrix: Stack, reach: float, odd: int, hint: float) -> Rough:
        """P⁻¹·(matrix/odd)·P − diag(points), P = R, P⁻¹ = (I + T)⁻¹·S, for a matrix known to
        within 2^reach; ``hint``: bits that probably cancel."""
        right, cut = self.product(matrix, self.R)
        terms = [Term(self.S, right), Term(diagonal(self.row, odd), None, -1)]
        expected = self.S.size + right.size - hint
        F = Rough.of(evaluate(terms, position(expected, KEPT), expected))
        s, r, d = _size(self.S), _size(self.R), math.log2(self.S.shape[0])
        cut = log2_sum(cut + s, reach + s + r, DIGIT_BITS * position(expected, KEPT) + d)
        F = F.within(cut).times(*_over(odd))
        z = self.floats
        t, size = self.T.norm, _log2(np.max(np.abs(z))) + d / 2
        second = t + log2_sum(t + size, F.norm) + 1.0
        shifted = Rough(Scaled(self.T.middle.matrix * z, self.T.middle.exp), self.T.reach + size)
        if t > -2.0:
            raise NotMeasured("the eigenvectors are not inverse to each other")
        return (F + shifted.times(-1.0)).within(second)

    def exponential(self, change: Rough, factor: complex, shift: complex = 1.0) -> Rough:
        """P·exp(factor·diag(points) + change)·P⁻¹·shift − R·diag(e^(factor·points))·S·shift.

        Beyond the first order there is at most e^(max Re)·φ²·e^φ/2, φ = ‖change‖."""
        nodes = factor * self.floats
        row = exp_row(nodes)
        top = float(np.max(nodes.real)) / math.log(2.0) + 1e-6
        phi, t = change.norm, self.T.norm
        if not (phi < -2.0 and t < -2.0):
            raise NotMeasured("the weights are too far from the eigenvectors")
        blur = max(UNIT, _log2(np.max(np.abs(nodes))) - 48.0)
        reach = top + log2_sum(change.reach, 2 * phi, phi + blur)
        E = Rough(change.middle * divided_exp(nodes), reach)
        inside = E + self.T.rows_times(row).times(-1.0)
        beyond = log2_sum(top + 2 * t, E.norm + t, top + t + blur) + 1.0
        return self.back(inside.within(beyond)).times(shift)

    def exp_of(self, factor: Any, times: int = 1) -> tuple[Stack, float]:
        """The row times·e^(factor·points), and log2 of a bound of each entry's error."""
        values = [gmpy2.exp(factor * v) * times for v in self.points]
        row = row_stack(values, self.bits + 16.0)
        return row, row.size - self.bits - 8.0


@dataclass(frozen=True)
class Data:
    """X1 = X/x_odd, D = D/x_odd, Yi = Y_i/y_odd, each with log2 of a bound of its error."""

    X: Stack
    D: Stack
    x_odd: int
    x_error: float
    Y: tuple[Stack, Stack]
    y_odd: int
    y_error: float


def _first_layer(
    data: Data, W1: Stack, inner: Basis, c: Any, hint: float
) -> tuple[tuple[Rough, Rough], Stack, float]:
    """What W1·X1 and W1·X2 − c·I differ by from the exponent of the basis, the exponential of that
    exponent, and log2 of its error."""
    d = math.log2(W1.shape[0])
    exponent, cut = inner.product(W1, data.X)
    slip = _size(W1) + data.x_error
    # W1·X1, and W1·D = c·I + a small rest
    first = inner.off(exponent, log2_sum(cut, slip), data.x_odd, hint)
    expected = W1.size + data.D.size + d - hint
    scalar = row_stack([c] * W1.shape[0], inner.bits + 16.0)
    low = position(expected, KEPT)
    terms = [Term(W1, data.D), Term(diagonal(scalar, data.x_odd), None, -1)]
    rest = Rough.of(evaluate(terms, low, expected), log2_sum(DIGIT_BITS * low + d, slip))
    rest = rest.times(*_over(data.x_odd)).within(scalar.size - inner.bits - 8.0 + d)
    turn = inner.into(rest)
    changes = (first, first + turn.within(turn.norm + inner.T.norm + 1.0))
    row, error = inner.exp_of(1)
    left = entrywise(inner.R, row, position(inner.R.size + row.size, inner.bits + 8.0))
    A, cut = inner.product(left, inner.S)
    s, r = _size(inner.S), _size(inner.R)
    blur = DIGIT_BITS * position(inner.R.size + row.size, inner.bits + 8.0) + d
    cut = log2_sum(cut, blur + s, error + d + r + s)
    return changes, A, cut


def residuals(
    data: Data,
    weights: Sequence[Stack],
    inner: Basis,
    outer: Basis,
    c: Any,
    alpha: Any,
    carried: float,
) -> tuple[float, float]:
    """log2 of bounds of ‖f(Xi) − Yi‖/‖Yi‖ of weights as they are, c with e^c = α.

    ``carried``: the bits the weights carry.  At the current precision of gmpy2, which exceeds the
    bits of both bases.  Raises :class:`NotMeasured` where the changes are not small."""
    W1, W2, W3 = weights
    d, hint = math.log2(W1.shape[0]), carried - 48.0
    changes, A, cut = _first_layer(data, W1, inner, c, hint)
    # second layer
    V, lost = outer.product(W2, A)
    H = outer.off(V, lost, 1, hint)
    V3, third = outer.product(W3, outer.R)
    out = []
    for change, factor, Y in zip(changes, (gmpy2.mpfr(1), alpha), data.Y, strict=True):
        turned = complex(factor)
        size = math.log2(abs(turned))
        dA = inner.exponential(change, 1.0, turned).within(cut + size)
        psi = outer.into(Rough.of(W2) @ dA)
        psi = psi.within(psi.norm + outer.T.norm + 1.0) + H.times(turned)
        E = outer.exponential(psi, turned)
        row, error = outer.exp_of(factor, data.y_odd)
        low = position(V3.size + row.size, outer.bits + 8.0)
        terms = [Term(entrywise(V3, row, low), outer.S), Term(Y, None, -1)]
        expected = V3.size + row.size + outer.S.size - hint
        bottom = position(expected, KEPT)
        N = Rough.of(evaluate(terms, bottom, expected), DIGIT_BITS * bottom + d)
        s = _size(outer.S)
        cuts = (DIGIT_BITS * low + d + s, error + d + _size(V3) + s, third + row.size + 1.0 + d + s)
        moved = (Rough.of(W3) @ E).times(*_float(data.y_odd))
        total = (N + moved).within(log2_sum(*cuts, data.y_error))
        out.append(log2_quotient(total.norm, _size(Y)))
    if not all(v < math.inf for v in out):
        raise NotMeasured("the evaluation leaves float64's range")
    return out[0], out[1]


def diagonal(row: Stack, factor: int) -> Stack:
    """diag(row)·factor."""
    if factor != 1:
        re, im = ([v * factor for v in part] for part in row.to_integers())
        row = Stack.from_integers(re, im, row.shape, DIGIT_BITS * row.exp)
    return on_diagonal(row)


def _size(stack: Stack) -> float:
    return scaled(stack).log2_norm()


def _log2(value: Any) -> float:
    return math.log2(value) if value > 0 else ZERO


def _float(odd: int) -> tuple[float, float]:
    shift = max(0, odd.bit_length() - 60)
    return float(odd >> shift), float(shift)


def _over(odd: int) -> tuple[float, float]:
    mantissa, exponent = _float(odd)
    return 1.0 / mantissa, -exponent
