"""The exact parameters of the construction `real`: everything that the weights depend on besides
the problem and the completion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import fmpq

from ...errors import FormatError
from ...exact import (
    MAX_DIMENSION,
    ExactMatrix,
    fmpq_to_float,
    from_hex,
    gaussian,
    hex_pair,
    matrix_from_hex,
    to_hex,
)
from ...files import expect_keys, expect_list

_KEYS = ("skew", "a", "centre", "radius")


@dataclass(frozen=True)
class RealParameters:
    """``skew``: a real skew matrix S.  A = S + a·I and B = log(exp(S)·K) + a·I, the principal
    logarithm, so that exp(−A)·exp(B) = K.  ``centre``, ``radius``: W1 is the one real matrix with
    exp(−W1·X1)·exp(W1·X2) = A⁻¹·B and ‖W1 − centre‖ ≤ radius (Frobenius)."""

    skew: ExactMatrix
    a: fmpq
    centre: ExactMatrix
    radius: fmpq

    @property
    def A(self) -> ExactMatrix:
        """S + a·I, exactly; invertible, as a > 0."""
        return self.skew + ExactMatrix.identity(self.skew.rows).scale(gaussian(self.a))

    def differences(self, other: RealParameters) -> list[str]:
        """What differs; balls of one W1 may differ where they overlap."""
        out = []
        if self.skew != other.skew:
            out.append("the skew matrix S")
        if self.a != other.a:
            out.append(f"a: {self.a} and {other.a}")
        if not out:
            reach = self.radius + other.radius
            same = self.centre.rows == other.centre.rows
            if not same or (self.centre - other.centre).frobenius_squared() > reach * reach:
                out.append("the solution W1 of the first layer")
        return out

    def to_json(self) -> dict[str, Any]:
        return {
            "skew": _pairs(self.skew),
            "a": to_hex(self.a),
            "centre": _pairs(self.centre),
            "radius": to_hex(self.radius),
        }

    def __str__(self) -> str:
        return f"a = {fmpq_to_float(self.a):.6g}"

    @classmethod
    def from_json(cls, table: Any, d: int, where: str) -> RealParameters:
        """Read and check the shape of every field; :class:`FormatError` names what is wrong.

        Whether they belong to a problem is for a path to prove.  ``d`` is 0 where the rest of the
        record does not tell it."""
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, _KEYS, where)
        size = d or len(expect_list(table["skew"], f"{where}: skew"))
        if not 0 < size <= MAX_DIMENSION:
            raise FormatError(f"{where}: skew is not a matrix of allowed size")
        skew, centre = (_real_square(table[k], size, f"{where}: {k}") for k in ("skew", "centre"))
        if skew.transpose() != -skew:
            raise FormatError(f"{where}: skew is not a skew matrix")
        a, radius = (from_hex(table[key]) for key in ("a", "radius"))
        if a <= 0 or radius <= 0:
            raise FormatError(f"{where}: a or the radius is not positive")
        return cls(skew, a, centre, radius)


def _pairs(matrix: ExactMatrix) -> list[list[list[str]]]:
    return [[hex_pair(z) for z in row] for row in matrix.to_rows()]


def _real_square(value: Any, size: int, where: str) -> ExactMatrix:
    rows = [expect_list(row, where, size) for row in expect_list(value, where, size)]
    matrix = matrix_from_hex(rows, where)
    if not matrix.is_real():
        raise FormatError(f"{where} is not real")
    return matrix
