"""`study plan` and `study run` as a user meets them: what they say, exit statuses, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import prompt, real

from deepexp_exact.errors import FormatError
from deepexp_exact.solution import Label
from deepexp_exact.study import Results

HEAD = 'format = "deepexp-exact/study"\nversion = 1\nname = "t"\n'
SCALE = """[[grid]]
measure = "scale"
family = "gaussian-complex"
d = [2, 3]
digits = 10
re_c = {from = -2, to = 2, count = 11}
"""
FAILING = SCALE + "branch = [[0, 1, 2]]\n"  # K of size 2 has two eigenvalues
BEYOND = """[[grid]]
measure = "distance"
family = "near-singular-D"
d = 3
exponent = 12
alpha = "positive"
"""


def command(
    tmp_path: Path, text: str, *arguments: str, start: Callable[..., list[str]] = prompt
) -> list[str]:
    (tmp_path / "s.toml").write_text(text)
    return start("study", *arguments)


def study(tmp_path: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, text, *arguments),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )


RUN = ("run", "s.toml", "--store", "s.sqlite", "--workers", "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SCALE.replace("[2, 3]", "[\n2,\n'x']"), "s.toml, line 7: grid 1, d, value 2: 'x'"),
        (SCALE.replace("d = ", '"d" = 1.5 # '), "s.toml, line 7: grid 1, d, value 1: 1.5"),
        (SCALE.replace("d = [2, 3]\n", ""), "s.toml, line 4: grid 1, d is missing"),
        (SCALE + "colour = 1\n", "s.toml, line 10: grid 1, colour is not known"),
        (SCALE + "[grid.quick]\nd = -1\n", "s.toml, line 11: grid 1 quick, d, value 1: -1"),
        ("limits.seconds = inf\n" + SCALE, "s.toml, line 4: limits, seconds: inf"),
        (SCALE + "expect_undecided = 1\n", "s.toml, line 10: grid 1, expect_undecided: 1"),
        (SCALE + "d = 2\n", "s.toml is not TOML: Cannot overwrite a value (at line 10"),
    ],
)
def test_errors_name_file_line_and_key(tmp_path, text, words):
    done = study(tmp_path, HEAD + text, *RUN)
    assert done.returncode == 2
    assert done.stderr.startswith(f"deepexp-exact: FormatError: {words}"), done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "s.sqlite").exists()


def test_plan_says_how_many_and_how_long_and_runs_nothing(tmp_path):
    done = study(tmp_path, HEAD + SCALE, "plan", "s.toml", "--workers", "3")
    assert done.returncode == 0
    assert re.match(r"t: 22 runs; about \d+ s on 3 workers \(at most 60 s and 4096 MB", done.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]


def test_run_counts_labels_and_what_is_kept(tmp_path):
    first = study(tmp_path, HEAD + SCALE, *RUN)
    assert first.returncode == 0
    lines = first.stdout.splitlines()
    assert lines[0].startswith("t: 22 runs; about ")
    assert lines[1] == "22 of 22 runs done: CERTIFIED 20, NOT_APPLICABLE 2"
    again = study(tmp_path, HEAD + SCALE, *RUN)
    assert again.returncode == 0
    assert again.stdout.splitlines()[0].startswith("t: 22 runs, 22 of them kept; about 0 s")
    assert again.stdout.splitlines()[1:] == lines[1:]


def test_failed_runs_are_status_1_with_their_reasons(tmp_path):
    done = study(tmp_path, HEAD + FAILING, *RUN)
    assert done.returncode == 1
    assert "runs done: CERTIFIED 10, FAILED 10, NOT_APPLICABLE 2; 10 not accepted" in done.stdout
    assert "scale family=gaussian-complex d=2" in done.stderr
    assert "FAILED BranchError" in done.stderr
    assert study(tmp_path, HEAD + FAILING, *RUN).returncode == 1  # as long as they are there


@pytest.mark.parametrize(("expected", "status"), [(True, 0), (False, 1)])
def test_undecided_runs_are_status_1_unless_the_study_looks_for_them(tmp_path, expected, status):
    grid = BEYOND + ("expect_undecided = true\n" if expected else "")
    done = study(tmp_path, HEAD + grid, *RUN)
    assert done.returncode == status, done.stderr
    assert "1 of 1 runs done: UNDECIDED 1" in done.stdout
    (row,) = Results.load(tmp_path / "s.sqlite").not_passed()
    assert row.outcome.label is Label.UNDECIDED
    assert "bits" in row.outcome.reason


def kept(store: Path) -> int:
    try:
        return sum(row.outcome is not None for row in Results.load(store))
    except FormatError:  # not made yet
        return 0


def contents(store: Path) -> list[tuple[object, ...]]:
    return [
        (row.run.key, row.outcome.label, row.outcome.reason, dict(row.outcome.measured))
        for row in Results.load(store)
        if row.outcome is not None
    ]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_keeps_what_was_done_and_says_how_to_go_on(tmp_path):
    """SIGINT to the whole process group, as a terminal sends it."""
    text = HEAD + SCALE.replace("count = 11", "count = 101").replace("digits = 10", "digits = 200")
    store = tmp_path / "s.sqlite"
    process = subprocess.Popen(
        command(tmp_path, text, *RUN, start=real),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Its own lines, not the store: a reader of the file waits for a writer that never rests.
    while (line := process.stderr.readline()) and not line.startswith("[3/202]"):
        pass
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    done = kept(store)
    assert 3 <= done < 202
    assert errors.splitlines()[-1] == (
        f"deepexp-exact: interrupted: {done} of 202 runs are kept in s.sqlite; "
        f"the same command does the other {202 - done}"
    )
    assert "Traceback" not in errors
    assert study(tmp_path, text, *RUN).returncode == 0
    assert study(tmp_path, text, "run", "s.toml", "--store", "whole.sqlite").returncode == 0
    assert contents(store) == contents(tmp_path / "whole.sqlite")


def test_of_two_processes_on_one_file_one_is_refused(tmp_path):
    """Started at the same moment: either may win, the other says why it stops."""
    words = command(tmp_path, HEAD + SCALE, *RUN, start=real)
    pair = [
        subprocess.Popen(words, cwd=tmp_path, stdout=-1, stderr=-1, text=True) for _ in range(2)
    ]
    errors = {process.communicate(timeout=120)[1]: process.returncode for process in pair}
    assert sorted(errors.values()) == [0, 2]
    refused = next(text for text, status in errors.items() if status == 2)
    assert "another process is running s.sqlite" in refused
    assert len(contents(tmp_path / "s.sqlite")) == 22
