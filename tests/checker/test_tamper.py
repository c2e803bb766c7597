"""The tamper battery: every kind of forged certificate gets its stated verdict from both checkers,
also under ``python -O``, and untampered controls are accepted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from forgeries import FORGERIES
from forging import MALFORMED, OK, Forgery, rehashed

from deepexp_exact.certificate import check_certificate

Bases = dict[str, dict[str, Any]]
CONTROLS = ("simple", "defective", "other")


def write(folder: Path, forgery: Forgery, bases: Bases) -> Path:
    path = folder / (forgery.name.replace(" ", "-") + ".json")
    path.write_bytes(forgery.build(bases[forgery.base], bases["other"]))
    return path


def test_there_are_at_least_forty_kinds_with_different_names() -> None:
    assert len(FORGERIES) >= 40
    assert len({f.name for f in FORGERIES}) == len(FORGERIES)


@pytest.mark.parametrize("name", CONTROLS)
def test_untampered_controls_are_accepted(
    name: str, bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "control.json"
    path.write_bytes(rehashed(bases[name]))
    assert checker.check(str(path)) == OK
    assert "NOT CHECKED" in capsys.readouterr().out
    report = check_certificate(path)
    assert (report.status, report.failed) == (OK, ()), str(report)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda f: f.name)
def test_forgery(
    forgery: Forgery, bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    path = write(tmp_path, forgery, bases)
    status = checker.check(str(path))
    out = capsys.readouterr().out
    assert status == forgery.standard, out
    report = check_certificate(path)
    assert (report.status, report.failed) == (forgery.ball, forgery.failed), str(report)


def test_standard_checker_gives_the_same_verdicts_without_asserts(
    bases: Bases, checker_path: Path, tmp_path: Path
) -> None:
    paths = {str(write(tmp_path, f, bases)): f.standard for f in FORGERIES}
    for name in CONTROLS:
        path = tmp_path / f"control-{name}.json"
        path.write_bytes(rehashed(bases[name]))
        paths[str(path)] = OK
    run = subprocess.run(
        [sys.executable, "-O", str(checker_path), *paths],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == MALFORMED
    assert run.stderr == ""
    seen: dict[str, int] = {}
    for line in run.stdout.splitlines():
        if match := re.match(r"(\S+\.json): (MALFORMED)?", line):
            current = match[1]
            seen[current] = MALFORMED if match[2] else OK
        elif re.match(r"  [CN][0-9]\b.*\b(FAILED|UNDECIDED)", line):
            seen[current] = 1
    assert seen == paths


def test_ball_checker_gives_the_same_verdicts_without_asserts(bases: Bases, tmp_path: Path) -> None:
    paths = {str(write(tmp_path, f, bases)): f.ball for f in FORGERIES}
    for name in CONTROLS:
        path = tmp_path / f"control-{name}.json"
        path.write_bytes(rehashed(bases[name]))
        paths[str(path)] = OK
    program = (
        "import sys\n"
        "from deepexp_exact.certificate import check_files\n"
        "for r in check_files(sys.argv[1:]): print(r.status, r.path)\n"
    )
    run = subprocess.run(
        [sys.executable, "-O", "-c", program, *paths],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.stderr == ""
    lines = [line.split(" ", 1) for line in run.stdout.splitlines()]
    assert {path: int(status) for status, path in lines} == paths
