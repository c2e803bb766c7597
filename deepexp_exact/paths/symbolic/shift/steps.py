"""The steps P1..P7 of the ``shift`` construction, each decided for every matrix of size d.

Each function states what is reduced to what and leaves its identities in an :class:`Evidence`.
P1, P5 and the invertibility in P4 are rational identities in generic entries.  P2, P3, P4, P6
and P7 concern functions of one matrix, which is similar to one of finitely many Jordan types;
:mod:`functions` holds the reduction.
"""

from __future__ import annotations

from ..algebra.evidence import Identities
from ..algebra.functions import TIME, all_types, proved_exponential
from ..algebra.jordan import JordanType, Toeplitz, logarithm
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from .formulas import Shift

SHIFT = Shift()


def p1(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """W1·X2 = W1·X1 + c·I for generic X1 and D with X2 = X1 + D (every pair X1, X2 is of this
    form); for d ≤ 3 also with generic X1, X2 and D = X2 − X1."""
    for letter in ("D", "X2") if d <= 3 else ("D",):
        ring = Ring(["c", *entry_names("X1", d), *entry_names(letter, d)])
        X1, other = Matrix.generic(ring, "X1", d), Matrix.generic(ring, letter, d)
        D = other if letter == "D" else other - X1
        X2 = X1 + D if letter == "D" else other
        inverse = D.inverse()
        ring.assume_nonzero(inverse.denominator)
        c = ring.generator("c")
        W1 = formulas.first_weight(c, inverse)
        evidence.equal("W1·X2 = W1·X1 + c·I", W1 @ X2, W1 @ X1 + Matrix.scalar(ring, d, c))


def p2(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """exp(M + c·I) = α·exp(M) with M = W1·X1 of each Jordan type, eigenvalues symbolic, e^c = α;
    by P1, W1·X2 = M + c·I."""
    for kind in all_types(d, evidence):
        eigenvalues = _names("mu", kind)
        ring = Ring([TIME, "alpha", "c", *eigenvalues])
        alpha = ring.generator("alpha")
        ring.add_logarithm("c", alpha)
        ring.assume_nonzero(alpha)
        ring.arguments.update(eigenvalues)
        M = Toeplitz.jordan(ring, kind, ring.generators(eigenvalues))
        A = proved_exponential(M, evidence, formulas)
        shifted = proved_exponential(M.shift(ring.generator("c")), evidence, formulas)
        evidence.equal(
            f"type {kind}: exp(M + c·I) = α·exp(M)",
            shifted.matrix(),
            formulas.second_exponential(alpha, A.matrix()),
        )


def p3(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """exp(−M)·exp(M) = I = exp(M)·exp(−M) with M = W1·X1 of each Jordan type."""
    for kind in all_types(d, evidence):
        inverse_exponential(kind, evidence, formulas)


def inverse_exponential(kind: JordanType, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """exp(−M)·exp(M) = I = exp(M)·exp(−M) for one Jordan type (N1 needs it too)."""
    eigenvalues = _names("mu", kind)
    ring = Ring([TIME, *eigenvalues])
    ring.arguments.update(eigenvalues)
    M = Toeplitz.jordan(ring, kind, ring.generators(eigenvalues))
    A = proved_exponential(M, evidence, formulas).matrix()
    inverse = proved_exponential(formulas.inverse_argument(M), evidence, formulas).matrix()
    identity = Matrix.identity(ring, kind.d)
    evidence.equal(f"type {kind}: exp(−M)·exp(M) = I", inverse @ A, identity)
    evidence.equal(f"type {kind}: exp(M)·exp(−M) = I", A @ inverse, identity)


def p4(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """K·(Y2⁻¹·Y1) = I for generic Y1, Y2; and exp(L) = K for K of each Jordan type with nonzero
    symbolic eigenvalues λ, where L has on each block the logarithm of λ + N that starts with
    ℓ + 2πi·k, e^ℓ = λ, with a symbolic integer k for each **block** (so that L need not be a
    primary logarithm).  Every logarithm of K is U·L·U⁻¹ with such an L and U·K = K·U (cited)."""
    ring = Ring(entry_names("Y1", d) + entry_names("Y2", d))
    Y1, Y2 = Matrix.generic(ring, "Y1", d), Matrix.generic(ring, "Y2", d)
    inverses = Y1.inverse(), Y2.inverse()
    for inverse in inverses:
        ring.assume_nonzero(inverse.denominator)
    K = formulas.quotient(inverses[0], Y2)
    evidence.equal("Y1·K = Y2", Y1 @ K, Y2)
    evidence.equal("K·(Y2⁻¹·Y1) = I", K @ (inverses[1] @ Y1), Matrix.identity(ring, d))
    for kind in all_types(d, evidence):
        _logarithm_of_type(kind, evidence, formulas)


def _logarithm_of_type(kind: JordanType, evidence: Identities, formulas: Shift) -> None:
    lambdas, reciprocals, logs = (_names(stem, kind) for stem in ("lam", "rec", "log"))
    integers = [f"k{b + 1}" for b in range(len(kind.blocks))]
    ring = Ring([TIME, *lambdas, *reciprocals, *logs, *integers, "pi_i"])
    for lam, reciprocal, log in zip(lambdas, reciprocals, logs, strict=True):
        ring.add_inverse(reciprocal, ring.generator(lam))
        ring.add_logarithm(log, ring.generator(lam), ring.generator(reciprocal))
    for integer in integers:
        ring.add_integer(integer, "pi_i")
    turn = formulas.full_turn(ring.generator("pi_i"))
    L = logarithm(
        ring,
        [size for _, size in kind.blocks],
        [
            ring.generator(logs[j]) + turn * ring.generator(k)
            for (j, _), k in zip(kind.blocks, integers, strict=True)
        ],
        [ring.generator(reciprocals[j]) for j, _ in kind.blocks],
        formulas,
    )
    evidence.equal(
        f"type {kind}: exp(L) = K",
        proved_exponential(L, evidence, formulas).matrix(),
        Toeplitz.jordan(ring, kind, ring.generators(lambdas)).matrix(),
    )


def p5(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """W2·A = Z, W2·(α·A) = α·Z and (α − 1)·Z = L for generic L, invertible A and α ≠ 1."""
    ring = Ring(["alpha", "beta", *entry_names("L", d), *entry_names("A", d)])
    alpha = ring.generator("alpha")
    ring.assume_nonzero(alpha)
    ring.add_inverse("beta", alpha - ring.one)
    L, A = Matrix.generic(ring, "L", d), Matrix.generic(ring, "A", d)
    inverse = A.inverse()
    ring.assume_nonzero(inverse.denominator)
    Z = formulas.scaled_logarithm(L, ring.generator("beta"))
    W2 = formulas.second_weight(Z, inverse)
    evidence.equal("(α − 1)·Z = L", Z.scale(alpha - ring.one), L)
    evidence.equal("W2·exp(W1·X1) = Z", W2 @ A, Z)
    second = formulas.second_exponential(alpha, A)
    evidence.equal("W2·exp(W1·X2) = α·Z", W2 @ second, Z.scale(alpha))


def p6(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """exp(α·Z) = exp(Z)·exp((α − 1)·Z) with Z of each Jordan type, eigenvalues and α symbolic;
    exp((α − 1)·Z) = exp(L) = K by P5 and P4."""
    for kind in all_types(d, evidence):
        ring, Z, alpha = _scaled_type(kind)
        exp_Z = proved_exponential(Z, evidence, formulas).matrix()
        K = proved_exponential(Z.scale(alpha - ring.one), evidence, formulas).matrix()
        scaled = proved_exponential(Z.scale(alpha), evidence, formulas).matrix()
        evidence.equal(
            f"type {kind}: exp(α·Z) = exp(Z)·exp((α − 1)·Z)", scaled, formulas.telescope(exp_Z, K)
        )


def p7(d: int, evidence: Identities, formulas: Shift = SHIFT) -> None:
    """W3·exp(Z) = Y1 and W3·exp(α·Z) = Y1·K with generic Y1, Z of each Jordan type and
    K = exp((α − 1)·Z); Y1·K = Y2 for K = Y1⁻¹·Y2 with generic Y1, Y2."""
    ring = Ring(entry_names("Y1", d) + entry_names("Y2", d))
    Y1, Y2 = Matrix.generic(ring, "Y1", d), Matrix.generic(ring, "Y2", d)
    inverse = Y1.inverse()
    ring.assume_nonzero(inverse.denominator)
    evidence.equal("Y1·(Y1⁻¹·Y2) = Y2", Y1 @ formulas.quotient(inverse, Y2), Y2)
    for kind in all_types(d, evidence):
        ring, Z, alpha = _scaled_type(kind, entry_names("Y1", d))
        Y1 = Matrix.generic(ring, "Y1", d)
        W3 = formulas.third_weight(Y1, proved_exponential(-Z, evidence, formulas).matrix())
        exp_Z = proved_exponential(Z, evidence, formulas).matrix()
        evidence.equal(f"type {kind}: f(X1) = W3·exp(Z) = Y1", W3 @ exp_Z, Y1)
        K = proved_exponential(Z.scale(alpha - ring.one), evidence, formulas).matrix()
        scaled = proved_exponential(Z.scale(alpha), evidence, formulas).matrix()
        evidence.equal(f"type {kind}: f(X2) = W3·exp(α·Z) = Y1·K", W3 @ scaled, Y1 @ K)


def _names(stem: str, kind: JordanType) -> list[str]:
    return [f"{stem}{j + 1}" for j in range(len(kind.partitions))]


def _scaled_type(kind: JordanType, more: list[str] | None = None) -> tuple[Ring, Toeplitz, Element]:
    """(ring, Z, α) for Z of a Jordan type with symbolic eigenvalues and a symbolic α."""
    eigenvalues = _names("z", kind)
    ring = Ring([TIME, "alpha", *eigenvalues, *(more or [])])
    ring.arguments.update(eigenvalues)
    alpha = ring.generator("alpha")
    ring.assume_nonzero(alpha)
    ring.assume_nonzero(alpha - ring.one)
    return ring, Toeplitz.jordan(ring, kind, ring.generators(eigenvalues)), alpha
