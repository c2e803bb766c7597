"""The exact parameters of a first layer of rank one: everything that the weights depend on besides
the problem and the completion."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from ...errors import FormatError
from ...exact import (
    MAX_DIMENSION,
    ExactMatrix,
    GaussianRational,
    from_hex,
    gaussian,
    hex_pair,
    matrix_from_hex,
    parse_hex_pair,
    to_hex,
)
from ...files import expect_int, expect_keys, expect_list

#: Largest absolute integer of a record.
MAX_INTEGER = 10**6
_KEYS = ("row", "q", "centre", "free", "radius", "offset", "integers", "nullity")
_SHIFT = ("a", "radius", "k", "n")


@dataclass(frozen=True)
class Shift:
    """a of A + a·I and B + a·I: exactly ``a`` where the radius is None; otherwise the solution of
    Log(1 + r2·v) + 2πi·n = 2πi·k·(r2·v)/(r1·v) with |Re(a − centre)|, |Im(a − centre)| ≤ radius."""

    a: GaussianRational
    radius: fmpq | None = None
    k: int = 0
    n: int = 0

    def to_json(self) -> dict[str, Any]:
        radius = None if self.radius is None else to_hex(self.radius)
        return {"a": hex_pair(self.a), "radius": radius, "k": self.k, "n": self.n}


@dataclass(frozen=True)
class RankOneParameters:
    """``row``: ℓ of W1 = z·ℓ.  ``q``: the row of p·exp(A)·K = q = p·exp(B), where [A, K] = x·p +
    y·q and B = A + K⁻¹·x·p.  (A, x, y) is a combination of the basis of that linear space whose
    coordinates are the entries of (A, x, y) in its free columns (:mod:`.family`); ``centre`` holds
    all of them and ``free`` names the 2d that are unknown: the exact solution is the one with each
    part of each of them within ``radius`` of the centre.  ``integers``: the unwinding numbers of
    the eigenvalues of A + a·I and of B + a·I, in increasing order.  ``nullity``: the dimension of
    the linear space over Q(i) and modulo the prime (0 where that does not serve)."""

    row: ExactMatrix
    q: ExactMatrix
    centre: tuple[GaussianRational, ...]
    free: tuple[int, ...]
    radius: fmpq
    offset: Shift
    integers: tuple[tuple[int, ...], tuple[int, ...]]
    nullity: tuple[int, int]

    def differences(self, other: RankOneParameters) -> list[str]:
        """What differs; boxes of one solution may differ where they overlap."""
        out = [
            words
            for words, mine, theirs in (
                ("the row ℓ", self.row, other.row),
                ("the row q", self.q, other.q),
                ("the free coordinates", self.free, other.free),
                ("the unwinding numbers of A and B", self.integers, other.integers),
            )
            if mine != theirs
        ]
        if out:
            return out
        pairs = list(zip(self.centre, other.centre, strict=False))
        reach = self.radius + other.radius
        apart = any(
            not _near(a, b, reach if j in self.free else fmpq(0)) for j, (a, b) in enumerate(pairs)
        )
        if len(self.centre) != len(other.centre) or apart:
            out.append("the solution of the equations for A and B")
        one, two = self.offset, other.offset
        wide = (one.radius or fmpq(0)) + (two.radius or fmpq(0))
        if (one.k, one.n) != (two.k, two.n) or not _near(one.a, two.a, wide):
            out.append("the shift of A and B")
        return out

    def to_json(self) -> dict[str, Any]:
        return {
            "row": [hex_pair(z) for z in self.row.entries()],
            "q": [hex_pair(z) for z in self.q.entries()],
            "centre": [hex_pair(z) for z in self.centre],
            "free": list(self.free),
            "radius": to_hex(self.radius),
            "offset": self.offset.to_json(),
            "integers": [list(part) for part in self.integers],
            "nullity": list(self.nullity),
        }

    def __str__(self) -> str:
        A, B = (",".join(map(str, part)) for part in self.integers)
        return f"unwinding numbers {A} of A and {B} of B"

    @classmethod
    def from_json(cls, table: Any, d: int, where: str) -> RankOneParameters:
        """Read and check the shape of every field; :class:`FormatError` names what is wrong.

        Whether they belong to a problem and have a solution is for a path to prove.  ``d`` is 0
        where the rest of the record does not tell it."""
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, _KEYS, where)
        row, q = (_row(table[key], f"{where}: {key}") for key in ("row", "q"))
        size = d or row.cols
        if not row.cols == q.cols == size <= MAX_DIMENSION:
            raise FormatError(f"{where}: row and q do not have {size} entries")
        length = len(expect_list(table["centre"], f"{where}: centre"))
        if not 2 * size <= length <= size * size + 2 * size:
            raise FormatError(f"{where}: centre does not have {2 * size} entries or more")
        centre = tuple(parse_hex_pair(pair) for pair in table["centre"])
        free = _integers(table["free"], 2 * size, 0, length - 1, f"{where}: free")
        if any(a >= b for a, b in itertools.pairwise(free)):
            raise FormatError(f"{where}: free is not in increasing order")
        radius = from_hex(table["radius"])
        if radius <= 0:
            raise FormatError(f"{where}: the radius is not positive")
        both = expect_list(table["integers"], f"{where}: integers", 2)
        A, B = (
            _integers(part, size, -MAX_INTEGER, MAX_INTEGER, f"{where}: integers") for part in both
        )
        if list(A) != sorted(A) or list(B) != sorted(B):
            raise FormatError(f"{where}: the integers are not in order")
        most = size * size + 2 * size
        over_field, modulo = _integers(table["nullity"], 2, 0, most, f"{where}: nullity")
        if over_field != length:
            raise FormatError(f"{where}: the nullity is not the length of centre")
        shift = _shift(table["offset"], f"{where}: offset")
        return cls(row, q, centre, free, radius, shift, (A, B), (over_field, modulo))


def _row(value: Any, where: str) -> ExactMatrix:
    return matrix_from_hex([expect_list(value, where)], where)


def _integers(value: Any, length: int, low: int, high: int, where: str) -> tuple[int, ...]:
    return tuple(expect_int(n, where, low, high) for n in expect_list(value, where, length))


def _shift(table: Any, where: str) -> Shift:
    if not isinstance(table, dict):
        raise FormatError(f"{where} is not an object")
    expect_keys(table, _SHIFT, where)
    a = parse_hex_pair(table["a"])
    k, n = (expect_int(table[key], f"{where}: {key}", -MAX_INTEGER, MAX_INTEGER) for key in "kn")
    if table["radius"] is None:
        if k or n:
            raise FormatError(f"{where}: k and n go with a radius")
        return Shift(a)
    radius = from_hex(table["radius"])
    if radius <= 0 or k == 0:
        raise FormatError(f"{where}: the radius is not positive, or k is 0")
    return Shift(a, radius, k, n)


def _near(a: GaussianRational, b: GaussianRational, reach: fmpq) -> bool:
    apart = a - b
    return bool(abs(apart.re) <= reach and abs(apart.im) <= reach)


def dyadic_number(value: Any, bits: int) -> GaussianRational:
    """An ``acb`` midpoint rounded to ``bits`` bits in each part, exactly."""
    from flint import ctx

    with ctx.workprec(bits):
        parts = [(+part).mid().man_exp() for part in (value.real, value.imag)]
    return gaussian(*(fmpq(int(m)) * fmpq(2) ** int(e) for m, e in parts))
