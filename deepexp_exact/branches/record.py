"""The branch record: which logarithm L of K and which c with e^c = α a solution uses.

The record holds exact decisions only.  α is a Gaussian rational and c = Log α + 2πi·turn.  For
each distinct eigenvalue λ of K (ordered by (Re, Im)) it holds an isolating box with exact
endpoints, the algebraic multiplicity, the Jordan block sizes, whether λ lies on the negative real
axis, and the unwinding number k: the eigenvalue of L is ℓ = Log λ + 2πi·k with
−π < Im Log λ ≤ π, closed at +π (Corless & Jeffrey, "The unwinding number", 1996; Higham,
*Functions of Matrices*, section 1.5 and theorem 1.17 on the primary logarithms).

No box meets the negative real axis unless its eigenvalue lies on it, so a reader of the record
knows the side of the branch cut from the box alone.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import Any

from ..constructions import CONSTRUCTIONS, THEOREM, Completion, Construction, Parameters
from ..errors import BranchError, FormatError, shown
from ..exact import (
    GaussianRational,
    Quotient,
    gaussian,
    hex_pair,
    parse_hex_pair,
    to_gaussian,
    whole,
)
from ..files import (
    expect_format,
    expect_int,
    expect_keys,
    expect_list,
    expect_text,
    read_json,
    write_json,
)
from ..problems import Problem
from ..spectrum import Box

FORMAT = "deepexp-exact/branch-record"
VERSION = 2
#: Largest |k| and |turn| accepted.
MAX_TURN = 10**6
#: How the integers of a record may have been chosen.
RULES = ("principal", "smallest-norm", "integers", "none")
_PARTS = ("first_layer", "completion", "logarithm")
_READERS_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,20})?(?:e[+-][0-9]{1,3})?")


def known_construction(value: Any, where: str) -> Construction:
    """The construction that a file names."""
    name = expect_text(value, where, 40)
    if name not in CONSTRUCTIONS:
        raise FormatError(
            f"{where}: the construction {name!r} is not known",
            f"this program reads {', '.join(CONSTRUCTIONS)}",
        )
    return CONSTRUCTIONS[name]


@dataclass(frozen=True)
class BranchEntry:
    """One distinct eigenvalue λ of K and the integer k of its logarithm ℓ = Log λ + 2πi·k."""

    box: Box
    multiplicity: int
    blocks: tuple[int, ...]
    on_negative_axis: bool
    k: int

    @property
    def im_over_pi(self) -> float:
        """Im ℓ/π for readers (a rounded number; nothing is decided by it)."""
        angle = 1.0 if self.on_negative_axis else self.box.angle_over_pi()
        return angle + 2 * self.k

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
            "integers": [],
        }

    @classmethod
    def from_json(cls, table: Any, where: str) -> BranchEntry:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        keys = ("box", "multiplicity", "blocks", "on_negative_axis", "k", "im_over_pi", "integers")
        expect_keys(table, keys, where)
        if expect_list(table["integers"], f"{where}: integers"):
            raise FormatError(
                f"{where}: integers is not empty", "this program reads primary logarithms only"
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
class FirstLayer:
    """W1: the construction, α, the winding number u of c = Log α + 2πi·u, and the construction's
    own exact parameters, where it has any."""

    construction: str
    alpha: GaussianRational | None
    turn: int = 0
    parameters: Parameters | None = None

    def __post_init__(self) -> None:
        if self.construction not in CONSTRUCTIONS:
            raise BranchError(
                f"the construction {shown(self.construction)} is not known",
                f"constructions: {', '.join(CONSTRUCTIONS)}",
            )
        parametrised = CONSTRUCTIONS[self.construction].read is not None
        for words, needed, there in (
            ("α", self.scaled, self.alpha is not None),
            ("parameters", parametrised, self.parameters is not None),
        ):
            if needed != there:
                needs = "needs" if needed else "has no"
                raise BranchError(
                    f"the construction {self.construction} {needs} {words}", "make the record again"
                )
        if self.alpha is None:
            return
        object.__setattr__(self, "alpha", to_gaussian(self.alpha))
        if self.alpha.is_zero() or self.alpha == gaussian(1):
            raise BranchError(f"α = {self.alpha} is not allowed", "choose α other than 0 and 1")
        object.__setattr__(self, "turn", whole(self.turn, "turn", -MAX_TURN, MAX_TURN, BranchError))

    @property
    def scaled(self) -> bool:
        """Whether the construction has an α and a logarithm of K."""
        return CONSTRUCTIONS[self.construction].layered

    def to_json(self) -> dict[str, Any]:
        return {
            "construction": self.construction,
            "alpha": None if self.alpha is None else hex_pair(self.alpha),
            "turn": self.turn,
            "parameters": None if self.parameters is None else self.parameters.to_json(),
        }

    @classmethod
    def from_json(cls, table: Any, d: int, where: str) -> FirstLayer:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        expect_keys(table, ("construction", "alpha", "turn", "parameters"), where)
        found = known_construction(table["construction"], f"{where}: construction")
        if found.layered == (table["alpha"] is None):
            raise FormatError(f"{where}: alpha is null just where {found.name} has no scale")
        given = table["parameters"]
        if (found.read is None) != (given is None):
            raise FormatError(f"{where}: parameters is null just where {found.name} has none")
        return cls(
            found.name,
            parse_hex_pair(table["alpha"]) if found.layered else None,
            expect_int(table["turn"], f"{where}: turn", -MAX_TURN, MAX_TURN * found.layered),
            found.read(given, d, f"{where}: parameters") if found.read else None,
        )

    def differences(self, other: FirstLayer) -> list[str]:
        """What differs, in words."""
        if self.construction != other.construction:
            return [f"construction: {self.construction} and {other.construction}"]
        out = []
        if self.alpha != other.alpha:
            out.append(f"α: {self.alpha} and {other.alpha}")
        if self.turn != other.turn:
            out.append(f"turn of c: {self.turn} and {other.turn}")
        if self.parameters is not None and other.parameters is not None:
            out += self.parameters.differences(other.parameters)
        return out


@dataclass(frozen=True)
class LogarithmRecord:
    """L = log K: the rule, and one entry for each distinct eigenvalue of K.  It belongs to K
    alone."""

    rule: str
    entries: tuple[BranchEntry, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise BranchError(f"there is no rule {self.rule!r}", f"rules: {', '.join(RULES)}")

    @property
    def d(self) -> int:
        return sum(entry.multiplicity for entry in self.entries)

    @property
    def ks(self) -> tuple[int, ...]:
        """The unwinding numbers, in the order of the entries."""
        return tuple(entry.k for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "eigenvalues": [entry.to_json() for entry in self.entries],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, table: Any, where: str) -> LogarithmRecord:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        if "J" in table:
            raise FormatError(f"{where}: J", "this program reads primary logarithms only")
        expect_keys(table, ("rule", "eigenvalues", "notes"), where)
        rows = expect_list(table["eigenvalues"], f"{where}: eigenvalues")
        entries = tuple(
            BranchEntry.from_json(row, f"{where}: eigenvalue {j}") for j, row in enumerate(rows, 1)
        )
        notes = tuple(expect_text(t, f"{where}: notes") for t in expect_list(table["notes"], where))
        return cls(expect_text(table["rule"], f"{where}: rule", 200), entries, notes)

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
        return out


@dataclass(frozen=True)
class BranchRecord:
    """Everything a second person needs to rebuild the same weights: the first layer, the
    completion K, and the logarithm of K."""

    first_layer: FirstLayer
    completion: Completion
    logarithm: LogarithmRecord

    def __post_init__(self) -> None:
        parts = (self.first_layer, self.completion, self.logarithm)
        for part, kind in zip(parts, (FirstLayer, Completion, LogarithmRecord), strict=True):
            if not isinstance(part, kind):
                raise BranchError(f"{shown(part)} is no {kind.__name__}", "use make_record")
        if self.first_layer.scaled == (self.rule == "none" or not self.entries):
            raise BranchError(
                f"a logarithm goes with the construction {self.construction}"
                if self.first_layer.scaled
                else f"no logarithm goes with the construction {self.construction}",
                "make the record again",
            )

    @property
    def construction(self) -> str:
        return self.first_layer.construction

    @property
    def alpha(self) -> GaussianRational:
        """α; :class:`BranchError` where the construction has no scale."""
        if self.first_layer.alpha is None:
            raise BranchError(f"the construction {self.construction} has no α", "leave α out")
        return self.first_layer.alpha

    @property
    def turn(self) -> int:
        """The winding number u of c."""
        return self.first_layer.turn

    @property
    def rule(self) -> str:
        return self.logarithm.rule

    @property
    def entries(self) -> tuple[BranchEntry, ...]:
        return self.logarithm.entries

    @property
    def notes(self) -> tuple[str, ...]:
        return self.logarithm.notes

    @property
    def d(self) -> int:
        return self.logarithm.d

    @property
    def ks(self) -> tuple[int, ...]:
        return self.logarithm.ks

    def __str__(self) -> str:
        """α, the winding number, the rule and the integers, in a line."""
        if self.first_layer.alpha is None:
            return f"construction {self.construction}, which has no scale and no logarithm"
        ks = ",".join(map(str, self.ks))
        return f"α = {self.alpha}, winding number {self.turn}, branch {self.rule}, k = {ks}"

    def quotient(self, problem: Problem) -> Quotient:
        """K, as the record completes it."""
        return self.completion.quotient(problem)

    def same_branch(self, other: BranchRecord) -> list[str]:
        """What differs, in words; all three parts are compared.  Empty means the same branch."""
        if not isinstance(other, BranchRecord):
            raise BranchError(f"{shown(other)} is not a branch record")
        return [
            *self.first_layer.differences(other.first_layer),
            *self.completion.differences(other.completion),
            *self.logarithm.differences(other.logarithm),
        ]

    # -- files

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "first_layer": self.first_layer.to_json(),
            "completion": self.completion.to_json(),
            "logarithm": self.logarithm.to_json(),
        }

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "branch record") -> BranchRecord:
        """Read version 2, or 1: the theorem's construction with invertible outputs."""
        if expect_format(table, FORMAT, (1, VERSION), where) == 1:
            return cls._from_first_version(table, where)
        expect_keys(table, ("format", "version", *_PARTS), where)
        completion = Completion.from_json(table["completion"], f"{where}: completion")
        logarithm = LogarithmRecord.from_json(table["logarithm"], f"{where}: logarithm")
        layer = FirstLayer.from_json(table["first_layer"], logarithm.d, f"{where}: first_layer")
        rows = logarithm.d if completion.S is None else completion.S.rows
        short = completion.S is None and completion.rank not in (0, logarithm.d)
        if layer.scaled and (rows != logarithm.d or short):
            raise FormatError(
                f"{where}: the completion does not fit the multiplicities, whose sum is "
                f"{logarithm.d}"
            )
        return cls(layer, completion, logarithm)

    @classmethod
    def _from_first_version(cls, table: dict[str, Any], where: str) -> BranchRecord:
        own = ("rule", "eigenvalues", "notes")
        expect_keys(table, ("format", "version", "alpha", "turn", *own), where)
        logarithm = LogarithmRecord.from_json({key: table[key] for key in own}, where)
        turn = expect_int(table["turn"], f"{where}: turn", -MAX_TURN, MAX_TURN)
        layer = FirstLayer(THEOREM, parse_hex_pair(table["alpha"]), turn)
        return cls(layer, Completion(logarithm.d), logarithm)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record to a JSON file atomically."""
        write_json(path, self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> BranchRecord:
        """Read a record file; a certificate's record is read too."""
        table = read_json(path)
        if table.get("format") == "deepexp-exact/certificate" and isinstance(
            table.get("record"), dict
        ):
            table = table["record"]
        return cls.from_json(table, str(path))

    def _repr_latex_(self) -> str:
        """α and the logarithm of every eigenvalue for a notebook."""
        if not self.first_layer.scaled:
            return rf"$\text{{{self}}}$"
        rows = [
            rf"\ell_{{{j}}} &= \operatorname{{Log}}({e.box})"
            + (rf" {2 * e.k:+d}\pi\mathrm{{i}}" if e.k else "")
            for j, e in enumerate(self.entries, 1)
        ]
        body = r" \\ ".join([rf"\alpha &= {self.alpha}", *rows])
        return rf"$\begin{{aligned}} {body} \end{{aligned}}$"

    def _repr_html_(self) -> str:
        if not self.first_layer.scaled:
            return f"<p>{self}</p>"
        rows = "".join(
            f"<tr><td>{e.box}</td><td>{e.multiplicity}</td><td>{list(e.blocks)}</td>"
            f"<td>{e.on_negative_axis}</td><td>{e.k}</td><td>{e.im_over_pi:.6g}</td></tr>"
            for e in self.entries
        )
        head = "".join(
            f"<th>{t}</th>"
            for t in ("eigenvalue of K", "multiplicity", "blocks", "on cut", "k", "Im ℓ/π")
        )
        return f"<p>α = {self.alpha}, turn {self.turn}, {self.rule}</p><table>{head}{rows}</table>"
