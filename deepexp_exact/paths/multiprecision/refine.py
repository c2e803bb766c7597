"""Eigendecompositions K = R·diag(λ)·R⁻¹ refined from float64 to any precision by matrix products.

One step, with S ≈ R⁻¹ and T = S·R − I: F = S·(K·R − R·Λ), λ_j += F_jj, E_ij = F_ij/(λ_j − λ_i) for
i ≠ j, R += R·E, S −= (E + T)·S.  It squares the error (Ogita & Aishima, "Iterative refinement for
symmetric eigenvalue decomposition", 2018 and 2019; for general matrices this is Newton's method of
Davies & Modi 1986).  Second-order terms are added in float64, so that a step takes q bits to
min(3q, 2q + 42).  It costs five products of q-bit matrices: K·R − R·Λ (formed together: its
leading digits cancel and are not computed), S·R, S·(…), R·E and V·S, and three entrywise products
for the quotients.  All steps together cost about twice the last; measuring what is left costs one
product more.

The method needs eigenvalues whose distance is large compared with the error of the float64 start.
Clusters and Jordan blocks fail the first test, ‖E‖ small, and are declined.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .kernel import Stack, Term, entrywise, evaluate, position, product
from .scaled import ComplexArray, Scaled


class NotSimple(ArithmeticError):
    """The spectrum is not well separated enough for this road; the text says what was seen."""


#: Bits still missing that float64 corrections supply more cheaply than full ones.
FLOAT_REACH = 200.0
#: Relative accuracy, in bits, that the float64 second-order terms can be trusted to have.
FLOAT_BITS = 42.0
#: ‖E‖ and ‖T‖ of the float64 start must be below 2 to this power.
START = -7.0


@dataclass(frozen=True)
class Start:
    """A float64 eigendecomposition: R with columns of norm 1, its inverse, eigenvalues."""

    R: ComplexArray
    S: ComplexArray
    values: ComplexArray

    @property
    def condition(self) -> float:
        """log2 of ‖R‖·‖S‖ (Frobenius)."""
        return math.log2(float(np.linalg.norm(self.R)) * float(np.linalg.norm(self.S)))


def float_start(matrix: Stack) -> Start:
    """LAPACK's eigendecomposition of the rounded matrix; :class:`NotSimple` if R is singular.

    The matrix must lie in float64's range (the caller scales)."""
    rounded = matrix.to_complex()
    try:
        values, R = np.linalg.eig(rounded)
        S = np.linalg.inv(R)
    except np.linalg.LinAlgError as error:
        raise NotSimple(f"float64 eigenvectors: {error}") from None
    start = Start(R.astype(complex), S.astype(complex), values.astype(complex))
    if not (np.isfinite(S).all() and np.isfinite(values).all()) or start.condition > 40.0:
        raise NotSimple("the float64 eigenvectors are nearly dependent")
    return start


@dataclass(frozen=True)
class Eigen:
    """K ≈ R·diag(values)·S with what is left: F = S·(K·R − R·Λ) and T = S·R − I."""

    R: Stack
    S: Stack
    values: Stack  # 1×d
    start: Start
    F: Scaled
    T: Scaled
    steps: int

    def function(self, row: Stack, bits: float) -> Stack:
        """R·diag(row)·S with ``bits`` bits below its size bound: one product and a scaling."""
        size = self.R.size + row.size + self.S.size
        low = position(size, bits)
        left = entrywise(self.R, row, position(self.R.size + row.size, bits + 4.0))
        return product(left, self.S, low)


def _scaled(stack: Stack) -> Scaled:
    matrix, exponent = stack.to_scaled()
    return Scaled(matrix, exponent).normal()


def _largest(matrix: Scaled) -> float:
    largest = float(np.max(np.abs(matrix.matrix), initial=0.0))
    return math.log2(largest) + matrix.exp if largest > 0 else -math.inf


