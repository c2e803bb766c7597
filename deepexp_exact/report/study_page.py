"""One self-contained HTML page of a study: headline figures, sortable tables, figures, runs.

Style and script are in the page itself; it works from disk, on a telephone and in print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from ..errors import NotApplicableError
from ..study import Results
from ..study.results import value
from .figures import rendered
from .study_figures import study_figures
from .study_tables import study_tables
from .tables import Table

_STYLE = """
:root { color-scheme: light } body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
max-width: 72rem; padding: 0 1rem; color: #111 } .wide { overflow-x: auto }
table { border-collapse: collapse; margin: .5rem 0; font-size: 13px }
caption { text-align: left; padding: .4rem 0 } th, td { padding: .2rem .6rem; text-align: left;
border-bottom: 1px solid #ccc } td.n { text-align: right; font-variant-numeric: tabular-nums }
th button { all: unset; cursor: pointer; font-weight: 600 } th button:focus-visible {
outline: 2px solid #0072B2 } figure { margin: 1rem 0 } figure svg { max-width: 100%; height: auto }
input { font: inherit; padding: .2rem .4rem; width: min(24rem, 90%) }
.head { display: flex; flex-wrap: wrap; gap: 1.5rem } .head div { border-left: 4px solid #0072B2;
padding-left: .6rem } .head b { font-size: 1.5rem; display: block }
tr.bad td { background: #f4d6cc }
@media print { input { display: none } body { margin: 0; max-width: none } h2 { break-after: avoid }
tr, figure { break-inside: avoid } .wide { overflow: visible } }
"""
_SCRIPT = """
document.querySelectorAll('table').forEach(function (table) {
  var body = table.tBodies[0], rows = Array.from(body.rows);
  table.querySelectorAll('th button').forEach(function (button, column) {
    var up = true;
    button.addEventListener('click', function () {
      var key = function (row) {
        var text = row.cells[column].textContent, x = Number(text);
        return text !== '' && !isNaN(x) ? x : text;
      };
      rows.sort(function (a, b) {
        var x = key(a), y = key(b);
        if (typeof x !== typeof y) { return typeof x === 'number' ? -1 : 1; }
        return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
      });
      up = !up;
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
  var box = table.closest('section').querySelector('input');
  box.addEventListener('input', function () {
    var words = box.value.toLowerCase().split(' ');
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      row.hidden = !words.every(function (word) { return text.includes(word); });
    });
  });
});
"""


def study_page(results: Results, stores: Sequence[str] = ()) -> str:
    """The page as text; figures are left out where matplotlib is not installed."""
    title = ", ".join(facts.get("name", "") for facts in results.facts) or "study"
    try:
        figures = [
            f"<figure id='figure-{f.id}'>{_svg(rendered(f, 'svg').decode(), f.id)}"
            f"<figcaption>{escape(f.caption)}</figcaption></figure>"
            for f in study_figures(results)
        ]
    except NotApplicableError as error:
        figures = [f"<p>{escape(str(error))}</p>"]
    return "\n".join(
        [
            "<!doctype html><html lang='en'><meta charset='utf-8'>",
            "<meta name='viewport' content='width=device-width, initial-scale=1'>",
            f"<title>{escape(title)}</title><style>{_STYLE}</style>",
            f"<h1>{escape(title)}</h1>",
            _headline(results),
            "<h2>Figures</h2>",
            *figures,
            "<h2>Tables</h2>",
            *(_section(table) for table in study_tables(results)),
            "<h2>Every run</h2>",
            _section(_every_run(results)),
            "<h2>How to repeat this</h2>",
            *(
                f"<p>{escape(facts.get('title', ''))}: study file SHA-256 "
                f"<code>{escape(facts.get('sha256', ''))}</code></p>"
                f"<pre class='wide'>{escape(facts.get('text', ''))}</pre>"
                for facts in results.facts
            ),
            f"<p>Results: {', '.join(f'<code>{escape(str(s))}</code>' for s in stores)}</p>",
            f"<script>{_SCRIPT}</script></html>",
            "",
        ]
    )


def _svg(text: str, prefix: str) -> str:
    """The svg element alone, its identifiers made unique within the page."""
    body = text[text.index("<svg") :]
    for mark in ('id="', 'xlink:href="#', 'href="#', "url(#"):
        body = body.replace(mark, f"{mark}{prefix}-") if mark != 'href="#' else body
    return body


def _headline(results: Results) -> str:
    labels = Counter(str(r.outcome.label) for r in results if r.outcome)
    lost = [x for x in results.values("lost") if isinstance(x, float)]
    facts: list[tuple[str, object]] = [
        ("runs", len(results)),
        ("missing", results.missing()),
        *sorted(labels.items()),
    ]
    if lost:
        facts.append(("most digits lost", f"{max(lost):.1f}"))
    cells = "".join(f"<div><b>{escape(str(n))}</b>{escape(name)}</div>" for name, n in facts)
    return f"<div class='head'>{cells}</div>"


def _every_run(results: Results) -> Table:
    from .tables import Column

    rows = tuple(
        (
            str(row.run),
            str(row.outcome.label) if row.outcome else "missing",
            value(row, "lost"),
            value(row, "predicted"),
            value(row, "log10_residual"),
            row.outcome.reason if row.outcome else "",
        )
        for row in results
    )
    columns = (
        Column("run"),
        Column("label"),
        Column("lost", "decimal"),
        Column("predicted", "decimal"),
        Column("residual", "power"),
        Column("reason"),
    )
    return Table("runs", "Every run with its parameters (seed included).", columns, rows)


def _section(table: Table) -> str:
    head = "".join(f"<th><button>{escape(h)}</button></th>" for h in table.headings())
    body = []
    for row in table.cells():
        bad = " class='bad'" if {"FAILED", "UNDECIDED", "missing"} & set(row) else ""
        cells = "".join(
            f"<td{'' if column.kind == 'text' else ' class=n'}>{escape(cell)}</td>"
            for column, cell in zip(table.columns, row, strict=True)
        )
        body.append(f"<tr{bad}>{cells}</tr>")
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return (
        f"<section id='table-{table.id}'><p>{escape(table.caption)}</p>"
        f"<p><input aria-label='filter {table.id}' placeholder='filter rows'></p>"
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>{notes}</section>"
    )
