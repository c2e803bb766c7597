"""``check``, ``compare`` and ``show``: files that exist already, and the shipped problems."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from typing import TYPE_CHECKING

from ..branches import BranchRecord
from ..errors import DeepexpError
from ..exact import ExactMatrix, gaussian
from ..files import read_json
from ..problems import load_problem, shipped

if TYPE_CHECKING:
    from ..certificate import Certificate, DyadicMatrix


def run_check(options: argparse.Namespace) -> int:
    """Prove the claims of certificates again, from the stored problem, weights and record."""
    from ..certificate import check_files

    reports = []
    with closing(check_files(options.files, options.jobs)) as stream:
        for report in stream:
            reports.append(report)
            if not options.json:
                print(report, flush=True)
    if options.json:
        print(json.dumps([report.to_json() for report in reports]))
    return max((report.status for report in reports), default=1)


def _load_record(path: str) -> tuple[BranchRecord, Certificate | None]:
    table = read_json(path)
    if table.get("format") == "deepexp-exact/certificate":
        from ..certificate import read_certificate

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
    from ..verification.steps import context

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


def run_show(options: argparse.Namespace) -> int:
    """List the shipped problems, or show one problem, record or certificate."""
    from ..report import terminal

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
