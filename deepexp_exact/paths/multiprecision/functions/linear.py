"""Inverses, solutions and null spaces in multiprecision, each with a measured error.

Elimination with pivoting (Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 9).
The pivot is chosen from float64 magnitudes of the scaled remainder; that affects speed and
stability, never what is solved.
"""

from __future__ import annotations

import math

import gmpy2
import numpy as np
from gmpy2 import mpfr

from ....exact import ExactMatrix
from ....precision import MoreBits, raise_until
from .arrays import (
    Array,
    adjoint,
    from_exact,
    identity,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    precision,
    to_double,
)


def solve(a: Array, b: Array) -> Array:
    """X with A·X = B by elimination with partial pivoting, at the current precision.

    Raises :class:`ZeroDivisionError` if a pivot is exactly zero at this precision."""
    d = a.shape[0]
    work = np.concatenate([a, b], axis=1)
    for k in range(d):
        magnitudes = np.abs(to_double(work[k:, k : k + 1])[0][:, 0])
        p = k + int(np.argmax(magnitudes))
        if magnitudes[p - k] == 0:
            raise ZeroDivisionError("a pivot vanished")
        if p != k:
            work[[k, p]] = work[[p, k]]
        work[k, k + 1 :] = work[k, k + 1 :] / work[k, k]
        if k + 1 < d:
            work[k + 1 :, k + 1 :] -= np.outer(work[k + 1 :, k], work[k, k + 1 :])
    x = work[:, d:]
    for k in range(d - 1, 0, -1):
        x[:k] -= np.outer(work[:k, k], x[k])
    return x


def inverse(a: Array) -> Array:
    """A⁻¹ at the current precision."""
    return solve(a, identity(a.shape[0]))


def exact_inverse(matrix: ExactMatrix, bits: int, ceiling: int) -> tuple[Array, float]:
    """A⁻¹ of an exact invertible matrix with log2 of its relative error bound, at most −bits.

    With X the computed inverse, ‖X − A⁻¹‖ ≤ ‖I − A·X‖·‖A⁻¹‖; precision rises until that holds."""

    def attempt(work: int) -> tuple[Array, float]:
        with precision(work):
            a = from_exact(matrix)
            try:
                x = inverse(a)
            except ZeroDivisionError:
                raise MoreBits("no pivot is left") from None
            defect = log2_frobenius(identity(matrix.rows) - a.dot(x))
            rounding = math.log2(matrix.rows + 4) - work + log2_spectral(a) + log2_spectral(x)
            error = log2_sum(defect, rounding) + 1
        if error > -bits:
            raise MoreBits("the inverse is not accurate enough", max(error + bits, 0) + 8)
        return x, error

    remedy = "the matrix is nearly singular: ask for fewer digits, or try the path ball"
    return raise_until(attempt, bits + 40, 2 * ceiling, "inverting a matrix needs", remedy)


def exact_solve(left: ExactMatrix, right: ExactMatrix, bits: int, ceiling: int) -> Array:
    """left⁻¹·right with a relative error of at most 2^−bits (Frobenius norm)."""

    def attempt(work: int) -> Array:
        x, error = exact_inverse(left, work, ceiling)
        with precision(work + 16):
            b = from_exact(right)
            product: Array = x.dot(b)
            loss = log2_spectral(x) + log2_frobenius(b) - log2_frobenius(product)
        if loss != math.inf and error + loss + 1 > -bits:
            raise MoreBits("the solution is not accurate enough", error + loss + bits + 1, True)
        return product

    return raise_until(attempt, bits + 8, 2 * ceiling, "solving a linear system needs")


def null_space(c: Array, nullity: int) -> tuple[Array, float]:
    """(V, gap): columns of V span the null space of a matrix of known nullity.

    Elimination with complete pivoting stops after rank-many steps; ``gap`` is log2 of the largest
    entry left over the last pivot, that is roughly log2 of the relative error of V."""
    d = c.shape[0]
    rank = d - nullity
    work = c.copy()
    columns = np.arange(d)
    last = 0.0
    for k in range(rank):
        scaled, e = to_double(work[k:, k:])
        magnitudes = np.abs(scaled)
        r, s = np.unravel_index(int(np.argmax(magnitudes)), magnitudes.shape)
        if magnitudes[r, s] == 0:
            return np.empty((d, 0), dtype=object), math.inf
        last = math.log2(magnitudes[r, s]) + e
        p, q = k + int(r), k + int(s)
        work[[k, p]] = work[[p, k]]
        work[:, [k, q]] = work[:, [q, k]]
        columns[[k, q]] = columns[[q, k]]
        work[k, k + 1 :] = work[k, k + 1 :] / work[k, k]
        work[k + 1 :, k + 1 :] -= np.outer(work[k + 1 :, k], work[k, k + 1 :])
    left = log2_frobenius(work[rank:, rank:])
    x = -work[:rank, rank:]
    for k in range(rank - 1, 0, -1):
        x[:k] -= np.outer(work[:k, k], x[k])
    basis = np.full((d, nullity), mpfr(0), dtype=object)
    basis[columns[:rank]] = x
    for j in range(nullity):
        basis[columns[rank + j], j] = mpfr(1)
    return orthonormal(basis), (left - last if rank else left)


def orthonormal(basis: Array) -> Array:
    """The columns made orthonormal by modified Gram–Schmidt, twice."""
    out = basis.copy()
    for _ in range(2):
        for j in range(out.shape[1]):
            column = out[:, j]
            for i in range(j):
                column = column - out[:, i] * adjoint(out[:, i]).dot(column)
            square = adjoint(column).dot(column)
            out[:, j] = column / gmpy2.sqrt(square.real)
    return out
