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
        """What differs; boxes of one root may differ, and circles between the same eigenvalues."""
        pairs = (
            ("exchanged", self.exchanged, other.exchanged),
            ("s", self.s, other.s),
            ("size of the block", self.q, other.q),
            ("basis", self.basis, other.basis),
            ("integers", self.integers, other.integers),
            ("rank on the block", self.rank, other.rank),
        )
        out = [f"{words}: {mine} and {theirs}" for words, mine, theirs in pairs if mine != theirs]
        if (self.root is None) != (other.root is None) or (
            self.root and other.root and not _overlap(self.root, other.root)
        ):
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


def _overlap(one: Root, other: Root) -> bool:
    reach, apart = one.radius + other.radius, one.centre - other.centre
    return bool(abs(apart.re) <= reach and abs(apart.im) <= reach)


def dyadic(value: float, bits: int = 53) -> fmpq:
    """A float64 number, exactly or rounded to ``bits`` bits."""
    if bits < 53 and value:
        mantissa, exponent = math.frexp(value)
        value = math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)
    return fmpq(*value.as_integer_ratio())


def dyadic_complex(z: complex) -> GaussianRational:
    return gaussian(dyadic(z.real), dyadic(z.imag))
