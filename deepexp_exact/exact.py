"""Exact Gaussian rationals and matrices of them: parsing, printing, arithmetic, rank.

Everything the package is given becomes exact here and nowhere else: decimal text is the decimal
fraction it spells ("0.1" is 1/10), a binary floating-point number is its dyadic value.  Text is
read by one regular grammar; nothing is ever evaluated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, cast

from flint import fmpq, fmpq_mat, fmpz, nmod, nmod_mat

from .errors import NumberError, ShapeError

#: Longest text of one number, in characters.
MAX_NUMBER_CHARS = 50_000
#: Largest decimal exponent in absolute value.
MAX_EXPONENT = 20_000
#: Largest dimension d of a problem.
MAX_DIMENSION = 128

_REAL = r"(?:[0-9]+/[0-9]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
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

    def __add__(self, other: GaussianRational) -> GaussianRational:
        return GaussianRational(self.re + other.re, self.im + other.im)

    def __sub__(self, other: GaussianRational) -> GaussianRational:
        return GaussianRational(self.re - other.re, self.im - other.im)

    def __neg__(self) -> GaussianRational:
        return GaussianRational(-self.re, -self.im)

    def __mul__(self, other: GaussianRational) -> GaussianRational:
        return GaussianRational(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    def __truediv__(self, other: GaussianRational) -> GaussianRational:
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

    def __complex__(self) -> complex:
        return complex(fmpq_to_float(self.re), fmpq_to_float(self.im))

    def __hash__(self) -> int:
        return hash((_key(self.re), _key(self.im)))

    def __str__(self) -> str:
        return format_number(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_hex_pair, (list(hex_pair(self)),)


def _key(value: fmpq) -> tuple[int, int]:
    return int(value.p), int(value.q)


def rational(numerator: int, denominator: int = 1) -> fmpq:
    """The fraction numerator/denominator as a python-flint rational."""
    return fmpq(numerator, denominator)


def gaussian(re_part: Any, im_part: Any = 0) -> GaussianRational:
    """re + i·im from integers or rationals."""
    return GaussianRational(fmpq(re_part), fmpq(im_part))


def fmpq_to_float(value: fmpq) -> float:
    """The nearest float64 of an exact rational; ±inf or 0.0 where it leaves float64's range."""
    fraction = Fraction(int(value.p), int(value.q))
    try:
        return float(fraction)
    except OverflowError:
        return float("-inf") if fraction < 0 else float("inf")


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


def clip(text: str, limit: int = 60) -> str:
    """A text cut to ``limit`` characters for an error message."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def parse_number(text: str) -> GaussianRational:
    """Read one number of the project's grammar exactly; :class:`NumberError` otherwise."""
    if len(text) > MAX_NUMBER_CHARS:
        raise NumberError(
            f"a number of {len(text)} characters; the limit is {MAX_NUMBER_CHARS}",
            "shorten it, or raise deepexp_exact.exact.MAX_NUMBER_CHARS",
        )
    match = _NUMBER.fullmatch(text)
    if match is None or not text or not (match["re"] or match["i"]):
        raise NumberError(f"{clip(text)!r} is not a number", _GRAMMAR)
    re_text, im_text = match["re"], match["im"]
    if not match["i"]:
        return GaussianRational(_decimal(re_text), fmpq(0))
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
    return GaussianRational(_decimal(re_text) if re_text else fmpq(0), -im if sign == "-" else im)


def format_number(value: GaussianRational) -> str:
    """The shortest text of the grammar that reads back to the same exact number."""
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


def _dyadic(sign: int, mantissa: int, exponent: int) -> fmpq:
    scaled = fmpq(mantissa << exponent) if exponent >= 0 else fmpq(mantissa, 1 << -exponent)
    return -scaled if sign else scaled


def _from_mpf_tuple(value: tuple[int, int, int, int]) -> fmpq:
    sign, mantissa, exponent, _ = value
    if mantissa == 0 and exponent != 0:
        raise NumberError("a NaN or an infinity is not a number here", "remove or replace it")
    if abs(exponent) > 4 * MAX_EXPONENT:
        raise NumberError(f"binary exponent {exponent} is out of range", "rescale the problem")
    return _dyadic(int(sign), int(mantissa), int(exponent))


