"""The record of a logarithm of K: one entry for each distinct eigenvalue, and the rational J of a
real logarithm that is not primary.

No box meets the negative real axis unless its eigenvalue lies on it, so a reader of the record
knows the side of the branch cut from the box alone.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BranchError, FormatError
from ..exact import MAX_DIMENSION, ExactMatrix, hex_pair, matrix_from_hex
from ..files import expect_int, expect_keys, expect_list, expect_text
from ..spectrum import Box

#: Largest |k| and |turn| accepted.
MAX_TURN = 10**6
#: The rule of a real logarithm of a real K.
REAL = "real"
#: How the integers of a record may have been chosen.
RULES = ("principal", "smallest-norm", "integers", REAL, "none")
#: The integers of a negative eigenvalue where J makes the logarithm real.
PAIR = (-1, 0)
_READERS_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,20})?(?:e[+-][0-9]{1,3})?")


@dataclass(frozen=True)
class BranchEntry:
    """One distinct eigenvalue λ of K and the integer k of its logarithm ℓ = Log λ + 2πi·k;
    ``integers`` is ``PAIR`` where half of them have k = −1 (J of the record says which)."""

    box: Box
    multiplicity: int
    blocks: tuple[int, ...]
    on_negative_axis: bool
    k: int
    integers: tuple[int, ...] = ()

    @property
    def im_over_pi(self) -> float:
        """Im ℓ/π for readers (a rounded number; nothing is decided by it)."""
        angle = 1.0 if self.on_negative_axis else self.box.angle_over_pi()
        return angle + 2 * self.k

    @property
    def k_text(self) -> str:
        """k for readers, or the integers of a pair."""
        return ", ".join(map(str, self.integers or (self.k,)))

    @property
    def parts(self) -> tuple[BranchEntry, ...]:
        """The entry itself, or its two halves with one k each where J pairs its blocks."""
        if not self.integers:
            return (self,)
        return tuple(
            replace(
                self, multiplicity=self.multiplicity // 2, blocks=self.blocks[::2], k=k, integers=()
            )
            for k in self.integers
        )

    @property
    def re_log(self) -> float:
        """Re ℓ = log|λ| for readers (a rounded number)."""
        return self.box.log_abs()

    def to_json(self) -> dict[str, Any]:
        return {
            "box": self.box.to_json(),
            "multiplicity": self.multiplicity,
            "blocks": list(self.blocks),
            "on_negative_axis": self.on_negative_axis,
            "k": self.k,
            "im_over_pi": f"{self.im_over_pi:.12g}",
            "integers": list(self.integers),
        }

    @classmethod
    def from_json(cls, table: Any, where: str) -> BranchEntry:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        keys = ("box", "multiplicity", "blocks", "on_negative_axis", "k", "im_over_pi", "integers")
        expect_keys(table, keys, where)
        integers = tuple(
            expect_int(k, f"{where}: integers", -MAX_TURN, MAX_TURN)
            for k in expect_list(table["integers"], f"{where}: integers")
        )
        if not isinstance(table["on_negative_axis"], bool):
            raise FormatError(f"{where}: on_negative_axis is not true or false")
        told = expect_text(table["im_over_pi"], f"{where}: im_over_pi", 40)
        multiplicity = expect_int(table["multiplicity"], f"{where}: multiplicity", 1, 10**4)
        blocks = tuple(
            expect_int(b, f"{where}: blocks", 1, multiplicity)
            for b in expect_list(table["blocks"], f"{where}: blocks")
        )
        if sum(blocks) != multiplicity or sorted(blocks, reverse=True) != list(blocks):
            raise FormatError(f"{where}: the blocks {blocks} do not add up to {multiplicity}")
        entry = cls(
            Box.from_json(table["box"], f"{where}: box"),
            multiplicity,
            blocks,
            table["on_negative_axis"],
            expect_int(table["k"], f"{where}: k", -MAX_TURN, MAX_TURN),
            integers,
        )
        if not _READERS_NUMBER.fullmatch(told) or not math.isclose(
            float(told), entry.im_over_pi, rel_tol=1e-9, abs_tol=1e-9
        ):
            raise FormatError(
                f"{where}: im_over_pi {told!r} does not fit its box and k",
                f"it is {entry.im_over_pi:.12g}",
            )
        return entry


@dataclass(frozen=True)
class LogarithmRecord:
    """L = log K: the rule, and one entry for each distinct eigenvalue of K.  It belongs to K
    alone.

    With J the logarithm is L0 + (π·J − πi·I)·Π, L0 the primary one of the entries and Π the
    spectral projector of the negative eigenvalues (:mod:`spectrum.real_logarithm`)."""

    rule: str
    entries: tuple[BranchEntry, ...]
    notes: tuple[str, ...] = ()
    J: ExactMatrix | None = None

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise BranchError(f"there is no rule {self.rule!r}", f"rules: {', '.join(RULES)}")
        for j, entry in enumerate(self.entries, 1):
            paired = self.J is not None and entry.on_negative_axis
            if entry.integers != (PAIR if paired else ()):
                raise BranchError(
                    f"eigenvalue {j} of the record: integers {list(entry.integers)}, "
                    f"{list(PAIR)} belongs to a negative one with J, [] to any other",
                    "make the record again from the problem",
                )
        if self.J is not None and (self.rule != REAL or self.J.rows != self.d):
            raise BranchError("J goes with the rule real, d×d", "make the record again")

    @property
    def d(self) -> int:
        return sum(entry.multiplicity for entry in self.entries)

    @property
    def ks(self) -> tuple[int, ...]:
        """The unwinding numbers, in the order of the entries."""
        return tuple(entry.k for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        rows = None if self.J is None else self.J.to_rows()
        return {
            "rule": self.rule,
            "eigenvalues": [entry.to_json() for entry in self.entries],
            "notes": list(self.notes),
        } | ({"J": [[hex_pair(z) for z in row] for row in rows]} if rows else {})

    @classmethod
    def from_json(cls, table: Any, where: str) -> LogarithmRecord:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, ("rule", "eigenvalues", "notes"), where, ("J",))
        rows = expect_list(table["eigenvalues"], f"{where}: eigenvalues")
        entries = tuple(
            BranchEntry.from_json(row, f"{where}: eigenvalue {j}") for j, row in enumerate(rows, 1)
        )
        notes = tuple(expect_text(t, f"{where}: notes") for t in expect_list(table["notes"], where))
        J = _read_square(table["J"], f"{where}: J") if "J" in table else None
        return cls(expect_text(table["rule"], f"{where}: rule", 200), entries, notes, J)

    def differences(self, other: LogarithmRecord) -> list[str]:
        """What differs: eigenvalues or integers.  Boxes may differ: they describe the same
        eigenvalues if they overlap pairwise, in order; :func:`rules.check_logarithm` makes that
        certain against K itself."""
        if len(self.entries) != len(other.entries):
            return [f"distinct eigenvalues: {len(self.entries)} and {len(other.entries)}"]
        out = []
        for j, (mine, theirs) in enumerate(zip(self.entries, other.entries, strict=True), 1):
            if not mine.box.overlaps(theirs.box):
                out.append(f"eigenvalue {j}: {mine.box} and {theirs.box}")
            elif (mine.multiplicity, mine.blocks, mine.on_negative_axis) != (
                theirs.multiplicity,
                theirs.blocks,
                theirs.on_negative_axis,
            ):
                out.append(f"eigenvalue {j}: multiplicity, blocks or side of the cut differ")
            elif mine.k != theirs.k:
                out.append(f"eigenvalue {j}: k = {mine.k} and {theirs.k}")
        return out if self.J == other.J else [*out, "the matrix J of the real logarithm"]


def _read_square(value: Any, where: str) -> ExactMatrix:
    rows = expect_list(value, where)
    if not 0 < len(rows) <= MAX_DIMENSION:
        raise FormatError(f"{where} is not a matrix of allowed size")
    return matrix_from_hex([expect_list(row, where, len(rows)) for row in rows], where)
