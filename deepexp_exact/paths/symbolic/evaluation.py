"""Closed forms as numbers: an exact sympy matrix evaluated to N digits in enclosures.

Every constant, sum, product, power, exponential and logarithm is evaluated in ball arithmetic
(python-flint's ``acb``), with precision raised until the enclosures are narrow, so that the digits
returned are certain whatever cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx, fmpq

from ...exact.binary import to_mp_matrix, to_mpc
from ...precision import MoreBits, raise_until

#: Highest working precision, in bits.
MAX_BITS = 1 << 20


def with_precision(bits: int, function: Callable[[], Any]) -> Any:
    """Call a function at a ball precision in bits, and restore the old one."""
    with ctx.workprec(bits):
        return function()


def enclose(expression: Any) -> acb:
    """A ball that contains the value of a sympy expression of numbers, at the precision set.

    TypeError for anything but numbers, π, i, sums, products, powers, exp and log."""
    if expression.is_Rational:
        return acb(fmpq(int(expression.p), int(expression.q)))
    parts = [enclose(argument) for argument in expression.args]
    if expression.is_Add:
        return sum(parts, acb(0))
    if expression.is_Mul:
        result = acb(1)
        for part in parts:
            result *= part
        return result
    if expression.is_Pow:
        return _power(parts[0], expression.args[1], parts[1])
    name = type(expression).__name__
    if name in _CONSTANTS:
        return _CONSTANTS[name]()
    if name == "exp":
        return parts[0].exp()
    if name == "log" and len(parts) == 1:
        return parts[0].log()
    raise TypeError(f"{expression} is not a closed form of numbers")


_CONSTANTS: dict[str, Callable[[], acb]] = {
    "ImaginaryUnit": lambda: acb(0, 1),
    "Pi": lambda: acb(arb.pi()),
    "Exp1": lambda: acb(1).exp(),
}


def _power(base: acb, exponent: Any, value: acb) -> acb:
    if exponent.is_Integer:
        return base ** int(exponent)
    if exponent.is_Rational and exponent.q == 2:
        return base.sqrt() ** int(exponent.p)
    return (base.log() * value).exp()


def to_digits(matrix: Any, digits: int) -> Any:
    """An mpmath matrix within 10^−digits of a sympy matrix in relative Frobenius norm.

    :class:`PrecisionCeilingError` beyond ``MAX_BITS`` bits of working precision."""

    def attempt(bits: int) -> Any:
        entries = with_precision(bits, lambda: [enclose(x) for x in matrix])
        if not _narrow(entries, digits):
            raise MoreBits("the enclosures are too wide", bits)
        return to_mp_matrix(matrix.rows, matrix.cols, map(_middle, entries))

    words, start = f"{digits} digits of a closed form need", int(digits * 3.33) + 64
    return raise_until(attempt, start, MAX_BITS, words, "ask for fewer digits")


def _narrow(entries: list[acb], digits: int) -> bool:
    """Σ radius² ≤ 10^(−2·digits)·Σ |entry|², both bounded rigorously (a zero matrix is exact)."""
    if not all(x.is_finite() for x in entries):
        return False

    def decide() -> bool:
        radii = sum((arb(x.real.rad()) ** 2 + arb(x.imag.rad()) ** 2 for x in entries), arb(0))
        size = sum((abs(x) ** 2 for x in entries), arb(0))
        if radii == 0:
            return True
        return bool(radii * arb(10) ** (2 * digits) <= size)

    return bool(with_precision(max(ctx.prec, 128), decide))


def _middle(value: acb) -> Any:
    re, im = (part.mid().man_exp() for part in (value.real, value.imag))
    return to_mpc((int(re[0]), int(re[1])), (int(im[0]), int(im[1])))