class _Reciprocals:
    """1/(λ_j − λ_i) for i ≠ j and 1 for i = j, improved by Newton as the eigenvalues sharpen."""

    def __init__(self) -> None:
        self.value: Stack | None = None

    def at(self, values: Stack, bits: float) -> Stack:
        """To about ``bits`` bits relative to each entry; two entrywise products for each step."""
        d = values.shape[1]
        spread = values - values.transposed() + Stack.identity(d)
        gaps, exponent = spread.to_scaled()
        if not np.abs(gaps).all():
            raise NotSimple("two eigenvalues agree in float64")
        smallest, largest = float(np.min(np.abs(gaps))), float(np.max(np.abs(gaps)))
        lost = math.log2(largest / smallest)
        if self.value is None or bits <= 46.0:
            self.value = Stack.from_complex(1.0 / gaps, -exponent, 3 + math.ceil(lost / 20.0))
        if bits <= 46.0:
            return self.value
        one = Stack(np.concatenate([np.ones((1, 1, d, d)), np.zeros((1, 1, d, d))], axis=1), 0)
        keep = bits + lost + 8.0
        for _ in range(40):
            residual = evaluate(
                [Term(one), Term(self.value, spread.to_precision(keep + lost), -1, entrywise=True)]
            )
            error = residual.size + 1.0
            low = position(self.value.size, keep)
            step = entrywise(self.value.to_precision(keep), residual.to_precision(keep), low)
            self.value = (self.value + step).truncated(low)
            if -2.0 * error >= bits:
                return self.value
            if error > -2.0:
                raise NotSimple("reciprocals of the gaps do not converge")
        raise NotSimple("reciprocals of the gaps do not converge")


def refine(matrix: Stack, start: Start, bits: float) -> Eigen:
    """The eigendecomposition with ‖F‖ ≤ 2^−bits·‖K‖ and ‖T‖ ≤ 2^−bits, measured at the end.

    ``matrix`` carries at least ``bits`` bits and the guard bits of its eigenvectors' condition.
    Raises :class:`NotSimple` if the float64 start is not in the basin of convergence, or if
    convergence stops."""
    d = matrix.shape[0]
    guard = start.condition + 2 * math.log2(d) + 8.0
    R, S = Stack.from_complex(start.R, 0, 3), Stack.from_complex(start.S, 0, 3)
    values = Stack.from_complex(start.values.reshape(1, d), 0, 4)
    reciprocals = _Reciprocals()
    reached, previous = 42.0, math.inf
    for step in range(60):
        in_float = bits - reached <= FLOAT_REACH or reached < 2 * FLOAT_BITS
        gain = min(reached + FLOAT_BITS, 2 * reached, max(bits - reached, 0.0)) + 12.0
        if in_float:
            gain = min(gain, FLOAT_BITS + 4.0)
        low = position(matrix.size, min(reached + gain, bits) + guard)
        hint = None if step == 0 else -min(reached, bits) + start.condition + 24.0
        trimmed = matrix.truncated(low - 1)
        terms = [Term(trimmed, R), Term(R, values.truncated(low - 1), -1, entrywise=True)]
        G = evaluate(terms, low, None if hint is None else matrix.size + hint)
        lowest = position(0.0, min(reached + gain, bits) + guard)
        T = evaluate([Term(S, R), Term(Stack.identity(d), None, -1)], lowest, hint)
        T_double = _scaled(T)
        if in_float:
            F_double = _scaled(S) @ _scaled(G)
        else:
            F = product(S.to_precision(gain + guard + 16.0), G, low)
            F_double = _scaled(F)
        left = max(_largest(F_double) - matrix.size, _largest(T_double)) + math.log2(d)
        if left <= -bits:
            return Eigen(R, S, values, start, F_double, T_double, step)
        if left > previous - 2.0:
            raise NotSimple("the refinement of the eigenvectors stagnates")
        previous = left
        if in_float:
            E_double, change_double, shift = _float_corrections(F_double, T_double, values, low)
        else:
            E, change, shift = _corrections(F, T, values, reciprocals, gain, low)
            E_double = _scaled(E)
        seen = -max(_largest(E_double), _largest(T_double)) - math.log2(d)
        if seen < -START:
            raise NotSimple("the float64 eigenvectors are too inaccurate: close eigenvalues")
        reached = min(2.0 * seen + min(FLOAT_BITS, seen) - 4.0, bits + 4.0, seen + gain)
        if in_float:
            reached = min(seen + FLOAT_BITS, 2 * seen, bits + 4.0)
        keep = reached + guard - seen + 8.0
        values = (values + shift).truncated(position(matrix.size, reached + guard))
        low_R, low_S = position(0.0, reached + guard), position(S.size, reached + guard)
        if in_float:
            R = (R + _stack(_scaled(R) @ E_double, low_R)).truncated(low_R)
            S = (S - _stack(change_double @ _scaled(S), low_S)).truncated(low_S)
            continue
        R = (R + product(R.to_precision(keep), E.to_precision(keep), low_R)).truncated(low_R)
        S = (S - product(change.to_precision(keep), S.to_precision(keep), low_S)).truncated(low_S)
    raise NotSimple("the refinement of the eigenvectors does not end")


