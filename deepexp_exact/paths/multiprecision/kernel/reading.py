"""Exact matrices as stacks, mpmath matrices from stacks, and rows of numbers both ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gmpy2
from gmpy2 import mpc, mpfr, mpz

from ....exact import ExactMatrix
from ....exact.binary import to_mp_matrix, to_mpc
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
    re, im = stack.to_integers()
    exp = DIGIT_BITS * stack.exp
    return to_mp_matrix(
        *stack.shape, (to_mpc((x, exp), (y, exp)) for x, y in zip(re, im, strict=True))
    )
