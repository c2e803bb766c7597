"""S1 to S3 by normal forms: a matrix K with Y1·K = Y2 for Y's of any rank."""

from __future__ import annotations

from itertools import combinations

from ..algebra.evidence import Identities
from ..algebra.matrices import Matrix, entry_names
from ..algebra.rings import Element, Ring


class Completion:
    """The formulas, written once; a mutation gets one of them wrong."""

    def factor(self, inverse: Matrix, gap: Matrix) -> Matrix:
        """R = (C1·S)⁻¹·(C2 − C1), so that K = I + S·R."""
        return inverse @ gap

    def completed(self, identity: Matrix, correction: Matrix) -> Matrix:
        """K from S·R."""
        return identity + correction

    def below(self, Below: Matrix) -> Matrix:
        """S1: what has to vanish for Y2 = Y1·T to be solvable."""
        return Below

    def columns(self, chosen: tuple[int, ...], d: int) -> tuple[int, ...]:
        """S3: the columns of C that C·E consists of."""
        return chosen


COMPLETION = Completion()


def _determinant(matrix: Matrix) -> Matrix:
    """det as a 1×1 matrix."""
    numerator, one = matrix.adjugate()[1], matrix.ring.one
    for _ in range(matrix.height):
        one = one * matrix.denominator
    return Matrix(matrix.ring, [[numerator]], one)


def s1(d: int, evidence: Identities, formulas: Completion = COMPLETION) -> None:
    """With Y1 = diag(I_r, 0) after invertible row and column operations: column operations on
    [Y1 Y2] clear the rows of Y2 above, and Y1·T is zero below, whatever T is."""
    ring = Ring(entry_names("Y", d) + entry_names("T", d))
    Y2, T = Matrix.generic(ring, "Y", d), Matrix.generic(ring, "T", d)
    identity = Matrix.identity(ring, d)
    for rank in range(d + 1):
        Y1 = Matrix.leading(ring, d, rank)
        rest = identity - Y1
        evidence.equal(f"rank {rank}: Y2 − Y1·Y2 has no rows above", Y1 @ (Y2 - Y1 @ Y2), Y2 - Y2)
        evidence.equal(
            f"rank {rank}: Y2 − Y1·T below is what has to vanish, whatever T is",
            rest @ (Y2 - Y1 @ T),
            formulas.below(rest @ Y2),
        )
        evidence.equal(f"rank {rank}: T = Y2 solves it if that vanishes", Y1 @ Y2 + rest @ Y2, Y2)


def s2(d: int, evidence: Identities, formulas: Completion = COMPLETION) -> None:
    """C1·K = C2 with C1·S generic, and literally for d ≤ 3; det(I + S·R) = det(I + R·S)."""
    for rank in range(1, d + 1):
        sizes = {"C1": (rank, d), "C2": (rank, d), "S": (d, rank), "G": (rank, rank)}
        ring = Ring([n for k, (h, w) in sizes.items() for n in entry_names(k, h, w)])
        C1, C2, S, G = (Matrix.generic(ring, k, h, w) for k, (h, w) in sizes.items())
        ring.assume_nonzero(G.adjugate()[1])
        R = formulas.factor(G.inverse(), C2 - C1)
        evidence.equal(f"rank {rank}: C1 + (C1·S)·R = C2", formulas.completed(C1, G @ R), C2)
        if d <= 3 or rank == 1:
            inverse = (C1 @ S).inverse()
            ring.assume_nonzero(inverse.denominator)
            K = formulas.completed(Matrix.identity(ring, d), S @ formulas.factor(inverse, C2 - C1))
            evidence.equal(f"rank {rank}: C1·K = C2", C1 @ K, C2)
        if d <= 2:
            evidence.equal(
                f"rank {rank}: det K·det(C1·S) = det(C2·S)",
                _determinant(K) @ _determinant(C1 @ S),
                _determinant(C2 @ S),
            )
        _sylvester(d, rank, evidence)


def _sylvester(d: int, rank: int, evidence: Identities) -> None:
    """S·(I + R·S) = (I + S·R)·S, and for rank ≤ 2 the determinants themselves."""
    ring = Ring(entry_names("S", d, rank) + entry_names("R", rank, d))
    S, R = Matrix.generic(ring, "S", d, rank), Matrix.generic(ring, "R", rank, d)
    outer = Matrix.identity(ring, d) + S @ R
    inner = Matrix.identity(ring, rank) + R @ S
    evidence.equal(f"rank {rank}: S·(I + R·S) = (I + S·R)·S", S @ inner, outer @ S)
    if d * rank <= 8:
        evidence.equal(
            f"rank {rank}: det(I + S·R) = det(I + R·S)", _determinant(outer), _determinant(inner)
        )


def s3(d: int, evidence: Identities, formulas: Completion = COMPLETION) -> None:
    """det(C·E) is the minor of C with the columns that E picks."""
    for rank in range(1, d + 1):
        ring = Ring(entry_names("C", rank, d))
        C = Matrix.generic(ring, "C", rank, d)
        for chosen in combinations(range(d), rank):
            picks: list[list[Element]] = [
                [ring.one if i == c else ring.zero for c in chosen] for i in range(d)
            ]
            wanted = formulas.columns(chosen, d)
            evidence.equal(
                f"columns {chosen}: det(C·E) is the minor of C",
                _determinant(C @ Matrix(ring, picks)),
                _determinant(Matrix(ring, [[row[c] for c in wanted] for row in C.rows])),
            )
