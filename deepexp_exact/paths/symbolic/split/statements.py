"""Q0 to Q7' in sympy: the first layer of ``split`` (proofs/theorem.md).

In a basis in which the spectral projector Π is diag(I_q, 0), B = [I; 0], Y = [I 0] and
F = diag(F1, F2); every other basis is a similarity away.  q runs through 0..d.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import (
    BlockMatrix,
    Determinant,
    HadamardProduct,
    I,
    Identity,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    ZeroMatrix,
    diag,
    exp,
    eye,
    pi,
    symbols,
    zeros,
)

from ..deciding import Facts
from ..language import (
    TIME,
    Case,
    Check,
    Exp,
    count_types,
    d,
    diagonal,
    equation,
    explicit,
    generic,
    jordan_form,
    segre_characteristics,
    square,
)
from ..statements import W1, X1, X2, D, M, T, V, alpha, c, one

s, q = Symbol("s"), Symbol("q", integer=True, nonnegative=True)
Xs, F, H, N, PI = square("X_s F H N Pi")
F1, M1, T1, G1, A1, A2 = square("F1 M1 T1 G1 A1 A2", q)
F2, N2 = square("F2 N2", d - q)
B, Y = MatrixSymbol("B", d, q), MatrixSymbol("Y", q, d)

# Q0, reference: every pair X1, X2 is X_s − s·D, X_s + (1 − s)·D.
Q0 = Check(
    let={X1: Xs - s * D, X2: Xs + (1 - s) * D, F: Xs**-1 * D},
    nonzero=(Determinant(Xs),),
    claims=(
        equation(X1 + s * (X2 - X1), Xs),
        equation(X1, Xs * (one - s * F)),
        equation(X2, Xs * (one + (1 - s) * F)),
    ),
    cases=generic(Xs, D),
)

# The basis.
BASIS = {
    B: BlockMatrix([[Identity(q)], [ZeroMatrix(d - q, q)]]),
    Y: BlockMatrix([[Identity(q), ZeroMatrix(q, d - q)]]),
    PI: B * Y,
}


def each_block(*free: MatrixSymbol) -> Callable[[int], Iterator[Case]]:
    """A case for each size q of the block, entries generic."""

    def cases(size: int) -> Iterator[Case]:
        for block in range(size + 1):
            sizes = {d: size, q: block}
            yield Case(f"q = {block}", {a: explicit(a, sizes) for a in free}, sizes=sizes)

    return cases


# Q1, splitting: V = W1·X_s, so W1·X1 = V·(I − s·F) and W1·X2 = V·(I + (1 − s)·F) by Q0.
Q1 = Check(
    let={
        **BASIS,
        F: BlockMatrix([[F1, ZeroMatrix(q, d - q)], [ZeroMatrix(d - q, q), F2]]),
        H: F * (one - PI) + PI,
        A1: Identity(q) - s * F1,
        A2: Identity(q) + (1 - s) * F1,
        V: B * M1 * Y + c * H**-1 * (one - PI),
        N: c * H**-1 * (one - PI) * (one - s * F),
    },
    nonzero=(Determinant(F2),),
    claims=(
        equation(Y * B, Identity(q)),
        equation(PI * F, F * PI),
        equation(V * (one - s * F), B * M1 * A1 * Y + N),
        equation(V * (one + (1 - s) * F), B * M1 * A2 * Y + N + c * (one - PI)),
        equation(N * B, ZeroMatrix(d, q)),
        equation(Y * N, ZeroMatrix(q, d)),
    ),
    cases=each_block(F1, F2, M1),
)


def block_types(second: bool) -> Callable[[int], Iterator[Case]]:
    """A case for each q and each Jordan type of N2 (size d − q), and of T1 (size q) if ``second``,
    with a generic G1 (size q) otherwise."""

    def cases(size: int) -> Iterator[Case]:
        for block in range(size + 1):
            sizes = {d: size, q: block}
            for kind in segre_characteristics(size - block):
                outer = jordan_form(kind, "nu")
                values = {N2: outer, N: diag(zeros(block, block), outer)}
                for first in segre_characteristics(block) if second else [()]:
                    inner = jordan_form(first, "tau") if second else explicit(G1, sizes)
                    logs = frozenset(diagonal(outer) + (diagonal(inner) if second else ()))
                    words = f"q = {block}, types {first} and {kind}"
                    known = {**values, (T1 if second else G1): inner}
                    yield Case(words, known, Facts(logarithms=logs), sizes)

    return cases


# Q2, block exponential: exp(B·T·Y + N) = B·exp(T)·Y + exp(N)·(I − B·Y).
Q2 = Check(
    let=BASIS,
    claims=(
        equation(Exp(B * T1 * Y + N), B * Exp(T1) * Y + Exp(N) * (one - PI)),
        equation(N * B, ZeroMatrix(d, q)),
        equation(Y * N, ZeroMatrix(q, d)),
    ),
    cases=block_types(second=True),
    count=lambda n: sum(count_types(k) * count_types(n - k) for k in range(n + 1)),
)

# Q3, first layer: by Q1 and Q2, with G1 = exp(M'·A1) and exp(M'·A2) = α·G1.
Q3 = Check(
    let=BASIS,
    given={
        Exp(W1 * X1): B * G1 * Y + Exp(N) * (one - PI),
        Exp(W1 * X2): alpha * B * G1 * Y + Exp(N + c * (one - PI)) * (one - PI),
    },
    exponentials={c: alpha},
    nonzero=(alpha,),
    claims=(equation(Exp(W1 * X2), alpha * Exp(W1 * X1)),),
    cases=block_types(second=False),
    count=lambda n: sum(count_types(k) for k in range(n + 1)),
)

# Q4, triangular: C0 = H·U·Λ⁻¹ and M = Λ·Δ·H⁻¹, Λ and H unit lower triangular.
LAMBDA, U, DELTA, PIVOTS, C0, LOWER, UPPER = square("Lambda U Delta g C0 Lower Upper")
LAMBDA_INVERSE, H_INVERSE = square("Lambda_inv H_inv")


def triangular(size: int) -> Iterator[Case]:
    """One case: the entries of the triangular matrices are indeterminates."""

    def lower(name: str) -> Matrix:
        entries = explicit(MatrixSymbol(name, size, size), {})
        return Matrix(size, size, lambda i, j: entries[i, j] if i > j else int(i == j))

    entries = explicit(MatrixSymbol("U", size, size), {})
    g = [Symbol(f"g{j + 1}") for j in range(size)]
    values = {
        LAMBDA: lower("Lambda"),
        H: lower("H"),
        U: Matrix(size, size, lambda i, j: g[i] if i == j else entries[i, j] if i < j else 0),
        DELTA: diag(*(Symbol(f"mu{j + 1}") for j in range(size))),
        PIVOTS: diag(*g),
        LOWER: Matrix(size, size, lambda i, j: int(bool(i >= j))),
        UPPER: Matrix(size, size, lambda i, j: int(bool(i <= j))),
    }
    yield Case("generic entries", values, sizes={d: size})


Q4 = Check(
    let={
        LAMBDA_INVERSE: LAMBDA**-1,
        H_INVERSE: H**-1,
        C0: H * U * LAMBDA_INVERSE,
        M: LAMBDA * DELTA * H_INVERSE,
    },
    nonzero=(Determinant(LAMBDA), Determinant(H)),
    claims=(
        equation(C0 * LAMBDA, H * U),
        equation(LAMBDA_INVERSE * M * LAMBDA, DELTA * H_INVERSE * LAMBDA),
        equation(HadamardProduct(UPPER, DELTA * H_INVERSE * LAMBDA), DELTA),
        equation(LAMBDA_INVERSE * M * C0 * LAMBDA, DELTA * U),
        equation(HadamardProduct(LOWER, DELTA * U), DELTA * PIVOTS),
    ),
    cases=triangular,
)

# Q5, pivots exist: the stage of the induction, x with x and S·x independent completed to a basis P;
# the elimination of the first column (g, h); the shear that makes σ·I not scalar.
g, sigma = symbols("g sigma")
S, P_REST = MatrixSymbol("S", d, d), MatrixSymbol("P_rest", d, d - 2)
x, h, k = MatrixSymbol("x", d, 1), MatrixSymbol("h", d - 1, 1), MatrixSymbol("k", 1, d - 1)
SCHUR, E12 = MatrixSymbol("Schur", d - 1, d - 1), MatrixSymbol("E12", d - 1, d - 1)
e1, e2 = MatrixSymbol("e1", d - 1, 1), MatrixSymbol("e2", d - 1, 1)
row, v, t = MatrixSymbol("row", 1, d - 1), MatrixSymbol("v", d - 1, 1), MatrixSymbol("t", d - 1, 1)
a, scalar = MatrixSymbol("a", 1, 1), MatrixSymbol("gamma", 1, 1)
ONE, SMALL, GAP = Identity(1), Identity(d - 1), ZeroMatrix(d - 1, 1)


def from_size(least: int, *free: MatrixSymbol) -> Callable[[int], Iterator[Case]]:
    """Generic entries for d ≥ least, and the unit vectors and E12 of size d − 1."""

    def cases(size: int) -> Iterator[Case]:
        if size < least:
            return
        sizes, n = {d: size}, size - 1
        values: dict[Any, Any] = {a: explicit(a, sizes) for a in free}
        values[e1] = Matrix(n, 1, lambda i, j: int(i == 0))
        values[e2] = Matrix(n, 1, lambda i, j: int(i == 1))
        values[E12] = Matrix(n, n, lambda i, j: int((i, j) == (0, 1)))
        yield Case("generic entries", values, sizes=sizes)

    return cases


def basis(second: Any) -> Any:
    """x, the second vector, and the others."""
    return BlockMatrix([[x, second, P_REST]])


Q5_STAGE = Check(
    # S·P·(first column) = P·(g, 1, 0, …): x ↦ g·x + (S·x − g·x)
    let={V: basis(S * x - g * x)},
    claims=(equation(S * x, V * BlockMatrix([[g * ONE], [e1]])),),
    cases=from_size(2, S, x, P_REST),
)


def eliminated(column: Any, first_row: Any, schur: Any) -> Any:
    """[[1, 0], [column/g, I]]·[[g, row], [0, Schur]]."""
    return BlockMatrix([[ONE, GAP.T], [column / g, SMALL]]) * BlockMatrix(
        [[g * ONE, first_row], [GAP, schur]]
    )


Q5_ELIMINATION = Check(
    nonzero=(g,),
    claims=(
        equation(BlockMatrix([[g * ONE, k], [h, SCHUR]]), eliminated(h, k, SCHUR - h * k / g)),
        equation(
            Determinant(BlockMatrix([[g * ONE, k], [h, SCHUR]])), g * Determinant(SCHUR - h * k / g)
        ),
    ),
    cases=from_size(1, h, k, SCHUR),
)
SHEAR = BlockMatrix([[ONE, e2.T], [GAP, SMALL]])
SHEAR_INVERSE = BlockMatrix([[ONE, -e2.T], [GAP, SMALL]])
Q5_SHEAR = Check(
    nonzero=(g,),
    claims=(
        equation(SHEAR_INVERSE * SHEAR, one),
        equation(
            SHEAR_INVERSE * eliminated(e1, k, sigma * SMALL) * SHEAR,
            eliminated(e1, k + g * e2.T - sigma * e2.T, sigma * SMALL + sigma / g * E12),
        ),
    ),
    cases=from_size(3, k),
)
# The algorithm's stage: a column correction t makes the pivot g, with v the adjoint of the row.
Q5_CORRECTION = Check(
    let={t: v * (scalar - a) * (row * v) ** -1},
    nonzero=(Determinant(row * v),),
    claims=(equation(a + row * t, scalar),),
    cases=from_size(2, row, v, a, scalar),
)


# Q5', pivots of a singular block: rank [[g, k], [h, S]] = 1 + rank Schur, by triangular factors.
def factored(corner: Any) -> Any:
    """[[g, k], [h, corner]] by diag(g, Schur)."""
    return equation(
        BlockMatrix([[g * ONE, k], [h, corner]]),
        BlockMatrix([[ONE, GAP.T], [h / g, SMALL]])
        * BlockMatrix([[g * ONE, GAP.T], [GAP, SCHUR]])
        * BlockMatrix([[ONE, k / g], [GAP, SMALL]]),
    )


Q5P = Check(
    nonzero=(g,),
    claims=(factored(SCHUR + h * k / g),),
    cases=from_size(1, h, k, SCHUR),
)

# Q7, scalar exponential: T upper triangular with distinct ν_j, e^(ν_j) = ε.  With the Lagrange
# polynomials ℓ_j, E(t) := Σ e^(t·ν_j)·ℓ_j(T) solves E' = T·E, E(0) = I, and E(1) = ε·I.
epsilon, nu, integer = symbols("epsilon nu a")
FLOW, VELOCITY, START, END = square("E dE E_0 E_1")


def distinct_diagonals(size: int) -> Iterator[Case]:
    """One case: the generic upper triangular T and its E(t)."""
    entries = explicit(T, {d: size})
    diagonal = [Symbol(f"nu{j + 1}") for j in range(size)]
    form = Matrix(size, size, lambda i, j: diagonal[i] if i == j else entries[i, j] if i < j else 0)
    E, gaps = zeros(size, size), []
    for value in diagonal:
        lagrange = eye(size)
        for other in diagonal:
            if other is not value:
                lagrange = lagrange * (form - other * eye(size)) / (value - other)
                gaps.append(value - other)
        E += exp(TIME * value) * lagrange
    values = {T: form, FLOW: E, VELOCITY: E.diff(TIME)}
    values |= {START: E.subs(TIME, 0), END: E.subs(TIME, 1)}
    facts = Facts(dict.fromkeys(diagonal, epsilon), (epsilon, *gaps))
    yield Case("generic entries", values, facts, {d: size})


Q7_TRIANGULAR = Check(
    claims=(
        equation(VELOCITY, T * FLOW),
        equation(START, one),
        equation(END, epsilon * one),
    ),
    cases=distinct_diagonals,
)


def one_number(value: Any, known: Mapping[Any, Any]) -> Callable[[int], Iterator[Case]]:
    """T is one number times I."""

    def cases(size: int) -> Iterator[Case]:
        values = {T: value * eye(size)}
        facts = Facts({**known, 2 * pi * I * integer: Rational(1)}, tuple(known.values()))
        yield Case("one number", values, facts, {d: size})

    return cases


Q7_PERIOD = Check(
    claims=(equation(Exp(T), epsilon * one),),
    cases=one_number(nu + 2 * pi * I * integer, {nu: epsilon}),
)
MB, MP, B1, B2, CC = square("M M' A1 A2 C1")
Q7_BLOCK = Check(
    let={MP: MB * B1**-1, CC: B1**-1 * B2},
    nonzero=(Determinant(B1),),
    claims=(equation(MP * B1, MB), equation(MP * B2, MB * CC)),
    cases=generic(MB, B1, B2),
)

# Q7', singular block: T = [T11 T12; 0 0], T11 invertible; e^(m + 2πi·a) = 1/α for m = −c.
T11, T12 = MatrixSymbol("T11", q, q), MatrixSymbol("T12", q, d - q)
LOW = ZeroMatrix(d - q, q)
NIL = ZeroMatrix(d - q, d - q)


def similarity(corner: Any) -> Any:
    """[[I, corner], [0, I]]."""
    return BlockMatrix([[Identity(q), corner], [LOW, Identity(d - q)]])


def similar(corner: Any) -> Any:
    """T·V = V·diag(T11, 0)."""
    V = similarity(corner)
    return equation(
        BlockMatrix([[T11, T12], [LOW, NIL]]) * V, V * BlockMatrix([[T11, LOW.T], [LOW, NIL]])
    )


SOLVED = -(T11**-1) * T12
Q7P_SIMILAR = Check(
    nonzero=(Determinant(T11),),
    claims=(similar(SOLVED), equation(Determinant(similarity(SOLVED)), 1)),
    cases=each_block(T11, T12),
)
Q7P_NUMBER = Check(
    claims=(equation(alpha * Exp(T), one),),
    cases=one_number(-c + 2 * pi * I * integer, {c: alpha}),
)

STATEMENTS: dict[str, tuple[Check, ...]] = {
    "Q0": (Q0,),
    "Q1": (Q1,),
    "Q2": (Q2,),
    "Q3": (Q3,),
    "Q4": (Q4,),
    "Q5": (Q5_STAGE, Q5_ELIMINATION, Q5_SHEAR, Q5_CORRECTION),
    "Q5'": (Q5P,),
    "Q7": (Q7_TRIANGULAR, Q7_PERIOD, Q7_BLOCK),
    "Q7'": (Q7P_SIMILAR, Q7P_NUMBER),
}
