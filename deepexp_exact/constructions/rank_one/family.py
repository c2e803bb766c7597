"""The linear space {(A, x, y): A·K − K·A = x·p + y·q} and whether its spectra move freely.

With B = A + K⁻¹·x·p the criterion (R) is that the differential of (χ_A, χ_B) has rank 2d at one
point of the space.  It is decided modulo a prime at a random point, by the traces of powers: a
minor that is not zero modulo the prime is not zero over Q(i), provided that the space has the same
dimension over both.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import nmod_mat

from ...exact import PRIMES, ExactMatrix, gaussian

#: The prime of the criterion.
PRIME = PRIMES[0]


@dataclass(frozen=True)
class Family:
    """K, p, q and a basis of the space, as rows of A (row by row), x, y; ``columns`` are the free
    columns of the reduced row echelon form, in which the basis is the identity."""

    K: ExactMatrix
    p: ExactMatrix
    q: ExactMatrix
    basis: ExactMatrix
    columns: tuple[int, ...]

    @property
    def d(self) -> int:
        return self.K.rows

    @property
    def dimension(self) -> int:
        return self.basis.rows


def system(K: ExactMatrix, p: ExactMatrix, q: ExactMatrix) -> ExactMatrix:
    """The d²×(d² + 2d) matrix of A·K − K·A − x·p − y·q in the entries of A (row by row), x, y."""
    d = K.rows
    k, zero = K.to_rows(), gaussian(0)
    first, second = list(p.entries()), list(q.entries())
    table = []
    for i in range(d):
        for j in range(d):
            row = [zero] * (d * d + 2 * d)
            for m in range(d):
                row[i * d + m] = row[i * d + m] + k[m][j]
                row[m * d + j] = row[m * d + j] - k[i][m]
            row[d * d + i], row[d * d + d + i] = -first[j], -second[j]
            table.append(row)
    return ExactMatrix.from_rows(table)


@lru_cache(maxsize=32)
def family(K: ExactMatrix, p: ExactMatrix, q: ExactMatrix) -> Family:
    """The space over Q(i), its basis by exact elimination."""
    form, pivots = system(K, p, q).rref()
    width = K.rows * (K.rows + 2)
    columns = sorted(set(range(width)) - set(pivots))
    rows = [[gaussian(int(c == own)) for c in range(width)] for own in columns]
    for row, own in zip(rows, columns, strict=True):
        for r, pivot in enumerate(pivots):
            row[pivot] = -form[r, own]
    return Family(K, p, q, ExactMatrix.from_rows(rows), tuple(columns))


class Modular:
    """K and p modulo the prime, for the criterion with one q after another."""

    def __init__(self, K: ExactMatrix, p: ExactMatrix) -> None:
        self.d = K.rows
        images = [m.modulo(PRIME) for m in (K, p)]
        #: Whether the prime divides no denominator and not the determinant.
        self.good = all(image is not None for image in images) and images[0].rank() == self.d
        if self.good:
            self.K, self.p = images
            self.inverse = self.K.inv()

    def rank(self, q: ExactMatrix, seed: int) -> tuple[int, int]:
        """The dimension of the space modulo the prime and the rank of the differential of
        (χ_A, χ_B) at a random member (0 where the prime does not serve)."""
        image = q.modulo(PRIME)
        if not self.good or image is None:
            return 0, 0
        d = self.d
        basis = self._kernel(image)
        m = len(basis)
        if m < 2 * d:
            return m, 0
        rng = random.Random(seed)
        point = nmod_mat(1, m, [rng.randrange(1, PRIME) for _ in range(m)], PRIME)
        flat = nmod_mat(basis, PRIME)
        A_rows = _columns(flat, 0, d * d)
        x_rows = _columns(flat, d * d, d * d + d)
        w_rows = x_rows * self.inverse.transpose()
        outer = nmod_mat(d, d * d, [0] * (d**3), PRIME)
        for i in range(d):
            for j in range(d):
                outer[i, i * d + j] = self.p[0, j]
        rows: list[list[int]] = []
        for directions in (A_rows, A_rows + w_rows * outer):
            member = nmod_mat(d, d, [int(z) for z in (point * directions).entries()], PRIME)
            power = nmod_mat(d, d, [int(i == j) for i in range(d) for j in range(d)], PRIME)
            for _ in range(d):
                column = nmod_mat(d * d, 1, [int(z) for z in power.transpose().entries()], PRIME)
                rows.append([int(z) for z in (directions * column).entries()])
                power = power * member
        return m, int(nmod_mat(rows, PRIME).rank())

    def _kernel(self, q: Any) -> list[list[int]]:
        """A basis of the space modulo the prime."""
        d, K = self.d, [[int(z) for z in row] for row in self.K.tolist()]
        p, second = ([int(z) for z in row.entries()] for row in (self.p, q))
        table = []
        for i in range(d):
            for j in range(d):
                row = [0] * (d * d + 2 * d)
                for k in range(d):
                    row[i * d + k] += K[k][j]
                    row[k * d + j] -= K[i][k]
                row[d * d + i], row[d * d + d + i] = -p[j], -second[j]
                table.append([z % PRIME for z in row])
        form, rank = nmod_mat(table, PRIME).rref()
        reduced = [[int(z) for z in row] for row in form.tolist()[:rank]]
        pivots = [next(c for c, z in enumerate(row) if z) for row in reduced]
        basis = []
        for c in sorted(set(range(d * d + 2 * d)) - set(pivots)):
            vector = [0] * (d * d + 2 * d)
            vector[c] = 1
            for row, pivot in zip(reduced, pivots, strict=True):
                vector[pivot] = -row[c] % PRIME
            basis.append(vector)
        return basis


def _columns(matrix: Any, start: int, stop: int) -> Any:
    rows = [[int(z) for z in row[start:stop]] for row in matrix.tolist()]
    return nmod_mat(rows, PRIME)
