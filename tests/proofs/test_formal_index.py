"""The formal column of `prove` names what `make formal` verifies."""

from __future__ import annotations

import json
from pathlib import Path

from deepexp_exact.proving import formal_theorems, run_prove
from deepexp_exact.theorem import STEPS

ROOT = Path(__file__).parents[2]


def test_the_packaged_index_is_the_one_that_make_formal_verifies():
    source = ROOT / "proofs" / "formal" / "index.json"
    packaged = ROOT / "deepexp_exact" / "formal_index.json"
    assert json.loads(source.read_text()) == json.loads(packaged.read_text())


def test_every_statement_has_a_formal_theorem_and_prove_shows_it():
    theorems = formal_theorems()
    assert {*STEPS, "B1", "N1", "N2"} <= set(theorems)
    report = run_prove(1, jobs=1)
    text, table = report.to_text(), report.to_json()
    for statement in set(theorems) & set(report.statements()):
        assert f"Coq {theorems[statement]}" in text
        assert table["formal"][statement] == theorems[statement]
