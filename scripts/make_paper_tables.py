"""From nothing to out/paper/: run the shipped studies, make every table and figure, one PDF.

    python scripts/make_paper_tables.py [--full] [--out FOLDER] [--workers N] [--compare FOLDER]

Quick grids (about three minutes on two processors) unless --full (a quarter of an hour).  data/
holds a SQLite file for each study and the forward errors of exp and log (a run resumes), tables/
LaTeX, Markdown, CSV and JSON, figures/ PDF, SVG and PNG, paper.pdf all of them (where pdflatex is
installed), study.html the report, manifest.json the hashes of everything and the commands.  A
second run on the same machine, into another folder, gives the same bytes in every table except
for the timing columns, which the manifest names, and the same hash of the data; --compare holds the
tables against an earlier run.

The last lines say which runs did not pass and whether their study expects it.  Exit status 1 if a
run failed, or stayed undecided where its study does not expect it, if a table is too wide for the
page or if a compared one differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import forward_error_reports
import forward_errors

from deepexp_exact.cli import main as command_line
from deepexp_exact.errors import DeepexpError
from deepexp_exact.files import write_json, write_text
from deepexp_exact.report.extras import require_report
from deepexp_exact.report.studies import (
    differing_tables,
    overfull,
    timing_columns,
    write_paper,
)
from deepexp_exact.report.study_page import study_page
from deepexp_exact.study import Results, Store, load_study
from deepexp_exact.study.derivations import derive
from deepexp_exact.study.execution import not_accepted

#: Problems of the report whose steps and branch record are computed for it, worst first.
DERIVED, QUICK_DERIVED = 40, 10
STUDIES = sorted((Path(__file__).parent / "studies").glob("*.toml"))
#: Digits of the forward errors of exp and log.
QUICK_DIGITS = (16, 50)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the full grids")
    parser.add_argument("--out", type=Path, default=Path("out/paper"), metavar="FOLDER")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--compare", type=Path, metavar="FOLDER", help="made by an earlier run")
    options = parser.parse_args()
    require_report("the paper", "pandas", "matplotlib", "jinja2")
    started = time.monotonic()
    data = options.out / "data"
    data.mkdir(parents=True, exist_ok=True)
    stores, commands, worst = [], [], 0
    for number, study in enumerate(STUDIES, 1):
        print(f"[{number} of {len(STUDIES)}, {time.monotonic() - started:.0f} s] {study.stem}")
        store = data / f"{study.stem}.sqlite"
        arguments = ["study", "run", _shown(study), "--store", str(store)]
        arguments += ["--workers", str(options.workers), *([] if options.full else ["--quick"])]
        commands.append(" ".join(["deepexp-exact", *arguments]))
        status = command_line(arguments)
        if status > 1:
            return status
        worst = max(worst, status)
        stores.append(store)
    points = errors_of_functions(data / "forward-errors.json", options.full)
    results = Results.load(*stores)
    words = outcomes(stores, options.full)
    more = ([forward_error_reports.summary(points)], [forward_error_reports.figure(points)])
    pdf = write_paper(results, options.out, more, words)
    count = DERIVED if options.full else QUICK_DERIVED
    derived = derive(results, count, 30.0, options.workers)
    write_text(options.out / "study.html", study_page(results, [str(s) for s in stores], derived))
    timing = timing_columns(results)
    told = manifest(options.out, stores, commands, timing) | {"data_sha256": results.sha256}
    write_json(options.out / "manifest.json", told)
    if options.compare:
        worst = max(worst, compare(options.out / "tables", options.compare / "tables", timing))
    print(f"{time.monotonic() - started:.0f} s; {words}")
    if pdf is None:
        print("pdflatex is not installed: paper.tex was written, paper.pdf was not")
        return worst
    print(pdf)
    wide = overfull(options.out)
    for line in wide:
        print(f"too wide: {line}", file=sys.stderr)
    return 1 if wide else worst


def _shown(path: Path) -> str:
    """The path as a command from here names it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def errors_of_functions(path: Path, full: bool) -> list[forward_errors.Point]:
    """The forward errors of exp and log, from the file if it holds those of the same plan."""
    from deepexp_exact.problems.hard_matrices import HARD

    digits = forward_errors.DIGITS if full else QUICK_DIGITS
    names = [field.name for field in fields(forward_errors.Point)]
    plan = {"digits": list(digits), "matrices": sorted(HARD), "figures": names}
    if path.exists():
        kept = json.loads(path.read_text("utf-8"))
        if kept["plan"] == plan:
            return [forward_errors.Point(**row) for row in kept["log2"]]
    print(f"forward errors of exp and log: {len(HARD)} matrices, {digits} digits")
    points = forward_errors.measure(digits, sorted(HARD), lambda text: print(text, file=sys.stderr))
    write_json(path, {"plan": plan, "log2": [vars(point) for point in points]})
    return points


def outcomes(stores: Sequence[Path], full: bool) -> str:
    """What did not pass, and whether the studies expect it, in sentences."""
    runs, undecided, bad = 0, 0, []
    ceilings: Counter[str] = Counter()
    for path, study in zip(stores, STUDIES, strict=True):
        plan = load_study(study, not full)
        with Store(path) as store:
            rows = store.rows()
        refused = not_accepted(plan, rows)
        bad += refused
        runs += len(rows)
        for row in Results(rows).not_passed():
            if row not in refused and row.outcome:
                undecided += 1
                ceilings[plan.name] += 1
    where = ", ".join(f"{count} of {name}" for name, count in ceilings.items())
    expected = (
        f"{undecided} reached the ceiling that their study looks for, as expected ({where})"
        if undecided
        else "none reached a ceiling"
    )
    told = f"{len(bad)} more failed or stayed undecided" if bad else "no other did, none failed"
    grid = "full" if full else "quick"
    return f"{runs} runs on the {grid} grids: {expected}; {told}."


def compare(mine: Path, other: Path, timing: dict[str, list[str]]) -> int:
    """Say which tables differ outside their timing columns; 1 if any does."""
    different = differing_tables(mine, other, timing)
    for name in different:
        print(f"differs from {other / name}: {mine / name}", file=sys.stderr)
    if not different:
        count = sum(1 for _ in mine.iterdir())
        columns = "; ".join(f"{name}: {', '.join(heads)}" for name, heads in timing.items())
        print(f"{count} files of tables as in {other}, timing columns apart ({columns})")
    return 1 if different else 0


def manifest(
    out: Path, stores: list[Path], commands: list[str], timing: dict[str, list[str]]
) -> dict[str, object]:
    """Commands, provenance of every session, timing columns, the SHA-256 of every file made."""
    sessions: dict[str, object] = {}
    for path in stores:
        with Store(path) as store:
            facts = store.facts()
            sessions[path.stem] = {
                "study_sha256": facts["sha256"],
                "plan_sha256": facts["plan_sha256"],
                "counts": store.counts(),
                "sessions": [
                    {key: s[key] for key in ("command", "provenance")} for s in store.sessions()
                ],
            }
    files = [p for folder in ("tables", "figures") for p in sorted((out / folder).iterdir())]
    files += [p for p in (out / "paper.tex", out / "paper.pdf", out / "study.html") if p.exists()]
    return {
        "format": "deepexp-exact/paper",
        "version": 1,
        "commands": commands,
        "studies": sessions,
        "timing_columns": timing,
        "files": {
            str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
        },
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DeepexpError as error:
        print(f"make_paper_tables: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
