"""Wrong variants of N3, S1 to S3 and Q0 to Q7', for the engine of normal forms."""

from __future__ import annotations

from collections.abc import Callable

from ..algebra.evidence import Identities
from ..algebra.jordan import Toeplitz, exponential
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from ..algebra.series import Series
from ..completion.steps import Completion, s1, s2, s3
from ..network import Network, n3
from ..shift.mutations import Mutation
from .steps import Split, q0, q1, q2, q3, q4, q5, q5p, q7, q7p


class _N3Sign(Network):
    def leading_block(self, exp_of_minus_W11: Matrix) -> Matrix:
        return -exp_of_minus_W11


def _n3_corner(d: int, evidence: Identities) -> None:
    ring = Ring(["w12", "w21", "h", "q", "s"])
    w12, w21, h, q, s = ring.generators(ring.names)
    product = -(w21 * h * w12 * s) + q
    evidence.equal(
        "the last block of exp(−W·X1)·exp(W·X2) is exp(W22)",
        Matrix(ring, [[product]]),
        Matrix(ring, [[q]]),
    )


class _S1Always(Completion):
    def below(self, Below: Matrix) -> Matrix:
        return Below - Below


def _s1_ranks(d: int, evidence: Identities) -> None:
    ring = Ring(entry_names("T", d))
    Y1 = Matrix.leading(ring, d, 1)
    Y2 = Matrix.identity(ring, d) - Y1
    evidence.equal(
        "Y1·T = Y2 for Y1 = diag(1, 0), Y2 = diag(0, 1)", Y1 @ Matrix.generic(ring, "T", d), Y2
    )


class _S2Sign(Completion):
    def completed(self, identity: Matrix, correction: Matrix) -> Matrix:
        return identity - correction


class _S2Factor(Completion):
    def factor(self, inverse: Matrix, gap: Matrix) -> Matrix:
        return gap


class _S3Columns(Completion):
    def columns(self, chosen: tuple[int, ...], d: int) -> tuple[int, ...]:
        return tuple(range(len(chosen)))


def _s3_adjoint(d: int, evidence: Identities) -> None:
    ring = Ring(["u"])
    C1, C2 = (Matrix(ring, [[ring.constant(int(i == j)) for j in range(2)]]) for i in range(2))
    evidence.equal(
        "(C2·S)·u = 1 for some u, with S = C1*, C1 = [1 0], C2 = [0 1]",
        (C2 @ C1.transpose()).scale(ring.generator("u")),
        Matrix.identity(ring, 1),
    )


class _Q0Sign(Split):
    def second_input(self, F: Matrix, s: Element) -> Matrix:
        return super().second_input(-F, s)


class _Q1Projector(Split):
    def outer_weight(self, c: Element, inverse_of_H: Matrix, rest: Matrix) -> Matrix:
        return inverse_of_H.scale(c)


def _q1_plus(d: int, evidence: Identities) -> None:
    ring = Ring(["phi", *entry_names("U", d)])
    F = Matrix.diagonal(ring, [-ring.one, ring.generator("phi")])
    evidence.equal(
        "(F + Π)·U = I for some U, with F = diag(−1, φ), Π = diag(1, 0)",
        (F + Matrix.leading(ring, d, 1)) @ Matrix.generic(ring, "U", d),
        Matrix.identity(ring, d),
    )


class _Q2Projector(Split):
    def glued(self, inner: Matrix, outer: Matrix, rest: Matrix) -> Matrix:
        return inner + outer


class _Q3Factor(Split):
    def second_factor(self, alpha: Element) -> Element:
        return alpha.ring.one


class _Q4Order(Split):
    def second_diagonal(self, mu: list[Element], g: list[Element]) -> list[Element]:
        return super().second_diagonal(mu, g[::-1])


class _Q5Stage(Split):
    def basis_vector(self, Sx: Matrix, gx: Matrix) -> Matrix:
        return Sx


class _Schur(Split):
    def schur(self, S: Matrix, column: Matrix, row: Matrix) -> Matrix:
        return S


class _Q7Order(Split):
    def quotient(self, A1: Matrix, A2: Matrix) -> Matrix:
        return A2 @ A1.inverse()


