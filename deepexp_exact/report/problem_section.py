"""One problem on a page: warnings, branch record, residual of every step, other checks."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..branches import BranchRecord
from ..files import parse_json
from ..theorem import STATEMENTS, STEPS
from ..verification.verdicts import CaseReport, Check
from .log_plane import CAPTION, log_plane
from .pages import Cell, Grid, Head, fragment, log10_of, size
from .terminal import blocks_text

if TYPE_CHECKING:
    from markupsafe import Markup

CHECKS = (
    *(Head("check", "", "math"), Head("label"), Head("figure", "", "number"), Head("tolerance")),
    Head("what", "", "math"),
)
_STEPS = (
    *(Head("step", "", "math"), Head("difference", "", "math"), Head("residual", "", "number")),
    *(Head("tolerance", "", "number"), Head("digits of agreement"), Head("label")),
)
_RECORD = (
    *(Head("λ of K"), Head("multiplicity", "", "number"), Head("blocks"), Head("on the cut")),
    *(Head("k", "", "number"), Head("Re ℓ", "", "number"), Head("Im ℓ/π", "", "number")),
)


def how_to_read() -> dict[str, Any]:
    """What ``reading.html`` shows: the steps P1 to P7, from the registry of statements."""
    rows = [([Cell(i), *map(Cell, (STATEMENTS[i].title, STATEMENTS[i].words))], ()) for i in STEPS]
    heads = (Head("step"), Head("name", "", "math"), Head("statement", "", "math"))
    caption = "The steps of the theorem's construction."
    return {"steps": Grid("steps", caption, heads, rows, "plain"), "plane_caption": CAPTION}


def derivation(case: CaseReport, id_: str) -> Markup:
    """The body of a problem's section, from what is known of the case."""
    steps, rest = case.steps, [check for check in case.checks if not check.is_step]
    words = f"Every other check on {case.problem}."
    return fragment(
        "problem.html",
        warnings=case.warnings,
        record=case.record and _record(case, id_),
        steps=steps and _steps(steps, case.problem, id_),
        held=case.steps_held,
        checks=rest and Grid(f"{id_}-checks", words, CHECKS, checks_rows(rest), "plain"),
        summary=case.summary,
    )


def _record(case: CaseReport, id_: str) -> dict[str, Any]:
    """The branch record as a picture beside its table; a line where it has no logarithm."""
    record = BranchRecord.from_json(parse_json(json.dumps(case.record), case.problem), case.problem)
    if not record.entries:
        return {"words": str(record), "grid": None}
    rows = [
        (
            [
                *(Cell(str(e.box)), Cell(str(e.multiplicity)), Cell(blocks_text(e.blocks))),
                *(Cell("yes" if e.on_negative_axis else "no"), Cell(e.k_text)),
                *(Cell(f"{e.re_log:.6g}"), Cell(f"{e.im_over_pi:.8g}")),
            ],
            (),
        )
        for e in record.entries
    ]
    words = f"α = {record.alpha}, c = Log α + 2πi·{record.turn}; rule {record.rule}."
    caption = f"Eigenvalues of K and of its logarithm L, {case.problem}."
    grid = Grid(f"{id_}-record", caption, _RECORD, rows, "plain")
    return {"words": words, "grid": grid, "plane": log_plane(record)}


def _steps(checks: Sequence[Check], name: str, id_: str) -> Grid:
    """Residuals as numbers and as bars: digits to which both sides of a step agree."""
    pairs = [(_digits(check.figure), _digits(check.tolerance)) for check in checks]
    reach = max((x for pair in pairs for x in pair if 0 < x < math.inf), default=1.0)
    rows = []
    for check, pair in zip(checks, pairs, strict=True):
        title = f"{check.subject} {STATEMENTS[check.subject].title}"
        cells = [Cell(title), Cell(check.detail), size(check.figure), size(check.tolerance)]
        rows.append(([*cells, Cell(bar=(*pair, reach)), Cell(label=str(check.label))], ()))
    return Grid(f"{id_}-steps", f"Residual of each step on {name}.", _STEPS, rows, "plain")


def _digits(text: str) -> float:
    """Digits to which a size says that both sides agree."""
    log10 = log10_of(text)
    return 0.0 if log10 is None else max(0.0, -log10)


def checks_rows(checks: Sequence[Check]) -> list[tuple[list[Cell], tuple[str, ...]]]:
    """Subject, label, figure, tolerance and detail of every check."""
    return [
        (
            [
                *(Cell(check.subject.removeprefix("control: ")), Cell(label=str(check.label))),
                *(size(check.figure), size(check.tolerance), Cell(check.detail)),
            ],
            (),
        )
        for check in checks
    ]
