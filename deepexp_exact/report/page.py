"""The kit of the HTML pages: one file without anything from elsewhere, and its parts.

Every text given to a function here is plain text and is escaped here; what returns is HTML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ..solution import Label
from .tables import Table
from .texts import escape

#: Tables with fewer rows than this have no filter.
FILTERED_FROM = 8
#: Rows with one of these are shown as bad.
BAD = frozenset({str(Label.FAILED), str(Label.UNDECIDED), "missing"})
_KEY = (
    (Label.PROVED, "exact algebra"),
    (Label.CERTIFIED, "rigorous bound in ball arithmetic"),
    (Label.AGREES, "numerical comparison within the stated tolerance"),
    (Label.REFUTED, "a wrong input, refuted as it has to be"),
    (Label.NOT_APPLICABLE, "with its reason"),
    (Label.FAILED, "does not hold"),
    (Label.UNDECIDED, "a ceiling or time limit was reached; counts as not passed"),
)


@cache
def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def document(title: str, parts: Iterable[str], data: Any) -> str:
    """A whole page; ``data`` (a JSON value) is embedded, and can be saved from the page."""
    return "\n".join(
        [
            "<!doctype html>",
            "<html lang='en'><head><meta charset='utf-8'>",
            "<meta name='viewport' content='width=device-width, initial-scale=1'>",
            f"<title>{escape(title)}</title>",
            f"<style>{_part('page.css')}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *parts,
            f"<script type='application/json' id='data'>{embedded(data)}</script>",
            f"<script>{_part('page.js')}</script></body></html>",
            "",
        ]
    )


def embedded(data: Any) -> str:
    """JSON that no text in it can end early: every ``<`` is written as an escape."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def paragraph(text: str, soft: bool = False) -> str:
    return f"<p{' class=soft' if soft else ''}>{escape(text)}</p>"


def heading(text: str, id_: str) -> str:
    return f"<h2 id='{escape(id_)}'>{escape(text)}</h2>"


def contents(items: Iterable[tuple[str, str]]) -> str:
    """Links to the parts of the page: (id, words)."""
    links = (f"<a href='#{escape(id_)}'>{escape(words)}</a>" for id_, words in items)
    return f"<nav aria-label='contents'>{''.join(links)}</nav>"


def headline(facts: Iterable[tuple[str, object, bool]]) -> str:
    """The few numbers that matter: (name, value, whether it is bad)."""
    cells = (
        f"<div{' class=bad' if bad else ''}><b>{escape(str(value))}</b>"
        f"<span>{escape(name)}</span></div>"
        for name, value, bad in facts
    )
    return f"<div class='head'>{''.join(cells)}</div>"


def command(text: str) -> str:
    """A command with a button that copies it."""
    return (
        f"<div class='command'><code>{escape(text)}</code>"
        "<button type='button' class='copy'>copy</button></div>"
    )


def chip(label: str, shown: str = "") -> str:
    """A label in its colour, always with its word."""
    return f"<span class='label {escape(label)}'>{escape(shown or label)}</span>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with their values, as many in a row as there is room for."""
    items = (f"<div><span>{escape(name)}</span> {escape(text)}</div>" for name, text in pairs)
    return f"<div class='facts'>{''.join(items)}</div>"


def label_key() -> str:
    """What every label means."""
    rows = "".join(f"<tr><td>{chip(label)}</td><td>{escape(w)}</td></tr>" for label, w in _KEY)
    return f"<div class='wide'><table>{rows}</table></div>"


@dataclass(frozen=True)
class Cell:
    """One cell: its text, or a label, or a link; ``key`` is what it is sorted by, else its text."""

    text: str = ""
    label: str = ""
    key: float | None = None
    number: bool = False
    hint: str = ""
    href: str = ""
    code: bool = False
    words: bool = False

    def html(self, heads_row: bool = False) -> str:
        body = chip(self.label, self.text) if self.label else escape(self.text)
        if self.code:
            body = f"<code>{body}</code>"
        if self.href:
            body = f"<a href='#{escape(self.href)}'>{body}</a>"
        marks = " class=n" if self.number else " class=words" if self.words else ""
        marks += f" data-v='{self.key:.12g}'" if self.key is not None else ""
        marks += f" title='{escape(self.hint)}'" if self.hint else ""
        if heads_row:
            return f"<th scope='row'{marks}>{body}</th>"
        return f"<td{marks}>{body}</td>"


