"""A matrix given as a quotient left⁻¹·right, which often need not be formed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..errors import HypothesisError, ShapeError
from .matrices import ExactMatrix


@dataclass(frozen=True)
class Quotient:
    """K = left⁻¹·right, both d×d; ``words`` name left and right in errors."""

    left: ExactMatrix
    right: ExactMatrix
    words: tuple[str, str] = ("Y1", "Y2")

    @property
    def d(self) -> int:
        return self.left.rows

    @cached_property
    def matrix(self) -> ExactMatrix:
        """K itself; :class:`HypothesisError` if ``left`` is singular."""
        try:
            return self.left.solve(self.right)
        except ShapeError:
            name = self.words[0]
            raise HypothesisError(
                f"{name} is singular, so K = {name}⁻¹·{self.words[1]} does not exist",
                f"give an invertible {name}",
            ) from None

    def is_real(self) -> bool:
        return self.left.is_real() and self.right.is_real()

    def require_invertible(self) -> None:
        """Raise :class:`HypothesisError` with the exact rank unless both are invertible."""
        for label, matrix in zip(self.words, (self.left, self.right), strict=True):
            if (rank := matrix.rank()) < matrix.rows:
                raise HypothesisError(
                    f"{label} is singular: its rank is {rank}, needed {matrix.rows}",
                    f"a logarithm of K needs {label} invertible",
                )


def as_quotient(K: ExactMatrix | Quotient) -> Quotient:
    """A matrix K as I⁻¹·K."""
    if isinstance(K, Quotient):
        return K
    return Quotient(ExactMatrix.identity(K.rows), K, ("I", "K"))
