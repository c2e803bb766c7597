"""The exact parameters of a splitting: everything that W1 depends on besides α, u, X1 and X2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from ...errors import FormatError
from ...exact import (
    ExactMatrix,
    GaussianRational,
    fmpq_to_float,
    from_hex,
    gaussian,
    hex_pair,
    matrix_from_hex,
    parse_hex_pair,
    to_hex,
)
from ...files import expect_int, expect_keys, expect_list

#: Largest |a_j| of a record.
MAX_INTEGER = 10**6
#: π·10^40, rounded.
_PI, _PI_SCALE = 31415926535897932384626433832795028841972, 10**40
_KEYS = ("exchanged", "s", "q", "rho", "basis", "integers", "root", "rank")


@dataclass(frozen=True)
class Root:
    """The square centre ± radius·(1 + i) that holds m and no other root of the pivot equation."""

    centre: GaussianRational
    radius: fmpq


@dataclass(frozen=True)
class SplitParameters:
    """``exchanged``: W1 is that of (X2, X1) and −c.  ``s``: X_s = X1 + s·D, F = X_s⁻¹·D.  ``q``,
    ``rho``: the block belongs to the q eigenvalues |φ| < ρ of F (``rho`` None: all of them).
    ``basis``: d×q, B := Π·basis.  ``integers``: a_j in the order of the pivots, μ_j = m + 2πi·a_j.
    ``root``: where m is; None where C1 is singular of rank ``rank`` on the block, m = −c."""

    exchanged: bool
    s: fmpq
    q: int
    rho: fmpq | None
    basis: ExactMatrix
    integers: tuple[int, ...]
    root: Root | None
    rank: int | None

    def differences(self, other: SplitParameters) -> list[str]:
        """What differs of what W1 depends on; empty means the same W1.

        W1 depends on s only through the block, which is everything or nothing for q = d and q = 0;
        not on the scale of the basis, for q = 2 only on the direction of its last column b (an
        eigenvector of M, and the first column is (C1 − g_1)⁻¹·b up to scale); and integers + k with
        m − 2πi·k give the same μ_j.  Circles and s may differ between the same eigenvalues, and
        only Π·basis matters: a problem would have to decide that, so that such records are told
        apart, with these words."""
        if self.q != other.q:
            return [f"size of the block: {self.q} and {other.q}"]
        if self.q == 0:  # W1 = c·D⁻¹
            return []
        out = []
        for words, mine, theirs in (
            ("exchanged", self.exchanged, other.exchanged),
            ("rank on the block", self.rank, other.rank),
        ):
            if mine != theirs:
                out.append(f"{words}: {mine} and {theirs}")
        if self.s != other.s and self.q < self.basis.rows:
            out.append(f"s: {self.s} and {other.s} (their blocks may be the same)")
        first = 1 if self.q == 2 else 0
        if not _proportional(self.basis, other.basis, first):
            whole = self.q == self.basis.rows
            out.append("basis" + ("" if whole else " (its projections may be the same)"))
        k = other.integers[0] - self.integers[0]
        if any(b - a != k for a, b in zip(self.integers, other.integers, strict=True)) or (
            k and self.root is None
        ):
            out.append(f"integers: {self.integers} and {other.integers}")
        elif self.root and other.root and not _overlap(self.root, other.root, k):
            out.append("the root m")
        return out

    def __str__(self) -> str:
        parts = [f"s = {self.s}", f"q = {self.q}"]
        if self.rho is not None:
            parts.append(f"ρ = {fmpq_to_float(self.rho):.4g}")
        if self.q:
            parts.append(f"integers ({', '.join(map(str, self.integers))})")
        if self.root is not None:
            m = complex(self.root.centre)
            parts.append(f"m = {m.real:.6g}{m.imag:+.6g}i")
        if self.rank is not None:
            parts.append(f"C1 of rank {self.rank}, m = −c")
        if self.exchanged:
            parts.append("X1 and X2 exchanged")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        root = self.root
        return {
            "exchanged": self.exchanged,
            "s": to_hex(self.s),
            "q": self.q,
            "rho": None if self.rho is None else to_hex(self.rho),
            "basis": [[hex_pair(z) for z in row] for row in self.basis.to_rows()],
            "integers": list(self.integers),
            "root": root and {"centre": hex_pair(root.centre), "radius": to_hex(root.radius)},
            "rank": self.rank,
        }

    @classmethod
    def from_json(cls, table: Any, d: int, where: str) -> SplitParameters:
        """Read and check the shape of every field; :class:`FormatError` names what is wrong.

        Whether the block exists and m lies in its square is for a path to prove."""
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, _KEYS, where)
        if not isinstance(table["exchanged"], bool):
            raise FormatError(f"{where}: exchanged is not true or false")
        q = expect_int(table["q"], f"{where}: q", 0, d)
        whole = table["rho"] is None
        if whole != (q in (0, d)):
            raise FormatError(f"{where}: rho goes with 0 < q < {d} and with nothing else")
        rows = expect_list(table["basis"], f"{where}: basis", d)
        basis = matrix_from_hex(rows, f"{where}: basis") if q else ExactMatrix.zero(d, 0)
        if (basis.rows, basis.cols) != (d, q):
            raise FormatError(f"{where}: the basis is not {d}x{q}")
        integers = tuple(
            expect_int(a, f"{where}: integers", -MAX_INTEGER, MAX_INTEGER)
            for a in expect_list(table["integers"], f"{where}: integers", q)
        )
        if len(set(integers)) != q:
            raise FormatError(f"{where}: the integers repeat")
        rank, root = _rank_and_root(table, q, integers, where)
        rho = None if whole else from_hex(table["rho"])
        if rho is not None and rho <= 0:
            raise FormatError(f"{where}: rho is not positive")
        return cls(table["exchanged"], from_hex(table["s"]), q, rho, basis, integers, root, rank)


def _rank_and_root(
    table: dict[str, Any], q: int, integers: tuple[int, ...], where: str
) -> tuple[int | None, Root | None]:
    if table["rank"] is not None:
        rank = expect_int(table["rank"], f"{where}: rank", 0, q - 1)
        if table["root"] is not None:
            raise FormatError(f"{where}: a block of lower rank has no root")
        if 0 in integers[:rank]:
            raise FormatError(f"{where}: 0 among the integers of the pivots of a singular block")
        return rank, None
    if q == 0:
        if table["root"] is not None:
            raise FormatError(f"{where}: an empty block has no root")
        return None, None
    if q == 1:
        raise FormatError(f"{where}: a block of size 1 is a scalar")
    inner = table["root"]
    if not isinstance(inner, dict):
        raise FormatError(f"{where}: root is not an object")
    expect_keys(inner, ("centre", "radius"), f"{where}: root")
    radius = from_hex(inner["radius"])
    if radius <= 0:
        raise FormatError(f"{where}: the radius of the root is not positive")
    return None, Root(parse_hex_pair(inner["centre"]), radius)


def _overlap(one: Root, other: Root, k: int) -> bool:
    """Whether the squares of m and of m' + 2πi·k meet."""
    turn = fmpq(2 * k * _PI, _PI_SCALE)
    reach = one.radius + other.radius + fmpq(2 * abs(k) + 1, _PI_SCALE)
    apart = one.centre - other.centre - gaussian(0, turn)
    return bool(abs(apart.re) <= reach and abs(apart.im) <= reach)


def _proportional(one: ExactMatrix, other: ExactMatrix, first: int) -> bool:
    """Whether the columns from ``first`` on are the same up to one factor."""
    mine, theirs = ([z for row in M.to_rows() for z in row[first:]] for M in (one, other))
    place = next((j for j, z in enumerate(theirs) if not z.is_zero()), None)
    if place is None or mine[place].is_zero():
        return mine == theirs
    a, b = mine[place], theirs[place]
    return all(x * b == y * a for x, y in zip(mine, theirs, strict=True))


def dyadic(value: float, bits: int = 53) -> fmpq:
    """A float64 number, exactly or rounded to ``bits`` bits."""
    if bits < 53 and value:
        mantissa, exponent = math.frexp(value)
        value = math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)
    return fmpq(*value.as_integer_ratio())


def dyadic_complex(z: complex) -> GaussianRational:
    return gaussian(dyadic(z.real), dyadic(z.imag))
