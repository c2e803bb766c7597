"""T1, T2a and T2b by normal forms: rational identities with generic entries, size d."""

from __future__ import annotations

from ..algebra.evidence import Identities
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from ..shift.mutations import Mutation


class RankOne:
    """The formulas, written once; a mutation gets one of them wrong."""

    def carried(self, power: Element, outer: Matrix) -> Matrix:
        """T1: (z·r)·exp(t·z·r) with e^(t·s) = power."""
        return outer.scale(power)

    def backwards(self, identity: Matrix, vp: Matrix) -> Matrix:
        """T1: E1 of case 2."""
        return identity - vp

    def ratio(self, e: Element, k: Element) -> Element:
        """T1: k·e⁻¹, times e, in case 3."""
        return k

    def turned(self, rv: Element) -> Element:
        """T1: e^(r2·z) − 1 of case 4."""
        return rv

    def column(self, inverse: Matrix, x: Matrix) -> Matrix:
        """T2a: w."""
        return inverse @ x

    def lemma(self, one: Element, pu: Element) -> Element:
        """T2a: det(I + u·p)."""
        return one + pu

    def moved(self, Q: Matrix, w2: Matrix) -> Matrix:
        """T2a: w from w2."""
        return Q @ w2

    def first(self, Q: Matrix, inverse: Matrix) -> Matrix:
        """T2b: P."""
        return Q @ inverse

    def killed(self, pM: Matrix) -> Matrix:
        """T2b: p·M, which is assumed to vanish."""
        return pM - pM


FORMULAS = RankOne()


def _ring(d: int, letters: dict[str, tuple[int, int]], scalars: tuple[str, ...] = ()) -> Ring:
    names = [n for letter, (h, w) in letters.items() for n in entry_names(letter, h, w)]
    return Ring([*scalars, *names])


def _named(ring: Ring, letters: dict[str, tuple[int, int]]) -> list[Matrix]:
    return [Matrix.generic(ring, letter, h, w) for letter, (h, w) in letters.items()]


def t1(d: int, evidence: Identities, formulas: RankOne = FORMULAS) -> None:
    """The exponential of z·r, and the four cases; e = e^s and k are indeterminates."""
    letters = {"z": (d, 1), "r": (1, d)}
    ring = _ring(d, letters, ("e", "k"))
    z, r = _named(ring, letters)
    e, k = ring.generators(("e", "k"))
    identity, outer = Matrix.identity(ring, d), z @ r
    s = (r @ z).rows[0][0]
    ring.assume_nonzero(s)
    ring.assume_nonzero(e)

    def flow(power: Element) -> Matrix:  # s·exp(t·z·r)
        return identity.scale(s) + outer.scale(power - ring.one)

    evidence.equal("z·r·E = e·z·r", outer @ flow(e), formulas.carried(e, outer).scale(s))
    # e·s·exp(−z·r)·s·exp(ρ·z·r) = e·s·s·exp((ρ − 1)·z·r)
    backwards = identity.scale(s * e) + outer.scale(ring.one - e)
    together = identity.scale(s * e) + outer.scale(formulas.ratio(e, k) - e)
    evidence.equal(
        "exp(−z·r)·exp(ρ·z·r) = exp((ρ − 1)·z·r)", backwards @ flow(k), together.scale(s)
    )
    letters = {"A": (d, d), "v": (d, 1), "p": (1, d)}
    ring = _ring(d, letters)
    A, v, p = _named(ring, letters)
    identity = Matrix.identity(ring, d)
    evidence.equal("A·(I + v·p) = A + w·p", A @ (identity + v @ p), A + (A @ v) @ p)
    evidence.equal(
        "B·(I − v·p) = B − w·p", A @ formulas.backwards(identity, v @ p), A - (A @ v) @ p
    )
    letters = {"v": (d, 1), "r": (1, d)}
    ring = _ring(d, letters, ("sigma",))
    v, r = _named(ring, letters)
    sigma, identity = ring.generator("sigma"), Matrix.identity(ring, d)
    rv = (r @ v).rows[0][0]
    ring.assume_nonzero(rv)
    ring.assume_nonzero(sigma)
    evidence.equal(
        "s·exp(z·r2) = s·(I + v·r2), z = σ·v, s = r2·z",
        identity.scale(sigma * rv) + (v @ r).scale(sigma * formulas.turned(rv)),
        (identity + v @ r).scale(sigma * rv),
    )


