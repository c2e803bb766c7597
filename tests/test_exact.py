"""Numbers and matrices: what is read is exact, what is written reads back, the rest is refused."""

from __future__ import annotations

import pickle
import sys
import time
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_mat, fmpz
from helpers import gaussians, matrices, rationals
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.errors import NumberError, ShapeError
from deepexp_exact.exact import (
    MAX_DIMENSION,
    MAX_EXPONENT,
    MAX_NUMBER_CHARS,
    PRIMES,
    ExactMatrix,
    GaussianRational,
    format_number,
    from_hex,
    gaussian,
    hex_pair,
    hstack,
    matrix_from_hex,
    parse_hex_pair,
    parse_number,
    sqrt_minus_one,
    to_hex,
    vstack,
)
from deepexp_exact.problems.families import hilbert

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core

wide = st.builds(fmpq, st.integers(-(10**40), 10**40), st.integers(1, 10**40)) | rationals()
numbers = st.builds(GaussianRational, wide, wide)
finite = st.floats(allow_nan=False, allow_infinity=False)


def exact(value: float) -> fmpq:
    return fmpq(*value.as_integer_ratio())


def as_gaussian(re: Any, im: Any = 0) -> GaussianRational:
    re, im = Fraction(re), Fraction(im)
    return gaussian(fmpq(re.numerator, re.denominator), fmpq(im.numerator, im.denominator))


# ------------------------------------------------------------------------------ texts


@given(numbers)
def test_format_then_parse_is_the_identity(z: GaussianRational) -> None:
    assert parse_number(format_number(z)) == z
    assert parse_number(str(z)) == z


@given(numbers)
def test_hexadecimal_pair_round_trip(z: GaussianRational) -> None:
    pair = hex_pair(z)
    assert parse_hex_pair(pair) == z
    assert all(text == text.lower() and " " not in text for text in pair)
    assert Fraction(int(z.re.p), int(z.re.q)) == Fraction(
        int(pair[0].split("/")[0], 16), int((pair[0] + "/0x1").split("/")[1], 16)
    )


@pytest.mark.parametrize(
    ("text", "re", "im"),
    [
        ("0", "0", "0"),
        ("-0", "0", "0"),
        ("+7", "7", "0"),
        ("007", "7", "0"),
        ("1/3", "1/3", "0"),
        ("-4/6", "-2/3", "0"),
        ("+4/6", "2/3", "0"),
        ("0.1", "1/10", "0"),
        (".5", "1/2", "0"),
        ("5.", "5", "0"),
        ("-2.5e-3", "-1/400", "0"),
        ("1E+2", "100", "0"),
        ("1e-0002", "1/100", "0"),
        ("i", "0", "1"),
        ("-i", "0", "-1"),
        ("+i", "0", "1"),
        ("3i", "0", "3"),
        ("1/2i", "0", "1/2"),
        ("-1.5e1i", "0", "-15"),
        ("1+i", "1", "1"),
        ("1-i", "1", "-1"),
        ("1/3-2/5i", "1/3", "-2/5"),
        ("-0.1+1e2i", "-1/10", "100"),
        (".5-.25i", "1/2", "-1/4"),
        ("0+0i", "0", "0"),
    ],
)
def test_the_grammar(text: str, re: str, im: str) -> None:
    assert parse_number(text) == as_gaussian(re, im)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 ", " 1", "1 2", "1\n", "\t1", "a", "x1", "1j", "2+3j", "1_000", "１", "٣",
        "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "1.5.5i", "1/2.5i", "1//2", "1/-2", "1/2/3",
        "1/3e5", "1.5/2", "1/2.5", "--1", "+-1", "1+", "1+2", "1+2+3i", "i1", "ii", "2i+1", "1+-i",
        "3i/4", "i/0", "1/0", "0/0", "1+1/0i", "0x10", "0b1", "1e5.5", "1,5", "(1)", "1*2", "2**3",
        "nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "None", "True",
        "__import__('os')", "lambda: 0", "os.system('true')", "1;2", "exec('1')", "sqrt(2)", "pi",
        "[1]", "{}", "1#", "\x001", "1\x00", "½", "−1", "1e٣",
    ],
)  # fmt: skip
def test_what_is_not_a_number_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text)
    assert caught.value.remedy or "zero denominator" in caught.value.message
    if text:
        with pytest.raises(NumberError, match="M, row 2, column 1"):
            ExactMatrix.from_rows([[1, 2], [text, 3]], "M")


