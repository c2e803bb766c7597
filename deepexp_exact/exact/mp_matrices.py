"""An mpmath matrix that knows its way to other libraries: the type of every solution's weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp

from ..errors import NumberError
from .binary import exact_balls, from_mpf, packed, unpacked


class MpMatrix(mp.matrix):  # type: ignore[misc]
    """An ``mpmath.matrix`` (``mp.expm(W)``, ``W*X``, ``W[i, j]`` are mpmath's own) whose entries,
    binary numbers, are handed on exactly where the other type can hold them.

    ``own`` is the same weight as its path computed it, where that is no mpmath matrix: balls about
    these entries, a NumPy array, or a closed form, of which ``at_digits`` gives as many digits as
    one asks for.  What mpmath's matrices do not have is looked up there; sums, differences and
    ``@`` with an array are NumPy's."""

    own: Any = None
    at_digits: Callable[[int], Any] | None = None

    def __setitem__(self, key: Any, value: Any) -> None:
        self.own = self.at_digits = None  # an entry that is changed is that of no path
        super().__setitem__(key, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or self.own is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.own, name)

    def __add__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else super().__add__(other)

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else super().__sub__(other)

    def __matmul__(self, other: Any) -> Any:
        return self * other if isinstance(other, mp.matrix) else NotImplemented

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    def to_mpmath(self) -> Any:
        """A plain ``mpmath.matrix`` of the same entries, none of them rounded."""
        plain = mp.matrix(self.rows, self.cols)
        for r in range(self.rows):
            for c in range(self.cols):
                plain[r, c] = self[r, c]
        return plain

    def to_numpy(self, dtype: Any = complex) -> Any:
        """A NumPy array of shape (rows, cols): complex128, or ``dtype=object`` with the mpmath
        numbers themselves.  :class:`NumberError` names an entry that float64 cannot hold."""
        import numpy as np

        if isinstance(self.own, np.ndarray) and np.dtype(dtype) != np.dtype(object):
            return self.own.astype(dtype)
        rows = self.tolist()
        if np.dtype(dtype) == np.dtype(object):
            out = np.empty((self.rows, self.cols), dtype=object)
            for r, row in enumerate(rows):
                out[r, :] = row
            return out
        values = np.array([[complex(z) for z in row] for row in rows])
        for r, row in enumerate(rows):
            for c, z in enumerate(row):
                lost = z != 0 and values[r, c] == 0
                if lost or not np.isfinite(values[r, c]):
                    raise NumberError(
                        f"row {r + 1}, column {c + 1}: {mp.nstr(z, 5)} is outside float64's range",
                        "use .to_numpy(dtype=object)",
                    )
        return values.astype(dtype)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.to_numpy(complex if dtype is None else dtype)

    def to_sympy(self) -> Any:
        """A sympy ``Matrix``: the closed form where there is one, otherwise the same binary numbers
        as rationals."""
        from sympy import I, Matrix, Rational

        if self.at_digits is not None:
            return self.own.copy()

        def exact(part: Any) -> Any:
            mantissa, exponent = from_mpf(part)
            power = Rational(2) ** abs(exponent)
            return mantissa * power if exponent >= 0 else Rational(mantissa) / power

        return Matrix([[exact(z.real) + I * exact(z.imag) for z in row] for row in self.tolist()])

    def to_acb_mat(self) -> Any:
        """python-flint's ``acb_mat`` of the same numbers, radius 0."""
        return exact_balls(self)

    def decimal(self, digits: int = 50) -> list[list[str]]:
        """The entries as decimal texts of so many significant digits, rounded to nearest."""
        source = self if self.at_digits is None else self.at_digits(digits + 5)
        return [[decimal(z, digits) for z in row] for row in source.tolist()]

    def _repr_latex_(self) -> str:
        rows = (" & ".join(t.replace("i", r"\mathrm{i}") for t in r) for r in self.decimal(6))
        return r"$\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}$"

    def __reduce__(self) -> tuple[Any, ...]:
        return unpacked, (packed(self),)


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_ufunc__") and value.ndim > 0


def decimal(z: Any, digits: int) -> str:
    """An ``mpf`` or ``mpc`` as text such as 1.25-3.0e-7i, each part to ``digits`` digits."""
    with mp.workdps(digits + 5):
        re = str(mp.nstr(z.real, digits, strip_zeros=True))
        if z.imag == 0:
            return re
        im = str(mp.nstr(abs(z.imag), digits, strip_zeros=True))
    sign = "-" if z.imag < 0 else "+"
    if z.real == 0:
        return f"{sign if sign == '-' else ''}{im}i"
    return f"{re}{sign}{im}i"
