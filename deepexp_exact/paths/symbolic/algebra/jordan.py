"""Jordan types of size d, and exact functions of Jordan forms.

A Segre characteristic (Jordan type) of size d says how d splits into Jordan blocks and which
blocks share an eigenvalue: it is a multiset of partitions, one partition (the block sizes) for
each distinct eigenvalue.  There are 1, 3, 6, 14, 27, 58 of them for d = 1..6 (OEIS A001970).

A matrix that commutes with the nilpotent part of each block is held by the coefficients
a_0, a_1, ... of a_0 + a_1·N + a_2·N² + ... (N^n = 0 for a block of size n).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

from .matrices import Matrix
from .rings import Element, Ring
from .series import Series

#: The number of Jordan types of size 1..6.
TYPE_COUNTS = (1, 3, 6, 14, 27, 58)

Partition = tuple[int, ...]


def partitions(total: int, largest: int | None = None) -> Iterator[Partition]:
    """The partitions of a number, parts descending."""
    if total == 0:
        yield ()
        return
    for part in range(min(total, largest or total), 0, -1):
        for rest in partitions(total - part, part):
            yield (part, *rest)


@dataclass(frozen=True)
class JordanType:
    """The block sizes of each distinct eigenvalue."""

    partitions: tuple[Partition, ...]

    @property
    def d(self) -> int:
        return sum(map(sum, self.partitions))

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """(number of the eigenvalue, size) of each block."""
        return tuple((j, size) for j, part in enumerate(self.partitions) for size in part)

    def __str__(self) -> str:
        return "[" + " ".join("(" + ",".join(map(str, p)) + ")" for p in self.partitions) + "]"


def jordan_types(d: int) -> list[JordanType]:
    """Every Jordan type of size d, each once."""
    parts = [(n, p) for n in range(d, 0, -1) for p in partitions(n)]

    def choose(left: int, start: int) -> Iterator[tuple[Partition, ...]]:
        if left == 0:
            yield ()
        for index in range(start, len(parts)):
            size, part = parts[index]
            if size <= left:
                for rest in choose(left - size, index):
                    yield (part, *rest)

    return [JordanType(chosen) for chosen in choose(d, 0)]


def count_jordan_types(d: int) -> int:
    """Their number by another method: the coefficient of xᵈ in Π (1 − xⁿ)^(−p(n))."""
    series = [1] + [0] * d
    for n in range(1, d + 1):
        for _ in partitions(n):
            for power in range(n, d + 1):
                series[power] += series[power - n]
    return series[d]


class Toeplitz:
    """A block diagonal matrix whose blocks are polynomials in their nilpotent shift."""

    def __init__(self, ring: Ring, blocks: Sequence[Sequence[Element]]) -> None:
        self.ring = ring
        self.blocks = tuple(tuple(block) for block in blocks)

    @classmethod
    def jordan(cls, ring: Ring, kind: JordanType, eigenvalues: Sequence[Element]) -> Toeplitz:
        """The Jordan form of a type with the given distinct eigenvalues."""
        return cls(
            ring,
            [
                [eigenvalues[j], ring.one, *[ring.zero] * (size - 2)][:size]
                for j, size in kind.blocks
            ],
        )

    def map(self, function: Callable[[Element], Element]) -> Toeplitz:
        return Toeplitz(self.ring, [[function(a) for a in block] for block in self.blocks])

    def scale(self, factor: Element) -> Toeplitz:
        return self.map(lambda a: factor * a)

    def __neg__(self) -> Toeplitz:
        return self.map(lambda a: -a)

    def shift(self, amount: Element) -> Toeplitz:
        """The matrix plus amount·I."""
        return Toeplitz(self.ring, [[block[0] + amount, *block[1:]] for block in self.blocks])

    def matrix(self) -> Matrix:
        """The full d×d matrix."""
        size = sum(map(len, self.blocks))
        rows = [[self.ring.zero] * size for _ in range(size)]
        start = 0
        for block in self.blocks:
            for r in range(len(block)):
                for c in range(r, len(block)):
                    rows[start + r][start + c] = block[c - r]
            start += len(block)
        return Matrix(self.ring, rows)


def exponential(argument: Toeplitz, formulas: Series) -> Toeplitz:
    """exp of each block: e^(a_0)·Σ n^m/m! with n = a_1·N + a_2·N² + ... nilpotent."""
    ring = argument.ring
    blocks = []
    for block in argument.blocks:
        nilpotent = [ring.zero, *block[1:]]
        power = [ring.one, *[ring.zero] * (len(block) - 1)]
        total = [ring.zero] * len(block)
        for m in range(len(block)):
            coefficient = formulas.exponential_coefficient(m)
            total = [a + b.times(coefficient) for a, b in zip(total, power, strict=True)]
            power = product(ring, power, nilpotent)
        factor = ring.exponential(block[0])
        blocks.append([factor * a for a in total])
    return Toeplitz(ring, blocks)


def logarithm(
    ring: Ring,
    sizes: Sequence[int],
    values: Sequence[Element],
    inverses: Sequence[Element],
    formulas: Series,
) -> Toeplitz:
    """For each block λ + N of a Jordan form: ℓ + Σ (−1)^(m−1)/m·(N/λ)^m, given ℓ and 1/λ."""
    return Toeplitz(
        ring,
        [
            [value, *((inverse**m).times(formulas.logarithm_coefficient(m)) for m in range(1, n))]
            for n, value, inverse in zip(sizes, values, inverses, strict=True)
        ],
    )


def product(ring: Ring, left: Sequence[Element], right: Sequence[Element]) -> list[Element]:
    """The product of two polynomials in N, cut at the length of the first."""
    total = [ring.zero] * len(left)
    for m, a in enumerate(left):
        for n, b in enumerate(right[: len(left) - m]):
            total[m + n] = total[m + n] + a * b
    return total


def inverse_power(ring: Ring, inverse: Element, power: int, length: int) -> list[Element]:
    """(t + N)^(−power) as a polynomial in N cut at ``length``, given 1/t."""
    base = [(inverse ** (m + 1)).times(fmpq((-1) ** m)) for m in range(length)]
    result = [ring.one, *[ring.zero] * (length - 1)]
    for _ in range(power):
        result = product(ring, result, base)
    return result
