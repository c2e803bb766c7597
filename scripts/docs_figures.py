"""Every figure of README.md and docs/ from one full run of the paper, with the numbers behind it.

    make paper ARGS=--full && python scripts/docs_figures.py out/paper

Writes docs/NAME.svg and docs/data/NAME.csv, the table of the same runs, for each of FIGURES, and
the numbers in the words of README.md and docs/ (see docs_numbers), saying which changed.  An SVG
carries the SHA-256 of its CSV and of the runs of MEASURES; tests hold figures, numbers in the text
and, where they can be measured again in a moment, the rows themselves against each other; they fail
where words without numbers ("about the same") do not hold any more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import docs_numbers
import forward_error_reports
import forward_errors

from deepexp_exact.errors import DeepexpError
from deepexp_exact.files import write_bytes, write_text
from deepexp_exact.report.figures import rendered
from deepexp_exact.report.study_figures import study_figures
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.study import Results

#: Figure and the table of the same runs.
FIGURES = {
    "depth": "depth",
    "distance": "distance",
    "near-cut": "rule",
    "float64": "verification",
    "profiles": "peers",
    "weights": "peers",
    "cost": "cost",
    "forward-errors": "forward-errors",
}
#: The measures that these show: their runs have to be complete.
MEASURES = ("depth", "distance", "rule", "verification", "peers", "cost")
DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paper", type=Path, help="folder of a full run of make_paper_tables.py")
    parser.add_argument("--out", type=Path, default=DOCS, metavar="DOCS")
    options = parser.parse_args()
    data = options.paper / "data"
    loaded = Results.load(*sorted(data.glob("*.sqlite")))
    results = Results([r for r in loaded if r.run.measure in MEASURES], loaded.facts)
    wanted = {m for m in MEASURES if not len(results.where(m))}
    if results.missing() or wanted:
        told = f"no runs of {', '.join(sorted(wanted))}; " if wanted else ""
        print(f"{told}{results.missing()} planned runs are still missing", file=sys.stderr)
        return 1
    kept = json.loads((data / "forward-errors.json").read_text("utf-8"))
    points = [forward_errors.Point(**row) for row in kept["log2"]]
    tables = {t.id: t for t in (*study_tables(results), forward_error_reports.summary(points))}
    drawn = {f.id: f for f in (*study_figures(results), forward_error_reports.figure(points))}
    (options.out / "data").mkdir(parents=True, exist_ok=True)
    for name, table in FIGURES.items():
        text = tables[table].to_csv()
        digest = hashlib.sha256(text.encode()).hexdigest()
        words = f"numbers: SHA-256 {digest} of data/{table}.csv; run: SHA-256 {results.sha256}"
        write_text(options.out / "data" / f"{table}.csv", text)
        write_bytes(options.out / f"{name}.svg", rendered(drawn[name], "svg", words))
        print(f"{name}: {drawn[name].caption}\n")
    try:
        changed = docs_numbers.refresh(options.out.parent)
    except (LookupError, ValueError) as error:
        print(f"numbers in the words of the pages: {error}", file=sys.stderr)
        return 1
    print("\n".join(changed) or "the numbers in the words of the pages are as they were")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DeepexpError as error:
        print(f"docs_figures: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