def _from_real_object(value: Any) -> fmpq:
    """A real scalar of Python, NumPy, gmpy2 or python-flint, exactly."""
    if isinstance(value, fmpq | fmpz | int):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
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
    parts = []
    for part in value.as_real_imag():
        if part.is_Rational:
            parts.append(fmpq(int(part.p), int(part.q)))
        elif part.is_Float:
            parts.append(_from_mpf_tuple(part._mpf_))
        else:
            raise NumberError(
                f"the sympy expression {clip(str(value))!r} is not in Q(i)",
                "give a rational or Gaussian rational number, or its decimal approximation",
            )
    return GaussianRational(*parts)


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
    if hasattr(value, "_mpf_") and not kind.__module__.startswith("sympy"):
        return GaussianRational(_from_mpf_tuple(value._mpf_), fmpq(0))
    if hasattr(value, "_mpc_"):
        return GaussianRational(*map(_from_mpf_tuple, value._mpc_))
    if kind.__module__.startswith("sympy"):
        return _from_sympy(value)
    if hasattr(value, "item") and hasattr(value, "dtype") and value.dtype.kind in "iufc":
        # NumPy scalars; longdouble keeps its own as_integer_ratio.
        if value.dtype.kind == "c":
            return GaussianRational(_from_real_object(value.real), _from_real_object(value.imag))
        return GaussianRational(
            _from_real_object(int(value) if value.dtype.kind in "iu" else value), fmpq(0)
        )
    if isinstance(value, complex) or kind.__name__ == "mpc":
        return GaussianRational(_from_real_object(value.real), _from_real_object(value.imag))
    return GaussianRational(_from_real_object(value), fmpq(0))


# --------------------------------------------------------------------------------------- matrices


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


