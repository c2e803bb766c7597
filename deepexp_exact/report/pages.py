"""The HTML pages: templates (Jinja2, every text escaped), tables as data, what is printed.

A page is one file that needs nothing else.  On paper it has at most :data:`PAGES` pages: figures
and tables share that room, what is left out is on the screen and the print says so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import printable
from ..solution import Label
from .extras import require_report
from .tables import DASH, Table, power

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

#: Most printed pages, and the room on them in millimetres, what breaks leave empty taken off.
PAGES, ROOM = 15, 14 * 265 * 0.78
#: Room for a table without its rows, one line of its rows, a figure's caption.
_TABLE, _LINE, _CAPTION = 26.0, 4.4, 14.0
#: Sections of problems that did not pass and are open, hence printed, from the first on.
OPENED = 3
#: Rows with one of these are shown as bad.
BAD = frozenset({str(Label.FAILED), str(Label.UNDECIDED), "missing"})
_LABELS = frozenset({*map(str, Label), "missing"})
_KEY = (
    (Label.PROVED, "exact algebra"),
    (Label.CERTIFIED, "rigorous bound in ball arithmetic"),
    (Label.AGREES, "numerical comparison within the stated tolerance"),
    (Label.REFUTED, "a wrong input, refuted as it has to be"),
    (Label.NOT_APPLICABLE, "with its reason"),
    (Label.FAILED, "does not hold"),
    (Label.UNDECIDED, "a ceiling or time limit was reached; counts as not passed"),
)
#: An index (W1, X_s, λ_j, Yi) or a power (e^c, 10^-50, e^(…)) in a text that is escaped already.
_MATHEMATICS = re.compile(
    r"(?<![\w.])(?P<base>[WXY])(?P<index>[123i])(?!\w)"
    r"|(?<![\w.])(?P<letter>[^\W\d_])_(?P<sub>\w{1,2})(?!\w)"
    r"|\^(?:\((?P<power>(?:[^()]|\([^()]*\))+)\)|(?P<short>[-−]?\w+))"
)


@dataclass(frozen=True)
class Cell:
    """One cell: a text, a label, or a bar (digits found, digits required, the longest);
    ``key`` is what it is sorted by, else its text."""

    text: str = ""
    label: str = ""
    key: float | None = None
    href: str = ""
    bar: tuple[float, float, float] | None = None

    @property
    def lines(self) -> float:
        """Lines that the text takes in print, roughly."""
        return max(1.0, len(self.text) / 40)


@dataclass(frozen=True)
class Head:
    """A heading with its explanation; ``kind`` is ``number``, ``words``, ``math``, ``run`` or
    nothing."""

    text: str
    hint: str = ""
    kind: str = ""


@dataclass
class Grid:
    """A table of a page: (cells, labels it is filtered by) of every row.

    ``printed`` is how many of its rows are printed (None: all)."""

    id: str
    caption: str
    heads: Sequence[Head]
    rows: Sequence[tuple[Sequence[Cell], Sequence[str]]]
    kind: str = "sortable"
    notes: Sequence[str] = ()
    prefix: str = ""
    printed: int | None = None

    @property
    def labels(self) -> list[str]:
        return sorted({label for _, labels in self.rows for label in labels})

    def height(self, most: int) -> float:
        """Millimetres on paper with so many rows."""
        lines = sum(max(cell.lines for cell in cells) for cells, _ in self.rows[:most])
        return _TABLE + _LINE * (lines + len(self.notes))


def grid(table: Table) -> Grid:
    """A :class:`Table` of the report."""
    rows = []
    for values, texts in zip(table.rows, table.cells(), strict=True):
        cells = [
            Cell(
                "" if text in _LABELS else text,
                text if text in _LABELS else "",
                sort_key(column.kind, value),
            )
            for column, value, text in zip(table.columns, values, texts, strict=True)
        ]
        rows.append((cells, sorted(_LABELS & set(texts))))
    kinds = ("words" if c.kind == "text" else "number" for c in table.columns)
    heads = [Head(text, "", kind) for text, kind in zip(table.headings(), kinds, strict=True)]
    return Grid(table.id, table.caption, heads, rows, notes=table.notes)


def sort_key(kind: str, value: Any) -> float | None:
    """Powers are sorted by their log10, which float64 holds where the number itself underflows."""
    if kind != "power" or not isinstance(value, int | float):
        return None
    return min(max(float(value), -1e300), 1e300) if value == value else None


def log10_of(text: str) -> float | None:
    """log10 of a size such as "1.2e-400": minus infinity for zero, None for what is no size."""
    mantissa, _, exponent = text.partition("e")
    try:
        size, shift = float(mantissa), int(exponent or "0")
    except ValueError:
        return None
    if not 0 < size < math.inf:
        return -math.inf if size == 0 else None
    return math.log10(size) + shift


def size(text: str) -> Cell:
    """A size, as every other: two digits and a power of ten; what is no size stays as it is."""
    log10 = log10_of(text)
    if log10 is None:
        return Cell(text or DASH)
    shown = "0" if log10 == -math.inf else power(log10 - 1e-11)
    return Cell(shown, key=sort_key("power", log10))


def allot(grids: Sequence[Grid], figures: Sequence[float] = (), used: float = 300.0) -> int:
    """Share the printed room: sets ``printed`` of every table, as many rows for each as fit;
    how many of the figures (their heights in millimetres) are printed."""
    room, drawn = ROOM - used, 0
    for height in figures:
        if height + _CAPTION > room - 0.4 * ROOM:
            break
        room, drawn = room - height - _CAPTION, drawn + 1
    kept = list(grids)
    while kept and sum(g.height(6) for g in kept) > room:
        kept.pop().printed = 0
    most = max((len(g.rows) for g in kept), default=0)
    while most > 6 and sum(g.height(most) for g in kept) > room:
        most -= 1
    for g in kept:
        g.printed = most if len(g.rows) > most else None
    return drawn


def typeset(text: Any) -> Markup:
    """Our own words with the mathematics set: W1 as W₁, e^c as a power."""
    from markupsafe import Markup, escape

    def written(m: re.Match[str]) -> str:
        if m["base"] or m["letter"]:
            return f"{m['base'] or m['letter']}<sub>{m['index'] or m['sub']}</sub>"
        return f"<sup>{(m['power'] or m['short']).replace('-', '−')}</sup>"

    return Markup(_MATHEMATICS.sub(written, str(escape(_plain(text)))))


def _plain(value: Any) -> Any:
    """What a template prints: control characters and marks of direction shown as escapes."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") else printable(str(value), "\n\t")


@cache
def _environment() -> Environment:
    require_report("an HTML page", "jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["math"] = typeset
    made.globals.update(label_key=_KEY, bad_labels=BAD)
    return made


def rendered_page(template: str, grids: Iterable[Grid] = (), data: Any = None, **told: Any) -> str:
    """A page from its template; ``data`` (a JSON value) is embedded and can be saved from it.
    ``grids`` are those whose printed rows are limited."""
    from markupsafe import Markup

    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    cut = [(g.id, g.printed + 1) for g in grids if g.printed is not None]
    return _environment().get_template(template).render(data=Markup(text), cut=cut, **told)


def fragment(template: str, **told: Any) -> Markup:
    """A part of a page from its template."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(**told))
