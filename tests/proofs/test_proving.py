"""`prove`: what it prints, and that one wrong sign anywhere makes it fail."""

import json
import re
import subprocess
from dataclasses import replace
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from commands import prompt

from deepexp_exact import proving
from deepexp_exact.errors import NotApplicableError
from deepexp_exact.paths.symbolic import catalogue
from deepexp_exact.paths.symbolic.algebra.jordan import TYPE_COUNTS
from deepexp_exact.paths.symbolic.algebra.matrices import Matrix
from deepexp_exact.paths.symbolic.algebra.rings import Element
from deepexp_exact.paths.symbolic.catalogue import MUTATIONS
from deepexp_exact.paths.symbolic.completion.steps import Completion
from deepexp_exact.paths.symbolic.language import equation
from deepexp_exact.paths.symbolic.network import Network
from deepexp_exact.paths.symbolic.rank_one.steps import RankOne
from deepexp_exact.paths.symbolic.shift import steps
from deepexp_exact.paths.symbolic.shift.formulas import Shift
from deepexp_exact.paths.symbolic.shift.mutations import Mutation
from deepexp_exact.paths.symbolic.split.steps import Split
from deepexp_exact.proving import ENGINES, run_prove
from deepexp_exact.solution import Label
from deepexp_exact.theorem import PROVED_STATEMENTS, STATEMENTS


@pytest.fixture(scope="module")
def report():
    return run_prove(5, jobs=2)


def test_every_statement_is_proved_up_to_d_5(report):
    assert report.exit_status == 0
    assert report.statements() == PROVED_STATEMENTS
    for name in PROVED_STATEMENTS:
        rows = [row for row in report.proofs if row.statement == name]
        assert [row.d for row in rows if row.engine == "normal-forms"] == [1, 2, 3, 4, 5]
        assert [row.d for row in rows if row.engine == "sympy"] == [1, 2, 3]
        assert all(row.label is Label.PROVED and row.identities > 0 for row in rows)


def test_the_types_gone_through_are_all_there_are(report):
    for name in ("P2", "P3", "P4", "P6", "P7", "N1"):
        for engine, largest in (("normal-forms", 5), ("sympy", 3)):
            rows = [row for row in report.proofs if (row.statement, row.engine) == (name, engine)]
            assert [row.types for row in rows] == list(TYPE_COUNTS[:largest])


def test_every_mutation_is_refuted_with_exact_values(report):
    wanted = {(m.id, engine) for m in MUTATIONS for engine in ENGINES}
    assert {(row.id, row.engine) for row in report.mutations} == wanted
    for row in report.mutations:
        assert row.label is Label.REFUTED, row
        assert re.search(r": \S+ ≠ \S+ at entry .* for ", row.detail), row.detail
    for name in PROVED_STATEMENTS:
        assert any(row.statement == name for row in report.mutations)


def test_the_table_shows_every_statement_and_what_is_cited(report):
    text = report.to_text()
    for name in PROVED_STATEMENTS:
        assert f"{name}: PROVED, {STATEMENTS[name].title}" in text
    assert all(line in text for line in proving.CITED)


