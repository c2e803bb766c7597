"""The benchmark as a real process on a grid of seconds: what it writes, skips and continues.

No speed is asserted."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mpmath import mp

from deepexp_exact.branches import make_record
from deepexp_exact.exact import to_gaussian
from deepexp_exact.solving import solve

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
SMALL = [
    *("--cell", "gaussian-complex", "2", "30"),
    *("--cell", "gaussian-complex", "3", "30"),
    *("--cell", "defective", "3", "30"),
    *("--repeats", "1", "--ledger", "3"),
]


@pytest.fixture(scope="module", autouse=True)
def _scripts_on_path():
    sys.path.insert(0, str(SCRIPTS))
    yield
    sys.path.remove(str(SCRIPTS))


def module(name):
    return importlib.import_module(f"benchmarks.{name}")


def grids_module():
    return module("grids")


def run(*words, timeout=300):
    return subprocess.run(
        [sys.executable, str(SCRIPTS / "benchmark.py"), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench")
    shown = run(*SMALL, "--out", out)
    assert shown.returncode == 0, shown.stderr
    return out, shown, json.loads((out / "benchmark.json").read_text("utf-8"))


def test_every_cell_has_times_errors_digits_and_memory(made):
    _, _, table = made
    assert table["format"] == "deepexp-exact/benchmark"
    assert table["about"]["blas_threads"] == 1
    assert [(r["family"], r["d"]) for r in table["rows"]] == [
        ("gaussian-complex", 2),
        ("gaussian-complex", 3),
        ("defective", 3),
    ]
    for row in table["rows"]:
        for method in grids_module().ALL:
            assert (method in row["seconds"]) != (method in row["notes"]), (row["family"], method)
        for method in ("c", "d"):
            assert row["seconds"][method] > 0
            assert row["errors"][method] <= -30
            assert row["recomputations"][method] >= 0
        for method in ("c", "g"):
            assert 0 < row["measuring"][method] < 1
        assert -17 < row["errors"]["e"] < -5
        assert abs(max(0.0, row["measured_loss"]) - row["predicted_loss"]) < 6
        assert row["digits_carried"] >= 30
        assert row["memory_mb"]["c"]["peak"] >= row["memory_mb"]["c"]["start"] > 10


def test_bare_flint_proves_the_digits_and_fails_for_jordan_blocks_with_the_reason(made):
    _, shown, table = made
    simple, _, defective = table["rows"]
    assert simple["errors"]["b"] <= simple["errors"]["b proved"] <= -30
    assert simple["errors"]["c as b"] <= simple["errors"]["b"]
    assert defective["notes"]["b"].startswith("fails: K is defective")
    assert "fails: K is defective" in shown.stdout


def test_targets_stand_side_by_side_and_what_was_not_measured_is_not_met(made):
    _, shown, table = made
    found = {t["target"]: t for t in table["targets"]}
    assert len(found) == len(table["targets"]) > 25
    assert found["(c) against (a), d = 16, 50 digits: times faster"]["met"] is None
    share = found["(c) measuring residuals and errors, d = 2, 50 digits: share of it, %"]
    assert (share["asked"], share["measured"]) == ("reported", "not measured")
    promise = next(t for name, t in found.items() if "against the promise" in name)
    assert promise["met"] is True
    assert "not measured" in shown.stdout


def test_tables_and_figures_are_written(made):
    out, _, table = made
    for name in ("times", "accuracy", "ledger", "targets"):
        for suffix in ("md", "tex", "csv"):
            text = (out / f"benchmark-{name}.{suffix}").read_text("utf-8")
            assert text.count("\n") > 3
    assert r"\begin{longtable}" in (out / "benchmark-times.tex").read_text("utf-8")
    for name in ("cost-against-d", "digits-lost"):
        assert (out / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert "<svg" in (out / f"{name}.svg").read_text("utf-8")
    assert len(table["ledger"]) == 3
    for entry in table["ledger"]:
        assert abs(entry["predicted"] - entry["measured"]) < 6


def test_resumed_run_keeps_what_is_there_and_other_settings_are_refused(made):
    out, _, table = made
    again = run(*SMALL, "--out", out, "--resume")
    assert again.returncode == 0, again.stderr
    after = json.loads((out / "benchmark.json").read_text("utf-8"))
    assert after["rows"] == table["rows"]
    assert after["ledger"] == table["ledger"]
    refused = run(*SMALL, "--seed", 2, "--out", out, "--resume")
    assert refused.returncode != 0
    assert "other settings" in refused.stderr


def test_a_cell_beyond_the_limit_is_skipped_with_the_reason(tmp_path):
    words = ["--cell", "gaussian-complex", 2, 30, "--cell", "gaussian-complex", 4, 30]
    shown = run(*words, "--limit-a", 0.05, "--repeats", 1, "--out", tmp_path / "o")
    assert shown.returncode == 0, shown.stderr
    table = json.loads((tmp_path / "o" / "benchmark.json").read_text("utf-8"))
    reason = table["rows"][1]["notes"]["a"]
    assert "stopped after" in reason or "over the limit" in reason
    assert "skipped [" in shown.stdout


def test_without_time_no_cell_is_begun_and_the_report_says_so(tmp_path):
    shown = run(*SMALL, "--budget", 1e-9, "--out", tmp_path / "o")
    assert shown.returncode == 0, shown.stderr
    assert "not run within the time given: gaussian-complex/2/30" in shown.stdout


def test_quick_and_full_grids_hold_what_the_targets_ask_for():
    grids, families = module("grids"), module("families")
    quick = {cell.key for cell in grids.QUICK}
    for d in (8, 16, 24, 32, 48, 64):
        assert f"gaussian-complex/{d}/50" in quick
    for family in module("targets").HARD:
        assert {f"{family}/8/50", f"{family}/16/50"} <= quick
    assert len(quick) == len(grids.QUICK)
    for family in families.FAR:
        assert f"{family}/4/50" in quick
    full = grids.full()
    special = sum(cell.family in families.SPECIAL or cell.digits > 1000 for cell in full)
    assert len(set(full)) == len(full) == len(families.FAMILIES) * 10 * 5 + special


def test_the_limit_predicts_from_the_largest_case_and_stops_what_runs():
    limits_module = module("limits")
    limits = limits_module.Limits(10.0, {"a": 1.0})
    limits.note("b", "simple", 8, 50, 1.0)
    limits.note("b", "hard", 8, 50, 9.0)
    assert limits.reason("b", "simple", 16, 50) is None
    assert "about 64 s" in limits.reason("b", "simple", 32, 50)
    assert "about 72 s" in limits.reason("b", "hard", 16, 50)
    assert limits.reason("a", "simple", 32, 50) is None
    with pytest.raises(limits_module.TooLong), limits_module.alarm(0.05):
        time.sleep(60)


def test_exponents_are_slopes_in_logarithms():
    exponent = module("figures").exponent
    assert exponent([(d, 3e-4 * d**2.5) for d in (16, 32, 64)]) == pytest.approx(2.5)
    assert exponent([(16, 1.0)]) is None


@pytest.mark.parametrize("family", ["gaussian-complex", "cluster-1e-6", "nearly-singular-D"])
def test_forward_errors_see_a_change_of_the_last_digits(family):
    methods, families = module("methods"), module("families")
    problem = families.build(family, 3, 5)
    solution = solve(problem, digits=30, path="multiprecision")
    record = solution.record
    exact = methods.enclosures(problem, record, 30)
    good = methods.forward_error(solution.weights, exact, 30)
    assert good <= -30
    W1, W2, W3 = solution.weights
    changed = W3.copy()
    with mp.workdps(200):
        changed[0, 0] *= 1 + mp.mpf(2) ** -70
    bad = methods.forward_error((W1, W2, changed), exact, 30)
    assert -25 < bad < -20
    assert math.isinf(methods.forward_error((W1, W2 * math.nan, W3), exact, 30))


@pytest.mark.parametrize("family", ["nearly-singular-D", "offdiagonal-3e4"])
def test_each_is_held_against_the_weights_of_its_own_record(family):
    measuring, grids, limits = module("measuring"), module("grids"), module("limits")
    effort = measuring.Effort(1, 0.0, 1, 1, True)
    row = measuring.measure(grids.Cell(family, 4, 30, "bcs"), effort, limits.Limits(60.0))
    assert row["errors"]["c"] <= -30
    assert row["errors"]["s"] <= -30


def test_lowest_bits_prove_the_digits_and_fewer_do_not():
    methods, families = module("methods"), module("families")
    problem = families.build("gaussian-complex", 4, 2)
    record = make_record(problem, to_gaussian("3"))
    bits = methods.lowest_bits(problem, record, 40)
    assert methods.bare_flint(problem, record, bits)[1] <= -40
    assert methods.bare_flint(problem, record, bits - 40)[1] > -40


def test_eigenvalues_on_the_cut_are_named_as_the_reason():
    methods = module("methods")
    from deepexp_exact.problems.families import FAMILIES

    problem = FAMILIES["negative-axis"].build(3, 1)
    record = make_record(problem, to_gaussian("3"))
    with pytest.raises(methods.NotDelivered, match="on the cut"):
        methods.lowest_bits(problem, record, 30)
