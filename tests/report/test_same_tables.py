"""Two runs of one plan give the same bytes in every table, timing columns apart."""

from __future__ import annotations

import shutil

import pytest

from deepexp_exact.report.studies import differing_tables, timing_columns, write_tables
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.study import Results, execute
from deepexp_exact.study.measures import MEASURES
from deepexp_exact.study.plan import parse_study

GAUSSIAN = 'family = "gaussian-complex"\nd = 2\n'
#: One grid for every measure that has a table, float64 and the fits among them.
GRIDS = {
    "accuracy": GAUSSIAN + 'seed = {count = 2}\npath = ["multiprecision", "ball", "double"]\n',
    "choice": 'family = ["gaussian-real", "color-spaces"]\nd = 3\nalpha = ["auto", "positive"]\n',
    "scale": GAUSSIAN + "re_c = {from = -1, to = 1, count = 5}\n",
    "unwinding": 'family = "near-cut"\nd = 2\nexponent = 2\nk = [-1, 0, 1]\n',
    "rule": 'family = "frank-K"\nd = 4\nbranch = ["principal", "smallest-norm"]\n',
    "distance": 'family = "near-singular-D"\nd = 2\nexponent = [2, 30]\n',
    "depth": 'family = ["gaussian-complex", "iris-covariances"]\nd = 2\nstarts = 2\n',
    "equations": GAUSSIAN + "digits = 20\n",
    "cost": GAUSSIAN + "repeat = 1\n",
    "peers": GAUSSIAN + 'repeat = 1\nmethod = ["ball", "mpmath script", "SciPy script"]\n',
    "proof": 'statement = ["P1", "P6"]\nd = [1, 2]\n',
    "refutation": 'mutation = "P1-sign"\n',
    "verification": 'family = ["integer", "defective"]\nd = 2\n',
}
STUDY = 'format = "deepexp-exact/study"\nversion = 1\nname = "all"\n' + "".join(
    f'[[grid]]\nmeasure = "{measure}"\n{axes}' for measure, axes in GRIDS.items()
)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """Folders of tables of one worker and of two, with the timing columns of both."""
    folder = tmp_path_factory.mktemp("twice")
    timing = []
    for workers in (1, 2):
        store = folder / f"{workers}.sqlite"
        execute(parse_study(STUDY), store, workers=workers)
        results = Results.load(store)
        assert not [str(row.run) for row in results.not_passed()]
        write_tables(results, folder / str(workers))
        timing.append(timing_columns(results))
    assert timing[0] == timing[1]
    return folder, timing[0]


def test_every_measure_with_a_table_is_here():
    assert set(GRIDS) == set(MEASURES) - {"derivation"}  # which reports make


def test_tables_are_the_same_bytes_twice(two_runs):
    folder, timing = two_runs
    assert differing_tables(folder / "1", folder / "2", timing) == []
    same = [p.name for p in (folder / "1").iterdir() if p.stem not in timing]
    assert len(same) >= 4 * (len(GRIDS) - 3)
    for name in same:
        assert (folder / "1" / name).read_bytes() == (folder / "2" / name).read_bytes()


def test_timing_columns_are_named_and_are_all_that_may_differ(two_runs):
    folder, timing = two_runs
    of_time = [f"processor time, ms, {told}" for told in ("25 %", "median", "75 %", "worst")]
    assert timing == {
        "cost": of_time,
        "peers": [of_time[1], of_time[3]],
        "proofs": ["time, ms"],
    }
    assert differing_tables(folder / "1", folder / "2", {}) != []  # times were measured


def test_any_other_difference_is_found(two_runs, tmp_path):
    folder, timing = two_runs
    for name, old, new in (
        ("cost.csv", "multiprecision", "ball"),
        ("accuracy.tex", "2", "3"),
        ("distance.json", "shift", "split"),
        ("depth.md", "gaussian", "Gaussian"),
    ):
        changed = tmp_path / name
        shutil.copytree(folder / "1", changed)
        text = (changed / name).read_text()
        assert old in text
        (changed / name).write_text(text.replace(old, new))
        assert differing_tables(changed, folder / "2", timing) == [name]
    (changed / "proofs.tex").unlink()
    assert differing_tables(changed, folder / "2", timing) == ["depth.md", "proofs.tex"]


def test_tables_that_hold_times_say_so(two_runs):
    """No column whose heading speaks of time is without its mark."""
    folder, timing = two_runs
    for table in study_tables(Results.load(folder / "1.sqlite")):
        spoken = [c.key for c in table.columns if "time" in c.full or "second" in c.full]
        assert spoken == timing.get(table.id, [])


def test_the_hash_of_the_data_is_that_of_every_run_of_the_plan(two_runs):
    folder, _ = two_runs
    first, second = (Results.load(folder / f"{n}.sqlite") for n in (1, 2))
    assert first.sha256 == second.sha256
    assert Results(first.rows[1:]).sha256 != first.sha256
