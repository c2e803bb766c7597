"""Running a study: any number of workers, any order, any number of kills, the same results."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepexp_exact.errors import FormatError, NotApplicableError
from deepexp_exact.solution import Label
from deepexp_exact.study import Results, Store, execute, execution
from deepexp_exact.study.measures import MEASURES
from deepexp_exact.study.measuring import PERFORM
from deepexp_exact.study.outcome import Outcome, decode, encode
from deepexp_exact.study.plan import Run, parse_study
from deepexp_exact.workers import Lost, Worker

STUDY = """
format = "deepexp-exact/study"
version = 1
name = "small"
[limits]
seconds = 30
[[grid]]
measure = "scale"
family = "gaussian-complex"
d = [2, 3]
digits = 10
re_c = {from = -2, to = 2, count = 11}
im_c = [0.0, 1.5]
[[grid]]
measure = "scale" # fails: K has two eigenvalues for three integers
family = "gaussian-complex"
d = 2
re_c = 1
branch = [[0, 1, 2]]
"""
#: Kills of a running study; `DEEPEXP_KILLS=50` gives the long form of the test.
KILLS = int(os.environ.get("DEEPEXP_KILLS", "6"))


def contents(path: Path) -> list[tuple[object, ...]]:
    """Everything about the results that must not depend on how they were obtained."""
    return [
        (row.run.key, row.outcome.label, row.outcome.reason, dict(row.outcome.measured))
        for row in Results.load(path)
        if row.outcome is not None
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "whole.sqlite"
    progress = execute(parse_study(STUDY), path, workers=1)
    assert (progress.done, progress.failed) == (45, 1)
    return contents(path)


def test_failures_are_rows_with_reasons(undisturbed):
    labels = {row[1] for row in undisturbed}
    assert labels == {Label.CERTIFIED, Label.FAILED, Label.NOT_APPLICABLE}
    assert all(row[2] for row in undisturbed if row[1] is not Label.CERTIFIED)


def test_workers_and_order_do_not_matter(undisturbed, tmp_path):
    path = tmp_path / "two.sqlite"
    execute(parse_study(STUDY), path, workers=2)
    assert contents(path) == undisturbed


def start(tmp_path: Path, store: Path) -> subprocess.Popen[bytes]:
    toml = tmp_path / "small.toml"
    toml.write_text(STUDY)
    command = [sys.executable, "-m", "deepexp_exact", "study", "run", str(toml)]
    return subprocess.Popen(
        [*command, "--store", str(store), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_kills_at_random_times_lose_and_double_nothing(undisturbed, tmp_path):
    """kill -9 during start, work and writing; then one run to the end."""
    rng, store, kills = random.Random(6), tmp_path / "killed.sqlite", 0
    started = time.perf_counter()
    assert start(tmp_path, tmp_path / "timed.sqlite").wait(120) == 1  # one run fails
    whole = time.perf_counter() - started
    for _ in range(4 * KILLS):
        process = start(tmp_path, store)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.1, 0.95) * whole)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        if kills == KILLS:
            break
        if store.exists() and rng.random() < 0.7:
            _forget_some(store, rng)  # so that there is something left to be killed in
    assert kills == KILLS
    assert start(tmp_path, store).wait(120) == 1
    assert contents(store) == undisturbed


def _forget_some(store: Path, rng: random.Random) -> None:
    with contextlib.suppress(sqlite3.OperationalError), sqlite3.connect(store) as db:
        keys = [key for (key,) in db.execute("SELECT key FROM result ORDER BY key")]
        chosen = rng.sample(keys, 4 * len(keys) // 5)
        db.executemany("DELETE FROM result WHERE key = ?", [(key,) for key in chosen])


def test_two_processes_on_one_file_are_refused(tmp_path):
    study = parse_study(STUDY)
    with Store.open_for(study, tmp_path / "s.sqlite"):
        with pytest.raises(FormatError, match="another process is running"):
            Store.open_for(study, tmp_path / "s.sqlite")
        process = start(tmp_path, tmp_path / "s.sqlite")
        assert process.wait(60) == 2
        assert Results.load(tmp_path / "s.sqlite").missing() == 45
    Store.open_for(study, tmp_path / "s.sqlite").close()


def test_another_plan_is_refused(tmp_path):
    Store.open_for(parse_study(STUDY), tmp_path / "s.sqlite").close()
    with pytest.raises(FormatError, match="holds the runs of another plan"):
        Store.open_for(parse_study(STUDY.replace("d = [2, 3]", "d = 4")), tmp_path / "s.sqlite")


def test_another_file_is_refused(tmp_path):
    (tmp_path / "s.sqlite").write_text("nothing of the kind" * 100)
    with pytest.raises(FormatError, match="is not a study's SQLite file"):
        Store(tmp_path / "s.sqlite")
    with pytest.raises(FormatError, match="there is no study file"):
        Store(tmp_path / "missing.sqlite")


def test_retry_repeats_what_did_not_pass(tmp_path, undisturbed):
    path, study = tmp_path / "s.sqlite", parse_study(STUDY)
    execute(study, path, workers=1)
    again = execute(study, path, workers=1)
    assert (again.before, again.done) == (45, 0)
    again = execute(study, path, workers=1, retry=True)
    assert (again.before, again.done) == (44, 1)
    assert contents(path) == undisturbed


def test_a_result_is_kept_once(tmp_path):
    with Store.open_for(parse_study(STUDY), tmp_path / "s.sqlite") as store:
        store.begin("test", {})
        key = store.missing()[0].key
        store.add(key, Outcome(Label.AGREES))
        with pytest.raises(sqlite3.IntegrityError):
            store.add(key, Outcome(Label.FAILED))
        assert store.counts() == {"AGREES": 1}


SLOW = Run(
    "verification",
    {"family": "gaussian-complex", "d": 24, "seed": 0, "digits": 2000, "alpha": "auto"},
)
QUICK = Run(
    "scale",
    {
        "family": "gaussian-complex",
        "d": 2,
        "seed": 0,
        "digits": 10,
        "re_c": 1.0,
        "im_c": 0.0,
        "branch": "principal",
        "construction": "shift",
    },
)


def outcome_of(worker: Worker, run: Run) -> Outcome:
    return Outcome.of(worker.call(PERFORM, (run.measure, dict(run.params))))


def test_time_limit_is_a_reason_and_the_next_run_works():
    worker = Worker(1.0, 4096)
    try:
        started = time.perf_counter()
        outcome = outcome_of(worker, SLOW)
        assert (outcome.label, outcome.reason) == (
            Label.UNDECIDED,
            "the time limit of 1 s was reached",
        )
        assert time.perf_counter() - started < 20
        worker.seconds = 30.0
        assert outcome_of(worker, QUICK).label is Label.CERTIFIED
    finally:
        worker.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the ceiling is Linux's")
def test_memory_ceiling_is_a_reason():
    worker = Worker(60.0, 60)  # too little for the libraries themselves
    try:
        outcome = outcome_of(worker, QUICK)
        assert outcome.label is Label.UNDECIDED
        assert "memory ceiling" in outcome.reason
    finally:
        worker.close()


def test_infinities_survive_strict_json():
    table = {"a": float("inf"), "b": float("-inf"), "c": 1.5, "d": "text", "e": None}
    assert decode(encode(table)) == table
    outcome = Outcome(Label.FAILED, "why", {"x": float("inf")}, {"s": 0.5}, 1.0)
    assert Outcome.from_json(outcome.to_json()) == outcome


def test_results_as_arrays(tmp_path):
    path = tmp_path / "s.sqlite"
    execute(parse_study(STUDY), path, workers=2)
    results = Results.load(path).where("scale", d=lambda d: d == 3)
    arrays = results.arrays()
    assert arrays["re_c"].shape == arrays["lost"].shape == (22,)
    assert len(results.measured().values("lost")) == 21
    assert set(results.groups("im_c")) == {(0.0,), (1.5,)}
    assert all(len(group) == 11 for group in results.groups("im_c").values())


def test_results_as_a_data_frame(tmp_path):
    pandas = pytest.importorskip("pandas", reason="needs the extra pandas")
    path = tmp_path / "s.sqlite"
    execute(parse_study(STUDY), path, workers=2)
    results = Results.load(path)
    frame, arrays = results.to_pandas(), results.arrays()
    assert list(frame.columns) == list(arrays)
    assert len(frame) == len(results) == 45
    assert frame.lost.isna().sum() == sum(
        row.outcome.label is not Label.CERTIFIED for row in results
    )
    for name in ("re_c", "d", "lost", "predicted"):
        pandas.testing.assert_series_equal(
            frame[name].astype(float), pandas.Series(arrays[name], name=name)
        )
    assert frame.label.tolist() == arrays["label"].tolist()
    worst = frame.groupby("d").lost.max()
    for d in (2, 3):
        assert worst[d] == max(results.where(d=d).values("lost"))


def test_a_data_frame_without_pandas_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(NotApplicableError, match=r"pip install 'deepexp-exact\[report\]'"):
        Results([]).to_pandas()


HEAD_OF_TIMED = 'format = "deepexp-exact/study"\nversion = 1\nname = "timed"\n'


def test_timed_runs_come_last_and_one_at_a_time(monkeypatch):
    """Whatever the plan's order and the number of workers; here and beside a cluster alike."""
    study = parse_study(
        HEAD_OF_TIMED
        + '[[grid]]\nmeasure = "cost"\nfamily = "integer"\nd = [1, 2]\nrepeat = 1\n'
        + '[[grid]]\nmeasure = "choice"\nfamily = "integer"\nd = [1, 2]\n'
    )
    pools = []

    def in_pool(function, calls, workers, seconds, memory_mb):
        pools.append(([measure for measure, _ in calls], workers))
        return ((j, Lost("not run")) for j in range(len(calls)))

    monkeypatch.setattr(execution, "in_pool", in_pool)
    done = [run.measure for run, _ in execution.local(study.runs, study.limits, 2)]
    assert done == ["choice", "choice", "cost", "cost"]
    assert pools == [(["choice"] * 2, 2), (["cost"] * 2, 1)]
    alone = sum(MEASURES["cost"].estimate(run.params) for run in study.runs[:2])
    others = sum(MEASURES["choice"].estimate(run.params) for run in study.runs[2:])
    assert study.estimate(2) == pytest.approx(alone + others / 2)


def test_a_session_names_processor_blas_threads_and_load():
    told = execution.provenance(2, None)
    assert told["processor"]
    assert told["blas"]
    assert (told["blas_threads"], told["cpus"]) == (1, os.cpu_count())
    assert "load" in told
