"""Figures of README.md and docs/, the numbers behind them and the words about them are of one run,
and of the program as it is: rows that can be measured again in a moment are."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import math
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from deepexp_exact.report.figures import slope
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.study import Results
from deepexp_exact.study.measuring import perform
from deepexp_exact.study.plan import load_study
from deepexp_exact.study.store import Row

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@cache
def script() -> ModuleType:
    path = ROOT / "scripts" / "docs_figures.py"
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location("docs_figures", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@cache
def rows(table: str) -> list[dict[str, str]]:
    with (DOCS / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cell(table: str, column: str, **keys: str) -> str:
    """The one cell of a table in the row with these keys."""
    found = [r[column] for r in rows(table) if all(r[k] == v for k, v in keys.items())]
    assert len(found) == 1, (table, keys, found)
    return found[0]


def words(page: Path) -> str:
    """The page's text in one line."""
    return " ".join(page.read_text("utf-8").split())


def test_every_figure_carries_the_hash_of_its_numbers_and_of_one_run():
    runs = set()
    for figure, table in script().FIGURES.items():
        text = (DOCS / f"{figure}.svg").read_text("utf-8")
        found = re.search(
            rf"numbers: SHA-256 ([0-9a-f]{{64}}) of data/{table}.csv; run: SHA-256 ([0-9a-f]+)",
            text,
        )
        assert found is not None, figure
        numbers = (DOCS / "data" / f"{table}.csv").read_bytes()
        assert found[1] == hashlib.sha256(numbers).hexdigest(), f"{figure}.svg is older"
        runs.add(found[2])
    assert len(runs) == 1


def test_every_figure_of_the_pages_is_made_by_the_script():
    shown = {
        Path(target).stem
        for page in (ROOT / "README.md", *DOCS.rglob("*.md"))
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+\.svg)\)", page.read_text("utf-8"))
    }
    assert shown == set(script().FIGURES) == {p.stem for p in DOCS.glob("*.svg")}
    assert {p.stem for p in (DOCS / "data").glob("*.csv")} == set(script().FIGURES.values())


@pytest.mark.parametrize(
    ("study", "table", "axes", "keys"),
    [
        (
            "s3-branches",
            "rule",
            {"family": "near-cut", "d": 2, "exponent": 4, "branch": "principal"},
            {"data": "near-cut", "d": "2", "from cut": "1e-4", "branch": "principal"},
        ),
        (
            "s5-hypotheses",
            "distance",
            {"exponent": 8, "construction": "split", "alpha": "auto"},
            {"construction": "split", "α": "auto", "distance": "1e-8", "singular": "D"},
        ),
    ],
)
def test_the_numbers_are_those_of_the_program_as_it_is(study, table, axes, keys):
    """A row measured again, all of its runs."""
    plan = load_study(ROOT / "scripts" / "studies" / f"{study}.toml")
    measure = {"rule": "rule", "distance": "distance"}[table]
    runs = [
        run
        for run in plan.runs
        if run.measure == measure and axes.items() <= dict(run.params).items()
    ]
    again = Results([Row(run, perform(run.measure, dict(run.params))) for run in runs])
    (made,) = [t for t in study_tables(again) if t.id == table]
    ((*_,),) = made.rows
    fresh = dict(zip([c.key for c in made.columns], made.rows[0], strict=True))
    for column in ("digits lost, median", "digits lost, worst", "n", "censored"):
        assert float(cell(table, column, **keys)) == pytest.approx(fresh[column], rel=1e-4)


def lost(construction: str, alpha: str, distance: str, told: str = "median") -> float:
    text = cell(
        "distance",
        f"digits lost, {told}",
        singular="D",
        construction=construction,
        distance=distance,
        **{"α": alpha},
    )
    return math.inf if text == "censored" else float(text)


