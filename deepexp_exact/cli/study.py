"""``study``: plan, run, repeat, tabulate, draw and report precision studies."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import make_folder, write_text
from ..workers import count_workers

if TYPE_CHECKING:
    from ..study import Results, Study


def run_study(options: argparse.Namespace) -> int:
    """Plan, run, tabulate, draw or report a precision study."""
    if options.action in ("plan", "run"):
        return _study_run(options)
    if options.action == "once":
        return _study_once(options)
    from ..report import studies
    from ..report.extras import require_report
    from ..study import Results

    needed = {"report": ("jinja2", "matplotlib"), "figures": ("matplotlib",), "tables": ()}
    require_report(f"study {options.action}", *needed[options.action])
    results = Results.load(*options.stores)
    if options.action != "report":
        make_folder(options.out)
    if options.action == "report":
        written = [_study_report(options, results)]
    elif options.action == "tables":
        written = studies.write_tables(results, Path(options.out))
    else:
        written = studies.write_figures(results, Path(options.out))
    for path in written:
        print(path)
    if missing := results.missing():
        print(f"{missing} planned runs are still missing", file=sys.stderr)
    if not written:
        print(f"deepexp-exact: no {options.action}: {_why_none(results)}", file=sys.stderr)
    return 0 if written else 1


def _why_none(results: Results) -> str:
    if not results.measured():
        return "no run has left a figure yet (study report lists every run with its reason)"
    measures = ", ".join(sorted({row.run.measure for row in results}))
    return f"there is none for the runs of {measures} (study report lists every one)"


def _study_report(options: argparse.Namespace, results: Results) -> Path:
    from ..report import terminal
    from ..report.study_page import study_page
    from ..study.derivations import derive
    from ..study.outcome import Outcome
    from ..study.plan import Run

    path = Path(options.html)
    make_folder(path.parent)
    with terminal.progress("derivations") as shown:

        def advance(run: Run, outcome: Outcome, done: int, planned: int) -> None:
            shown(f"{run}: {outcome.label} {outcome.reason}".rstrip(), done, planned)

        derived = derive(results, options.derive, options.seconds, options.workers, advance)
    write_text(path, study_page(results, options.stores, derived))
    return path


def _study_once(options: argparse.Namespace) -> int:
    """One run in a worker process, as in a study, and its outcome in print."""
    from ..study.execution import local
    from ..study.plan import Limits
    from ..study.single import parse_run

    run = parse_run(options.words)
    ((_, outcome),) = local([run], Limits(options.seconds), 1)
    status = 0 if outcome.label.passes else 1
    if options.json:
        head = {"format": "deepexp-exact/outcome", "version": 1, "exit_status": status}
        print(json.dumps(head | outcome.to_json(), allow_nan=False))
        return status
    print(f"{run}: {outcome.label} {outcome.reason}".rstrip())
    for name, figure in {**outcome.measured, **outcome.timings}.items():
        text = figure if isinstance(figure, str) else json.dumps(figure, ensure_ascii=False)
        print(f"{name:24} {text}")
    return 0 if outcome.label.passes else 1


def _study_run(options: argparse.Namespace) -> int:
    from ..study import load_study
    from ..study.execution import clock, still_missing
    from ..study.plan import default_store

    study = load_study(options.study, options.quick)
    workers = count_workers(options.workers, len(study.runs))
    store = getattr(options, "store", None)
    store = default_store(options.study, options.quick) if store is None else store
    todo = still_missing(study, store)
    kept = len(study.runs) - len(todo)
    print(
        f"{study.name}: {len(study.runs)} runs{f', {kept} of them kept' if kept else ''}; about "
        f"{clock(study.estimate(workers, todo))} on {workers} workers (at most "
        f"{study.limits.seconds:g} s and {study.limits.memory_mb} MB a run); results in {store}",
        flush=True,
    )
    if options.action == "plan":
        return 0
    try:
        _study_execute(options, study, store, workers)
    except KeyboardInterrupt:
        left = len(still_missing(study, store))
        print(
            f"deepexp-exact: interrupted: {len(study.runs) - left} of {len(study.runs)} runs are "
            f"kept in {store}; the same command does the other {left}",
            file=sys.stderr,
        )
        return 130
    return _study_verdict(study, store)


def _study_execute(
    options: argparse.Namespace, study: Study, store: str | Path, workers: int
) -> None:
    from ..report import terminal
    from ..study.execution import Progress, execute
    from ..study.outcome import Outcome
    from ..study.plan import Run

    on_terminal = sys.stderr.isatty()
    with terminal.progress(study.name) as shown:

        def advance(run: Run, outcome: Outcome, progress: Progress) -> None:
            text = f"{run}: {outcome.label} {outcome.reason}".rstrip()
            bar = f"{study.name}: {progress}"
            shown(bar if on_terminal else text, progress.before + progress.done, progress.planned)

        execute(
            study,
            store,
            workers=workers,
            scheduler=options.scheduler,
            retry=options.retry,
            command=_command(options, store),
            shown=advance,
        )


def _command(options: argparse.Namespace, store: str | Path) -> str:
    """The command that does these runs, as a shell reads it, whoever asked for them."""
    words = ["deepexp-exact", "study", "run", str(options.study), "--store", str(store)]
    words += ["--quick"] if options.quick else []
    words += ["--retry"] if options.retry else []
    for name in ("workers", "scheduler"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name}", str(value)]
    return shlex.join(words)


def _study_verdict(study: Study, store: str | Path) -> int:
    """Counts by label, and every reason why the status is 1."""
    from ..study import Store
    from ..study.execution import not_accepted

    with Store(store) as opened:
        counts, rows = opened.counts(), opened.rows()
    bad = not_accepted(study, rows)
    print(
        f"{sum(counts.values())} of {len(study.runs)} runs done: "
        + ", ".join(f"{label} {count}" for label, count in counts.items())
        + (f"; {len(bad)} not accepted" if bad else "")
    )
    for row in bad[:10]:
        if row.outcome is not None:
            print(f"{row.run}: {row.outcome.label} {row.outcome.reason}", file=sys.stderr)
    if len(bad) > 10:
        print(f"... and {len(bad) - 10} more: deepexp-exact study tables {store}", file=sys.stderr)
    return 1 if bad else 0
