"""Block eigendecompositions K = R·B·R⁻¹ refined from float64 to any precision by matrix products.

B = diag(λ) where the eigenvalues are well apart; repeated eigenvalues and clusters stay together in
blocks (``blockdiagonal``).  One step, with S ≈ R⁻¹ and T = S·R − I: F = S·(K·R − R·B), B += the
blocks of F, E off the blocks from E·B − B·E = F (E_ij = F_ij/(λ_j − λ_i) without blocks),
R += R·E, S −= (E + T)·S.  It squares the error (Ogita & Aishima, "Iterative refinement for
symmetric eigenvalue decomposition", 2018 and 2019; for general matrices this is Newton's method of
Davies & Modi 1986).  Second-order terms are added in float64, so that a step takes q bits to
min(3q, 2q + 42).  It costs five products of q-bit matrices: K·R − R·B (formed together: its leading
digits cancel and are not computed), S·R, S·(…), R·E and V·S, and three entrywise products for the
quotients; blocks add two products for each term of the Neumann series, of the length of that term.
All steps together cost about twice the last; measuring what is left costs one product more.

The method needs blocks whose distance is large compared with the error of the float64 start.
Where it is not, the first test, ‖E‖ small, fails and the start is declined.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...kernel import (
    Stack,
    Term,
    evaluate,
    position,
    product,
)
from .blockdiagonal import (
    BlockDiagonal,
    NotSimple,
    Reciprocals,
    embedded,
    scaled,
    stacked,
)
from .scaled import ComplexArray, Scaled

#: Bits still missing that float64 corrections supply more cheaply than full ones.
FLOAT_REACH = 200.0
#: Relative accuracy, in bits, that the float64 second-order terms can be trusted to have.
FLOAT_BITS = 42.0
#: ‖E‖ and ‖T‖ of the float64 start must be below 2 to this power.
START = -7.0


@dataclass(frozen=True)
class Start:
    """A float64 eigendecomposition: R with columns of norm 1, its inverse, the centre of each
    column's block, and what the blocks of more than one column, the first, have besides."""

    R: ComplexArray
    S: ComplexArray
    values: ComplexArray
    rest: ComplexArray | None = None
    blocks: tuple[slice, ...] = ()

    def middle(self) -> BlockDiagonal:
        """B as a stack."""
        row = Stack.from_complex(self.values.reshape(1, -1), 0, 4)
        rest = None if self.rest is None else Stack.from_complex(self.rest, 0, 4)
        return BlockDiagonal(row, rest, self.blocks)

    @cached_property
    def condition(self) -> float:
        """log2 of ‖R‖·‖S‖ (Frobenius)."""
        squares = (float(np.vdot(M, M).real) for M in (self.R, self.S))
        return sum(math.log2(square) if square > 0 else math.inf for square in squares) / 2

    @cached_property
    def radius(self) -> float:
        """The largest modulus of an eigenvalue."""
        return float(np.max(np.abs(self.values)))


def float_start(matrix: Stack) -> Start:
    """LAPACK's eigendecomposition of the rounded matrix; :class:`NotSimple` if R is singular.

    The matrix must lie in float64's range (the caller scales)."""
    rounded = matrix.to_complex()
    try:
        values, R = np.linalg.eig(rounded)
        S = np.linalg.inv(R)
    except np.linalg.LinAlgError as error:
        raise NotSimple(f"float64 eigenvectors: {error}") from None
    return checked(Start(R.astype(complex), S.astype(complex), values.astype(complex)))


def checked(start: Start) -> Start:
    """The start, or :class:`NotSimple` if its basis is nearly dependent."""
    if not (math.isfinite(start.radius) and start.condition <= 40.0):
        raise NotSimple("the float64 eigenvectors are nearly dependent")
    return start


@dataclass(frozen=True)
class Eigen:
    """K ≈ R·B·S with what is left: F = S·(K·R − R·B) and T = S·R − I."""

    R: Stack
    S: Stack
    B: BlockDiagonal
    start: Start
    F: Scaled
    T: Scaled
    steps: int

    def function(self, row: Stack, rest: Stack | None, bits: float) -> Stack:
        """R·(diag(row) + rest)·S with ``bits`` bits below its size bound: one product and a
        scaling; ``rest`` (p×p) stands in the first p columns and costs a product more."""
        inner = row.size if rest is None else max(row.size, rest.size) + 1.0
        size = self.R.size + inner + self.S.size
        terms = [Term(self.R, row, entrywise=True)]
        if rest is not None:
            p, d = rest.shape[0], self.R.shape[0]
            terms.append(Term(self.R.part(slice(None), slice(0, p)), embedded(rest, p, d)))
        left = evaluate(terms, position(self.R.size + inner, bits + 4.0))
        return product(left, self.S, position(size, bits))


def _largest(matrix: Scaled) -> float:
    largest = float(np.max(np.abs(matrix.matrix), initial=0.0))
    return math.log2(largest) + matrix.exp if largest > 0 else -math.inf


