"""Dyadic numbers m·2**e: their one canonical text, and the matrices of them in certificates.

The text is ``-0x1a2bp-120``: an odd integer mantissa in hexadecimal times 2 to a decimal
exponent, and ``0x0p0`` for zero.  Every weight of every path converts to it without rounding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from flint import acb, acb_mat, arb, fmpq, fmpz

from ..errors import NumberError, ShapeError
from ..exact import clip, libraries, to_gaussian
from ..exact.binary import from_mpf, to_mp_matrix, to_mpc

#: Longest mantissa, in hexadecimal digits (about 24 000 decimal digits).
MAX_MANTISSA_DIGITS = 20_000
#: Largest binary exponent in absolute value.
MAX_BINARY_EXPONENT = 1_000_000

_TEXT = re.compile(r"(-?)0x([0-9a-f]+)p(-?[0-9]{1,7})")


class Dyadic(NamedTuple):
    """The exact number mantissa·2**exponent, with an odd mantissa; zero is (0, 0)."""

    mantissa: int
    exponent: int

    @classmethod
    def of(cls, mantissa: int, exponent: int = 0) -> Dyadic:
        """mantissa·2**exponent in canonical form; :class:`NumberError` beyond the limits."""
        if mantissa == 0:
            return cls(0, 0)
        shift = (mantissa & -mantissa).bit_length() - 1
        mantissa, exponent = mantissa >> shift, exponent + shift
        if mantissa.bit_length() > 4 * MAX_MANTISSA_DIGITS:
            raise NumberError(
                f"a mantissa of {mantissa.bit_length()} bits; the limit is "
                f"{4 * MAX_MANTISSA_DIGITS}",
                "ask for fewer digits",
            )
        if abs(exponent) > MAX_BINARY_EXPONENT:
            raise NumberError(
                f"the binary exponent {exponent} is beyond ±{MAX_BINARY_EXPONENT}",
                "rescale the problem",
            )
        return cls(mantissa, exponent)

    @classmethod
    def parse(cls, text: object) -> Dyadic:
        """Read the canonical text; any other spelling of the number is a :class:`NumberError`."""
        if not isinstance(text, str) or len(text) > MAX_MANTISSA_DIGITS + 16:
            raise NumberError(f"{clip(str(text))!r} is not a dyadic number of allowed length")
        match = _TEXT.fullmatch(text)
        if match is None:
            raise NumberError(f"{clip(text)!r} is not a dyadic number such as -0x1a2bp-120")
        mantissa = int(match[2], 16)
        value = cls.of(-mantissa if match[1] else mantissa, int(match[3]))
        if str(value) != text:
            raise NumberError(f"{clip(text)!r} is not canonical", f"write {clip(str(value))}")
        return value

    @classmethod
    def below(cls, value: fmpq, bits: int = 64) -> Dyadic:
        """The largest dyadic number of ``bits`` mantissa bits that is at most value > 0."""
        top, bottom = int(value.p), int(value.q)
        if top <= 0:
            raise NumberError(f"{value} is not positive")
        shift = bits - top.bit_length() + bottom.bit_length()
        scaled = (top << shift) // bottom if shift >= 0 else top // (bottom << -shift)
        excess = scaled.bit_length() - bits
        return cls.of(scaled >> excess if excess > 0 else scaled, max(excess, 0) - shift)

    @classmethod
    def above(cls, value: Any, bits: int = 30) -> Dyadic:
        """A dyadic number of ``bits`` mantissa bits that is at least the upper end of a ball.

        ``value`` is a non-negative ``arb``; :class:`NumberError` if it is not finite."""
        upper = value.upper()
        if not upper.is_finite():
            raise NumberError(
                "an upper bound is not finite", "solve again with another α, branch or path"
            )
        mantissa, exponent = (int(part) for part in upper.man_exp())
        excess = mantissa.bit_length() - bits
        if excess > 0:
            mantissa, exponent = -(-mantissa >> excess), exponent + excess
        return cls.of(mantissa, exponent)

    def to_fmpq(self) -> fmpq:
        if self.exponent >= 0:
            return fmpq(self.mantissa << self.exponent)
        return fmpq(self.mantissa, 1 << -self.exponent)

    def to_arb(self) -> Any:
        """The exact ball (radius 0, at any precision)."""
        return arb((fmpz(self.mantissa), fmpz(self.exponent)))

    def log10(self) -> float:
        """log10 of the absolute value, for readers; −inf for zero."""
        if self.mantissa == 0:
            return float("-inf")
        return math.log10(abs(self.mantissa)) + self.exponent * math.log10(2)

    def __str__(self) -> str:
        return f"{self.mantissa:#x}p{self.exponent}"


def _real(value: Any) -> Dyadic:
    """A real number of mpmath, python-flint (the midpoint of a ball), Python or NumPy, exactly."""
    if hasattr(value, "context"):
        return Dyadic.of(*from_mpf(value))
    if isinstance(value, arb):
        return _midpoint(value)
    try:
        top, bottom = float(value).as_integer_ratio()
    except (OverflowError, ValueError, TypeError):
        raise NumberError(
            f"{value!r} is not a finite number", "solve again with another α, branch or path"
        ) from None
    return Dyadic.of(top, 1 - bottom.bit_length())


def _midpoint(value: Any) -> Dyadic:
    """The midpoint of a ball, exactly."""
    if not value.is_finite():
        raise NumberError(
            "a NaN or an infinity cannot be stored", "solve again with another α, branch or path"
        )
    mantissa, exponent = value.mid().man_exp()
    return Dyadic.of(int(mantissa), int(exponent))


def to_pair(value: Any) -> tuple[Dyadic, Dyadic]:
    """(re, im) of a scalar of any path."""
    return _real(value.real), _real(value.imag)


class DyadicMatrix:
    """An immutable d×d matrix of dyadic numbers, as certificates store weights."""

    __slots__ = ("rows",)

    def __init__(self, rows: Sequence[Sequence[tuple[Dyadic, Dyadic]]]) -> None:
        self.rows = tuple(tuple(row) for row in rows)

    @property
    def d(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DyadicMatrix) and self.rows == other.rows

    def __hash__(self) -> int:
        return hash(self.rows)

    def is_zero(self) -> bool:
        return all(re.mantissa == 0 and im.mantissa == 0 for row in self.rows for re, im in row)

    def to_json(self) -> list[list[list[str]]]:
        return [[[str(re), str(im)] for re, im in row] for row in self.rows]

    @classmethod
    def from_json(cls, rows: object, d: int, where: str) -> DyadicMatrix:
        """Read d rows of d pairs; :class:`ShapeError` or :class:`NumberError` otherwise."""
        if not isinstance(rows, list) or len(rows) != d:
            raise ShapeError(f"{where} is not a list of {d} rows")
        table = []
        for r, row in enumerate(rows, 1):
            if not isinstance(row, list) or len(row) != d:
                raise ShapeError(f"{where}, row {r} is not a list of {d} entries")
            line = []
            for c, pair in enumerate(row, 1):
                if not isinstance(pair, list) or len(pair) != 2:
                    raise NumberError(f"{where}, row {r}, column {c} is not a pair [re, im]")
                try:
                    line.append((Dyadic.parse(pair[0]), Dyadic.parse(pair[1])))
                except NumberError as error:
                    raise NumberError(
                        f"{where}, row {r}, column {c}: {error.message}", error.remedy
                    ) from None
            table.append(line)
        return cls(table)

    def to_acb_mat(self) -> Any:
        """The exact matrix as balls of radius 0."""
        d = self.d
        return acb_mat(d, d, [acb(re.to_arb(), im.to_arb()) for row in self.rows for re, im in row])

    def to_mpmath(self) -> Any:
        """The exact matrix as an mpmath matrix (entries are not rounded to mp.prec)."""
        return to_mp_matrix(self.d, self.d, (to_mpc(*pair) for row in self.rows for pair in row))


def dyadic_matrix(matrix: Any, digits: int = 0) -> DyadicMatrix:
    """A weight of any path as dyadic numbers, without rounding.

    mpmath matrices and NumPy arrays are taken as they are, ``acb_mat`` by its midpoints; a sympy
    matrix (the symbolic path's closed forms) is evaluated to ``digits`` decimal digits first."""
    homes = libraries(matrix)
    if isinstance(matrix, acb_mat):
        return DyadicMatrix(
            [[(_midpoint(z.real), _midpoint(z.imag)) for z in row] for row in matrix.tolist()]
        )
    if "mpmath" in homes:
        d = matrix.rows
        return DyadicMatrix([[to_pair(matrix[r, c]) for c in range(d)] for r in range(d)])
    if "sympy" in homes:
        return DyadicMatrix(
            [[_from_sympy(z, digits) for z in row] for row in matrix.evalf(digits).tolist()]
        )
    return DyadicMatrix([[to_pair(complex(z)) for z in row] for row in matrix])


def _from_sympy(value: Any, digits: int) -> tuple[Dyadic, Dyadic]:
    parts = []
    for part in value.evalf(digits).as_real_imag():
        number = part.evalf(digits)
        if not number.is_number or not number.is_finite:
            raise NumberError(f"{clip(str(part))!r} does not evaluate to a number")
        exact = to_gaussian(number).re
        parts.append(Dyadic.of(int(exact.p), 1 - int(exact.q).bit_length()))
    return parts[0], parts[1]
