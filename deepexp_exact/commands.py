"""What each subcommand does; :mod:`deepexp_exact.cli` parses and dispatches.

Certificates, reports and studies are imported where a subcommand needs them, so that ``solve``
starts quickly.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .branches import BranchRecord
from .branches.rules import Branch
from .errors import BranchError, DeepexpError, FormatError
from .exact import ExactMatrix, gaussian, parse_number
from .files import read_json, write_json, write_text
from .problems import Problem, load_problem, shipped
from .solution import Solution
from .solving import solve

if TYPE_CHECKING:
    from .certificate import Certificate, DyadicMatrix
    from .study import Results, Study


def _command_line() -> str:
    return shlex.join(["deepexp-exact", *sys.argv[1:]])


def parse_branch(text: str) -> Branch:
    """A rule's name, integers separated by commas, or the path of a record or certificate."""
    if text in ("principal", "smallest-norm"):
        return text
    if text and all(c in "0123456789+-," for c in text):
        try:
            return [int(part) for part in text.split(",")]
        except ValueError:
            raise BranchError(f"{text!r} is not a list of integers", "write 0,-1,2") from None
    if Path(text).suffix or "/" in text:
        return BranchRecord.load(text)
    raise BranchError(
        f"there is no branch rule {text!r}",
        "use principal, smallest-norm, integers such as 0,-1 or the path of a record file",
    )


# ------------------------------------------------------------------------------------------ solve


def run_solve(options: argparse.Namespace) -> int:
    """Solve one problem and print how each figure is known."""
    problem = load_problem(options.problem)
    alpha = options.alpha
    if alpha not in ("auto", "positive"):
        alpha = parse_number(alpha)
    for target in (options.out, options.record):
        if target and not Path(target).resolve().parent.is_dir():
            raise FormatError(f"cannot write {target}: its folder does not exist")
    solution = solve(
        problem,
        digits=options.digits,
        path=options.path,
        alpha=alpha,
        turn=options.turn,
        branch=parse_branch(options.branch),
    )
    if options.record:
        solution.record.save(options.record)
    if options.out:
        from .certificate import write_certificate

        write_certificate(_certificate(solution), options.out)
    if options.json:
        print(json.dumps(solution_json(solution)))
        return 0 if solution.label.passes else 1
    from .report import terminal

    out = terminal.console()
    out.print(f"{problem.name}: d = {problem.d}. {problem.title}", markup=False)
    out.print(terminal.record_table(solution.record))
    for line in terminal.solution_lines(solution, _float64_line(problem, solution)):
        out.print(line, markup=False, soft_wrap=True)
    if options.out:
        out.print(f"certificate    {options.out}", markup=False, soft_wrap=True)
    return 0 if solution.label.passes else 1


def _certificate(solution: Solution) -> Certificate:
    """The certificate with its claims proved; the float64 path's weights claim nothing."""
    from .certificate import certificate_from_solution, certified_certificate

    if solution.path == "double":
        return certificate_from_solution(solution, command=_command_line())
    return certified_certificate(solution, command=_command_line())


def _float64_line(problem: Problem, solution: Solution) -> str:
    """What the float64 path keeps of this very solution."""
    if solution.path != "multiprecision":
        return ""
    from .verification.crosschecks import against_double

    return against_double(problem, solution).detail


def solution_json(solution: Solution) -> dict[str, Any]:
    """Figures and the stored weights of a solution, for programs."""
    from .certificate import certificate_from_solution
    from .verification.crosschecks import power_text

    certificate = certificate_from_solution(solution, command=_command_line()).to_json()
    return {
        "problem": solution.problem.name,
        "path": solution.path,
        "label": str(solution.label),
        "construction": solution.construction,
        "digits": solution.digits,
        "digits_carried": solution.digits_carried,
        "working_digits": solution.working_digits,
        "residuals": [power_text(x) for x in solution.residuals],
        "errors": [power_text(x) for x in solution.errors],
        "conditions": {k: f"{v:.6g}" for k, v in solution.conditions.items()},
        "predicted_loss": solution.predicted_loss,
        "findings": list(solution.findings),
        "seconds": round(solution.seconds, 6),
        "record": certificate["record"],
        "weights": certificate["weights"],
    }


# ----------------------------------------------------------------------------------------- verify


def run_verify(options: argparse.Namespace) -> int:
    """Run the verification, print its table, write what was asked."""
    from .problems.families import Case
    from .report import terminal
    from .verification import CaseReport, verify

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
        from .report.html import verify_page

        write_text(options.html, verify_page(report))
    terminal.verify_summary(report, terminal.console())
    return report.exit_status


# ------------------------------------------------------------------------------------------ prove


def run_prove(options: argparse.Namespace) -> int:
    """Prove the steps symbolically for all Jordan types of size up to --max-d."""
    from . import proving
    from .report import terminal

    with terminal.progress("prove") as shown:
        report = proving.run_prove(
            options.max_d,
            options.step,
            options.jobs,
            lambda done, planned, row: shown(row, done, planned),
        )
    if options.json:
        write_json(options.json, report.to_json())
    if options.latex:
        write_text(options.latex, report.to_latex())
    print(report.to_text())
    return report.exit_status


# ------------------------------------------------------------------------------------------ check


def run_check(options: argparse.Namespace) -> int:
    """Prove the claims of certificates again, from the stored problem, weights and record."""
    from .certificate import check_files

    jobs = options.jobs or min(os.cpu_count() or 1, len(options.files))
    reports = check_files(options.files, jobs)
    if options.json:
        print(json.dumps([report.to_json() for report in reports]))
    else:
        for report in reports:
            print(report)
    return max((report.status for report in reports), default=1)


