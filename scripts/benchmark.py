"""Time the ways of solving side by side: one run, methods in turn, the least of several repeats.

(a) the script a user would write with mpmath, (b) the same construction with python-flint's
``acb_mat`` at the lowest precision that delivers the digits, (n) the same without its residual
balls, (c) the multiprecision path as a user has it: α chosen, record made, residuals measured, (g)
the same with α given, (s) ``solve`` without options, certified, (d) the ball path with α given and
its certificate, (e) float64, (f) the plain mpmath path: what a script costs that checks its digits.
Times are processor time (wall time beside it), since other work may share the machine.  Forward
errors are distances from a ball enclosure.  Then: start-up of the command line, memory of one large
solve, the standard-library checker, problems a second, predicted against measured digits lost.
Ends with every target beside what was measured.

The quick grid (default) ends within ten minutes on two cores; ``--full`` is every family, size
and number of digits.  Results are written after every cell; ``--resume`` continues.  BLAS runs on
as many threads as ``--threads`` says (a solve of ours always on one).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from deepexp_exact.threads import ONE_THREAD


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    grid = parser.add_mutually_exclusive_group()
    grid.add_argument("--quick", action="store_true", help="every target, within 10 minutes")
    grid.add_argument("--full", action="store_true", help="every family, size and digits: hours")
    grid.add_argument(
        "--cell", nargs=3, metavar=("FAMILY", "D", "DIGITS"), action="append",
        help="only this cell, all methods; may be repeated",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("out/benchmark"))
    parser.add_argument("--repeats", type=int, default=5, help="runs of each method (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads (default 1)")
    parser.add_argument(
        "--limit", type=float, help="seconds of one run beyond which a method is skipped"
    )
    parser.add_argument("--limit-a", type=float, help="the same for (a) alone (at most 120)")
    parser.add_argument("--budget", type=float, help="minutes after which no cell is begun")
    parser.add_argument("--ledger", type=int, metavar="N", help="problems of the ledger")
    parser.add_argument("--resume", action="store_true", help="keep the cells already in --out")
    return parser.parse_args()


def _facts(options: argparse.Namespace) -> dict[str, Any]:
    import platform

    from deepexp_exact.certificate import installed_versions

    return {
        "command": " ".join(sys.argv),
        "seed": options.seed,
        "repeats": options.repeats,
        "blas_threads": options.threads,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "versions": installed_versions(),
    }


def main() -> int:
    options = _arguments()
    os.environ |= dict.fromkeys(ONE_THREAD, str(options.threads))
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from benchmarks.grids import QUICK, Cell, full
    from benchmarks.run import Plan, Run

    if options.cell:
        cells = tuple(Cell(family, int(d), int(digits)) for family, d, digits in options.cell)
    else:
        cells = full() if options.full else QUICK
    quick = not options.full
    most = options.limit or (20.0 if quick else 120.0)
    plan = Plan(
        cells=cells,
        whole=not options.cell,
        quick=quick,
        repeats=options.repeats,
        seed=options.seed,
        threads=options.threads,
        limit=most,
        limit_a=min(options.limit_a or (60.0 if quick and not options.limit else most), 120.0),
        ledger=_ledger_size(options),
        deadline=time.monotonic() + 60 * (options.budget or 1e6),
    )
    run = Run(plan, _facts(options), options.out, options.resume)
    try:
        run.go()
    except KeyboardInterrupt:
        print(f"interrupted; what was measured is in {options.out}", file=sys.stderr)
        return 130
    run.show()
    return 0


def _ledger_size(options: argparse.Namespace) -> int:
    if options.ledger is not None:
        return int(options.ledger)
    return 0 if options.cell else 440 if options.full else 44


if __name__ == "__main__":
    sys.exit(main())