def _exponential_is_scalar(words: str, block: Callable[[Ring], list[list[Element]]]) -> Mutation:
    """exp(T) = ε·I for a T that is not as Q7 requires; e^ν = ε, a an integer."""
    identifier, _, text = words.partition(": ")

    def run(d: int, evidence: Identities) -> None:
        ring = Ring(["nu", "eps", "rec", "a", "pi_i"])
        epsilon = ring.generator("eps")
        ring.add_inverse("rec", epsilon)
        ring.add_logarithm("nu", epsilon, ring.generator("rec"))
        ring.add_integer("a", "pi_i")
        T = Toeplitz(ring, block(ring))
        size = sum(map(len, T.blocks))
        evidence.equal(
            f"exp(T) = ε·I, {text}",
            exponential(T, Series()).matrix(),
            Matrix.scalar(ring, size, epsilon),
        )

    return Mutation(identifier, text, 2, run)


def _half(ring: Ring) -> list[list[Element]]:
    half_turn = ring.generator("pi_i") * ring.generator("a")
    return [[ring.generator("nu")], [ring.generator("nu") + half_turn]]


class _Q7pSign(Split):
    def solved(self, T11: Matrix, T12: Matrix) -> Matrix:
        return T11.inverse() @ T12


def _q7p_zero(d: int, evidence: Identities) -> None:
    ring = Ring(["x"])
    T = Toeplitz(ring, [[ring.zero, ring.one]])
    evidence.equal(
        "exp(T) = I for T = [[0, 1], [0, 0]], T11 = 0",
        exponential(T, Series()).matrix(),
        Matrix.identity(ring, d),
    )


MUTATIONS = (
    Mutation("N3-sign", "the leading block is −exp(−W11)", 1, lambda d, e: n3(d, e, _N3Sign())),
    Mutation("N3-corner", "the last block of the product is exp(W22)", 2, _n3_corner),
    Mutation("S1-always", "Y1·T = Y2 always has a solution", 1, lambda d, e: s1(d, e, _S1Always())),
    Mutation("S1-ranks", "rank Y1 = rank Y2 suffices", 2, _s1_ranks),
    Mutation("S2-sign", "K := I − S·R", 1, lambda d, e: s2(d, e, _S2Sign())),
    Mutation("S2-factor", "R := C2 − C1", 1, lambda d, e: s2(d, e, _S2Factor())),
    Mutation("S3-columns", "one S serves every C", 2, lambda d, e: s3(d, e, _S3Columns())),
    Mutation("S3-adjoint", "S = C1* serves C2 too", 2, _s3_adjoint),
    Mutation("Q0-sign", "X2 = X_s·(I − (1 − s)·F)", 1, lambda d, e: q0(d, e, _Q0Sign())),
    Mutation("Q1-plus", "F + Π in place of H, −1 an eigenvalue of the block", 2, _q1_plus),
    Mutation("Q1-projector", "H⁻¹ without I − Π", 1, lambda d, e: q1(d, e, _Q1Projector())),
    Mutation("Q2-projector", "exp(N) without I − B·Y", 1, lambda d, e: q2(d, e, _Q2Projector())),
    Mutation("Q3-factor", "exp(M'·A2) = exp(M'·A1)", 1, lambda d, e: q3(d, e, _Q3Factor())),
    Mutation("Q4-order", "the order of μ and g exchanged", 2, lambda d, e: q4(d, e, _Q4Order())),
    Mutation("Q5-stage", "second basis vector S·x", 1, lambda d, e: q5(d, e, _Q5Stage())),
    Mutation("Q5-schur", "no Schur complement", 2, lambda d, e: q5(d, e, _Schur())),
    Mutation("Q5'-schur", "no Schur complement", 2, lambda d, e: q5p(d, e, _Schur())),
    Mutation("Q7-order", "C1 := A2·A1⁻¹", 2, lambda d, e: q7(d, e, _Q7Order())),
    _exponential_is_scalar(
        "Q7-equal: two equal integers a_j", lambda r: [[r.generator("nu"), r.one]]
    ),
    _exponential_is_scalar("Q7-integer: a_j half an integer", _half),
    Mutation("Q7'-sign", "V with +T11⁻¹·T12", 2, lambda d, e: q7p(d, e, _Q7pSign())),
    Mutation("Q7'-zero", "b_j = 0, so T11 is singular", 2, _q7p_zero),
)
