"""The certificate file ``deepexp-exact/certificate`` version 1: writer and strict reader.

A certificate is one JSON object with exactly the keys of :data:`KEYS`.  Every field is validated
on reading and unknown ones are refused; ``sha256`` covers the UTF-8 text of the object without
that key (sorted keys, separators ``,`` and ``:``, ASCII only).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

from ..branches import BranchRecord
from ..errors import FormatError
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
from .dyadic import Dyadic, DyadicMatrix, dyadic_matrix

FORMAT = "deepexp-exact/certificate"
VERSION = 1
KEYS = (
    "format",
    "version",
    "problem",
    "construction",
    "record",
    "digits",
    "digits_carried",
    "weights",
    "claims",
    "provenance",
    "sha256",
)
WEIGHTS = ("W1", "W2", "W3")
CLAIM_IDS = ("C1", "C2", "C3")
CONSTRUCTIONS = ("shift",)
#: Largest number of digits asked or carried.
MAX_DIGITS = 24_000
#: Packages whose versions a certificate names.
_PACKAGES = ("deepexp-exact", "python-flint", "mpmath", "gmpy2", "numpy", "scipy", "sympy")


@dataclass(frozen=True)
class Claim:
    """One claim about the stored weights: its id and its numbers, in order.

    C1: bounds b1, b2.  C2: radii of W1, W2, W3.  C3: one radius for each entry of the record."""

    id: str
    numbers: tuple[Dyadic, ...]

    def to_json(self) -> dict[str, Any]:
        texts = [str(number) for number in self.numbers]
        if self.id == "C1":
            return {"id": "C1", "bounds": texts}
        if self.id == "C2":
            return {"id": "C2", "radii": dict(zip(WEIGHTS, texts, strict=True))}
        return {"id": "C3", "radii": texts}

    @classmethod
    def from_json(cls, table: object, eigenvalues: int, where: str) -> Claim:
        if not isinstance(table, dict):
            raise FormatError(f"{where} is not an object")
        id_ = table.get("id")
        if id_ not in CLAIM_IDS or isinstance(id_, NumberText):
            raise FormatError(f"{where}: the id {id_!r} is not one of {', '.join(CLAIM_IDS)}")
        field_ = "bounds" if id_ == "C1" else "radii"
        expect_keys(table, ("id", field_), where)
        texts = table[field_]
        if id_ == "C2":
            if not isinstance(texts, dict):
                raise FormatError(f"{where}: radii is not an object")
            expect_keys(texts, WEIGHTS, f"{where}: radii")
            texts = [texts[name] for name in WEIGHTS]
        length = {"C1": 2, "C2": 3, "C3": eigenvalues}[id_]
        numbers = tuple(Dyadic.parse(t) for t in expect_list(texts, f"{where}: {field_}", length))
        if any(number.mantissa < 0 for number in numbers):
            raise FormatError(f"{where}: a bound is negative")
        return cls(id_, numbers)


@dataclass(frozen=True)
class Certificate:
    """Problem, record, stored weights and claims, as read from or written to a file."""

    problem: Problem
    record: BranchRecord
    digits: int
    digits_carried: int
    W1: DyadicMatrix
    W2: DyadicMatrix
    W3: DyadicMatrix
    claims: tuple[Claim, ...] = ()
    construction: str = "shift"
    versions: dict[str, str] = field(default_factory=dict)
    command: str = ""
    seed: int | None = None

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
            "format": FORMAT,
            "version": VERSION,
            "problem": self.problem.to_hex(),
            "construction": self.construction,
            "record": self.record.to_json(),
            "digits": self.digits,
            "digits_carried": self.digits_carried,
            "weights": {
                name: weight.to_json() for name, weight in zip(WEIGHTS, self.weights, strict=True)
            },
            "claims": [claim.to_json() for claim in self.claims],
            "provenance": {"versions": self.versions, "command": self.command, "seed": self.seed},
        }
        return table | {"sha256": canonical_sha256(table)}

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "certificate") -> Certificate:
        """Read a table made by :func:`files.parse_json`; every field is validated.

        Raises :class:`FormatError`, :class:`NumberError`, :class:`ShapeError` or
        :class:`BranchError` with the place and what was expected there."""
        expect_format(table, FORMAT, VERSION, where)
        expect_keys(table, KEYS, where)
        expect_int(table["version"], f"{where}: version", VERSION, VERSION)
        _check_hash(table, where)
        for key in ("problem", "record", "weights", "provenance"):
            if not isinstance(table[key], dict):
                raise FormatError(f"{where}: {key} is not an object")
        problem = Problem.from_hex(table["problem"], f"{where}: problem")
        record = BranchRecord.from_json(table["record"], f"{where}: record")
        if record.d != problem.d:
            raise FormatError(
                f"{where}: the record's multiplicities add up to {record.d}, d is {problem.d}"
            )
        construction = expect_text(table["construction"], f"{where}: construction", 40)
        if construction not in CONSTRUCTIONS:
            raise FormatError(f"{where}: the construction {construction!r} is not known")
        expect_keys(table["weights"], WEIGHTS, f"{where}: weights")
        W1, W2, W3 = (
            DyadicMatrix.from_json(table["weights"][name], problem.d, f"{where}: {name}")
            for name in WEIGHTS
        )
        digits = expect_int(table["digits"], f"{where}: digits", 1, MAX_DIGITS)
        carried = expect_int(table["digits_carried"], f"{where}: digits_carried", 1, MAX_DIGITS)
        versions, command, seed = _read_provenance(table["provenance"], f"{where}: provenance")
        return cls(
            problem,
            record,
            digits,
            carried,
            W1,
            W2,
            W3,
            claims=_read_claims(table["claims"], len(record.entries), f"{where}: claims"),
            construction=construction,
            versions=versions,
            command=command,
            seed=seed,
        )


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


def _read_claims(rows: object, eigenvalues: int, where: str) -> tuple[Claim, ...]:
    claims = [
        Claim.from_json(row, eigenvalues, f"{where}, claim {j}")
        for j, row in enumerate(expect_list(rows, where), 1)
    ]
    ids = [claim.id for claim in claims]
    if ids != sorted(set(ids)):
        raise FormatError(f"{where}: the ids {ids} are repeated or out of order")
    return tuple(claims)


def _read_provenance(table: dict[str, Any], where: str) -> tuple[dict[str, str], str, int | None]:
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
    return versions, expect_text(table["command"], f"{where}: command", 4000), seed


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
    valid but is not accepted by any check."""
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
        construction=solution.construction,
        versions=installed_versions(),
        command=command,
        seed=seed,
    )


def write_certificate(certificate: Certificate, path: str | os.PathLike[str]) -> None:
    """Write the file atomically."""
    write_json(path, certificate.to_json())


def read_certificate(path: str | os.PathLike[str]) -> Certificate:
    """Read and validate a certificate file; see :meth:`Certificate.from_json` for the errors."""
    return Certificate.from_json(read_json(path), str(path))
