"""The tamper battery of real weights: J, the reflection n, C5 and R6, with their true controls."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from forging import CLAIM, MALFORMED, OK, rehashed
from helpers import conjugated_jordan

from deepexp_exact.certificate import (
    certificate_of_no_solution,
    certified_certificate,
    check_certificate,
)
from deepexp_exact.errors import NoSolutionError
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems import Problem
from deepexp_exact.solving import solve

X1 = ExactMatrix.from_rows([[1, 2, 0, 1], [0, 1, 1, 3], [1, 0, 3, 1], [2, 1, 1, 0]])
X2 = ExactMatrix.from_rows([[2, 1, 0, 0], [1, 1, 0, 2], [0, 1, 1, 1], [0, 3, 1, 1]])
Y1 = ExactMatrix.from_rows([[1, 1, 0, 2], [0, 1, 2, 1], [1, 0, 1, 1], [3, 1, 1, 0]])
K = conjugated_jordan([(-2, 1), (-2, 1), (3, 1), (5, 1)])
HALF = ExactMatrix.diagonal([1, 1, 1, 0])
PROBLEMS = {
    "paired": Problem(X1, X2, Y1, Y1 @ K),
    "reflected": Problem(X1, X2, Y1 @ HALF, Y1 @ HALF @ ExactMatrix.diagonal([-1, 2, 3, 1])),
    "signs": Problem(X1, X2, Y1, Y1 @ ExactMatrix.diagonal([1, 1, 2, -1])),
    "pair": Problem(X1, X2, Y1, Y1 @ conjugated_jordan([(-2, 1), (-1, 1), (3, 1), (5, 1)])),
}
Table = dict[str, Any]


@cache
def base(name: str) -> str:
    problem = PROBLEMS[name]
    try:
        return json.dumps(certified_certificate(solve(problem, digits=20, real=True)).to_json())
    except NoSolutionError as error:
        return json.dumps(certificate_of_no_solution(problem, error).to_json())


def logarithm(table: Table) -> Table:
    found: Table = table["record"]["logarithm"]
    return found


def negated(rows: list[Any]) -> list[Any]:
    flip = {"0x0": "0x0"}
    return [
        [[flip.get(x) or (x[1:] if x[0] == "-" else "-" + x) for x in z] for z in row]
        for row in rows
    ]


def no_claim(table: Table, id_: str) -> None:
    table["claims"] = [c for c in table["claims"] if c["id"] != id_]


def imaginary_part(table: Table) -> None:
    table["weights"]["W2"][0][1][1] = "0x1p-900"


def complex_problem(table: Table) -> None:
    table["problem"]["X2"][0][0][1] = "0x1/0x3"


def other_J(table: Table) -> None:
    """(J·T)·T⁻¹ for another pairing: −J commutes and has the same square."""
    logarithm(table)["J"] = negated(logarithm(table)["J"])


def zero_J(table: Table) -> None:
    J = logarithm(table)["J"]
    logarithm(table)["J"] = [[["0x0", "0x0"] for _ in row] for row in J]


def transposed_J(table: Table) -> None:
    J = logarithm(table)["J"]
    logarithm(table)["J"] = [list(row) for row in zip(*J, strict=True)]


def doubled_J(table: Table) -> None:
    J = logarithm(table)["J"]
    logarithm(table)["J"] = [
        [["0x" + format(2 * int(x.split("/")[0], 16), "x").replace("-", "") if x == "0x1" else x
          for x in z] for z in row] for row in J
    ]  # fmt: skip
    J[0][0] = ["0x7", "0x0"]
    logarithm(table)["J"] = J


def complex_J(table: Table) -> None:
    logarithm(table)["J"][0][0][1] = "0x1"


def short_J(table: Table) -> None:
    logarithm(table)["J"].pop()


def no_J(table: Table) -> None:
    del logarithm(table)["J"]


def principal(table: Table) -> None:
    del logarithm(table)["J"]
    logarithm(table)["rule"] = "principal"
    for entry in logarithm(table)["eigenvalues"]:
        entry["integers"] = []


def another_rule(table: Table) -> None:
    logarithm(table)["rule"] = "integers"


def no_integers(table: Table) -> None:
    for entry in logarithm(table)["eigenvalues"]:
        entry["integers"] = []


def integers_turned(table: Table) -> None:
    logarithm(table)["eigenvalues"][0]["integers"] = [0, -1]


def integers_at_a_positive_one(table: Table) -> None:
    logarithm(table)["eigenvalues"][-1]["integers"] = [-1, 0]


def negative_alpha(table: Table) -> None:
    table["record"]["first_layer"]["alpha"][0] = "-0x3"


def no_n(table: Table) -> None:
    del table["record"]["completion"]["n"]


def zero_n(table: Table) -> None:
    n = table["record"]["completion"]["n"]
    table["record"]["completion"]["n"] = [["0x0", "0x0"] for _ in n]


def wrong_n(table: Table) -> None:
    table["record"]["completion"]["n"][0][0] = "0x5"


def short_n(table: Table) -> None:
    table["record"]["completion"]["n"].pop()


def n_without_S(table: Table) -> None:
    table["record"]["completion"]["S"] = None


def signs_exchanged(table: Table) -> None:
    table["claims"][0]["signs"].reverse()


def equal_signs(table: Table) -> None:
    table["claims"][0]["signs"] = [1, 1]


def sign_two(table: Table) -> None:
    table["claims"][0]["signs"] = [2, -1]


def one_sign(table: Table) -> None:
    table["claims"][0]["signs"] = [1]


def outputs_exchanged(table: Table) -> None:
    problem = table["problem"]
    problem["Y1"], problem["Y2"] = problem["Y2"], problem["Y1"]


def rows_exchanged(table: Table) -> None:
    rows = table["problem"]["Y2"]
    rows[0], rows[1] = rows[1], rows[0]


def claims_N1(table: Table) -> None:
    table["claims"] = [{"id": "N1", "ranks": [4, 4, 4]}]


def parameters(table: Table) -> Table:
    found: Table = table["record"]["first_layer"]["parameters"]
    return found


def another_skew(table: Table) -> None:
    """S + t·(E12 − E21): skew, with another B."""
    skew = parameters(table)["skew"]
    skew[0][1], skew[1][0] = ["0x1/0x4", "0x0"], ["-0x1/0x4", "0x0"]


def not_skew(table: Table) -> None:
    parameters(table)["skew"][0][1] = ["0x1/0x4", "0x0"]


def short_skew(table: Table) -> None:
    parameters(table)["skew"].pop()


def complex_skew(table: Table) -> None:
    skew = parameters(table)["skew"]
    skew[0][1], skew[1][0] = ["0x0", "0x1"], ["0x0", "-0x1"]


def doubled_a(table: Table) -> None:
    given = parameters(table)
    given["a"] = "0x" + format(2 * int(given["a"], 16), "x")


def negative_a(table: Table) -> None:
    parameters(table)["a"] = "-" + parameters(table)["a"]


def zero_a(table: Table) -> None:
    parameters(table)["a"] = "0x0"


def far_centre(table: Table) -> None:
    parameters(table)["centre"][0][0] = ["0x2", "0x0"]


def moved_centre(table: Table) -> None:
    """Beside the ball of the solution, by 2^-20."""
    given = parameters(table)
    given["centre"][0][0] = ["0x1/0x100000", "0x0"]
    given["radius"] = "0x1/0x10000000000"


def complex_centre(table: Table) -> None:
    parameters(table)["centre"][0][0][1] = "0x1"


def tiny_radius(table: Table) -> None:
    parameters(table)["radius"] = "0x1/0x1" + "0" * 40


def wide_radius(table: Table) -> None:
    parameters(table)["radius"] = "0x10"


def no_radius(table: Table) -> None:
    parameters(table)["radius"] = "0x0"


def no_parameters(table: Table) -> None:
    table["record"]["first_layer"]["parameters"] = None


def another_construction(table: Table) -> None:
    table["construction"] = table["record"]["first_layer"]["construction"] = "rank-one"


def an_alpha(table: Table) -> None:
    table["record"]["first_layer"]["alpha"] = ["0x3", "0x0"]


def a_turn(table: Table) -> None:
    table["record"]["first_layer"]["turn"] = 1


def first_layer_claimed(table: Table) -> None:
    table["claims"].insert(3, {"id": "C4", "bound": "0x1p-10"})


def three_radii(table: Table) -> None:
    table["claims"][2]["radii"].append("0x1p-10")


def wide_spread(table: Table) -> None:
    table["claims"][2]["radii"] = ["0x1p2", "0x1p2"]


def no_spread(table: Table) -> None:
    table["claims"][2]["radii"] = ["0x1p-2000", "0x1p-2000"]


def no_distance(table: Table) -> None:
    table["claims"][1]["radii"]["W2"] = "0x1p-2000"


def scaled_W2(table: Table) -> None:
    W2 = table["weights"]["W2"]
    W2[0] = [[shifted(z), im] for z, im in W2[0]]


def shifted(text: str) -> str:
    """A dyadic number times two."""
    mantissa, exponent = text.split("p")
    return text if mantissa == "0x0" else f"{mantissa}p{int(exponent) + 1}"


#: Base, forger, exit status of the standard checker and of the ball checker, and what fails there.
FORGERIES: list[tuple[str, Callable[[Table], None], int, int, tuple[str, ...]]] = [
    ("paired", imaginary_part, CLAIM, CLAIM, ("C5",)),
    ("paired", complex_problem, CLAIM, CLAIM, ("C1", "C2", "C4", "C5")),
    ("paired", other_J, OK, CLAIM, ("C2", "C3")),
    ("paired", zero_J, OK, CLAIM, ("C2", "C3")),
    ("paired", transposed_J, OK, CLAIM, ("C2", "C3")),
    ("paired", doubled_J, OK, CLAIM, ("C2", "C3")),
    ("paired", complex_J, OK, CLAIM, ("C2", "C3")),
    ("paired", short_J, MALFORMED, MALFORMED, ()),
    ("paired", no_J, MALFORMED, MALFORMED, ()),
    ("paired", principal, OK, CLAIM, ("C2", "C3")),
    ("paired", another_rule, OK, MALFORMED, ()),
    ("paired", no_integers, MALFORMED, MALFORMED, ()),
    ("paired", integers_turned, MALFORMED, MALFORMED, ()),
    ("paired", integers_at_a_positive_one, MALFORMED, MALFORMED, ()),
    ("paired", negative_alpha, CLAIM, CLAIM, ("C2", "C3", "C4")),
    ("reflected", imaginary_part, CLAIM, CLAIM, ("C5",)),
    ("reflected", no_n, OK, CLAIM, ("C2", "C3")),
    ("reflected", zero_n, OK, CLAIM, ("C2", "C3")),
    ("reflected", wrong_n, OK, CLAIM, ("C2", "C3")),
    ("reflected", short_n, MALFORMED, MALFORMED, ()),
    ("reflected", n_without_S, MALFORMED, MALFORMED, ()),
    ("pair", another_skew, OK, CLAIM, ("C2", "C3")),
    ("pair", not_skew, MALFORMED, MALFORMED, ()),
    ("pair", short_skew, MALFORMED, MALFORMED, ()),
    ("pair", complex_skew, MALFORMED, MALFORMED, ()),
    ("pair", doubled_a, OK, CLAIM, ("C2", "C3")),
    ("pair", negative_a, MALFORMED, MALFORMED, ()),
    ("pair", zero_a, MALFORMED, MALFORMED, ()),
    ("pair", far_centre, OK, CLAIM, ("C2", "C3")),
    ("pair", moved_centre, OK, CLAIM, ("C2", "C3")),
    ("pair", complex_centre, MALFORMED, MALFORMED, ()),
    ("pair", tiny_radius, OK, CLAIM, ("C2", "C3")),
    ("pair", wide_radius, OK, CLAIM, ("C2", "C3")),
    ("pair", no_radius, MALFORMED, MALFORMED, ()),
    ("pair", no_parameters, MALFORMED, MALFORMED, ()),
    ("pair", another_construction, MALFORMED, MALFORMED, ()),
    ("pair", an_alpha, MALFORMED, MALFORMED, ()),
    ("pair", a_turn, MALFORMED, MALFORMED, ()),
    ("pair", first_layer_claimed, MALFORMED, MALFORMED, ()),
    ("pair", three_radii, MALFORMED, MALFORMED, ()),
    ("pair", wide_spread, OK, CLAIM, ("C3",)),
    ("pair", no_spread, OK, CLAIM, ("C3",)),
    ("pair", no_distance, OK, CLAIM, ("C2",)),
    ("pair", scaled_W2, CLAIM, CLAIM, ("C1", "C2", "C3")),
    ("pair", imaginary_part, CLAIM, CLAIM, ("C5",)),
    ("pair", complex_problem, CLAIM, CLAIM, ("C1", "C2", "C3", "C5")),
    ("signs", signs_exchanged, CLAIM, CLAIM, ("R6",)),
    ("signs", equal_signs, CLAIM, CLAIM, ("R6",)),
    ("signs", sign_two, MALFORMED, MALFORMED, ()),
    ("signs", one_sign, MALFORMED, MALFORMED, ()),
    ("signs", outputs_exchanged, CLAIM, CLAIM, ("R6",)),
    ("signs", rows_exchanged, CLAIM, CLAIM, ("R6",)),
    ("signs", complex_problem, CLAIM, CLAIM, ("R6",)),
    ("signs", claims_N1, CLAIM, CLAIM, ("N1",)),
]


def verdict(checker: ModuleType, path: Path) -> tuple[int, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = checker.check(str(path))
    return status, out.getvalue()


@pytest.mark.parametrize("name", PROBLEMS)
def test_untampered_controls(name: str, checker: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    table = json.loads(base(name))
    path.write_bytes(rehashed(table))
    status, out = verdict(checker, path)
    assert status == OK, out
    report = check_certificate(path)
    assert (report.status, report.failed) == (OK, ()), str(report)
    folder = resources.files("deepexp_exact") / "schemas"
    schema = json.loads((folder / "certificate.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(table)
    if name != "signs":
        claimed = [c["id"] for c in table["claims"] if c["id"] != "C4"]
        assert claimed == ["C1", "C2", "C3", "C5"]
        assert "C5, real weights: ACCEPTED" in out
        assert ("J" in table["record"]["logarithm"]) == (name != "pair")
        assert (table["construction"] == "real") == (name == "pair")
        assert ("n" in table["record"]["completion"]) == (name == "reflected")
    else:
        assert table["claims"] == [{"id": "R6", "signs": table["claims"][0]["signs"]}]
        assert "no real solution" in out


@pytest.mark.parametrize("row", FORGERIES, ids=lambda r: f"{r[0]}-{r[1].__name__}")
def test_forgeries(row: Any, checker: ModuleType, tmp_path: Path) -> None:
    name, forge, standard, ball, failed = row
    table = json.loads(base(name))
    forge(table)
    path = tmp_path / "f.json"
    path.write_bytes(rehashed(table))
    report = check_certificate(path)
    assert (report.status, report.failed) == (ball, failed), str(report)
    status, out = verdict(checker, path)
    assert status == standard, out


def test_without_C5_the_other_claims_stand_and_it_is_said(
    checker: ModuleType, tmp_path: Path
) -> None:
    table = json.loads(base("paired"))
    no_claim(table, "C5")
    path = tmp_path / "c.json"
    path.write_bytes(rehashed(table))
    report = check_certificate(path)
    assert report.status == OK
    assert any(line.claim == "C5" and line.text == "not claimed" for line in report.lines)
    assert verdict(checker, path)[0] == OK
