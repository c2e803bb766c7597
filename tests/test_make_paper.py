"""The paper's script: what it says of runs that did not pass, and what it keeps between runs."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from deepexp_exact.solution import Label
from deepexp_exact.study import Store, load_study
from deepexp_exact.study.outcome import Outcome

SCRIPTS = Path(__file__).parents[1] / "scripts"
STUDY = """
format = "deepexp-exact/study"
version = 1
name = "NAME"
[[grid]]
measure = "distance"
family = "near-singular-D"
d = 2
exponent = [10, 20]
alpha = "positive"
expect_undecided = EXPECTED
[[grid]]
measure = "choice"
family = "integer"
d = 2
"""


@pytest.fixture(scope="module")
def paper() -> ModuleType:
    sys.path.insert(0, str(SCRIPTS))
    try:
        path = SCRIPTS / "make_paper_tables.py"
        spec = importlib.util.spec_from_file_location("make_paper_tables", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SCRIPTS))
    return module


def stores(folder: Path, paper: ModuleType, monkeypatch, *expected: bool) -> list[Path]:
    """Studies whose two runs near a singular D ended at the ceiling, expected or not."""
    studies, out = [], []
    for j, wanted in enumerate(expected):
        study = folder / f"s{j}.toml"
        study.write_text(STUDY.replace("NAME", f"s{j}").replace("EXPECTED", str(wanted).lower()))
        plan = load_study(study, True)
        with Store.open_for(plan, folder / f"s{j}.sqlite") as store:
            store.begin("test", {})
            for run in plan.runs:
                beyond = run.measure == "distance"
                label = Label.UNDECIDED if beyond else Label.CERTIFIED
                store.add(run.key, Outcome(label, "the ceiling" if beyond else ""))
        studies.append(study)
        out.append(folder / f"s{j}.sqlite")
    monkeypatch.setattr(paper, "STUDIES", studies)
    return out


def test_expected_ceilings_are_told_from_others(paper, tmp_path, monkeypatch):
    kept = stores(tmp_path, paper, monkeypatch, True, False)
    assert paper.outcomes(kept, False) == (
        "6 runs on the quick grids: 2 reached the ceiling that their study looks for, as expected "
        "(2 of s0); 2 more failed or stayed undecided."
    )


def test_all_as_expected_is_said(paper, tmp_path, monkeypatch):
    kept = stores(tmp_path, paper, monkeypatch, True)
    assert paper.outcomes(kept, True).endswith("(2 of s0); no other did, none failed.")


def test_forward_errors_are_kept_for_the_same_plan_only(paper, tmp_path, monkeypatch, capsys):
    made = []

    def measure(digits, names, tell):
        made.append(tuple(digits))
        return [paper.forward_errors.Point("exp", "function", "m", "ward-1", 3, 16, 1, -60, None)]

    monkeypatch.setattr(paper.forward_errors, "measure", measure)
    path = tmp_path / "errors.json"
    first = paper.errors_of_functions(path, False)
    assert paper.errors_of_functions(path, False) == first
    assert made == [paper.QUICK_DIGITS]
    paper.errors_of_functions(path, True)
    assert made[1:] == [paper.forward_errors.DIGITS]
    kept = json.loads(path.read_text())
    kept["plan"]["figures"].append("another")
    path.write_text(json.dumps(kept))
    paper.errors_of_functions(path, True)
    assert len(made) == 3
