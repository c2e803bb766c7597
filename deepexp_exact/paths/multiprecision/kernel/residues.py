"""Prime fields for exact products of integer matrices by float64 BLAS.

A complex integer matrix Z is carried through a product as its images modulo primes p ≡ 1 (mod 4),
where −1 has a square root s: Z = X + iY is mapped to (X + sY, X − sY) mod p, two real matrices,
and (i ↦ ±s being ring homomorphisms) products of Gaussian integer matrices become products of the
images.  Images are float64 arrays of integers of absolute value at most p/2 + 2, so a real product
with inner dimension k has partial sums of at most k·(p/2 + 2)² and is *exact* in float64, in
whatever order BLAS adds, as long as that is below 2⁵³.  Primes just below 2²⁵ serve k ≤ 32, primes
just below 2²⁴ serve k ≤ 128.

Going to images, coming back by the Chinese remainder theorem, and every reduction modulo p are
also float64 operations whose operands are integers below 2⁵³; the bounds are at the functions.
References: Garner 1959 and Szabó & Tanaka 1967 on residue number systems with a redundant modulus;
Dumas, Giorgi & Pernet 2008 on exact linear algebra over word-size primes by BLAS.
"""

from __future__ import annotations

import itertools
import math
import threading
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: Digits and residues are at most 2²⁴ in absolute value: tables hold them in half the memory.
Short = npt.NDArray[np.float32]

#: Bits of one digit of a :class:`~.stack.Stack`; digits are balanced, |digit| ≤ 2¹⁹ + 1.
DIGIT_BITS = 20
HALF = float(1 << (DIGIT_BITS - 1))
#: Inner dimension up to which the primes below 2²⁵ keep every partial sum below 2⁵³.
SMALL_INNER = 32
#: Largest inner dimension served at all (by the primes below 2²⁴).
LARGEST_INNER = 128
#: Primes from which on the tables of a field take megabytes.
LARGE_FIELD = 480
#: Numbers that work arrays of sums and reductions hold at a time.
_CHUNK = 1 << 18
#: Columns from which on digits are carried row after row, and most rows of that.
_WIDE, _TALL = 1024, 256
#: A product has to leave this many bits of the modulus unused: the redundancy that detects faults.
SPARE_BITS = 16


