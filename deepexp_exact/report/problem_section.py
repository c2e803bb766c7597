"""One problem on a page: warnings, branch record, residual of every step, other checks."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

from ..branches import BranchRecord
from ..files import parse_json
from ..theorem import STATEMENTS, STEPS
from ..verification.verdicts import CaseReport, Check
from .log_plane import CAPTION, log_plane
from .page import Cell, chip, facts, paragraph, plain_table
from .terminal import blocks_text
from .texts import escape

_RESIDUALS = (
    "Residuals of the steps are relative (Frobenius); smaller is better. A longer bar is more "
    "digits of agreement; its tick is what was required."
)


def how_to_read() -> str:
    """What the steps P1 to P7 say, from the registry of statements; how to read the sections."""
    rows = (
        [f"<td><b>{s.id}</b></td>", f"<td>{escape(s.title)}</td>", f"<td>{escape(s.words)}</td>"]
        for s in (STATEMENTS[id_] for id_ in STEPS)
    )
    steps = plain_table(("step", "name", "statement"), rows)
    return steps + paragraph(_RESIDUALS) + paragraph(f"Branch records: {CAPTION}")


def derivation_parts(case: CaseReport) -> list[str]:
    """The body of a problem's section, from what is known of the case."""
    out = [warnings(case.warnings)]
    if case.record is not None:
        record = parse_json(json.dumps(case.record), case.problem)
        out.append(record_parts(BranchRecord.from_json(record, case.problem)))
    steps = [check for check in case.checks if check.subject in STEPS]
    if steps:
        out += ["<h3>Derivation: residual of each step</h3>", steps_table(steps)]
    rest = [check for check in case.checks if check.subject not in STEPS]
    if rest:
        out += ["<h3>Other checks</h3>", checks_table(rest)]
    if case.summary:
        out += ["<h3>Digits and conditions</h3>", facts(case.summary.items())]
    return out


def warnings(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul class='warn'>{items}</ul>"


def record_parts(record: BranchRecord) -> str:
    """The branch record as a picture beside its table; a line where it has no logarithm."""
    if not record.entries:
        return paragraph(f"Branch record: {record}")
    rows = (
        [
            Cell(str(e.box)).html(),
            Cell(str(e.multiplicity), number=True).html(),
            Cell(blocks_text(e.blocks)).html(),
            Cell("yes" if e.on_negative_axis else "no").html(),
            Cell(e.k_text, number=True).html(),
            Cell(f"{e.re_log:.6g}", number=True).html(),
            Cell(f"{e.im_over_pi:.8g}", number=True).html(),
        ]
        for e in record.entries
    )
    heads = ("λ of K", "multiplicity", "blocks", "on the cut", "k", "Re ℓ", "Im ℓ/π")
    words = f"Branch record: α = {record.alpha}, c = Log α + 2πi·{record.turn}, rule {record.rule}"
    return (
        f"<h3>{escape(words)}</h3><div class='pair'><figure>{log_plane(record)}</figure>"
        f"{plain_table(heads, rows)}</div>"
    )


def steps_table(checks: Sequence[Check]) -> str:
    """Residuals as numbers and as bars: digits to which both sides of a step agree."""
    sizes = [digits(text) for check in checks for text in (check.figure, check.tolerance)]
    reach = max((x for x in sizes if 0 < x < math.inf), default=1.0)
    rows = (
        [
            f"<td><b>{escape(check.subject)}</b> {escape(STATEMENTS[check.subject].title)}</td>",
            Cell(check.detail).html(),
            Cell(check.figure, number=True).html(),
            Cell(check.tolerance, number=True).html(),
            f"<td>{_bar(digits(check.figure), digits(check.tolerance), reach)}</td>",
            f"<td>{chip(check.label)}</td>",
        ]
        for check in checks
    )
    heads = ("step", "difference", "residual", "tolerance", "digits of agreement", "label")
    return plain_table(heads, rows)


def digits(text: str) -> float:
    """−log10 of a size such as "1.2e-400", 0 for none, infinity for zero."""
    mantissa, _, exponent = text.partition("e")
    try:
        size = float(mantissa)
        shift = int(exponent) if exponent else 0
    except ValueError:
        return 0.0
    if not 0 < size < math.inf:
        return math.inf if size == 0 else 0.0
    return max(0.0, -math.log10(size) - shift)


def _bar(found: float, wanted: float, reach: float) -> str:
    full, tick = (100 * min(x / reach, 1.0) for x in (found, wanted))
    words = "exact" if found == math.inf else f"{found:.1f} digits, {wanted:.1f} required"
    return (
        f"<span class='bar' role='img' aria-label='{words}' title='{words}'>"
        f"<i style='width:{full:.1f}%'></i><b style='left:{tick:.1f}%'></b></span>"
    )


def checks_table(checks: Iterable[Check]) -> str:
    """Every check with its label, figure, tolerance and detail."""
    rows = (
        [
            Cell(check.subject).html(),
            f"<td>{chip(check.label)}</td>",
            Cell(check.figure, number=True).html(),
            Cell(check.tolerance).html(),
            Cell(check.detail, words=True).html(),
        ]
        for check in checks
    )
    return plain_table(("check", "label", "figure", "tolerance", "what"), rows)
