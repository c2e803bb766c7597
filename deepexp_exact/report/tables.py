"""One table, written as LaTeX (booktabs, siunitx), Markdown, CSV and JSON from the same values.

CSV and JSON hold the values as they are.  LaTeX and Markdown round, by rule: a ``decimal`` to its
places, half to even; a ``power`` is given by its log10 and written with two significant digits,
rounded up, because it is an upper bound; a ``time`` has as many places as its least value needs; a
``general`` column is decimal or scientific throughout.  What is missing is a dash.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from .latex import latex_text

#: What stands where there is no value.
DASH = "–"
#: Longest text, in characters, that is set on one line.
_WIDEST = 32
#: In points: the width of a page, of a character, and what stands between two halves.
_PAGE, _CHARACTER, _BETWEEN = 495.0, 4.25, 21.0
#: Fewest rows of a narrow table that is set in two halves side by side, and lines of one block of
#: it: a block is read down its left half, then down its right one, and stays on one page.
_FOLDED_FROM, _BLOCK = 12, 8
#: Rows at either end of a table that a page break does not part.
_TOGETHER = 4
_WRAPPED = r">{\raggedright\arraybackslash}p{%.2f\linewidth}"


class _Censored:
    """A value that is known to be worse than every measured one."""

    def __repr__(self) -> str:
        return "censored"


CENSORED: Any = _Censored()
_CENSORED_CELL = "cens."


@dataclass(frozen=True)
class Column:
    """A heading and how its cells are written: ``text``, ``formula`` (text in which every single
    capital is a matrix), ``integer``, ``decimal``, ``power``, ``time``, ``general`` or
    ``scientific``; ``group`` is a heading over several columns.

    ``timing`` marks figures that change from run to run."""

    heading: str
    kind: str = "text"
    places: int = 1
    timing: bool = False
    group: str = ""

    @property
    def in_words(self) -> bool:
        """Whether the cells are words rather than numbers."""
        return self.kind in ("text", "formula")

    @property
    def full(self) -> str:
        """The heading with its group: "digits lost, median"."""
        return f"{self.group}, {self.heading}" if self.group else self.heading

    @property
    def key(self) -> str:
        """The heading of the values as they are."""
        return f"log10 of {self.full}" if self.kind == "power" else self.full

    def fitted(self, values: Sequence[Any]) -> Column:
        """The column with one way of writing for all these values."""
        sizes = [abs(x) for x in values if _finite(x) and x]
        if self.kind == "time" and sizes:
            needed = math.ceil(-math.log10(min(sizes)) + 0.3)  # 0.5 of the last place or more
            return replace(self, kind="decimal", places=min(max(needed, self.places), 9))
        if self.kind == "general":
            if sizes and (min(sizes) < 1e-3 or max(sizes) >= 1e5):
                return replace(self, kind="scientific")
            texts = [f"{x:.4f}".rstrip("0") for x in sizes]
            longest = max((len(t.partition(".")[2]) for t in texts), default=0)
            return replace(self, kind="decimal", places=longest)
        return self

    def cell(self, value: Any) -> str:
        """The cell in plain text."""
        if value is CENSORED:
            return _CENSORED_CELL
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            return DASH
        if self.in_words:
            return str(value)
        if self.kind == "integer":
            return str(int(value))
        if value in (math.inf, -math.inf):
            return ("0" if value < 0 else "∞") if self.kind == "power" else _infinite(value)
        if self.kind == "power":
            return power(value)
        if self.kind in ("scientific", "general", "time"):
            return _scientific(value) if self.kind == "scientific" else f"{value:.6g}"
        rounded = f"{value:.{self.places}f}"
        return rounded[1:] if float(rounded) == 0 and rounded[0] == "-" else rounded


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _infinite(value: float) -> str:
    return "∞" if value > 0 else "−∞"


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def file_name(text: str) -> str:
    """A name for tables and figures of a family, which may be the path of a file."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)