# ---------------------------------------------------------------------------------------- compare


def _load_record(path: str) -> tuple[BranchRecord, Certificate | None]:
    table = read_json(path)
    if table.get("format") == "deepexp-exact/certificate":
        from .certificate import read_certificate

        certificate = read_certificate(path)
        return certificate.record, certificate
    return BranchRecord.from_json(table, path), None


def run_compare(options: argparse.Namespace) -> int:
    """Same branch? Same weights, and to how many digits?  Exit status 1 if the branches differ."""
    (first, one), (second, two) = _load_record(options.first), _load_record(options.second)
    differences = first.same_branch(second)
    print("same branch" if not differences else "different branches:")
    for text in differences:
        print(f"  {text}")
    if one is None or two is None:
        return 1 if differences else 0
    if one.problem != two.problem:
        print("different problems")
        return 1
    for name in ("W1", "W2", "W3"):
        print(f"{name}: {_digits_shared(getattr(one, name), getattr(two, name))}")
    return 1 if differences else 0


def _digits_shared(mine: DyadicMatrix, other: DyadicMatrix) -> str:
    """To how many digits two stored weights agree (relative, Frobenius), computed exactly."""
    from .verification.steps import context

    a, b = _exact(mine), _exact(other)
    if a == b:
        return "identical"
    difference, size = (a - b).frobenius_squared(), b.frobenius_squared()
    if size == 0:
        return "one is zero, the other is not"
    mp, ratio = context(20), difference / size
    digits = -(mp.log10(mp.mpf(int(ratio.p))) - mp.log10(mp.mpf(int(ratio.q)))) / 2
    return f"agree to {float(digits):.1f} digits"


def _exact(weight: DyadicMatrix) -> ExactMatrix:
    return ExactMatrix.from_rows(
        [[gaussian(re.to_fmpq(), im.to_fmpq()) for re, im in row] for row in weight.rows]
    )


# ------------------------------------------------------------------------------------------ study


def run_study(options: argparse.Namespace) -> int:
    """Plan, run, tabulate, draw or report a precision study."""
    if options.action in ("plan", "run"):
        return _study_run(options)
    if options.action == "once":
        return _study_once(options)
    from .report import studies
    from .study import Results

    results = Results.load(*options.stores)
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
    return 0 if written else 1


def _study_report(options: argparse.Namespace, results: Results) -> Path:
    from .report import terminal
    from .report.study_page import study_page
    from .study.derivations import derive
    from .study.outcome import Outcome
    from .study.plan import Run

    with terminal.progress("derivations") as shown:

        def advance(run: Run, outcome: Outcome, done: int, planned: int) -> None:
            shown(f"{run}: {outcome.label} {outcome.reason}".rstrip(), done, planned)

        derived = derive(results, options.derive, options.seconds, options.workers, advance)
    path = Path(options.html)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, study_page(results, options.stores, derived))
    return path


def _study_once(options: argparse.Namespace) -> int:
    """One run in a worker process, as in a study, and its outcome in print."""
    from .study.crew import Worker
    from .study.plan import Limits
    from .study.single import parse_run

    run = parse_run(options.words)
    worker = Worker(Limits(options.seconds))
    try:
        outcome = worker.perform(run)
    finally:
        worker.close()
    if options.json:
        print(json.dumps(outcome.to_json(), allow_nan=False))
        return 0 if outcome.label.passes else 1
    print(f"{run}: {outcome.label} {outcome.reason}".rstrip())
    for name, figure in {**outcome.measured, **outcome.timings}.items():
        text = figure if isinstance(figure, str) else json.dumps(figure, ensure_ascii=False)
        print(f"{name:24} {text}")
    return 0 if outcome.label.passes else 1


def _study_run(options: argparse.Namespace) -> int:
    from .study import load_study
    from .study.execution import clock, still_missing
    from .study.plan import default_store

    study = load_study(options.study, options.quick)
    workers = options.workers or os.cpu_count() or 1
    store = getattr(options, "store", None) or default_store(options.study, options.quick)
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
    from .report import terminal
    from .study.execution import Progress, execute
    from .study.outcome import Outcome
    from .study.plan import Run

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
            command=_command_line(),
            shown=advance,
        )


def _study_verdict(study: Study, store: str | Path) -> int:
    """Counts by label, and every reason why the status is 1."""
    from .study import Store
    from .study.execution import not_accepted

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


# ------------------------------------------------------------------------------------------- show


def run_show(options: argparse.Namespace) -> int:
    """List the shipped problems, or show one problem, record or certificate."""
    from .report import terminal

    out = terminal.console()
    if options.what is None:
        out.print(terminal.problem_list(shipped()))
        return 0
    if options.what.endswith(".json"):
        table = read_json(options.what)
        if table.get("format") in ("deepexp-exact/certificate", "deepexp-exact/branch-record"):
            record, certificate = _load_record(options.what)
            if certificate is not None:
                out.print(
                    f"certificate of {certificate.problem.name}: {certificate.digits} digits, "
                    f"claims {', '.join(c.id for c in certificate.claims) or 'none'}; "
                    f"made by: {certificate.command}",
                    markup=False,
                )
            out.print(terminal.record_table(record))
            return 0
    problem = load_problem(options.what)
    out.print(str(problem), markup=False)
    if problem.source:
        out.print(f"source: {problem.source}", markup=False)
    out.print(terminal.hypotheses_table(problem))
    try:
        out.print(terminal.spectrum_table(problem))
    except DeepexpError as error:
        out.print(str(error), markup=False)
    return 0
