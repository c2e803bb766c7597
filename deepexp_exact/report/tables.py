"""One table, written as LaTeX (booktabs, siunitx), Markdown and CSV from the same cells.

Rounding rules, the same in all three: a ``decimal`` is rounded to its places, half to even; a
``power`` is given by its log10 and written with two significant digits, rounded up, because it is
an upper bound; an integer is exact; what is missing is a dash, and infinity is written out.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import printable

#: What stands where there is no value.
DASH = "–"
#: Rows up to which a table is set on one page.
ONE_PAGE = 60
_LATEX = {
    "α": r"$\alpha$", "λ": r"$\lambda$", "π": r"$\pi$", "κ": r"$\kappa$", "‖": r"$\|$",
    "·": r"$\cdot$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\neq$", "−": "$-$", "×": r"$\times$",
    "⁻¹": "$^{-1}$", "²": "$^2$", "∞": r"$\infty$", "–": "--", "→": r"$\to$", "∈": r"$\in$",
    "₁": "$_1$", "₂": "$_2$", "₃": "$_3$", "ℓ": r"$\ell$", "Σ": r"$\Sigma$", "√": r"$\surd$",
}  # fmt: skip
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": "$<$", ">": "$>$", "|": "$|$",
}  # fmt: skip
#: Longest text, in characters, that is set on one line.
_WIDEST = 32
_WRAPPED = r">{\raggedright\arraybackslash}p{0.34\linewidth}"
_TOKEN = re.compile("|".join(map(re.escape, [*_LATEX, *_ESCAPES])))


def latex_text(text: str) -> str:
    """Plain words, with the mathematical signs this package uses, as LaTeX."""
    return _TOKEN.sub(lambda m: _LATEX.get(m[0]) or _ESCAPES[m[0]], printable(text, "\n"))


@dataclass(frozen=True)
class Column:
    """A heading and how its cells are written: ``text``, ``integer``, ``decimal`` or ``power``.

    ``timing`` marks figures that change from run to run."""

    heading: str
    kind: str = "text"
    places: int = 1
    timing: bool = False

    def cell(self, value: Any) -> str:
        """The cell in plain text."""
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            return DASH
        if self.kind == "text":
            return str(value)
        if self.kind == "integer":
            return str(int(value))
        if value in (math.inf, -math.inf):
            return ("0" if value < 0 else "∞") if self.kind == "power" else str(value)
        if self.kind == "power":
            return power(value)
        rounded = f"{value:.{self.places}f}"
        return rounded[1:] if float(rounded) == 0 and rounded[0] == "-" else rounded


def power(log10: float) -> str:
    """10^log10 with two significant digits, rounded up: "1.3e-57"."""
    exponent = math.floor(log10)
    tenths = math.ceil(10 ** (log10 - exponent) * 10 - 1e-9)
    if tenths >= 100:
        tenths, exponent = 10, exponent + 1
    return f"{tenths // 10}.{tenths % 10}e{exponent:+03d}"


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
        return [
            [c.cell(v) for c, v in zip(self.columns, row, strict=True) if timing or not c.timing]
            for row in self.rows
        ]

    def headings(self, timing: bool = True) -> list[str]:
        return [c.heading for c in self.columns if timing or not c.timing]

    def to_csv(self, timing: bool = True) -> str:
        """Comma-separated values with headings; missing values are empty."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.headings(timing))
        for row in self.cells(timing):
            writer.writerow(["" if cell == DASH else cell for cell in row])
        return stream.getvalue()

    def to_markdown(self) -> str:
        """A pipe table under its caption, numbers to the right."""
        ruler = ["---" if c.kind == "text" else "---:" for c in self.columns]
        lines = [f"**{self.caption}**", "", _pipes(self.headings()), _pipes(ruler)]
        lines += [_pipes(row) for row in self.cells()]
        lines += ["", *(f"{note}  " for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"

    @property
    def on_one_page(self) -> bool:
        """Whether LaTeX sets it as one piece: few rows, each of one line."""
        texts = [j for j, column in enumerate(self.columns) if column.kind == "text"]
        widest = max((len(row[j]) for row in self.cells() for j in texts), default=0)
        return len(self.rows) <= ONE_PAGE and widest <= _WIDEST

    def to_latex(self) -> str:
        """A table float with booktabs rules, notes in its caption, numbers in siunitx S columns; a
        longtable where it does not fit one page for certain."""
        cells = self.cells()
        specs = [_spec(c, [row[j] for row in cells]) for j, c in enumerate(self.columns)]
        spec = "@{} " + " ".join(specs) + " @{}"
        head = " & ".join(_heading(c) for c in self.columns)
        caption = latex_text(" ".join([self.caption, *self.notes]))
        named = rf"\caption{{{caption}}}\label{{tab:{self.id}}}"
        rows = []
        for row in cells:
            shown = (_latex_cell(c, cell) for c, cell in zip(self.columns, row, strict=True))
            rows.append(" & ".join(shown) + r" \\")
        if self.on_one_page:
            before = [
                r"\begin{table}\centering",
                named,
                rf"\begin{{tabular}}{{{spec}}}",
                rf"\toprule {head} \\ \midrule",
            ]
            after = [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
        else:
            before = [
                rf"\begin{{longtable}}{{{spec}}}",
                rf"{named}\\",
                rf"\toprule {head} \\ \midrule \endfirsthead",
                rf"\toprule {head} \\ \midrule \endhead",
                r"\bottomrule \endlastfoot",
            ]
            after = [r"\end{longtable}"]
        return "\n".join([*before, *rows, *after]) + "\n"


def _pipes(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _spec(column: Column, cells: Sequence[str]) -> str:
    numbers = [cell for cell in cells if _is_number(cell)]
    if column.kind == "text":
        longest = max(map(len, [column.heading, *cells]), default=0)
        return "l" if longest <= _WIDEST else _WRAPPED
    whole = max((len(n.split("e")[0].split(".")[0].lstrip("-")) for n in numbers), default=1)
    sign = "-" if any(n.startswith("-") for n in numbers) else ""
    places = max((len(n.split("e")[0].partition(".")[2]) for n in numbers), default=0)
    exponent = max((len(n.split("e")[1].lstrip("+-")) for n in numbers if "e" in n), default=0)
    text = f"{sign}{whole}.{places}" + (f"e-{exponent}" if exponent else "")
    return f"S[table-format={text}]"


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-][0-9]+)?", cell) is not None


def _heading(column: Column) -> str:
    text = latex_text(column.heading)
    return text if column.kind == "text" else f"{{{text}}}"


def _latex_cell(column: Column, cell: str) -> str:
    if column.kind != "text" and _is_number(cell):
        return cell
    return latex_text(cell) if column.kind == "text" else f"{{{latex_text(cell)}}}"
