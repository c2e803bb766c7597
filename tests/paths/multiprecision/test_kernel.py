"""The kernel against Python's integers: exact for every entry, faults noticed and repaired."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from deepexp_exact.paths.multiprecision.kernel import (
    TALLY,
    NoContraction,
    Stack,
    System,
    Term,
    entrywise,
    evaluate,
    join,
    product,
    products,
    residues,
    stack,
)

Pair = list[list[tuple[int, int]]]


def integers(stack: Stack) -> tuple[Pair, int]:
    re, im = stack.to_integers()
    flat = list(zip(re, im, strict=True))
    cols = stack.shape[1]
    return [flat[k : k + cols] for k in range(0, len(flat), cols)], 20 * stack.exp


def multiply(a: Pair, b: Pair) -> Pair:
    return [
        [
            (
                sum(x[0] * b[k][c][0] - x[1] * b[k][c][1] for k, x in enumerate(row)),
                sum(x[0] * b[k][c][1] + x[1] * b[k][c][0] for k, x in enumerate(row)),
            )
            for c in range(len(b[0]))
        ]
        for row in a
    ]


def value(stack: Stack) -> list[Fraction]:
    re, im = stack.to_integers()
    scale = Fraction(2) ** (20 * stack.exp)
    return [v * scale for v in re + im]


def draw(rng: random.Random, rows: int, cols: int, bits: int, exponent: int = 0) -> Stack:
    def part() -> list[int]:
        return [rng.randrange(-(2**bits), 2**bits + 1) for _ in range(rows * cols)]

    return Stack.from_integers(part(), part(), (rows, cols), exponent)


def extreme(rows: int, cols: int, digits: int, kind: str, rng: random.Random) -> Stack:
    """Stacks that sit on the edge of what the digits may hold."""
    top = 2.0**19 + 1
    array = np.full((digits, 2, rows, cols), top)
    if kind == "lowest":
        array = -array
    elif kind == "alternating":
        array[::2] *= -1
    elif kind == "signs":
        array *= np.array([rng.choice((-1.0, 1.0)) for _ in range(array.size)]).reshape(array.shape)
    elif kind == "sparse":
        array[:, :, 1:, :] = 0
        array[:, 1] = 0
    elif kind == "range":
        array[2:, :, 0, :] = 0
        array[:-1, :, -1, :] = 0
    return Stack(array, -digits)


@pytest.mark.parametrize(
    ("rows", "inner", "cols", "bits"),
    [
        (1, 1, 1, 5),
        (3, 3, 3, 60),
        (2, 7, 3, 200),
        (5, 5, 5, 1000),
        (33, 33, 2, 150),
        (2, 65, 2, 90),
    ],
)
def test_product_equals_integers(rows: int, inner: int, cols: int, bits: int) -> None:
    rng = random.Random(bits)
    a, b = draw(rng, rows, inner, bits, -37), draw(rng, inner, cols, bits + 11, 5)
    found, exponent = integers(product(a, b))
    (left, e1), (right, e2) = integers(a), integers(b)
    shift = exponent - e1 - e2
    expected = multiply(left, right)
    assert [[(x << shift, y << shift) for x, y in row] for row in found] == expected


@pytest.mark.parametrize("d", [2, 6])  # by FLINT, by images whose powers are not looked up
def test_very_long_numbers_are_multiplied_exactly(d: int) -> None:
    rng = random.Random(d)
    a, b = (extreme(d, d, digits, "signs", rng) for digits in (1100, 900))
    (left, e1), (right, e2) = integers(a), integers(b)
    for c in (a, extreme(d, d, 300, "range", rng)):  # the second time from what was kept
        found, exponent = integers(evaluate([Term(a, b), Term(c, None, -1)]))
        (third, e3), least = integers(c), min(e1 + e2, 20 * c.exp)
        pairs = zip(multiply(left, right), third, strict=True)
        assert [[(x << exponent - least, y << exponent - least) for x, y in r] for r in found] == [
            [
                (
                    (x << e1 + e2 - least) - (u << e3 - least),
                    (y << e1 + e2 - least) - (v << e3 - least),
                )
                for (x, y), (u, v) in zip(*rows, strict=True)
            ]
            for rows in pairs
        ]


def test_one_row_stands_for_many_by_flint_too() -> None:
    rng = random.Random(1)
    a, row = extreme(3, 3, 900, "signs", rng), extreme(1, 3, 900, "range", rng)
    column = row.transposed()
    ((factors,), e2), (left, e1) = integers(row), integers(a)
    for scaled, along in ((entrywise(a, row), True), (entrywise(a, column), False)):
        found, exponent = integers(scaled)
        for r, line in enumerate(left):
            for c, (x, y) in enumerate(line):
                u, v = factors[c if along else r]
                got = tuple(w << exponent - e1 - e2 for w in found[r][c])
                assert got == (x * u - y * v, x * v + y * u)


@pytest.mark.parametrize("kind", ["highest", "lowest", "alternating", "signs", "sparse", "range"])
@pytest.mark.parametrize(("d", "digits"), [(1, 3), (4, 12), (32, 6), (33, 6), (128, 2), (2, 600)])
def test_extreme_digits_are_multiplied_exactly(kind: str, d: int, digits: int) -> None:
    rng = random.Random(d)
    a = extreme(d, d, digits, kind, rng)
    b = extreme(d, d, digits, "signs", rng).part(slice(None), slice(0, 2))
    terms = [Term(a, b)]
    assert (product(a, b) - products._by_integers(terms, a.exp + b.exp)).is_zero()
    row = extreme(1, d, digits, kind, rng)
    terms = [Term(a, row, entrywise=True)]
    assert (entrywise(a, row) - products._by_integers(terms, a.exp + row.exp)).is_zero()


def test_longest_sums_keep_their_bounds() -> None:
    """The bounds stated in the docstrings, for the largest primes in use."""
    for bits, inner in ((25, residues.SMALL_INNER), (24, residues.LARGEST_INNER)):
        largest = residues.family(bits)[0] // 2 + 2
        assert inner * largest**2 < 2**53 - 2**25
        assert 2 * residues._TERMS * largest * (2**19 + 1) < 2**53 - 2**25
        assert all(p % 4 == 1 for p in residues.family(bits)[:20])


@pytest.mark.parametrize("low", [-30, -12, -9, -5, 0, 4])
def test_rounded_product_is_within_the_stated_error(low: int) -> None:
    rng = random.Random(low)
    a, b = draw(rng, 4, 4, 150, -160), draw(rng, 4, 4, 150, -160)
    exact, rounded = value(product(a, b)), value(product(a, b, low))
    unit = Fraction(2) ** (20 * low)
    worst = max(abs(x - y) for x, y in zip(exact, rounded, strict=True))
    assert worst <= Fraction(51, 100) * unit + Fraction(1, 2**19) * unit


def test_a_product_far_below_the_digits_kept_is_zero() -> None:
    """The position asked for may lie above the highest digit of the result."""
    rng = random.Random(8)
    a, b = draw(rng, 2, 2, 150, -2000), draw(rng, 2, 2, 150, -2000)
    for low in (-182, -100, 0):
        assert all(entry == 0 for entry in value(product(a, b, low)))


def test_differences_that_cancel_cost_only_their_size() -> None:
    rng = random.Random(3)
    a, b = draw(rng, 6, 6, 400), draw(rng, 6, 6, 400)
    near = product(a, b) + draw(rng, 6, 6, 50)
    wide = evaluate([Term(a, b), Term(near, None, -1)])
    before = TALLY.widened
    narrow = evaluate([Term(a, b), Term(near, None, -1)], expected_size=52.0)
    assert (wide - narrow).is_zero()
    assert TALLY.widened == before


def test_a_size_estimated_too_small_is_noticed() -> None:
    rng = random.Random(4)
    a, b = draw(rng, 6, 6, 400), draw(rng, 6, 6, 400)
    before = TALLY.widened
    found = evaluate([Term(a, b)], expected_size=100.0)
    assert TALLY.widened == before + 1
    assert (found - products._by_integers([Term(a, b)], 0)).is_zero()


@pytest.mark.parametrize("where", ["product", "image", "digits"])
def test_a_forced_fault_is_noticed_and_repaired(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(5)
    a, b = draw(rng, 5, 5, 300), draw(rng, 5, 5, 300)
    expected = products._by_integers([Term(a, b)], 0)
    if where == "product":
        original = products._matmul

        def faulty(left: Any, right: Any, index: int = 0) -> Any:
            out = original(left, right, index)
            out[3, 2, 1] += 1.0
            return out

        monkeypatch.setattr(products, "_matmul", faulty)
    elif where == "image":
        a.images(25, 40)[7, 0, 0] += 1.0
    else:
        original_combine = products.combine

        def faulty_combine(*arguments: Any) -> Any:
            digits, deviation = original_combine(*arguments)
            digits[0, 0, 1, 1] += 1.0
            return digits, deviation

        monkeypatch.setattr(products, "combine", faulty_combine)
        monkeypatch.setattr(products, "CHECK_EVERY", 1)  # seen by the check modulo another prime
    before = TALLY.repaired
    assert (product(a, b) - expected).is_zero()
    assert TALLY.repaired == before + 1


def test_every_product_may_be_checked_modulo_another_prime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "CHECK_EVERY", 1)
    rng = random.Random(6)
    before = TALLY.checked, TALLY.repaired
    a, b = draw(rng, 4, 4, 100, -70), draw(rng, 4, 4, 90)
    row, c = draw(rng, 1, 4, 80), draw(rng, 4, 4, 200, -300)
    for terms in ([Term(a, b)], [Term(a, row, -1, True), Term(c)], [Term(a, b), Term(b, a, -1)]):
        evaluate(terms, -3)
    assert (TALLY.checked, TALLY.repaired) == (before[0] + 3, before[1])


def test_integers_and_floats_go_through_stacks_unchanged() -> None:
    rng = random.Random(7)
    for bits in (1, 19, 20, 21, 61, 62, 63, 64, 500):
        re = [rng.randrange(-(2**bits), 2**bits + 1) for _ in range(6)] + [0, 2**bits, -(2**bits)]
        im = [-v for v in re[::-1]]
        stack = Stack.from_integers(re, im, (3, 3), -7)
        scale = Fraction(2) ** -7
        assert value(stack) == [v * scale for v in re + im]
        assert np.max(np.abs(stack.digits)) <= 2**19 + 1
    numbers = np.array([[1.5 + 2j, -1e-100], [3e100, 2.0**-300 * 1j]])
    exact = [Fraction(x) for x in numbers.real.ravel()] + [
        Fraction(x) for x in numbers.imag.ravel()
    ]
    assert value(Stack.from_complex(numbers)) == exact
    assert np.allclose(Stack.from_complex(numbers, 0, 4).to_complex()[0, 0], 0, atol=1e80)


def test_sums_shifts_roundings_and_blocks() -> None:
    rng = random.Random(8)
    a, b = draw(rng, 3, 3, 130, -41), draw(rng, 3, 3, 70, -200)
    sums = [x + y for x, y in zip(value(a), value(b), strict=True)]
    assert value(a + b) == sums
    assert value((a - b) + b) == value(a)
    assert value(a.shifted(-33)) == [x / 2**33 for x in value(a)]
    short = a.rounded(5)
    assert all(
        x % 32 == 0 and abs(x - y) <= 16 + Fraction(1, 2**10)
        for x, y in zip(value(short), value(a), strict=True)
    )
    both = join([[a, b], [b, a]])
    assert (both.part(slice(0, 3), slice(3, 6)) - b).is_zero()
    assert value(a.transposed().transposed()) == value(a)


@pytest.mark.parametrize("bits", [60, 200, 900])
def test_inverse_and_solution_reach_the_bits_asked(bits: int) -> None:
    rng = random.Random(bits)
    a, b = draw(rng, 5, 5, 53, -53), draw(rng, 5, 5, 53, -53)
    for right in (None, b):
        system = System(a, right)
        system.improve(bits)
        left = (Stack.identity(5) if right is None else right) - product(a, system.value)
        assert (left - system.left).is_zero()
        assert system.reached >= bits
        assert left.size <= a.size - bits + system.value.size + 8


def test_a_matrix_singular_in_float64_is_refused() -> None:
    singular = Stack.from_integers([1, 2, 2, 4], [0] * 4, (2, 2))
    with pytest.raises(NoContraction):
        System(singular)
    nearly = singular
    tiny = Stack.from_integers([0, 0, 0, 1], [0] * 4, (2, 2), -120)
    with pytest.raises(NoContraction):
        System(nearly + tiny)


def test_images_that_are_let_go_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many long operands whose images exceed what is kept: every product is as before."""
    rng = random.Random(8)
    operands = [draw(rng, 20, 20, 14_000) for _ in range(2)]

    def products() -> list[tuple[Any, int]]:
        found = [product(a, b) for a in operands for b in operands]
        return [(one.to_integers(), one.exp) for one in found]

    expected = products()
    monkeypatch.setattr(stack, "MOST", 0)
    for one in operands:
        one.forget_images()
    assert products() == expected


@pytest.mark.parametrize("columns", [3, 700, 5000])
@pytest.mark.parametrize("length", [2, 17, 300])
def test_carries_leave_the_number_and_small_digits(columns: int, length: int) -> None:
    """One after another and in parallel, whole and in parts."""
    rng = np.random.default_rng(columns + length)
    digits = np.rint(rng.uniform(-(2.0**51), 2.0**51, (length, columns)))
    before = digits.copy()
    residues.carried(digits)
    assert np.abs(digits[:-1]).max() <= 2**19 + 1
    for k in range(0, columns, max(1, columns // 5)):
        numbers = [sum(int(x) << 20 * j for j, x in enumerate(t[:, k])) for t in (before, digits)]
        assert numbers[0] == numbers[1]
