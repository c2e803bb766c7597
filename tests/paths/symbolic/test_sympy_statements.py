"""The sympy engine: its statements, what it decides, and what it refuses."""

import ast
import re
from pathlib import Path

import pytest
from sympy import Determinant, I, Matrix, Rational, Symbol, exp, pi, symbols

from deepexp_exact.paths.symbolic import engine, language
from deepexp_exact.paths.symbolic import statements as S
from deepexp_exact.paths.symbolic.catalogue import MUTATED, MUTATIONS, STATEMENTS
from deepexp_exact.paths.symbolic.deciding import Facts, UnstatedDivision, counterexample, equal
from deepexp_exact.paths.symbolic.engine import decide_checks
from deepexp_exact.paths.symbolic.language import (
    SEGRE_COUNTS,
    Check,
    Exp,
    equation,
    generic,
    segre_characteristics,
    square,
)
from deepexp_exact.paths.symbolic.mutated import claim, let
from deepexp_exact.theorem import PROVED_STATEMENTS

x, y, c, alpha, k = symbols("x y c alpha k")


def same(left, right, **facts):
    return equal(Matrix([[left]]), Matrix([[right]]), Facts(**facts))


def test_every_statement_has_its_sympy_form_and_both_engines_the_same_mutations():
    assert tuple(STATEMENTS) == PROVED_STATEMENTS
    assert list(MUTATED) == [m.id for m in MUTATIONS]
    for checks in STATEMENTS.values():
        assert any(line.startswith("claim  Eq(") for check in checks for line in check.lines())


def test_polynomials_and_fractions_are_decided():
    assert same((x + y) ** 2, x**2 + 2 * x * y + y**2)
    assert not same((x + y) ** 2, x**2 + y**2)
    assert same(1 / x + 1 / y, (x + y) / (x * y), nonzero=(x, y))
    assert same(x / (2 * y) ** 2, x / y**2 / 4, nonzero=(y,))


def test_a_division_that_no_hypothesis_allows_is_refused():
    with pytest.raises(UnstatedDivision, match="x is not assumed to be nonzero"):
        same(1 / x, y)
    with pytest.raises(UnstatedDivision):
        same(1 / ((x + y) ** 2 - x**2 - 2 * x * y - y**2), 1, nonzero=(x,))


def test_exponentials_are_generators_with_their_relations():
    assert same(exp(x + y), exp(x) * exp(y))
    assert same(exp(x) * exp(-x), 1)
    assert same(exp(x / 2) ** 2, exp(x))
    assert not same(exp(x + y), exp(x) + exp(y))
    assert same(exp(2 * c + x), alpha**2 * exp(x), exponentials={c: alpha}, nonzero=(alpha,))
    assert same(exp(x - c), exp(x) / alpha, exponentials={c: alpha}, nonzero=(alpha,))
    assert same(exp(x + 4 * pi * I * k), exp(x), exponentials={2 * pi * I * k: Rational(1)})
    assert not same(exp(x + pi * I * k), exp(x), exponentials={2 * pi * I * k: Rational(1)})


def test_a_relation_of_two_exponents_is_refused():
    with pytest.raises(ValueError, match="too many values"):
        same(exp(x + y), alpha, exponentials={x + y: alpha})


def test_sympy_is_asked_for_nothing_but_exact_algebra():
    """No simplification and no test for zero that may evaluate numerically."""
    banned = {"simplify", "equals", "nsimplify", "evalf", "n", "is_constant", "is_zero_matrix"}
    folder = Path(engine.__file__).parent
    names = ("deciding", "language", "statements", "mutated", "engine", "catalogue")
    files = [folder / f"{name}.py" for name in names]
    files += [*folder.glob("*/statements.py"), *folder.glob("*/mutated.py")]
    assert len(files) == 12
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr in banned), file
            assert not (isinstance(node, ast.Name) and node.id in banned - {"n"}), file


def test_the_statements_are_short_enough_to_read():
    folder = Path(engine.__file__).parent
    for file in folder.rglob("statements.py"):
        assert len(file.read_text("utf-8").splitlines()) < 400


def test_the_normal_forms_know_no_construction_and_neither_engine_the_other():
    folder = Path(engine.__file__).parent

    def imported(file):
        return " ".join(re.findall(r"^from (\S+) import", file.read_text("utf-8"), re.M))

    for file in (folder / "algebra").glob("*.py"):
        assert not re.search(r"shift|split|completion|network|statements|language", imported(file))
    for file in [folder / "engine.py", *folder.rglob("statements.py"), *folder.rglob("mutated.py")]:
        assert not re.search(r"algebra|steps|mutations|formulas|flint", imported(file))


