"""The certificate file ``deepexp-exact/certificate`` version 2: writer and strict reader.

A certificate is one JSON object.  Every field is validated on reading and unknown ones are refused;
``sha256`` covers the UTF-8 text of the object without that key (sorted keys, separators ``,`` and
``:``, ASCII only).  Version 1, the theorem's construction alone, is read too.  There are two kinds:
of weights (:class:`Certificate`), and that there are none (:class:`NoSolution`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any, cast

from ..branches import BranchRecord
from ..branches.record import FORMAT as RECORD_FORMAT
from ..branches.record import known_construction
from ..constructions import CONSTRUCTIONS
from ..errors import ClaimError, FormatError, NoSolutionError, NotApplicableError, shown
from ..files import (
    NumberText,
    expect_format,
    expect_int,
    expect_keys,
    expect_list,
    expect_text,
    read_json,
    write_json,
)
from ..problems import Problem
from ..solution import Solution
from ..theorem import formal_names
from .dyadic import Dyadic, DyadicMatrix, dyadic_matrix

FORMAT = "deepexp-exact/certificate"
VERSION = 2
WEIGHTS = ("W1", "W2", "W3")
#: What is claimed of weights, and what proves that there are none.
CLAIM_IDS = ("C1", "C2", "C3", "C4", "C5")
IMPOSSIBLE = ("N1", "N2", "R6")
#: The name that stands for the construction where no weights exist.
NONE = "none"
_HEAD = ("format", "version", "problem", "construction", "claims", "provenance", "sha256")
_BODY = ("record", "digits", "digits_carried", "weights")
#: Largest number of digits asked or carried.
MAX_DIGITS = 24_000
#: Packages whose versions a certificate names.
_PACKAGES = ("deepexp-exact", "python-flint", "mpmath", "gmpy2", "numpy", "scipy", "sympy")


@dataclass(frozen=True)
class Claim:
    """One claim about the stored weights: its id and its numbers, in order.

    C1: bounds b1, b2.  C2: radii of W1, W2, W3.  C3: one radius for each entry of the record, or of
    a paired construction two, for A and for B.  C4: a bound.  C5: none."""

    id: str
    numbers: tuple[Dyadic, ...]

    def to_json(self) -> dict[str, Any]:
        texts = [str(number) for number in self.numbers]
        if self.id == "C1":
            return {"id": "C1", "bounds": texts}
        if self.id == "C4":
            return {"id": "C4", "bound": texts[0]}
        if self.id == "C5":
            return {"id": "C5"}
        if self.id == "C2":
            return {"id": "C2", "radii": dict(zip(WEIGHTS, texts, strict=True))}
        return {"id": "C3", "radii": texts}

    @classmethod
    def from_json(cls, table: object, allowed: Sequence[str], entries: int, where: str) -> Claim:
        """Read one of the claims allowed; C3 has so many radii."""
        id_ = _claim_id(table, allowed, where)
        if id_ == "C5":
            expect_keys(cast("dict[str, Any]", table), ("id",), where)
            return cls(id_, ())
        field_ = {"C1": "bounds", "C4": "bound"}.get(id_, "radii")
        rows = cast("dict[str, Any]", table)
        expect_keys(rows, ("id", field_), where)
        texts = rows[field_]
        if id_ == "C2":
            if not isinstance(texts, dict):
                raise FormatError(f"{where}: radii is not an object")
            expect_keys(texts, WEIGHTS, f"{where}: radii")
            texts = [texts[name] for name in WEIGHTS]
        elif id_ == "C4":
            texts = [texts]
        length = {"C1": 2, "C2": 3, "C3": entries, "C4": 1}[id_]
        numbers = tuple(Dyadic.parse(t) for t in expect_list(texts, f"{where}: {field_}", length))
        if any(number.mantissa < 0 for number in numbers):
            raise FormatError(f"{where}: a bound is negative")
        return cls(id_, numbers)


def claimable(record: BranchRecord) -> tuple[str, ...]:
    """The claims that weights of a record may make."""
    if record.first_layer.paired:
        return "C1", "C2", "C3", "C5"
    return CLAIM_IDS if record.first_layer.scaled else ("C1", "C2", "C5")


def _claim_id(table: object, allowed: Sequence[str], where: str) -> str:
    if not isinstance(table, dict):
        raise FormatError(f"{where} is not an object")
    id_ = table.get("id")
    if id_ not in allowed or isinstance(id_, NumberText):
        raise FormatError(f"{where}: the id {id_!r} is not one of {', '.join(allowed)}")
    return str(id_)


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a certificate comes from."""

    versions: dict[str, str] = field(default_factory=dict)
    command: str = ""
    seed: int | None = None

    def _sealed(self, table: dict[str, Any], formal: Mapping[str, str]) -> dict[str, Any]:
        """The whole object of a file, ``sha256`` included; ``formal``: the Coq theorems behind
        it."""
        names = list(formal.values())
        provenance = {"versions": self.versions, "command": self.command, "seed": self.seed}
        whole = {"format": FORMAT, "version": VERSION, **table}
        whole |= ({"formal": names} if names else {}) | {"provenance": provenance}
        return whole | {"sha256": canonical_sha256(whole)}


