"""The block-diagonal factor of K = R·(Λ + N)·R⁻¹, and the Sylvester equations it sets.

Simple eigenvalues are entries of Λ; a Jordan block or a cluster that float64 cannot tell apart is
a block μ·I + N, N small or nilpotent.  Off the blocks E·B − B·E = F is solved by the Neumann series
E = D₀ + D₁ + ..., D₀ = F/(μ_j − μ_i), D_{k+1} = (N·D_k − D_k·N)/(μ_j − μ_i): finite for Jordan
blocks (at most ν_i + ν_j − 1 terms), geometric with ratio (spread of the cluster)/(distance to the
others) otherwise.  Bavely & Stewart, "An algorithm for computing reducing subspaces by block
diagonalization", SIAM J. Numer. Anal. 16 (1979), give the decomposition; Higham, *Functions of
Matrices*, section 9, the role of blocking.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ...kernel import (
    Stack,
    Term,
    entrywise,
    evaluate,
    position,
)
from .scaled import ComplexArray, Scaled

#: Terms of the Neumann series before the blocks are said to be too wide.
MOST_TERMS = 400


class NotSimple(ArithmeticError):
    """The spectrum is not well separated enough for this method; the text says what was seen."""


def scaled(stack: Stack) -> Scaled:
    """A stack in float64 with an exponent."""
    matrix, exponent = stack.to_scaled()
    return Scaled(matrix, exponent).normal()


def stacked(values: Scaled, low: int) -> Stack:
    """Float64 values as a stack down to digit ``low``."""
    return Stack.from_complex(values.matrix, round(values.exp), 4).truncated(low)


def embedded(block: Stack, rows: int, cols: int) -> Stack:
    """The block in the upper left corner of a rows×cols matrix of zeros."""
    digits = np.zeros((block.length, 2, rows, cols))
    digits[:, :, : block.shape[0], : block.shape[1]] = block.digits
    return Stack(digits, block.exp)


def diagonal(matrix: Stack) -> Stack:
    """The diagonal as a 1×d stack."""
    index = np.arange(matrix.shape[0])
    return Stack(np.ascontiguousarray(matrix.digits[:, :, index, index])[:, :, None, :], matrix.exp)


def on_diagonal(row: Stack) -> Stack:
    """The diagonal matrix of a 1×d stack."""
    d = row.shape[1]
    digits = np.zeros((row.length, 2, d, d))
    index = np.arange(d)
    digits[:, :, index, index] = row.digits[:, :, 0, :]
    return Stack(digits, row.exp)


@dataclass(frozen=True)
class BlockDiagonal:
    """diag(row) + N: ``row`` (1×d) is constant on each block, ``rest`` = N (p×p) has the blocks of
    more than one column, which are the first p columns; None where there are none."""

    row: Stack
    rest: Stack | None = None
    blocks: tuple[slice, ...] = ()

    @property
    def d(self) -> int:
        return self.row.shape[1]

    @property
    def p(self) -> int:
        """Number of columns in blocks of more than one."""
        return self.blocks[-1].stop if self.blocks else 0

    @cached_property
    def same(self) -> npt.NDArray[np.bool_]:
        """Which entries lie within a block (d×d)."""
        return same_block(self.d, self.blocks)

    # -- products

    def subtracted(self, R: Stack, low: int) -> list[Term]:
        """The terms of −R·(Λ + N), digits below position ``low`` − 1 left out."""
        terms = [Term(R, self.row.truncated(low - 1), -1, entrywise=True)]
        if self.rest is not None:
            right = embedded(self.rest.truncated(low - 1), self.p, self.d)
            terms.append(Term(R.part(slice(None), slice(0, self.p)), right, -1))
        return terms

    # -- Sylvester equations

    @cached_property
    def _float(self) -> tuple[ComplexArray, float, Scaled]:
        """The gaps μ_j − μ_i (1 within blocks) with their exponent, and N."""
        gaps, exponent = self._spread().to_scaled()
        if not np.abs(gaps).all():
            raise NotSimple("two eigenvalues agree in float64")
        rest = np.zeros((0, 0), dtype=complex)
        return gaps, exponent, Scaled(rest) if self.rest is None else scaled(self.rest)

    def _spread(self) -> Stack:
        ones = np.zeros((1, 2, self.d, self.d))
        ones[0, 0] = self.same
        return self.row - self.row.transposed() + Stack(ones, 0)

    def solve_float(self, F: Scaled) -> Scaled:
        """E with E·B − B·E = F off the blocks, zero on them, in float64."""
        gaps, exponent, N = self._float
        outside = np.where(self.same, 0.0, 1.0 / gaps)
        term = total = Scaled(F.matrix * outside, F.exp - exponent).normal()
        if self.rest is None:
            return total
        p, size = self.p, total.log2_norm()
        for _ in range(MOST_TERMS):
            if not term.log2_norm() > size - 54.0:
                return total
            product = np.zeros_like(term.matrix)
            product[:p] = N.matrix @ term.matrix[:p]
            product[:, :p] -= term.matrix[:, :p] @ N.matrix
            term = Scaled(product * outside, term.exp + N.exp - exponent).normal()
            total = total + term
            size = max(size, total.log2_norm())
        raise NotSimple("the blocks are too wide for their distance")

    def solve(self, F: Stack, reciprocals: Reciprocals, bits: float, low: int) -> Stack:
        """The same with ``bits`` bits relative to the largest entry, F to digit ``low``."""
        g = reciprocals.at(self._spread(), bits)
        low = low + min(0, position(g.size, 0.0))
        term = total = entrywise(self._off(F), g, low)
        if self.rest is None:
            return total
        d, p = self.d, self.p
        for _ in range(MOST_TERMS):
            left = term.size - total.size + bits
            if left <= 0 or term.is_zero():
                return total
            short, N = term.to_precision(left + 16.0), self.rest.to_precision(left + 16.0)
            below = position(N.size + short.size, left + 16.0)
            whole = slice(None)
            up = evaluate([Term(N, short.part(slice(0, p), whole))], below)
            down = evaluate([Term(short.part(whole, slice(0, p)), N)], below)
            product = embedded(up, d, d) - embedded(down, d, d)
            term = entrywise(self._off(product), g.to_precision(left + 16.0), low)
            total = total + term
        raise NotSimple("the blocks are too wide for their distance")

    def _off(self, F: Stack) -> Stack:
        digits = F.digits.copy()
        digits[:, :, self.same] = 0.0
        return Stack(digits, F.exp)

    # -- changes

    def own(self, F: Scaled) -> Scaled:
        """The part of F within the blocks."""
        return Scaled(np.where(self.same, F.matrix, 0.0), F.exp)

    def changed(self, change: Stack, low: int) -> BlockDiagonal:
        """B plus the part of ``change`` (d×d) within the blocks, to digit ``low``, with the mean of
        each block's diagonal as its centre."""
        row = (self.row + diagonal(change)).truncated(low)
        if self.rest is None:
            return BlockDiagonal(row)
        p = self.p
        corner = change.part(slice(0, p), slice(0, p))
        digits = corner.digits.copy()
        digits[:, :, ~self.same[:p, :p]] = 0.0
        old = self.row.part(slice(None), slice(0, p))
        whole = (self.rest + Stack(digits, corner.exp) + on_diagonal(old)).truncated(low)
        centres = _means(diagonal(whole), self.blocks)
        rest = whole - on_diagonal(centres)
        spread = np.zeros((centres.length, 2, 1, self.d))
        spread[:, :, :, :p] = centres.digits
        kept = row.digits.copy()
        kept[:, :, :, :p] = 0.0
        return BlockDiagonal(Stack(kept, row.exp) + Stack(spread, centres.exp), rest, self.blocks)


def same_block(d: int, blocks: Sequence[slice]) -> npt.NDArray[np.bool_]:
    """Which entries of a d×d matrix lie within a block; other columns are blocks of their own."""
    same: npt.NDArray[np.bool_] = np.eye(d, dtype=bool)
    for block in blocks:
        same[block, block] = True
    return same


def _means(row: Stack, blocks: Sequence[slice]) -> Stack:
    """The row with each block's entries replaced by their mean, rounded to the last digit."""
    parts = []
    for part in row.to_integers():
        out: list[int] = []
        for block in blocks:
            size = block.stop - block.start
            out += [(2 * sum(part[block]) + size) // (2 * size)] * size
        parts.append(out)
    return Stack.from_integers(parts[0], parts[1], row.shape, 20 * row.exp)


class Reciprocals:
    """1/(μ_j − μ_i), 1 within blocks, improved by Newton as the eigenvalues sharpen."""

    def __init__(self) -> None:
        self.value: Stack | None = None

    def at(self, spread: Stack, bits: float) -> Stack:
        """To about ``bits`` bits relative to each entry; two entrywise products for each step."""
        d = spread.shape[1]
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
