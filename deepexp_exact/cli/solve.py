"""``solve``: one problem, its weights, record and certificate."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..branches import BranchRecord
from ..branches.rules import Branch
from ..errors import BranchError, FormatError
from ..exact import parse_number
from ..problems import Problem, load_problem
from ..solution import Solution, condition_text
from ..solving import solve

if TYPE_CHECKING:
    from ..certificate import Certificate


def command_line() -> str:
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
        from ..certificate import write_certificate

        write_certificate(_certificate(solution), options.out)
    if options.json:
        print(json.dumps(solution_json(solution)))
        return 0 if solution.label.passes else 1
    from ..report import terminal

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
    from ..certificate import certificate_from_solution, certified_certificate

    if solution.path == "double":
        return certificate_from_solution(solution, command=command_line())
    return certified_certificate(solution, command=command_line())


def _float64_line(problem: Problem, solution: Solution) -> str:
    """What the float64 path keeps of this very solution."""
    if solution.path != "multiprecision":
        return ""
    from ..verification.crosschecks import against_double

    return against_double(problem, solution).detail


def solution_json(solution: Solution) -> dict[str, Any]:
    """Figures and the stored weights of a solution, for programs."""
    from ..certificate import certificate_from_solution
    from ..verification.crosschecks import power_text

    certificate = certificate_from_solution(solution, command=command_line()).to_json()
    started = time.perf_counter()
    conditions = {
        k: v if v is None else condition_text(v, 6) for k, v in solution.conditions.items()
    }
    seconds = solution.seconds + time.perf_counter() - started
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
        "conditions": conditions,
        "predicted_loss": solution.predicted_loss,
        "findings": list(solution.findings),
        "seconds": round(seconds, 6),
        "record": certificate["record"],
        "weights": certificate["weights"],
    }
