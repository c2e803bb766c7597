"""Forged certificates of a first layer of rank one: every parameter, and the claim C3 of a pair."""

from __future__ import annotations

from typing import Any

from forging import CLAIM, MALFORMED, OK, Table, halve
from splittings import kinds

_LAYER = ("record", "first_layer")
_P = (*_LAYER, "parameters")
_OFFSET = (*_P, "offset")
_BOTH = (MALFORMED, MALFORMED, ())
#: A record whose equations have no solution, or another one: neither C2 nor C3 is proved.
_RECORD = (OK, CLAIM, ("C2", "C3"))
_ONE = ["0x1", "0x0"]


def _moved(centre: list[list[str]]) -> list[list[str]]:
    return [["0x7", "0x1"], *centre[1:]]


# fmt: off
kinds(
    "rank-one",
    ("another row l", (*_P, "row"), [_ONE, _ONE], (OK, CLAIM, ("C2",))),
    ("a row l of another scale", (*_P, "row", 0), ["0x2", "0x0"], _RECORD),
    ("a row l with l X1 = l X2", (*_P, "row"), [["0x0", "0x0"], _ONE], _RECORD),
    ("a row l too short", (*_P, "row"), [_ONE], _BOTH),
    ("another row q", (*_P, "q", 0), ["0x5", "0x1"], _RECORD),
    ("a row q too long", (*_P, "q"), [_ONE] * 3, _BOTH),
    ("a coordinate moved", (*_P, "centre"), _moved, _RECORD),
    ("a coordinate too few", (*_P, "centre"), lambda c: c[:-1], _BOTH),
    ("a coordinate too many", _P,
     lambda p: p | {"centre": [*p["centre"], _ONE], "nullity": [5, 4]}, _RECORD),
    ("free coordinates out of order", (*_P, "free"), lambda f: f[::-1], _BOTH),
    ("a free coordinate twice", (*_P, "free"), lambda f: [f[0], *f[:-1]], _BOTH),
    ("a free coordinate that is none", (*_P, "free"), lambda f: [*f[:-1], 99], _BOTH),
    ("a box too wide", (*_P, "radius"), "0x40", _RECORD),
    ("a box that misses the solution", (*_P, "radius"), "0x1/0x1" + "0" * 40, _RECORD),
    ("a box without a size", (*_P, "radius"), "0x0", _BOTH),
    ("another shift", (*_OFFSET, "a"), ["-0xb", "0x1/0x2"], _RECORD),
    ("a shift by half a turn", (*_OFFSET, "a"), ["-0xc", "0x7"], _RECORD),
    ("a shift with a box", (*_OFFSET, "radius"), "0x1/0x100", _BOTH),
    ("k without a box", (*_OFFSET, "k"), 1, _BOTH),
    ("an unwinding number of A", (*_P, "integers", 0), lambda n: [n[0], n[1] + 1], _RECORD),
    ("an unwinding number of B", (*_P, "integers", 1), lambda n: [n[0] - 1, n[1]], _RECORD),
    ("unwinding numbers out of order", (*_P, "integers", 0), [5, 0], _BOTH),
    ("an unwinding number too few", (*_P, "integers", 0), [0], _BOTH),
    ("another nullity", (*_P, "nullity", 0), 6, _BOTH),
    ("another nullity modulo the prime", (*_P, "nullity", 1), 6, _RECORD),
    ("no parameters", _P, None, _BOTH),
    ("an unknown parameter", _P, lambda p: p | {"turn": 1}, _BOTH),
    ("an alpha", (*_LAYER, "alpha"), ["0x3", "0x0"], _BOTH),
    ("a winding number", (*_LAYER, "turn"), 1, _BOTH),
    ("called split", ("construction",), "split", _BOTH),
    ("C3 tightened", ("claims", 2, "radii", 0), lambda r: halve(r, 40), (OK, CLAIM, ("C3",))),
    ("C3 of a whole turn", ("claims", 2, "radii", 1), "0x7p0", (OK, CLAIM, ("C3",))),
    ("C3 for A alone", ("claims", 2, "radii"), lambda r: r[:1], _BOTH),
    ("C3 negative", ("claims", 2, "radii", 0), "-0x1p-9", _BOTH),
    ("C2 tightened", ("claims", 1, "radii", "W1"), lambda r: halve(r, 30), (OK, CLAIM, ("C2",))),
    ("C4 claimed", ("claims",), lambda c: [*c, {"id": "C4", "bound": "0x1p-9"}], _BOTH),
    ("W1 of another solution", ("weights", "W1", 0, 0), ["0x3p0", "0x0p0"],
     (CLAIM, CLAIM, ("C1", "C2", "C3"))),
    ("an output changed", ("problem", "Y2", 0, 0), ["0x9", "0x0"],
     (CLAIM, CLAIM, ("C1", "C2", "C3"))),
)
kinds(
    "independent",
    ("another k", (*_OFFSET, "k"), lambda k: -k, _RECORD),
    ("another n", (*_OFFSET, "n"), lambda n: n + 1, _RECORD),
    ("k left out", (*_OFFSET, "k"), 0, _BOTH),
    ("a shift moved", (*_OFFSET, "a"), ["0x3", "0x0"], _RECORD),
    ("a shift without a box", _OFFSET, lambda o: o | {"radius": None, "k": 0, "n": 0}, _RECORD),
    ("a box of the shift that misses it", (*_OFFSET, "radius"), "0x1/0x1" + "0" * 40, _RECORD),
    ("a box of the shift without a size", (*_OFFSET, "radius"), "0x0", _BOTH),
)
# fmt: on


def rank_one_problems(problem: Any) -> Table:
    """The problems of the two bases; ``problem`` makes one of X1, X2, Y1, Y2."""
    one, K = [[1, 0], [0, 1]], [[3, 1], [0, 2]]
    first, zero = [[1, 0], [0, 0]], [[0, 0], [0, 0]]
    return {
        "rank-one": problem(zero, first, one, K),
        "independent": problem(first, [[0, 1], [0, 0]], one, K),
    }
