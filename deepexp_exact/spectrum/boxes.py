"""Isolating boxes with exact endpoints, and the eigenvalues they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq, fmpz

from ..errors import FormatError, NumberError
from ..exact import GaussianRational, fmpq_to_float, from_hex, to_hex


@dataclass(frozen=True)
class Box:
    """The closed rectangle [re_lo, re_hi] × i[im_lo, im_hi] with rational endpoints."""

    re_lo: fmpq
    re_hi: fmpq
    im_lo: fmpq
    im_hi: fmpq

    def contains_box(self, other: Box) -> bool:
        return bool(
            self.re_lo <= other.re_lo
            and other.re_hi <= self.re_hi
            and self.im_lo <= other.im_lo
            and other.im_hi <= self.im_hi
        )

    def overlaps(self, other: Box) -> bool:
        return not bool(
            self.re_hi < other.re_lo
            or other.re_hi < self.re_lo
            or self.im_hi < other.im_lo
            or other.im_hi < self.im_lo
        )

    def contains(self, point: GaussianRational) -> bool:
        return bool(self.re_lo <= point.re <= self.re_hi and self.im_lo <= point.im <= self.im_hi)

    def meets_cut(self) -> bool:
        """Whether the box meets (−∞, 0]."""
        return bool(self.re_lo <= 0 and self.im_lo <= 0 <= self.im_hi)

    def contains_zero(self) -> bool:
        return bool(self.meets_cut() and self.re_hi >= 0)

    @property
    def center(self) -> GaussianRational:
        return GaussianRational((self.re_lo + self.re_hi) / 2, (self.im_lo + self.im_hi) / 2)

    @property
    def half_width(self) -> fmpq:
        """Half of the longer side."""
        return max(self.re_hi - self.re_lo, self.im_hi - self.im_lo) / 2

    def mirror(self) -> Box:
        """The complex conjugate box."""
        return Box(self.re_lo, self.re_hi, -self.im_hi, -self.im_lo)

    def inflate(self, amount: fmpq) -> Box:
        return Box(
            self.re_lo - amount, self.re_hi + amount, self.im_lo - amount, self.im_hi + amount
        )

    def gap(self, other: Box) -> fmpq:
        """Distance of two boxes in the maximum norm (≤ 0 if they overlap)."""
        return max(
            self.re_lo - other.re_hi,
            other.re_lo - self.re_hi,
            self.im_lo - other.im_hi,
            other.im_lo - self.im_hi,
        )

    def cut_gap(self) -> fmpq:
        """Distance to (−∞, 0] in the maximum norm (≤ 0 if the box meets it)."""
        return max(self.re_lo, self.im_lo, -self.im_hi)

    def angle_over_pi(self) -> float:
        """arg of the centre over π, rounded, for readers."""
        z = self.center
        scale = max(abs(z.re), abs(z.im))
        if scale == 0:
            return 0.0
        return math.atan2(fmpq_to_float(z.im / scale), fmpq_to_float(z.re / scale)) / math.pi

    def log_abs(self) -> float:
        """log|z| of the centre z, rounded, for readers; −inf for z = 0."""
        z = self.center
        scale = max(abs(z.re), abs(z.im))
        if scale == 0:
            return -math.inf
        size = math.hypot(fmpq_to_float(z.re / scale), fmpq_to_float(z.im / scale))
        return float(arb(scale).log()) + math.log(size)

    def cut_angle(self) -> float:
        """π − |arg z| of the centre z, rounded, for readers: its angle from (−∞, 0]."""
        z = self.center
        scale = max(abs(z.re), abs(z.im))
        if scale == 0:
            return 0.0
        return math.atan2(fmpq_to_float(abs(z.im) / scale), -fmpq_to_float(z.re / scale))

    def to_json(self) -> list[str]:
        return [to_hex(x) for x in (self.re_lo, self.re_hi, self.im_lo, self.im_hi)]

    @classmethod
    def from_json(cls, value: Any, where: str) -> Box:
        if not isinstance(value, list) or len(value) != 4:
            raise FormatError(f"{where} is not [re_lo, re_hi, im_lo, im_hi]")
        try:
            box = cls(*(from_hex(x) for x in value))
        except NumberError as error:
            raise NumberError(f"{where}: {error.message}", error.remedy) from None
        if box.re_lo > box.re_hi or box.im_lo > box.im_hi:
            raise FormatError(f"{where}: an upper endpoint lies below its lower endpoint")
        return box

    def __str__(self) -> str:
        z = complex(self.center)
        if self.im_lo == -self.im_hi:
            return f"{z.real:.10g}"
        return f"{z.real:.10g}{z.imag:+.10g}i"


@dataclass(frozen=True)
class Eigenvalue:
    """One distinct eigenvalue of K, exactly described.

    ``box`` isolates it generously (it may be handed on and compared), ``enclosure`` tightly.
    ``blocks`` are its Jordan block sizes in descending order.  ``factor``, where exact polynomials
    were needed, is a monic polynomial over Q(i), lowest degree first, irreducible over Q(i) (over
    Q if K is real), with this eigenvalue as a simple root.
    """

    box: Box
    enclosure: Box
    multiplicity: int
    blocks: tuple[int, ...]
    on_negative_axis: bool
    factor: tuple[GaussianRational, ...] | None = None

    @property
    def index(self) -> int:
        """Size of the largest Jordan block."""
        return self.blocks[0]


def dyadic_below(value: fmpq) -> fmpq:
    """A power of two at most ``value`` and above value/4, for a positive rational."""
    shift = int(fmpz(value.p).bit_length()) - int(fmpz(value.q).bit_length()) - 1
    return fmpq(1 << shift) if shift >= 0 else fmpq(1, 1 << -shift)


def inflate(enclosures: Sequence[Box], on_axis: Sequence[bool]) -> list[Box]:
    """Inflate disjoint boxes by up to a quarter of their gaps, keeping them isolating, off zero
    and off the negative axis (where the eigenvalue is not on it)."""
    out = []
    for j, box in enumerate(enclosures):
        room = min([box.gap(other) for i, other in enumerate(enclosures) if i != j] or [fmpq(1)])
        clear = -box.re_hi if on_axis[j] else box.cut_gap()
        out.append(box.inflate(dyadic_below(min(room, clear) / 4)))
    return out
