"""Complex fixed-point matrices as stacks of float64 digit matrices.

A :class:`Stack` of shape (n, 2, rows, cols) is Σ_k (digits[k, 0] + i·digits[k, 1])·B^(k + exp)
with B = 2²⁰: balanced digits, |digit| ≤ 2¹⁹ + 1, lowest first.  The representation is redundant,
one carry short of unique, which is what makes additions and carries parallel.  Precision is
absolute, the same for every entry: ``exp`` is the position of the last digit.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import fmpz_mat

from .residues import DIGIT_BITS, HALF, Array, images, propagate, settle, unpack_digits

ComplexArray = npt.NDArray[np.complex128]
BASE = float(1 << DIGIT_BITS)
#: Images of more numbers than this are kept in float32, which holds them exactly, and only so many
#: numbers of them altogether: those used last.
MUCH, MOST = 1 << 18, 10 << 20


class _Kept(threading.local):
    """The stacks of one thread with large images that are kept, those used last at the end."""

    def __init__(self) -> None:
        self.stacks: weakref.WeakKeyDictionary[Stack, int] = weakref.WeakKeyDictionary()

    def use(self, stack: Stack, size: int) -> None:
        """Note that a stack has been used, and let others go where there are too many."""
        self.stacks.pop(stack, None)
        self.stacks[stack] = size
        total = sum(self.stacks.values())
        for other, count in list(self.stacks.items())[:-1]:
            if total <= MOST:
                break
            other.forget_images()
            del self.stacks[other]
            total -= count


_kept = _Kept()


class Stack:
    """A complex matrix in fixed point; see the module.  Never changed after it is made."""

    __slots__ = ("__weakref__", "_flint", "_images", "_size", "digits", "exp")

    def __init__(self, digits: Array, exp: int) -> None:
        """``digits`` (n, 2, rows, cols) carried to |digit| ≤ 2¹⁹ + 1, except that the highest
        may be larger; zero digits at the top are dropped."""
        while digits.shape[0] and np.max(np.abs(digits[-1]), initial=0.0) > HALF + 1:
            padded = np.concatenate([digits, np.zeros((1, *digits.shape[1:]))])
            digits = propagate(padded)
        top = digits.shape[0]
        while top > 1 and not digits[top - 1].any():
            top -= 1
        self.digits = digits[:top]
        self.exp = exp
        self._images: dict[int, npt.NDArray[Any]] = {}
        self._size: float | None = None
        self._flint: tuple[Any, Any] | None = None

    # -- shape and size

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.digits.shape[2], self.digits.shape[3]

    @property
    def length(self) -> int:
        """Number of digits."""
        return int(self.digits.shape[0])

    @property
    def size(self) -> float:
        """log2 of a bound of the absolute value of every real and imaginary part; −inf for zero."""
        if self._size is None:
            top = float(np.max(np.abs(self.digits[-1]), initial=0.0))
            if self.length == 1:
                self._size = math.log2(top) + DIGIT_BITS * self.exp if top else -math.inf
            else:
                self._size = math.log2(top + 1.0) + DIGIT_BITS * (self.exp + self.length - 1)
        return self._size

    def is_zero(self) -> bool:
        return not self.digits.any()

    # -- making stacks

    @classmethod
    def zeros(cls, rows: int, cols: int) -> Stack:
        return cls(np.zeros((1, 2, rows, cols)), 0)

    @classmethod
    def identity(cls, d: int) -> Stack:
        digits = np.zeros((1, 2, d, d))
        digits[0, 0] = np.eye(d)
        return cls(digits, 0)

    @classmethod
    def from_complex(
        cls, values: npt.NDArray[Any], exponent: int = 0, digits: int | None = None
    ) -> Stack:
        """values·2^exponent for a float64 or complex128 matrix.

        With ``digits`` the stack holds that many digits below the largest entry and the rest is
        rounded away; without, the conversion is exact (entries must span less than 2¹⁰⁰⁰)."""
        matrix = np.atleast_2d(np.asarray(values, dtype=np.complex128))
        parts = np.stack([matrix.real, matrix.imag])
        largest = float(np.max(np.abs(parts), initial=0.0))
        if largest == 0.0:
            return cls.zeros(*matrix.shape)
        whole, rest = divmod(exponent, DIGIT_BITS)
        top = -(-(math.frexp(largest)[1] + rest + 1) // DIGIT_BITS)  # |parts| < 2^(20·top − 1)
        parts = np.ldexp(parts, rest - DIGIT_BITS * top)  # below 1/2
        out: list[Array] = []
        while len(out) < (digits if digits is not None else 120) and parts.any():
            parts = parts * BASE
            digit = np.rint(parts)
            parts -= digit
            out.append(digit)
        return cls(np.stack(out[::-1]), whole + top - len(out))

    @classmethod
    def from_integers(
        cls, re: Sequence[int], im: Sequence[int], shape: tuple[int, int], exponent: int = 0
    ) -> Stack:
        """(re + i·im)·2^exponent from row-major sequences of integers, exactly."""
        whole, rest = divmod(exponent, DIGIT_BITS)
        numbers = [int(v) for v in re] + [int(v) for v in im]
        longest = max((v.bit_length() for v in numbers), default=0) + rest + 1
        count = -(-longest // (2 * DIGIT_BITS)) * 2 + 2
        if longest <= 62:
            column = np.array(numbers, dtype=np.int64) << rest
            digits = np.empty((count, len(numbers)))
            for k in range(count - 1):
                digits[k] = column & ((1 << DIGIT_BITS) - 1)
                column >>= DIGIT_BITS
            digits[count - 1] = column
        else:
            width = count * DIGIT_BITS // 8
            offset = 1 << (8 * width - 1)  # makes every number non-negative
            raw = b"".join([((v << rest) + offset).to_bytes(width, "little") for v in numbers])
            table = np.frombuffer(raw, dtype=np.uint8).reshape(len(numbers), width)
            digits = np.ascontiguousarray(unpack_digits(table).T)
            digits[-1] -= HALF
        settle(digits)
        return cls(digits.reshape(count, 2, *shape), whole)

    # -- reading stacks

    def to_integers(self) -> tuple[list[int], list[int]]:
        """Row-major real and imaginary parts of the matrix divided by 2^(20·exp), exactly."""
        n = self.length + 2 + self.length % 2
        flat = np.zeros((n, 2 * self.shape[0] * self.shape[1]))
        flat[: self.length] = self.digits.reshape(self.length, -1)
        flat[n - 1] += HALF  # offset 2^(20n − 1) makes every number non-negative
        carry = np.zeros(flat.shape[1])
        for k in range(n):
            flat[k] += carry
            carry = np.floor(flat[k] * (1.0 / BASE))
            flat[k] -= carry * BASE
        pairs = flat.reshape(n // 2, 2, -1).astype(np.uint64)
        joined = pairs[:, 0] | (pairs[:, 1] << np.uint64(DIGIT_BITS))
        raw = joined.T.astype("<u8").reshape(-1, n // 2, 1).view(np.uint8)[:, :, :5]
        data, width = np.ascontiguousarray(raw).tobytes(), 5 * (n // 2)
        offset, read = 1 << (DIGIT_BITS * n - 1), int.from_bytes
        numbers = [
            read(data[at : at + width], "little") - offset for at in range(0, len(data), width)
        ]
        half = len(numbers) // 2
        return numbers[:half], numbers[half:]

    def to_flint(self) -> tuple[Any, Any]:
        """Both parts of :meth:`to_integers` as ``fmpz_mat``; kept, as most are used again."""
        if self._flint is None:
            re, im = (fmpz_mat(*self.shape, part) for part in self.to_integers())
            self._flint = re, im
        return self._flint

    def to_scaled(self) -> tuple[ComplexArray, int]:
        """(m, e) with the matrix equal to m·2^e to float64 accuracy of its largest entry."""
        first = max(0, self.length - 5)
        total = np.zeros(self.digits.shape[1:])
        for k in range(first, self.length):
            total = total * (1.0 / BASE) + self.digits[k]
        return total[0] + 1j * total[1], DIGIT_BITS * (self.exp + self.length - 1)

    def to_complex(self) -> ComplexArray:
        """The matrix in float64; entries beyond its range become infinite or zero."""
        matrix, exponent = self.to_scaled()
        with np.errstate(over="ignore", under="ignore"):
            out: ComplexArray = np.ldexp(matrix.real, exponent) + 1j * np.ldexp(
                matrix.imag, exponent
            )
        return out

    # -- cheap arithmetic (no product)

    def truncated(self, exp: int) -> Stack:
        """Digits below position ``exp`` rounded away: an error of at most 0.51·2^(20·exp)."""
        if exp <= self.exp:
            return self
        if exp - self.exp > self.length:
            return Stack(np.zeros((1, *self.digits.shape[1:])), exp)
        if exp - self.exp == self.length:
            return Stack(np.rint(self.digits[-1:] / BASE), exp)
        return Stack(self.digits[exp - self.exp :], exp)

    def rounded(self, bits: int) -> Stack:
        """Every entry rounded to a multiple of 2^bits."""
        whole, rest = divmod(bits, DIGIT_BITS)
        kept = self.truncated(whole)
        if rest == 0 or kept.exp > whole:
            return kept
        digits = kept.digits.copy()
        unit = float(1 << rest)
        np.rint(digits[: whole - kept.exp + 1] / unit, out=digits[: whole - kept.exp + 1])
        digits[: whole - kept.exp + 1] *= unit
        return Stack(digits, kept.exp)

    def to_precision(self, bits: float) -> Stack:
        """Truncated to at least ``bits`` bits below the size of the largest entry."""
        if self.is_zero():
            return self
        return self.truncated(math.floor((self.size - bits) / DIGIT_BITS))

    def plus(self, other: Stack, sign: float = 1.0) -> Stack:
        """self + sign·other (sign ±1), exactly; one-row or one-column operands are spread out."""
        low = min(self.exp, other.exp)
        high = max(self.exp + self.length, other.exp + other.length) + 1
        shape = np.broadcast_shapes(self.digits.shape[1:], other.digits.shape[1:])
        digits = np.zeros((high - low, *shape))
        digits[self.exp - low : self.exp - low + self.length] = self.digits
        digits[other.exp - low : other.exp - low + other.length] += sign * other.digits
        return Stack(propagate(digits), low)

    def __add__(self, other: Stack) -> Stack:
        return self.plus(other)

    def __sub__(self, other: Stack) -> Stack:
        return self.plus(other, -1.0)

    def __neg__(self) -> Stack:
        return Stack(-self.digits, self.exp)

    def shifted(self, bits: int) -> Stack:
        """The matrix times 2^bits, exactly."""
        whole, rest = divmod(bits, DIGIT_BITS)
        if rest == 0:
            return Stack(self.digits, self.exp + whole)
        digits = np.zeros((self.length + 1, *self.digits.shape[1:]))
        np.multiply(self.digits, float(1 << rest), out=digits[:-1])
        return Stack(settle(digits), self.exp + whole)

    def part(self, rows: slice, cols: slice) -> Stack:
        """A block of the matrix."""
        return Stack(np.ascontiguousarray(self.digits[:, :, rows, cols]), self.exp)

    def transposed(self) -> Stack:
        return Stack(np.ascontiguousarray(self.digits.transpose(0, 1, 3, 2)), self.exp)

    # -- images modulo primes

    def images(self, bits: int, count: int, shift: int = 0) -> Array:
        """Images of matrix/2^(20·exp) times 2^(20·shift) modulo ``count`` primes below 2^bits;
        those with shift 0 are kept, since most operands are used more than once."""
        if shift:
            return images(self.digits, bits, count, shift)
        kept = self._images.get(bits)
        if kept is None or kept.shape[0] < 2 * count:
            made = images(self.digits, bits, count)
            kept = self._images[bits] = made if made.size <= MUCH else made.astype(np.float32)
        else:
            made = np.asarray(kept[: 2 * count], dtype=np.float64)
        if kept.size > MUCH:
            _kept.use(self, kept.size)
        return made

    def forget_images(self) -> None:
        """Let go of what :meth:`images` keeps; it is made again when it is asked for."""
        self._images.clear()


def join(blocks: Iterable[Iterable[Stack]]) -> Stack:
    """A block matrix from rows of blocks."""
    table = [list(row) for row in blocks]
    low = min(block.exp for row in table for block in row)
    high = max(block.exp + block.length for row in table for block in row)
    rows = []
    for row in table:
        padded = []
        for block in row:
            digits = np.zeros((high - low, *block.digits.shape[1:]))
            digits[block.exp - low : block.exp - low + block.length] = block.digits
            padded.append(digits)
        rows.append(np.concatenate(padded, axis=3))
    return Stack(np.concatenate(rows, axis=2), low)
