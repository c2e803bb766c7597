"""``logm`` and ``expm``: a certified function of one matrix."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..branches import LogarithmRecord
from ..branches.logarithm import REAL
from ..branches.rules import Rule
from ..errors import BranchError
from ..matrix_functions import MatrixFunction, expm, logm
from ..problems.matrices import load_matrix
from ..solution import bound_text, condition_text
from .outputs import Outputs, waiting
from .solve import parse_branch


def run_logm(options: argparse.Namespace) -> int:
    """Print the logarithm of a matrix, its branch record and what is proved of it."""
    outputs = Outputs({}, [options.matrix], options.json)
    matrix = load_matrix(options.matrix)
    with waiting("logm"):
        found = logm(matrix, options.digits, _branch(options.branch))
    outputs.told(lambda: _tell("log(K)", found, options, outputs), {})
    return 0


def run_expm(options: argparse.Namespace) -> int:
    """Print the exponential of a matrix and what is proved of it."""
    outputs = Outputs({}, [options.matrix], options.json)
    matrix = load_matrix(options.matrix)
    with waiting("expm"):
        found = expm(matrix, options.digits)
    outputs.told(lambda: _tell("exp(A)", found, options, outputs), {})
    return 0


def _branch(text: str) -> Rule | LogarithmRecord:
    found = parse_branch(text)
    if isinstance(found, str):
        return found
    if hasattr(found, "logarithm"):
        return found.logarithm
    if isinstance(found, list):
        return found
    raise BranchError(f"there is no branch rule {text!r}", "use principal, smallest-norm or real")


def _tell(words: str, found: MatrixFunction, options: argparse.Namespace, outputs: Outputs) -> None:
    if options.json:
        print(json.dumps(to_json(words, found), allow_nan=False))
        return
    from ..report import terminal

    out = terminal.console(outputs.people)
    if found.record is not None:
        words_of_rule = "real, by J from " if found.record.rule == REAL else ""
        out.print(terminal.logarithm_table(found.record, f"branch record: {words_of_rule}"))
    rows, as_printed = found.rounded()
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = [f"{words} ="]
    lines += [
        "  " + "  ".join(t.rjust(w) for t, w in zip(row, widths, strict=True)) for row in rows
    ]
    lines.append(
        f"relative error at most {bound_text(as_printed)} as printed, {bound_text(found.radius)} "
        f"before rounding (Frobenius, {found.label})"
    )
    if found.record is not None and found.record.rule == REAL:
        lines.append("real: every imaginary part is exactly zero")
    lines.append(f"condition number {condition_text(found.condition)} (estimated)")
    for line in lines:
        out.print(terminal.plain(line), soft_wrap=True)


def to_json(words: str, found: MatrixFunction) -> dict[str, Any]:
    """The value and what is known of it, for programs."""
    from ..certificate.dyadic import dyadic_matrix

    record = found.record
    known = found.condition is None or isinstance(found.condition, float)
    return {
        "format": "deepexp-exact/matrix-function",
        "version": 1,
        "exit_status": 0,
        "function": words,
        "label": str(found.label),
        "digits": found.digits,
        "decimal": found.value.decimal(found.digits),
        "value": dyadic_matrix(found.value, found.digits).to_json(),
        "radius": bound_text(found.radius),
        "condition": found.condition if known else condition_text(found.condition, 6),
        "logarithm": record
        and {
            "rule": record.rule,
            "eigenvalues": [entry.to_json() for entry in record.entries],
            "notes": list(record.notes),
        },
        "J": None if found.J is None else found.J.to_strings(),
    }
