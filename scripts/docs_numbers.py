"""The numbers in the words of README.md and docs/, from the tables in docs/data.

Each of :data:`STATEMENTS` names a page, the words around its numbers and what they are by the
tables; :func:`refreshed` puts them there.  What is said in words alone ("about the same") is held
by the tests of these pages.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from deepexp_exact.files import write_text
from deepexp_exact.report.figures import slope

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
#: Rows of a table as its CSV has them.
Rows = list[dict[str, str]]


class Data:
    """The tables of a folder by their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, table: str, **keys: str) -> Rows:
        """The rows whose cells are these; the spaces and Greek letters of headings as words."""
        path = self._folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            found = list(csv.DictReader(stream))
        wanted = {_HEADINGS.get(name, name): value for name, value in keys.items()}
        return [row for row in found if wanted.items() <= row.items()]

    def cell(self, table: str, column: str, **keys: str) -> str:
        """The cell of the one row whose cells are these."""
        (row,) = self.rows(table, **keys)
        return row[column]


_HEADINGS = {"alpha": "α", "cut": "from cut"}


class Statement(NamedTuple):
    """A page, the words around its numbers (each an "@") and the numbers."""

    page: str
    words: str
    numbers: Callable[[Data], Iterator[str]]

    def pattern(self) -> re.Pattern[str]:
        """The words, wherever their lines end; the numbers are the groups."""
        number = r"(\d(?:[\d.e−-]|[ \u00a0](?=\d))*|" + "|".join(_WORDS) + ")"
        parts = [r"\s+".join(map(re.escape, x.split(" "))) for x in self.words.split("@")]
        return re.compile(number.join(parts))


def _number(text: str) -> float:
    return math.inf if text == "censored" else float(text)


def _lost(data: Data, distance: str, alpha: str = "positive", told: str = "median") -> float:
    keys = {"singular": "D", "construction": "shift", "alpha": alpha, "distance": distance}
    return _number(data.cell("distance", f"digits lost, {told}", **keys))


def _positive(data: Data) -> Iterator[str]:
    yield f"{_lost(data, '1e-4'):.0f}"
    yield f"{round(_lost(data, '1e-8'), -2):,.0f}".replace(",", " ")
    beyond = [
        row["distance"]
        for row in data.rows("distance", singular="D", construction="shift", alpha="positive")
        if row["digits lost, median"] == "censored"
    ]
    yield beyond[0]


def _auto(data: Data) -> Iterator[str]:
    yield from (f"{_lost(data, x, 'auto'):.0f}" for x in ("1e-4", "1e-8", "1e-10"))


def _split(data: Data) -> Iterator[str]:
    rows = data.rows("distance", singular="D", construction="split")
    yield f"{math.ceil(10 * max(_number(r['digits lost, worst']) for r in rows)) / 10:.1f}"


def _cut(data: Data) -> Iterator[str]:
    def lost(d: str, **keys: str) -> list[float]:
        rows = data.rows("rule", data="near-cut", d=d, **keys)
        return [_number(row["digits lost, median"]) for row in rows]

    for d in ("2", "4"):
        yield from (f"{lost(d, branch='principal', cut=x)[0]:.0f}" for x in ("1e-1", "1e-16"))
    yield from (f"{math.ceil(max(lost(d, branch='smallest-norm')))}" for d in ("2", "4"))


def _near(data: Data) -> Iterator[str]:
    for layers in ("2", "3"):
        lost = sorted(
            float(row["digits lost, median"])
            for row in data.rows("depth", layers=layers)
            if row["data"].startswith(("near-singular-D", "color-spaces"))
        )
        yield from (f"{lost[0]:.1f}", f"{lost[-1]:.1f}")


def _colours(data: Data, layers: str, places: int) -> Iterator[str]:
    for column in ("largest ‖W‖", "condition"):
        log10 = float(data.cell("depth", f"log10 of {column}, median", data="color-spaces",
                                layers=layers))  # fmt: skip
        yield _rounded_up(log10, places if column == "condition" else 0)


def _rounded_up(log10: float, places: int) -> str:
    """10^log10 with so many places, rounded up, in plain digits below 100."""
    if log10 < 2 and not places:
        return str(math.ceil(10**log10))
    exponent = math.floor(log10)
    mantissa = math.ceil(10 ** (log10 - exponent + places)) / 10**places
    return f"{mantissa:.{places}f}e{exponent}"


