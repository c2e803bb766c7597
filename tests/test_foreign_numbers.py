"""Numbers of other packages: read exactly as they are, or refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint
import gmpy2
import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpz
from helpers import gaussians
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.errors import DeepexpError, NumberError
from deepexp_exact.exact import (
    ExactMatrix,
    GaussianRational,
    gaussian,
    to_gaussian,
)

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core

finite = st.floats(allow_nan=False, allow_infinity=False)


def exact(value: float) -> fmpq:
    return fmpq(*value.as_integer_ratio())


def as_gaussian(re: Any, im: Any = 0) -> GaussianRational:
    re, im = Fraction(re), Fraction(im)
    return gaussian(fmpq(re.numerator, re.denominator), fmpq(im.numerator, im.denominator))


@given(finite, finite)
def test_floats_are_their_dyadic_value(x: float, y: float) -> None:
    z = gaussian(exact(x), exact(y))
    assert to_gaussian(complex(x, y)) == z
    assert to_gaussian(np.complex128(complex(x, y))) == z
    assert to_gaussian(mpmath.mpc(x, y)) == z
    assert to_gaussian(gmpy2.mpc(complex(x, y))) == z
    for real in (x, np.float64(x), np.longdouble(x), mpmath.mpf(x), gmpy2.mpfr(x), arb(x)):
        assert to_gaussian(real) == gaussian(z.re)
    assert complex(z) == complex(x, y)


@given(st.fractions())
def test_fractions_are_themselves(x: Fraction) -> None:
    z = as_gaussian(x)
    for value in (
        x,
        gmpy2.mpq(x.numerator, x.denominator),
        sympy.Rational(x.numerator, x.denominator),
        fmpq(x.numerator, x.denominator),
    ):
        assert to_gaussian(value) == z


@given(st.integers(-(10**50), 10**50))
def test_integers_are_themselves(n: int) -> None:
    for value in (n, gmpy2.mpz(n), sympy.Integer(n), fmpz(n), mpmath.mpf(n, prec=200)):
        assert to_gaussian(value) == gaussian(n)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20))
def test_decimals_are_the_fractions_they_spell(x: Decimal) -> None:
    assert to_gaussian(x) == as_gaussian(Fraction(x))


@given(gaussians())
def test_sympy_numbers_in_q_of_i_are_as_they_are(z: GaussianRational) -> None:
    parts = [sympy.Rational(int(x.p), int(x.q)) for x in (z.re, z.im)]
    assert to_gaussian(parts[0] + sympy.I * parts[1]) == z


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.uint64, np.float16, np.float32])
def test_numpy_scalars_of_every_kind(kind: Any) -> None:
    top = np.iinfo(kind).max if np.issubdtype(kind, np.integer) else np.finfo(kind).max
    assert to_gaussian(kind(top)) == as_gaussian(Fraction(int(top)))


def test_extended_precision_of_other_packages_is_kept() -> None:
    third = np.longdouble(1) / 3
    assert to_gaussian(third) == as_gaussian(Fraction(*third.as_integer_ratio()))
    with mpmath.workdps(100):
        x = mpmath.mpf(1) / 3
    assert to_gaussian(x) == as_gaussian(Fraction(int(x.man), 2 ** -int(x.exp)))
    y = gmpy2.mpfr("0.1", 300)
    assert to_gaussian(y) == as_gaussian(Fraction(*map(int, y.as_integer_ratio())))
    assert to_gaussian(sympy.Float("0.1", 60)) != as_gaussian("1/10")
    assert to_gaussian(flint.acb(1.5, -2)) == as_gaussian("3/2", -2)


class Foreign:
    """An object of a type nobody has heard of."""


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), -float("inf"), complex("nan"), complex(1, float("inf")),
        np.float64("nan"), np.complex128("inf"), np.longdouble("nan"), np.float16("inf"),
        mpmath.mpf("nan"), mpmath.mpf("inf"), mpmath.mpc(1, mpmath.ninf), gmpy2.mpfr("nan"),
        gmpy2.mpfr("-inf"), gmpy2.mpc("nan+1j"), Decimal("NaN"), Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1e999999999"), sympy.nan, sympy.oo, -sympy.oo, sympy.zoo, sympy.sqrt(2), sympy.pi,
        sympy.Symbol("x"), sympy.true, sympy.I * sympy.pi, sympy.exp(sympy.I), sympy.Interval(0, 1),
        arb("0.1"), arb("nan"), arb("inf"), flint.acb(1, arb("0.1")), flint.nmod(1, 5),
        mpmath.iv.mpf([1, 2]),
        mpmath.mp.pi, mpmath.mpf("1e99999"), True, False, np.True_, None, b"1", bytearray(b"1"),
        [1], (1, 2), {"a": 1}, np.array([1.0]), np.array(0.5), np.datetime64("2020"),
        np.timedelta64(5, "s"), Foreign(), Foreign, len,
    ],
    ids=lambda value: f"{type(value).__name__}-{str(value)[:20]}",
)  # fmt: skip
def test_other_objects_are_refused(value: object) -> None:
    with pytest.raises(NumberError) as caught:
        to_gaussian(value)
    assert caught.value.message
    with pytest.raises(DeepexpError, match="Y2, row 1, column 2"):
        ExactMatrix.from_rows([[1, value]], "Y2")
