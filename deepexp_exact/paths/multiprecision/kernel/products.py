"""Exact products of stacks, each checked as it is made, with the way back to integers.

A sum of products of Gaussian integer matrices is computed from images modulo as many primes as its
size needs, plus ``SPARE_BITS`` bits of redundancy, and rounded once to the digits asked for.
Because images know nothing of magnitude, a difference that cancels (K·R − R·Λ, I − A·X) costs only
the primes its small result needs; the caller gives the expected size.

*Why the result is right.*  Every float64 operation on the way is on integers below 2⁵³ (bounds in
``residues``), hence exact.  Two things could still be wrong: the size that the caller expected,
or the machine (a BLAS that rounds, a flipped bit).  Either leaves Σ c/p anywhere in [−½, ½]
instead of within 2⁻¹⁶ of an integer, so every product is checked by that deviation, for each
entry.  Now and then a product is also recomputed on a random vector modulo another prime, in
integer arithmetic that shares nothing with the way it was made.  A product that fails either check
is repeated with the primes its operands' sizes need and, if it fails again, done with Python's
integers.  Costs are stated in products of two matrices at full precision ("products").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import fmpz, fmpz_mat

from .residues import (
    DIGIT_BITS,
    LARGE_FIELD,
    LARGEST_INNER,
    SMALL_INNER,
    SPARE_BITS,
    Array,
    combine,
    field,
    reduce_mod,
    scratch,
)
from .stack import Stack

#: Sums of so few products are sooner done by FLINT where the result has so many bits.
FEW, LONG = 5, 24_000.0
#: One product in this many is also checked modulo another prime.
CHECK_EVERY = 64
#: The prime of that check: integers below 128·2⁵⁷ fit int64.
CHECK_PRIME = (1 << 28) - 57


@dataclass
class Tally:
    """What the kernel has done in this process, for tests and for reports."""

    products: int = 0
    widened: int = 0  # results larger than expected, repeated with more primes
    checked: int = 0  # checked modulo another prime
    repaired: int = 0  # faults noticed and repaired by integer arithmetic


TALLY = Tally()


@dataclass(frozen=True)
class Term:
    """sign·left·right, a matrix product, or entry by entry; right None stands for left alone."""

    left: Stack
    right: Stack | None = None
    sign: int = 1
    entrywise: bool = False

    @property
    def exp(self) -> int:
        return self.left.exp + (self.right.exp if self.right is not None else 0)

    @property
    def inner(self) -> int:
        return self.left.shape[1] if self.right is not None and not self.entrywise else 1

    @property
    def size(self) -> float:
        """log2 of a bound of the real and imaginary parts."""
        if self.right is None:
            return self.left.size
        return self.left.size + self.right.size + math.log2(2 * self.inner)


def _matmul(left: Array, right: Array, index: int = 0) -> Array:
    """Batched float64 product (a name of its own: the tests put faults here)."""
    out = scratch(f"product {index}", left.shape[0], left.shape[1], right.shape[2])
    return np.matmul(left, right, out=out)


def evaluate(
    terms: Sequence[Term], low: int | None = None, expected_size: float | None = None
) -> Stack:
    """The sum of the terms, exactly, or rounded to digit position ``low`` (error ≤ 0.51 units).

    ``expected_size``: log2 of the largest entry the caller expects where terms cancel; an
    underestimate costs a second evaluation, never digits.  Cost: one product in proportion to the
    primes used, (bits of the result before rounding)/25."""
    exp = min(term.exp for term in terms)
    bound = max(term.size for term in terms) + math.log2(len(terms))
    inner = max(max(term.inner, *term.left.shape) for term in terms)
    TALLY.products += 1
    if bound == -math.inf:
        return Stack.zeros(*_shape(terms))
    longest = max(term.inner for term in terms)
    if inner > LARGEST_INNER or (longest <= FEW and bound - DIGIT_BITS * exp > LONG):
        return _by_integers(terms, exp).truncated(low if low is not None else exp)
    sizes = [bound] if expected_size is None or expected_size >= bound else [expected_size, bound]
    check = TALLY.products % CHECK_EVERY == 0
    for size in sizes:
        bits = 25 if inner <= SMALL_INNER else 24
        result = _by_images(terms, exp, size, exp if check else low, bits)
        if result is not None and (not check or _confirmed(terms, result)):
            return result if low is None else result.truncated(low)
        if size != bound:
            TALLY.widened += 1
    TALLY.repaired += 1
    return _by_integers(terms, exp).truncated(low if low is not None else exp)


def _shape(terms: Sequence[Term]) -> tuple[int, int]:
    first = terms[0]
    if first.right is None:
        return first.left.shape
    if first.entrywise:
        rows, cols = np.broadcast_shapes(first.left.shape, first.right.shape)
        return rows, cols
    return first.left.shape[0], first.right.shape[1]


def prime_count(bits_needed: float, bits: int) -> int:
    """How many primes below 2^bits hold a signed integer of ``bits_needed`` bits and the spare;
    rounded up a little for large counts so that few tables are made."""
    count = max(1, math.ceil((bits_needed + SPARE_BITS) / (bits - 0.03)))
    step = 1 if count <= 40 else 4 if count <= 120 else 8
    if count > LARGE_FIELD:
        step = 1 << count.bit_length() - 4
    return -(-count // step) * step


def _by_images(
    terms: Sequence[Term], exp: int, size: float, low: int | None, bits: int
) -> Stack | None:
    """The sum from images, or None if its deviation says that something is wrong."""
    need = size - DIGIT_BITS * exp
    count = prime_count(max(need, 1.0), bits)
    chosen = field(bits, count)
    p, inverse = chosen.doubled_primes[:, :, None], chosen.doubled_inverses[:, :, None]
    total: Array | None = None
    for index, term in enumerate(terms):
        values = term.left.images(bits, count, term.exp - exp)
        if term.right is not None:
            right = term.right.images(bits, count)
            values = values * right if term.entrywise else _matmul(values, right, index)
            reduce_mod(values, p, inverse)
        if total is None:
            total = values * float(term.sign) if term.right is None or term.sign < 0 else values
        elif term.sign > 0:
            total = total + values
        else:
            total = total - values
    if total is None:
        raise ValueError("a sum of no terms")
    if len(terms) > 1:
        reduce_mod(total, p, inverse)
    # Not beyond the highest digit of the sum: a sum that small still has one to round.
    position = min(max(0, low - exp), max(0, int(need // DIGIT_BITS))) if low is not None else 0
    digits, deviation = combine(total, bits, count, position)
    if not deviation <= 2.0 ** (1 - SPARE_BITS):
        return None
    return Stack(digits, exp + max(0, position - 3)).truncated(exp + position)


# ------------------------------------------------- by FLINT's integers, and the other check


def _by_integers(terms: Sequence[Term], exp: int) -> Stack:
    """The sum by FLINT's integer matrices: independent of float64, and sooner for small matrices of
    long numbers, which need no tables there."""
    rows, cols = _shape(terms)
    total_re, total_im = fmpz_mat(rows, cols), fmpz_mat(rows, cols)
    for term in terms:
        re, im = term.left.to_flint()
        if term.right is not None and term.entrywise:
            re, im = _entry_by_entry((re, im), term.right.to_flint(), rows, cols)
        elif term.right is not None:
            c, d = term.right.to_flint()
            real, imag = re * c, im * d
            re, im = real - imag, (re + im) * (c + d) - real - imag
        scale = fmpz(term.sign) << DIGIT_BITS * (term.exp - exp)
        total_re, total_im = total_re + re * scale, total_im + im * scale
    real, imag = ([int(v) for v in part.entries()] for part in (total_re, total_im))
    return Stack.from_integers(real, imag, (rows, cols), DIGIT_BITS * exp)


def _entry_by_entry(left: Any, right: Any, rows: int, cols: int) -> tuple[Any, Any]:
    """The product entry by entry, where one row or column stands for as many as are needed."""

    def spread(part: Any) -> list[Any]:
        table = part.tolist()
        table = table * rows if part.nrows() == 1 else table
        return [x for row in table for x in (row * cols if part.ncols() == 1 else row)]

    (a, b), (c, d) = ([spread(part) for part in one] for one in (left, right))
    each = list(zip(a, b, c, d, strict=True))
    real = [w * y - x * z for w, x, y, z in each]
    imag = [w * z + x * y for w, x, y, z in each]
    return fmpz_mat(rows, cols, real), fmpz_mat(rows, cols, imag)


def _residue(stack: Stack, shift: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Real and imaginary part of stack/2^(20·exp)·2^(20·shift) modulo the check prime, in int64."""
    total = np.zeros(stack.digits.shape[1:], dtype=np.int64)
    for digit in stack.digits[::-1]:
        total = (total * (1 << DIGIT_BITS) + digit.astype(np.int64)) % CHECK_PRIME
    total = total * pow(2, DIGIT_BITS * shift, CHECK_PRIME) % CHECK_PRIME
    return total[0], total[1]