@dataclass(frozen=True)
class Line:
    """One row of a sortable table, with the labels it can be filtered by."""

    cells: Sequence[Cell]
    labels: Sequence[str] = ()

    def html(self, heads: bool) -> str:
        bad = " class=bad" if BAD & set(self.labels) else ""
        labels = f" data-labels='{escape(' '.join(self.labels))}'" if self.labels else ""
        cells = "".join(cell.html(heads and j == 0) for j, cell in enumerate(self.cells))
        return f"<tr{bad}{labels}>{cells}</tr>"


def sortable(
    id_: str,
    caption: str,
    heads: Sequence[tuple[str, str]],
    lines: Sequence[Line],
    kind: str = "",
    prefix: str = "",
) -> str:
    """A table that is sorted by a click on a heading and, if long, filtered by words and label.

    ``heads`` are (heading, explanation); ``kind`` is a class: ``matrix`` or ``runs``."""
    numbers = [cell.number for cell in lines[0].cells] if lines else [False] * len(heads)
    head = "".join(
        f"<th scope='col' aria-sort='none'{' class=n' if number else ''}"
        f"{f' title={_quoted(hint)}' if hint else ''}>"
        f"<button type='button'>{escape(text)}</button></th>"
        for (text, hint), number in zip(heads, numbers, strict=True)
    )
    body = "".join(line.html(kind == "matrix") for line in lines)
    labels = sorted({label for line in lines for label in line.labels})
    many = len(lines) >= FILTERED_FROM
    data = f" data-prefix={_quoted(prefix)}" if prefix else ""
    return (
        f"<section id='table-{escape(id_)}' class='{escape(kind)}{' filterable' if many else ''}'>"
        f"<p id='caption-{escape(id_)}'>{escape(caption)}</p>"
        f"{_controls(id_, len(lines), labels, 'rows') if many else ''}"
        f"<div class='wide' tabindex='0' role='region' aria-labelledby='caption-{escape(id_)}'>"
        f"<table class='sortable'{data}><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></div></section>"
    )


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def _controls(id_: str, count: int, labels: Sequence[str], noun: str, more: str = "") -> str:
    options = "".join(f"<option>{escape(label)}</option>" for label in labels)
    select = (
        f"<label>Label <select aria-label='show rows with this label, {escape(id_)}'>"
        f"<option value=''>all</option>{options}</select></label>"
        if len(labels) > 1
        else ""
    )
    return (
        "<div class='controls'><label>Filter <input type='search' placeholder='words' "
        f"aria-label='filter {escape(id_)}' "
        "title='all words must occur; a word in quotes must be a whole word'></label>"
        f"{select}{more}<output aria-live='polite' data-noun='{noun}'>"
        f"{count} of {count} {noun} shown</output></div>"
    )


def table_section(table: Table) -> str:
    """A :class:`Table` of the report as a sortable table with its notes."""
    lines = []
    for values, texts in zip(table.rows, table.cells(), strict=True):
        cells = [
            Cell(
                "" if text in _LABELS else text,
                label=text if text in _LABELS else "",
                key=sort_key(column.kind, value),
                number=column.kind != "text",
            )
            for column, value, text in zip(table.columns, values, texts, strict=True)
        ]
        lines.append(Line(cells, sorted(_LABELS & set(texts))))
    heads = [(text, "") for text in table.headings()]
    notes = "".join(paragraph(note, soft=True) for note in table.notes)
    return sortable(table.id, table.caption, heads, lines) + notes


_LABELS = frozenset({*map(str, Label), "missing"})


def sort_key(kind: str, value: Any) -> float | None:
    """Powers are sorted by their log10, which float64 holds where the number itself underflows."""
    if kind != "power" or not isinstance(value, int | float):
        return None
    return min(max(float(value), -1e300), 1e300) if value == value else None


def plain_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table of cells that are HTML already; the headings are text."""
    head = "".join(f"<th scope='col'>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    whole = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<div class='wide plain'><table>{whole}</table></div>"


def problems(sections: Sequence[str], labels: Sequence[str]) -> str:
    """The sections of the problems under one filter."""
    buttons = (
        "<button type='button' data-open='yes'>open all</button>"
        "<button type='button' data-open='no'>close all</button>"
    )
    controls = _controls("problems", len(sections), labels, "problems", buttons)
    return f"<div class='problems filterable'>{controls}{''.join(sections)}</div>"


def problem(id_: str, summary: str, body: Iterable[str], labels: Sequence[str], bad: bool) -> str:
    """One problem's section, closed unless it is bad; ``summary`` and ``body`` are HTML."""
    return (
        f"<details id='{escape(id_)}' data-labels='{escape(' '.join(labels))}'"
        f"{' class=bad open' if bad else ''}><summary>{summary}</summary>"
        f"<div>{''.join(body)}</div></details>"
    )
