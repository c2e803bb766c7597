"""Forged certificates of what version 2 added: parameters of a splitting, completion, first layer
(C4), the construction without a scale, no solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forging import CLAIM, MALFORMED, OK, Forgery, Table, halve

#: Kinds for the bases of ``test_new_fields``.
KINDS: list[Forgery] = []
#: What a first layer that is not the recorded one takes with it: its construction fails.
LAYER = ("C2", "C3")
_LAYER = ("record", "first_layer")
_P = (*_LAYER, "parameters")
_S = ("record", "completion", "S")
_BOTH = (MALFORMED, MALFORMED, ())


def kinds(base: str, *rows: tuple[str, tuple[Any, ...], Any, tuple[int, int, Any]]) -> None:
    """Register changes of one field each; a function is applied to what is there."""
    for name, place, value, (standard, ball, failed) in rows:
        make = _changing(place, value)
        KINDS.append(Forgery(f"{base}: {name}", make, standard, ball, failed, base))


def _changing(place: tuple[Any, ...], value: Any) -> Callable[[Table, Table], Table]:
    def make(table: Table, other: Table) -> Table:
        target: Any = table
        for step in place[:-1]:
            target = target[step]
        target[place[-1]] = value(target[place[-1]]) if callable(value) else value
        return table

    return make


# fmt: off
kinds(
    "splitting",
    ("s changed", (*_P, "s"), "0x1/0x3", (OK, CLAIM, LAYER)),
    ("s where X_s is singular", (*_P, "s"), "-0x2", (OK, CLAIM, LAYER)),
    ("q smaller", (*_P, "q"), lambda q: q - 1, _BOTH),
    ("rho too small", (*_P, "rho"), "0x1/0x100000", (OK, CLAIM, LAYER)),
    ("rho too large", (*_P, "rho"), "0x100000", (OK, CLAIM, LAYER)),
    ("rho negative", (*_P, "rho"), "-0x1", (OK, MALFORMED, ())),
    ("rho left out", (*_P, "rho"), None, (OK, MALFORMED, ())),
    ("an entry of the basis changed", (*_P, "basis", 0, 1), ["0x3", "0x1"], (OK, CLAIM, ("C2",))),
    ("a column of the basis zero", (*_P, "basis"),
     lambda rows: [[["0x0"] * 2, *r[1:]] for r in rows],
     (OK, CLAIM, LAYER)),
    ("a column too few", (*_P, "basis"), lambda rows: [r[:-1] for r in rows], _BOTH),
    ("an integer changed", (*_P, "integers", 0), lambda a: a + 100, (OK, CLAIM, LAYER)),
    ("the integers reversed", (*_P, "integers"), lambda a: a[::-1], (OK, CLAIM, ("C2",))),
    ("equal integers", (*_P, "integers"), lambda a: [a[0]] * len(a), _BOTH),
    ("an integer beyond the limit", (*_P, "integers", 0), 10**7, _BOTH),
    ("the root moved", (*_P, "root", "centre"), ["0x7", "0x1"], (OK, CLAIM, LAYER)),
    ("the square of the root too wide", (*_P, "root", "radius"), "0x64", (OK, CLAIM, LAYER)),
    ("the square without a size", (*_P, "root", "radius"), "0x0", (OK, MALFORMED, ())),
    ("no root", (*_P, "root"), None, (OK, MALFORMED, ())),
    ("a rank beside the root", (*_P, "rank"), 1, (OK, MALFORMED, ())),
    ("exchanged", (*_P, "exchanged"), True, (OK, CLAIM, LAYER)),
    ("exchanged as a number", (*_P, "exchanged"), 1, _BOTH),
    ("no parameters", _P, None, _BOTH),
    ("an unknown parameter", _P, lambda p: p | {"n1": 1}, _BOTH),
    ("called shift", ("construction",), "shift", _BOTH),
    ("an unknown construction", ("construction",), "magic", _BOTH),
    ("an unknown construction in the record", (*_LAYER, "construction"), "magic", _BOTH),
    ("without a scale", (*_LAYER, "alpha"), None, _BOTH),
    ("another alpha", (*_LAYER, "alpha"), ["0x5", "0x0"], (CLAIM, CLAIM, (*LAYER, "C4"))),
    ("winding number changed", (*_LAYER, "turn"), 1, (OK, CLAIM, LAYER)),
    ("C4 tightened", ("claims", 3, "bound"), lambda b: halve(b, 4), (CLAIM, CLAIM, ("C4",))),
    ("C4 zero", ("claims", 3, "bound"), "0x0p0", (CLAIM, CLAIM, ("C4",))),
    ("C4 that says nothing", ("claims", 3, "bound"), "0x1p0", (CLAIM, CLAIM, ("C4",))),
    ("C4 negative", ("claims", 3, "bound"), "-0x1p-9", _BOTH),
    ("C4 of two numbers", ("claims", 3, "bound"), ["0x1p-9"] * 2, _BOTH),
    ("completion of another rank", ("record", "completion", "rank"), 1, _BOTH),
    ("S for invertible outputs", _S, [[["0x1", "0x0"]]] * 3, _BOTH),
    ("a record of version 1", ("record", "version"), 1, _BOTH),
    ("called version 1", ("version",), 1, _BOTH),
    ("formal names that are none", ("formal",), [1], _BOTH),
)
kinds(
    "singular",
    ("rank changed", (*_P, "rank"), 0, (OK, CLAIM, LAYER)),
    ("rank left out", (*_P, "rank"), None, (OK, MALFORMED, ())),
    ("rank as large as the block", (*_P, "rank"), lambda r: r + 1, (OK, MALFORMED, ())),
    ("an integer 0 at a pivot", (*_P, "integers"), [0, 5], (OK, MALFORMED, ())),
    ("a root beside the rank", (*_P, "root"), {"centre": ["0x1", "0x0"], "radius": "0x1"},
     (OK, MALFORMED, ())),
    ("another integer", (*_P, "integers", 0), lambda a: a + 7, (OK, CLAIM, ("C2",))),
)
kinds(
    "completed",
    ("an entry of S changed", (*_S, 0, 0), ["0x7", "0x0"], (OK, CLAIM, ("C2", "C3"))),
    ("a column of S zero", _S, lambda rows: [[["0x0"] * 2, *r[1:]] for r in rows],
     (OK, CLAIM, ("C2", "C3"))),
    ("S left out", _S, None, _BOTH),
    ("a row too few", _S, lambda rows: rows[:-1], _BOTH),
    ("a lower rank with its S", ("record", "completion"), lambda c: {
        "rank": 1, "S": [r[:1] for r in c["S"]]}, (OK, CLAIM, ("C2", "C3"))),
    ("full rank", ("record", "completion"), {"rank": 3, "S": None}, (OK, CLAIM, ("C2", "C3"))),
    ("an output of another column space", ("problem", "Y1", 2, 2), ["0x9", "0x0"],
     (CLAIM, CLAIM, ("C1", "C2", "C3"))),
)
kinds(
    "constant",
    ("W3 changed", ("weights", "W3", 0, 0), ["0x3p0", "0x0p0"], (CLAIM, CLAIM, ("C1", "C2"))),
    ("W1 changed", ("weights", "W1", 0, 0), ["0x1p0", "0x0p0"], (OK, CLAIM, ("C2",))),
    ("outputs that differ", ("problem", "Y2", 0, 0), ["0x3", "0x0"], (CLAIM, CLAIM, ("C1", "C2"))),
    ("C3 claimed", ("claims",), lambda c: [*c, {"id": "C3", "radii": []}], _BOTH),
    ("C4 claimed", ("claims",), lambda c: [*c, {"id": "C4", "bound": "0x1p-9"}], _BOTH),
    ("an alpha", (*_LAYER, "alpha"), ["0x3", "0x0"], _BOTH),
    ("a winding number", (*_LAYER, "turn"), 1, _BOTH),
    ("parameters", _P, {}, _BOTH),
    ("another rank", ("record", "completion", "rank"), 2, (MALFORMED, CLAIM, ("C2",))),
)
_CLAIM = ("claims", 0)
kinds(
    "ranks",
    ("a rank changed", (*_CLAIM, "ranks", 0), 1, (CLAIM, CLAIM, ("N1",))),
    ("ranks exchanged", (*_CLAIM, "ranks"), lambda r: [r[2], *r[:2]], (CLAIM, CLAIM, ("N1",))),
    ("outputs of one column space", ("problem", "Y2"), [[["0x1", "0x0"]] * 3] * 3,
     (CLAIM, CLAIM, ("N1",))),
    ("a negative rank", (*_CLAIM, "ranks", 0), -1, _BOTH),
    ("two ranks", (*_CLAIM, "ranks"), lambda r: r[:2], _BOTH),
    ("no claim", ("claims",), [], _BOTH),
    ("N2 of unequal inputs", _CLAIM, {"id": "N2", "row": 1, "column": 1}, (CLAIM, CLAIM, ("N2",))),
    ("C1 claimed", _CLAIM, {"id": "C1", "bounds": ["0x1p-99"] * 2}, _BOTH),
    ("weights", ("weights",), {}, _BOTH),
)
kinds(
    "inputs",
    ("another entry", _CLAIM, {"id": "N2", "row": 2, "column": 2}, (CLAIM, CLAIM, ("N2",))),
    ("inputs that differ", ("problem", "X2", 0, 0), ["0x7", "0x0"], (CLAIM, CLAIM, ("N2",))),
    ("an entry outside", (*_CLAIM, "column"), 4, (CLAIM, MALFORMED, ())),
    ("row 0", (*_CLAIM, "row"), 0, _BOTH),
    ("N1 of equal ranks", _CLAIM, {"id": "N1", "ranks": [3, 3, 3]}, (CLAIM, CLAIM, ("N1",))),
)
# fmt: on
