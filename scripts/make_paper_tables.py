"""From nothing to out/paper/: run the shipped studies, make every table and figure, one PDF.

    python scripts/make_paper_tables.py [--full] [--out FOLDER] [--workers N] [--compare FOLDER]

Quick grids unless --full.  data/ holds a SQLite file for each study (an interrupted run resumes),
tables/ LaTeX, Markdown and CSV, figures/ PDF, SVG and PNG, paper.pdf all of them (where pdflatex
is installed), study.html the report, manifest.json the hashes of everything and the commands.
A second run on the same machine, into another folder, gives the same bytes in every table except
for the timing columns, which the manifest names; --compare holds the tables against an earlier
run.  Exit status 1 if a run failed, or stayed undecided where its study does not expect it, if a
table is too wide for the page or if a compared one differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path

from deepexp_exact.cli import main as command_line
from deepexp_exact.errors import DeepexpError
from deepexp_exact.files import write_json, write_text
from deepexp_exact.report.studies import (
    differing_tables,
    overfull,
    timing_columns,
    write_paper,
)
from deepexp_exact.report.study_page import study_page
from deepexp_exact.study import Results, Store
from deepexp_exact.study.derivations import derive

#: Problems of the report whose steps and branch record are computed for it, worst first.
DERIVED = 40
STUDIES = sorted((Path(__file__).parent / "studies").glob("*.toml"))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the full grids (ten minutes)")
    parser.add_argument("--out", type=Path, default=Path("out/paper"), metavar="FOLDER")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--compare", type=Path, metavar="FOLDER", help="made by an earlier run")
    options = parser.parse_args()
    data = options.out / "data"
    data.mkdir(parents=True, exist_ok=True)
    stores, commands, worst = [], [], 0
    for study in STUDIES:
        store = data / f"{study.stem}.sqlite"
        arguments = ["study", "run", str(study), "--store", str(store)]
        arguments += ["--workers", str(options.workers), *([] if options.full else ["--quick"])]
        commands.append(" ".join(["deepexp-exact", *arguments]))
        status = command_line(arguments)
        if status > 1:
            return status
        worst = max(worst, status)
        stores.append(store)
    results = Results.load(*stores)
    pdf = write_paper(results, options.out)
    derived = derive(results, DERIVED, 30.0, options.workers)
    write_text(options.out / "study.html", study_page(results, [str(s) for s in stores], derived))
    timing = timing_columns(results)
    write_json(options.out / "manifest.json", manifest(options.out, stores, commands, timing))
    if options.compare:
        worst = max(worst, compare(options.out / "tables", options.compare / "tables", timing))
    if pdf is None:
        print("pdflatex is not installed: paper.tex was written, paper.pdf was not")
        return worst
    wide = overfull(options.out)
    print(f"{pdf}: {len(results)} runs, {len(results.not_passed())} not passed")
    for line in wide:
        print(f"too wide: {line}", file=sys.stderr)
    return 1 if wide else worst


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
