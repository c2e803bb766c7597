"""The command line of the scripts in proofs/steps."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from .engines import ENGINES, SYMPY, run_row, statement_evidence
from .report import ProveReport
from .run import MAX_D, plan


def step_script(statement: str, description: str, arguments: Sequence[str] | None = None) -> int:
    """One statement at size --d (or 1, 2, 3) by both engines, as sympy words it; every identity it
    consists of on --list; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--d", type=int, choices=range(1, MAX_D + 1), help="only this size")
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--list", action="store_true", help="print every identity")
    options = parser.parse_args(arguments)
    print(description.strip(), end="\n\n")
    print(sympy_words(statement), end="\n\n")
    sizes = [options.d] if options.d else [1, 2, 3]
    if options.list:
        engine = SYMPY if options.engine == "both" else options.engine
        for d in sizes:
            for words in statement_evidence(statement, d, engine).words:
                print(f"d = {d}: {words}")
    start = time.perf_counter()
    rows = tuple(run_row(*task) for task in plan((statement,), sizes, options.engine))
    report = ProveReport(max(sizes), options.engine, rows, time.perf_counter() - start)
    print(report.to_text())
    return report.exit_status


def sympy_words(statement: str) -> str:
    """The statement as the sympy engine decides it."""
    from ..paths.symbolic.catalogue import STATEMENTS

    parts = ["\n".join(check.lines()) for check in STATEMENTS[statement]]
    return "in sympy:\n" + "\n\n".join(parts)
