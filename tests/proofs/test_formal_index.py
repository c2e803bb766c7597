"""The formal column of `prove` names what `make formal` verifies."""

from __future__ import annotations

import json
from pathlib import Path

from deepexp_exact.constructions import CONSTRUCTIONS
from deepexp_exact.proving import run_prove
from deepexp_exact.theorem import (
    NOT_IN_COQ,
    PROVED_BY_HAND,
    PROVED_STATEMENTS,
    STATEMENTS,
    formal_names,
    formal_theorems,
)

ROOT = Path(__file__).parents[2]


def test_the_packaged_index_is_the_one_that_make_formal_verifies():
    source = ROOT / "proofs" / "formal" / "index.json"
    packaged = ROOT / "deepexp_exact" / "formal_index.json"
    assert json.loads(source.read_text()) == json.loads(packaged.read_text())


def test_every_statement_has_a_formal_theorem_and_prove_shows_it():
    theorems = formal_theorems()
    assert {*PROVED_STATEMENTS, *PROVED_BY_HAND} - set(theorems) == set(NOT_IN_COQ)
    report = run_prove(1, jobs=1)
    text, table = report.to_text(), report.to_json()
    assert table["formal"] == formal_names((*PROVED_STATEMENTS, *PROVED_BY_HAND))
    for name in theorems.values():
        assert f"Coq {name}" in text
    assert ("not in Coq" in text) == bool(NOT_IN_COQ)


def test_every_construction_names_its_formal_theorems():
    theorems = formal_theorems()
    whole = {"shift": "explicit_solution", "split": "solvable_iff_regular", "constant": "decision"}
    assert set(whole) == {name for name, c in CONSTRUCTIONS.items() if not c.paired}
    for name in whole:
        construction = CONSTRUCTIONS[name]
        assert set(construction.steps) <= set(STATEMENTS)
        assert not set(construction.theorems) & set(STATEMENTS)
        assert set(construction.formal) == {*construction.theorems, *construction.steps}
        assert construction.formal.items() <= theorems.items()
        assert whole[name] in construction.formal.values()


def test_an_id_without_a_formal_theorem_is_left_out():
    assert formal_names(("P2", "C1", "P1")) == {"P2": "P2_first_layer", "P1": "P1_shift"}


def test_every_theorem_is_in_the_documents():
    folder = ROOT / "proofs"
    for path in ("theorem.md", "formal/README.md", "TRUST.md"):
        text = (folder / path).read_text("utf-8")
        missing = {name for name in formal_theorems().values() if f"`{name}`" not in text}
        assert missing <= {"exp_converges", "exp_add", "exp_scalar", "B1_one_layer"}, path
    readme = (folder / "formal" / "README.md").read_text("utf-8")
    for row in json.loads((folder / "formal" / "index.json").read_text("utf-8"))["theorems"]:
        assert f"| {row['id']} | `{row['name']}` | {row['words']} |" in readme


def test_every_sample_names_the_formal_theorems_of_its_construction():
    files = sorted((ROOT / "proofs" / "certificates").glob("*.json"))
    seen = set()
    for path in files:
        table = json.loads(path.read_text("utf-8"))
        if table["construction"] == "none":
            named = formal_names([table["claims"][0]["id"]])
            assert table.get("formal", []) == list(named.values())
            continue
        formal = list(CONSTRUCTIONS[table["construction"]].formal.values())
        assert table.get("formal", [])[: len(formal)] == formal
        seen.add(table["construction"])
    assert seen == set(CONSTRUCTIONS)
