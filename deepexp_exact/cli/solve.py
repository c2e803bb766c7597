"""``solve``: one problem, its weights, record and certificate."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..branches import BranchRecord
from ..branches.logarithm import REAL
from ..branches.rules import Branch
from ..errors import (
    BranchError,
    DeepexpError,
    NoSolutionError,
    NumberError,
    UndecidedError,
    printable,
)
from ..exact import parse_number
from ..exact.binary import from_mpf
from ..files import STANDARD
from ..problems import Problem, load_problem
from ..solution import Solution, bound_text, condition_text
from ..solving import solve
from .answers import Unsolved, unsolved_json, unsolved_lines
from .outputs import Outputs, waiting
from .process import say
from .weights import alone, print_weights, wanted

#: Rules that choose a branch by name.
NAMED = ("principal", "smallest-norm", REAL)


def command_line() -> str:
    return shlex.join(["deepexp-exact", *sys.argv[1:]])


def parse_branch(text: str) -> Branch:
    """A rule's name, integers separated by commas, or the path of a record or certificate."""
    if text in NAMED:
        return text
    if _integers(text):
        parts = text.split(",")
        if all(re.fullmatch("[+-]?[0-9]{1,18}", part) for part in parts):
            return [int(part) for part in parts]
        raise BranchError(f"{text[:60]!r} is not a list of integers", "write 0,-1,2")
    if Path(text).suffix or "/" in text or text == STANDARD:
        return BranchRecord.load(text)
    raise BranchError(
        f"there is no branch rule {text!r}",
        f"use {', '.join(NAMED)}, integers such as 0,-1 or the path of a record file",
    )


def _integers(text: str) -> bool:
    return text not in ("", STANDARD) and all(c in "0123456789+-," for c in text)


def run_solve(options: argparse.Namespace) -> int:
    """Solve one problem and print how each figure is known."""
    rule = options.branch in NAMED or _integers(options.branch)
    outputs = Outputs(
        {"--out": options.out, "--record": options.record},
        [options.problem, *([] if rule else [options.branch])],
        options.json,
    )
    problem = read_problem(options.problem)
    try:
        solution = _solution(problem, options)
    except (NoSolutionError, UndecidedError) as answer:
        return _unsolved(problem, answer, options, outputs)
    made: Proven | DeepexpError = _NOTHING
    if options.out is not None:
        with waiting(f"certificate of {problem.name}"):
            made = _certificate(solution)
    claims, status = list[str](), 0 if solution.label.passes else 1
    if isinstance(made, DeepexpError):
        reason, status = made.message, made.exit_status
    else:
        _, claims, reason = made
        status = 1 if reason else status

    def people() -> None:
        if options.json:
            table = solution_json(solution, status)
            if options.out is not None:
                table["certificate"] = {"claims": claims, "not_proved": reason}
            print(json.dumps(table, allow_nan=False))
            return
        if not alone(options):
            plain = options.path in (None, "multiprecision")
            _print_solution(problem, solution, outputs, plain)
        if wanted(options):
            names = zip(("W1", "W2", "W3"), solution.weights, strict=True)
            print_weights(dict(names), solution.digits_carried, options, outputs)

    def certificate() -> dict[str, Any]:
        if isinstance(made, DeepexpError):
            raise made
        return made[0]

    outputs.told(people, {"--record": solution.record.to_json, "--out": certificate})
    if options.out not in (None, STANDARD) and not options.json:
        told = f"certificate    {options.out} (claims {', '.join(claims) or 'nothing'})"
        print(printable(told), file=outputs.people)
    if reason:
        say(f"not proved: {reason}")
    return status


def _solution(problem: Problem, options: argparse.Namespace) -> Solution:
    alpha = options.alpha
    if alpha not in ("auto", "positive"):
        alpha = parse_number(alpha)
    branch = parse_branch(options.branch)
    with waiting(f"solve {problem.name}"):
        return solve(
            problem,
            digits=options.digits or (15 if options.path == "double" else 50),
            path=options.path,
            alpha=alpha,
            turn=options.turn,
            branch=branch,
            construction=options.construction,
            real=options.real,
        )