def t2a(d: int, evidence: Identities, formulas: RankOne = FORMULAS) -> None:
    """K⁻¹·A·K from A·K = K·A + x·p + y·q, the determinant lemma, and what Q carries to what."""
    rows = {"p": (1, d), "q": (1, d), "x": (d, 1), "y": (d, 1)}
    letters = {"A": (d, d), "K": (d, d), **rows}
    ring = _ring(d, letters)
    A, K, p, q, x, y = _named(ring, letters)
    inverse = K.inverse()
    ring.assume_nonzero(inverse.denominator)
    w, w2 = formulas.column(inverse, x), -(inverse @ y)
    product = K @ A + x @ p + y @ q  # A·K
    evidence.equal("K⁻¹·A·K = A + w·p − w'·q", inverse @ product, A + w @ p - w2 @ q)
    letters = {"u": (d, 1), "p": (1, d)}
    ring = _ring(d, letters)
    u, p = _named(ring, letters)
    determinant = (Matrix.identity(ring, d) + u @ p).adjugate()[1]
    evidence.equal(
        "det(I + u·p) = 1 + p·u",
        Matrix(ring, [[determinant]]),
        Matrix(ring, [[formulas.lemma(ring.one, (p @ u).rows[0][0])]]),
    )
    letters = {"B": (d, d), "Q": (d, d), "p": (1, d), "w": (d, 1)}
    ring = _ring(d, letters)
    B, Q, p, w2 = _named(ring, letters)
    q, w = p @ Q, formulas.moved(Q, w2)
    evidence.equal(
        "Q·(B − w'·q) = (B − w·p)·Q, given Q·B = B·Q", B @ Q - (Q @ w2) @ q, (B @ Q) - (w @ p) @ Q
    )


def t2b(d: int, evidence: Identities, formulas: RankOne = FORMULAS) -> None:
    """P = Q·K⁻¹ gives P⁻¹·Q = K; and p·M = 0 makes p·B·M = p·M·B vanish too."""
    letters = {"Q": (d, d), "K": (d, d)}
    ring = _ring(d, letters)
    Q, K = _named(ring, letters)
    inverse = K.inverse()
    ring.assume_nonzero(inverse.denominator)
    evidence.equal("P·K = Q", formulas.first(Q, inverse) @ K, Q)
    letters = {"B": (d, d), "M": (d, d), "p": (1, d)}
    ring = _ring(d, letters)
    B, M, p = _named(ring, letters)
    nothing = p @ M - p @ M
    evidence.equal("p·M·B = 0 where p·M = 0", formulas.killed(p @ M) @ B, nothing)


class _Growth(RankOne):
    def carried(self, power: Element, outer: Matrix) -> Matrix:
        return outer


class _Sign(RankOne):
    def backwards(self, identity: Matrix, vp: Matrix) -> Matrix:
        return identity + vp


class _Ratio(RankOne):
    def ratio(self, e: Element, k: Element) -> Element:
        return k * e


class _Turn(RankOne):
    def turned(self, rv: Element) -> Element:
        return rv * rv


class _Left(RankOne):
    def column(self, inverse: Matrix, x: Matrix) -> Matrix:
        return x


class _Lemma(RankOne):
    def lemma(self, one: Element, pu: Element) -> Element:
        return one - pu


class _Order(RankOne):
    def moved(self, Q: Matrix, w2: Matrix) -> Matrix:
        return w2


class _First(RankOne):
    def first(self, Q: Matrix, inverse: Matrix) -> Matrix:
        return inverse @ Q


class _Cyclic(RankOne):
    def killed(self, pM: Matrix) -> Matrix:
        return pM


MUTATIONS = (
    Mutation("T1-growth", "(z·r)·exp(z·r) = z·r", 1, lambda d, e: t1(d, e, _Growth())),
    Mutation("T1-sign", "E1 = I + v·p in case 2", 1, lambda d, e: t1(d, e, _Sign())),
    Mutation("T1-ratio", "exp(−z·r)·exp(ρ·z·r) = exp(ρ·z·r)", 1, lambda d, e: t1(d, e, _Ratio())),
    Mutation("T1-turn", "e^(r2·z) other than 1 + r2·v", 1, lambda d, e: t1(d, e, _Turn())),
    Mutation("T2a-left", "B := A + x·p", 1, lambda d, e: t2a(d, e, _Left())),
    Mutation("T2a-determinant", "det(I + u·p) = 1 − p·u", 1, lambda d, e: t2a(d, e, _Lemma())),
    Mutation("T2a-order", "w := w'", 1, lambda d, e: t2a(d, e, _Order())),
    Mutation("T2b-order", "P := K⁻¹·Q", 2, lambda d, e: t2b(d, e, _First())),
    Mutation("T2b-cyclic", "p·M = 0 for every M", 1, lambda d, e: t2b(d, e, _Cyclic())),
)