def _apply(stack: Stack, shift: int, vector: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """stack times a (2, n) vector of real and imaginary parts, modulo the check prime."""
    re, im = _residue(stack, shift)
    out = np.stack([re @ vector[0] - im @ vector[1], re @ vector[1] + im @ vector[0]])
    return np.asarray(out % CHECK_PRIME, dtype=np.int64)


def _confirmed(terms: Sequence[Term], result: Stack) -> bool:
    """Whether sum of terms = result holds on a random vector modulo the check prime (Freivalds).

    Entrywise terms are not linear in that vector and are compared entry by entry instead."""
    TALLY.checked += 1
    exp = min(result.exp, *(term.exp for term in terms))
    cols = _shape(terms)[1]
    draw = np.random.default_rng(TALLY.checked)
    vector = np.asarray(draw.integers(0, CHECK_PRIME, size=(2, cols)), dtype=np.int64)
    total = -_apply(result, result.exp - exp, vector)
    for term in terms:
        shift = term.exp - exp
        if term.right is None:
            part = _apply(term.left, shift, vector)
        elif term.entrywise:
            part = _apply_entrywise(term.left, term.right, shift, vector)
        else:
            part = _apply(term.left, shift, _apply(term.right, 0, vector))
        total = total + term.sign * part
    return not (total % CHECK_PRIME).any()


def _apply_entrywise(
    left: Stack, right: Stack, shift: int, vector: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    (a, b), (c, d) = _residue(left, shift), _residue(right, 0)
    re, im = (a * c - b * d) % CHECK_PRIME, (a * d + b * c) % CHECK_PRIME
    out = np.stack([re @ vector[0] - im @ vector[1], re @ vector[1] + im @ vector[0]])
    return np.asarray(out % CHECK_PRIME, dtype=np.int64)


# --------------------------------------------------------------------------- the usual products


def product(left: Stack, right: Stack, low: int | None = None) -> Stack:
    """left·right, exactly or rounded to digit position ``low``."""
    return evaluate([Term(left, right)], low)


def entrywise(left: Stack, right: Stack, low: int | None = None) -> Stack:
    """left∘right; a one-row or one-column operand is spread out (R·diag(λ) is R∘λ)."""
    return evaluate([Term(left, right, entrywise=True)], low)


def position(size: float, bits: float) -> int:
    """The digit position that leaves at least ``bits`` bits below a size given as log2."""
    if size == -math.inf:
        return 0
    return math.floor((size - bits) / DIGIT_BITS)
