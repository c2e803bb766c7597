"""Complex matrices in fixed point, exact products of them, and their neighbourhoods in norm.

A matrix is a pair of integer matrices over one power of two, so that a product is exact: three
products of integers (Karatsuba's; Higham, *Accuracy and Stability of Numerical Algorithms*,
section 23.2.4), which FLINT does several times faster than a product of balls.  What is rounded
away is bounded in the Frobenius norm, one radius for a matrix: midpoint-radius arithmetic with
exact midpoints (Rump 1999; Johansson 2019, "Faster arbitrary-precision dot product and matrix
multiplication", scales to integers likewise).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import Any

import numpy as np
from flint import acb, arb, ctx, fmpz, fmpz_mat

from ....exact import ExactMatrix
from . import enclosures as en

#: Bits of the largest entry of a float64 matrix taken over.
_FLOAT_BITS = 55
#: Longest integers that become float64 without a detour.
_WORD = 62


@dataclass(frozen=True)
class Fixed:
    """(re + i·im)/2^bits, exactly; re and im are ``fmpz_mat``."""

    re: Any
    im: Any
    bits: int

    @classmethod
    def of_lists(cls, shape: tuple[int, int], parts: Sequence[list[Any]], bits: int) -> Fixed:
        """From the integers of both parts, row by row."""
        re, im = parts
        made = cls(fmpz_mat(*shape, re), fmpz_mat(*shape, im), bits)
        made.__dict__["entries"] = re, im
        return made

    @classmethod
    def of_floats(cls, matrix: Any, exponent: int = 0) -> Fixed:
        """matrix·2^exponent for a float64 matrix, each entry to about 2^−55 of the largest."""
        largest = float(np.abs(matrix).max())
        shift = _FLOAT_BITS - (math.frexp(largest)[1] if largest else 0)
        scaled = (np.rint(np.ldexp(part, shift)) for part in (matrix.real, matrix.imag))
        parts = [list(map(fmpz, part.astype(np.int64).ravel().tolist())) for part in scaled]
        return cls.of_lists(matrix.shape, parts, shift - exponent)

    @property
    def shape(self) -> tuple[int, int]:
        return int(self.re.nrows()), int(self.re.ncols())

    @cached_property
    def entries(self) -> tuple[list[Any], list[Any]]:
        """Real and imaginary integers, row by row."""
        return self.re.entries(), self.im.entries()

    def __matmul__(self, other: Fixed) -> Fixed:
        first, last = self.re * other.re, self.im * other.im
        cross = (self.re + self.im) * (other.re + other.im) - first - last
        return Fixed(first - last, cross, self.bits + other.bits)

    def __add__(self, other: Fixed) -> Fixed:
        bits = max(self.bits, other.bits)
        a, b = self.rounded(bits), other.rounded(bits)
        return Fixed(a.re + b.re, a.im + b.im, bits)

    def __sub__(self, other: Fixed) -> Fixed:
        bits = max(self.bits, other.bits)
        a, b = self.rounded(bits), other.rounded(bits)
        return Fixed(a.re - b.re, a.im - b.im, bits)

    def rounded(self, bits: int) -> Fixed:
        """The matrix with so many bits: exact, or each part rounded down."""
        shift = self.bits - bits
        if shift == 0:
            return self
        if shift < 0:
            power = fmpz(1) << -shift
            return Fixed(self.re * power, self.im * power, bits)
        return Fixed.of_lists(
            self.shape, [[x >> shift for x in part] for part in self.entries], bits
        )

    def columns_scaled(self, values: Values) -> Fixed:
        """matrix·diag(values), exactly."""
        rows = self.shape[0]
        return self._scaled(values.re * rows, values.im * rows, values.bits)

    def rows_scaled(self, values: Values) -> Fixed:
        """diag(values)·matrix, exactly."""
        columns = range(self.shape[1])
        x, y = ([v for v in part for _ in columns] for part in (values.re, values.im))
        return self._scaled(x, y, values.bits)

    def _scaled(self, x: list[Any], y: list[Any], bits: int) -> Fixed:
        re, im = self.entries
        real = [a * u - b * v for a, b, u, v in zip(re, im, x, y, strict=True)]
        imag = [a * v + b * u for a, b, u, v in zip(re, im, x, y, strict=True)]
        return Fixed.of_lists(self.shape, (real, imag), self.bits + bits)

    @cached_property
    def _root(self) -> int:
        """The Frobenius norm of the integers, rounded down."""
        return math.isqrt(int(sum(sum(map(mul, part, part)) for part in self.entries)))

    @cached_property
    def norm(self) -> Any:
        """An upper bound of the Frobenius norm, an exact ``arb`` of a few words."""
        return power(self._root + 1, -self.bits)

    @cached_property
    def norm_lower(self) -> Any:
        """A lower bound of the Frobenius norm."""
        with ctx.workprec(en.NORM_BITS):
            return (arb((fmpz(self._root), -self.bits)) * 1).lower()

    def floats(self) -> tuple[Any, int]:
        """(a, e) with the matrix a·2^e up to 2^−52 of each entry and 2^−60 of the largest."""
        cut = max(0, max(max(map(abs, part)).bit_length() for part in self.entries) - _WORD)
        re, im = (
            np.fromiter(map(float, [x >> cut for x in part] if cut else part), float, len(part))
            for part in self.entries
        )
        return (re + 1j * im).reshape(self.shape), cut - self.bits


def power(mantissa: int, exponent: int) -> Any:
    """An upper bound of mantissa·2^exponent of a few words."""
    with ctx.workprec(en.NORM_BITS):
        return (arb((fmpz(mantissa), fmpz(exponent))) * 1).upper()


@dataclass(frozen=True, slots=True)
class Values:
    """Complex numbers (re + i·im)/2^bits within ``radius`` (an ``arb``) of what they stand for."""

    re: list[Any]
    im: list[Any]
    bits: int
    radius: Any

    @classmethod
    def of(cls, balls: Sequence[Any], bits: int) -> Values:
        """The midpoints of ``acb`` to so many bits."""
        parts: tuple[list[Any], list[Any]] = ([], [])
        with ctx.workprec(en.NORM_BITS):
            reach = max(abs(arb(b.real.rad()) + arb(b.imag.rad())).upper() for b in balls)
            reach = (reach + power(2, -bits)).upper()
        for ball in balls:
            for part, out in zip((ball.real, ball.imag), parts, strict=True):
                mantissa, exponent = part.mid().man_exp()
                shift = int(exponent) + bits
                out.append(mantissa << shift if shift >= 0 else mantissa >> -shift)
        return cls(*parts, bits, reach)

    def balls(self) -> list[Any]:
        """The enclosures as ``acb``, at any precision."""
        rest = acb(arb(0, self.radius), arb(0, self.radius))
        with ctx.workprec(self._length() + en.NORM_BITS):
            return [
                acb(arb((x, -self.bits)), arb((y, -self.bits))) + rest
                for x, y in zip(self.re, self.im, strict=True)
            ]

    def _length(self) -> int:
        return max(int(x.bit_length()) for part in (self.re, self.im) for x in part)

    def size(self) -> Any:
        """An upper bound of the largest modulus of what they stand for."""
        largest = max(int(x * x + y * y) for x, y in zip(self.re, self.im, strict=True))
        with ctx.workprec(en.NORM_BITS):
            return (power(math.isqrt(largest) + 1, -self.bits) + self.radius).upper()


@dataclass(frozen=True, slots=True)
class Near:
    """Every matrix within the Frobenius distance ``radius`` (an ``arb``) of ``mid``."""

    mid: Fixed
    radius: Any

    def __matmul__(self, other: Near) -> Near:
        with ctx.workprec(en.NORM_BITS):
            reach = self.mid.norm * other.radius + self.radius * (other.mid.norm + other.radius)
            return Near(self.mid @ other.mid, reach.upper())

    def columns_scaled(self, values: Values) -> Near:
        return Near(self.mid.columns_scaled(values), self._scaled(values))

    def rows_scaled(self, values: Values) -> Near:
        return Near(self.mid.rows_scaled(values), self._scaled(values))

    def _scaled(self, values: Values) -> Any:
        with ctx.workprec(en.NORM_BITS):
            return (self.radius * values.size() + self.mid.norm * values.radius).upper()

    def shortened(self, bits: int) -> Near:
        """The same with a midpoint of about ``bits`` bits in its largest entries."""
        size = en.log2_of(self.mid.norm)
        if not math.isfinite(size):
            return self
        wanted = bits - math.floor(size)
        if wanted >= self.mid.bits:
            return self
        mid = self.mid.rounded(wanted)
        with ctx.workprec(en.NORM_BITS):
            return Near(mid, (self.radius + cut_off(mid)).upper())


def cut_off(matrix: Fixed) -> Any:
    """An upper bound of the Frobenius norm of what rounding down to ``matrix`` took away."""
    return power(math.isqrt(2 * math.prod(matrix.shape)) + 1, -matrix.bits)


def integers(*matrices: ExactMatrix) -> tuple[list[Fixed], int]:
    """Matrices times their least common denominator, and that."""
    parts = [(m.real_part.numer_denom(), m.imag_part.numer_denom()) for m in matrices]
    common = math.lcm(*(int(q) for pair in parts for _, q in pair))
    scaled = ([top * fmpz(common // int(q)) for top, q in pair] for pair in parts)
    return [Fixed(re, im, 0) for re, im in scaled], common
