"""The statements in sympy, in the order and the words of proofs/theorem.md.

f(X) = W3·exp(W2·exp(W1·X)), every matrix of size d.  Each statement is a tuple of checks: equations
between matrix expressions, what earlier steps give, definitions, hypotheses, and the cases that
stand for every matrix of size d (generic entries, or each Jordan type with symbolic eigenvalues;
the reduction to Jordan types is in proofs/theorem.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sympy import (
    BlockMatrix,
    Determinant,
    I,
    Identity,
    MatrixSymbol,
    Rational,
    Symbol,
    ZeroMatrix,
    diag,
    pi,
    symbols,
)

from .deciding import Facts
from .language import (
    Case,
    Check,
    Exp,
    count_types,
    d,
    diagonal,
    equation,
    explicit,
    generic,
    jordan,
    jordan_form,
    segre_characteristics,
    square,
    toeplitz,
)

X1, X2, Y1, Y2, W1, W2, W3, D, K = square("X1 X2 Y1 Y2 W1 W2 W3 D K")
A, L, M, Z, W, P, J = square("A L M Z W P J")
E1, E2, T, U, G, V, GX = square("E1 E2 T U G V GX")
alpha, c = symbols("alpha c")
one, zero = Identity(d), ZeroMatrix(d, d)


def f(X: MatrixSymbol) -> MatrixSymbol:
    """The network."""
    return W3 * Exp(W2 * Exp(W1 * X))


# P1, shift: W1 := c·D⁻¹ with D = X2 − X1 gives W1·X2 = W1·X1 + c·I.
P1 = Check(
    let={D: X2 - X1, W1: c * D**-1},
    nonzero=(Determinant(D),),
    claims=(equation(W1 * X2, W1 * X1 + c * one),),
    cases=generic(X1, X2),
)

# P2, first layer: exp(W1·X2) = α·exp(W1·X1), α = e^c; by P1, W1·X2 = M + c·I with M = W1·X1.
P2 = Check(
    given={W1 * X1: M, W1 * X2: M + c * one},
    exponentials={c: alpha},
    nonzero=(alpha,),
    claims=(equation(Exp(W1 * X2), alpha * Exp(W1 * X1)),),
    cases=jordan(M, "mu"),
    count=count_types,
    library=True,
)

# P3, inverse: A = exp(W1·X1) is invertible and A⁻¹ = exp(−W1·X1); M = W1·X1.
P3 = Check(
    given={W1 * X1: M, A: Exp(W1 * X1)},
    claims=(equation(Exp(-W1 * X1) * A, one), equation(A * Exp(-W1 * X1), one)),
    cases=jordan(M, "mu"),
    count=count_types,
)

# P4, logarithm: K = Y1⁻¹·Y2 is invertible, and has a logarithm for each choice of integers.
P4_INVERTIBLE = Check(
    let={K: Y1**-1 * Y2, T: Y2**-1 * Y1},
    nonzero=(Determinant(Y1), Determinant(Y2)),
    claims=(equation(Y1 * K, Y2), equation(K * T, one)),
    cases=generic(Y1, Y2),
)


def logarithms(turn: Symbol = 2 * pi * I, sign: int = -1) -> Callable[[int], Iterator[Case]]:
    """K of each Jordan type and L: on a block λ + N the matrix ℓ + 2πi·k + N/λ − N²/(2λ²) + ...
    with e^ℓ = λ and an integer k of its own."""

    def cases(size: int) -> Iterator[Case]:
        for kind in segre_characteristics(size):
            blocks: list[Any] = []
            known: dict[Any, Any] = {}
            for j, part in enumerate(kind, start=1):
                value, log = symbols(f"lambda{j} ell{j}")
                known[log] = value
                for n in part:
                    k = Symbol(f"k{len(blocks) + 1}")
                    known[2 * pi * I * k] = Rational(1)
                    series = [log + turn * k]
                    series += [Rational(sign ** (m - 1), m) / value**m for m in range(1, n)]
                    blocks.append(toeplitz(series))
            form = jordan_form(kind, "lambda")
            facts = Facts(known, diagonal(form))
            yield Case(f"type {kind}", {K: form, L: diag(*blocks)}, facts, {d: size})

    return cases


P4_LOGARITHM = Check(claims=(equation(Exp(L), K),), cases=logarithms(), count=count_types)

# P5, second layer: Z := L/(α − 1), W2 := Z·A⁻¹ give W2·exp(W1·X1) = Z, W2·exp(W1·X2) = α·Z.
P5 = Check(
    given={Exp(W1 * X1): A, Exp(W1 * X2): alpha * A},  # P2
    let={Z: L / (alpha - 1), W2: Z * A**-1},
    nonzero=(alpha, alpha - 1, Determinant(A)),
    claims=(
        equation((alpha - 1) * Z, L),
        equation(W2 * Exp(W1 * X1), Z),
        equation(W2 * Exp(W1 * X2), alpha * Z),
    ),
    cases=generic(L, A),
)

# P6, telescope: exp(α·Z) = exp(Z)·exp((α − 1)·Z) = exp(Z)·K, since K = exp(L), L = (α − 1)·Z.
P6 = Check(
    given={K: Exp((alpha - 1) * Z)},  # P4, P5
    nonzero=(alpha, alpha - 1),
    claims=(equation(Exp(alpha * Z), Exp(Z) * K),),
    cases=jordan(Z, "z"),
    count=count_types,
)

# P7, outputs: W3 := Y1·exp(−Z) gives f(X1) = Y1 and f(X2) = Y1·K = Y2.
P7 = Check(
    given={
        W2 * Exp(W1 * X1): Z,  # P5
        W2 * Exp(W1 * X2): alpha * Z,
        K: Exp((alpha - 1) * Z),  # P6
    },
    let={W3: Y1 * Exp(-Z)},
    nonzero=(alpha, alpha - 1),
    claims=(equation(f(X1), Y1), equation(f(X2), Y1 * K)),
    cases=jordan(Z, "z", Y1),
    count=count_types,
)
P7_QUOTIENT = Check(
    let={K: Y1**-1 * Y2},
    nonzero=(Determinant(Y1),),
    claims=(equation(Y1 * K, Y2),),
    cases=generic(Y1, Y2),
)

# B1, one layer: some W has W·X = Y, X = [X1 X2], Y = [Y1 Y2], iff rank X = rank [X; Y].
# Invertible row and column operations bring X to [I_r 0; 0 0], Y = [Y_left Y_right].
r = Symbol("r", integer=True, nonnegative=True)
Y_left, W_left = (MatrixSymbol(name, d, r) for name in ("Y_left", "W_left"))
Y_right = MatrixSymbol("Y_right", d, 2 * d - r)
W_right = MatrixSymbol("W_right", d, d - r)
gram, u = MatrixSymbol("Gram", r, r), MatrixSymbol("u", 1, d)
cross, w = MatrixSymbol("Cross", 1, r), MatrixSymbol("w", 1, r)
e, R = MatrixSymbol("e", 1, 2 * d), MatrixSymbol("R", d, 2 * d)
e_adjoint, R_adjoint = MatrixSymbol("e_adj", 2 * d, 1), MatrixSymbol("R_adj", 2 * d, d)
u_adjoint = MatrixSymbol("u_adj", d, 1)
X_ROWS = [
    [Identity(r), ZeroMatrix(r, 2 * d - r)],
    [ZeroMatrix(d - r, r), ZeroMatrix(d - r, 2 * d - r)],
]
NORMAL = BlockMatrix(X_ROWS)
W_WHOLE = BlockMatrix([[W_left, W_right]])
BEST = BlockMatrix([[Y_left, ZeroMatrix(d, d - r)]])
WIDE = ZeroMatrix(d, 2 * d - r)
X_OVER_Y = BlockMatrix([[NORMAL], [BlockMatrix([[Y_left, Y_right]])]])
X_OVER_RIGHT = BlockMatrix([[NORMAL], [BlockMatrix([[ZeroMatrix(d, r), Y_right]])]])


def elimination(best: MatrixSymbol) -> BlockMatrix:
    """Subtracts best·X from the rows below X."""
    return BlockMatrix([[one, zero], [-best, one]])


def each_rank(*free: MatrixSymbol, least: int = 0) -> Callable[[int], Iterator[Case]]:
    """A case for each rank r, entries generic."""

    def cases(size: int) -> Iterator[Case]:
        for rank in range(least, size + 1):
            sizes = {d: size, r: rank}
            yield Case(f"rank {rank}", {s: explicit(s, sizes) for s in free}, sizes=sizes)

    return cases


B1_EQUIVALENT = Check(
    let={V: W * G**-1, GX: G * X1},
    nonzero=(Determinant(G),),
    claims=(equation(V * GX, W * X1),),
    cases=generic(G, W, X1),
)
B1_RANK = Check(
    claims=(
        equation(elimination(BEST) * X_OVER_Y, X_OVER_RIGHT),
        equation(Determinant(elimination(BEST)), Rational(1)),
        equation(W_WHOLE * NORMAL, BlockMatrix([[W_left, WIDE]])),
        equation(BEST * NORMAL, BlockMatrix([[Y_left, WIDE]])),
    ),
    cases=each_rank(Y_left, Y_right, W_left, W_right),
)
# The best W otherwise, row by row: w := y·R*·(R·R*)⁻¹ solves the normal equations, and Pythagoras.
B1_NORMAL_EQUATIONS = Check(
    let={w: cross * gram**-1},
    nonzero=(Determinant(gram),),
    claims=(equation(w * gram, cross),),
    cases=each_rank(gram, cross, least=1),
)
B1_PYTHAGORAS = Check(
    claims=(
        equation(
            (e + u * R) * (e_adjoint + R_adjoint * u_adjoint),
            e * e_adjoint
            + u * R * R_adjoint * u_adjoint
            + e * R_adjoint * u_adjoint
            + u * R * e_adjoint,
        ),
    ),
    cases=generic(e, u, R, e_adjoint, u_adjoint, R_adjoint),
)

# N1, equal column spaces: Yi = W3·Ei, Ei := exp(W2·exp(W1·Xi)) invertible by P3.
N1 = Check(
    let={Y1: W3 * E1, Y2: W3 * E2, T: E1**-1 * E2, U: E2**-1 * E1},
    nonzero=(Determinant(E1), Determinant(E2)),
    claims=(equation(Y1 * T, Y2), equation(Y2 * U, Y1)),
    cases=generic(W3, E1, E2),
)

# N2, equal inputs: X1 = X2 forces f(X1) = f(X2); of exp only that it is a function.
N2 = Check(
    given={X2: X1},
    claims=(equation(f(X1), f(X2)),),
    cases=generic(W1, W2, W3, X1),
    opaque=True,
)

# N3, two layers fail: X1 = diag(I_r, 0), X2 = I − X1.  exp(−t·W·X1) = E with G = exp(−t·W11) and
# H = ∫G, exp(t·W·X2) = F with Q = exp(t·W22) and S = ∫Q: each solves its differential equation.
W11, G11, H11 = square("W11 G11 H11", r)
W22, Q22, S22 = square("W22 Q22 S22", d - r)
W12, W21 = MatrixSymbol("W12", r, d - r), MatrixSymbol("W21", d - r, r)
Z12, Z21 = ZeroMatrix(r, d - r), ZeroMatrix(d - r, r)
I11, I22, Z11, Z22 = Identity(r), Identity(d - r), ZeroMatrix(r, r), ZeroMatrix(d - r, d - r)
LEADING = BlockMatrix([[I11, Z12], [Z21, Z22]])


def first_flow(G: MatrixSymbol, H: MatrixSymbol) -> BlockMatrix:
    """exp(−t·W·X1), given exp(−t·W11) and its integral."""
    return BlockMatrix([[G, Z12], [-W21 * H, I22]])


def second_flow(Q: MatrixSymbol, S: MatrixSymbol) -> BlockMatrix:
    """exp(t·W·X2), given exp(t·W22) and its integral."""
    return BlockMatrix([[I11, W12 * S], [Z21, Q]])


N3_BLOCK = Check(
    let={
        X1: LEADING,
        X2: one - LEADING,
        W: BlockMatrix([[W11, W12], [W21, W22]]),
        E1: first_flow(G11, H11),
        E2: second_flow(Q22, S22),
    },
    claims=(
        # dE/dt = −W·X1·E by dG/dt = −W11·G, dH/dt = G; dF/dt = W·X2·F by dQ/dt = W22·Q, dS/dt = Q
        equation(BlockMatrix([[-W11 * G11, Z12], [-W21 * G11, Z22]]), -W * X1 * E1),
        equation(BlockMatrix([[Z11, W12 * Q22], [Z21, W22 * Q22]]), W * X2 * E2),
        equation(BlockMatrix([[I11, Z12]]) * E1 * E2 * BlockMatrix([[I11], [Z21]]), G11),
        equation(first_flow(I11, Z11), one),
        equation(second_flow(I22, Z22), one),
        equation((X2 - X1) * (X2 - X1), one),
    ),
    cases=each_rank(W11, W12, W21, W22, G11, H11, Q22, S22),
)

# A function of one matrix: M = P·J·P⁻¹ has exp(t·M) = P·exp(t·J)·P⁻¹ because P⁻¹·P = I.
SIMILARITY = Check(
    let={U: P**-1},
    nonzero=(Determinant(P),),
    claims=(equation(U * P, one), equation(P * U, one)),
    cases=generic(P),
)

#: The checks of each statement.
STATEMENTS: dict[str, tuple[Check, ...]] = {
    "P1": (P1,),
    "P2": (P2,),
    "P3": (P3,),
    "P4": (P4_INVERTIBLE, P4_LOGARITHM),
    "P5": (P5,),
    "P6": (P6,),
    "P7": (P7, P7_QUOTIENT),
    "B1": (B1_EQUIVALENT, B1_RANK, B1_NORMAL_EQUATIONS, B1_PYTHAGORAS),
    "N1": (P3, N1),
    "N2": (N2,),
    "N3": (P3, N3_BLOCK),
}
