"""The campaign of random problems: a small one, its three classes, its file."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mpmath import mp

SCRIPT = Path(__file__).parents[1] / "scripts" / "campaign.py"


@pytest.fixture(scope="module")
def campaign() -> ModuleType:
    spec = importlib.util.spec_from_file_location("campaign", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["campaign"] = module
    spec.loader.exec_module(module)
    return module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=300
    )


def solved(campaign: ModuleType, index: int) -> tuple[Any, Any, Any]:
    from deepexp_exact.solving import path_solver

    one = campaign.draw(0, index)
    problem = campaign.build(one)
    record = campaign.record_of(problem, one)
    return problem, record, path_solver("multiprecision", "shift")(problem, record, one.digits)


@pytest.mark.slow
def test_twenty_problems_one_of_each_family_are_inside(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    done = run("--count", "20", "--seed", "5", "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 problems: 20 inside, 0 OUTSIDE, 0 UNDECIDED" in done.stdout
    head, *rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert head["seed"] == 5
    assert len({row["family"] for row in rows}) == 20
    for row in rows:
        numbers = [v for v in row["proved"] if v is not None]
        assert max(numbers) <= -row["digits"]
    # A second start has nothing left to do; other settings are refused; a cut line is mended.
    before = target.read_text()
    target.write_text(before + '{"index": 2')
    assert run("--count", "20", "--seed", "5", "--out", str(target)).returncode == 0
    assert target.read_text() == before
    refused = run("--count", "20", "--seed", "6", "--out", str(target))
    assert refused.returncode == 1
    assert "other settings" in refused.stderr


def test_draws_are_reproducible_and_cover_what_they_say(campaign: ModuleType) -> None:
    draws = [campaign.draw(0, j) for j in range(2000)]
    assert draws == [campaign.draw(0, j) for j in range(2000)]
    assert draws[7] != campaign.draw(1, 7)
    assert {one.family for one in draws} == set(campaign.families())
    assert {one.d for one in draws} == set(range(1, 13))
    assert min(one.digits for one in draws) == 15
    assert max(one.digits for one in draws) == 300
    assert {one.branch for one in draws} == {"principal", "smallest-norm", "integers"}
    assert {one.turn for one in draws} == {-1, 0, 1}
    assert len({one.alpha for one in draws}) == 2 + len(campaign.ALPHAS)


@pytest.mark.parametrize("which", ["W1", "W2", "W3"])
def test_a_weight_changed_above_the_digits_promised_is_outside(
    campaign: ModuleType, which: str
) -> None:
    problem, record, solution = solved(campaign, 19)
    assert campaign.judge(problem, record, solution)["result"] == campaign.INSIDE
    weight = getattr(solution, which).copy()
    with mp.workdps(solution.digits + 40):
        weight[0, 0] += mp.mnorm(weight, "f") * mp.mpf(10) ** (1 - solution.digits)
    changed = replace(solution, **{which: weight})
    found = campaign.judge(problem, record, changed)
    assert found["result"] == campaign.OUTSIDE
    assert which in found["reason"] or "residual" in found["reason"]


def test_weights_of_another_branch_are_outside(campaign: ModuleType) -> None:
    problem, record, solution = solved(campaign, 19)
    first, *rest = record.entries
    other = replace(record, rule="integers", entries=(replace(first, k=first.k + 1), *rest))
    assert campaign.judge(problem, other, solution)["result"] == campaign.OUTSIDE


def test_a_number_that_is_not_finite_is_a_reason_never_a_pass(
    campaign: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, record, solution = solved(campaign, 13)
    for bad in ("nan", "inf"):
        spoilt = replace(solution, errors=(mp.mpf(bad), *solution.errors[1:]))
        with pytest.raises(campaign.NotFinite, match="the estimate of W1"):
            campaign.judge(problem, record, spoilt)
    import deepexp_exact.solving as solving

    nothing = replace(solution, residuals=(mp.mpf("nan"), mp.mpf(0)))
    monkeypatch.setattr(solving, "path_solver", lambda *_: lambda *_: nothing)
    row = campaign.examine(campaign.draw(0, 13), 60)
    assert row["result"] == campaign.UNDECIDED
    assert "NotFinite: the estimate of residual at X1 is nan" in row["reason"]
    monkeypatch.setattr(solving, "path_solver", lambda *_: lambda *_: 1 / 0)
    row = campaign.examine(campaign.draw(0, 13), 60)
    assert row["result"] == campaign.UNDECIDED
    assert "internal error ZeroDivisionError" in row["reason"]


def test_a_problem_past_its_time_limit_is_undecided(
    campaign: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    import deepexp_exact.solving as solving

    monkeypatch.setattr(solving, "path_solver", lambda *_: lambda *_: time.sleep(30))
    row = campaign.examine(campaign.draw(0, 13), 1)
    assert row["result"] == campaign.UNDECIDED
    assert row["reason"] == "solve: the limit of 1 s was reached"
