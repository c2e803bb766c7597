"""How the values of several runs become one: median, worst, least, most common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..study import Results


def median(values: Iterable[float | None]) -> float | None:
    """The median, the upper of two middle ones; None of nothing."""
    ordered = sorted(x for x in values if x is not None)
    return ordered[len(ordered) // 2] if ordered else None


def worst(values: Iterable[float | None]) -> float | None:
    return max((x for x in values if x is not None), default=None)


def least(values: Iterable[float | None]) -> float | None:
    return min((x for x in values if x is not None), default=None)


def bad(results: Results) -> int:
    """How many rows failed or stayed undecided."""
    return len(results.not_passed())


def common(texts: list[str], most: int) -> list[tuple[str, int]]:
    short = [text if len(text) <= 14 else f"{text[:12]}..." for text in texts]
    return Counter(short).most_common(most)
