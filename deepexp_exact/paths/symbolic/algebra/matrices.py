"""Matrices over a :class:`~.rings.Ring`, with one common denominator.

The inverse of a generic matrix is its adjugate over its determinant; equality of two such
fractions is decided by cross-multiplication, which is valid because a denominator is a product of
determinants the statement assumes to be nonzero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .rings import Element, Ring

Rows = Sequence[Sequence[Element]]


class Matrix:
    """rows/denominator; the denominator is an element that the assumptions keep from being 0."""

    __slots__ = ("denominator", "ring", "rows")

    def __init__(self, ring: Ring, rows: Rows, denominator: Element | None = None) -> None:
        self.ring = ring
        self.rows = tuple(tuple(row) for row in rows)
        self.denominator = ring.one if denominator is None else denominator

    @classmethod
    def build(
        cls, ring: Ring, height: int, width: int, entry: Callable[[int, int], Element]
    ) -> Matrix:
        return cls(ring, [[entry(r, c) for c in range(width)] for r in range(height)])

    @classmethod
    def generic(cls, ring: Ring, letter: str, height: int, width: int | None = None) -> Matrix:
        """The matrix of the indeterminates named by :func:`entry_names`."""
        return cls.build(
            ring, height, width or height, lambda r, c: ring.generator(entry_name(letter, r, c))
        )

    @classmethod
    def diagonal(cls, ring: Ring, values: Sequence[Element]) -> Matrix:
        size = len(values)
        return cls.build(ring, size, size, lambda r, c: values[r] if r == c else ring.zero)

    @classmethod
    def leading(cls, ring: Ring, size: int, rank: int) -> Matrix:
        """diag(1, ..., 1, 0, ..., 0)."""
        return cls.diagonal(ring, [ring.one] * rank + [ring.zero] * (size - rank))

    @classmethod
    def scalar(cls, ring: Ring, size: int, value: Element) -> Matrix:
        return cls.diagonal(ring, [value] * size)

    @classmethod
    def identity(cls, ring: Ring, size: int) -> Matrix:
        return cls.scalar(ring, size, ring.one)

    @classmethod
    def zero(cls, ring: Ring, height: int, width: int) -> Matrix:
        return cls.build(ring, height, width, lambda r, c: ring.zero)

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.rows[0])

    def map(self, function: Callable[[Element], Element]) -> Matrix:
        """The function applied to each entry of the numerator."""
        return Matrix(
            self.ring, [[function(x) for x in row] for row in self.rows], self.denominator
        )

    def transpose(self) -> Matrix:
        return Matrix(self.ring, list(zip(*self.rows, strict=True)), self.denominator)

    def scale(self, factor: Element) -> Matrix:
        return self.map(lambda x: factor * x)

    def __neg__(self) -> Matrix:
        return self.map(lambda x: -x)

    def __add__(self, other: Matrix) -> Matrix:
        if self.denominator == other.denominator:
            return Matrix(self.ring, _sum(self.rows, other.rows), self.denominator)
        left, right = self.scale(other.denominator), other.scale(self.denominator)
        return Matrix(self.ring, _sum(left.rows, right.rows), self.denominator * other.denominator)

    def __sub__(self, other: Matrix) -> Matrix:
        return self + (-other)

    def __matmul__(self, other: Matrix) -> Matrix:
        if self.width != other.height:
            raise ValueError(f"product of widths {self.width} and {other.height}")
        columns = list(zip(*other.rows, strict=True))
        rows = [[_dot(self.ring, row, column) for column in columns] for row in self.rows]
        return Matrix(self.ring, rows, self.denominator * other.denominator)

    def adjugate(self) -> tuple[Matrix, Element]:
        """(adjugate, determinant) of the numerator, by minors (no division)."""
        size = self.height
        everything = tuple(range(size))
        minors: dict[tuple[tuple[int, ...], tuple[int, ...]], Element] = {}

        def minor(rows: tuple[int, ...], columns: tuple[int, ...]) -> Element:
            if not rows:
                return self.ring.one
            if (rows, columns) not in minors:
                total = self.ring.zero
                for place, column in enumerate(columns):
                    rest = columns[:place] + columns[place + 1 :]
                    term = self.rows[rows[0]][column] * minor(rows[1:], rest)
                    total = total - term if place % 2 else total + term
                minors[rows, columns] = total
            return minors[rows, columns]

        def cofactor(row: int, column: int) -> Element:
            value = minor(
                everything[:column] + everything[column + 1 :],
                everything[:row] + everything[row + 1 :],
            )
            return -value if (row + column) % 2 else value

        return Matrix.build(self.ring, size, size, cofactor), minor(everything, everything)

    def inverse(self) -> Matrix:
        """adjugate/determinant; valid where the determinant is not 0."""
        adjugate, determinant = self.adjugate()
        return Matrix(self.ring, adjugate.scale(self.denominator).rows, determinant)

    def is_zero(self) -> bool:
        return all(x.is_zero() for row in self.rows for x in row)


def entry_name(letter: str, row: int, column: int) -> str:
    return f"{letter}_{row + 1}{column + 1}"


def entry_names(letter: str, height: int, width: int | None = None) -> list[str]:
    """The names of a generic matrix's entries, row by row."""
    return [entry_name(letter, r, c) for r in range(height) for c in range(width or height)]


def difference(left: Matrix, right: Matrix) -> Matrix:
    """left − right as a numerator: zero exactly if the two fractions are equal."""
    if left.denominator == right.denominator:
        return Matrix(left.ring, _sum(left.rows, (-right).rows))
    a, b = left.scale(right.denominator), right.scale(left.denominator)
    return Matrix(left.ring, _sum(a.rows, (-b).rows))


def stack(blocks: Sequence[Sequence[Matrix]]) -> Matrix:
    """A matrix of blocks (without denominators)."""
    ring = blocks[0][0].ring
    rows: list[list[Element]] = []
    for band in blocks:
        for parts in zip(*(block.rows for block in band), strict=True):
            rows.append([x for part in parts for x in part])
    return Matrix(ring, rows)


def _sum(left: Rows, right: Rows) -> list[list[Element]]:
    return [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(left, right, strict=True)]


def _dot(ring: Ring, row: Sequence[Element], column: Sequence[Element]) -> Element:
    total = ring.zero
    for a, b in zip(row, column, strict=True):
        if a.terms and b.terms:
            total = total + a * b
    return total
