"""The cells of the benchmark, and how long they will take, about."""

from __future__ import annotations

from typing import NamedTuple

from .families import FAMILIES
from .limits import Limits

SIZES, DIGITS = (2, 4, 8, 16, 24, 32, 48, 64), (30, 50, 100, 300, 1000)
ALL = "abcdef"


class Cell(NamedTuple):
    """One problem at some digits, and the methods to run on it."""

    family: str
    d: int
    digits: int
    methods: str = ALL

    @property
    def key(self) -> str:
        return f"{self.family}/{self.d}/{self.digits}"


#: Every target, in less than three minutes: (c) alone where only it is asked about.
QUICK = (
    *(Cell("gaussian-complex", d, 50) for d in (2, 4, 8)),
    Cell("gaussian-complex", 16, 50, "abcde"),
    *(Cell(f, d, 50, "bcde") for d in (8, 16) for f in FAMILIES if f != "gaussian-complex"),
    Cell("gaussian-complex", 16, 300, "bcde"),
    Cell("gaussian-complex", 24, 50, "abcde"),
    Cell("gaussian-complex", 32, 50, "bcde"),
    Cell("gaussian-complex", 16, 1000, "bc"),
    Cell("gaussian-complex", 48, 50, "bc"),
    Cell("gaussian-complex", 64, 50, "c"),
)


def full() -> tuple[Cell, ...]:
    """Every family, size and number of digits, cheap cells first."""
    cells = [Cell(f, d, n) for n in DIGITS for d in SIZES for f in FAMILIES]
    return tuple(sorted(cells, key=lambda cell: cell.d**3 * cell.digits))


def planned_seconds(cells: tuple[Cell, ...], repeats: int, limits: Limits, again: float) -> float:
    """About how long the cells take on the machine of the project's first measurements, where a
    method is not repeated in a cell once it has taken ``again`` seconds."""
    total = 0.0
    for cell in cells:
        size, length = cell.d / 16, cell.digits / 50
        once = {
            "a": 6.5 * size**3 * length,
            "b": 0.1 * size**3.2 * length,
            "c": 0.03 * size**2 * length**0.7,
            "d": 0.15 * size**3.2 * length,
            "e": 0.012 * size**1.5,
            "f": 11.0 * size**3 * length,
        }
        first = {"b": 2.0, "c": 1.0, "d": 1.0}  # search, memory, enclosure
        total += 0.5 + sum(
            once[m] * (first.get(m, 0.0) + 1 + min(repeats, again / once[m]))
            for m in cell.methods
            if once[m] < limits.of(m)
        )
    return total
