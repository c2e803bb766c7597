"""Digits asked are digits given: 200 random problems, recomputed by a script with mpmath alone."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from deepexp_exact.certificate import certificate_from_solution, read_certificate, write_certificate
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import solve

SCRIPT = Path(__file__).with_name("recompute.py")


def cases() -> list[tuple[str, int, int, int]]:
    """(family, d, seed, digits), every family about equally often."""
    rng = random.Random(20241)
    names = sorted(FAMILIES)
    out = []
    for j in range(200):
        family = FAMILIES[names[j % len(names)]]
        largest = {"hadamard-K": 4, "nearly-defective": 3, "al-mohy-higham-K": 3}.get(
            family.name, 5
        )
        d = {"hadamard-K": rng.choice([1, 2, 4])}.get(family.name, rng.randint(1, largest))
        out.append((family.name, d, rng.randrange(10**6), rng.choice([15, 20, 30, 50])))
    return out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("route", "part"),
    [*(("multiprecision", j) for j in range(4)), *(("mpmath", j) for j in range(4))],
)
def test_residuals_of_saved_solutions_are_within_what_was_promised(route, part, tmp_path):
    paths = []
    for name, d, seed, digits in cases()[part::4]:
        problem = FAMILIES[name].build(d, seed)
        solution = solve(problem, digits=digits, path=route)
        path = tmp_path / f"{problem.name}-{digits}.json"
        write_certificate(certificate_from_solution(solution), path)
        paths.append(str(path))
    run = subprocess.run([sys.executable, str(SCRIPT), *paths], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count(" ok\n") == len(paths) == 50


def test_the_script_notices_a_changed_weight(tmp_path):
    solution = solve(FAMILIES["gaussian-complex"].build(2, 0), digits=20)
    path = tmp_path / "good.json"
    write_certificate(certificate_from_solution(solution), path)
    text = path.read_text()
    first = str(read_certificate(path).to_json()["weights"]["W3"][0][0][0])
    changed = first.replace("p", "1p", 1)
    (tmp_path / "bad.json").write_text(text.replace(first, changed, 1))
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(path), str(tmp_path / "bad.json")],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert [line.endswith(" ok") for line in run.stdout.splitlines()] == [True, False]
