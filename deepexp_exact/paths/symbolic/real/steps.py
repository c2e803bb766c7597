"""R1 to R3, R6 and R8 by normal forms: real weights for real data."""

from __future__ import annotations

from flint import fmpq

from ..algebra.evidence import Identities
from ..algebra.functions import TIME, all_types, proved_exponential
from ..algebra.jordan import JordanType, Toeplitz
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from ..shift.formulas import Shift

SERIES = Shift()


class Real:
    """The formulas, written once; a mutation gets one of them wrong."""

    def exponent(self, S: Toeplitz, a: Element) -> Toeplitz:
        """R1: −A."""
        return -S.shift(a)

    def second_weight(self, A: Matrix, inverse: Matrix) -> Matrix:
        """R2: W2 from A and exp(−W1·X1)."""
        return A @ inverse

    def linear(self, W: Matrix, X1: Matrix, X2: Matrix) -> Matrix:
        """R3: the derivative of F at 0, applied to W."""
        return W @ (X2 - X1)

    def half(self, ring: Ring) -> Element:
        """R6: the part of M whose exponential is squared."""
        return ring.one.times(fmpq(1, 2))

    def velocity(self, J: Matrix, cosine: Element, sine: Element) -> Matrix:
        """R8: d/dθ of cos θ·I + sin θ·J."""
        return J.scale(cosine) - Matrix.identity(J.ring, J.height).scale(sine)


REAL = Real()


def _ring(kind: JordanType, stem: str, *more: str) -> tuple[Ring, Toeplitz]:
    names = [f"{stem}{j + 1}" for j in range(len(kind.partitions))]
    ring = Ring([TIME, *more, *names])
    ring.arguments.update(names)
    return ring, Toeplitz.jordan(ring, kind, ring.generators(names))


def r1(d: int, evidence: Identities, formulas: Real = REAL) -> None:
    """exp(−(S + a·I))·(e^a·exp(S)) = I with S of each Jordan type; times K, that is
    exp(−A)·exp(B) = K."""
    for kind in all_types(d, evidence):
        ring, S = _ring(kind, "s", "beta", "gamma", "a")
        beta, gamma, a = ring.generators(["beta", "gamma", "a"])
        ring.add_inverse("gamma", beta)
        ring.add_logarithm("a", beta, gamma)
        outer = proved_exponential(S, evidence, SERIES).matrix().scale(beta)
        down = proved_exponential(formulas.exponent(S, a), evidence, SERIES).matrix()
        evidence.equal(
            f"type {kind}: exp(−A)·e^a·exp(S) = I", down @ outer, Matrix.identity(ring, d)
        )


def r2(d: int, evidence: Identities, formulas: Real = REAL) -> None:
    """W2·E = A and W2·(E·U) = A·U = B for generic A, U and invertible E = exp(W1·X1); then
    W3·exp(A) = Y1 with A of each Jordan type."""
    ring = Ring([n for letter in "AEU" for n in entry_names(letter, d)])
    A, E, U = (Matrix.generic(ring, letter, d) for letter in "AEU")
    inverse = E.inverse()
    ring.assume_nonzero(inverse.denominator)
    first = formulas.second_weight(A, inverse) @ E
    evidence.equal("W2·exp(W1·X1) = A", first, A)
    evidence.equal("exp(−W1·X1)·exp(W1·X2) = U", inverse @ E @ U, U)
    for kind in all_types(d, evidence):
        small, exponent = _ring(kind, "a", *entry_names("Y", d))
        Y1 = Matrix.generic(small, "Y", d)
        W3 = Y1 @ proved_exponential(-exponent, evidence, SERIES).matrix()
        outer = proved_exponential(exponent, evidence, SERIES).matrix()
        evidence.equal(f"type {kind}: W3·exp(A) = Y1", W3 @ outer, Y1)


def r3(d: int, evidence: Identities, formulas: Real = REAL) -> None:
    """(I − W·X1)·(I + W·X2) = I + W·D − W·X1·W·X2; (F·D⁻¹)·D = F for d ≤ 3."""
    ring = Ring([n for letter in ("W", "X1", "X2") for n in entry_names(letter, d)])
    W, X1, X2 = (Matrix.generic(ring, letter, d) for letter in ("W", "X1", "X2"))
    one = Matrix.identity(ring, d)
    second = W @ X1 @ (W @ X2)
    evidence.equal(
        "the terms of degree 1 are W·D",
        (one - W @ X1) @ (one + W @ X2) + second - one,
        formulas.linear(W, X1, X2),
    )
    small = Ring(entry_names("F", d) + entry_names("D", d))
    F, D = Matrix.generic(small, "F", d), Matrix.generic(small, "D", d)
    inverse = D.inverse()
    small.assume_nonzero(inverse.denominator)
    evidence.equal("(F·D⁻¹)·D = F", F @ inverse @ D, F)


def r6(d: int, evidence: Identities, formulas: Real = REAL) -> None:
    """exp(M) = exp(M/2)² with M of each Jordan type; det(W·E²) = det W·(det E)² for d ≤ 3."""
    for kind in all_types(d, evidence):
        ring, M = _ring(kind, "m")
        whole = proved_exponential(M, evidence, SERIES).matrix()
        root = proved_exponential(M.scale(formulas.half(ring)), evidence, SERIES).matrix()
        evidence.equal(f"type {kind}: exp(M) = exp(M/2)²", whole, root @ root)
    if d > 3:
        return
    ring = Ring(entry_names("W", d) + entry_names("E", d))
    W, E = Matrix.generic(ring, "W", d), Matrix.generic(ring, "E", d)
    evidence.equal(
        "det(W3·E·E) = det W3·(det E)²",
        Matrix(ring, [[(W @ E @ E).adjugate()[1]]]),
        Matrix(ring, [[W.adjugate()[1] * E.adjugate()[1] ** 2]]),
    )


def r8(d: int, evidence: Identities, formulas: Real = REAL) -> None:
    """cos θ·I + sin θ·J solves its equation where J² = −I, so exp(π·J) = −I there, for J of each
    even size up to d."""
    for m in range(d // 2 + 1):
        if m == 0:
            evidence.true("the empty J", True)
            continue
        ring = Ring(["cosine", "sine"])
        cosine, sine = ring.generators(ring.names)
        J = Matrix(ring, [[ring.constant((r == c + m) - (c == r + m)) for c in range(2 * m)]
                          for r in range(2 * m)])  # fmt: skip
        one = Matrix.identity(ring, 2 * m)
        evidence.equal(f"size {2 * m}: J² = −I", J @ J, -one)
        evidence.equal(
            f"size {2 * m}: (cos θ·I + sin θ·J)' = J·(cos θ·I + sin θ·J)",
            formulas.velocity(J, cosine, sine),
            J @ (one.scale(cosine) + J.scale(sine)),
        )
