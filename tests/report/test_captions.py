"""What a caption states is true of the rows and marks below it: each relation is computed anew."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

import pytest

from deepexp_exact.report.figures import slope
from deepexp_exact.report.studies import paper_source, title_page
from deepexp_exact.report.study_figures import study_figures
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.solution import Label
from deepexp_exact.study import Results, execute
from deepexp_exact.study.plan import parse_study

GAUSSIAN = 'family = "gaussian-complex"\n'
GRIDS = {
    "accuracy": GAUSSIAN + 'd = [2, 3]\nseed = {count = 2}\npath = ["multiprecision", "ball"]\n',
    "peers": 'family = ["gaussian-real", "defective", "quantum-gates"]\nd = 3\nrepeat = 1\n'
    'method = ["multiprecision", "ball", "mpmath script", "python-flint script", "double", '
    '"SciPy script"]\n',
    "choice": GAUSSIAN + 'd = 2\nalpha = ["auto", "positive"]\n',
    "scale": 'family = "color-spaces"\nre_c = [-1.0, -1e-8, 1e-8, 1.0]\nim_c = [0.0, -2.0, 2.0]\n',
    "unwinding": 'family = "near-cut"\nd = 2\nexponent = 2\nseed = {count = 4}\nk = [-1, 0]\n',
    "rule": 'family = "near-cut"\nd = 2\nexponent = [1, 4]\nbranch = ["principal", '
    '"smallest-norm"]\n',
    "distance": 'family = "near-singular-D"\nd = 2\nexponent = [2, 30]\n'
    'alpha = ["auto", "positive"]\nexpect_undecided = true\n',
    "depth": 'family = ["gaussian-complex", "two-layers-fail"]\nd = 2\nstarts = 2\n',
    "equations": GAUSSIAN + "d = 1\ndigits = 20\n",
    "cost": GAUSSIAN + "d = [2, 8, 12]\nrepeat = 1\n",
    "proof": 'statement = ["P1", "P6"]\nd = [1, 2]\n',
    "refutation": 'mutation = ["P1-sign", "P2-factor"]\n',
    "verification": 'family = ["integer", "defective"]\nd = 2\n',
}
STUDY = 'format = "deepexp-exact/study"\nversion = 1\nname = "captions"\n' + "".join(
    f'[[grid]]\nmeasure = "{measure}"\n{axes}' for measure, axes in GRIDS.items()
)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    path = tmp_path_factory.mktemp("captions") / "s.sqlite"
    execute(parse_study(STUDY), path, workers=1, command="deepexp-exact study run s.toml")
    return Results.load(path)


@pytest.fixture(scope="module")
def tables(results):
    return {table.id: table for table in study_tables(results)}


@pytest.fixture(scope="module")
def figures(results):
    return {figure.id: figure for figure in study_figures(results)}


def rows(table):
    return [dict(zip(table.headings(), row, strict=True)) for row in table.rows]


def stated(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found is not None, text
    return int(found[1])


def test_every_caption_says_which_direction_is_better_and_how_many(tables, figures):
    for thing in (*tables.values(), *figures.values()):
        words = "better|PROVED|REFUTED|did not pass|exact|found"
        assert re.search(words, thing.caption), thing.caption
        assert re.search(r"\d+ (runs|points|problems|weights|of)|seed", thing.caption), thing.id


def test_n_adds_up_to_the_runs_of_the_caption(tables):
    """Of the tables that summarise runs: no run is left out, whatever became of it."""
    seen = 0
    for table in tables.values():
        if "n" not in table.headings() or table.id == "failures":
            continue
        if table.id == "depth":  # one row for each number of layers; impossible ones have no n
            continue
        total = sum(row["n"] for row in rows(table))
        assert stated(table.caption, r"(\d+) runs[:.]") == total, table.id
        seen += 1
    assert seen >= 8


def test_one_style_of_number_in_a_column(tables):
    """Where a column is written with powers of ten, all of its numbers are."""
    for table in tables.values():
        for j, column in enumerate(table.columns):
            if column.kind == "text":
                continue
            cells = [row[j] for row in table.cells()]
            numbers = [c for c in cells if re.fullmatch(r"-?[0-9.]+(e-?\d+)?", c) and c != "0"]
            assert len({"e" in c for c in numbers}) <= 1, (table.id, column.full)
            assert len({len(c.partition("e")[0].partition(".")[2]) for c in numbers}) <= 1
            assert not re.search(r"e[+-]0|e\+", " ".join(cells))


def test_times_are_never_written_as_nothing(tables):
    for name in ("cost", "peers", "proofs"):
        table = tables[name]
        for j, column in enumerate(table.columns):
            if column.timing:
                assert all(float(row[j]) > 0 for row in table.cells() if row[j] not in "–cens.")


def test_the_accuracy_caption(results, tables):
    """Error is one thing for every path: a distance; the proved radius has a column of its own."""
    for row in rows(tables["accuracy"]):
        ball = row["path"] == "ball"
        assert (row["proved radius, worst"] is not None) is ball
        assert row["error, worst"] >= row["error, median"]
    for row in results.where("accuracy", path="ball"):
        measured = row.outcome.measured
        assert measured["log10_error"] <= measured["log10_radius"] + 1e-5  # a bound that holds


def test_the_prediction_caption(results, figures):
    pairs = [
        (r.outcome.measured["predicted"], r.outcome.measured["lost"])
        for r in results.where("accuracy", path="ball")
    ]
    caption = figures["prediction"].caption
    assert stated(caption, r"(\d+) runs of the ball path") == len(pairs)
    assert stated(caption, r"(\d+) points lie above") == sum(lost > p for p, lost in pairs)
    farthest = float(re.search(r"than ([\d.]+) digits", caption)[1])
    assert farthest - 0.1 < max(abs(p - lost) for p, lost in pairs) <= farthest


def test_the_map_of_c_counts_what_was_not_measured(results, figures):
    caption = figures["scale-color-spaces"].caption
    plane = results.where("scale")
    unmeasured = [r for r in plane if "lost" not in r.outcome.measured]
    assert stated(caption, r"(\d+) points") == len(plane)
    assert stated(caption, r"of which (\d+) are predictions") == len(unmeasured)
    assert all(r.outcome.measured["predicted"] > 120 for r in unmeasured)


def test_predictions_are_not_printed_as_measurements(tables):
    """Where nothing was measured the digits lost are censored, not the prediction."""
    for row in rows(tables["scale-color-spaces"]):
        assert row["censored"] == row["n"] == 1
        assert repr(row["digits lost, median"]) == "censored"
        assert row["digits lost, predicted, median"] > 120


def test_the_peers_caption(results, tables, figures):
    peers = results.where("peers")
    for row in rows(tables["peers"]):
        own = [r.outcome.measured for r in peers.where(method=row["method"])]
        other = [
            m for m in own if m.get("log10_residual", 0) < -6 and m.get("log10_error", -9) > -2
        ]
        assert row["other branch"] == len(other)
        assert row["censored"] == sum("log10_error" not in m for m in own)
    found = {row["method"]: row for row in rows(tables["peers"])}
    assert found["mpmath script"]["other branch"] > 0  # logm at eigenvalues on the cut
    assert found["multiprecision"]["other branch"] == found["ball"]["other branch"] == 0
    assert stated(figures["profiles"].caption, r"on (\d+) problems") == len(
        peers.groups("family", "d", "seed")
    )
    assert figures["profiles"].caption.count("10^−50") == 1


def test_float64_is_shown_as_it_is(results, tables):
    """On a defective real K the ordinary script keeps what the complex, repaired path loses; both
    are there, unclamped."""
    peers = results.where("peers", family="defective")
    error = {r.run.params["method"]: r.outcome.measured["log10_error"] for r in peers
             if "log10_error" in r.outcome.measured}  # fmt: skip
    assert error["SciPy script"] < -10 < -1 < error["double"]
    row = next(r for r in rows(tables["verification"]) if r["problem"].startswith("defective"))
    assert row["SciPy script, error"] < -10


def test_proofs_refutations_failures_and_equations_count_what_they_say(results, tables):
    for name, label in (("proofs", Label.PROVED), ("refutations", Label.REFUTED)):
        told = Counter(row["label"] for row in rows(tables[name]))
        words = rf"(\d+) of {len(tables[name].rows)}\s{label}"
        assert stated(tables[name].caption, words) == told[label]
    failed = rows(tables["failures"])
    pattern = rf"The (\d+) runs of {len(results)} that did not pass"
    assert stated(tables["failures"].caption, pattern) == sum(row["n"] for row in failed)
    assert stated(tables["failures"].caption, r"; (\d+) of them reached a ceiling") == 1
    assert stated(tables["equations"].caption, r"certified for (\d+) of 1 instances") == 1


def test_the_slopes_of_the_cost_figure_are_those_of_its_medians(results, figures):
    left = figures["cost"].drawing.axes[0]
    label = next(line.get_label() for line in left.lines if "p =" in line.get_label())
    seconds = [
        (r.run.params["d"], r.outcome.timings["median_seconds"])
        for r in results.where("cost")
        if r.run.params["d"] >= 8
    ]
    assert float(re.search(r"p = ([\d.-]+)", label)[1]) == pytest.approx(slope(seconds), abs=0.06)
    assert slope([(d, 3.0 * d**2.5) for d in (8, 16, 32)]) == pytest.approx(2.5)


def test_legends_name_only_what_is_drawn(figures):
    for figure in figures.values():
        for axis in figure.drawing.axes:
            for handle, _ in zip(*axis.get_legend_handles_labels(), strict=True):
                if hasattr(handle, "get_xydata"):
                    assert len(handle.get_xydata()) > 0, figure.id


def test_axes_are_named_in_mathematics_and_ticks_stand_apart(figures):
    for figure in figures.values():
        for axis in figure.drawing.axes:
            words = axis.get_xlabel() + axis.get_ylabel()
            assert not re.search(r"log10|‖|\bW[123]\b|\bX[12]\b|\bY[12]\b|e\^c", words), words
            if axis.get_xscale() == "log":
                ticks = sorted(axis.get_xticks())
                span = math.log(ticks[-1] / ticks[0]) if len(ticks) > 1 else 0.0
                gaps = [math.log(b / a) for a, b in itertools.pairwise(ticks)]
                assert all(gap >= 0.1 * span for gap in gaps), figure.id


def test_the_title_page_says_what_was_run_where_and_when(results):
    page = title_page(results, "All as expected.")
    facts = results.facts[0]
    for words in ("deepexp-exact 0", "processors, BLAS", "load average", "All as expected."):
        assert words in page
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", page)
    assert results.sha256 in re.sub(r"\\allowbreak ", "", page)
    assert facts["commands"] == "deepexp-exact study run s.toml"
    assert r"\texttt{deepexp-exact study run s.toml}" in page
    assert f"{len(results)} of captions" in page
    assert paper_source(results, study_figures(results)).count(r"\section{") >= 8
