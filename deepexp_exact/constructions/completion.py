"""The completion: an invertible K with Y1·K = Y2, for Y's of any rank (statements S1 to S3).

With [C1 C2] the reduced row echelon form of [Y1 Y2] and S a d×r matrix for which C1·S and C2·S are
invertible, K = I + S·(C1·S)⁻¹·(C2 − C1); it exists exactly where Y1 and Y2 have one column space.
S bisects the angle between the two row spaces, so that K is as near to I as they allow.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..errors import BranchError, FormatError, NoSolutionError
from ..exact import (
    MAX_DIMENSION,
    ExactMatrix,
    Quotient,
    gaussian,
    hex_pair,
    hstack,
    matrix_from_hex,
)
from ..files import expect_int, expect_keys, expect_list
from ..problems import Problem

#: Bits of the entries of the bisector.
_BITS = 12


@dataclass(frozen=True)
class Completion:
    """The rank of Y1 and Y2 and, where it is neither 0 nor full, the matrix S that makes K."""

    rank: int
    S: ExactMatrix | None = None

    def quotient(self, problem: Problem) -> Quotient:
        """K: Y1⁻¹·Y2, not formed, where Y1 and Y2 are invertible; I⁻¹·K otherwise.

        Raises :class:`BranchError` where S or the rank does not belong to the problem."""
        if self.S is None and self.rank == problem.d:
            return problem.quotient
        return _completed(problem.Y1, problem.Y2, self)

    def differences(self, other: Completion) -> list[str]:
        """What differs, in words."""
        if self.rank != other.rank:
            return [f"rank of the outputs: {self.rank} and {other.rank}"]
        return [] if self.S == other.S else ["the matrix S of the completion"]

    def to_json(self) -> dict[str, Any]:
        """The completion as a record's file holds it."""
        rows = None if self.S is None else self.S.to_rows()
        return {"rank": self.rank, "S": rows and [[hex_pair(z) for z in row] for row in rows]}

    @classmethod
    def from_json(cls, table: Any, where: str) -> Completion:
        """Read the rank and S; whether they belong to a problem is for :meth:`quotient`."""
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, ("rank", "S"), where)
        rank = expect_int(table["rank"], f"{where}: rank", 0, MAX_DIMENSION)
        if table["S"] is None:
            return cls(rank)
        rows = [expect_list(row, f"{where}: S", rank) for row in expect_list(table["S"], where)]
        if not 0 < rank < len(rows) <= MAX_DIMENSION:
            raise FormatError(f"{where}: S goes with a rank below the dimension and above 0")
        return cls(rank, matrix_from_hex(rows, f"{where}: S"))


@lru_cache(maxsize=32)
def _completed(Y1: ExactMatrix, Y2: ExactMatrix, completion: Completion) -> Quotient:
    d = Y1.rows
    one = ExactMatrix.identity(d)
    C1, C2 = row_factors(Y1, Y2)
    if C1.rows != completion.rank:
        raise BranchError(
            f"the record is for outputs of rank {completion.rank}, these have rank {C1.rows}",
            "is it the record of another problem?",
        )
    if completion.rank == 0:
        return Quotient(one, one, ("I", "K"))
    S = completion.S
    if S is None or (S.rows, S.cols) != (d, completion.rank) or not _admissible(C1, C2, S):
        raise BranchError("S does not complete the outputs", "make the record again")
    return Quotient(one, one + S @ (C1 @ S).solve(C2 - C1), ("I", "K"))


def _admissible(C1: ExactMatrix, C2: ExactMatrix, S: ExactMatrix) -> bool:
    return (C1 @ S).is_invertible() and (C2 @ S).is_invertible()


def row_factors(Y1: ExactMatrix, Y2: ExactMatrix) -> tuple[ExactMatrix, ExactMatrix]:
    """C1 and C2, r×d, with Yi = B·Ci for one B of full column rank (S1).

    Raises :class:`NoSolutionError` with the three ranks where the column spaces differ (N1)."""
    d = Y1.rows
    form, pivots = hstack(Y1, Y2).rref()
    r = len(pivots)
    r1, r2 = Y1.rank(), Y2.rank()
    if not (r1 == r2 == r):
        raise NoSolutionError(
            "no solution: Y1 and Y2 have different column spaces, and f(X1), f(X2) always have one "
            f"(N1): rank Y1 = {r1}, rank Y2 = {r2}, rank [Y1 Y2] = {r}",
            "give outputs with one column space",
            "N1",
            (r1, r2, r),
        )
    return form.part(range(r), range(d)), form.part(range(r), range(d, 2 * d))


def complete(problem: Problem) -> Completion:
    """The completion of a problem's outputs; :class:`NoSolutionError` where there is none (N1)."""
    if problem.Y1.is_invertible() and problem.Y2.is_invertible():
        return Completion(problem.d)
    C1, C2 = row_factors(problem.Y1, problem.Y2)
    r = C1.rows
    if r == 0:
        return Completion(0)
    S = _bisector(C1, C2)
    rng = random.Random(0)
    while S is None or not _admissible(C1, C2, S):
        S = ExactMatrix.from_rows(
            [[rng.randint(-9, 9) for _ in range(r)] for _ in range(problem.d)]
        )
    return Completion(r, S)


def _bisector(C1: ExactMatrix, C2: ExactMatrix) -> ExactMatrix | None:
    """U1·P + U2·Q for orthonormal bases Ui of the row spaces with U1*·U2 = P·Σ·Q*, rounded."""
    import numpy as np

    rows = [C.to_numpy() for C in (C1, C2)]
    if not all(np.isfinite(C).all() for C in rows):
        return None
    U1, U2 = (np.linalg.qr(C.conj().T)[0] for C in rows)
    P, _, Q = np.linalg.svd(U1.conj().T @ U2)
    S: Any = U1 @ P + U2 @ Q.conj().T
    if not np.isfinite(S).all():
        return None
    scale = 2**_BITS
    entries = [[gaussian(round(z.real * scale), round(z.imag * scale)) for z in row] for row in S]
    return ExactMatrix.from_rows(entries).scale(gaussian(1) / gaussian(scale))