def test_what_the_page_of_studies_says_of_distance():
    text = words(DOCS / "studies.md")
    found = re.search(r"(\d+) digits at 1e-4, ([\d ]+) at 1e-8", text)
    assert found is not None
    assert [int(x.replace(" ", "")) for x in found.groups()] == [
        round(lost("shift", "positive", "1e-4")),
        round(lost("shift", "positive", "1e-8"), -2),
    ]
    ceiling = re.search(r"than the ceiling of 80 000 bits from (1e-\d+) on", text)
    assert ceiling is not None
    distances = [r["distance"] for r in rows("distance") if r["α"] == "positive"][:11]
    beyond = [x for x in distances if math.isinf(lost("shift", "positive", x))]
    assert beyond == distances[distances.index(ceiling[1]) :]
    auto = re.search(r"`auto` loses (\d+), (\d+) and (\d+)", text)
    assert auto is not None
    assert [int(x) for x in auto.groups()] == [
        round(lost("shift", "auto", x)) for x in ("1e-4", "1e-8", "1e-10")
    ]
    split = re.search(r"`split` loses at most ([\d.]+) digits at any of these distances", text)
    assert split is not None
    worst = max(lost("split", "auto", x, "worst") for x in distances)
    assert worst <= float(split[1]) < worst + 0.1


def test_what_the_page_of_studies_says_of_the_cut():
    text = words(DOCS / "studies.md")
    found = re.search(
        r"it loses (\d+) to (\d+) digits \(d = 2; (\d+) to (\d+) at d = 4\); the logarithm of "
        r"smallest norm at most (\d+) \(at most (\d+)\)",
        text,
    )
    assert found is not None
    told = list(map(int, found.groups()))

    def at(d: str, distance: str, branch: str) -> float:
        keys = {"data": "near-cut", "d": d, "from cut": distance, "branch": branch}
        return float(cell("rule", "digits lost, median", **keys))

    assert told[:4] == [round(at(d, x, "principal")) for d in ("2", "4") for x in ("1e-1", "1e-16")]
    for d, most in zip(("2", "4"), told[4:], strict=True):
        every = [
            at(d, r["from cut"], "smallest-norm")
            for r in rows("rule")
            if (r["data"], r["d"], r["branch"]) == ("near-cut", d, "smallest-norm")
        ]
        assert max(every) <= most < max(every) + 1


def test_what_readme_says_of_depth():
    text = words(ROOT / "README.md")
    found = re.search(
        r"two layers, once found, lose ([\d.]+) to ([\d.]+) digits where the formula loses "
        r"([\d.]+) to ([\d.]+)",
        text,
    )
    assert found is not None

    def medians(data: str, layers: str) -> list[float]:
        return [
            float(r["digits lost, median"])
            for r in rows("depth")
            if r["layers"] == layers and r["data"].startswith(data) and r["digits lost, median"]
        ]

    near = [sorted(medians("near-singular-D", n) + medians("color-spaces", n)) for n in "23"]
    assert [float(x) for x in found.groups()] == [
        round(x, 1) for values in near for x in (values[0], values[-1])
    ]
    for data in ("gaussian-complex", "gaussian-real", "integer"):
        for two, three in zip(medians(data, "2"), medians(data, "3"), strict=True):
            assert abs(two - three) <= 1.5  # "about the same"
    fails = [r for r in rows("depth") if r["data"] == "two-layers-fail" and r["layers"] == "2"]
    assert [(r["solved"], r["known"]) for r in fails] == [("0", "PROVED (1×)")]


def test_what_readme_says_of_float64():
    text = words(ROOT / "README.md")
    found = {r["problem"]: r for r in rows("verification")}
    hard = next(r for name, r in found.items() if name.startswith("al-mohy-higham-K"))
    assert "right to seven digits and the residual keep none (`al-mohy-higham-K`)" in text
    assert -8 < float(hard["log10 of float64 path, error"]) <= -7
    assert float(hard["log10 of float64 path, residual"]) > 0
    defective = next(r for name, r in found.items() if name.startswith("defective"))
    told = re.search(r"keeps (\d+) digits of `defective` where the float64 path keeps none", text)
    assert told is not None
    assert int(told[1]) == math.floor(-float(defective["log10 of SciPy script, error"]))
    assert float(defective["log10 of float64 path, error"]) > -1


def test_what_the_page_of_speed_says_of_forward_errors():
    text = words(DOCS / "speed.md")
    found = re.search(r"three quarters of the errors are below ([\d.]+)·max\(1, κ\)·u", text)
    assert found is not None
    own = [r for r in rows("forward-errors") if r["source"] != "scipy"]
    top = max(float(r["log10 of error/(max(1, κ)·u), 75 %"]) for r in own)
    assert 10**top <= float(found[1]) < 10**top + 0.1
    digits = re.search(r"at ([\d, ]+) and (\d+) digits", text)
    assert digits is not None
    shown = [int(x) for x in (*digits[1].split(","), digits[2])]
    assert shown == sorted({int(r["digits"]) for r in own})


