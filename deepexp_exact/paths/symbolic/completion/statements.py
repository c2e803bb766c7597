"""S1 to S3 in sympy: a matrix K with Y1·K = Y2 for Y's of any rank (proofs/theorem.md)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sympy import BlockMatrix, Determinant, Identity, Matrix, MatrixSymbol, ZeroMatrix

from ..language import Case, Check, d, equation
from ..statements import Y1, Y2, K, V, each_rank, one, r

# S1, rank test.  Invertible row and column operations bring Y1 to [I_r 0; 0 0], Y2 = [Top; Below]:
# rank [Y1 Y2] = r + rank Below, and Y1·T has no rows below, whatever T is.
TOP, T_TOP = MatrixSymbol("Top", r, d), MatrixSymbol("T_top", r, d)
BELOW, T_BELOW = MatrixSymbol("Below", d - r, d), MatrixSymbol("T_below", d - r, d)
NOTHING = ZeroMatrix(d - r, d)
NORMAL = BlockMatrix(
    [[Identity(r), ZeroMatrix(r, d - r)], [ZeroMatrix(d - r, r), ZeroMatrix(d - r, d - r)]]
)
TRANSFER = BlockMatrix([[TOP], [NOTHING]])
ELIMINATION = BlockMatrix([[one, -TRANSFER], [ZeroMatrix(d, d), one]])
SECOND = BlockMatrix([[TOP], [BELOW]])
S1 = Check(
    claims=(
        equation(
            BlockMatrix([[NORMAL, SECOND]]) * ELIMINATION,
            BlockMatrix([[NORMAL, BlockMatrix([[ZeroMatrix(r, d)], [BELOW]])]]),
        ),
        equation(Determinant(ELIMINATION), 1),
        equation(NORMAL * BlockMatrix([[T_TOP], [T_BELOW]]), BlockMatrix([[T_TOP], [NOTHING]])),
    ),
    cases=each_rank(TOP, BELOW, T_TOP, T_BELOW),
)

# S2, completion: K := I + S·(C1·S)⁻¹·(C2 − C1) with Yi = B·Ci.
B, S = MatrixSymbol("B", d, r), MatrixSymbol("S", d, r)
C1, C2, R = (MatrixSymbol(name, r, d) for name in ("C1", "C2", "R"))
G = MatrixSymbol("G", r, r)
S2_PRODUCT = Check(
    given={C1 * S: G},
    let={R: G**-1 * (C2 - C1)},
    nonzero=(Determinant(G),),
    claims=(equation(C1 + C1 * S * R, C2),),
    cases=each_rank(C1, C2, S, G, least=1),
)
# det K = det(I + S·R) = det(I + R·S), by two factorizations of one matrix into triangular ones;
# C1·S·(I + R·S) = C1·(I + S·R)·S = C2·S, so this is det(C2·S)/det(C1·S).
MIDDLE = BlockMatrix([[one, -S], [R, Identity(r)]])
S2_DETERMINANT = Check(
    claims=(
        equation(C1 * (one + S * R), C1 + C1 * S * R),
        equation(C1 * S * (Identity(r) + R * S), C1 * (one + S * R) * S),
        equation(
            BlockMatrix([[one + S * R, -S], [ZeroMatrix(r, d), Identity(r)]])
            * BlockMatrix([[one, ZeroMatrix(d, r)], [R, Identity(r)]]),
            MIDDLE,
        ),
        equation(
            BlockMatrix([[one, ZeroMatrix(d, r)], [R, Identity(r) + R * S]])
            * BlockMatrix([[one, -S], [ZeroMatrix(r, d), Identity(r)]]),
            MIDDLE,
        ),
    ),
    cases=each_rank(C1, S, R, least=1),
)


def small_ranks(size: int) -> Iterator[Case]:
    """The cases in which the formula is checked as it stands, without a factorization."""
    if size <= 2:
        yield from each_rank(B, C1, C2, S, least=1)(size)


S2_LITERAL = Check(
    let={V: S * (C1 * S) ** -1 * (C2 - C1), K: one + V, Y1: B * C1, Y2: B * C2},
    nonzero=(Determinant(C1 * S),),
    claims=(
        equation(Y1 * K, Y2),
        equation(Determinant(K) * Determinant(C1 * S), Determinant(C2 * S)),
    ),
    cases=small_ranks,
)

# S3, a completion exists: det(C·S) is a nonzero polynomial in S, since at the matrix E of the
# columns of I with the numbers J it is the minor of C with the columns J, one of which is not 0.
E, C_J = MatrixSymbol("E", d, r), MatrixSymbol("C_J", r, r)


def column_sets(size: int) -> Iterator[Case]:
    """A case for each rank and set of columns."""
    for case in each_rank(C1, least=1)(size):
        C = case.values[C1]
        for columns in combinations(range(size), C.rows):
            unit = Matrix(size, C.rows, lambda i, j, J=columns: int(i == J[j]))
            values = {C1: C, E: unit, C_J: C[:, list(columns)]}
            yield Case(f"{case.words}, columns {columns}", values, sizes=case.sizes)


def first_columns(size: int) -> Iterator[Case]:
    """The same with the first columns as C_J, wrong for every other set."""
    for case in column_sets(size):
        C = case.values[C1]
        yield Case(case.words, {**case.values, C_J: C[:, : C.rows]}, sizes=case.sizes)


S3 = Check(
    claims=(equation(C1 * E, C_J), equation(Determinant(C1 * E), Determinant(C_J))),
    cases=column_sets,
)

STATEMENTS: dict[str, tuple[Check, ...]] = {
    "S1": (S1,),
    "S2": (S2_PRODUCT, S2_DETERMINANT, S2_LITERAL),
    "S3": (S3,),
}
