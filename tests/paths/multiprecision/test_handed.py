"""Weights as mpmath matrices and back: what is measured is what the caller holds."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.errors import NumberError
from deepexp_exact.exact.binary import from_mpf, holds_integers, integers_to_mp_matrix
from deepexp_exact.paths.multiprecision.kernel import Stack
from deepexp_exact.paths.multiprecision.kernel.reading import Handed, from_mpmath

INTEGERS = st.one_of(
    st.just(0), st.integers(-9, 9), st.integers(-(2**400), 2**400), st.sampled_from([2**300, -96])
)


@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(-900, 900))
def test_integers_become_mpmath_numbers_of_the_same_value(
    data: st.DataObject, rows: int, cols: int, exponent: int
) -> None:
    re, im = (
        data.draw(st.lists(INTEGERS, min_size=rows * cols, max_size=rows * cols)) for _ in range(2)
    )
    matrix = integers_to_mp_matrix(rows, cols, re, im, exponent)
    for z, x, y in zip(matrix, re, im, strict=True):
        for part, expected in ((z.real, x), (z.imag, y)):
            m, e = from_mpf(part)
            low = min(e, exponent)
            assert m << e - low == expected << exponent - low
        assert isinstance(z, mpmath.mpc if y else mpmath.mpf)
    assert holds_integers(matrix, re, im, exponent)
    k = data.draw(st.integers(0, rows * cols - 1))
    for step in (1, -1, 2 * abs(re[k]) + 1):
        assert not holds_integers(matrix, [*re[:k], re[k] + step, *re[k + 1 :]], im, exponent)
        assert not holds_integers(matrix, re, [*im[:k], im[k] - step, *im[k + 1 :]], exponent)
    if re[k]:
        assert not holds_integers(matrix, [*re[:k], -re[k], *re[k + 1 :]], im, exponent)


def handed() -> Handed:
    rng = np.random.default_rng(5)
    return Handed(Stack.from_complex(rng.standard_normal((3, 3)) + 1j, -40))


def value(stack: Stack) -> tuple[list[int], list[int], int]:
    return *stack.to_integers(), stack.exp


def test_what_is_read_back_is_what_is_held() -> None:
    one = handed()
    assert one.read() is one.stack
    assert value(from_mpmath(one.matrix).truncated(one.stack.exp)) == value(one.stack)


@pytest.mark.parametrize("factor", ["-1", "1+2**-50", "2", "i"])
def test_a_changed_entry_is_read_as_it_is(factor: str) -> None:
    one = handed()
    change = {"-1": -1, "2": 2, "i": mpmath.mpc(0, 1)}.get(factor, 1 + mpmath.mpf(2) ** -50)
    before = one.matrix[1, 2]
    with mpmath.workprec(400):
        one.matrix[1, 2] = before * change
    read = one.read()
    assert read is not one.stack
    with mpmath.workprec(400):
        difference = (read - one.stack).to_complex()
        expected = np.zeros((3, 3), dtype=complex)
        expected[1, 2] = complex(before * change - before)
    assert np.allclose(difference, expected, rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("entry", [mpmath.inf, mpmath.nan, mpmath.mpc(0, mpmath.inf)])
def test_an_entry_that_is_no_number_is_an_error(entry: object) -> None:
    one = handed()
    one.matrix[0, 0] = entry
    with pytest.raises(NumberError):
        one.read()
