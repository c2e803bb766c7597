"""``prove`` and ``verify``: the theorem for small d, and every path on families of problems."""

from __future__ import annotations

import argparse

from .outputs import Outputs


def run_verify(options: argparse.Namespace) -> int:
    """Run the verification, print its table, write what was asked."""
    from ..problems.families import Case
    from ..report import terminal
    from ..report.extras import require_report
    from ..verification import CaseReport, verify

    if options.html:
        require_report("verify --html", "jinja2")
    outputs = Outputs({"--json": options.json, "--html": options.html})
    cases = [Case.parse(text) for text in options.case] if options.case else None
    with terminal.progress("verify") as shown:

        def advance(case: CaseReport, done: int, planned: int) -> None:
            shown(terminal.case_line(case), done, planned)

        report = verify(
            "full" if options.full else "quick",
            paper=options.paper,
            jobs=options.jobs,
            progress=advance,
            cases=cases,
            mpmath_max_d=options.mpmath_max_d,
        )

    def page() -> str:
        from ..report.html import verify_page

        return verify_page(report)

    outputs.told(
        lambda: terminal.verify_summary(report, terminal.console(outputs.people), options.wide),
        {"--json": report.to_json, "--html": page},
    )
    return report.exit_status


def run_prove(options: argparse.Namespace) -> int:
    """Prove the steps symbolically for all Jordan types of size up to --max-d."""
    from .. import proving
    from ..report import terminal

    outputs = Outputs({"--json": options.json, "--latex": options.latex})
    with terminal.progress("prove") as shown:
        report = proving.run_prove(
            options.max_d,
            options.step,
            options.jobs,
            lambda done, planned, row: shown(row, done, planned),
            options.engine,
        )
    outputs.told(
        lambda: print(report.to_text(), file=outputs.people),
        {"--json": report.to_json, "--latex": report.to_latex},
    )
    return report.exit_status
