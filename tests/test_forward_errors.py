"""Forward errors of exp and log on published hard matrices stay below a multiple of κ·u."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepexp_exact.branches import make_record
from deepexp_exact.exact import ExactMatrix, to_gaussian
from deepexp_exact.problems.hard_matrices import HARD

SCRIPTS = Path(__file__).parents[1] / "scripts"
#: log of Davies & Higham's matrix (κ = 10^70) takes half a minute; it is in the full run.
QUICK = sorted(set(HARD) - {"davies-higham"})


@pytest.fixture(scope="module")
def forward_errors() -> ModuleType:
    sys.path.insert(0, str(SCRIPTS))
    try:
        spec = importlib.util.spec_from_file_location(
            "forward_errors", SCRIPTS / "forward_errors.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["forward_errors"] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SCRIPTS))
    return module


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_errors_are_below_ten_times_d_times_kappa_u(forward_errors: ModuleType, name: str) -> None:
    functions = ("exp", "log") if HARD[name].is_invertible() else ("exp",)
    for function, digits in itertools.product(functions, (16, 50)):
        found = forward_errors.by_function(function, name, digits)
        assert found.delivered
        assert found.expected
        solved = forward_errors.by_path(function, name, digits)
        assert solved is not None
        assert solved.within


@pytest.mark.parametrize("scale", [1, 40])
def test_the_condition_numbers_of_a_normal_matrix_are_those_of_its_eigenvalues(
    forward_errors: ModuleType, scale: int
) -> None:
    # ‖exp'‖ = e^λ at the largest eigenvalue, ‖log'‖ = 1/λ at the smallest.
    A = ExactMatrix.diagonal([scale, 2 * scale, 3 * scale])
    size = math.log2(scale * math.sqrt(14))
    value = 0.5 * math.log2(sum(math.exp(2 * scale * (j - 3)) for j in (1, 2, 3)))
    assert forward_errors.condition_of_exp(A, None) == pytest.approx(size - value, abs=1e-5)
    problem = forward_errors.problem_of_log(A)
    found = forward_errors.condition_of_log(problem, make_record(problem, to_gaussian(3)))
    logs = math.sqrt(sum(math.log(scale * j) ** 2 for j in (1, 2, 3)))
    assert found == pytest.approx(size - math.log2(scale) - math.log2(logs), abs=1e-5)


def test_the_condition_number_of_a_jordan_block_is_scipys(forward_errors: ModuleType) -> None:
    from scipy.linalg import expm_cond

    for name in ("ward-1", "burkardt-9", "unit-jordan"):
        wanted = math.log2(expm_cond(HARD[name].to_numpy().real))
        assert forward_errors.condition_of_exp(HARD[name], None) == pytest.approx(wanted, abs=1e-6)


def test_an_error_is_seen_and_one_beyond_the_multiple_is_not_expected(
    forward_errors: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = forward_errors.by_function("exp", "ward-1", 16)
    assert good.expected
    assert good.error is not None
    import deepexp_exact.paths.multiprecision.functions.exponential as exponential

    plain = exponential.expm

    def spoilt(a: Any, bits: int, ceiling: int) -> Any:
        found = plain(a, bits, ceiling)
        return replace(found, value=found.value * (1 + 2.0**-40))

    monkeypatch.setattr(exponential, "expm", spoilt)
    bad = forward_errors.by_function("exp", "ward-1", 16)
    assert bad.error == pytest.approx(-40, abs=0.01)
    assert not bad.within
    assert not bad.delivered
    assert not bad.expected


def test_the_script_writes_figure_tables_and_data(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, str(SCRIPTS / "forward_errors.py"), "--digits", "16", "30"]
    command += ["--matrix", "laub", "ward-1", "al-mohy-higham", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "largest error/(max(1, κ)·u)" in done.stdout
    names = {p.name for p in out.iterdir()}
    assert names == {
        f"forward-errors.{e}" for e in ["json", "md", "tex", "csv", "svg", "pdf", "png"]
    }
    points = json.loads((out / "forward-errors.json").read_text())["log2"]
    assert len(points) == 3 * 2 * 2 * 2 + 3 * 2  # SciPy's, in float64
    kappas = [p["kappa"] for p in points if (p["function"], p["source"]) == ("exp", "function")]
    assert kappas == sorted(kappas)
    rows = (out / "forward-errors.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 * 2 * 3
