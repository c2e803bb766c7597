"""The row ℓ of W1 = z·ℓ: which of the four cases of Theorem 1 it makes, and how good it is."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from flint import fmpq

from ...errors import BranchError
from ...exact import ExactMatrix, GaussianRational, gaussian, vstack
from ...problems import Problem

#: Rows drawn beside the unit rows and the kernels.
_DRAWN = 6


@dataclass(frozen=True)
class Row:
    """ℓ with r1 = ℓ·X1 ≠ ℓ·X2 = r2.  Case 1: r1 = 0, 2: r2 = 0, 3: r2 = ρ·r1, 4: independent.
    ``p`` is the row of exp(−A)·exp(A + w·p) = K."""

    ell: ExactMatrix
    r1: ExactMatrix
    r2: ExactMatrix
    case: int
    rho: GaussianRational | None = None

    @property
    def p(self) -> ExactMatrix:
        return self.r1 if self.case in (2, 3) else self.r2


def row_of(problem: Problem, ell: ExactMatrix) -> Row:
    """The case that ℓ makes; :class:`BranchError` where ℓ·X1 = ℓ·X2."""
    r1, r2 = ell @ problem.X1, ell @ problem.X2
    if r1 == r2:
        raise BranchError("the row ℓ has ℓ·X1 = ℓ·X2", "is it the record of another problem?")
    if r1.is_zero() or r2.is_zero():
        return Row(ell, r1, r2, 1 if r1.is_zero() else 2)
    place = next(j for j, z in enumerate(r1.entries()) if not z.is_zero())
    rho = r2[0, place] / r1[0, place]
    if r2 == r1.scale(rho):
        return Row(ell, r1, r2, 3, rho)
    return Row(ell, r1, r2, 4)


def reach(p: ExactMatrix, K: ExactMatrix) -> int:
    """The rank of [p; p·K; …; p·K^(d−1)], exactly."""
    return krylov(p, K, K.rows).rank()


def krylov(p: ExactMatrix, K: ExactMatrix, length: int) -> ExactMatrix:
    """[p; p·K; …] with so many rows."""
    rows = [p]
    while len(rows) < length:
        rows.append(rows[-1] @ K)
    out = rows[0]
    for row in rows[1:]:
        out = vstack(out, row)
    return out


@lru_cache(maxsize=8)
def rows(problem: Problem, K: ExactMatrix, seed: int = 0) -> tuple[Row, ...]:
    """Rows ℓ in the order in which they are to be tried: those whose p sees the most of K first,
    and among these cases 1 and 2, then 3, then 4."""
    rng, d = random.Random(seed), problem.d
    offered: list[ExactMatrix] = []
    for X in (problem.X1, problem.X2):
        basis = X.transpose().kernel().transpose()
        offered += [basis.part([r], range(d)) for r in range(basis.rows)]
        if basis.rows > 1:
            offered += [_drawn(basis.rows, rng) @ basis for _ in range(4)]
    unit = ExactMatrix.identity(d)
    offered += [unit.part([r], range(d)) for r in range(d)]
    offered += [_drawn(d, rng) for _ in range(_DRAWN)]
    made: list[tuple[int, int, int, Row]] = []
    for place, ell in enumerate(offered):
        if ell.is_zero() or ell @ problem.D == ExactMatrix.zero(1, d):
            continue
        row = row_of(problem, _scaled(ell, row_of(problem, ell).p))
        made.append((-reach(row.p, K), max(row.case, 2), place, row))
    made.sort(key=lambda item: item[:3])
    return tuple({row.ell: row for *_, row in made}.values())


def _drawn(length: int, rng: random.Random) -> ExactMatrix:
    while True:
        row = [rng.randint(-3, 3) for _ in range(length)]
        if any(row):
            return ExactMatrix.from_rows([row])


def _scaled(row: ExactMatrix, like: ExactMatrix) -> ExactMatrix:
    """The row times the power of two that brings the length of ``like`` near 1."""
    size = like.frobenius_squared()
    exponent = (int(size.p).bit_length() - int(size.q).bit_length()) // 2
    return row.scale(gaussian(fmpq(2) ** -exponent)) if exponent else row


def unit_length(row: ExactMatrix, like: ExactMatrix) -> ExactMatrix:
    """The row times the power of two that brings its length near that of ``like``."""
    a, b = (float_log2(r) for r in (row, like))
    return row.scale(gaussian(fmpq(2) ** round(b - a)))


def float_log2(row: ExactMatrix) -> float:
    """log2 of the Euclidean length, exactly enough."""
    size = row.frobenius_squared()
    p, q = int(size.p), int(size.q)
    return (math.log2(p) - math.log2(q)) / 2 if p else -math.inf
