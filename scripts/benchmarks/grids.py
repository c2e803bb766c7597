"""The cells of the benchmark, and how long they will take, about."""

from __future__ import annotations

from typing import NamedTuple

from .families import FAMILIES, FAR, SPECIAL, STRUCTURED
from .limits import Limits

SIZES, DIGITS = (2, 3, 4, 6, 8, 16, 24, 32, 48, 64), (30, 50, 100, 300, 1000)
#: Digits beyond those, at the sizes that they take seconds.
MANY = {3000: (4, 8, 16), 10_000: (4, 16)}
ALL = "abncgsdef"


class Cell(NamedTuple):
    """One problem at some digits, and the methods to run on it."""

    family: str
    d: int
    digits: int
    methods: str = ALL

    @property
    def key(self) -> str:
        return f"{self.family}/{self.d}/{self.digits}"


#: Every target: only what is asked about where a method takes long.
QUICK = (
    *(Cell("gaussian-complex", d, 50) for d in (2, 3, 4, 6, 8)),
    Cell("gaussian-complex", 16, 50, "abncgsde"),
    *(Cell(f, d, 50, "bcsde") for d in (8, 16) for f in FAMILIES if f != "gaussian-complex"),
    *(Cell(f, d, 50, "cs") for f in FAR for d in (4, 8) if (f, d) != ("al-mohy-higham", 8)),
    *(Cell(f, 16, 50, "cs") for f in STRUCTURED),
    *(Cell("split", d, 50, "cs") for d in (4, 8, 16)),
    Cell("gaussian-complex", 16, 300, "bcde"),
    Cell("gaussian-complex", 24, 50, "abcgsde"),
    Cell("gaussian-complex", 32, 50, "bncgsde"),
    Cell("gaussian-complex", 16, 1000, "bc"),
    Cell("gaussian-complex", 4, 3000, "bcs"),
    Cell("gaussian-complex", 4, 10_000, "cs"),
    Cell("gaussian-complex", 16, 10_000, "cs"),
    Cell("gaussian-complex", 48, 50, "bcgs"),
    Cell("gaussian-complex", 64, 50, "bc"),
)


def full() -> tuple[Cell, ...]:
    """Every family, size and number of digits, cheap cells first."""
    cells = [Cell(f, d, n) for n in DIGITS for d in SIZES for f in FAMILIES]
    cells += [Cell(f, d, 50) for f in SPECIAL for d in (4, 8, 16) if f not in FAR or d <= 8]
    cells += [Cell("gaussian-complex", d, n) for n, sizes in MANY.items() for d in sizes]
    cells = [cell for cell in cells if cell[:2] != ("al-mohy-higham", 8)]  # it has size 4 alone
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
            "n": 0.06 * size**3.2 * length,
            "c": 0.03 * size**2 * length**0.7,
            "g": 0.03 * size**2 * length**0.7,
            "s": 0.1 * size**3 * length,
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