def test_other_functions_are_refused():
    from sympy import sin, sqrt

    for other in (sin(x), sqrt(x)):
        with pytest.raises(TypeError, match="not a polynomial"):
            same(other, x)


def test_a_counterexample_is_exact_and_satisfies_the_hypotheses():
    facts = Facts({c: alpha}, (alpha - 1,))
    values, place, left, right = counterexample(Matrix([[exp(c)]]), Matrix([[1 + 0 * c]]), facts)
    assert exp(values[c]) == left != right == 1
    assert place == (1, 1)
    assert counterexample(Matrix([[x]]), Matrix([[x]]), Facts()) is None


@pytest.mark.parametrize("d", range(1, 7))
def test_segre_characteristics(d):
    from deepexp_exact.paths.symbolic.algebra.jordan import jordan_types

    found = segre_characteristics(d)
    assert len(found) == SEGRE_COUNTS[d - 1]

    def form(kind):
        return tuple(sorted(tuple(sorted(part)) for part in kind))

    assert sorted(map(form, found)) == sorted(form(kind.partitions) for kind in jordan_types(d))


def test_a_missing_type_is_noticed(monkeypatch):
    right = segre_characteristics
    monkeypatch.setattr(language, "segre_characteristics", lambda d: right(d)[1:])
    proof = decide_checks(STATEMENTS["P2"], 2)
    assert proof.failures == ["there are as many as Jordan types"]


def test_a_wrong_exponential_is_noticed(monkeypatch):
    right = language.flow
    monkeypatch.setattr(language, "flow", lambda matrix: right(-matrix))
    proof = decide_checks(STATEMENTS["P3"], 2)
    assert any("dE/dt = M*E" in words for words in proof.failures)
    monkeypatch.setattr(engine, "flow", lambda matrix: right(-matrix))
    proof = decide_checks(STATEMENTS["P2"], 2)
    assert any("Matrix.exp" in words for words in proof.failures)


def test_a_dropped_hypothesis_is_a_failure():
    D, X, W = square("D X W")
    claims = (equation(W * D, Symbol("c") * language.Identity(language.d)),)
    let = {W: Symbol("c") * D**-1}
    assert decide_checks((Check(claims, generic(D), let=let, nonzero=(Determinant(D),)),), 2).holds
    proof = decide_checks((Check(claims, generic(D), let=let),), 2)
    assert "not assumed to be nonzero" in proof.failures[0]
    with pytest.raises(TypeError, match="no explicit form of X"):
        decide_checks((Check((equation(Exp(X), X),), generic(D)),), 1)


@pytest.mark.parametrize(
    ("size", "check"),
    [
        (1, let(S.P1, W1=I * S.c * S.D**-1)),
        (2, let(S.P1, W1=I * S.c * S.D**-1)),
        (1, claim(S.P2, Exp(S.W1 * S.X2), I * S.alpha * Exp(S.W1 * S.X1))),
        (1, claim(S.P3, Exp(-S.W1 * S.X1) * S.A, I * S.one)),
        (2, let(S.P5, Z=(1 + I) * S.L / (S.alpha - 1))),
        (1, let(S.P7, W3=I * S.Y1 * Exp(-S.Z))),
        (1, let(S.B1_NORMAL_EQUATIONS, w=I * S.cross * S.gram**-1)),
        (2, let(S.N1, T=I * S.E1**-1 * S.E2)),
    ],
)
def test_a_wrong_factor_i_is_refuted(size, check):
    """Mutations whose two sides are never both rational."""
    proof = decide_checks((check,), size)
    assert not proof.holds
    assert "I" in proof.counterexample()


def test_entries_of_a_matrix_and_of_its_adjoint_are_conjugates_in_a_counterexample():
    """(e·R*)·u* twice in place of it and its conjugate: real values see no difference."""
    inner = S.e * S.R_adjoint * S.u_adjoint
    squares = S.e * S.e_adjoint + S.u * S.R * S.R_adjoint * S.u_adjoint
    moved = (S.e + S.u * S.R) * (S.e_adjoint + S.R_adjoint * S.u_adjoint)
    wrong = claim(S.B1_PYTHAGORAS, moved, squares + 2 * inner)
    proof = decide_checks((wrong,), 1)
    assert not proof.holds
    found = proof.counterexample()
    values = {
        name: complex(text.replace(" ", "").replace("*I", "j").replace("I", "1j"))
        for name, text in re.findall(r"(\w+) = ([^,]+)", found.partition(" for ")[2])
    }
    twins = {"e_11": "e_adj_11", "u_11": "u_adj_11", "R_11": "R_adj_11", "R_12": "R_adj_21"}
    assert all(values[twin] == values[name].conjugate() for name, twin in twins.items())
    assert any(value.imag for value in values.values())
