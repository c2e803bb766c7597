"""The tamper battery of what version 2 added, and what certificates of every kind have in common:
they are read back, satisfy the published schema, and both checkers accept them."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from forging import MALFORMED, OK, Forgery, rehashed
from rank_ones import rank_one_problems
from splittings import KINDS

from deepexp_exact.certificate import (
    Certificate,
    certificate_from_json,
    certificate_of_no_solution,
    certified_certificate,
    check_certificate,
)
from deepexp_exact.constructions import CONSTRUCTIONS
from deepexp_exact.errors import ClaimError, NoSolutionError, NotApplicableError
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.files import parse_json
from deepexp_exact.problems import Problem
from deepexp_exact.solving import solve

I3 = ExactMatrix.identity(3)
Y1 = ExactMatrix.from_rows([[1, 2, 0], [0, 1, 1], [1, 0, 3]])
Y2 = ExactMatrix.from_rows([[2, 1, 0], [1, 1, 0], [0, 1, 1]])


def diagonal(*values: int) -> ExactMatrix:
    return ExactMatrix.from_rows(
        [[v if i == j else 0 for j in range(len(values))] for i, v in enumerate(values)]
    )


HALF = diagonal(1, 1, 0)
PROBLEMS = {
    "splitting": Problem(diagonal(1, 2, 3), diagonal(1, 3, 5), Y1, Y2),
    "singular": Problem(diagonal(1, 1, 0), diagonal(1, 0, 1), Y1, Y2),
    "completed": Problem(I3, diagonal(2, 3, 5), Y1 @ HALF @ Y2, Y1 @ HALF @ Y1),
    "constant": Problem(I3, I3, Y1, Y1),
    "ranks": Problem(I3, diagonal(2, 3, 5), Y1 @ HALF, Y2),
    "inputs": Problem(I3, I3, Y1, Y2),
    **rank_one_problems(Problem),
}


@cache
def base(name: str) -> str:
    """A true certificate as text."""
    problem = PROBLEMS[name]
    try:
        made = certified_certificate(solve(problem, digits=30), "test", 7).to_json()
    except NoSolutionError as error:
        made = certificate_of_no_solution(problem, error, "test", 7).to_json()
    return json.dumps(made)


def write(folder: Path, forgery: Forgery) -> Path:
    path = folder / (forgery.name.replace(" ", "-").replace(":", "") + ".json")
    table = json.loads(base(forgery.base))
    path.write_bytes(forgery.build(table, table))
    return path


def verdict(checker: ModuleType, path: Path) -> tuple[int, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = checker.check(str(path))
    return status, out.getvalue()


def schema() -> Any:
    folder = resources.files("deepexp_exact") / "schemas"
    table = json.loads((folder / "certificate.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(table)
    return jsonschema.Draft202012Validator(table)


@pytest.mark.parametrize("name", PROBLEMS)
def test_untampered_controls_are_accepted_and_read_back(
    name: str, checker: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(rehashed(json.loads(base(name))))
    assert verdict(checker, path)[0] == OK
    report = check_certificate(path)
    assert (report.status, report.failed) == (OK, ()), str(report)
    again = certificate_from_json(parse_json(base(name), name), name)
    assert again.to_json() == json.loads(base(name))
    schema().validate(again.to_json())
    if isinstance(again, Certificate):
        assert again.record.same_branch(again.record) == []


def test_the_bases_are_the_kinds_they_are_called() -> None:
    first = {name: json.loads(base(name)) for name in PROBLEMS}
    parameters = {
        n: first[n]["record"]["first_layer"]["parameters"] for n in ("splitting", "singular")
    }
    assert parameters["splitting"]["rho"] is not None
    assert parameters["splitting"]["root"] is not None
    assert parameters["singular"]["rank"] == 1
    assert first["completed"]["record"]["completion"]["rank"] == 2
    assert [first[n]["construction"] for n in ("constant", "ranks", "inputs")] == [
        "constant", "none", "none",
    ]  # fmt: skip


@pytest.mark.parametrize("forgery", KINDS, ids=lambda f: f.name)
def test_forged_field(forgery: Forgery, checker: ModuleType, tmp_path: Path) -> None:
    path = write(tmp_path, forgery)
    status, out = verdict(checker, path)
    report = check_certificate(path)
    assert (report.status, report.failed) == (forgery.ball, forgery.failed), str(report)
    assert status == forgery.standard, out


#: Refused at the ceiling of precisions only, as "rank-one: a row l of another scale" is.
LONG = ("rank-one: another row q", "rank-one: an output changed")


def test_the_same_verdicts_without_asserts(checker_path: Path, tmp_path: Path) -> None:
    paths = {str(write(tmp_path, f)): f for f in KINDS if f.name not in LONG}
    assert len(paths) == len(KINDS) - len(LONG)
    program = (
        "import sys; from deepexp_exact.certificate import check_files\n"
        "for r in check_files(sys.argv[1:]): print(r.status, r.path)"
    )
    ball = subprocess.run(
        [sys.executable, "-O", "-c", program, *paths], capture_output=True, text=True, check=False
    )
    rows = [line.split(" ", 1) for line in ball.stdout.splitlines()]
    assert {path: int(s) for s, path in rows} == {path: f.ball for path, f in paths.items()}
    for path, forgery in list(paths.items())[::8]:
        run = subprocess.run(
            [sys.executable, "-O", str(checker_path), path], capture_output=True, check=False
        )
        assert run.returncode == forgery.standard, path


def test_the_published_schema_knows_every_construction() -> None:
    table = schema().schema
    forms = [table["$defs"][row["$ref"].split("/")[-1]] for row in table["oneOf"]]
    named = {name for form in forms for name in form["properties"]["construction"]["enum"]}
    assert named == {*CONSTRUCTIONS, "two-layers", "none"}
    layers = table["$defs"]["first_layer"]["oneOf"]
    named = {name for row in layers for name in row["properties"]["construction"]["enum"]}
    assert named == {*CONSTRUCTIONS, "two-layers"}
    record = json.loads(
        (resources.files("deepexp_exact") / "schemas" / "branch-record.schema.json").read_text()
    )
    assert record["$defs"]["first_layer"] == table["$defs"]["first_layer"]


def test_the_standard_checker_knows_every_construction(checker: ModuleType) -> None:
    known = sys.modules["certificate_file"]
    assert set(known.CONSTRUCTIONS) == set(CONSTRUCTIONS)
    assert set(known.UNSCALED) == {c.name for c in CONSTRUCTIONS.values() if not c.layered}


def test_only_what_is_known_is_certified() -> None:
    from dataclasses import replace

    solution = solve(PROBLEMS["completed"], digits=20)
    with pytest.raises(NotApplicableError, match="magic"):
        certified_certificate(replace(solution, construction="magic"))
    with pytest.raises(ClaimError, match="no proof"):
        certificate_of_no_solution(PROBLEMS["completed"], NoSolutionError("words"))


def test_a_malformed_kind_is_malformed_for_the_schema_too() -> None:
    found = schema()
    shapes = [f for f in KINDS if (f.standard, f.ball) == (MALFORMED, MALFORMED)]
    refused = [f for f in shapes if not found.is_valid(json.loads(_made(f)))]
    assert len(refused) >= 20


def _made(forgery: Forgery) -> bytes:
    table = json.loads(base(forgery.base))
    return forgery.build(table, table)
