"""Inverses and solutions in multiprecision, each with a measured error.

Elimination with pivoting (Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 9),
python-flint's without radii; what it leaves is bounded in balls.
"""

from __future__ import annotations

import math
from typing import Any

from ....exact import ExactMatrix
from ....precision import MoreBits, raise_until
from .arrays import Array, from_balls, precision, to_balls
from .balls import enclosure, identity, log2_norms


def solve_balls(a: Any, b: Any) -> Any:
    """X with A·X = B by elimination with partial pivoting on midpoints; :class:`ZeroDivisionError`
    if a pivot is zero at this precision."""
    x = a.solve(b, algorithm="approx").mid()
    if not all(z.is_finite() for z in x.entries()):
        raise ZeroDivisionError("a pivot vanished")
    return x


def solve(a: Array, b: Array) -> Array:
    """X with A·X = B at the current precision; raises what :func:`solve_balls` raises."""
    return from_balls(solve_balls(to_balls(a), to_balls(b)))


def inverse(a: Array) -> Array:
    """A⁻¹ at the current precision."""
    return from_balls(solve_balls(to_balls(a), identity(len(a))))


def _inverse(matrix: ExactMatrix, bits: int, ceiling: int) -> tuple[Any, float]:
    """:func:`exact_inverse` in balls."""

    def attempt(work: int) -> tuple[Any, float]:
        with precision(work):
            a = enclosure(matrix)
            try:
                x = solve_balls(a, identity(matrix.rows))
            except ZeroDivisionError:
                raise MoreBits("no pivot is left") from None
            error = log2_norms(identity(matrix.rows) - a * x)[0] + 1
        if error > -bits:
            lack = max(error + bits, 0) + 8
            raise MoreBits("the inverse is not accurate enough", lack, sure=error < -8)
        return x, max(error, -float(work))

    remedy = "the matrix is nearly singular: ask for fewer digits, or try the path ball"
    return raise_until(attempt, bits + 40, 2 * ceiling, "inverting a matrix needs", remedy)


def exact_inverse(matrix: ExactMatrix, bits: int, ceiling: int) -> tuple[Array, float]:
    """A⁻¹ of an exact invertible matrix with log2 of its relative error bound, at most −bits.

    With X the computed inverse, ‖X − A⁻¹‖ ≤ ‖I − A·X‖·‖A⁻¹‖; precision rises until that holds."""
    x, error = _inverse(matrix, bits, ceiling)
    with precision(bits + 40):
        return from_balls(x), error


def solution(left: ExactMatrix, right: ExactMatrix, bits: int, ceiling: int) -> tuple[Any, Any]:
    """left⁻¹·right with a relative error of at most 2^−bits (Frobenius norm) in balls without
    radii, and the left⁻¹ that it was made with."""

    def attempt(work: int) -> tuple[Any, Any]:
        x, error = _inverse(left, work, ceiling)
        with precision(work + 16):
            b = enclosure(right)
            product = x * b
            loss = log2_norms(x)[0] + log2_norms(b)[0] - log2_norms(product)[0]
        if loss != math.inf and error + loss + 1 > -bits:
            raise MoreBits("the solution is not accurate enough", error + loss + bits + 1, True)
        return product.mid(), x

    return raise_until(attempt, bits + 8, 2 * ceiling, "solving a linear system needs")


def exact_solve(left: ExactMatrix, right: ExactMatrix, bits: int, ceiling: int) -> Array:
    """left⁻¹·right with a relative error of at most 2^−bits (Frobenius norm)."""
    x = solution(left, right, bits, ceiling)[0]
    with precision(bits + 16):
        return from_balls(x)