@dataclass(frozen=True)
class NoSolution(Provenance):
    """The proof that a problem has no solution: N1 with rank Y1, rank Y2, rank [Y1 Y2], N2 with
    the row and column where Y1 and Y2 differ although X1 = X2; or no real one: R6 with the signs
    of det Y1 and det Y2."""

    problem: Problem
    statement: str
    evidence: tuple[int, ...]

    @property
    def construction(self) -> str:
        return NONE

    @property
    def d(self) -> int:
        return self.problem.d

    def to_json(self) -> dict[str, Any]:
        """The whole object, ``sha256`` included."""
        name = "signs" if self.statement == "R6" else "ranks"
        numbers: dict[str, Any] = {name: list(self.evidence)}
        if self.statement == "N2":
            numbers = dict(zip(("row", "column"), self.evidence, strict=True))
        table = {
            "problem": self.problem.to_hex(),
            "construction": NONE,
            "claims": [{"id": self.statement, **numbers}],
        }
        return self._sealed(table, formal_names((self.statement,)))

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "certificate") -> NoSolution:
        """Read a table made by :func:`files.parse_json`; every field is validated."""
        if _opened(table, where) == 1 or table["construction"] != NONE:
            raise FormatError(f"{where}: it is a certificate of weights")
        expect_keys(table, _HEAD, where, ("formal",))
        problem = Problem.from_hex(table["problem"], f"{where}: problem")
        (claim,) = expect_list(table["claims"], f"{where}: claims", 1)
        id_ = _claim_id(claim, IMPOSSIBLE, f"{where}: the claim")
        keys, length = {"N1": (("ranks",), 3), "N2": (("row", "column"), 2), "R6": (("signs",), 2)}[
            id_
        ]
        expect_keys(claim, ("id", *keys), f"{where}: {id_}")
        values = claim[keys[0]] if len(keys) == 1 else [claim[key] for key in keys]
        numbers = expect_list(values, f"{where}: {keys[0]}", length)
        low, high = {"N1": (0, 2 * problem.d), "N2": (1, problem.d), "R6": (-1, 1)}[id_]
        evidence = tuple(expect_int(n, f"{where}: {id_}", low, high) for n in numbers)
        return cls(problem, id_, evidence, **_read_provenance(table, where))