def _diagonal(F: Stack) -> Stack:
    index = np.arange(F.shape[0])
    return Stack(np.ascontiguousarray(F.digits[:, :, index, index])[:, :, None, :], F.exp)


def _corrections(
    F: Stack, T: Stack, values: Stack, reciprocals: _Reciprocals, bits: float, low: int
) -> tuple[Stack, Stack, Stack]:
    """E, V and the shift of λ with R(I + E) and (I − V)S right to third order.

    With F ← F − T·F the first order is E₁ = F/(λ_j − λ_i), the second (E₁F-terms, from
    (Λ + F)(I + E) = (I + E)(Λ + δ)) E₂ = (F·E₁ − E₁·diag F)/(λ_j − λ_i), δ = diag(F + F·E₁);
    and V = U − U² for U = T + E + T·E.  The second-order parts are float64 products: their
    relative error 2⁻⁵⁰ is of third order or below."""
    g = reciprocals.at(values, bits)
    F_double, T_double, g_double = _scaled(F), _scaled(T), _scaled(g)
    F = F - _stack(T_double @ F_double, low)
    F_double = _scaled(F)
    off = F.digits.copy()
    index = np.arange(F.shape[0])
    off[:, :, index, index] = 0.0
    E = entrywise(Stack(off, F.exp), g, low + min(0, position(g.size, 0.0)))
    E_double = _scaled(E)
    twice = F_double @ E_double
    diagonal = Scaled(np.diagonal(F_double.matrix)[None, :], F_double.exp)
    second = (twice - E_double * diagonal) * g_double
    np.fill_diagonal(second.matrix, 0.0)
    E = E + _stack(second, E.exp)
    E_double = _scaled(E)
    mixed = T_double @ E_double
    U = T_double + E_double + mixed
    change = E + T + _stack(mixed - U @ U, min(E.exp, T.exp))
    extra = Scaled(np.diagonal(twice.matrix)[None, :].copy(), twice.exp)
    return E, change, _diagonal(F) + _stack(extra, low)


def _stack(values: Scaled, low: int) -> Stack:
    """Float64 values as a stack down to digit ``low``."""
    return Stack.from_complex(values.matrix, round(values.exp), 4).truncated(low)


def _float_corrections(
    F: Scaled, T: Scaled, values: Stack, low: int
) -> tuple[Scaled, Scaled, Stack]:
    """E, V and the shift of λ as in :func:`_corrections`, all in float64."""
    spread = values - values.transposed() + Stack.identity(values.shape[1])
    gaps = _scaled(spread)
    if not np.abs(gaps.matrix).all():
        raise NotSimple("two eigenvalues agree in float64")
    F = F - T @ F
    E = Scaled(F.matrix / gaps.matrix, F.exp - gaps.exp)
    np.fill_diagonal(E.matrix, 0.0)
    twice = F @ E
    second = twice - E * Scaled(np.diagonal(F.matrix)[None, :], F.exp)
    second = Scaled(second.matrix / gaps.matrix, second.exp - gaps.exp)
    np.fill_diagonal(second.matrix, 0.0)
    E = (E + second).normal()
    U = T + E + T @ E
    shift = F + twice
    row = Scaled(np.diagonal(shift.matrix)[None, :].copy(), shift.exp)
    return E, U - U @ U, _stack(row, low)