def test_the_json_fits_its_schema(report):
    schema = json.loads(
        (resources.files("deepexp_exact") / "schemas" / "prove.schema.json").read_text("utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(report.to_json())), schema)


def test_progress_counts_every_row():
    seen = []
    report = run_prove(1, ["P1", "N2"], jobs=1, progress=lambda *step: seen.append(step))
    assert [done for done, _, _ in seen] == list(range(1, len(report.rows) + 1))


def test_wrong_requests_say_what_is_possible():
    with pytest.raises(NotApplicableError, match="no statement 'P9'"):
        run_prove(1, ["P9"])
    for size in (0, 7):
        with pytest.raises(NotApplicableError, match=r"d = 1\.\.6"):
            run_prove(size)


def test_the_command_takes_an_engine(tmp_path):
    def run(*arguments):
        return subprocess.run(
            prompt("prove", "--max-d", 1, *arguments),
            capture_output=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip

    target = tmp_path / "prove.json"
    done = run("--engine", "sympy", "--step", "Q5'", "--step", "N3", "--json", str(target))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Q5' +1 +sympy .* PROVED", done.stdout, re.M)
    assert "- Q5': the induction on the rank" in done.stdout
    assert "- Q8: the whole proof" in done.stdout
    assert {row["engine"] for row in json.loads(target.read_text())["rows"]} == {"sympy"}
    assert run("--engine", "numeric").returncode == 2
    with pytest.raises(NotApplicableError, match="no engine 'numeric'"):
        run_prove(1, engine="numeric")


def _negated(name):
    """The method of the same name with its result's sign changed."""

    def patch(cls):
        original = getattr(cls, name)
        return lambda self, *args: -original(self, *args)

    return patch


SIGNS = [
    ("P1", Shift, "first_weight"),
    ("P2", Shift, "second_exponential"),
    ("P2", Shift, "exponential_coefficient"),
    ("P3", Shift, "inverse_argument"),
    ("P4", Shift, "logarithm_coefficient"),
    ("P4", Shift, "quotient"),
    ("P5", Shift, "scaled_logarithm"),
    ("P5", Shift, "second_weight"),
    ("P6", Shift, "telescope"),
    ("P7", Shift, "third_weight"),
    ("B1", Network, "normal_weight"),
    ("B1", Network, "solvable"),
    ("N1", Network, "transfer"),
    ("N2", Network, "same_input"),
    ("N3", Network, "leading_block"),
    ("S1", Completion, "below"),
    ("S2", Completion, "factor"),
    ("Q0", Split, "second_input"),
    ("Q1", Split, "regular"),
    ("Q1", Split, "outer_weight"),
    ("Q2", Split, "glued"),
    ("Q3", Split, "second_factor"),
    ("Q5", Split, "basis_vector"),
    ("Q5", Split, "schur"),
    ("Q5'", Split, "schur"),
    ("Q7", Split, "quotient"),
    ("Q7'", Split, "solved"),
    ("T1", RankOne, "carried"),
    ("T2a", RankOne, "column"),
    ("T2b", RankOne, "first"),
]


def _wrong_sign(check):
    """The sympy check with the sign of the right side of its claims changed."""
    return replace(check, claims=tuple(equation(c.lhs, -c.rhs) for c in check.claims))


@pytest.mark.parametrize("statement", PROVED_STATEMENTS)
def test_one_changed_sign_in_a_sympy_statement_is_caught_by_the_other_engine(
    statement, monkeypatch
):
    first, *rest = catalogue.STATEMENTS[statement]
    monkeypatch.setitem(catalogue.STATEMENTS, statement, (_wrong_sign(first), *rest))
    report = run_prove(2, [statement], jobs=1)
    assert report.label(statement) is Label.FAILED
    assert any(
        line.startswith(f"{statement}, d = 2: the engines d") for line in report.disagreements()
    )
    assert run_prove(2, [statement], jobs=1, engine="normal-forms").exit_status == 0


@pytest.mark.parametrize(("statement", "cls", "name"), SIGNS)
def test_one_changed_sign_in_a_step_makes_prove_fail(statement, cls, name, monkeypatch):
    monkeypatch.setattr(cls, name, _negated(name)(cls))
    report = run_prove(2, [statement], jobs=1)
    assert report.exit_status == 1
    assert report.label(statement) is Label.FAILED
    assert any(row.label is Label.FAILED and "false" in row.detail for row in report.proofs)
    assert any("the engines disagree" in line for line in report.disagreements())


def test_one_changed_sign_in_the_elimination_makes_prove_fail(monkeypatch):
    right = Network.elimination
    monkeypatch.setattr(Network, "elimination", lambda self, Y, rank: right(self, -Y, rank))
    assert run_prove(1, ["B1"], jobs=1).label("B1") is Label.FAILED


@pytest.mark.parametrize("m", [1, 2])
def test_one_changed_term_of_the_exponential_series_makes_prove_fail(m, monkeypatch):
    right = Shift.exponential_coefficient
    monkeypatch.setattr(
        Shift, "exponential_coefficient", lambda self, n: right(self, n) * (-1 if n == m else 1)
    )
    for statement in ("P2", "P3", "P4", "P6", "P7", "N1"):
        assert run_prove(m + 1, [statement], jobs=1).label(statement) is Label.FAILED


def test_a_wrong_derivative_or_determinant_makes_prove_fail(monkeypatch):
    right = Element.derivative
    with monkeypatch.context() as patch:
        patch.setattr(Element, "derivative", lambda self, name: -right(self, name))
        assert run_prove(1, ["P2"], jobs=1).exit_status == 1
    adjugate = Matrix.adjugate
    with monkeypatch.context() as patch:
        patch.setattr(Matrix, "adjugate", lambda self: (adjugate(self)[0], -adjugate(self)[1]))
        assert run_prove(1, ["P1"], jobs=1).exit_status == 1


def test_a_mutation_that_is_true_counts_as_failed(monkeypatch):
    harmless = Mutation("P1-none", "nothing is changed", 1, steps.p1)
    monkeypatch.setattr(catalogue, "MUTATIONS", (harmless,))
    report = run_prove(1, ["P1"], jobs=1, engine="normal-forms")
    assert [row.label for row in report.mutations] == [Label.FAILED]
    assert report.exit_status == 1


def test_a_check_that_decides_nothing_counts_as_failed(monkeypatch):
    monkeypatch.setattr(steps, "p1", lambda d, evidence: None)
    assert run_prove(1, ["P1"], jobs=1).exit_status == 1


def test_a_check_that_breaks_down_counts_as_failed(monkeypatch):
    def broken(d, evidence):
        raise ZeroDivisionError("no inverse")

    monkeypatch.setattr(steps, "p1", broken)
    report = run_prove(1, ["P1"], jobs=1)
    assert report.exit_status == 1
    assert "ZeroDivisionError: no inverse" in report.to_text()


def test_the_json_of_both_engines_names_them_and_tells_disagreements(report, monkeypatch):
    assert report.to_json()["engine"] == "both"
    assert report.to_json()["version"] == 2
    assert report.disagreements() == []
    monkeypatch.setattr(Shift, "first_weight", _negated("first_weight")(Shift))
    wrong = run_prove(1, ["P1"], jobs=1)
    assert wrong.to_json()["disagreements"] == [
        "P1, d = 1: the engines disagree: sympy PROVED, normal-forms FAILED",
        "P1-sign, d = 1: the engines disagree: sympy REFUTED, normal-forms FAILED",
    ]
    assert "the engines disagree" in wrong.to_text()
    assert run_prove(1, ["P1"], jobs=1, engine="sympy").exit_status == 0


@pytest.mark.parametrize("page", ["README.md", "proofs/TRUST.md"])
def test_the_pages_count_the_wrong_variants(page):
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    told = re.findall(r"(\d+) wrong variants", text)
    assert told == [str(len({m.id for m in MUTATIONS}))]