@dataclass(frozen=True)
class Certificate(Provenance):
    """Problem, record, stored weights and claims, as read from or written to a file."""

    problem: Problem
    record: BranchRecord
    digits: int
    digits_carried: int
    W1: DyadicMatrix
    W2: DyadicMatrix
    W3: DyadicMatrix
    claims: tuple[Claim, ...] = ()

    @property
    def construction(self) -> str:
        return self.record.construction

    @property
    def d(self) -> int:
        return self.problem.d

    @property
    def weights(self) -> tuple[DyadicMatrix, DyadicMatrix, DyadicMatrix]:
        return self.W1, self.W2, self.W3

    def claim(self, id_: str) -> Claim | None:
        """The claim with this id, or None."""
        return next((claim for claim in self.claims if claim.id == id_), None)

    def to_json(self) -> dict[str, Any]:
        """The whole object, ``sha256`` included."""
        table: dict[str, Any] = {
            "problem": self.problem.to_hex(),
            "construction": self.construction,
            "record": self.record.to_json(),
            "digits": self.digits,
            "digits_carried": self.digits_carried,
            "weights": {
                name: weight.to_json() for name, weight in zip(WEIGHTS, self.weights, strict=True)
            },
            "claims": [claim.to_json() for claim in self.claims],
        }
        layer = self.record.first_layer
        completed = 0 < self.record.completion.rank < self.d and (layer.scaled or layer.paired)
        formal = CONSTRUCTIONS[self.construction].formal
        return self._sealed(table, formal | formal_names(("S1", "S2", "S3") * completed))

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "certificate") -> Certificate:
        """Read a table made by :func:`files.parse_json`; every field is validated.

        Raises :class:`FormatError`, :class:`NumberError`, :class:`ShapeError` or
        :class:`BranchError` with the place and what was expected there."""
        version = _opened(table, where)
        if version > 1 and table["construction"] == NONE:
            raise FormatError(f"{where}: it says that there are no weights", "use check")
        expect_keys(table, _HEAD + _BODY, where, ("formal",) if version > 1 else ())
        for key in ("record", "weights"):
            if not isinstance(table[key], dict):
                raise FormatError(f"{where}: {key} is not an object")
        problem = Problem.from_hex(table["problem"], f"{where}: problem")
        record = _read_record(table, version, problem.d, where)
        expect_keys(table["weights"], WEIGHTS, f"{where}: weights")
        W1, W2, W3 = (
            DyadicMatrix.from_json(table["weights"][name], problem.d, f"{where}: {name}")
            for name in WEIGHTS
        )
        digits = expect_int(table["digits"], f"{where}: digits", 1, MAX_DIGITS)
        carried = expect_int(table["digits_carried"], f"{where}: digits_carried", 1, MAX_DIGITS)
        allowed = claimable(record) if version > 1 else CLAIM_IDS[:3]
        radii = 2 if record.first_layer.paired else len(record.entries)
        claims = _read_claims(table["claims"], allowed, radii, f"{where}: claims")
        own = _read_provenance(table, where)
        return cls(problem, record, digits, carried, W1, W2, W3, claims, **own)


def _opened(table: dict[str, Any], where: str) -> int:
    """The version of a certificate whose hash is right."""
    version = expect_format(table, FORMAT, (1, VERSION), where)
    expect_keys(table, _HEAD, where, (*_BODY, "formal"))
    expect_int(table["version"], f"{where}: version", version, version)
    _check_hash(table, where)
    for key in ("problem", "provenance"):
        if not isinstance(table[key], dict):
            raise FormatError(f"{where}: {key} is not an object")
    for name in expect_list(table.get("formal", []), f"{where}: formal"):
        expect_text(name, f"{where}: formal", 200)
    return version


def _read_record(table: dict[str, Any], version: int, d: int, where: str) -> BranchRecord:
    """The record, of the certificate's version, construction and dimension."""
    expect_format(table["record"], RECORD_FORMAT, version, f"{where}: record")
    record = BranchRecord.from_json(table["record"], f"{where}: record")
    if record.first_layer.scaled and record.d != d:
        raise FormatError(f"{where}: the record's multiplicities add up to {record.d}, d is {d}")
    found = known_construction(table["construction"], f"{where}: construction").name
    if found != record.construction:
        raise FormatError(f"{where}: the record is that of the construction {record.construction}")
    return record