class _Scratch(threading.local):
    """Grow-only work arrays of one thread: fresh large arrays cost more in page faults than the
    arithmetic done in them."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def get(self, name: str, *shape: int) -> Array:
        """An uninitialised array, valid until the same name is asked for again."""
        size = math.prod(shape)
        kept = self.arrays.get(name)
        if kept is None or kept.size < size or kept.size > 4 * size + 100_000:
            kept = self.arrays[name] = np.empty(size)
        return kept[:size].reshape(shape)


_scratch = _Scratch()
scratch = _scratch.get


def reduce_mod(values: Array, primes: Array, inverses: Array) -> Array:
    """values mod primes in place, balanced: |result| ≤ p/2 + 2 for |values| < 2⁵³ − 2²⁵.

    The computed quotient differs from values/p by at most 2²⁹·2⁻⁵¹ before rounding, so the
    rounded one by at most 1/2 + 2⁻²²; quotient·p is within p of values, hence below 2⁵³ and exact,
    and so is the difference."""
    rows = max(1, _CHUNK * len(values) // max(1, values.size))
    for start in range(0, len(values), rows):
        part, own = values[start : start + rows], slice(start, start + rows)
        quotient = np.multiply(part, inverses[own], out=scratch("quotient", *part.shape))
        np.rint(quotient, out=quotient)
        quotient *= primes[own]
        part -= quotient
    return values


@dataclass(frozen=True)
class Field:
    """The first ``count`` primes of a family, with what images and the way back need."""

    count: int
    bits: float  # log2 of the product M of the primes
    primes: Array  # (count, 1)
    inverses: Array  # 1/p
    doubled_primes: Array  # each prime twice, (2·count, 1)
    doubled_inverses: Array
    re_factors: Array  # u = (2·M/p)⁻¹ mod p
    im_factors: Array  # v = (2·s·M/p)⁻¹ mod p
    cofactor_digits: Short  # (digits of M, count + 1): those of M/p, the last column those of −M


def _sieve(low: int, high: int) -> list[int]:
    """Primes ≡ 1 (mod 4) in [low, high), largest first."""
    marks = np.ones(high - low, dtype=bool)
    small = np.ones(int(high**0.5) + 2, dtype=bool)
    for q in range(2, len(small)):
        if small[q]:
            small[q * q :: q] = False
            marks[(-low) % q :: q] = False
    found = np.flatnonzero(marks) + low
    return [int(p) for p in found[found % 4 == 1][::-1]]


@lru_cache(maxsize=4)
def family(bits: int, minimum: int = 512) -> tuple[int, ...]:
    """At least ``minimum`` primes ≡ 1 (mod 4) below 2^bits − 2¹⁰, largest first."""
    span = 1 << 16
    while len(found := _sieve((1 << bits) - span, (1 << bits) - 1024)) < minimum:
        span *= 2
    return tuple(found)


@lru_cache(maxsize=4096)
def _root(p: int) -> int:
    """A square root of −1 modulo p ≡ 1 (mod 4)."""
    for g in range(2, p):
        s = pow(g, (p - 1) // 4, p)
        if s * s % p == p - 1:
            return s if 2 * s < p else s - p
    raise ArithmeticError(f"{p} is not a prime that is 1 modulo 4")


def balanced_digits(value: int, count: int) -> list[int]:
    """Balanced base-2²⁰ digits of an integer, lowest first, the last one taking what is left."""
    half, mask = 1 << (DIGIT_BITS - 1), (1 << DIGIT_BITS) - 1
    out = []
    for _ in range(count - 1):
        digit = ((value + half) & mask) - half
        out.append(digit)
        value = (value - digit) >> DIGIT_BITS
    return [*out, value]


def unsigned_digits(value: int, count: int) -> Array:
    """Base-2²⁰ digits of a non-negative integer below 2^(20·count), lowest first."""
    raw = np.frombuffer(value.to_bytes(5 * (count // 2 + 1), "little"), dtype=np.uint8)
    return unpack_digits(raw.reshape(1, -1))[0, :count]


def _balanced_column(value: int, count: int) -> Array:
    """:func:`unsigned_digits` carried to |digit| ≤ 2¹⁹ + 1."""
    digits = unsigned_digits(value, count)
    while np.max(np.abs(digits)) > HALF + 1:
        propagate(digits)
    return digits


def unpack_digits(raw: npt.NDArray[np.uint8]) -> Array:
    """(numbers, 5·m) little-endian bytes to (numbers, 2·m) digits of 20 bits."""
    groups = raw.reshape(raw.shape[0], -1, 5).astype(np.float64)
    out = np.empty((raw.shape[0], groups.shape[1], 2))
    low = groups[:, :, 2] % 16.0
    out[:, :, 0] = groups[:, :, 0] + 256.0 * groups[:, :, 1] + 65536.0 * low
    high = groups[:, :, 3] * 16.0 + groups[:, :, 4] * 4096.0
    out[:, :, 1] = (groups[:, :, 2] - low) * 0.0625 + high
    return out.reshape(raw.shape[0], -1)


def _balanced(value: int, p: int) -> int:
    value %= p
    return value - p if 2 * value > p else value


def _column(values: list[int]) -> Array:
    return np.array(values, dtype=np.float64).reshape(-1, 1)


def field(bits: int, count: int) -> Field:
    """The field of the first ``count`` primes below 2^bits; few large ones are kept."""
    return (_large_field if count > LARGE_FIELD else _field)(bits, count)


@lru_cache(maxsize=256)
def _field(bits: int, count: int) -> Field:
    chosen = family(bits, 512 * -(-count // 512))[:count]
    modulus = 1
    for p in chosen:
        modulus *= p
    length = -(-modulus.bit_length() // DIGIT_BITS) + 1
    cofactors = np.empty((length, count + 1), dtype=np.float32)
    re_factors, im_factors = [], []
    for j, p in enumerate(chosen):
        cofactor = modulus // p
        cofactors[:, j] = _balanced_column(cofactor, length)
        inverse = pow(2 * cofactor, -1, p)
        re_factors.append(_balanced(inverse, p))
        im_factors.append(_balanced(inverse * pow(_root(p), -1, p), p))
    cofactors[:, count] = -_balanced_column(modulus, length)
    primes = _column(list(chosen))
    return Field(
        count,
        float(np.sum(np.log2(primes))),
        primes,
        1.0 / primes,
        np.repeat(primes, 2, axis=0),
        np.repeat(1.0 / primes, 2, axis=0),
        _column(re_factors),
        _column(im_factors),
        cofactors,
    )


@lru_cache(maxsize=3)
def _large_field(bits: int, count: int) -> Field:
    return _field.__wrapped__(bits, count)


_tables: dict[int, tuple[Short, Short]] = {}


def _weights(bits: int, count: int, length: int) -> tuple[Short, Short]:
    """2^(20k) and s·2^(20k) modulo each prime, (count, length) each.

    One pair of tables for each family grows as needed; callers get slices."""
    have = _tables.get(bits)
    rows, columns = have[0].shape if have else (0, 0)
    if have is None or rows < count or columns < length:
        rows = count + count // 8 + 8 if count > rows else rows
        columns = length + length // 8 + 8 if length > columns else columns
        have = _tables[bits] = _make_weights(bits, rows, columns)
    return have[0][:count, :length], have[1][:count, :length]


def _make_weights(bits: int, count: int, length: int) -> tuple[Short, Short]:
    chosen = family(bits, 512 * -(-count // 512))[:count]
    p, roots = _column(list(chosen)), _column([_root(p) for p in chosen])
    inverse, power = 1.0 / p, np.ones((count, 1))
    plain, turned = (np.empty((count, length), dtype=np.float32) for _ in range(2))
    for k in range(length):  # |power| ≤ 2²⁴, times 2²⁰: below 2⁴⁵, times a root below 2⁴⁹
        plain[:, k : k + 1] = power
        turned[:, k : k + 1] = reduce_mod(power * roots, p, inverse)
        power = reduce_mod(power * float(1 << DIGIT_BITS), p, inverse)
    return plain, turned


#: Terms in one exact BLAS product of numbers ≤ 2²⁴ + 2 and digits ≤ 2¹⁹ + 1: two such sums stay
#: below 2⁵³ − 2²⁵.
_TERMS = 480
#: Digits up to which the powers of 2²⁰ are looked up; of longer numbers block by block.
_COLUMNS = _TERMS


def _long(table: Short) -> Array:
    """A part of a table in float64, for BLAS."""
    out = scratch("table", *table.shape)
    out[...] = table
    return out


def images(digits: Array, bits: int, count: int, shift: int = 0) -> Array:
    """Images of a digit stack times 2^(20·shift): (2·count, rows, cols) from (n, 2, rows, cols)."""
    n, _, rows, cols = digits.shape
    chosen = field(bits, count)
    tabled = n + shift <= _COLUMNS
    plain, turned = _weights(bits, count, n + shift if tabled else _TERMS)
    flat = digits.reshape(n, 2, rows * cols)
    total = np.empty((count, 2, rows * cols))
    primes = max(64, _CHUNK // (rows * cols))  # at a time, or work arrays take tens of megabytes
    for own in (slice(first, first + primes) for first in range(0, count, primes)):
        part, p, inverse = total[own], chosen.primes[own], chosen.inverses[own, :, None]
        for start in range(0, n, _TERMS):
            stop = min(n, start + _TERMS)
            first = shift + start if tabled else 0
            which = slice(first, first + stop - start)
            out = part if start == 0 else scratch("more", *part.shape)
            _add_and_subtract(plain[own, which], turned[own, which], flat[start:stop], out)
            reduce_mod(out, p[:, :, None], inverse)
            if not tabled:  # ≤ 2²⁴ each
                exponent = DIGIT_BITS * (shift + start)
                powers = [_balanced(pow(2, exponent, int(q)), int(q)) for q in p[:, 0]]
                out *= _column(powers)[:, :, None]
                reduce_mod(out, p[:, :, None], inverse)
            if start:
                part += out
                reduce_mod(part, p[:, :, None], inverse)
    return total.reshape(2 * count, rows, cols)


def _add_and_subtract(plain: Short, turned: Short, flat: Array, out: Array) -> None:
    """plain·re + turned·im and plain·re − turned·im."""
    one = scratch("one", len(plain), flat.shape[2])
    two = scratch("two", len(plain), flat.shape[2])
    np.matmul(_long(plain), flat[:, 0], out=one)
    np.matmul(_long(turned), flat[:, 1], out=two)
    np.add(one, two, out=out[:, 0])
    np.subtract(one, two, out=out[:, 1])


def combine(values: Array, bits: int, count: int, low: int) -> tuple[Array, float]:
    """Digits from position ``low`` on of the Gaussian integers with the given images.

    ``values`` (2·count, rows, cols) are reduced.  With c = u·(x₊ + x₋) mod p for the real part and
    v·(x₊ − x₋) mod p for the imaginary part, the integer is Σ c·(M/p) − q·M where q is Σ c/p
    rounded.  Returns digits (n, 2, rows, cols), carried until |digit| ≤ 2¹⁹ + 1 with the highest
    digit taking what is left, and the largest distance of Σ c/p from an integer.  That distance is
    |integer|/M when all is well, hence tiny for a product that leaves the spare bits of the
    modulus unused: a fault in any image shows there.

    Bounds: |u·(x₊ + x₋)| ≤ 2⁴⁹ + small; sums of digits as for :func:`images`.  Digits below
    low − 3 are left out, they would add less than 2⁻⁷ of a unit of digit ``low``; what is returned
    starts at max(0, low − 3), so that the caller can round."""
    chosen = field(bits, count)
    rows, cols = values.shape[1:]
    pairs = values.reshape(count, 2, rows * cols)
    coefficients = scratch("coefficients", count + 1, 2, rows * cols)
    flat = coefficients[:count]
    np.add(pairs[:, 0], pairs[:, 1], out=flat[:, 0])
    np.subtract(pairs[:, 0], pairs[:, 1], out=flat[:, 1])
    flat[:, 0] *= chosen.re_factors
    flat[:, 1] *= chosen.im_factors
    reduce_mod(flat, chosen.primes[:, :, None], chosen.inverses[:, :, None])
    fractions = chosen.inverses.ravel() @ flat.reshape(count, -1)
    quotients = np.rint(fractions)
    coefficients[count] = quotients.reshape(2, -1)
    fractions -= quotients
    deviation = float(np.max(np.abs(fractions), initial=0.0))
    table = chosen.cofactor_digits[max(0, low - 3) :]
    spread = coefficients.reshape(count + 1, -1)
    sums = _long(table[:, :_TERMS]) @ spread[:_TERMS]
    if count + 1 > _TERMS:
        propagate(sums)
    for first in range(_TERMS, count + 1, _TERMS):
        part = slice(first, first + _TERMS)
        sums += propagate(_long(table[:, part]) @ spread[part])
    carried(sums)
    return sums.reshape(-1, 2, rows, cols), deviation


def carried(digits: Array) -> Array:
    """Digits of at most 2⁵² + 2³⁴ carried in place to |digit| ≤ 2¹⁹ + 1 below the highest: in
    parallel three times, or, where the rows are long, once from the lowest up."""
    flat = digits.reshape(len(digits), -1)
    if not (flat.shape[1] >= _WIDE and len(flat) <= _TALL):
        return settle(propagate(digits))
    carry = scratch("carry", flat.shape[1])
    for row, above in itertools.pairwise(flat):
        np.multiply(row, 2.0**-DIGIT_BITS, out=carry)
        np.rint(carry, out=carry)
        above += carry
        carry *= 2.0**DIGIT_BITS
        row -= carry
    return digits


def propagate(digits: Array) -> Array:
    """One parallel carry along axis 0, in place, the highest digit keeping what it has."""
    width = math.prod(digits.shape[1:])
    step = max(1, _CHUNK // max(1, width))
    for stop in range(len(digits) - 1, 0, -step):  # downwards: carries are those of old digits
        start = max(0, stop - step)
        part = digits[start:stop]
        carry = np.multiply(part, 2.0**-DIGIT_BITS, out=scratch("carry", *part.shape))
        np.rint(carry, out=carry)
        digits[start + 1 : stop + 1] += carry
        carry *= 2.0**DIGIT_BITS
        part -= carry
    return digits


def settle(digits: Array) -> Array:
    """Two parallel carries in place: from |digit| ≤ 2³⁸ to ≤ 2¹⁹ + 1 below the highest digit."""
    return propagate(propagate(digits))
