"""Q0 to Q7' by normal forms: the first layer of ``split``, for every matrix of size d.

Π = diag(I_q, 0) after a similarity; everything is written with full d×d matrices that are zero
outside their block, q = 0..d.
"""

from __future__ import annotations

from itertools import combinations

from ..algebra.evidence import Identities
from ..algebra.functions import TIME, check_similarity, proved_exponential
from ..algebra.jordan import (
    TYPE_COUNTS,
    Toeplitz,
    exponential,
    jordan_types,
)
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring
from ..algebra.series import Series

_SERIES = Series()


class Split:
    """The formulas of the first layer, written once; a mutation gets one of them wrong."""

    def second_input(self, F: Matrix, s: Element) -> Matrix:
        """Q0: X_s⁻¹·X2."""
        return Matrix.identity(F.ring, F.height) + F.scale(F.ring.one - s)

    def regular(self, F: Matrix, P: Matrix, rest: Matrix) -> Matrix:
        """Q1: H, which is F on the range of I − Π and I on the block."""
        return F @ rest + P

    def outer_weight(self, c: Element, inverse_of_H: Matrix, rest: Matrix) -> Matrix:
        """Q1: the part of W1·X_s outside the block."""
        return (inverse_of_H @ rest).scale(c)

    def glued(self, inner: Matrix, outer: Matrix, rest: Matrix) -> Matrix:
        """Q2: exp(B·T·Y + N) from B·exp(T)·Y and exp(N)."""
        return inner + outer @ rest

    def second_factor(self, alpha: Element) -> Element:
        """Q3: exp(M'·A2) = α·exp(M'·A1)."""
        return alpha

    def second_diagonal(self, mu: list[Element], g: list[Element]) -> list[Element]:
        """Q4: the diagonal of Δ·U."""
        return [m * p for m, p in zip(mu, g, strict=True)]

    def basis_vector(self, Sx: Matrix, gx: Matrix) -> Matrix:
        """Q5: the second vector of the basis."""
        return Sx - gx

    def schur(self, S: Matrix, column: Matrix, row: Matrix) -> Matrix:
        """Q5: the Schur complement, given the row divided by the pivot."""
        return S - column @ row

    def quotient(self, A1: Matrix, A2: Matrix) -> Matrix:
        """Q7: C1 := A1⁻¹·A2."""
        return A1.inverse() @ A2

    def solved(self, T11: Matrix, T12: Matrix) -> Matrix:
        """Q7': the corner of the similarity."""
        return -(T11.inverse() @ T12)


SPLIT = Split()


