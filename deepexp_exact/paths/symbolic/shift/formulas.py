"""The formulas of the ``shift`` construction, written once.

The proof steps check these formulas for every matrix of a size, the closed-form solver uses them
on one problem, and a mutation is a subclass that gets one of them wrong.  A matrix is anything
with ``@``, ``scale`` and a sign.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from ..algebra.matrices import Matrix
from ..algebra.rings import Element
from ..algebra.series import Series


class _Signed(Protocol):
    def __neg__(self: SignedT) -> SignedT: ...


SignedT = TypeVar("SignedT", bound=_Signed)


class Shift(Series):
    """W1 = c·D⁻¹, W2 = Z·A⁻¹, W3 = Y1·exp(−Z) with Z = L/(α − 1), exp(L) = K = Y1⁻¹·Y2."""

    def full_turn(self, half_turn: Element) -> Element:
        """2πi, given πi: two logarithms of a number differ by an integer times this."""
        return half_turn.times(2)

    def first_weight(self, c: Element, inverse_of_D: Matrix) -> Matrix:
        """P1: W1 := c·D⁻¹."""
        return inverse_of_D.scale(c)

    def second_exponential(self, alpha: Element, A: Matrix) -> Matrix:
        """P2: what exp(W1·X2) is: α·A."""
        return A.scale(alpha)

    def inverse_argument(self, M: SignedT) -> SignedT:
        """P3: A = exp(M) has the inverse exp(−M)."""
        return -M

    def quotient(self, inverse_of_Y1: Matrix, Y2: Matrix) -> Matrix:
        """P4: K := Y1⁻¹·Y2."""
        return inverse_of_Y1 @ Y2

    def scaled_logarithm(self, L: Matrix, inverse_of_alpha_minus_one: Element) -> Matrix:
        """P5: Z := L/(α − 1)."""
        return L.scale(inverse_of_alpha_minus_one)

    def second_weight(self, Z: Matrix, inverse_of_A: Matrix) -> Matrix:
        """P5: W2 := Z·A⁻¹."""
        return Z @ inverse_of_A

    def telescope(self, exp_Z: Matrix, K: Matrix) -> Matrix:
        """P6: what exp(α·Z) is: exp(Z)·K."""
        return exp_Z @ K

    def third_weight(self, Y1: Matrix, exp_of_minus_Z: Matrix) -> Matrix:
        """P7: W3 := Y1·exp(−Z)."""
        return Y1 @ exp_of_minus_Z