class ExactMatrix:
    """An immutable rectangular matrix of Gaussian rationals, held as two ``fmpq_mat``.

    The real embedding [[A, −B], [B, A]] of A + iB gives inverse and rank (its rank is twice the
    rank).  Entries are :class:`GaussianRational`; matrices compare and hash by value.
    """

    __slots__ = ("_hash", "_im", "_re")

    def __init__(self, re_part: Any, im_part: Any) -> None:
        self._re, self._im = re_part, im_part
        self._hash: int | None = None

    # -- construction

    @classmethod
    def from_rows(cls, rows: Any, name: str = "matrix") -> ExactMatrix:
        """Read nested sequences, a NumPy array, or an mpmath or sympy matrix.

        Errors name the matrix, row and column (both counted from 1)."""
        if isinstance(rows, ExactMatrix):
            return rows
        table = _as_table(rows, name)
        height, width = len(table), len(table[0]) if table else 0
        if height == 0 or width == 0:
            raise ShapeError(f"{name} is empty", "give at least one row and one column")
        if max(height, width) > MAX_DIMENSION:
            raise ShapeError(
                f"{name} is {height}x{width}; the limit is d = {MAX_DIMENSION}",
                "raise deepexp_exact.exact.MAX_DIMENSION if you mean it",
            )
        real, imag = [], []
        for r, row in enumerate(table):
            if len(row) != width:
                raise ShapeError(
                    f"{name}: row {r + 1} has {len(row)} entries, row 1 has {width}",
                    "make all rows equally long",
                )
            for c, entry in enumerate(row):
                try:
                    number = to_gaussian(entry)
                except NumberError as error:
                    raise NumberError(
                        f"{name}, row {r + 1}, column {c + 1}: {error.message}", error.remedy
                    ) from None
                real.append(number.re)
                imag.append(number.im)
        return cls(fmpq_mat(height, width, real), fmpq_mat(height, width, imag))

    @classmethod
    def identity(cls, d: int) -> ExactMatrix:
        ones = [fmpq(int(r == c)) for r in range(d) for c in range(d)]
        return cls(fmpq_mat(d, d, ones), fmpq_mat(d, d))

    @classmethod
    def zero(cls, rows: int, cols: int) -> ExactMatrix:
        return cls(fmpq_mat(rows, cols), fmpq_mat(rows, cols))

    @classmethod
    def diagonal(cls, entries: Sequence[Any]) -> ExactMatrix:
        d = len(entries)
        return cls.from_rows([[entries[r] if r == c else 0 for c in range(d)] for r in range(d)])

    # -- access

    @property
    def rows(self) -> int:
        return int(self._re.nrows())

    @property
    def cols(self) -> int:
        return int(self._re.ncols())

    @property
    def real_part(self) -> Any:
        """The real part as an ``fmpq_mat`` (a copy: this matrix stays as it is)."""
        return fmpq_mat(self._re)

    @property
    def imag_part(self) -> Any:
        """The imaginary part as an ``fmpq_mat`` (a copy)."""
        return fmpq_mat(self._im)

    def __getitem__(self, index: tuple[int, int]) -> GaussianRational:
        return GaussianRational(self._re[index], self._im[index])

    def entries(self) -> Iterator[GaussianRational]:
        """All entries, row by row."""
        return (
            GaussianRational(re_, im)
            for re_, im in zip(self._re.entries(), self._im.entries(), strict=True)
        )

    def to_rows(self) -> list[list[GaussianRational]]:
        flat = list(self.entries())
        return [flat[r * self.cols : (r + 1) * self.cols] for r in range(self.rows)]

    def is_real(self) -> bool:
        return bool(self._im == fmpq_mat(self.rows, self.cols))

    def is_zero(self) -> bool:
        return self.is_real() and bool(self._re == fmpq_mat(self.rows, self.cols))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExactMatrix):
            return NotImplemented
        return bool(self._re == other._re and self._im == other._im)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.rows, self.cols, tuple(map(hash, self.entries()))))
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return matrix_from_hex, ([[hex_pair(z) for z in row] for row in self.to_rows()],)

    # -- arithmetic

    def __add__(self, other: ExactMatrix) -> ExactMatrix:
        self._same_shape(other)
        return ExactMatrix(self._re + other._re, self._im + other._im)

    def __sub__(self, other: ExactMatrix) -> ExactMatrix:
        self._same_shape(other)
        return ExactMatrix(self._re - other._re, self._im - other._im)

    def __neg__(self) -> ExactMatrix:
        return ExactMatrix(-self._re, -self._im)

    def __matmul__(self, other: ExactMatrix) -> ExactMatrix:
        if self.cols != other.rows:
            raise ShapeError(f"product of {self.rows}x{self.cols} and {other.rows}x{other.cols}")
        if self.is_real() and other.is_real():
            return ExactMatrix(self._re * other._re, fmpq_mat(self.rows, other.cols))
        return ExactMatrix(
            self._re * other._re - self._im * other._im, self._re * other._im + self._im * other._re
        )

    def scale(self, factor: GaussianRational) -> ExactMatrix:
        """factor·A for an exact number."""
        return ExactMatrix(
            self._re * factor.re - self._im * factor.im, self._re * factor.im + self._im * factor.re
        )

    def shift(self, amount: GaussianRational) -> ExactMatrix:
        """A + amount·I."""
        return self + ExactMatrix.identity(self.rows).scale(amount)

    def transpose(self) -> ExactMatrix:
        return ExactMatrix(self._re.transpose(), self._im.transpose())

    def conjugate_transpose(self) -> ExactMatrix:
        return ExactMatrix(self._re.transpose(), -self._im.transpose())

    def trace(self) -> GaussianRational:
        total = gaussian(0)
        for j in range(min(self.rows, self.cols)):
            total = total + self[j, j]
        return total

    def frobenius_squared(self) -> fmpq:
        """‖A‖_F², a rational number."""
        return sum((z.norm() for z in self.entries()), fmpq(0))

    def embedding(self) -> Any:
        """The real 2r×2c matrix [[A, −B], [B, A]] as an ``fmpq_mat``."""
        rows = [
            list(a) + [-x for x in b]
            for a, b in zip(self._re.tolist(), self._im.tolist(), strict=True)
        ]
        rows += [
            list(b) + list(a) for a, b in zip(self._re.tolist(), self._im.tolist(), strict=True)
        ]
        return fmpq_mat(2 * self.rows, 2 * self.cols, [x for row in rows for x in row])

    def rank(self) -> int:
        """The exact rank over C."""
        if self.is_real():
            return int(self._re.rank())
        return int(self.embedding().rank()) // 2

    def modulo(self, p: int) -> Any:
        """The image modulo a prime p ≡ 1 (mod 4) as an ``nmod_mat``, i mapped to a square root of
        −1 (a ring homomorphism from the p-integral Gaussian rationals); None if p divides a
        denominator."""
        total = None
        for part, unit in ((self._re, 1), (self._im, sqrt_minus_one(p))):
            numerator, denominator = part.numer_denom()
            if int(denominator) % p == 0:
                return None
            term = nmod_mat(numerator, p) * (nmod(unit, p) / nmod(int(denominator), p))
            total = term if total is None else total + term
        return total

    def is_invertible(self) -> bool:
        """Whether the matrix is square and det ≠ 0: a prime proves it cheaply, else the rank."""
        if self.rows != self.cols:
            return False
        image = self.modulo(PRIMES[0])
        if image is not None and image.rank() == self.rows:
            return True
        return self.rank() == self.rows

    def solve(self, right: ExactMatrix) -> ExactMatrix:
        """X with A·X = right; :class:`ShapeError` if A is not square or is singular."""
        if self.rows != self.cols or self.rows != right.rows:
            raise ShapeError(f"cannot solve with a {self.rows}x{self.cols} matrix")
        try:
            if self.is_real():
                return ExactMatrix(self._re.solve(right._re), self._re.solve(right._im))
            stacked = fmpq_mat(
                2 * right.rows, right.cols, right._re.entries() + right._im.entries()
            )
            solution = self.embedding().solve(stacked).entries()
        except ZeroDivisionError:
            raise ShapeError("the matrix is singular") from None
        half = len(solution) // 2
        shape = (self.cols, right.cols)
        return ExactMatrix(fmpq_mat(*shape, solution[:half]), fmpq_mat(*shape, solution[half:]))

    def inverse(self) -> ExactMatrix:
        """A⁻¹; :class:`ShapeError` if A is singular."""
        return self.solve(ExactMatrix.identity(self.rows))

    def _same_shape(self, other: ExactMatrix) -> None:
        if (self.rows, self.cols) != (other.rows, other.cols):
            raise ShapeError(f"sizes differ: {self.rows}x{self.cols} and {other.rows}x{other.cols}")

    # -- other people's matrices, and display

    def to_numpy(self) -> Any:
        """The nearest complex128 matrix (±inf where an entry leaves float64's range)."""
        import numpy as np

        flat = np.array([complex(z) for z in self.entries()], dtype=np.complex128)
        return flat.reshape(self.rows, self.cols)

    def to_strings(self) -> list[list[str]]:
        return [[format_number(z) for z in row] for row in self.to_rows()]

    def __str__(self) -> str:
        table = self.to_strings()
        width = max(len(text) for row in table for text in row)
        return "\n".join("[" + "  ".join(t.rjust(width) for t in row) + "]" for row in table)

    def __repr__(self) -> str:
        return f"ExactMatrix.from_rows({self.to_strings()!r})"

    def _repr_latex_(self) -> str:
        body = r" \\ ".join(" & ".join(_latex_number(z) for z in row) for row in self.to_rows())
        return rf"$\begin{{pmatrix}} {body} \end{{pmatrix}}$"

    def _repr_html_(self) -> str:
        body = "".join(
            "<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>"
            for row in self.to_strings()
        )
        return f'<table class="deepexp-matrix">{body}</table>'


