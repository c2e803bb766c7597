"""Deliberately wrong variants of each statement, which the same machinery must refute.

A mutation gets one formula wrong or drops one hypothesis; it counts as REFUTED only with exact
values at which the two sides differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import fmpq

from ..algebra.evidence import Identities
from ..algebra.jordan import Toeplitz, exponential
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from ..network import Network, b1, n1
from .formulas import Shift, SignedT
from .steps import SHIFT, p1, p2, p3, p4, p5, p6, p7


@dataclass(frozen=True)
class Mutation:
    """A wrong variant of a statement and the smallest d at which it is wrong."""

    id: str
    words: str
    d: int
    run: Callable[[int, Identities], None]

    @property
    def statement(self) -> str:
        return self.id.partition("-")[0]


class _P1Sign(Shift):
    def first_weight(self, c: Element, inverse_of_D: Matrix) -> Matrix:
        return -super().first_weight(c, inverse_of_D)


class _P1Factor(Shift):
    def first_weight(self, c: Element, inverse_of_D: Matrix) -> Matrix:
        return Matrix(c.ring, super().first_weight(c, inverse_of_D).rows)


def _p1_singular(d: int, evidence: Identities) -> None:
    ring = Ring(["c", *entry_names("W1", d)])
    ring.assume_nonzero(ring.generator("c"))
    W1 = Matrix.generic(ring, "W1", d)
    D = Matrix.build(ring, d, d, lambda r, c: ring.constant(int(r == c and r + 1 < d)))
    last = (W1 @ D).rows[-1][-1]
    evidence.equal(
        "the last diagonal entry of W1·D, D = diag(1, ..., 1, 0), is c",
        Matrix(ring, [[last]]),
        Matrix(ring, [[ring.generator("c")]]),
    )


class _P2Factor(Shift):
    def second_exponential(self, alpha: Element, A: Matrix) -> Matrix:
        return A


class _P2Sign(Shift):
    def second_exponential(self, alpha: Element, A: Matrix) -> Matrix:
        return -super().second_exponential(alpha, A)


def _p2_unrelated(d: int, evidence: Identities) -> None:
    ring = Ring(["alpha", "c"])
    ring.arguments.add("c")
    ring.assume_nonzero(ring.generator("alpha"))
    M = Toeplitz(ring, [[ring.zero]] * d)
    evidence.equal(
        "exp(M + c·I) = α·exp(M) with M = 0 and α unrelated to c",
        exponential(M.shift(ring.generator("c")), SHIFT).matrix(),
        exponential(M, SHIFT).matrix().scale(ring.generator("alpha")),
    )


class _P3Sign(Shift):
    def inverse_argument(self, M: SignedT) -> SignedT:
        return M


class _P4Sign(Shift):
    def logarithm_coefficient(self, power: int) -> fmpq:
        return fmpq(1, power)


class _P4HalfTurn(Shift):
    def full_turn(self, half_turn: Element) -> Element:
        return half_turn


class _P4Quotient(Shift):
    def quotient(self, inverse_of_Y1: Matrix, Y2: Matrix) -> Matrix:
        return Y2 @ inverse_of_Y1


def _p4_singular(d: int, evidence: Identities) -> None:
    ring = Ring(["l"])
    ring.arguments.add("l")
    L = Toeplitz(ring, [[ring.generator("l")]] * d)
    evidence.equal(
        "exp(L) = K with Y2 = 0, so K = 0", exponential(L, SHIFT).matrix(), Matrix.zero(ring, d, d)
    )


class _P5Order(Shift):
    def second_weight(self, Z: Matrix, inverse_of_A: Matrix) -> Matrix:
        return inverse_of_A @ Z


class _P5Factor(Shift):
    def scaled_logarithm(self, L: Matrix, inverse_of_alpha_minus_one: Element) -> Matrix:
        return L


class _P5Sign(Shift):
    def scaled_logarithm(self, L: Matrix, inverse_of_alpha_minus_one: Element) -> Matrix:
        return -super().scaled_logarithm(L, inverse_of_alpha_minus_one)


def _p5_alpha_one(d: int, evidence: Identities) -> None:
    ring = Ring(entry_names("Z", d) + entry_names("L", d))
    alpha = ring.one
    evidence.equal(
        "(α − 1)·Z = L with α = 1",
        Matrix.generic(ring, "Z", d).scale(alpha - ring.one),
        Matrix.generic(ring, "L", d),
    )


class _P6Factor(Shift):
    def telescope(self, exp_Z: Matrix, K: Matrix) -> Matrix:
        return K


class _P6Square(Shift):
    def telescope(self, exp_Z: Matrix, K: Matrix) -> Matrix:
        return exp_Z @ exp_Z @ K


def _p6_alpha_one(d: int, evidence: Identities) -> None:
    ring = Ring(["z", "l"])
    ring.arguments.update(("z", "l"))
    Z, L = (Toeplitz(ring, [[ring.generator(name)]] * d) for name in ("z", "l"))
    exp_Z, K = (exponential(M, SHIFT).matrix() for M in (Z, L))
    evidence.equal("exp(α·Z) = exp(Z)·K with α = 1, K = exp(L)", exp_Z, SHIFT.telescope(exp_Z, K))


class _P7Order(Shift):
    def third_weight(self, Y1: Matrix, exp_of_minus_Z: Matrix) -> Matrix:
        return exp_of_minus_Z @ Y1


class _P7Factor(Shift):
    def third_weight(self, Y1: Matrix, exp_of_minus_Z: Matrix) -> Matrix:
        return Y1


class _P7Sign(Shift):
    def third_weight(self, Y1: Matrix, exp_of_minus_Z: Matrix) -> Matrix:
        return -super().third_weight(Y1, exp_of_minus_Z)


class _B1Sign(Network):
    def elimination(self, Y_left: Matrix, rank: int) -> Matrix:
        return super().elimination(-Y_left, rank)


class _B1Always(Network):
    def solvable(self, Y_left: Matrix, Y_right: Matrix, rank: int) -> Matrix:
        return Y_right - Y_right


class _B1Weight(Network):
    def normal_weight(self, cross: Matrix, inverse_of_gram: Matrix) -> Matrix:
        return cross


class _B1Transpose(Network):
    def normal_weight(self, cross: Matrix, inverse_of_gram: Matrix) -> Matrix:
        return super().normal_weight(cross, inverse_of_gram.transpose())


def _b1_equal_ranks(d: int, evidence: Identities) -> None:
    ring = Ring(entry_names("W", d))
    X = Matrix.build(ring, d, 2 * d, lambda r, c: ring.constant(int(r == c)))
    Y = Matrix.build(ring, d, 2 * d, lambda r, c: ring.constant(int(r + d == c)))
    last = Matrix(ring, [[(Matrix.generic(ring, "W", d) @ X).rows[0][d]]])
    evidence.equal(
        "W·[I 0] = [0 I] in entry (1, d + 1), though rank [X1 X2] = rank [Y1 Y2] = d",
        last,
        Matrix(ring, [[Y.rows[0][d]]]),
    )


class _N1Order(Network):
    def transfer(self, inverse_of_first: Matrix, second: Matrix) -> Matrix:
        return second @ inverse_of_first


def _n1_rows(d: int, evidence: Identities) -> None:
    ring = Ring(["s"])
    ring.arguments.add("s")
    zero, one = ring.zero, ring.one
    inner = [Toeplitz(ring, [[zero], [s]]) for s in (zero, ring.generator("s"))]
    shift = Toeplitz(ring, [[zero, one]]).matrix()
    outer = [shift @ exponential(X, SHIFT).matrix() for X in inner]
    W3 = Matrix(ring, [[one, zero], [zero, zero]])
    Y = [
        W3 @ exponential(Toeplitz(ring, [[M.rows[0][0], M.rows[0][1]]]), SHIFT).matrix()
        for M in outer
    ]
    minor = Matrix(ring, [Y[0].rows[0], Y[1].rows[0]]).adjugate()[1]
    evidence.equal(
        "the first rows of Y1 and Y2 are dependent, W1 = I, W2 = [[0, 1], [0, 0]], "
        "W3 = diag(1, 0), X1 = 0, X2 = diag(0, s): their determinant is 0",
        Matrix(ring, [[minor]]),
        Matrix(ring, [[zero]]),
    )


def _n1_no_exponential(d: int, evidence: Identities) -> None:
    ring = Ring(entry_names("T", d))
    T = Matrix.generic(ring, "T", d)
    evidence.equal(
        "Y2 = Y1·T for f(X) = W3·W2·W1·X with W1 = W2 = W3 = I, X1 = 0, X2 = I",
        Matrix.identity(ring, d),
        Matrix.zero(ring, d, d) @ T,
    )


def _n2_dropped(d: int, evidence: Identities) -> None:
    ring = Ring(["a1", "a2", "w"])
    a1, a2, w = ring.generators(("a1", "a2", "w"))
    ring.assume_nonzero(a1)
    ring.assume_nonzero(a2)
    ring.arguments.add("w")
    Y = [exponential(Toeplitz(ring, [[w * a]] * d), SHIFT).matrix() for a in (a1, a2)]
    evidence.equal("Y1 = Y2 for W1 = W3 = I, W2 = w·I, exp(X1) = a1·I, exp(X2) = a2·I", Y[0], Y[1])


def _n2_converse(d: int, evidence: Identities) -> None:
    ring = Ring(entry_names("X1", d) + entry_names("X2", d))
    evidence.equal(
        "X1 = X2, though Y1 = Y2 = W3 (W2 = 0 makes f constant)",
        Matrix.generic(ring, "X1", d),
        Matrix.generic(ring, "X2", d),
    )


MUTATIONS = (
    Mutation("P1-sign", "W1 := −c·D⁻¹", 1, lambda d, e: p1(d, e, _P1Sign())),
    Mutation("P1-factor", "W1 := c·adj(D), without 1/det D", 1, lambda d, e: p1(d, e, _P1Factor())),
    Mutation("P1-singular", "D singular: some W1 has W1·D = c·I", 2, _p1_singular),
    Mutation("P2-factor", "exp(W1·X2) = A", 1, lambda d, e: p2(d, e, _P2Factor())),
    Mutation("P2-sign", "exp(W1·X2) = −α·A", 1, lambda d, e: p2(d, e, _P2Sign())),
    Mutation("P2-unrelated", "α not required to be e^c", 1, _p2_unrelated),
    Mutation("P3-sign", "A⁻¹ = exp(W1·X1)", 1, lambda d, e: p3(d, e, _P3Sign())),
    Mutation("P4-sign", "log(1 + N) = N + N²/2 + ...", 3, lambda d, e: p4(d, e, _P4Sign())),
    Mutation("P4-turn", "log λ + πi·k in place of 2πi·k", 1, lambda d, e: p4(d, e, _P4HalfTurn())),
    Mutation("P4-order", "K := Y2·Y1⁻¹", 2, lambda d, e: p4(d, e, _P4Quotient())),
    Mutation("P4-singular", "Y2 singular: some L has exp(L) = K", 1, _p4_singular),
    Mutation("P5-sign", "Z := −L/(α − 1)", 1, lambda d, e: p5(d, e, _P5Sign())),
    Mutation("P5-factor", "Z := L", 1, lambda d, e: p5(d, e, _P5Factor())),
    Mutation("P5-order", "W2 := A⁻¹·Z", 2, lambda d, e: p5(d, e, _P5Order())),
    Mutation("P5-alpha", "α = 1: some Z has (α − 1)·Z = L", 1, _p5_alpha_one),
    Mutation("P6-factor", "exp(α·Z) = K", 1, lambda d, e: p6(d, e, _P6Factor())),
    Mutation("P6-square", "exp(α·Z) = exp(Z)²·K", 1, lambda d, e: p6(d, e, _P6Square())),
    Mutation("P6-alpha", "α = 1: exp(α·Z) = exp(Z)·K", 1, _p6_alpha_one),
    Mutation("P7-sign", "W3 := −Y1·exp(−Z)", 1, lambda d, e: p7(d, e, _P7Sign())),
    Mutation("P7-factor", "W3 := Y1", 1, lambda d, e: p7(d, e, _P7Factor())),
    Mutation("P7-order", "W3 := exp(−Z)·Y1", 2, lambda d, e: p7(d, e, _P7Order())),
    Mutation("B1-sign", "elimination with + in place of −", 1, lambda d, e: b1(d, e, _B1Sign())),
    Mutation("B1-always", "W always exists", 1, lambda d, e: b1(d, e, _B1Always())),
    Mutation("B1-weight", "best W := Y·X*", 1, lambda d, e: b1(d, e, _B1Weight())),
    Mutation(
        "B1-transpose",
        "best W := Y·X*·(R·R*)^−T, right for real X only",
        2,
        lambda d, e: b1(d, e, _B1Transpose()),
    ),
    Mutation("B1-ranks", "W exists if rank [X1 X2] = rank [Y1 Y2]", 1, _b1_equal_ranks),
    Mutation("N1-order", "T := E2·E1⁻¹", 2, lambda d, e: n1(d, e, _N1Order())),
    Mutation("N1-rows", "Y1 and Y2 have the same row space", 2, _n1_rows),
    Mutation("N1-linear", "without the exponentials", 1, _n1_no_exponential),
    Mutation("N2-dropped", "X1 = X2 not required", 1, _n2_dropped),
    Mutation("N2-converse", "Y1 = Y2 forces X1 = X2", 1, _n2_converse),
)
