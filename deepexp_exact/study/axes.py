"""The axes of a study's grid: how the values of each are read from TOML, and what they mean.

A value is canonical JSON after reading (text, integer, float or list of integers), so that a run
has the same key wherever it is planned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..constructions import CONSTRUCTIONS, THEOREM
from ..errors import DeepexpError, FormatError
from ..exact import parse_number
from .problems import PARAMETRIC, is_file_name, known_families, named_file

#: The paths and scripts that are held side by side; the last two work in float64.
METHODS = (
    "multiprecision", "ball", "mpmath", "mpmath script", "python-flint script",
    "double", "SciPy script",
)  # fmt: skip
#: Most values one axis of one grid may have.
MAX_VALUES = 10_000


@dataclass(frozen=True)
class Axis:
    """One axis: its name, its meaning, the reader of one value and the default (None: required)."""

    name: str
    words: str
    read: Callable[[Any], Any]
    default: tuple[Any, ...] | None = None


def _integer(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"is not an integer from {low} to {high}")
        return value

    return read


def _one_of(names: Callable[[], Iterable[str]]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        known = tuple(names())
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"is not one of {', '.join(known)}")
        return value

    return read


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("is not a finite number")
    return float(value)


def _family(value: Any) -> str:
    if isinstance(value, str) and is_file_name(value):
        try:
            return named_file(value)
        except DeepexpError as error:
            raise ValueError(f"is no problem's file: {error}") from None
    return _one_of(known_families)(value)


def _alpha(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError('is not text: write alpha = ["auto", "positive", "3/2", "2+i"]')
    if value in ("auto", "positive"):
        return value
    try:
        return str(parse_number(value))
    except DeepexpError as error:
        raise ValueError(f"is no exact number: {error}") from None


def _branch(value: Any) -> Any:
    if value in ("principal", "smallest-norm"):
        return value
    if isinstance(value, list) and value and all(type(k) is int for k in value):
        return value
    raise ValueError('is neither "principal" nor "smallest-norm" nor a list of integers')


def _paths() -> tuple[str, ...]:
    from ..solving import PATHS

    return PATHS


def _constructions() -> Iterable[str]:
    return CONSTRUCTIONS


def _statements() -> Iterable[str]:
    from ..theorem import PROVED_STATEMENTS

    return PROVED_STATEMENTS


def _mutations() -> Iterable[str]:
    from ..paths.symbolic.catalogue import MUTATIONS

    return [mutation.id for mutation in MUTATIONS]


_ALL = (
    Axis(
        "family", "family of problems, a shipped problem or the path of a problem's file", _family
    ),
    Axis("d", "size of the matrices", _integer(1, 128), (0,)),
    Axis("seed", "seed of the family", _integer(0, 2**31 - 1), (0,)),
    Axis("exponent", f"distance 10^−exponent of {', '.join(PARAMETRIC)}", _integer(0, 400), (0,)),
    Axis("digits", "decimal digits asked", _integer(1, 100_000), (50,)),
    Axis(
        "alpha",
        "α = e^c: auto (least predicted loss), positive (the paper's case) or an exact number",
        _alpha,
        ("auto",),
    ),
    Axis("turn", "winding number u in c = Log α + 2πi·u", _integer(-1000, 1000), (0,)),
    Axis(
        "branch",
        "logarithm of K: a rule, or k for each distinct eigenvalue in order of (Re, Im)",
        _branch,
        ("principal",),
    ),
    Axis("k", "k of the eigenvalue of K nearest the cut, 0 elsewhere", _integer(-1000, 1000)),
    Axis("path", "arithmetic in which the problem is solved", _one_of(_paths), ("multiprecision",)),
    Axis("method", "path or script that solves the problem", _one_of(lambda: METHODS)),
    Axis("construction", "construction of the first layer", _one_of(_constructions), (THEOREM,)),
    Axis("re_c", "real part of c", _number),
    Axis("im_c", "imaginary part of c", _number, (0.0,)),
    Axis("starts", "most starts of a search", _integer(1, 10_000), (20,)),
    Axis("repeat", "repetitions, the median of which counts", _integer(1, 1000), (3,)),
    Axis("statement", "statement to prove", _one_of(_statements)),
    Axis("mutation", "mutation to refute", _one_of(_mutations)),
)
AXES = {axis.name: axis for axis in _ALL}


def read_values(name: str, raw: Any, where: str) -> tuple[Any, ...]:
    """The values of one axis: a list, a single value, ``{count, first}`` for integers or
    ``{from, to, count}`` for numbers.  :class:`FormatError` names the key and the value."""
    axis = AXES[name]
    if isinstance(raw, dict):
        raw = _spread(raw, where)
    items = raw if isinstance(raw, list) else [raw]
    if not items:
        raise FormatError(f"{where} has no value", "give at least one")
    if len(items) > MAX_VALUES:
        raise FormatError(f"{where} has {len(items)} values; the limit is {MAX_VALUES}")
    out = []
    for position, item in enumerate(items, 1):
        try:
            value = axis.read(item)
        except ValueError as error:
            raise FormatError(
                f"{where}, value {position}: {item!r} {error}", f"{name}: {axis.words}"
            ) from None
        if value not in out:
            out.append(value)
    return tuple(out)


def _spread(table: dict[str, Any], where: str) -> list[Any]:
    """{count, first}: consecutive integers; {from, to, count}: equally spaced numbers."""
    count = table.get("count")
    if type(count) is not int or not 1 <= count <= MAX_VALUES:
        raise FormatError(f"{where}.count: {count!r} is not an integer from 1 to {MAX_VALUES}")
    if set(table) <= {"count", "first"}:
        first = table.get("first", 0)
        if type(first) is not int:
            raise FormatError(f"{where}.first: {first!r} is not an integer")
        return list(range(first, first + count))
    if set(table) != {"from", "to", "count"}:
        raise FormatError(
            f"{where} has the keys {', '.join(sorted(table))}",
            "give count and first, or from, to and count",
        )
    try:
        low, high = _number(table["from"]), _number(table["to"])
    except ValueError as error:
        raise FormatError(f"{where}: from or to {error}") from None
    step = (high - low) / (count - 1) if count > 1 else 0.0
    return [round(low + j * step, 12) for j in range(count)]
