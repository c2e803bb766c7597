"""``prove`` and ``verify``: the theorem for small d, and every path on families of problems."""

from __future__ import annotations

import argparse

from ..files import write_json, write_text


def run_verify(options: argparse.Namespace) -> int:
    """Run the verification, print its table, write what was asked."""
    from ..problems.families import Case
    from ..report import terminal
    from ..verification import CaseReport, verify

    with terminal.progress("verify") as shown:

        def advance(case: CaseReport, done: int, planned: int) -> None:
            shown(terminal.case_line(case), done, planned)

        report = verify(
            "full" if options.full else "quick",
            paper=options.paper,
            jobs=options.jobs,
            progress=advance,
            cases=[Case.parse(text) for text in options.case] if options.case else None,
        )
    if options.json:
        write_json(options.json, report.to_json())
    if options.html:
        from ..report.html import verify_page

        write_text(options.html, verify_page(report))
    terminal.verify_summary(report, terminal.console())
    return report.exit_status


def run_prove(options: argparse.Namespace) -> int:
    """Prove the steps symbolically for all Jordan types of size up to --max-d."""
    from .. import proving
    from ..report import terminal

    with terminal.progress("prove") as shown:
        report = proving.run_prove(
            options.max_d,
            options.step,
            options.jobs,
            lambda done, planned, row: shown(row, done, planned),
            options.engine,
        )
    if options.json:
        write_json(options.json, report.to_json())
    if options.latex:
        write_text(options.latex, report.to_latex())
    print(report.to_text())
    return report.exit_status
