"""A user's own problem files as an axis of a study."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import prompt

from deepexp_exact.errors import FormatError
from deepexp_exact.problems import Problem
from deepexp_exact.study import Results
from deepexp_exact.study.measures import MEASURES
from deepexp_exact.study.plan import parse_study
from deepexp_exact.study.single import command_of, parse_run

HEAD = 'format = "deepexp-exact/study"\nversion = 1\nname = "own"\n'
GRID = '[[grid]]\nmeasure = "MEASURE"\nproblem = ["mine.json", "./sub/other.json"]\n'
MINE = Problem([[1, 2], [3, 4]], [[2, "1/3"], [0, 5]], [[1, 0], [1, 1]], [[2, "i"], [1, 3]])


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    MINE.save("mine.json")
    Problem(MINE.X2, MINE.X1, MINE.Y1, MINE.Y2, name="<b>&\x1b").save("sub/other.json")
    return tmp_path


def study(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        prompt("study", *words),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_files_are_run_tabulated_drawn_and_reported(files: Path) -> None:
    grids = GRID.replace("MEASURE", "accuracy") + "digits = 20\n" + GRID.replace(
        "MEASURE", "scale"
    ) + "digits = 20\nre_c = [0.5, 1.0]\nim_c = [0.0, 1.0, 2.0]\n"  # fmt: skip
    grids += GRID.replace("MEASURE", "choice").replace(
        "problem", 'family = "integer"\nd = 2\nproblem'
    )
    grids += GRID.replace("MEASURE", "verification") + "digits = 20\n"
    (files / "own.toml").write_text(HEAD + grids)
    done = study("run", "own.toml", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert study("run", "own.toml").stdout.startswith("own: 19 runs, 19 of them kept")
    for words in (("tables",), ("figures",), ("report", "--derive", "1", "--workers", "1")):
        done = study(words[0], "out/studies/own.sqlite", *words[1:])
        assert done.returncode == 0, done.stderr
        for line in done.stdout.splitlines():
            assert Path(line).is_file()
    assert len(Results.load("out/studies/own.sqlite").groups("family")) == 3
    assert "mine.json" in Path("out/tables/accuracy.csv").read_text()


def test_a_file_that_changed_is_another_problem(files: Path) -> None:
    text = HEAD + GRID.replace("MEASURE", "choice")
    before = parse_study(text)
    again = parse_run(command_of(before.runs[0]).split()[3:])
    assert again == before.runs[0]
    Problem(MINE.X1, MINE.X2, MINE.Y2, MINE.Y1).save("mine.json")
    assert parse_study(text).plan_sha256 != before.plan_sha256
    with pytest.raises(FormatError, match="is not the problem it was"):
        parse_run(command_of(before.runs[0]).split()[3:])


@pytest.mark.parametrize("value", ['"none.json"', "3", '["mine.json", 4]', '"mine"', '"mine.txt"'])
def test_what_is_no_file_is_told_with_its_line(value: str) -> None:
    text = HEAD + f'[[grid]]\nmeasure = "choice"\nproblem = {value}\n'
    with pytest.raises(FormatError, match=r"line \d: grid 1, family, value"):
        parse_study(text)


@pytest.mark.parametrize("name", [n for n, m in MEASURES.items() if "construction" in m.axes])
def test_the_axis_construction_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A construction that is none reaches the paths from every measure that lists the axis."""
    needed = {"scale": {"re_c": 1.0}, "unwinding": {"k": 0}}.get(name, {})
    words = [f"{key}={value}" for key, value in needed.items()]
    run = parse_run([name, "family=integer", "d=2", "digits=20", *words])
    with pytest.raises((ImportError, Exception), match="nowhere"):
        MEASURES[name]({**run.params, "construction": "nowhere"})
