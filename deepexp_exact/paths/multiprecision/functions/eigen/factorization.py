"""One of the two matrices whose functions are taken, K or M₀ = D⁻¹·X1, and how it is decomposed.

The first choice is an eigendecomposition; where its refinement fails, blocks of eigenvalues that
float64 cannot tell apart, wider from one attempt to the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc

from ...kernel import Stack, entrywise
from ...kernel.reading import DIGIT_BITS, numbers, row_stack
from .blockdiagonal import NotSimple
from .grouping import Known, block_starts, estimating_basis
from .refine import (
    Eigen,
    Start,
    float_start,
    refine,
)
from .scaled import ComplexArray, Scaled
from .series import exp_series, log_series

#: Matrices with blocks up to this size are done as fast by approximate diagonalisation.
SMALL = 3


class WiderClusters(ArithmeticError):
    """A wider grouping of eigenvalues has been chosen: plan again."""


class Factorization:
    """A matrix 2^(20·shift)·A with A near 1 in size, and its decomposition."""

    def __init__(
        self,
        matrix: Stack,
        repeated: bool = False,
        known: Callable[[], Sequence[Known]] | None = None,
    ) -> None:
        """``matrix`` to about 90 bits; whether eigenvalues are known to be ``repeated``, and a way
        to its distinct eigenvalues if they are known."""
        if matrix.is_zero():
            raise NotSimple("a matrix is zero")
        self.shift = round(matrix.size / DIGIT_BITS)
        self.first = self.near_one(matrix)
        self.known = known
        self._blocks: list[Start] | None = None
        if repeated:
            self._use_blocks("repeated eigenvalues")
            return
        try:
            self._use(float_start(self.first))
        except NotSimple as reason:
            self._use_blocks(str(reason))

    def near_one(self, matrix: Stack) -> Stack:
        """matrix·2^(−20·shift)."""
        return Stack(matrix.digits, matrix.exp - self.shift)

    def _use(self, start: Start) -> None:
        self.start = start
        self.basis, self._V, self._offsets = estimating_basis(start)
        self._V_inverse = np.linalg.inv(self._V).astype(np.complex128)
        self.radii = [0.0] * len(self.sizes)
        if start.rest is not None:
            unit = 2.0 ** (DIGIT_BITS * self.shift)
            for j, block in enumerate(start.blocks):
                spread = np.max(np.abs(np.linalg.eigvals(start.rest[block, block])))
                self.radii[j] = 2.0 * unit * float(spread)

    def _use_blocks(self, reason: str) -> None:
        if self.first.shape[0] <= SMALL:
            raise NotSimple(reason)
        if self._blocks is None:
            known = None
            if self.known is not None and abs(self.shift) < 50:
                unit = 2.0 ** (-DIGIT_BITS * self.shift)
                known = [Known(k.value * unit, k.multiplicity) for k in self.known()]
            self._blocks = block_starts(self.first, known)
        if not self._blocks:
            raise NotSimple(reason)
        self._use(self._blocks.pop(0))

    # -- what planning needs

    @property
    def condition(self) -> float:
        """log2 of ‖R‖·‖R⁻¹‖ of the basis that estimates use."""
        R, S = self.basis.R, self.basis.S
        return math.log2(float(np.linalg.norm(R)) * float(np.linalg.norm(S)))

    @property
    def sizes(self) -> list[int]:
        """Numbers of columns of the blocks, wide ones first."""
        wide = [b.stop - b.start for b in self.start.blocks]
        return wide + [1] * (len(self.start.values) - sum(wide))

    def by_block(self, columns: Sequence[Any]) -> list[Any]:
        """One value of those given for columns for each block."""
        ends = np.cumsum([0, *self.sizes[:-1]])
        return [columns[int(at)] for at in ends]

    def by_column(self, blocks: Sequence[Any]) -> list[Any]:
        """The inverse of :meth:`by_block`."""
        return [v for v, n in zip(blocks, self.sizes, strict=True) for _ in range(n)]

    def up(self, value: Any) -> Any:
        """value·2^(20·shift), exactly."""
        return value * gmpy2.exp2(DIGIT_BITS * self.shift) if self.shift else value

    def apart(self, centres: Sequence[Any]) -> ComplexArray:
        """Eigenvalues for estimates: centres of columns plus the offsets of perturbed blocks."""
        out: ComplexArray = np.array([complex(v) for v in centres])
        if self.start.rest is not None:
            out = out + 2.0 ** (DIGIT_BITS * self.shift) * self._offsets
        return out

    def for_estimates(self, F: Scaled) -> Scaled:
        """A matrix in the coordinates of the start's basis in those of the basis of estimates."""
        if self.start.rest is None:
            return F
        return Scaled(self._V_inverse) @ F @ self._V

    # -- the decomposition and functions of it

    def refined(self, matrix: Stack, bits: float) -> Eigen:
        """A decomposed to ``bits`` bits; :class:`WiderClusters` after a change of blocks."""
        try:
            return refine(self.near_one(matrix), self.start, bits)
        except NotSimple as reason:
            self.widen(str(reason))
            raise WiderClusters from None

    def widen(self, reason: str) -> None:
        """Take the next wider grouping; :class:`NotSimple` if there is none."""
        self._use_blocks(reason)

    def centres(self, eigen: Eigen) -> list[Any]:
        """The centres of the columns' blocks, those of the matrix itself."""
        return [self.up(v) for v in numbers(eigen.B.row)]

    def log_rest(self, eigen: Eigen, bits: float) -> Stack | None:
        """log(I + N/μ), with an error of about 2^−bits."""
        N = eigen.B.rest
        if N is None:
            return None
        inverses = [1 / v for v in numbers(eigen.B.row)[: N.shape[0]]]
        X = _times(N, inverses, bits)
        return self._series(log_series, X, bits)

    def exp_rest(self, N: Stack | None, factor: Any, row: Stack, bits: float) -> Stack | None:
        """diag(row)·(exp(factor·N) − I)."""
        if N is None:
            return None
        X = _times(N, [mpc(factor)], bits)
        short = row.part(slice(None), slice(0, N.shape[0]))
        return entrywise(short, self._series(exp_series, X, bits))

    def _series(self, series: Any, X: Stack, bits: float) -> Stack:
        try:
            out: Stack = series(X, bits)
        except NotSimple as reason:
            self.widen(str(reason))
            raise WiderClusters from None
        return out


def _times(N: Stack, row: Sequence[Any], bits: float) -> Stack:
    """N with its columns multiplied by ``row`` (or all by one number), to ``bits`` bits below 1."""
    largest = max(float(gmpy2.log2(abs(v))) for v in row)
    return entrywise(N, row_stack(row, bits + 16.0 + max(0.0, N.size + largest)))