def refine(matrix: Stack, start: Start, bits: float) -> Eigen:
    """The eigendecomposition with ‖F‖ ≤ 2^−bits·‖K‖ and ‖T‖ ≤ 2^−bits, measured at the end.

    ``matrix`` carries at least ``bits`` bits and the guard bits of its eigenvectors' condition.
    Raises :class:`NotSimple` if the float64 start is not in the basin of convergence, or if
    convergence stops."""
    d = matrix.shape[0]
    guard = start.condition + 2 * math.log2(d) + 8.0
    R, S = Stack.from_complex(start.R, 0, 3), Stack.from_complex(start.S, 0, 3)
    B = start.middle()
    reciprocals = Reciprocals()
    reached, previous = 42.0, math.inf
    for step in range(60):
        in_float = bits - reached <= FLOAT_REACH or reached < 2 * FLOAT_BITS
        gain = min(reached + FLOAT_BITS, 2 * reached, max(bits - reached, 0.0)) + 12.0
        if in_float:
            gain = min(gain, FLOAT_BITS + 4.0)
        low = position(matrix.size, min(reached + gain, bits) + guard)
        hint = None if step == 0 else -min(reached, bits) + start.condition + 24.0
        trimmed = matrix.truncated(low - 1)
        terms = [Term(trimmed, R), *B.subtracted(R, low)]
        G = evaluate(terms, low, None if hint is None else matrix.size + hint)
        lowest = position(0.0, min(reached + gain, bits) + guard)
        T = evaluate([Term(S, R), Term(Stack.identity(d), None, -1)], lowest, hint)
        T_double = scaled(T)
        if in_float:
            F_double = scaled(S) @ scaled(G)
        else:
            F = product(S.to_precision(gain + guard + 16.0), G, low)
            F_double = scaled(F)
        left = max(_largest(F_double) - matrix.size, _largest(T_double)) + math.log2(d)
        if left <= -bits:
            return Eigen(R, S, B, start, F_double, T_double, step)
        if left > previous - 2.0:
            raise NotSimple("the refinement of the eigenvectors stagnates")
        previous = left
        if in_float:
            E_double, change_double, own = _float_corrections(F_double, T_double, B, low)
        else:
            E, change, own = _corrections(F, T, B, reciprocals, gain, low)
            E_double = scaled(E)
        seen = -max(_largest(E_double), _largest(T_double)) - math.log2(d)
        if seen < -START:
            raise NotSimple("the float64 eigenvectors are too inaccurate: close eigenvalues")
        reached = min(2.0 * seen + min(FLOAT_BITS, seen) - 4.0, bits + 4.0, seen + gain)
        if in_float:
            reached = min(seen + FLOAT_BITS, 2 * seen, bits + 4.0)
        keep = reached + guard - seen + 8.0
        B = B.changed(own, position(matrix.size, reached + guard))
        low_R, low_S = position(0.0, reached + guard), position(S.size, reached + guard)
        if in_float:
            R = (R + stacked(scaled(R) @ E_double, low_R)).truncated(low_R)
            S = (S - stacked(change_double @ scaled(S), low_S)).truncated(low_S)
            continue
        R = (R + product(R.to_precision(keep), E.to_precision(keep), low_R)).truncated(low_R)
        S = (S - product(change.to_precision(keep), S.to_precision(keep), low_S)).truncated(low_S)
    raise NotSimple("the refinement of the eigenvectors does not end")


def _corrections(
    F: Stack, T: Stack, B: BlockDiagonal, reciprocals: Reciprocals, bits: float, low: int
) -> tuple[Stack, Stack, Stack]:
    """E, V and the change of B with R(I + E) and (I − V)S right to third order.

    With F ← F − T·F the first order is E₁·B − B·E₁ = F off the blocks, the second, from
    (B + F)(I + E) = (I + E)(B + δ), E₂·B − B·E₂ = F·E₁ − E₁·δ₁ with δ₁ the blocks of F;
    δ = δ₁ + the blocks of F·E₁, and V = U − U² for U = T + E + T·E.  The second-order parts are
    float64 products: their relative error 2⁻⁵⁰ is of third order or below."""
    T_double = scaled(T)
    F = F - stacked(T_double @ scaled(F), low)
    F_double = scaled(F)
    E = B.solve(F, reciprocals, bits, low)
    E_double = scaled(E)
    twice = F_double @ E_double
    second = B.solve_float(twice - E_double @ B.own(F_double))
    E = E + stacked(second, E.exp)
    E_double = scaled(E)
    mixed = T_double @ E_double
    U = T_double + E_double + mixed
    change = E + T + stacked(mixed - U @ U, min(E.exp, T.exp))
    return E, change, F + stacked(B.own(twice), low)


def _float_corrections(
    F: Scaled, T: Scaled, B: BlockDiagonal, low: int
) -> tuple[Scaled, Scaled, Stack]:
    """E, V and the change of B as in :func:`_corrections`, all in float64."""
    F = F - T @ F
    E = B.solve_float(F)
    twice = F @ E
    E = (E + B.solve_float(twice - E @ B.own(F))).normal()
    U = T + E + T @ E
    return E, U - U @ U, stacked(B.own(F + twice), low)