def _latex_real(value: fmpq) -> str:
    if value.q == 1:
        return str(value.p)
    return rf"{'-' if value < 0 else ''}\tfrac{{{abs(value.p)}}}{{{value.q}}}"


def _latex_number(z: GaussianRational) -> str:
    if z.im == 0:
        return _latex_real(z.re)
    size = "" if abs(z.im) == 1 else _latex_real(abs(z.im))
    sign = "-" if z.im < 0 else ("" if z.re == 0 else "+")
    return f"{'' if z.re == 0 else _latex_real(z.re)}{sign}{size}\\mathrm{{i}}"


def matrix_from_hex(rows: Sequence[Sequence[object]]) -> ExactMatrix:
    """Inverse of the rows of [re, im] hexadecimal pairs used in certificates."""
    return ExactMatrix.from_rows([[parse_hex_pair(pair) for pair in row] for row in rows])


def hstack(left: ExactMatrix, right: ExactMatrix) -> ExactMatrix:
    """[left right]."""
    rows = zip(left.to_rows(), right.to_rows(), strict=True)
    return ExactMatrix.from_rows([a + b for a, b in rows])


def vstack(top: ExactMatrix, bottom: ExactMatrix) -> ExactMatrix:
    """[top; bottom]."""
    return ExactMatrix.from_rows(top.to_rows() + bottom.to_rows())


def _as_table(rows: Any, name: str) -> list[list[Any]]:
    """Nested lists of scalars from whatever looks like a matrix; scalars are not read here."""
    module = type(rows).__module__
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        if hasattr(rows, "tolist") and module.startswith("sympy"):
            return cast("list[list[Any]]", rows.tolist())
        raise ShapeError(
            f"{name} is not a matrix but {type(rows).__name__}", "give a list of equally long rows"
        )
    if module.startswith(("mpmath", "sympy")) and hasattr(rows, "tolist"):
        return cast("list[list[Any]]", rows.tolist())
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(rows, numpy.ndarray):
        if rows.ndim != 2:
            raise ShapeError(f"{name} has {rows.ndim} dimensions", "give a two-dimensional array")
        return [[rows[r, c] for c in range(rows.shape[1])] for r in range(rows.shape[0])]
    table = []
    for number, row in enumerate(rows):
        if isinstance(row, str | bytes) or not isinstance(row, Iterable):
            raise ShapeError(f"{name}: row {number + 1} is not a list of entries")
        table.append(list(row))
    return table
