"""``check``, ``compare`` and ``show``: files that exist already, and the shipped problems."""

from __future__ import annotations

import argparse
import json
import math
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ..branches import BranchRecord
from ..errors import DeepexpError, printable
from ..exact import ExactMatrix, gaussian
from ..files import STANDARD, read_json
from ..problems import Problem, load_problem, shipped
from .outputs import check_inputs
from .weights import alone, weights_text

if TYPE_CHECKING:
    from ..certificate import Certificate, DyadicMatrix


#: Seconds and megabytes that checking one file may take; beyond them it is undecided.
CHECK_LIMITS = (600, 4096)


def run_check(options: argparse.Namespace) -> int:
    """Prove the claims of certificates again, from the stored problem, weights and record."""
    from ..certificate import check_files

    check_inputs(options.files)
    reports = []
    # A worker's input is not ours: standard input is read here, without a limit on time.
    alone = STANDARD in options.files
    jobs, seconds, memory = (1, math.inf, 0) if alone else (options.jobs, *CHECK_LIMITS)
    formats = "deepexp_exact.depth.certificate:report_json"
    with closing(check_files(options.files, jobs, seconds, memory, formats)) as stream:
        for report in stream:
            reports.append(report)
            if not options.json:
                print(printable(str(report), "\n"), flush=True)
    status = max((report.status for report in reports), default=1)
    if options.json:
        print(
            json.dumps(
                {
                    "format": "deepexp-exact/check",
                    "version": 1,
                    "exit_status": status,
                    "certificates": [report.to_json() for report in reports],
                }
            )
        )
    return status


def _load_record(path: str) -> tuple[BranchRecord, Certificate | None]:
    return _as_record(read_json(path), path)


def _as_record(data: dict[str, Any], path: str) -> tuple[BranchRecord, Certificate | None]:
    if data.get("format") == "deepexp-exact/certificate":
        from ..certificate import Certificate

        certificate = Certificate.from_json(data, path)
        return certificate.record, certificate
    return BranchRecord.from_json(data, path), None


def run_compare(options: argparse.Namespace) -> int:
    """Same branch? Same weights, and to how many digits?  Exit status 1 if the branches differ."""
    check_inputs([options.first, options.second])
    (first, one), (second, two) = _load_record(options.first), _load_record(options.second)
    differences = first.same_branch(second)
    print("same branch" if not differences else "different branches:")
    for text in differences:
        print(printable(f"  {text}"))
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
    from ..verification.steps import context

    a, b = _exact(mine), _exact(other)
    if a == b:
        return "identical"
    difference, size = (a - b).frobenius_squared(), b.frobenius_squared()
    if size == 0:
        return "one is zero, the other is not"
    mp, ratio = context(20), difference / size
    digits = -(mp.log10(mp.mpf(int(ratio.p))) - mp.log10(mp.mpf(int(ratio.q)))) / 2
    return f"agree to {math.floor(10 * digits) / 10:.1f} digits"


def _exact(weight: DyadicMatrix) -> ExactMatrix:
    return ExactMatrix.from_rows(
        [[gaussian(re.to_fmpq(), im.to_fmpq()) for re, im in row] for row in weight.rows]
    )


def _stored(certificate: Certificate) -> dict[str, Any]:
    return {n: w.to_mpmath() for n, w in zip(("W1", "W2", "W3"), certificate.weights, strict=True)}


def run_show(options: argparse.Namespace) -> int:
    """List the shipped problems, or show one problem, record or certificate."""
    from ..report import terminal

    out = terminal.console()
    if options.files:
        from .shared import folder_lines

        print("\n".join(map(printable, folder_lines(options.what))))
        return 0
    if options.what is None:
        out.print(terminal.problem_list(shipped()))
        return 0
    if options.what == STANDARD or options.what.endswith(".json"):
        data = read_json(options.what)
        if data.get("format") == "deepexp-exact/two-layers":
            return _show_two_layers(data, options)
        if data.get("format") in ("deepexp-exact/certificate", "deepexp-exact/branch-record"):
            record, certificate = _as_record(data, options.what)
            stored = {} if certificate is None else _stored(certificate)
            if alone(options):
                print(
                    weights_text(stored, certificate.digits_carried if certificate else 1, options)
                )
                return 0
            if certificate is not None:
                out.print(
                    terminal.plain(
                        f"certificate of {certificate.problem.name}: {certificate.digits} digits, "
                        f"claims {', '.join(c.id for c in certificate.claims) or 'none'}; "
                        f"made by: {certificate.command}"
                    )
                )
            out.print(terminal.record_table(record))
            if certificate is not None and stored:
                print(weights_text(stored, certificate.digits_carried, options))
            return 0
        problem = Problem.from_json(data, options.what)
    else:
        problem = load_problem(options.what)
    out.print(terminal.problem_text(problem))
    if problem.source:
        out.print(terminal.plain(f"source: {problem.source}"))
    out.print(terminal.hypotheses_table(problem))
    out.print(terminal.constructions_table(problem))
    try:
        out.print(terminal.spectrum_table(problem))
    except DeepexpError as error:
        out.print(terminal.plain(str(error)))
    return 0


def _show_two_layers(data: dict[str, Any], options: argparse.Namespace) -> int:
    """A two-layer certificate: what it claims, and its weights."""
    from ..depth.certificate import TwoLayers

    made = TwoLayers.from_json(data, options.what)
    if not alone(options):
        told = ", ".join(claim.id for claim in made.claims) or "none"
        head = f"two layers for {made.problem.name}: {made.digits} digits, claims {told}"
        print(printable(f"{head}; made by: {made.command}"))
    stored = {n: w.to_mpmath() for n, w in zip(("W1", "W2"), made.weights, strict=True)}
    print(weights_text(stored, made.digits_carried, options))
    return 0
