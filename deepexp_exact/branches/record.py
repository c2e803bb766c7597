"""The branch record: which logarithm L of K and which c with e^c = α a solution uses.

The record holds exact decisions only.  α is a Gaussian rational and c = Log α + 2πi·turn.  For
each distinct eigenvalue λ of K (ordered by (Re, Im)) it holds an isolating box with exact
endpoints, the algebraic multiplicity, the Jordan block sizes, whether λ lies on the negative real
axis, and the unwinding number k: the eigenvalue of L is ℓ = Log λ + 2πi·k with
−π < Im Log λ ≤ π, closed at +π (Corless & Jeffrey, "The unwinding number", 1996; Higham,
*Functions of Matrices*, section 1.5 and theorem 1.17 on the primary logarithms).
"""

from __future__ import annotations

import os
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
    expect_text,
    read_json,
    write_json,
)
from ..problems import Problem
from .logarithm import MAX_TURN, REAL, BranchEntry, LogarithmRecord

FORMAT = "deepexp-exact/branch-record"
VERSION = 2
_PARTS = ("first_layer", "completion", "logarithm")


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

    @property
    def paired(self) -> bool:
        """Whether the second layer is a pair A, B with exp(−A)·exp(B) = K."""
        return CONSTRUCTIONS[self.construction].paired

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
    def module(self) -> str:
        """The name of the construction's module in every path."""
        return CONSTRUCTIONS[self.construction].module

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
    def real(self) -> bool:
        """Whether the weights are real wherever the data are: the real logarithm and α > 0, or a
        construction without either that says so."""
        alpha = self.first_layer.alpha
        scaled = alpha is None or (self.rule == REAL and alpha.is_real() and alpha.re > 0)
        return CONSTRUCTIONS[self.construction].real and scaled and self.turn == 0

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
        if self.first_layer.parameters is not None and not self.first_layer.scaled:
            return f"construction {self.construction}: {self.first_layer.parameters}"
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
        d = logarithm.d if logarithm.entries else completion.d
        layer = FirstLayer.from_json(table["first_layer"], d, f"{where}: first_layer")
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
            f"<td>{e.on_negative_axis}</td><td>{e.k_text}</td><td>{e.im_over_pi:.6g}</td></tr>"
            for e in self.entries
        )
        head = "".join(
            f"<th>{t}</th>"
            for t in ("eigenvalue of K", "multiplicity", "blocks", "on cut", "k", "Im ℓ/π")
        )
        return f"<p>α = {self.alpha}, turn {self.turn}, {self.rule}</p><table>{head}{rows}</table>"