def test_what_the_page_of_studies_says_of_peers():
    text = words(DOCS / "studies.md")
    found = re.search(
        r"the mpmath script takes another branch on (\d+) of (\d+) problems, the "
        r"python-flint script delivers nothing on (\d+)",
        text,
    )
    assert found is not None
    script = {r["method"]: r for r in rows("peers")}
    assert list(found.groups()) == [
        script["mpmath script"]["other branch"],
        script["mpmath script"]["n"],
        script["python-flint script"]["censored"],
    ]
    times = re.search(
        r"time: ([\d.]+) ms by multiprecision, ([\d.]+) by balls, ([\d.]+) by the mpmath script",
        text,
    )
    assert times is not None
    for shown, method in zip(
        times.groups(), ("multiprecision", "ball", "mpmath script"), strict=True
    ):
        assert shown == f"{float(script[method]['processor time, ms, median']):.1f}"
    for path in ("multiprecision", "ball", "mpmath"):  # "the three paths deliver all of them"
        assert float(script[path]["log10 of error, worst"]) < -50
        assert script[path]["censored"] == "0"


def test_what_the_page_of_studies_says_of_cost():
    text = words(DOCS / "studies.md")
    found = re.search(
        r"grows from d = 8 on like d\^([\d.]+) \(multiprecision\) and d\^([\d.]+) \(balls\)", text
    )
    assert found is not None
    for shown, path in zip(found.groups(), ("multiprecision", "ball"), strict=True):
        points = [
            (float(r["d"]), float(r["processor time, ms, median"]))
            for r in rows("cost")
            if (r["data"], r["path"], r["digits"]) == ("gaussian-complex", path, "50")
            and int(r["d"]) >= 8
        ]
        assert len(points) >= 4
        exponent = slope(points)
        assert exponent is not None
        assert shown == f"{exponent:.1f}"


def numbers() -> ModuleType:
    module: ModuleType = script().docs_numbers
    return module


def test_the_numbers_in_the_words_of_the_pages_are_those_of_the_tables(tmp_path):
    """The script finds nothing to change; where the pages say something else it puts it right, and
    only there."""
    pages = sorted({statement.page for statement in numbers().STATEMENTS})
    for page in pages:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    shutil.copytree(DOCS / "data", tmp_path / "docs" / "data")
    assert numbers().refresh(tmp_path) == []
    wrong = {
        "README.md": "condition @ |",
        "docs/speed.md": "below @·max",
        "docs/studies.md": "d^@ (",
    }
    for page, words in wrong.items():
        before, after = map(re.escape, words.split("@"))
        text = (tmp_path / page).read_text("utf-8")
        changed = re.sub(f"({before})[\\d.e]+(?={after})", r"\g<1>7.7e7", text, count=1)
        assert changed != text
        (tmp_path / page).write_text(changed, "utf-8")
    assert len(numbers().refresh(tmp_path)) == len(wrong)
    for page in pages:
        assert (tmp_path / page).read_bytes() == (ROOT / page).read_bytes()


def test_words_that_are_gone_are_named():
    statement = numbers().STATEMENTS[0]
    with pytest.raises(ValueError, match="0 times the words 'singularity: @ digits"):
        numbers().refreshed("other words", statement, None)


def test_an_unfinished_run_is_refused(tmp_path):
    from deepexp_exact.study import Store
    from deepexp_exact.study.plan import parse_study

    (tmp_path / "data").mkdir()
    plan = parse_study(
        'format = "deepexp-exact/study"\nversion = 1\nname = "s"\n'
        '[[grid]]\nmeasure = "depth"\nfamily = "quantum-gates"\n'
    )
    Store.open_for(plan, tmp_path / "data" / "s.sqlite").close()
    command = [sys.executable, str(ROOT / "scripts" / "docs_figures.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "no runs of cost, distance, peers, rule, verification; 1 planned" in done.stderr
