"""The command depth as a process: files, exit statuses, certificates that check and show read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import prompt


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(prompt(*words), capture_output=True, text=True, cwd=cwd, timeout=120)


def test_certificate_is_checked_and_shown(tmp_path):
    made = run("depth", "quantum-gates", "--digits", "20", "--out", "t.json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "CERTIFIED" in made.stdout
    checked = run("check", "t.json", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("CERTIFIED") == 4
    shown = run("show", "t.json", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "two layers for quantum-gates: 20 digits, claims C1, C2" in shown.stdout
    assert "W2" in shown.stdout


def test_nothing_is_written_where_two_layers_cannot(tmp_path):
    done = run("depth", "two-layers-fail", "--out", "t.json", "--json", cwd=tmp_path)
    assert done.returncode == 0
    table = json.loads(done.stdout)
    assert [row["solvable"] for row in table["depths"]] == [False, False, True]
    assert "no certificate" in done.stderr
    assert not (tmp_path / "t.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--starts", "0"],
        ["--starts", "-3"],
        ["--seed", "x"],
        ["--digits", "1.5"],
        ["--out", "no/such/folder/t.json"],
        ["--json", "--out", "-"],
    ],
)
def test_bad_options_are_told(words, tmp_path):
    done = run("depth", "two-layers-fail", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
