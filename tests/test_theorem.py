"""The registry of statements."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields
from itertools import pairwise

import pytest

from deepexp_exact import theorem
from deepexp_exact.solution import Label
from deepexp_exact.theorem import (
    CLAIMS,
    PROVED_BY_HAND,
    PROVED_STATEMENTS,
    STATEMENTS,
    STEPS,
    Statement,
)


def test_the_ids_are_permanent() -> None:
    assert list(STATEMENTS) == [
        "P1", "P2", "P3", "P4", "P5", "P6", "P7", "B1", "N1", "N2", "N3", "S1", "S2", "S3",
        "Q0", "Q1", "Q2", "Q3", "Q4", "Q5", "Q5'", "Q6", "Q7", "Q7'", "Q8", "R1", "R2", "R3",
        "R4", "R5", "R6", "R7", "R8", "T1", "T2a", "T2b", "T3", "C1",
        "C2", "C3", "C4", "C5",
    ]  # fmt: skip
    decided = tuple(s for s in STATEMENTS if s not in (*PROVED_BY_HAND, *CLAIMS))
    assert decided == PROVED_STATEMENTS
    assert all("whole proof" in STATEMENTS[s].by_hand for s in PROVED_BY_HAND)
    assert not any("whole proof" in STATEMENTS[s].by_hand for s in PROVED_STATEMENTS)
    assert PROVED_STATEMENTS[: len(STEPS)] == STEPS


def test_an_id_cannot_be_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theorem, "_ALL", (*theorem._ALL, STATEMENTS["P3"]))
    with pytest.raises(ValueError, match="P3 is used twice"):
        theorem._registry()


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=lambda s: s.id)
def test_every_statement_is_whole(statement: Statement) -> None:
    assert STATEMENTS[statement.id] is statement
    assert statement.title == statement.title.strip().lower() != ""
    assert statement.words.endswith(".")
    assert statement.variables
    for name in (*statement.variables, *statement.assumptions):
        assert name == name.strip() != ""
    assert len(set(statement.variables)) == len(statement.variables)
    with pytest.raises(FrozenInstanceError):
        statement.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=lambda s: s.id)
def test_its_latex_is_balanced(statement: Statement) -> None:
    text = statement.latex.replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert "$" not in text
    assert re.findall(r"\\begin{(\w+)}", text) == re.findall(r"\\end{(\w+)}", text)
    assert text.count(r"\lVert") == text.count(r"\rVert")
    assert statement._repr_latex_() == f"${statement.latex}$"
    assert not re.search(r"[^\x00-\x7f]", statement.latex)


def test_a_statement_uses_only_statements_before_it() -> None:
    order = list(STATEMENTS)
    for statement in STATEMENTS.values():
        for used in statement.uses:
            assert order.index(used) < order.index(statement.id)


def test_labels_that_pass_and_labels_that_do_not() -> None:
    assert {label for label in Label if not label.passes} == {Label.FAILED, Label.UNDECIDED}
    assert [str(label) for label in Label] == [label.value for label in Label]


def test_statements_are_plain_data() -> None:
    names = [field.name for field in fields(Statement)]
    assert names == ["id", "title", "words", "variables", "assumptions", "uses", "latex", "by_hand"]
    assert all(a.id != b.id for a, b in pairwise(STATEMENTS.values()))
