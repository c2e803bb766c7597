"""R1 to R3, R6 and R8 in sympy: real weights for real data (proofs/theorem.md)."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Determinant, I, Matrix, MatrixSymbol, Rational, symbols, zeros

from ..language import Case, Check, Exp, count_types, d, equation, generic, jordan
from ..statements import P3, W1, W2, W3, X1, X2, Y1, A, D, J, K, M, U, W, Z, f, one

a, beta = symbols("a beta")
SKEW, B, E, V = (MatrixSymbol(name, d, d) for name in ("S", "B", "E", "V"))

# R1, pair: A = S + a·I and B with exp(B) = e^a·exp(S)·K give exp(−A)·exp(B) = K.
R1 = Check(
    given={Exp(B): beta * Exp(SKEW) * K},
    let={A: SKEW + a * one},
    exponentials={a: beta},
    nonzero=(beta,),
    claims=(equation(Exp(-SKEW - a * one) * Exp(B), K),),
    cases=jordan(SKEW, "s", K),
    count=count_types,
)
# B = log(exp(S)·K) + a·I is such a B, as exp(L + a·I) = e^a·exp(L).
R1_SHIFT = Check(
    exponentials={a: beta},
    nonzero=(beta,),
    claims=(equation(Exp(M + a * one), beta * Exp(M)),),
    cases=jordan(M, "m"),
)

# R2, second layer of a pair: exp(W1·X2) = exp(W1·X1)·U with A·U = B.
R2 = Check(
    given={Exp(W1 * X1): E, Exp(W1 * X2): E * U},
    let={W2: A * E**-1},
    nonzero=(Determinant(E),),
    claims=(equation(W2 * Exp(W1 * X1), A), equation(A * U, A * E**-1 * (E * U))),
    cases=generic(A, E, U),
)
R2_OUTPUTS = Check(
    given={W2 * Exp(W1 * X1): A, Exp(W2 * Exp(W1 * X2)): Exp(A) * K},
    let={W3: Y1 * Exp(-A)},
    claims=(equation(f(X1), Y1), equation(f(X2), Y1 * K)),
    cases=jordan(A, "a", Y1, K),
    count=count_types,
)

# R3, contraction: F(W) = W·D + terms of degree 2 and more, and W − F·D⁻¹ = W just where F = 0.
R3 = Check(
    let={D: X2 - X1},
    claims=(equation((one - W * X1) * (one + W * X2), one + W * D - W * X1 * W * X2),),
    cases=generic(W, X1, X2),
)
R3_FIXED = Check(
    let={U: Z * D**-1},
    nonzero=(Determinant(D),),
    claims=(equation(U * D, Z),),
    cases=generic(Z, D),
)

# R6, equal signs: exp(M) = exp(M/2)², so that det f(X) = det W3·(det exp(M/2))².
R6_ROOT = Check(
    claims=(equation(Exp(M), Exp(M / 2) * Exp(M / 2)),),
    cases=jordan(M, "m"),
    count=count_types,
)
R6_DETERMINANT = Check(
    claims=(equation(Determinant(W3 * E * E), Determinant(W3) * Determinant(E) ** 2),),
    cases=generic(W3, E),
)

# R8, real logarithm: J commutes with Π and has J² = −I on its range.  N = −(i·J + I)·Π/2 has the
# eigenvalues −1 and 0, with eigenvectors, so exp(2πi·N) = I; it commutes with K and L0.
PI, N, DELTA = (MatrixSymbol(name, d, d) for name in ("Pi", "N", "Delta"))


def paired(size: int) -> Iterator[Case]:
    """Π = diag(I, 0) of each even rank 2m; J = [0 −I; I 0] on its range, 0 elsewhere."""
    for m in range(size // 2 + 1):
        yield _case(size, m)


def _case(size: int, m: int) -> Case:
    values = {name: zeros(size, size) for name in (PI, J, U, V, DELTA)}
    for j in range(size):
        values[PI][j, j] = int(j < 2 * m)
        values[V][j, j] = values[U][j, j] = 1
        values[DELTA][j, j] = -int(j < m)
    for j in range(m):
        values[J][j, j + m], values[J][j + m, j] = -1, 1
        values[V][j + m, j], values[V][j, j + m] = I, I
        half = Rational(1, 2)
        values[U][j, j], values[U][j + m, j + m] = half, half
        values[U][j + m, j], values[U][j, j + m] = -I * half, -I * half
    return Case(f"rank {2 * m}", {k: Matrix(v) for k, v in values.items()}, sizes={d: size})


R8 = Check(
    let={N: -Rational(1, 2) * (I * J + one) * PI},
    claims=(
        equation(J * J * PI, -PI),
        equation(N * N, -N),
        equation(N * V, V * DELTA),
        equation(V * U, one),
        equation(2 * I * N, (J - I * one) * PI),
    ),
    cases=paired,
)

STATEMENTS: dict[str, tuple[Check, ...]] = {
    "R1": (R1, R1_SHIFT),
    "R2": (P3, R2, R2_OUTPUTS),
    "R3": (R3, R3_FIXED),
    "R6": (P3, R6_ROOT, R6_DETERMINANT),
    "R8": (R8,),
}
