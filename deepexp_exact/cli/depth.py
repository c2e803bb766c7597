"""``depth``: what one, two and three layers do with the same data."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from ..errors import printable
from ..files import STANDARD
from .outputs import Outputs, waiting
from .process import say
from .solve import command_line, read_problem

if TYPE_CHECKING:
    from ..depth.comparison import Depth, DepthReport


def run_depth(options: argparse.Namespace) -> int:
    """Compare the depths; exit status 0 whatever is found, 1 only if a claim fails."""
    outputs = Outputs({"--out": options.out}, [options.problem], options.json)
    from ..depth.comparison import compare_depths

    problem = read_problem(options.problem)
    with waiting(f"depth {problem.name}"):
        report = compare_depths(
            problem, digits=options.digits, starts=options.starts, seed=options.seed
        )

    def people() -> None:
        if options.json:
            print(json.dumps(depth_json(report), allow_nan=False))
        else:
            _print(report, outputs)

    def certificate() -> dict[str, Any]:
        from ..depth.certificate import TwoLayers

        if report.found is None:
            raise RuntimeError("no certificate")  # pragma: no cover (not asked for then)
        made = TwoLayers.of(problem, report.found, command_line(), options.seed)
        return made.to_json()

    outputs.told(people, {"--out": certificate} if report.found is not None else {})
    if options.out is not None and report.found is None:
        say(f"no certificate: two layers, {report.rows[1].words}")
    elif options.out not in (None, STANDARD) and not options.json:
        print(printable(f"certificate    {options.out} (claims C1, C2)"), file=outputs.people)
    return report.status


def _print(report: DepthReport, outputs: Outputs) -> None:
    from ..report import terminal

    out = terminal.console(outputs.people)
    problem = report.problem
    head = f"{problem.name}: d = {problem.d}, {report.digits} digits. {problem.title}"
    out.print(terminal.plain(head), soft_wrap=True)
    table = terminal.plain_table(
        "layers", "solvable", "known", "residual", "condition", "lost", "starts", "seconds"
    )
    for row in report.rows:
        table.add_row(
            str(row.layers),
            {True: "yes", False: "no", None: "not known"}[row.solvable],
            terminal.label_text(row.label),
            _text(row.log10_residual),
            _condition(row) or "–",
            "–"
            if row.lost is None or not math.isfinite(row.lost)
            else f"{math.ceil(10 * row.lost) / 10:.1f}",
            "–" if row.starts is None else str(row.starts),
            f"{row.seconds:.2f}",
        )
    out.print(table)
    for row in report.rows:
        norms = ", ".join(map(_text, row.log10_norms))
        told = f"{row.words}; norms of the weights {norms}" if norms else row.words
        out.print(terminal.plain(f"{row.layers}: {told}"), soft_wrap=True)
    out.print(terminal.plain("condition: estimated; lost: digits that rounding costs, measured"))


def _text(log10: float | None) -> str:
    """A size from its logarithm with two digits, rounded up, however small."""
    if log10 is None:
        return "–"
    if not math.isfinite(log10):
        return "0" if log10 < 0 else "∞"
    power = math.floor(log10)
    tenths = math.ceil(10 ** (log10 - power + 1))
    return f"1.0e{power + 1:+d}" if tenths == 100 else f"{tenths / 10:.1f}e{power:+d}"


def _lost(digits: float | None) -> str:
    if digits is None or not math.isfinite(digits):
        return "–"
    return f"{math.ceil(10 * digits) / 10:.1f}"


def _condition(row: Depth) -> str | None:
    from ..solution import condition_text

    return None if row.condition is None else condition_text(row.condition)


def _finite(value: float | None) -> float | None:
    return round(value, 6) if value is not None and math.isfinite(value) else None


def depth_json(report: DepthReport) -> dict[str, Any]:
    """The figures for programs; null is what is not known or not finite."""
    return {
        "format": "deepexp-exact/depth",
        "version": 1,
        "exit_status": report.status,
        "problem": report.problem.name,
        "d": report.problem.d,
        "digits": report.digits,
        "starts": report.starts,
        "seed": report.seed,
        "depths": [
            {
                "layers": row.layers,
                "label": str(row.label),
                "solvable": row.solvable,
                "words": row.words,
                "residual": None if row.log10_residual is None else _text(row.log10_residual),
                "norms": [_text(x) for x in row.log10_norms],
                "condition": _condition(row),
                "digits_lost": _finite(row.lost),
                "starts": row.starts,
                "seconds": round(row.seconds, 6),
            }
            for row in report.rows
        ],
    }
