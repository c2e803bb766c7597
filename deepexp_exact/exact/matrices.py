"""Matrices of Gaussian rationals: construction, arithmetic, rank, display."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flint import fmpq, fmpq_mat, nmod

from ..errors import NumberError, ShapeError
from .modular import Integral
from .numbers import (
    MAX_NUMBER_CHARS,
    GaussianRational,
    bounded,
    format_number,
    gaussian,
    nearest_floats,
    pairs,
    parse_hex_pair,
    to_gaussian,
)
from .tables import as_table, check_size

#: Bits of all integers of a matrix together up to which they are kept.
_KEPT = 1 << 27


class ExactMatrix:
    """An immutable rectangular matrix of Gaussian rationals, held as two ``fmpq_mat``.

    The real embedding [[A, −B], [B, A]] of A + iB gives inverse and rank (its rank is twice the
    rank).  Entries are :class:`GaussianRational`; matrices compare and hash by value.
    """

    __slots__ = ("_floats", "_hash", "_im", "_integral", "_re")

    def __init__(self, re_part: Any, im_part: Any) -> None:
        self._re, self._im = re_part, im_part
        self._hash: int | None = None
        self._floats: Any = None
        self._integral: Integral | None = None

    # -- construction

    @classmethod
    def from_rows(cls, rows: Any, name: str = "matrix") -> ExactMatrix:
        """Read nested sequences, a NumPy array, a SciPy sparse matrix (entries given several times
        are added exactly), a pandas data frame, or an mpmath, sympy or python-flint matrix.

        Errors name the matrix, row and column (both counted from 1)."""
        if isinstance(rows, ExactMatrix):
            return rows
        table = as_table(rows, name)
        height, width = len(table), len(table[0]) if table else 0
        if height == 0 or width == 0:
            raise ShapeError(f"{name} is empty", "give at least one row and one column")
        check_size(height, width, name)
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

    def require_bounded(self, name: str) -> None:
        """:class:`NumberError`, naming the place, if an entry is too long to be written."""
        if self._has_short_scale():
            integral = self.integral()
            if 2 * (integral.bits + integral.scale.bit_length()) < 3 * MAX_NUMBER_CHARS:
                return
        for index, entry in enumerate(self.entries()):
            try:
                bounded(entry)
            except NumberError as error:
                place = f"{name}, row {index // self.cols + 1}, column {index % self.cols + 1}"
                raise NumberError(f"{place}: {error.message}", error.remedy) from None

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
            integral = self.integral()
            self._hash = hash((self.rows, self.cols, integral.scale, *map(tuple, integral.numbers)))
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        parts = [pairs(part.entries()) for part in (self._re, self._im)]
        return _from_fractions, (self.rows, self.cols, *parts)

    # -- arithmetic

    def __add__(self, other: Any) -> ExactMatrix:
        other = self._same_shape(other)
        return ExactMatrix(self._re + other._re, self._im + other._im)

    def __sub__(self, other: Any) -> ExactMatrix:
        other = self._same_shape(other)
        return ExactMatrix(self._re - other._re, self._im - other._im)

    def __neg__(self) -> ExactMatrix:
        return ExactMatrix(-self._re, -self._im)

    #: NumPy leaves ``array @ M`` to :meth:`__rmatmul__`.
    __array_ufunc__ = None

    def __rmatmul__(self, other: Any) -> ExactMatrix:
        return ExactMatrix.from_rows(other, "the factor") @ self

    def __matmul__(self, other: Any) -> ExactMatrix:
        other = ExactMatrix.from_rows(other, "the factor")
        if self.cols != other.rows:
            raise ShapeError(f"product of {self.rows}x{self.cols} and {other.rows}x{other.cols}")
        if self.is_real() and other.is_real():
            return ExactMatrix(self._re * other._re, fmpq_mat(self.rows, other.cols))
        return ExactMatrix(
            self._re * other._re - self._im * other._im, self._re * other._im + self._im * other._re
        )

    def scale(self, factor: Any) -> ExactMatrix:
        """factor·A for an exact number."""
        factor = to_gaussian(factor)
        return ExactMatrix(
            self._re * factor.re - self._im * factor.im, self._re * factor.im + self._im * factor.re
        )

    def shift(self, amount: Any) -> ExactMatrix:
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
        squares = (x * x for part in (self._re, self._im) for x in part.entries())
        return sum(squares, fmpq(0))

    def embedding(self) -> Any:
        """The real 2r×2c matrix [[A, −B], [B, A]] as an ``fmpq_mat``."""
        parts = list(zip(self._re.tolist(), self._im.tolist(), strict=True))
        rows = [[*a, *(-x for x in b)] for a, b in parts] + [[*b, *a] for a, b in parts]
        return fmpq_mat(2 * self.rows, 2 * self.cols, [x for row in rows for x in row])

    def integral(self) -> Integral:
        """The matrix scaled to Gaussian integers; kept unless they are very long."""
        if self._integral is not None:
            return self._integral
        made = Integral(self._re, self._im)
        if made.scale.bit_length() * self.rows * self.cols < _KEPT:
            self._integral = made
        return made

    def _has_short_scale(self) -> bool:
        """Whether the common denominator, of few entries as a sample, is short: it may have the
        length of all entries together."""
        sample = [
            part[j, j] for part in (self._re, self._im) for j in range(min(4, self.rows, self.cols))
        ]
        bits = math.lcm(*(int(value.q) for value in sample)).bit_length()
        return bits * self.rows * self.cols < _KEPT

    def rank(self) -> int:
        """The exact rank over C."""
        return self.integral().rank()

    def modulo(self, p: int) -> Any:
        """The image modulo a prime p ≡ 1 (mod 4) as an ``nmod_mat``, i mapped to a square root of
        −1 (a ring homomorphism from the p-integral Gaussian rationals); None if p divides a
        denominator."""
        integral = self.integral()
        if integral.scale % p == 0:
            return None
        return integral.image(p)[0] * (1 / nmod(integral.scale, p))

    def is_invertible(self) -> bool:
        """Whether the matrix is square and det ≠ 0."""
        return self.rows == self.cols == self.rank()

    def solve(self, right: Any) -> ExactMatrix:
        """X with A·X = right; :class:`ShapeError` if A is not square or is singular."""
        right = ExactMatrix.from_rows(right, "the right-hand side")
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

    def rref(self) -> tuple[ExactMatrix, list[int]]:
        """The reduced row echelon form over Q(i), without its zero rows, and its pivot columns.

        Read off that of the real matrix with each entry a + bi as [[a, −b], [b, a]]."""
        table = []
        for row in self.to_rows():
            table.append([x for z in row for x in (z.re, -z.im)])
            table.append([x for z in row for x in (z.im, z.re)])
        form, rank = fmpq_mat(table).rref()
        rows = [
            [GaussianRational(form[r, 2 * c], form[r + 1, 2 * c]) for c in range(self.cols)]
            for r in range(0, rank, 2)
        ]
        pivots = [next(c for c, z in enumerate(row) if not z.is_zero()) for row in rows]
        if not rows:
            return ExactMatrix.zero(0, self.cols), []
        return ExactMatrix.from_rows(rows), pivots

    def kernel(self) -> ExactMatrix:
        """A basis of the kernel, as columns."""
        form, pivots = self.rref()
        free = [c for c in range(self.cols) if c not in pivots]
        basis = [[gaussian(0)] * len(free) for _ in range(self.cols)]
        for j, c in enumerate(free):
            basis[c][j] = gaussian(1)
            for r, pivot in enumerate(pivots):
                basis[pivot][j] = -form[r, c]
        return ExactMatrix.from_rows(basis) if free else ExactMatrix.zero(self.cols, 0)

    def range(self) -> ExactMatrix:
        """A basis of the range, as columns: the pivot columns."""
        _, pivots = self.rref()
        rows = [[row[c] for c in pivots] for row in self.to_rows()]
        return ExactMatrix.from_rows(rows) if pivots else ExactMatrix.zero(self.rows, 0)

    def part(self, rows: Iterable[int], columns: Iterable[int]) -> ExactMatrix:
        """The submatrix of these rows and columns."""
        table, wanted, rows = self.to_rows(), list(columns), list(rows)
        if not rows or not wanted:
            return ExactMatrix.zero(len(rows), len(wanted))
        return ExactMatrix.from_rows([[table[r][c] for c in wanted] for r in rows])

    def inverse(self) -> ExactMatrix:
        """A⁻¹; :class:`ShapeError` if A is singular."""
        return self.solve(ExactMatrix.identity(self.rows))

    def _same_shape(self, other: Any) -> ExactMatrix:
        matrix = ExactMatrix.from_rows(other, "the other matrix")
        if (self.rows, self.cols) != (matrix.rows, matrix.cols):
            raise ShapeError(
                f"sizes differ: {self.rows}x{self.cols} and {matrix.rows}x{matrix.cols}"
            )
        return matrix

    # -- other people's matrices, and display

    def to_numpy(self) -> Any:
        """The nearest complex128 matrix (±inf where an entry leaves float64's range)."""
        import numpy as np

        if self._floats is None:
            self._floats = np.empty((self.rows, self.cols), dtype=np.complex128)
            re, im = self.integral().numbers
            self._floats.real.flat = nearest_floats(re, self.integral().scale)
            self._floats.imag.flat = nearest_floats(im, self.integral().scale)
        return self._floats.copy()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """The exact numbers as objects, or as ``dtype``."""
        import numpy as np

        out = np.empty((self.rows, self.cols), dtype=object)
        for r, row in enumerate(self.to_rows()):
            out[r, :] = row
        return out if dtype is None else out.astype(dtype)

    def tolist(self) -> list[list[GaussianRational]]:
        """The rows: what NumPy, mpmath and sympy make their matrices from."""
        return self.to_rows()

    def to_sympy(self) -> Any:
        """A sympy ``Matrix`` of the same exact numbers."""
        from sympy import Matrix

        return Matrix(self)

    def to_mpmath(self) -> Any:
        """An ``mpmath.matrix``, rounded to mpmath's working precision."""
        from mpmath import mp

        return mp.matrix(self)

    def to_acb_mat(self) -> Any:
        """python-flint's ``acb_mat`` of balls at its working precision."""
        from flint import acb, acb_mat, arb

        return acb_mat([[acb(arb(z.re), arb(z.im)) for z in row] for row in self.to_rows()])

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


def _from_fractions(
    rows: int, cols: int, re_part: list[tuple[int, int]], im_part: list[tuple[int, int]]
) -> ExactMatrix:
    parts = [fmpq_mat(rows, cols, [fmpq(*pair) for pair in part]) for part in (re_part, im_part)]
    return ExactMatrix(*parts)


def matrix_from_hex(rows: Sequence[Sequence[object]], name: str = "matrix") -> ExactMatrix:
    """Inverse of the rows of [re, im] hexadecimal pairs used in certificates."""
    table: list[list[GaussianRational]] = []
    for r, row in enumerate(rows, 1):
        table.append([])
        for c, pair in enumerate(row, 1):
            try:
                table[-1].append(parse_hex_pair(pair))
            except NumberError as error:
                raise NumberError(
                    f"{name}, row {r}, column {c}: {error.message}", error.remedy
                ) from None
    return ExactMatrix.from_rows(table, name)


def hstack(left: ExactMatrix, right: ExactMatrix) -> ExactMatrix:
    """[left right]."""
    return vstack(left.transpose(), right.transpose()).transpose()


def vstack(top: ExactMatrix, bottom: ExactMatrix) -> ExactMatrix:
    """[top; bottom]."""
    if top.cols != bottom.cols:
        raise ShapeError(f"{top.cols} and {bottom.cols} columns cannot be stacked")
    shape = (top.rows + bottom.rows, top.cols)
    parts = [(top.real_part, bottom.real_part), (top.imag_part, bottom.imag_part)]
    return ExactMatrix(*(fmpq_mat(*shape, a.entries() + b.entries()) for a, b in parts))