def power(log10: float) -> str:
    """10^log10 with two significant digits, rounded up: "1.3e-57"."""
    exponent = math.floor(log10)
    tenths = math.ceil(10 ** (log10 - exponent) * 10 - 1e-9)
    if tenths >= 100:
        tenths, exponent = 10, exponent + 1
    return f"{tenths // 10}.{tenths % 10}e{exponent}"


@dataclass(frozen=True)
class Table:
    """A table of values; the caption says what the numbers mean and which direction is better;
    ``measure`` is the study's measure that it shows, "" for runs of any."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    measure: str = ""

    def cells(self, timing: bool = True) -> list[list[str]]:
        """Every cell as plain text, with or without the timing columns."""
        columns = [c.fitted([row[j] for row in self.rows]) for j, c in enumerate(self.columns)]
        return [
            [c.cell(v) for c, v in zip(columns, row, strict=True) if timing or not c.timing]
            for row in self.rows
        ]

    def headings(self, timing: bool = True) -> list[str]:
        """The headings, no two alike."""
        return [c.full for c in self.columns if timing or not c.timing]

    def to_csv(self) -> str:
        """Comma-separated values as they are, under headings; missing ones are empty."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([c.key for c in self.columns])
        writer.writerows([["" if v is None else _value(v) for v in row] for row in self.rows])
        return stream.getvalue()

    def to_json(self) -> str:
        """Caption, headings, kinds and values as they are: strict JSON, infinities as texts."""
        table = {
            "id": self.id,
            "caption": self.caption,
            "notes": self.notes,
            "columns": [
                {"heading": c.key, "kind": c.kind, "timing": c.timing} for c in self.columns
            ],
            "rows": [[_value(v) for v in row] for row in self.rows],
        }
        return json.dumps(table, ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """A pipe table under its caption, numbers to the right."""
        ruler = ["---" if c.in_words else "---:" for c in self.columns]
        lines = [f"**{self.caption}**", "", _pipes(self.headings()), _pipes(ruler)]
        lines += [_pipes(row) for row in self.cells()]
        lines += ["", *(f"{note}  " for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"

    def to_latex(self) -> str:
        """A longtable with booktabs rules, notes in its caption, numbers in siunitx S columns; a
        narrow one in blocks of two halves side by side."""
        cells = self.cells()
        folds, gap, share = _setting(self.columns, cells)
        specs = [_spec(c, [row[j] for row in cells], share) for j, c in enumerate(self.columns)]
        head = _head(self.columns, folds)
        count = len(self.columns) * folds
        caption = latex_text(" ".join([self.caption, *self.notes]))
        again = rf"\multicolumn{{{count}}}{{@{{}}l}}{{\tablename~\thetable, continued}} \\"
        spec = rf"@{{\hspace{{{_BETWEEN}pt}}}}".join([" ".join(specs)] * folds)
        return "\n".join(
            [
                rf"{{\setlength{{\tabcolsep}}{{{gap:.1f}pt}}",
                rf"\begin{{longtable}}{{@{{}} {spec} @{{}}}}",
                rf"\caption{{{caption}}}\label{{tab:{self.id}}}\\",
                rf"\toprule {head} \midrule \endfirsthead",
                rf"{again} \toprule {head} \midrule \endhead",
                r"\bottomrule \endfoot",
                *_lines(self.columns, cells, folds),
                r"\end{longtable}}",
                "",
            ]
        )


def _setting(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> tuple[int, float, float]:
    """In how many halves a table is set, half the space between its columns in points, and the
    share of the page's width that each column of long texts has."""
    widths = [
        max(len(c.heading), *(len(row[j]) for row in cells), 1) for j, c in enumerate(columns)
    ]
    long = [w for w, c in zip(widths, columns, strict=True) if c.in_words and w > _WIDEST]
    narrow = sum(widths) - sum(long)
    place = 0
    for group, members in groupby([c.group for c in columns]):
        count = len(list(members))
        narrow += max(0, len(group) - sum(widths[place : place + count]) - count)
        place += count
    least = _CHARACTER * (narrow + _WIDEST * len(long)) + 4.0 * len(columns)
    folds = 2 if len(cells) >= _FOLDED_FROM and 2 * least + _BETWEEN <= _PAGE else 1
    room = (_PAGE - _BETWEEN * (folds - 1)) / folds - _CHARACTER * narrow
    if not long:
        return folds, min(max(room / (2 * len(columns)), 1.0), 6.0), 0.0
    return folds, 2.0, max(room - 5.0 * len(columns), 80.0) / len(long) / _PAGE


def _lines(columns: Sequence[Column], cells: Sequence[Sequence[str]], folds: int) -> list[str]:
    """The rows, with the places where no page ends: within a block of two halves, and near the
    first and the last row."""
    powers = [
        any(_is_number(row[j]) and "e" in row[j] for row in cells) for j in range(len(columns))
    ]
    shown = [
        " & ".join(_latex_cell(c, x, e) for c, x, e in zip(columns, row, powers, strict=True))
        for row in cells
    ]
    if folds == 1:
        last = len(shown) - 1
        ends = {*range(_TOGETHER - 1), *range(last - _TOGETHER + 1, last)} - {last}
        return [row + (r" \\*" if j in ends else r" \\") for j, row in enumerate(shown)]
    out = []
    for start in range(0, len(shown), folds * _BLOCK):
        block = shown[start : start + folds * _BLOCK]
        half = -(-len(block) // folds)
        right = [*block[half:], *[" & " * (len(columns) - 1)] * (folds * half - len(block))]
        pairs = [f"{a} & {b}" for a, b in zip(block[:half], right, strict=True)]
        out += [rf"{pair} \\*" for pair in pairs[:-1]]
        out.append(rf"{pairs[-1]} \\[3pt]")
    out[-1] = out[-1].removesuffix("[3pt]")
    return out


def _value(value: Any) -> Any:
    """A value for JSON and CSV: as it is; what no JSON number is, as text."""
    if value is CENSORED or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _head(columns: Sequence[Column], folds: int) -> str:
    """The headings, groups of them in a row above with rules under each."""
    names = " & ".join([_heading(c) for c in columns] * folds) + r" \\"
    if not any(c.group for c in columns):
        return names
    above, rules, place = [], [], 1
    for group, members in groupby([c.group for c in columns] * folds):
        count = len(list(members))
        above.append(rf"\multicolumn{{{count}}}{{c}}{{{latex_text(group)}}}")
        if group:
            rules.append(rf"\cmidrule(lr){{{place}-{place + count - 1}}}")
        place += count
    return " & ".join(above) + r" \\ " + " ".join(rules) + " " + names


def _pipes(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _spec(column: Column, cells: Sequence[str], share: float) -> str:
    numbers = [cell for cell in cells if _is_number(cell)]
    if column.in_words:
        longest = max(map(len, [column.heading, *cells]), default=0)
        return "l" if longest <= _WIDEST else _WRAPPED % share
    whole = max((len(n.split("e")[0].split(".")[0].lstrip("-")) for n in numbers), default=1)
    sign = "-" if any(n.startswith("-") for n in numbers) else ""
    places = max((len(n.split("e")[0].partition(".")[2]) for n in numbers), default=0)
    powers = [n.split("e")[1] for n in numbers if "e" in n]
    below = "-" if any(p.startswith("-") for p in powers) else ""
    exponent = max((len(p.lstrip("-")) for p in powers), default=0)
    text = f"{sign}{whole}.{places}" + (f"e{below}{exponent}" if exponent else "")
    zero = ",print-zero-exponent" if exponent else ""
    return f"S[table-format={text}{zero}]"


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell) is not None


def _heading(column: Column) -> str:
    text = latex_text(column.heading)
    return text if column.in_words else f"{{{text}}}"


def _latex_cell(column: Column, cell: str, scientific: bool) -> str:
    if column.in_words:
        return latex_text(cell, column.kind == "formula")
    if _is_number(cell):
        return cell if scientific == ("e" in cell) else f"{{{cell}}}"
    return f"{{{latex_text(cell)}}}"
