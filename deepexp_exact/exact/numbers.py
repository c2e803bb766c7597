"""Exact Gaussian rationals: reading, printing, and the numbers of other packages.

Everything the package is given becomes exact here and nowhere else: decimal text is the decimal
fraction it spells ("0.1" is 1/10), a binary floating-point number is its dyadic value.  Text is
read by one regular grammar; nothing is ever evaluated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flint import acb, arb, fmpq, fmpz

from ..errors import NumberError, clip
from .binary import from_mpf

#: Longest text of one number, in characters, both as it is given and as a fraction.
MAX_NUMBER_CHARS = 50_000
#: Largest decimal exponent in absolute value.
MAX_EXPONENT = 20_000

# Possessive throughout: the time to refuse a text is linear in its length.
_REAL = r"(?>[0-9]++/[0-9]++|(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+)"
_NUMBER = re.compile(
    rf"(?P<re>[+-]?{_REAL})?(?:(?P<sign>[+-])?(?P<im>{_REAL})?(?P<i>i)(?:/(?P<over>[0-9]+))?)?"
)
_HEX = re.compile(r"(-?)0x([0-9a-f]+)(?:/0x([0-9a-f]+))?")
_DECIMAL = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?")
_GRAMMAR = (
    "write a, bi, a+bi or a-bi with a and b an integer, a fraction 1/3 or a decimal -2.5e-3, "
    "without white space"
)


@dataclass(frozen=True, slots=True)
class GaussianRational:
    """An exact number re + i·im with rational re and im."""

    re: fmpq
    im: fmpq

    def __post_init__(self) -> None:
        if type(self.re) is fmpq and type(self.im) is fmpq:
            return
        for name in ("re", "im"):
            if type(getattr(self, name)) is not fmpq:
                number = to_gaussian(getattr(self, name))
                if number.im != 0:
                    raise NumberError(f"{name} = {clip(str(number))} is not real")
                object.__setattr__(self, name, number.re)

    def __add__(self, other: Any) -> GaussianRational:
        other = to_gaussian(other)
        return GaussianRational(self.re + other.re, self.im + other.im)

    def __sub__(self, other: Any) -> GaussianRational:
        other = to_gaussian(other)
        return GaussianRational(self.re - other.re, self.im - other.im)

    def __neg__(self) -> GaussianRational:
        return GaussianRational(-self.re, -self.im)

    def __mul__(self, other: Any) -> GaussianRational:
        other = to_gaussian(other)
        return GaussianRational(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    def __truediv__(self, other: Any) -> GaussianRational:
        other = to_gaussian(other)
        norm = other.norm()
        if norm == 0:
            raise NumberError("division of an exact number by zero")
        return self * GaussianRational(other.re / norm, -other.im / norm)

    def conjugate(self) -> GaussianRational:
        return GaussianRational(self.re, -self.im)

    def norm(self) -> fmpq:
        """|z|², a rational number."""
        return self.re * self.re + self.im * self.im

    def is_zero(self) -> bool:
        return bool(self.re == 0 and self.im == 0)

    def is_real(self) -> bool:
        return bool(self.im == 0)

    def _sympy_(self) -> Any:
        """sympy's protocol: the same number in Q(i)."""
        from sympy import I, Rational

        return Rational(int(self.re.p), int(self.re.q)) + I * Rational(
            int(self.im.p), int(self.im.q)
        )

    def _mpmath_(self, prec: int, rounding: str) -> Any:
        """mpmath's protocol: the number rounded to ``prec`` bits."""
        from mpmath import mp

        with mp.workprec(prec):
            re, im = (mp.mpf(int(x.p)) / mp.mpf(int(x.q)) for x in (self.re, self.im))
            return mp.mpc(re, im) if im else re

    def __complex__(self) -> complex:
        return complex(fmpq_to_float(self.re), fmpq_to_float(self.im))

    def __hash__(self) -> int:
        return hash((_key(self.re), _key(self.im)))

    def __str__(self) -> str:
        return format_number(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_keys, (_key(self.re), _key(self.im))


def _key(value: fmpq) -> tuple[int, int]:
    return int(value.p), int(value.q)


def _from_keys(re_part: tuple[int, int], im_part: tuple[int, int]) -> GaussianRational:
    return GaussianRational(fmpq(*re_part), fmpq(*im_part))


def rational(numerator: int, denominator: int = 1) -> fmpq:
    """The fraction numerator/denominator as a python-flint rational."""
    return fmpq(numerator, denominator)


def gaussian(re_part: Any, im_part: Any = 0) -> GaussianRational:
    """re + i·im from integers or rationals."""
    return GaussianRational(fmpq(re_part), fmpq(im_part))


def pairs(values: Iterable[fmpq]) -> list[tuple[int, int]]:
    """Numerators and denominators in lowest terms, as Python's integers."""
    return [(int(value.p), int(value.q)) for value in values]


def nearest_floats(numbers: Iterable[int], scale: int = 1) -> list[float]:
    """The nearest float64 of each number/scale; ±inf or 0.0 where it leaves float64's range."""
    try:
        return [number / scale for number in numbers]  # Python rounds such a quotient correctly
    except OverflowError:
        return [_quotient(number, scale) for number in numbers]


def _quotient(top: int, bottom: int) -> float:
    try:
        return top / bottom
    except OverflowError:
        return math.inf if top > 0 else -math.inf


def fmpq_to_float(value: fmpq) -> float:
    """The nearest float64 of an exact rational; ±inf or 0.0 where it leaves float64's range."""
    return _quotient(int(value.p), int(value.q))


# ---------------------------------------------------------------- parsing and printing of numbers


def _decimal(text: str) -> fmpq:
    """Exact value of an unsigned or signed decimal or fraction that matched the grammar."""
    if "/" in text:
        top, bottom = text.split("/")
        if fmpz(bottom) == 0:
            raise NumberError(f"the fraction {clip(text)!r} has a zero denominator")
        return fmpq(fmpz(top.lstrip("+")), fmpz(bottom))
    match = _DECIMAL.fullmatch(text)
    if match is None:  # the caller's grammar is narrower than this one
        raise NumberError(f"{clip(text)!r} is not a decimal number", _GRAMMAR)
    sign, whole, fraction, exponent_text = match.groups()
    exponent_digits = (exponent_text or "0").lstrip("+-").lstrip("0") or "0"
    if len(exponent_digits) > 6 or int(exponent_digits) > MAX_EXPONENT:
        raise NumberError(
            f"the exponent in {clip(text)!r} is beyond ±{MAX_EXPONENT}",
            "rescale the problem or write the number as a fraction",
        )
    exponent = int(exponent_text or "0") - len(fraction)
    mantissa = fmpz((whole + fraction) or "0")
    power = fmpz(10) ** abs(exponent)
    value = fmpq(mantissa * power) if exponent >= 0 else fmpq(mantissa, power)
    return -value if sign == "-" else value


def parse_number(text: str) -> GaussianRational:
    """Read one number of the project's grammar exactly; :class:`NumberError` otherwise."""
    if not isinstance(text, str):
        raise NumberError(f"an object of type {type(text).__name__} is not a text", _GRAMMAR)
    if len(text) > MAX_NUMBER_CHARS:
        raise _too_long(len(text))
    match = _NUMBER.fullmatch(text)
    if match is None or not text or not (match["re"] or match["i"]):
        raise NumberError(f"{clip(text)!r} is not a number", _GRAMMAR)
    re_text, im_text = match["re"], match["im"]
    if not match["i"]:
        return bounded(GaussianRational(_decimal(re_text), fmpq(0)))
    if re_text and not match["sign"]:
        # The greedy real part is the coefficient of i: "3i", "-1/2i".
        if im_text:
            raise NumberError(f"{clip(text)!r} is not a number", _GRAMMAR)
        re_text, im_text, sign = "", re_text, "+"
    else:
        sign = match["sign"] or "+"
    im = _decimal(im_text) if im_text else fmpq(1)
    if match["over"]:
        raise NumberError(f"{clip(text)!r} is not a number", "write (a/b)i as a/bi")
    return bounded(
        GaussianRational(_decimal(re_text) if re_text else fmpq(0), -im if sign == "-" else im)
    )


def bounded(value: GaussianRational) -> GaussianRational:
    """The number itself; :class:`NumberError` if its fractions are longer than a text may be, so
    that every number accepted can be written and read again."""
    bits = sum(int(x.bit_length()) for part in (value.re, value.im) for x in (part.p, part.q))
    if 0.3011 * bits + 10 > MAX_NUMBER_CHARS:
        raise _too_long(int(0.3011 * bits) + 10)
    return value


def _too_long(length: int) -> NumberError:
    return NumberError(
        f"a number of {length} characters; the limit is {MAX_NUMBER_CHARS}, also as a fraction",
        "round it to fewer digits",
    )


def format_number(value: GaussianRational) -> str:
    """The number with fractions in lowest terms; it reads back to the same exact number."""
    if value.im == 0:
        return str(value.re)
    size = "" if abs(value.im) == 1 else str(abs(value.im))
    if value.re == 0:
        return f"{'-' if value.im < 0 else ''}{size}i"
    return f"{value.re}{'-' if value.im < 0 else '+'}{size}i"


def to_hex(value: fmpq) -> str:
    """``-0x1a/0x2b``; the denominator is omitted when it is 1."""
    top = hex(int(value.p))
    return top if value.q == 1 else f"{top}/{hex(int(value.q))}"


def from_hex(text: object, limit: int = MAX_NUMBER_CHARS) -> fmpq:
    """Read :func:`to_hex`'s form; anything else, unreduced fractions too, is an error."""
    if not isinstance(text, str) or len(text) > limit:
        raise NumberError(f"{clip(str(text))!r} is not a hexadecimal fraction of allowed length")
    match = _HEX.fullmatch(text)
    if match is None:
        raise NumberError(f"{clip(text)!r} is not a hexadecimal fraction such as -0x1a/0x2b")
    top, bottom = int(match[2], 16), int(match[3], 16) if match[3] else 1
    if bottom == 0:
        raise NumberError(f"{clip(text)!r} has a zero denominator")
    value = fmpq(-top if match[1] else top, bottom)
    if to_hex(value) != text:
        raise NumberError(f"{clip(text)!r} is not in lowest terms", f"write {clip(to_hex(value))}")
    return value


def hex_pair(value: GaussianRational) -> list[str]:
    return [to_hex(value.re), to_hex(value.im)]


def parse_hex_pair(pair: object) -> GaussianRational:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise NumberError(f"{clip(str(pair))!r} is not a pair [re, im] of hexadecimal fractions")
    return GaussianRational(from_hex(pair[0]), from_hex(pair[1]))


# ----------------------------------------------------------------------------- numbers of others


def _dyadic(mantissa: int, exponent: int) -> fmpq:
    if abs(exponent) > 4 * MAX_EXPONENT:
        raise NumberError(f"binary exponent {exponent} is out of range", "rescale the problem")
    return fmpq(mantissa << exponent) if exponent >= 0 else fmpq(mantissa, 1 << -exponent)


def _from_real_object(value: Any) -> fmpq:
    """A real scalar of Python, NumPy, gmpy2 or python-flint, exactly."""
    if isinstance(value, fmpq | fmpz | int):
        return fmpq(value)
    if isinstance(value, Decimal):
        return parse_number(str(value)).re
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        return fmpq(int(value.numerator), int(value.denominator))
    if hasattr(value, "as_integer_ratio"):
        try:
            top, bottom = value.as_integer_ratio()
        except (OverflowError, ValueError):
            raise NumberError(f"{value!r} is not a finite number", "remove or replace it") from None
        return fmpq(int(top), int(bottom))
    raise NumberError(f"an object of type {type(value).__name__} is not an exact number", _GRAMMAR)


def _from_sympy(value: Any) -> GaussianRational:
    from sympy import Rational

    parts = []
    for part in value.as_real_imag() if getattr(value, "is_number", False) else ():
        if part.is_Rational:
            parts.append(fmpq(int(part.p), int(part.q)))
        elif part.is_Float:
            exact = Rational(part)
            parts.append(fmpq(int(exact.p), int(exact.q)))
    if len(parts) != 2:
        raise NumberError(
            f"the sympy expression {clip(str(value))!r} is not in Q(i)",
            "give a rational or Gaussian rational number, or its decimal approximation",
        )
    return GaussianRational(*parts)


def _from_ball(value: Any) -> GaussianRational:
    """A python-flint ball of radius zero, as its dyadic value."""
    parts = (value,) if isinstance(value, arb) else (value.real, value.imag)
    if not all(part.is_finite() and part.is_exact() for part in parts):
        raise NumberError(f"the ball {clip(str(value))} is not one exact number", "give a number")
    exact = []
    for part in parts:
        mantissa, exponent = part.man_exp()
        exact.append(_dyadic(int(mantissa), int(exponent)))
    return GaussianRational(exact[0], exact[1] if len(exact) == 2 else fmpq(0))


def to_gaussian(value: Any) -> GaussianRational:
    """Any accepted scalar as an exact number: text, int, float, complex, Fraction, NumPy,
    mpmath, gmpy2, python-flint or sympy.  :class:`NumberError` for anything else."""
    if isinstance(value, GaussianRational):
        return value
    if isinstance(value, str):
        return parse_number(value)
    kind = type(value)
    if isinstance(value, bool) or kind.__name__ in ("bool", "bool_"):
        raise NumberError(f"the truth value {value} is not a number", "write 1 or 0")
    if isinstance(value, arb | acb):
        return _from_ball(value)
    if kind.__module__.startswith("mpmath") and kind.__name__ == "constant":
        raise NumberError(f"the mpmath constant {value} has no exact value", "write +mp.pi, say")
    if kind.__module__.startswith("sympy"):
        return _from_sympy(value)
    if kind.__module__.startswith("mpmath") and hasattr(value, "context"):
        return GaussianRational(*(_dyadic(*from_mpf(part)) for part in (value.real, value.imag)))
    if hasattr(value, "item") and hasattr(value, "dtype"):
        # NumPy scalars; longdouble keeps its own as_integer_ratio.
        if value.dtype.kind not in "iufc" or value.shape:
            raise NumberError(f"a NumPy object of type {value.dtype} is not a number", _GRAMMAR)
        if value.dtype.kind == "c":
            return GaussianRational(_from_real_object(value.real), _from_real_object(value.imag))
        return GaussianRational(
            _from_real_object(int(value) if value.dtype.kind in "iu" else value), fmpq(0)
        )
    if isinstance(value, complex) or kind.__name__ == "mpc":
        return GaussianRational(_from_real_object(value.real), _from_real_object(value.imag))
    return GaussianRational(_from_real_object(value), fmpq(0))