def _right(data: Data) -> Iterator[str]:
    (row,) = (r for r in data.rows("verification") if r["problem"].startswith("al-mohy-higham-K"))
    yield _WORDS[math.floor(-float(row["log10 of float64 path, error"]))]


def _kept(data: Data) -> Iterator[str]:
    (row,) = (r for r in data.rows("verification") if r["problem"].startswith("defective"))
    yield str(math.floor(-float(row["log10 of SciPy script, error"])))


def _quarters(data: Data) -> Iterator[str]:
    own = [r for r in data.rows("forward-errors") if r["source"] != "scipy"]
    top = max(float(r["log10 of error/(max(1, κ)·u), 75 %"]) for r in own)
    yield f"{math.ceil(10 * 10**top) / 10:.1f}"


def _peers(data: Data) -> Iterator[str]:
    yield data.cell("peers", "other branch", method="mpmath script")
    yield data.cell("peers", "n", method="mpmath script")
    yield data.cell("peers", "censored", method="python-flint script")


def _times(data: Data) -> Iterator[str]:
    for method in ("multiprecision", "ball", "mpmath script"):
        yield f"{float(data.cell('peers', 'processor time, ms, median', method=method)):.1f}"


def _slopes(data: Data) -> Iterator[str]:
    for path in ("multiprecision", "ball"):
        rows = data.rows("cost", data="gaussian-complex", path=path, digits="50")
        points = [(float(r["d"]), float(r["processor time, ms, median"])) for r in rows]
        exponent = slope([(d, time) for d, time in points if d >= 8])
        yield f"{exponent:.1f}"


_STUDIES, _README, _SPEED = "docs/studies.md", "README.md", "docs/speed.md"
STATEMENTS = (
    Statement(
        _STUDIES,
        "singularity: @ digits at 1e-4, @ at 1e-8 and more than the ceiling of 80 000 bits from @ "
        "on",
        _positive,
    ),
    Statement(_STUDIES, "`auto` loses @, @ and @ by", _auto),
    Statement(_STUDIES, "`split` loses at most @ digits at any of these distances", _split),
    Statement(
        _STUDIES,
        "it loses @ to @ digits (d = 2; @ to @ at d = 4); the logarithm of smallest norm at most @ "
        "(at most @)",
        _cut,
    ),
    Statement(
        _STUDIES,
        "the mpmath script takes another branch on @ of @ problems, the python-flint script "
        "delivers nothing on @ (",
        _peers,
    ),
    Statement(_STUDIES, "time: @ ms by multiprecision, @ by balls, @ by the mpmath script", _times),
    Statement(_STUDIES, "like d^@ (multiprecision) and d^@ (balls)", _slopes),
    Statement(
        _README,
        "two layers, once found, lose @ to @ digits where the formula loses @ to @;",
        _near,
    ),
    Statement(
        _README,
        "CERTIFIED by search; norms ≤ @, condition @ |",
        lambda data: _colours(data, "2", 1),
    ),
    Statement(
        _README,
        "CERTIFIED, by the formula; norms ≤ @, condition @ |",
        lambda data: _colours(data, "3", 0),
    ),
    Statement(_README, "weights can be right to @ digits and the residual", _right),
    Statement(_README, "real arrays keeps @ digits of `defective`", _kept),
    Statement(_SPEED, "three quarters of the errors are below @·max(1, κ)·u", _quarters),
)


def refreshed(text: str, statement: Statement, data: Data) -> str:
    """The page's text with the numbers of a statement; ValueError unless it stands there once."""
    found = list(statement.pattern().finditer(text))
    if len(found) != 1:
        raise ValueError(f"{statement.page} has {len(found)} times the words {statement.words!r}")
    out, place = [], 0
    for group, number in enumerate(statement.numbers(data), 1):
        start, end = found[0].span(group)
        out += [text[place:start], number]
        place = end
    return "".join([*out, text[place:]])


def refresh(root: Path) -> list[str]:
    """Put every number into the pages of a tree; what changed, in words."""
    data, told = Data(root / "docs" / "data"), []
    for statement in STATEMENTS:
        path = root / statement.page
        old = path.read_text("utf-8")
        new = refreshed(old, statement, data)
        if new != old:
            write_text(path, new)
            before, after = (statement.pattern().search(x) for x in (old, new))
            told.append(f"{statement.page}: {before and before[0]!r} is now {after and after[0]!r}")
    return told
