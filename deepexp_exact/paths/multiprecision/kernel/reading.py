"""Exact matrices as stacks, mpmath matrices from stacks, and rows of numbers both ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gmpy2
from gmpy2 import mpc, mpfr, mpz

from ....exact import ExactMatrix
from ....exact.binary import from_mpf, holds_integers, integers_to_mp_matrix
from . import Stack

#: Bits of one digit position of a stack.
DIGIT_BITS = 20


def read_pair(
    first: ExactMatrix, second: ExactMatrix, bits: float
) -> tuple[Stack, Stack, int, float]:
    """(N1, N2, q, e) with first = N1/q and second = N2/q to within 2^e/q (norms), q odd.

    Exact (e = −∞) if the integers have at most about ``bits`` bits, as those of binary or decimal
    data do; otherwise (unrelated denominators) rounded to ``bits`` bits below the largest entry."""
    integral = [matrix.integral() for matrix in (first, second)]
    parts = [(numbers, one.scale) for one in integral for numbers in one.numbers]
    common = math.lcm(*(one.scale for one in integral))
    twos = (common & -common).bit_length() - 1
    longest = max(one.bits - one.scale.bit_length() for one in integral)
    if common.bit_length() + longest > bits + 64:
        places = math.ceil(bits) - longest
        rounded = [
            [(v << places) // b if places >= 0 else (v >> -places) // b for v in part]
            for part, b in parts
        ]
        exponent, odd, error = -places, 1, math.log2(2 * first.rows) - places
    else:
        rounded = [[v * (common // b) for v in part] if b != common else part for part, b in parts]
        exponent, odd, error = -twos, common >> twos, -math.inf
    shape = first.rows, first.cols
    stacks = [Stack.from_integers(rounded[k], rounded[k + 1], shape, exponent) for k in (0, 2)]
    return stacks[0], stacks[1], odd, error


# ------------------------------------------------------------------------------- rows of numbers


def numbers(row: Stack) -> list[Any]:
    """The entries as exact ``mpc`` values (the context's precision must hold them)."""
    re, im = row.to_integers()
    scale = mpfr(1)
    shift = DIGIT_BITS * row.exp
    scale = gmpy2.mul_2exp(scale, shift) if shift >= 0 else gmpy2.div_2exp(scale, -shift)
    return [mpc(mpfr(x) * scale, mpfr(y) * scale) for x, y in zip(re, im, strict=True)]


def row_stack(values: Sequence[Any], bits: float) -> Stack:
    """A 1×n stack of ``mpc`` values with ``bits`` bits below the largest."""
    top = max(
        (
            int(gmpy2.get_exp(part))
            for value in values
            for part in (value.real, value.imag)
            if part != 0
        ),
        default=0,
    )
    places = math.ceil(bits) - top

    def fixed(part: Any) -> int:
        scaled = gmpy2.mul_2exp(part, places) if places >= 0 else gmpy2.div_2exp(part, -places)
        return int(mpz(gmpy2.rint(scaled)))

    re, im = [fixed(v.real) for v in values], [fixed(v.imag) for v in values]
    return Stack.from_integers(re, im, (1, len(values)), -places)


# ---------------------------------------------------------------------------- mpmath at the edge


def to_mpmath(stack: Stack) -> Any:
    """An mpmath matrix with exactly the stack's entries (real ones as ``mpf``)."""
    return integers_to_mp_matrix(*stack.shape, *stack.to_integers(), DIGIT_BITS * stack.exp)


class Handed:
    """A stack as the mpmath matrix that is handed out, and that read back."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.exponent = stack, DIGIT_BITS * stack.exp
        self.integers = stack.to_integers()
        self.matrix = integers_to_mp_matrix(*stack.shape, *self.integers, self.exponent)

    def read(self) -> Stack:
        """What the matrix holds: the stack itself if every entry, read, is found to be its."""
        if holds_integers(self.matrix, *self.integers, self.exponent):
            return self.stack
        return from_mpmath(self.matrix)


def from_mpmath(matrix: Any) -> Stack:
    """An mpmath matrix as a stack, exactly."""
    pairs = [(from_mpf(z.real), from_mpf(z.imag)) for z in matrix]
    lowest = min((p[1] for pair in pairs for p in pair if p[0]), default=0)
    re, im = ([m << e - lowest if m else 0 for m, e in part] for part in zip(*pairs, strict=True))
    return Stack.from_integers(re, im, (matrix.rows, matrix.cols), lowest)
