"""Forged certificates: what a kind of forgery is, each with the verdict both checkers have to give.

A forgery changes a true certificate; its hash is computed again (unless the forgery is about the
hash), so that the mathematics has to catch it where it can.  Verdicts are written as the exit
status of the standard-library checker, and as the exit status and the failed claims of the ball
checker: a record takes no part in C1, so some forgeries leave the first one's claim true.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepexp_exact.branches import BranchEntry
from deepexp_exact.certificate import Dyadic, canonical_sha256
from deepexp_exact.spectrum import Box

OK, CLAIM, MALFORMED = 0, 1, 2
ALL = ("C1", "C2", "C3")
#: With the first layer.
EVERY = (*ALL, "C4")
Table = dict[str, Any]


@dataclass(frozen=True)
class Forgery:
    """``make`` gets the base certificate and another one, and returns an object or raw bytes."""

    name: str
    make: Callable[[Table, Table], Table | bytes]
    standard: int
    ball: int
    failed: tuple[str, ...] = ()
    base: str = "simple"

    def build(self, base: Table, other: Table) -> bytes:
        made = self.make(copy.deepcopy(base), copy.deepcopy(other))
        return made if isinstance(made, bytes) else rehashed(made)


FORGERIES: list[Forgery] = []


def rehashed(table: Table) -> bytes:
    return json.dumps(table | {"sha256": canonical_sha256(table)}).encode()


def kind(
    standard: int, ball: int, failed: tuple[str, ...] = (), base: str = "simple"
) -> Callable[[Callable[[Table, Table], Any]], None]:
    """Register a function as a kind of forgery; it may change its first argument in place."""

    def register(make: Callable[[Table, Table], Any]) -> None:
        def run(table: Table, other: Table) -> Table | bytes:
            made = make(table, other)
            return table if made is None else made

        name = make.__name__.strip("_").replace("_", " ")
        FORGERIES.append(Forgery(name, run, standard, ball, failed, base))

    return register


# ------------------------------------------------------------------------------ helpers


def largest(matrix: list[Any]) -> tuple[int, int, int]:
    """Row, column and part of the entry that is largest in size."""
    places = [(r, c, p) for r in range(len(matrix)) for c in range(len(matrix)) for p in (0, 1)]
    return max(places, key=lambda at: Dyadic.parse(matrix[at[0]][at[1]][at[2]]).log10())


def change_decimal(table: Table, name: str, digit: int) -> None:
    """Add one unit of the given significant decimal digit to the largest entry of a weight."""
    matrix = table["weights"][name]
    r, c, p = largest(matrix)
    value = Dyadic.parse(matrix[r][c][p])
    bits = int((digit - 1) * 3.3219281)
    unit = value.exponent + abs(value.mantissa).bit_length() - bits
    low = min(unit, value.exponent)
    total = (value.mantissa << value.exponent - low) + (1 << unit - low)
    matrix[r][c][p] = str(Dyadic.of(total, low))


def negate(text: str) -> str:
    return text if text == "0x0p0" or text == "0x0" else text[1:] if text[0] == "-" else "-" + text


def transpose(matrix: list[Any]) -> list[Any]:
    return [list(row) for row in zip(*matrix, strict=True)]


def conjugate(matrix: list[Any]) -> list[Any]:
    return [[[re, negate(im)] for re, im in row] for row in matrix]


def claim(table: Table, id_: str) -> Table:
    found: Table = next(item for item in table["claims"] if item["id"] == id_)
    return found


def eigenvalues(table: Table) -> list[Table]:
    """The entries of the record, in a certificate of version 2 or 1."""
    record = table["record"]
    found: list[Table] = record.get("logarithm", record)["eigenvalues"]
    return found


def retell(table: Table) -> None:
    """Make the record's numbers for readers fit its boxes and integers again."""
    for entry in eigenvalues(table):
        box = Box.from_json(entry["box"], "box")
        true = BranchEntry(box, 1, (1,), entry["on_negative_axis"], entry["k"])
        entry["im_over_pi"] = f"{true.im_over_pi:.12g}"


def halve(text: str, bits: int = 1) -> str:
    value = Dyadic.parse(text)
    return str(Dyadic.of(value.mantissa, value.exponent - bits))


def replaced(table: Table, old: str, new: str) -> bytes:
    """Raw text with one replacement, after hashing."""
    raw = rehashed(table).decode()
    if old not in raw:
        raise ValueError(old)
    return raw.replace(old, new, 1).encode()