def _unsolved(
    problem: Problem, answer: Unsolved, options: argparse.Namespace, outputs: Outputs
) -> int:
    """Tell that there is no solution, and write its certificate; or that it is undecided."""
    from ..certificate import certificate_of_no_solution

    status, claims = answer.exit_status, list[str]()
    files: dict[str, Callable[[], dict[str, Any]]] = {}
    if isinstance(answer, NoSolutionError):
        status = 0 if options.accept_no_solution else status
        claims = [answer.statement]
        proved = certificate_of_no_solution(problem, answer, command_line())
        files["--out"] = proved.to_json

    def people() -> None:
        if options.json:
            table = unsolved_json(problem, answer, status)
            if files and options.out is not None:
                table["certificate"] = {"claims": claims, "not_proved": ""}
            print(json.dumps(table))
            return
        for line in unsolved_lines(problem, answer):
            print(printable(line), file=outputs.people)
        if files and options.out not in (None, STANDARD):
            told = f"certificate    {options.out} (claims {', '.join(claims)})"
            print(printable(told), file=outputs.people)

    outputs.told(people, files)
    for option, name in (("--out", options.out), ("--record", options.record)):
        if name is not None and option not in files:
            say(f"{option}: nothing is written, as there are no weights")
    return status


def read_problem(text: str) -> Problem:
    """A problem by shipped name, path, or from standard input (``-``)."""
    return Problem.load(STANDARD) if text == STANDARD else load_problem(text)


def _print_solution(problem: Problem, solution: Solution, outputs: Outputs, plain: bool) -> None:
    from ..report import terminal

    out = terminal.console(outputs.people)
    out.print(terminal.plain(f"{problem.name}: d = {problem.d}. {problem.title}"))
    out.print(terminal.record_table(solution.record))
    text = _float64_line(problem, solution) if plain else ""
    for line in terminal.solution_lines(solution, text):
        out.print(terminal.plain(line), soft_wrap=True)


#: A certificate, the claims it makes, and why it does not make the others.
Proven = tuple[dict[str, Any], list[str], str]
_NOTHING: Proven = ({}, [], "")


def _certificate(solution: Solution) -> Proven | DeepexpError:
    """The weights with what could be proved of them, or why they cannot be stored.

    The float64 path's weights claim nothing, as they promise nothing."""
    from ..certificate import certificate_from_solution, provable_certificate

    try:
        if solution.path == "double":
            return certificate_from_solution(solution, command=command_line()).to_json(), [], ""
        made, reason = provable_certificate(solution, command_line())
    except DeepexpError as error:
        return error
    return made.to_json(), [claim.id for claim in made.claims], reason


def _float64_line(problem: Problem, solution: Solution) -> str:
    """What float64 keeps of this very solution: its path, and an ordinary script."""
    from ..verification.crosschecks import against_double

    path, script = against_double(problem, solution)
    return f"{path.detail}; by an ordinary script: {script.detail}"


def solution_json(solution: Solution, status: int) -> dict[str, Any]:
    """Figures and the stored weights of a solution, for programs; null is what is not finite."""
    started = time.perf_counter()
    conditions = {
        k: v if v is None else _finite(condition_text(v, 6)) for k, v in solution.conditions.items()
    }
    seconds = solution.seconds + time.perf_counter() - started
    return {
        "format": "deepexp-exact/solution",
        "version": 2,
        "exit_status": status,
        "outcome": "solution",
        "problem": solution.problem.name,
        "path": solution.path,
        "label": str(solution.label),
        "construction": solution.construction,
        "digits": solution.digits,
        "digits_carried": solution.digits_carried,
        "working_digits": solution.working_digits,
        "residuals": [_power(x) for x in solution.residuals],
        "residuals_are": solution.residuals_are,
        "errors": [_power(x) for x in solution.errors],
        "errors_are": solution.errors_are,
        "conditions": conditions,
        "conditions_are": solution.conditions_are,
        "predicted_loss": solution.predicted_loss,
        "findings": list(solution.findings),
        "seconds": round(seconds, 6),
        "record": solution.record.to_json(),
        "weights": _stored_weights(solution),
    }


def _stored_weights(solution: Solution) -> dict[str, Any] | None:
    """The weights in the texts of a certificate, whatever their length; None if an entry is not
    finite."""

    def texts(z: Any) -> list[str]:
        return ["{:#x}p{}".format(*from_mpf(part)) for part in (z.real, z.imag)]

    names = zip(("W1", "W2", "W3"), solution.weights, strict=True)
    try:
        return {name: [[texts(z) for z in row] for row in W.tolist()] for name, W in names}
    except NumberError:
        return None


def _power(value: Any) -> str | None:
    """A bound as text such as "1.2e-57"; None if it is not finite."""
    return _finite(bound_text(value))


def _finite(text: str) -> str | None:
    return None if text.lstrip("+-") in ("inf", "nan") else text
