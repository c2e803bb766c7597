"""The verify run: cases in worker processes, every finding labelled, partial results kept."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from ..depth.one_layer import one_layer
from ..errors import (
    DeepexpError,
    NoSolutionError,
    PrecisionCeilingError,
    UndecidedError,
    UsageError,
)
from ..exact import MAX_DIMENSION, fmpq_to_float, one_of, shown, truth, whole
from ..problems import Problem, shipped
from ..problems.families import EVERY, FAMILIES, REALS, Case
from ..solution import Label
from ..solving import solve
from ..workers import Lost, TimeLimit, count_workers, in_pool, time_limit
from . import crosschecks
from .controls import controls, no_solution
from .derivation import Findings, follow, hypotheses_hold
from .verdicts import CaseReport, Check, VerifyReport

#: Seconds a single case may take before it is UNDECIDED.
TIME_LIMITS = {"quick": 60, "full": 900}
#: Cases on which the negative controls run as well.
CONTROLLED = ("quantum-gates", "gaussian-complex")


def plan(mode: str, paper: bool = False) -> list[Case]:
    """The cases of a run: quick is a part of full; the paper's setting has the problems that meet
    its hypotheses."""
    cases = [Case(name, 0, 0, 50) for name in shipped()]
    families = FAMILIES if paper else EVERY
    for family in families.values():
        seeds = (0, 1) if family.name in FAMILIES else (0,)
        cases += [Case(family.name, d, seed, 50) for d in family.sizes for seed in seeds]
    if mode == "full":
        for family in families.values():
            cases += [Case(family.name, d, 0, 50) for d in family.full_sizes]
            cases += [Case(family.name, family.sizes[0], seed, 100) for seed in (2, 3)]
        cases += [Case(name, 0, 0, 1000) for name in shipped()]
        cases += [Case("gaussian-complex", 8, 1, 1000), Case("defective", 4, 1, 1000)]
    return cases


def run_case(
    case: Case,
    alpha: str = "auto",
    seconds: int = 900,
    mpmath_max_d: int = crosschecks.PLAIN_D,
) -> CaseReport:
    """Everything `verify` asks of one problem; an error becomes a label, never a missing row."""
    started = time.perf_counter()
    problem = case.build()
    found = Findings()
    try:
        with time_limit(seconds):
            _examine(problem, case, alpha, found, mpmath_max_d)
    except TimeLimit:
        found.checks.append(
            Check(problem.name, "time", Label.UNDECIDED, f"the limit of {seconds} s was reached")
        )
    except (PrecisionCeilingError, UndecidedError) as error:
        found.checks.append(Check(problem.name, "solve", Label.UNDECIDED, str(error)))
    except DeepexpError as error:
        found.checks.append(Check(problem.name, "solve", Label.FAILED, str(error)))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        found.checks.append(Check(problem.name, "internal error", Label.FAILED, text))
    family = EVERY.get(case.family)
    return CaseReport(
        problem.name,
        case.family,
        family.purpose if family else problem.title,
        problem.d,
        case.seed,
        case.digits,
        tuple(found.checks),
        found.summary,
        time.perf_counter() - started,
        found.record.to_json() if found.record else None,
        tuple(found.warnings),
    )


def _examine(problem: Problem, case: Case, alpha: str, found: Findings, mpmath_max_d: int) -> None:
    holds = hypotheses_hold(problem, alpha == "positive", found)
    if alpha == "positive" and not holds:
        return  # the paper's version of the theorem does not speak of this problem
    checks = found.checks
    checks.append(_one_layer(problem, found.summary))
    real = case.family in REALS
    try:
        solution = solve(problem, digits=case.digits, path="multiprecision", alpha=alpha, real=real)
    except NoSolutionError as error:
        checks += no_solution(problem, error, case.digits)
        return
    follow(problem, solution, found)
    checks.append(crosschecks.second_solve(problem, solution))
    plain_check, plain = crosschecks.against_plain(problem, solution, mpmath_max_d)
    checks.append(plain_check)
    checks.append(crosschecks.against_ball(problem, solution))
    checks += crosschecks.against_symbolic(problem, solution, plain)
    if case.family in CONTROLLED and case.digits <= 100 and problem.d <= 4:
        checks += controls(problem, solution)


def _one_layer(problem: Problem, summary: dict[str, str]) -> Check:
    found = one_layer(problem)
    value = found.squared_residual
    summary["one layer, squared residual"] = f"{fmpq_to_float(value):.4g}"
    text = str(value)
    words = (
        f"rank [X1 X2] = {found.rank_inputs}, with [Y1 Y2] {found.rank_all}: one layer "
        f"{'fits both' if found.solvable else 'cannot fit both'}; least squared residual "
        f"{text if len(text) <= 60 else f'{fmpq_to_float(value):.6g} (exact rational)'}"
    )
    consistent = found.solvable == (value == 0)
    label = Label.PROVED if consistent else Label.FAILED
    return Check(problem.name, "B1", label, words, f"{fmpq_to_float(value):.4g}")


Progress = Callable[[CaseReport, int, int], None]


def verify(
    mode: str = "quick",
    *,
    paper: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    cases: Sequence[Case | str] | None = None,
    mpmath_max_d: int = crosschecks.PLAIN_D,
) -> VerifyReport:
    """Run the verification: every family, every path, every comparison, negative controls.

    ``paper`` keeps to the paper's setting: α > 0 real, X1 and X2 invertible too.  ``progress`` is
    called with (report, done, planned) as each case ends; up to ``mpmath_max_d`` every problem is
    solved in plain mpmath too.  Ctrl-C ends the run with what is done;
    the report says so."""
    from ..certificate import installed_versions

    mode, paper = one_of(mode, "mode", TIME_LIMITS), truth(paper, "paper")
    mpmath_max_d = whole(mpmath_max_d, "mpmath_max_d", 0, MAX_DIMENSION)
    todo = plan(mode, paper) if cases is None else _cases(cases)
    for case in todo:
        if case.family not in EVERY:
            case.build()  # a name or a file that is none is told before the work
    alpha = "positive" if paper else "auto"
    workers = count_workers(jobs, len(todo))
    started = time.perf_counter()
    limit = TIME_LIMITS[mode if cases is None else "full"]  # chosen cases have all the time
    done: dict[int, CaseReport] = {}
    interrupted = False
    try:
        for index, report in _reports(todo, (alpha, limit, mpmath_max_d), workers):
            done[index] = report
            if progress is not None:
                progress(report, len(done), len(todo))
    except KeyboardInterrupt:
        interrupted = True
    ordered = tuple(done[index] for index in sorted(done))
    return VerifyReport(
        mode + (" --paper" if paper else ""),
        command_line(mode, paper, todo if cases is not None else (), mpmath_max_d),
        installed_versions(),
        time.perf_counter() - started,
        ordered,
        len(todo),
        interrupted,
    )


def _cases(given: Any) -> list[Case]:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise UsageError(f"cases = {shown(given)} is not a list of cases")
    return [case if isinstance(case, Case) else Case.parse(case) for case in given]


def command_line(
    mode: str, paper: bool, cases: Sequence[Case] = (), mpmath_max_d: int = crosschecks.PLAIN_D
) -> str:
    """The command that runs these cases (none: all of the mode) in this mode."""
    words = ["deepexp-exact", "verify"]
    words += ["--full"] if mode == "full" else []
    words += ["--paper"] if paper else []
    if mpmath_max_d != crosschecks.PLAIN_D:
        words += ["--mpmath-max-d", str(mpmath_max_d)]
    for case in cases:
        words += ["--case", str(case)]
    return shlex.join(words)


def _reports(
    todo: list[Case], settings: tuple[str, int, int], workers: int | None
) -> Iterator[tuple[int, CaseReport]]:
    """(index, report) of every case as it ends, from worker processes (or here, for one)."""
    # Long cases first, so that the last worker is not left alone with one of them.
    order = sorted(range(len(todo)), key=lambda j: (-todo[j].digits, -todo[j].d))
    calls = [(asdict(todo[j]), *settings) for j in order]
    with closing(in_pool(f"{__name__}:case_json", calls, workers)) as stream:
        for number, answer in stream:
            index = order[number]
            lost = isinstance(answer, Lost)
            yield index, _lost(todo[index], answer) if lost else CaseReport.from_json(answer)


def case_json(case: dict[str, Any], *settings: Any) -> dict[str, Any]:
    """:func:`run_case` for a worker process."""
    return run_case(Case(**case), *settings).to_json()


def _lost(case: Case, lost: Lost) -> CaseReport:
    check = Check(case.family, "worker", Label.UNDECIDED, lost.reason)
    return CaseReport(case.family, case.family, "", case.d, case.seed, case.digits, (check,))
