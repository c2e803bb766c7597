"""Wrong variants of R1 to R3, R6 and R8, for the engine of normal forms."""

from __future__ import annotations

from ..algebra.evidence import Identities
from ..algebra.jordan import Toeplitz
from ..algebra.matrices import Matrix
from ..algebra.rings import Element, Ring
from ..shift.mutations import Mutation
from .steps import Real, r1, r2, r3, r6, r8


class _R1Shift(Real):
    def exponent(self, S: Toeplitz, a: Element) -> Toeplitz:
        return -S


class _R1Sign(Real):
    def exponent(self, S: Toeplitz, a: Element) -> Toeplitz:
        return S.shift(-a)


class _R2Order(Real):
    def second_weight(self, A: Matrix, inverse: Matrix) -> Matrix:
        return inverse @ A


class _R3Order(Real):
    def linear(self, W: Matrix, X1: Matrix, X2: Matrix) -> Matrix:
        return (X2 - X1) @ W


class _R6Whole(Real):
    def half(self, ring: Ring) -> Element:
        return ring.one


class _R8Sign(Real):
    def velocity(self, J: Matrix, cosine: Element, sine: Element) -> Matrix:
        return J.scale(cosine) + Matrix.identity(J.ring, J.height).scale(sine)


def _r8_odd(d: int, evidence: Identities) -> None:
    ring = Ring(["j"])
    four, minus = (Matrix(ring, [[ring.constant(value)]]) for value in (4, -1))
    evidence.equal("J = (2), of size 1, has J² = −I", four, minus)


MUTATIONS = (
    Mutation("R1-shift", "−S in place of −A", 1, lambda d, e: r1(d, e, _R1Shift())),
    Mutation("R1-sign", "exp(S − a·I)", 1, lambda d, e: r1(d, e, _R1Sign())),
    Mutation("R2-order", "W2 := exp(−W1·X1)·A", 2, lambda d, e: r2(d, e, _R2Order())),
    Mutation("R3-order", "F'(0) = D·W", 2, lambda d, e: r3(d, e, _R3Order())),
    Mutation("R6-root", "exp(M) = exp(M)²", 1, lambda d, e: r6(d, e, _R6Whole())),
    Mutation("R8-sign", "J² = I", 2, lambda d, e: r8(d, e, _R8Sign())),
    Mutation("R8-odd", "J of odd size", 1, _r8_odd),
)
