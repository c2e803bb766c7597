"""Study files: what they plan, and errors that name section, key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepexp_exact.errors import FormatError
from deepexp_exact.study.measures import MEASURES
from deepexp_exact.study.plan import Run, load_study, parse_study

HEAD = 'format = "deepexp-exact/study"\nversion = 1\nname = "t"\n'
GRID = '[[grid]]\nmeasure = "choice"\nfamily = "gaussian-complex"\nd = [2, 3]\nseed = {count = 3}\n'
STUDIES = sorted((Path(__file__).parents[2] / "scripts" / "studies").glob("*.toml"))


def test_grid_is_a_product_without_repetition():
    study = parse_study(HEAD + GRID + GRID)
    assert len(study.runs) == 6
    assert len({run.key for run in study.runs}) == 6


def test_key_does_not_depend_on_order():
    params = {"family": "gaussian-complex", "d": 2}
    assert Run("choice", params).key == Run("choice", dict(reversed(params.items()))).key


def test_quick_replaces_values():
    text = HEAD + GRID + "[grid.quick]\nseed = 7\n"
    assert len(parse_study(text).runs) == 6
    assert [run.params["seed"] for run in parse_study(text, quick=True).runs] == [7, 7]


def test_shipped_problem_has_no_size_to_choose():
    text = HEAD + GRID.replace('"gaussian-complex"', '"color-spaces"')
    assert len(parse_study(text).runs) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("d = [2, 3]", 'd = [2, "x"]', "line 7: grid 1, d, value 2: 'x' is not an integer"),
        ("d = [2, 3]", "d = []", "grid 1, d has no value"),
        ("d = [2, 3]\n", "", "d is missing"),
        ("d = [2, 3]", "d = [true]", "True is not an integer"),
        ("d = [2, 3]", "size = 2", "line 7: grid 1, size is not known"),
        ('"choice"', '"choise"', "line 5: grid 1, measure: 'choise' is no measure"),
        ('"gaussian-complex"', '"gaussian"', "line 6: grid 1, family, value 1"),
        ("{count = 3}", "{count = 0}", "seed.count"),
        ("{count = 3}", "{cuont = 3}", "seed.count"),
        ("{count = 3}", "{count = 3, last = 4}", "has the keys count, last"),
        ('name = "t"', 'name = "T/.."', "line 3: name"),
        ("version = 1", "version = 2", "line 2: version is not 1"),
        (GRID, "[limits]\nseconds = -1\n" + GRID, "line 5: limits, seconds"),
        (GRID, "[limits]\nmemory_mb = 1.5\n" + GRID, "limits, memory_mb"),
        (GRID, GRID + "alpha = [0.5]\n", "line 9: grid 1, alpha, value 1: 0.5 is not text"),
        (GRID, GRID + 'alpha = ["1/0"]\n', "alpha, value 1"),
        (GRID, GRID + "branch = [[0, 1.5]]\n", "branch, value 1"),
        (GRID, GRID + "[grid.quick]\nk = 1\n", "line 10: grid 1 quick, k is not known"),
        (GRID, "", "there is no [[grid]]"),
        (GRID, "grid = 3\n", "there is no [[grid]]"),
        ("[[grid]]", "[[grid", "is not TOML"),
        ("d = [2, 3]", "d = {count = 10000, first = 1}", "value 129"),
    ],
)
def test_errors_name_the_key(old, new, words):
    text = HEAD + GRID
    assert old in text
    with pytest.raises(FormatError) as caught:
        parse_study(text.replace(old, new), "s.toml")
    assert words in str(caught.value)
    assert "s.toml" in str(caught.value)


def test_near_cut_needs_two_eigenvalues():
    text = HEAD + GRID.replace('"gaussian-complex"', '"near-cut"').replace("[2, 3]", "[1]")
    with pytest.raises(FormatError, match="near-cut needs d of at least 2"):
        parse_study(text)


def test_numbers_are_spread_evenly():
    grid = GRID.replace('"choice"', '"scale"') + "re_c = {from = -1, to = 1.0, count = 5}\n"
    study = parse_study(HEAD + grid.replace("seed = {count = 3}\n", "").replace("[2, 3]", "2"))
    assert [run.params["re_c"] for run in study.runs] == [-1.0, -0.5, 0.0, 0.5, 1.0]


@pytest.mark.parametrize("file", STUDIES, ids=lambda f: f.stem)
def test_shipped_studies_plan(file):
    full, quick = load_study(file), load_study(file, quick=True)
    assert 0 < len(quick.runs) <= len(full.runs)
    assert full.estimate(2) > 0
    assert full.name == file.stem
    assert full.title


def test_every_study_and_measure_is_shipped():
    assert [file.stem[:2] for file in STUDIES] == ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"]
    used = {run.measure for file in STUDIES for run in load_study(file, quick=True).runs}
    assert used | {"derivation"} == set(MEASURES)  # reports make derivations
