"""Raising a working precision until a computation succeeds: one loop, one way to ask for more."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from .errors import PrecisionCeilingError

Result = TypeVar("Result")


class MoreBits(ArithmeticError):
    """The working precision was too low: ``bits`` more are asked for (0: not known how many);
    ``sure`` if that number was measured rather than guessed."""

    def __init__(self, reason: str, bits: float = 0, sure: bool = False) -> None:
        super().__init__(reason)
        self.bits, self.sure = bits, sure

    def next_bits(self, bits: int) -> int:
        """The working precision to try after ``bits``."""
        if self.sure and math.isfinite(self.bits):
            return bits + math.ceil(self.bits) + 4
        return more_bits(bits, self.bits or bits // 2 + 64)


def more_bits(bits: int, lack: float) -> int:
    """The next working precision when ``lack`` bits seem to be missing.

    A first bound can be absurdly wide (2^(10^9) is still finite), so never more than double."""
    return bits + 16 + max(0, min(math.ceil(lack), bits) if math.isfinite(lack) else bits)


def raise_until(
    attempt: Callable[[int], Result], start: int, ceiling: int, words: str, remedy: str = ""
) -> Result:
    """attempt(bits), bits from ``start`` on, until it no longer raises :class:`MoreBits`.

    Where as many bits are missing after the bits were raised as before, that number says nothing,
    and they are doubled.  Raises :class:`PrecisionCeilingError`, which begins with ``words`` and
    ends with the last reason, once more than ``ceiling`` bits would be needed."""
    bits, reason, before = start, "", math.inf
    while bits <= ceiling:
        try:
            return attempt(bits)
        except MoreBits as short:
            stalled = short.bits >= 0.9 * before
            bits = max(short.next_bits(bits), min(2 * bits, ceiling) if stalled else 0)
            reason, before = f": {short}", short.bits or math.inf
    raise PrecisionCeilingError(f"{words} more than {ceiling} bits{reason}", remedy)
