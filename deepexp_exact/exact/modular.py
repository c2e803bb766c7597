"""Exact matrices modulo primes p ≡ 1 (mod 4), i mapped to a square root of −1 in the field of p."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from flint import fmpz, nmod, nmod_mat

from ..errors import NumberError

#: Primes p ≡ 1 (mod 4) just below 2^62.
PRIMES = (4611686018427387617, 4611686018427387461, 4611686018427387409)


@cache
def sqrt_minus_one(p: int) -> int:
    """A square root of −1 modulo a prime p ≡ 1 (mod 4)."""
    for base in range(2, p):
        root = pow(base, (p - 1) // 4, p)
        if root * root % p == p - 1:
            return root
    raise NumberError(f"{p} is not a prime that is 1 modulo 4")


def primes() -> Iterator[int]:
    """Primes p ≡ 1 (mod 4), downwards from the largest of :data:`PRIMES`."""
    p = PRIMES[0]
    while True:
        if fmpz(p).is_prime():
            yield p
        p -= 4


class Integral:
    """A matrix A + iB (``fmpq_mat``) times ``scale``, the least that makes it Gaussian integers."""

    def __init__(self, real: Any, imag: Any) -> None:
        fractions = [part.numer_denom() for part in (real, imag)]
        self.scale = math.lcm(*(int(bottom) for _, bottom in fractions))
        factors = [self.scale // int(bottom) for _, bottom in fractions]
        self.parts = [
            top if factor == 1 else top * fmpz(factor)
            for (top, _), factor in zip(fractions, factors, strict=True)
        ]
        self._rank: int | None = None

    @cached_property
    def numbers(self) -> tuple[list[int], list[int]]:
        """Real and imaginary parts of the integers, row by row."""
        re, im = (list(map(int, part.entries())) for part in self.parts)
        return re, im

    @cached_property
    def bits(self) -> int:
        """Bits of the longest integer."""
        return max(max(max(v), -min(v)).bit_length() if v else 0 for v in self.numbers)

    def row_squares(self) -> list[int]:
        """The squared Euclidean norm of every row."""
        rows = zip(*(part.tolist() for part in self.parts), strict=True)
        return [int(sum((x * x for part in pair for x in part), fmpz(0))) for pair in rows]

    def image(self, p: int) -> tuple[Any, Any]:
        """The matrix and its conjugate transpose modulo p."""
        real, imag = (nmod_mat(part, p) for part in self.parts)
        imag = imag * nmod(sqrt_minus_one(p), p)
        return real + imag, (real - imag).transpose()

    def rank(self) -> int:
        """The rank over C, and no smaller one by bad luck with the primes.

        If it exceeded the largest rank r seen modulo primes, some minor m ≠ 0 of size r + 1 would
        have an |m|² divisible by each of them; |m|² is at most the product of the r + 1 largest
        squared norms of rows (Hadamard), so the primes are tried until theirs is larger."""
        if self._rank is None:
            self._rank = self._find_rank()
        return self._rank

    def _find_rank(self) -> int:
        most = min(self.parts[0].nrows(), self.parts[0].ncols())
        found, product, squares = 0, 1, list[int]()
        for p in primes():
            found, product = max(found, int(self.image(p)[0].rank())), product * p
            if found == most:
                break
            squares = squares or sorted(self.row_squares(), reverse=True)
            if product > math.prod(squares[: found + 1]):
                break
        return found