@given(st.text(max_size=12))
def test_any_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        value = parse_number(text)
    except NumberError:
        return
    assert parse_number(format_number(value)) == value
    assert set(text) <= set("0123456789+-./eEi")


@given(st.text(alphabet="0123456789+-./eEi", max_size=14))
def test_texts_over_the_alphabet_agree_with_a_second_reader(text: str) -> None:
    """The second reader: Fraction for each part, cut at the last sign outside an exponent."""
    try:
        value = parse_number(text)
    except NumberError:
        return
    body, im = text, Fraction(0)
    if text.endswith("i"):
        cut = max(
            (k for k in range(1, len(text)) if text[k] in "+-" and text[k - 1] not in "eE"),
            default=0,
        )
        coefficient, body = text[cut:-1], text[:cut]
        im = Fraction(coefficient + "1") if coefficient in ("", "+", "-") else Fraction(coefficient)
    assert value == as_gaussian(Fraction(body) if body else 0, im)


@pytest.mark.parametrize(
    "shape",
    ["1" * 40_000 + "x", "1." * 20_000, "1" * 40_000 + "+", "1e" + "1" * 40_000, "1/" * 20_000],
)
def test_a_long_text_is_refused_in_linear_time(shape: str) -> None:
    started = time.perf_counter()
    with pytest.raises(NumberError) as caught:
        parse_number(shape)
    assert time.perf_counter() - started < 5
    assert len(str(caught.value)) < 400


def test_numbers_at_and_beyond_the_limits() -> None:
    longest = "7" * MAX_NUMBER_CHARS
    with pytest.raises(NumberError, match="limit is 50000"):
        parse_number(longest + "7")
    with pytest.raises(NumberError, match=f"beyond ±{MAX_EXPONENT}"):
        parse_number(f"1e{MAX_EXPONENT + 1}")
    with pytest.raises(NumberError, match="beyond"):
        parse_number("1e-99999999999999999999")
    assert parse_number(f"1e-{MAX_EXPONENT}").re == fmpq(1, fmpz(10) ** MAX_EXPONENT)
    big = parse_number("7" * 49_000)
    assert parse_number(format_number(big)) == big


def test_what_could_not_be_written_again_is_not_accepted() -> None:
    text = "0." + "1" * 30_000  # as a fraction: 60 001 digits
    with pytest.raises(NumberError, match="also as a fraction"):
        parse_number(text)
    text = "0." + "1" * 24_000
    assert parse_number(format_number(parse_number(text))) == parse_number(text)


def test_long_numbers_do_not_need_a_larger_limit_of_python() -> None:
    assert sys.get_int_max_str_digits() == 4300
    number = parse_number("3" * 20_000 + "/7")
    assert parse_number(str(number)) == number
    assert from_hex(to_hex(number.re)) == number.re


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "1a", "0x", "-0x0", "0x01", "0X1A", "0x1A", "0x1/0x0", "0x2/0x4", "0x1/0x1",
        "0x1/2", " 0x1", "0x1 ", "+0x1", "0x1/-0x2", "0x1//0x2", "0x1p3", None, 1, 1.5, ["0x1"],
    ],
)  # fmt: skip
def test_only_the_canonical_hexadecimal_fraction_is_read(text: object) -> None:
    with pytest.raises(NumberError):
        from_hex(text)


@pytest.mark.parametrize("pair", [None, "0x1", [], ["0x1"], ["0x1"] * 3, ["0x1", 2], {"re": "0x1"}])
def test_only_a_pair_of_hexadecimal_fractions_is_read(pair: object) -> None:
    with pytest.raises(NumberError):
        parse_hex_pair(pair)
    with pytest.raises(NumberError, match="W1, row 1, column 2"):
        matrix_from_hex([[["0x1", "0x0"], pair]], "W1")


# ------------------------------------------------------------------------------ arithmetic


@given(numbers, numbers, numbers)
def test_numbers_form_a_field_with_conjugation(
    a: GaussianRational, b: GaussianRational, c: GaussianRational
) -> None:
    assert a * (b + c) == a * b + a * c
    assert (a - b) + b == a
    negative = -a
    assert -negative == a
    assert (a * b).conjugate() == a.conjugate() * b.conjugate()
    assert gaussian(a.norm()) == a * a.conjugate()
    if not b.is_zero():
        assert a / b * b == a
    assert (a == b) <= (hash(a) == hash(b))


def test_division_by_zero_is_a_typed_error() -> None:
    with pytest.raises(NumberError, match="division"):
        gaussian(1) / gaussian(0)


