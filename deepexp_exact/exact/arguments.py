"""Arguments of public functions: whole numbers of any library, one of some words, yes or no."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import DeepexpError, UsageError, shown

Error = type[DeepexpError]


def whole(value: object, name: str, low: int, high: int, error: Error = UsageError) -> int:
    """An integer of Python, NumPy, gmpy2, ... (no truth value) within [low, high];
    :class:`UsageError`, or ``error``, otherwise."""
    number: int | None = None
    if not isinstance(value, bool):
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            number = None
    if number is None or not low <= number <= high:
        words = "is not an integer" if number is None else "is out of range"
        raise error(f"{name} = {shown(value)} {words}", f"give an integer from {low} to {high}")
    return int(number)


def wholes(
    values: object, name: str, low: int, high: int, error: Error = UsageError
) -> tuple[int, ...]:
    """A list, tuple or one-dimensional array of integers; :class:`UsageError` otherwise."""
    listed = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(listed, str | bytes) or not isinstance(listed, Sequence):
        raise error(f"{name} = {shown(values)} is not a list of integers", "give a list")
    return tuple(whole(value, f"{name}[{j}]", low, high, error) for j, value in enumerate(listed))


def one_of(value: Any, name: str, words: Iterable[str]) -> str:
    """A text that is one of these words; :class:`UsageError` otherwise."""
    known = tuple(words)
    if not isinstance(value, str) or value not in known:
        raise UsageError(f"there is no {name} {shown(value)}", f"one of: {', '.join(known)}")
    return str(value)


def truth(value: object, name: str) -> bool:
    """True or False, Python's or NumPy's; :class:`UsageError` otherwise."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise UsageError(f"{name} = {shown(value)} is neither True nor False", "give one of them")
