"""exp and log of blocks μ·I + N by Taylor's series about μ, on the kernel's stacks.

exp(μ + N) = e^μ·Σ N^s/s! and log(μ + N) = log μ − Σ_{s≥1} (−N/μ)^s/s (Higham, *Functions of
Matrices*, definition 1.2 and section 9.1): finite for Jordan blocks, geometric for clusters.  The
length of the series and the guard bits that rounding errors of the powers need come from the powers
themselves.  Cost: one product of the blocks' columns for each term.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import gmpy2
from gmpy2 import mpc

from ...kernel import (
    Stack,
    entrywise,
    position,
    product,
)
from ...kernel.reading import DIGIT_BITS, row_stack
from ..arrays import precision
from .blockdiagonal import NotSimple

#: Terms beyond which a block is too wide for this.
MOST_TERMS = 1000
#: log2 of the largest power of a block that is still taken.
MOST_GROWTH = 512.0


def exp_series(N: Stack, bits: float) -> Stack:
    """exp(N) − I with an error of about 2^−bits (absolute)."""
    return _series(N, bits, lambda s: math.factorial(s))


def log_series(N: Stack, bits: float) -> Stack:
    """log(I + N) with an error of about 2^−bits (absolute)."""
    return _series(N, bits, lambda s: s if s % 2 else -s)


def _series(N: Stack, bits: float, divisor: Callable[[int], int]) -> Stack:
    """Σ_{s≥1} N^s/divisor(s).  A power's rounding errors meet further powers of N, so the guard is
    log2 of the largest; it is raised and the series begun again where it was too small."""
    spare = 2 * math.log2(N.shape[0]) + 12.0
    guard = max(0.0, N.size + math.log2(2 * N.shape[0]))
    for _ in range(8):
        low = position(0.0, bits + guard + spare)
        total, needed = _sum(N.truncated(low), low, bits + spare, divisor)
        if needed <= guard:
            return total.truncated(position(0.0, bits + spare))
        guard = needed + 8.0
    raise NotSimple("the powers of a block grow without end")


def _sum(N: Stack, low: int, bits: float, divisor: Callable[[int], int]) -> tuple[Stack, float]:
    """The sum with powers to digit ``low``, and log2 of the largest power (at least 0)."""
    power = total = N
    largest = max(0.0, N.size)
    room = math.log2(2 * N.shape[0])
    for s in range(2, MOST_TERMS):
        power = product(power, N, low)
        if power.is_zero():
            return total, largest
        largest = max(largest, power.size)
        if largest > MOST_GROWTH:
            raise NotSimple("the powers of a block grow too large")
        by = divisor(s)
        with precision(math.ceil(max(power.size, 0.0)) - DIGIT_BITS * low + 32):
            factor = row_stack([mpc(1) / by], gmpy2.get_context().precision)
        total = total + entrywise(power, factor, low)
        # Every later power is this one times one of those seen, and the divisors grow.
        if power.size + largest + room - math.log2(abs(by)) <= -bits:
            return total, largest
    raise NotSimple("a block is too wide for a Taylor series")