def test_floats_of_huge_and_tiny_numbers() -> None:
    assert complex(parse_number("1e400-1e400i")) == complex(float("inf"), -float("inf"))
    assert complex(parse_number("1e-400")) == 0
    assert complex(parse_number("5e-324")) == 5e-324


@pytest.mark.parametrize("p", PRIMES)
def test_the_primes_are_primes_with_a_square_root_of_minus_one(p: int) -> None:
    assert fmpz(p).is_prime()
    assert p % 4 == 1
    assert p < 2**62
    assert sqrt_minus_one(p) ** 2 % p == p - 1


def test_a_number_that_is_no_such_prime_has_no_square_root_of_minus_one() -> None:
    with pytest.raises(NumberError):
        sqrt_minus_one(7)


# ------------------------------------------------------------------------------ matrices


def to_sympy(A: ExactMatrix) -> Any:
    def one(z: GaussianRational) -> Any:
        return sympy.Rational(int(z.re.p), int(z.re.q)) + sympy.I * sympy.Rational(
            int(z.im.p), int(z.im.q)
        )

    return sympy.Matrix([[one(z) for z in row] for row in A.to_rows()])


@given(st.integers(1, 4).flatmap(lambda d: matrices(d, d)))
def test_inverse_and_rank_agree(A: ExactMatrix) -> None:
    identity = ExactMatrix.identity(A.rows)
    rank = A.rank()
    assert A.is_invertible() == (rank == A.rows)
    if rank == A.rows:
        assert A @ A.inverse() == identity
        assert A.inverse() @ A == identity
    else:
        with pytest.raises(ShapeError, match="singular"):
            A.inverse()


@given(matrices(3, 3, gaussians(2, 2)))
def test_rank_and_inverse_agree_with_sympy(A: ExactMatrix) -> None:
    other = to_sympy(A)
    rank = other.rank(simplify=True)
    assert A.rank() == rank
    if rank == 3:
        assert (other * to_sympy(A.inverse())).expand() == sympy.eye(3)


@given(matrices(4, 2), matrices(2, 5))
def test_rank_of_a_product_of_thin_matrices(A: ExactMatrix, B: ExactMatrix) -> None:
    assert (A @ B).rank() <= 2
    assert vstack(A, A).rank() == A.rank() == hstack(A, A).rank() == A.transpose().rank()


@given(matrices(2, 3), matrices(3, 2), matrices(2, 3), gaussians())
def test_matrices_follow_the_laws(
    A: ExactMatrix, B: ExactMatrix, C: ExactMatrix, z: GaussianRational
) -> None:
    assert (A + C) @ B == A @ B + C @ B
    assert ExactMatrix.zero(2, 3) == A - A
    assert A.scale(gaussian(-1)) == -A
    assert (A @ B).conjugate_transpose() == B.conjugate_transpose() @ A.conjugate_transpose()
    assert (A @ B).trace() == (B @ A).trace()
    assert (A @ B).shift(z) == A @ B + ExactMatrix.identity(2).scale(z)
    assert gaussian(A.frobenius_squared()) == (A @ A.conjugate_transpose()).trace()
    for r in range(2):
        for c in range(2):
            total = gaussian(0)
            for k in range(3):
                total = total + A[r, k] * B[k, c]
            assert (A @ B)[r, c] == total


@given(matrices(2, 3))
def test_matrices_compare_hash_pickle_and_print_by_value(A: ExactMatrix) -> None:
    for twin in (
        ExactMatrix.from_rows(A.to_rows()),
        ExactMatrix.from_rows(A.to_strings()),
        pickle.loads(pickle.dumps(A)),
        matrix_from_hex([[hex_pair(z) for z in row] for row in A.to_rows()]),
        ExactMatrix.from_rows(A),
    ):
        assert twin == A
        assert hash(twin) == hash(A)
    assert eval(repr(A), {"ExactMatrix": ExactMatrix}) == A
    assert str(A).count("\n") == 1
    assert "pmatrix" in A._repr_latex_()
    assert A._repr_html_().count("<td>") == 6


def test_pickling_has_no_limit_of_length() -> None:
    huge = GaussianRational(fmpq(fmpz(2) ** 300_000, 3), fmpq(1))
    assert pickle.loads(pickle.dumps(huge)) == huge
    A = ExactMatrix.diagonal([huge, huge])
    assert pickle.loads(pickle.dumps(A)) == A


def test_a_matrix_cannot_be_changed_through_its_parts() -> None:
    A = ExactMatrix.from_rows([[1, 2], [3, 4]])
    A.real_part[0, 0] = 9
    A.imag_part[0, 0] = 9
    assert ExactMatrix.from_rows([[1, 2], [3, 4]]) == A
    assert A != "something else"


