"""The completion: an invertible K with Y1·K = Y2, for Y's of any rank (statements S1 to S3).

With [C1 C2] the reduced row echelon form of [Y1 Y2] and S a d×r matrix for which C1·S and C2·S are
invertible, K = I + S·(C1·S)⁻¹·(C2 − C1); it exists exactly where Y1 and Y2 have one column space.
S bisects the angle between the two row spaces, so that K is as near to I as they allow.  Where real
weights are asked for and det K < 0, K is multiplied by the reflection I − 2·n·nᵀ/(nᵀn), Y1·n = 0:
Y1·K stays Y2, and det K changes its sign.
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
    """The rank of Y1 and Y2 and, where it is neither 0 nor full, the matrix S that makes K, and the
    vector n (d×1) of a reflection of it."""

    rank: int
    S: ExactMatrix | None = None
    n: ExactMatrix | None = None

    @property
    def d(self) -> int:
        """The dimension where S or a full rank tells it, otherwise 0."""
        return self.rank if self.S is None else self.S.rows

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
        out = [] if self.S == other.S else ["the matrix S of the completion"]
        return out if self.n == other.n else [*out, "the reflection n of the completion"]

    def to_json(self) -> dict[str, Any]:
        """The completion as a record's file holds it."""
        rows = None if self.S is None else self.S.to_rows()
        n = {} if self.n is None else {"n": [hex_pair(z) for z in self.n.entries()]}
        return {"rank": self.rank, "S": rows and [[hex_pair(z) for z in row] for row in rows], **n}

    @classmethod
    def from_json(cls, table: Any, where: str) -> Completion:
        """Read the rank, S and n; whether they belong to a problem is for :meth:`quotient`."""
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, ("rank", "S"), where, ("n",))
        rank = expect_int(table["rank"], f"{where}: rank", 0, MAX_DIMENSION)
        if table["S"] is None:
            if "n" in table:
                raise FormatError(f"{where}: n goes with S")
            return cls(rank)
        rows = [expect_list(row, f"{where}: S", rank) for row in expect_list(table["S"], where)]
        if not 0 < rank < len(rows) <= MAX_DIMENSION:
            raise FormatError(f"{where}: S goes with a rank below the dimension and above 0")
        n = None
        if "n" in table:
            column = expect_list(table["n"], f"{where}: n", len(rows))
            n = matrix_from_hex([[z] for z in column], f"{where}: n")
        return cls(rank, matrix_from_hex(rows, f"{where}: S"), n)


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
    K = one + S @ (C1 @ S).solve(C2 - C1)
    n = completion.n
    if n is not None:
        if (n.rows, n.cols) != (d, 1) or n.is_zero() or not n.is_real() or not (Y1 @ n).is_zero():
            raise BranchError("n is no real vector ≠ 0 with Y1·n = 0", "make the record again")
        K = reflected(K, n)
    return Quotient(one, K, ("I", "K"))


def reflected(K: ExactMatrix, n: ExactMatrix) -> ExactMatrix:
    """(I − 2·n·nᵀ/(nᵀn))·K for a real n."""
    image = n.transpose() @ K
    size = (n.transpose() @ n)[0, 0]
    return K - (n @ image).scale(gaussian(2) / size)


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


def complete(problem: Problem, real: bool = False) -> Completion:
    """The completion of a problem's outputs, ``real``: with det K > 0 where the outputs are real
    and singular; :class:`NoSolutionError` where there is none (N1)."""
    if problem.Y1.is_invertible() and problem.Y2.is_invertible():
        return Completion(problem.d)
    C1, C2 = row_factors(problem.Y1, problem.Y2)
    r = C1.rows
    if r == 0:
        return Completion(0)
    S = _bisector(C1, C2)
    if S is None or not _admissible(C1, C2, S):
        S = _drawn(C1, C2, random.Random(0))
    found = Completion(r, S)
    if real and found.quotient(problem).matrix.real_part.det() < 0:
        n = problem.Y1.kernel()
        return Completion(r, S, n.part(range(problem.d), [0]))
    return found


def others(problem: Problem, count: int) -> list[Completion]:
    """So many completions of the outputs beside :func:`complete`'s, their S drawn; none where Y1
    and Y2 are zero or invertible."""
    first = complete(problem)
    if first.S is None:
        return []
    C1, C2 = row_factors(problem.Y1, problem.Y2)
    rng = random.Random(1)
    return [Completion(first.rank, _drawn(C1, C2, rng)) for _ in range(count)]


def _drawn(C1: ExactMatrix, C2: ExactMatrix, rng: random.Random) -> ExactMatrix:
    while True:
        rows = [[rng.randint(-9, 9) for _ in range(C1.rows)] for _ in range(C1.cols)]
        S = ExactMatrix.from_rows(rows)
        if _admissible(C1, C2, S):
            return S


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
    if C1.is_real() and C2.is_real():
        S = S.real
    scale = 2**_BITS
    entries = [[gaussian(round(z.real * scale), round(z.imag * scale)) for z in row] for row in S]
    return ExactMatrix.from_rows(entries).scale(gaussian(1) / gaussian(scale))