def q0(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """X1 = X_s·(I − s·F), X2 = X_s·(I + (1 − s)·F) for generic X_s and D; for d ≤ 3 also with
    generic X1 and X2."""
    for letters in (("Xs", "D"), ("X1", "X2")) if d <= 3 else (("Xs", "D"),):
        ring = Ring(["s", *entry_names(letters[0], d), *entry_names(letters[1], d)])
        a, b = (Matrix.generic(ring, letter, d) for letter in letters)
        s, identity = ring.generator("s"), Matrix.identity(ring, d)
        D = b if letters[1] == "D" else b - a
        Xs = a if letters[0] == "Xs" else a + D.scale(s)
        X1 = Xs - D.scale(s)
        inverse = Xs.inverse()
        ring.assume_nonzero(inverse.denominator)
        F = inverse @ D
        evidence.equal("X1 = X_s·(I − s·F)", Xs @ (identity - F.scale(s)), X1)
        evidence.equal("X2 = X_s·(I + (1 − s)·F)", Xs @ formulas.second_input(F, s), X1 + D)


def _projectors(ring: Ring, d: int, q: int) -> tuple[Matrix, Matrix]:
    P = Matrix.leading(ring, d, q)
    return P, Matrix.identity(ring, d) - P


def q1(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """W1·X1 and W1·X2 for generic F that commutes with Π, F2 invertible and F1 anything (φ = −1
    and φ = 0 too), generic M'."""
    for q in range(d + 1):
        ring = Ring(["s", "c", *entry_names("F", d), *entry_names("M", d)])
        P, rest = _projectors(ring, d, q)
        F, M = (Matrix.generic(ring, letter, d) for letter in ("F", "M"))
        F, M = P @ F @ P + rest @ F @ rest, P @ M @ P
        s, c, identity = ring.generator("s"), ring.generator("c"), Matrix.identity(ring, d)
        inverse = formulas.regular(F, P, rest).inverse()
        ring.assume_nonzero((F @ rest + P).adjugate()[1])
        ring.assume_nonzero(inverse.denominator)
        outer = formulas.outer_weight(c, inverse, rest)
        first, second = identity - F.scale(s), identity + F.scale(ring.one - s)
        N = (((F @ rest + P).inverse() @ rest) @ first).scale(c)
        V = M + outer
        evidence.equal(f"q = {q}: Π·F = F·Π", P @ F, F @ P)
        evidence.equal(f"q = {q}: W1·X1 = B·M'·A1·Y + N", V @ first, M @ first @ P + N)
        evidence.equal(
            f"q = {q}: W1·X2 = B·M'·A2·Y + N + c·(I − Π)",
            V @ second,
            M @ second @ P + N + rest.scale(c),
        )
        evidence.equal(f"q = {q}: N·Π = 0", N @ P, P - P)
        evidence.equal(f"q = {q}: Π·N = 0", P @ N, P - P)


def _blocks(ring: Ring, d: int, q: int, inner: Toeplitz | None, outer: Toeplitz | None) -> Matrix:
    """diag(inner, outer), 0 for a block that is None."""
    rows = [[ring.zero] * d for _ in range(d)]
    for start, block in ((0, inner), (q, outer)):
        if block is not None and block.blocks:
            for i, row in enumerate(block.matrix().rows):
                rows[start + i][start : start + len(row)] = row
    return Matrix(ring, rows)


def _count(d: int, pairs: bool) -> int:
    counts = (1, *TYPE_COUNTS)
    return sum((counts[k] if pairs else 1) * counts[d - k] for k in range(d + 1))


def q2(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """exp(diag(T, N2)) = diag(exp(T), 0) + exp(diag(0, N2))·(I − Π) for every pair of Jordan types
    of sizes q and d − q, the exponentials of the blocks proved by their differential equation."""
    seen = 0
    for q in range(d + 1):
        for inside in jordan_types(q):
            for outside in jordan_types(d - q):
                seen += 1
                tau = [f"tau{j}" for j in range(len(inside.partitions))]
                nu = [f"nu{j}" for j in range(len(outside.partitions))]
                ring = Ring([TIME, *tau, *nu])
                ring.arguments.update((*tau, *nu))
                T = Toeplitz.jordan(ring, inside, ring.generators(tau))
                N = Toeplitz.jordan(ring, outside, ring.generators(nu))
                whole = Toeplitz(ring, [*T.blocks, *N.blocks])
                zeros = Toeplitz(ring, [[ring.zero]] * q + [list(b) for b in N.blocks])
                P, rest = _projectors(ring, d, q)
                evidence.equal(
                    f"q = {q}, types {inside} and {outside}: exp(B·T·Y + N)",
                    proved_exponential(whole, evidence, _SERIES).matrix(),
                    formulas.glued(
                        _blocks(ring, d, q, exponential(T, _SERIES), None),
                        proved_exponential(zeros, evidence, _SERIES).matrix(),
                        rest,
                    ),
                )
                evidence.equal("N·Π = 0", zeros.matrix() @ P, P - P)
    evidence.types = seen
    evidence.true("the pairs of types are all there", seen == _count(d, True))
    check_similarity(d, evidence)


def q3(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """exp(W1·X2) = α·exp(W1·X1) by Q1 and Q2, G = exp(M'·A1) generic, N2 of each Jordan type."""
    seen = 0
    for q in range(d + 1):
        for kind in jordan_types(d - q):
            seen += 1
            nu = [f"nu{j}" for j in range(len(kind.partitions))]
            ring = Ring([TIME, "alpha", "c", *nu, *entry_names("G", d)])
            alpha, c = ring.generator("alpha"), ring.generator("c")
            ring.add_logarithm("c", alpha)
            ring.assume_nonzero(alpha)
            ring.arguments.update(nu)
            P, rest = _projectors(ring, d, q)
            G = P @ Matrix.generic(ring, "G", d) @ P
            N = Toeplitz.jordan(ring, kind, ring.generators(nu))
            outer = [
                _blocks(ring, d, q, None, proved_exponential(m, evidence, _SERIES) if q < d else m)
                for m in (N, N.shift(c))
            ]
            evidence.equal(
                f"q = {q}, type {kind}: exp(W1·X2) = α·exp(W1·X1)",
                G.scale(formulas.second_factor(alpha)) + outer[1] @ rest,
                (G + outer[0] @ rest).scale(alpha),
            )
    evidence.types = seen
    evidence.true("the types are all there", seen == _count(d, False))
    check_similarity(d, evidence)


def q4(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """M = Λ·Δ·H⁻¹ and M·C0 in the basis Λ, for generic triangular Λ, H, U and diagonal Δ."""
    mu_names, g_names = [f"mu{j}" for j in range(d)], [f"g{j}" for j in range(d)]
    letters = ("L", "H", "U")
    ring = Ring([*mu_names, *g_names, *(n for k in letters for n in entry_names(k, d))])
    mu, g = ring.generators(mu_names), ring.generators(g_names)
    L, H, U = (Matrix.generic(ring, letter, d).rows for letter in letters)
    zero, one = ring.zero, ring.one

    def lower(rows: tuple[tuple[Element, ...], ...]) -> Matrix:
        return Matrix.build(
            ring, d, d, lambda i, j: rows[i][j] if i > j else one if i == j else zero
        )

    lam, h = lower(L), lower(H)
    u = Matrix.build(ring, d, d, lambda i, j: U[i][j] if i < j else g[i] if i == j else zero)
    delta = Matrix.diagonal(ring, mu)
    C0, M = h @ u @ lam.inverse(), lam @ delta @ h.inverse()
    first, second = lam.inverse() @ M @ lam, lam.inverse() @ M @ C0 @ lam
    evidence.equal("C0·Λ = H·U", C0 @ lam, h @ u)
    evidence.equal("Λ⁻¹·M·C0·Λ = Δ·U", second, delta @ u)
    products = formulas.second_diagonal(mu, g)
    for words, matrix, wanted, below in (
        ("Λ⁻¹·M·Λ: diagonal μ, nothing above", first, mu, False),
        ("Λ⁻¹·M·C0·Λ: diagonal μ_j·g_j, nothing below", second, products, True),
    ):
        half = [
            [x if (i >= j if below else i <= j) else zero for j, x in enumerate(row)]
            for i, row in enumerate(matrix.rows)
        ]
        diagonal = Matrix.diagonal(ring, wanted)
        evidence.equal(words, Matrix(ring, half, matrix.denominator), diagonal)
    check_similarity(d, evidence)


def q5(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """The stage, the elimination, the shear and the column correction, generic entries."""
    ring = Ring(["g", "sigma", "w", *entry_names("S", d), *entry_names("x", d, 1)])
    g, sigma = ring.generator("g"), ring.generator("sigma")
    ring.add_inverse("w", g)
    S, x = Matrix.generic(ring, "S", d), Matrix.generic(ring, "x", d, 1)
    second = formulas.basis_vector(S @ x, x.scale(g))
    evidence.equal("S·x = g·x + (second vector)", S @ x, x.scale(g) + second)
    rows = [[g if (i, j) == (0, 0) else y for j, y in enumerate(r)] for i, r in enumerate(S.rows)]
    _eliminate("pivot g: [[g, k], [h, S]]", Matrix(ring, rows), evidence, formulas)
    if d < 3:
        return
    k = S.rows[0][1:]
    w = ring.generator("w")
    scalar = [[g, *k]]
    for i in range(1, d):
        head = ring.one if i == 1 else ring.zero
        diagonal = [sigma if i == j else ring.zero for j in range(1, d)]
        tail = [diagonal[j] + head * w * k[j] for j in range(d - 1)]
        scalar.append([head, *tail])
    before = Matrix(ring, scalar)
    plus = Matrix.build(
        ring, d, d, lambda i, j: ring.one if i == j or (i, j) == (0, 2) else ring.zero
    )
    minus = Matrix.identity(ring, d) - (plus - Matrix.identity(ring, d))
    after = minus @ before @ plus
    left, schur = _schur(after, formulas)
    wanted = Matrix.build(
        ring, d - 1, d - 1,
        lambda i, j: sigma if i == j else sigma * w if (i, j) == (0, 1) else ring.zero,
    )  # fmt: skip
    evidence.equal("shear: (I − E13)·(I + E13) = I", minus @ plus, Matrix.identity(ring, d))
    first = [[ring.one if i == 1 else g if i == 0 else ring.zero] for i in range(d)]
    evidence.equal("shear: the first column stays (g, 1, 0, …)", left, Matrix(ring, first))
    evidence.equal("shear: σ·I becomes σ·I + (σ/g)·E12", schur, wanted)


def _schur(S: Matrix, formulas: Split) -> tuple[Matrix, Matrix]:
    """(first column, Schur complement of the pivot g), given w = 1/g in the ring."""
    ring, d = S.ring, S.height
    first = Matrix(ring, [[row[0]] for row in S.rows])
    column = Matrix(ring, [[row[0]] for row in S.rows[1:]])
    row = Matrix(ring, [S.rows[0][1:]]).scale(ring.generator("w"))
    corner = Matrix(ring, [r[1:] for r in S.rows[1:]])
    return first, formulas.schur(corner, column, row) if d > 1 else corner


def _eliminate(words: str, S: Matrix, evidence: Identities, formulas: Split) -> None:
    """S = (unit lower triangular)·[[g, k], [0, Schur]], and det S = g·det Schur."""
    ring, d = S.ring, S.height
    if d == 1:
        _pivot_alone(S, evidence)
        return
    _, schur = _schur(S, formulas)
    w = ring.generator("w")
    lower = Matrix.build(
        ring, d, d,
        lambda i, j: ring.one if i == j else S.rows[i][0] * w if j == 0 else ring.zero,
    )  # fmt: skip
    rest = [[ring.zero, *row] for row in schur.rows]
    upper = Matrix(ring, [S.rows[0], *rest])
    evidence.equal(f"{words} = L·[[g, k], [0, Schur]]", lower @ upper, S)
    pivot = Matrix(ring, [[S.rows[0][0] * schur.adjugate()[1]]])
    evidence.equal("det S = g·det Schur", Matrix(ring, [[S.adjugate()[1]]]), pivot)


def _pivot_alone(S: Matrix, evidence: Identities) -> None:
    determinant = Matrix(S.ring, [[S.adjugate()[1]]])
    pivot = Matrix(S.ring, [[S.ring.generator("g")]])
    evidence.equal("size 1: the determinant is the pivot", determinant, pivot)


def q5p(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """L⁻¹·S·R⁻¹ = diag(g, Schur) with unit triangular L and R, so that a pivot lowers the rank by
    one."""
    ring = Ring(["g", "w", *entry_names("S", d)])
    g, w = ring.generator("g"), ring.generator("w")
    ring.add_inverse("w", g)
    S = Matrix.generic(ring, "S", d)
    rows = [[g if (i, j) == (0, 0) else y for j, y in enumerate(r)] for i, r in enumerate(S.rows)]
    S = Matrix(ring, rows)
    if d == 1:
        _pivot_alone(S, evidence)
        return
    _, schur = _schur(S, formulas)
    zero, one = ring.zero, ring.one
    left = Matrix.build(
        ring, d, d, lambda i, j: one if i == j else -(rows[i][0] * w) if j == 0 else zero
    )
    right = Matrix.build(
        ring, d, d, lambda i, j: one if i == j else -(rows[0][j] * w) if i == 0 else zero
    )
    below = [[zero, *row] for row in schur.rows]
    middle = Matrix(ring, [[g, *[zero] * (d - 1)], *below])
    evidence.equal("L⁻¹·S·R⁻¹ = diag(g, Schur)", left @ S @ right, middle)


def q7(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """For a generic upper triangular T with distinct diagonal ν: Π(T − ν_j) = 0 and Σ ℓ_j(T) = I
    for the Lagrange polynomials ℓ_j, so exp(T) = Σ e^(ν_j)·ℓ_j(T) = ε·I; M'·A1 = M and
    M'·A2 = M·C1."""
    nu_names = [f"nu{j}" for j in range(d)]
    ring = Ring([*nu_names, *entry_names("T", d)])
    nu, zero = ring.generators(nu_names), ring.zero
    for i, j in combinations(range(d), 2):
        ring.assume_nonzero(nu[i] - nu[j])
    entries = Matrix.generic(ring, "T", d).rows
    T = Matrix.build(ring, d, d, lambda i, j: entries[i][j] if i < j else nu[i] if i == j else zero)
    identity = Matrix.identity(ring, d)
    shifted = [T - Matrix.scalar(ring, d, value) for value in nu]
    total, product = identity - identity, identity
    for j in range(d):
        product = product @ shifted[j]
        lagrange, below = identity, ring.one
        for i in range(d):
            if i != j:
                lagrange, below = lagrange @ shifted[i], below * (nu[j] - nu[i])
        evidence.equal(
            f"T·ℓ_{j + 1}(T) = ν_{j + 1}·ℓ_{j + 1}(T)", T @ lagrange, lagrange.scale(nu[j])
        )
        total = total + Matrix(ring, lagrange.rows, below)
    evidence.equal("Π (T − ν_j) = 0", product, identity - identity)
    evidence.equal("Σ ℓ_j(T) = I", total, identity)
    _period(evidence, inverse=False)
    letters = ("M", "A1", "A2")
    ring = Ring([n for letter in letters for n in entry_names(letter, d)])
    M, A1, A2 = (Matrix.generic(ring, letter, d) for letter in letters)
    ring.assume_nonzero(A1.adjugate()[1])
    M_prime = M @ A1.inverse()
    evidence.equal("M'·A1 = M", M_prime @ A1, M)
    evidence.equal("M'·A2 = M·C1", M_prime @ A2, M @ formulas.quotient(A1, A2))


def _period(evidence: Identities, inverse: bool) -> None:
    """e^(ν + 2πi·a) = ε if e^ν = ε and a is an integer; e^(−c + 2πi·a)·α = 1 if e^c = α."""
    ring = Ring(["nu", "eps", "rec", "a", "pi_i"])
    epsilon, nu = ring.generator("eps"), ring.generator("nu")
    ring.add_inverse("rec", epsilon)
    ring.add_logarithm("nu", epsilon, ring.generator("rec"))
    ring.add_integer("a", "pi_i")
    turn = (ring.generator("pi_i") * ring.generator("a")).times(2)
    power = ring.exponential(turn - nu if inverse else turn + nu)
    sides = (power * epsilon, ring.one) if inverse else (power, epsilon)
    words = "e^(m + 2πi·a) = 1/α, m = −c" if inverse else "e^(ν + 2πi·a) = ε"
    evidence.equal(words, *(Matrix(ring, [[side]]) for side in sides))


def q7p(d: int, evidence: Identities, formulas: Split = SPLIT) -> None:
    """T·V = V·diag(T11, 0) for T = [T11 T12; 0 0], V = [[I, −T11⁻¹·T12], [0, I]], ranks 1..d."""
    for rank in range(1, d + 1):
        ring = Ring(entry_names("T", d))
        T = Matrix.generic(ring, "T", d)
        T11 = Matrix(ring, [row[:rank] for row in T.rows[:rank]])
        ring.assume_nonzero(T11.adjugate()[1])
        zero = ring.zero
        whole = Matrix(ring, [*T.rows[:rank], *[[zero] * d] * (d - rank)])
        block = Matrix.leading(ring, d, rank)
        diagonal = block @ T @ block
        V = Matrix.identity(ring, d)
        if rank < d:
            corner = formulas.solved(T11, Matrix(ring, [row[rank:] for row in T.rows[:rank]]))
            scale = corner.denominator
            rows = [
                [
                    (scale if i == j else zero) if i >= rank or j < rank
                    else corner.rows[i][j - rank]
                    for j in range(d)
                ]
                for i in range(d)
            ]  # fmt: skip
            V = Matrix(ring, rows, scale)
        evidence.equal(f"rank {rank}: T·V = V·diag(T11, 0)", whole @ V, V @ diagonal)
        nilpotent = V - Matrix.identity(ring, d)
        evidence.equal(f"rank {rank}: (V − I)² = 0", nilpotent @ nilpotent, V - V)
    _period(evidence, inverse=True)