@pytest.mark.parametrize(
    "rows",
    [
        np.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], dtype=object),
        np.array([["1", "2"], ["3", "4"]]),
        np.asfortranarray(np.array([[1.0, 2], [3, 4]])),
        np.array([[1, 0, 2], [3, 0, 4]])[:, ::2],
        mpmath.matrix([[1, 2], [3, 4]]),
        sympy.Matrix([[1, 2], [3, 4]]),
        sympy.ImmutableMatrix([[1, 2], [3, 4]]),
        fmpq_mat(2, 2, [1, 2, 3, 4]),
        flint.acb_mat([[1, 2], [3, 4]]),
        ((1, 2), (3, 4)),
        (iter(row) for row in ([1, 2], [3, 4])),
        [["1", 2.0], [Fraction(3), sympy.Integer(4)]],
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_matrices_of_every_kind_are_read(rows: Any) -> None:
    assert ExactMatrix.from_rows(rows).to_strings() == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    "rows",
    [
        [], [[]], [[], []], np.zeros((0, 0)), np.zeros((2, 0)), sympy.zeros(0, 0),
        mpmath.matrix(0, 0),
        [[1, 2], [3]], [[1], [2, 3]], [1, 2], ["12", "34"], "1234", b"12", 5, None, object(),
        np.zeros(3), np.zeros((2, 2, 2)), np.array(1.0), {"a": 1}, {(1, 2)}, [{1, 2}, {3, 4}],
        np.zeros((MAX_DIMENSION + 1, 2)), [[0] * (MAX_DIMENSION + 1)],
        np.zeros((10**6, 10**3), dtype=bool),
    ],
    ids=lambda rows: f"{type(rows).__name__}",
)  # fmt: skip
def test_what_is_no_matrix_is_refused(rows: Any) -> None:
    with pytest.raises(ShapeError, match=r"^Y1"):
        ExactMatrix.from_rows(rows, "Y1")


def test_sizes_that_do_not_fit_are_refused() -> None:
    A, B = ExactMatrix.zero(2, 3), ExactMatrix.zero(2, 2)
    for action in (
        lambda: A + B,
        lambda: A - B,
        lambda: A @ B,
        lambda: A.inverse(),
        lambda: A.solve(B),
    ):
        with pytest.raises(ShapeError):
            action()
    assert not A.is_invertible()


@given(matrices(2, 2, gaussians(10**6, 10**6)))
def test_the_nearest_floats(A: ExactMatrix) -> None:
    numbers = A.to_numpy()
    for r in range(2):
        for c in range(2):
            assert numbers[r, c].real == float(Fraction(int(A[r, c].re.p), int(A[r, c].re.q)))
            assert numbers[r, c].imag == float(Fraction(int(A[r, c].im.p), int(A[r, c].im.q)))


@given(matrices(3, 3, gaussians(5, 3)))
def test_reduction_modulo_a_prime_is_a_ring_homomorphism(A: ExactMatrix) -> None:
    p = PRIMES[0]
    B = ExactMatrix.from_rows([["1", "i", "2/3"], ["-i", "5", "0"], ["1+i", "1/7", "2"]])
    assert (A @ B).modulo(p) == A.modulo(p) * B.modulo(p)
    assert (A + B).modulo(p) == A.modulo(p) + B.modulo(p)


def test_a_prime_in_a_denominator_has_no_reduction_and_the_rank_decides() -> None:
    p = PRIMES[0]
    for entry in (gaussian(fmpq(1, p)), gaussian(1, fmpq(1, p))):
        A = ExactMatrix.diagonal([entry, 1])
        assert A.modulo(p) is None
        assert A.is_invertible()
    multiple = ExactMatrix.diagonal([p, 1])
    assert multiple.modulo(p).rank() == 1
    assert multiple.is_invertible()


def test_a_hilbert_matrix_is_inverted_exactly() -> None:
    H = hilbert(8)
    assert H.inverse()[0, 0] == gaussian(64)
    assert all(z.re.q == 1 for z in H.inverse().entries())


@given(st.integers(0, 3), st.integers(1, 40))
def test_rank_where_a_prime_divides_the_only_minor(size: int, power: int) -> None:
    """The first primes are bad luck: diag(1, .., p^k) has a smaller rank modulo p."""
    A = ExactMatrix.diagonal([1] * size + [fmpq(PRIMES[0] * PRIMES[1] * PRIMES[2]) ** power])
    assert A.rank() == size + 1
    assert A.is_invertible()
