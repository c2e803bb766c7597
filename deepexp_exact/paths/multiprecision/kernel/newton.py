"""Linear systems and inverses on stacks, improved on demand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .products import Term, evaluate, position, product
from .stack import Stack

#: Bits that float64 corrections may have to supply before a longer inverse is worth its cost.
FLOAT_REACH = 330.0


class NoContraction(ArithmeticError):
    """The float64 start is no approximate inverse: the matrix is too close to singular."""


def _log2_largest(matrix: npt.NDArray[np.complex128]) -> float:
    largest = float(np.max(np.abs(matrix), initial=0.0))
    return math.log2(largest) if largest > 0 else -math.inf


class System:
    """A·V = B, V improved by V ← V + X·(B − A·V) with an approximate inverse X of A.

    For moderate precision X is LAPACK's float64 inverse: a step gains about 45 bits less the
    condition of A and costs one product, of which only the digits that do not cancel are computed.
    Beyond that X is itself brought to half the precision by Newton's X ← X + X·(I − A·X), which
    doubles it: all steps together cost about twice the last, two products of half length, less
    when A has few digits.  After :meth:`improve`, ``left`` is B − A·V exactly and ``reached`` the
    accuracy of V measured from it (bits below the largest entry of V)."""

    def __init__(self, matrix: Stack, right: Stack | None = None) -> None:
        self.matrix = matrix
        self.right = Stack.identity(matrix.shape[0]) if right is None else right
        self.is_inverse = right is None
        scaled, exponent = matrix.to_scaled()
        shift = _log2_largest(scaled)
        if not math.isfinite(shift):
            raise NoContraction("a matrix of the system is zero")
        self.shift = exponent + math.ceil(shift)
        try:
            self.start = np.linalg.inv(scaled * 2.0 ** -math.ceil(shift))
        except np.linalg.LinAlgError:
            raise NoContraction("a matrix of the system is singular in float64") from None
        if not np.isfinite(self.start).all():
            raise NoContraction("a matrix of the system is singular in float64")
        self.inverse: System | None = self if self.is_inverse else None
        other, exponent = self.right.to_scaled()
        self.value = self._float_stack(self.start @ other, exponent - self.shift)
        self.left = evaluate([Term(self.right), Term(self.matrix, self.value, -1)])
        self.gain = math.inf
        self.reached = 0.0
        self._measure()

    @staticmethod
    def _float_stack(matrix: npt.NDArray[np.complex128], exponent: int) -> Stack:
        return Stack.from_complex(matrix, exponent, 4)

    def _measure(self) -> None:
        """The next float64 correction, and from it the accuracy of V."""
        left, exponent = self.left.to_scaled()
        self.correction = self.start @ left, exponent - self.shift
        size = _log2_largest(self.correction[0]) + exponent - self.shift
        before = self.reached
        self.reached = self.value.size - size
        self.gain = self.reached - before
        if not (self.gain >= 8.0 or self.reached == math.inf):
            raise NoContraction("D or Y1 is too close to singular for float64")

    def improve(self, bits: float) -> None:
        """Raise the accuracy of V to ``bits`` bits below its largest entry."""
        while self.reached < bits:
            if bits - self.reached <= FLOAT_REACH:
                step = self._float_stack(*self.correction)
                target = min(self.reached + 80.0, bits + 10.0)
            else:
                step, target = self._long_step(bits)
            low = position(self.value.size, target)
            self.value = (self.value + step).truncated(low)
            gain = (
                max(self.gain, target - self.reached - 30.0)
                if target > self.reached + 80
                else self.gain
            )
            hint = self.left.size - gain + 24.0
            terms = [Term(self.right), Term(self.matrix, self.value, -1)]
            self.left = evaluate(terms, expected_size=hint)
            self._measure()

    def _long_step(self, bits: float) -> tuple[Stack, float]:
        """A correction by an inverse of more than float64's precision, and the bits it reaches."""
        if self.inverse is None:
            self.inverse = System(self.matrix)
        if not self.is_inverse:
            self.inverse.improve(bits / 2 + 16.0)
        reach = min(self.inverse.reached, bits - self.reached)
        keep = reach + max(0.0, self.matrix.size + self.inverse.value.size) + 16.0
        target = min(self.reached + reach - 4.0, bits + 10.0)
        low = position(self.value.size, target)
        short = self.inverse.value.to_precision(keep)
        return product(short, self.left.to_precision(keep), low), target