def canonical_sha256(table: dict[str, Any]) -> str:
    """The hash of an object without its key ``sha256``, as hexadecimal text."""
    body = {key: value for key, value in table.items() if key != "sha256"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _with_integers(value: Any, where: str) -> Any:
    """A parsed table with its numbers as integers; other numbers are refused."""
    if isinstance(value, NumberText):
        return expect_int(value, where, -(10**18), 10**18)
    if isinstance(value, dict):
        return {key: _with_integers(item, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_integers(item, where) for item in value]
    return value


def _check_hash(table: dict[str, Any], where: str) -> None:
    stored = expect_text(table["sha256"], f"{where}: sha256", 64)
    computed = canonical_sha256(_with_integers(table, f"{where}: a number"))
    if stored != computed:
        raise FormatError(
            f"{where}: sha256 does not match its content", "the file was changed or damaged"
        )


def _read_claims(
    rows: object, allowed: Sequence[str], entries: int, where: str
) -> tuple[Claim, ...]:
    claims = [
        Claim.from_json(row, allowed, entries, f"{where}, claim {j}")
        for j, row in enumerate(expect_list(rows, where), 1)
    ]
    ids = [claim.id for claim in claims]
    if ids != sorted(set(ids)):
        raise FormatError(f"{where}: the ids {ids} are repeated or out of order")
    return tuple(claims)


def _read_provenance(whole: dict[str, Any], place: str) -> dict[str, Any]:
    table, where = whole["provenance"], f"{place}: provenance"
    expect_keys(table, ("versions", "command", "seed"), where)
    if not isinstance(table["versions"], dict) or len(table["versions"]) > 40:
        raise FormatError(f"{where}: versions is not an object of at most 40 texts")
    versions = {
        expect_text(name, f"{where}: versions", 80): expect_text(text, f"{where}: {name}", 200)
        for name, text in table["versions"].items()
    }
    seed = table["seed"]
    if seed is not None:
        seed = expect_int(seed, f"{where}: seed", 0, 10**18)
    command = expect_text(table["command"], f"{where}: command", 4000)
    return {"versions": versions, "command": command, "seed": seed}


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages a solution rests on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    """Read once: the packages' metadata are text files, slower to parse than a small solve."""
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def certificate_from_solution(
    solution: Solution, claims: Sequence[Claim] = (), command: str = "", seed: int | None = None
) -> Certificate:
    """The certificate of a solution: its weights as they are (``acb_mat`` by its midpoints).

    Nothing is proved here: ``claims`` are stored as given, and a certificate without claims is
    valid but is not accepted by any check.  :class:`NotApplicableError` where the solution and its
    record do not name one construction."""
    if solution.construction != solution.record.construction:
        raise NotApplicableError(
            f"a solution by {shown(solution.construction)} with a record of the construction "
            f"{solution.record.construction} has no certificate",
            f"constructions: {', '.join(CONSTRUCTIONS)}",
        )
    W1, W2, W3 = (dyadic_matrix(weight, solution.digits_carried) for weight in solution.weights)
    return Certificate(
        solution.problem,
        solution.record,
        solution.digits,
        solution.digits_carried,
        W1,
        W2,
        W3,
        claims=tuple(claims),
        versions=installed_versions(),
        command=command,
        seed=seed,
    )


def certificate_of_no_solution(
    problem: Problem, error: NoSolutionError, command: str = "", seed: int | None = None
) -> NoSolution:
    """The certificate that a problem has no solution, from the proof that ``error`` carries."""
    if error.statement not in IMPOSSIBLE:
        raise ClaimError(f"no proof that there is no solution: {error}", "solve the problem")
    return NoSolution(
        problem,
        error.statement,
        error.evidence,
        versions=installed_versions(),
        command=command,
        seed=seed,
    )


def write_certificate(certificate: Certificate | NoSolution, path: str | os.PathLike[str]) -> None:
    """Write the file atomically."""
    write_json(path, certificate.to_json())


def certificate_from_json(table: dict[str, Any], where: str) -> Certificate | NoSolution:
    """A certificate of either kind from a table made by :func:`files.parse_json`."""
    impossible = isinstance(table, dict) and table.get("construction") == NONE
    return (NoSolution if impossible else Certificate).from_json(table, where)


def read_certificate(path: str | os.PathLike[str]) -> Certificate | NoSolution:
    """Read and validate a certificate file; see :meth:`Certificate.from_json` for the errors."""
    return certificate_from_json(read_json(path), str(path))
