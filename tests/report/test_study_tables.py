"""Tables and figures: rounding, the three formats of one table, and all of a small study."""

from __future__ import annotations

import csv
import io
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deepexp_exact.report.figures import rendered
from deepexp_exact.report.studies import SECTIONS, overfull, paper_source, write_paper
from deepexp_exact.report.study_figures import study_figures
from deepexp_exact.report.study_page import study_page
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.report.tables import DASH, ONE_PAGE, Column, Table, latex_text, power
from deepexp_exact.study import Results, execute
from deepexp_exact.study.measures import MEASURES
from deepexp_exact.study.plan import parse_study

STUDY = """
format = "deepexp-exact/study"
version = 1
name = "small"
[[grid]]
measure = "accuracy"
family = "gaussian-complex"
d = [2, 3]
seed = {count = 2}
digits = [20, 30]
path = ["multiprecision", "ball"]
[[grid]]
measure = "scale"
family = "gaussian-complex"
d = 2
digits = 10
re_c = [-1.0, 0.0, 1.0]
im_c = [0.0, 1.0, -1.0]
[[grid]]
measure = "unwinding"
family = "near-cut"
d = 2
exponent = 2
k = [-1, 0, 1]
[[grid]]
measure = "distance"
family = ["near-singular-D"]
d = 2
exponent = [2, 30]
alpha = ["auto", "positive"]
[[grid]]
measure = "depth"
family = ["gaussian-complex", "two-layers-fail"]
starts = 2
d = 2
[[grid]]
measure = "equations"
family = "gaussian-complex"
d = 1
[[grid]]
measure = "proof"
statement = ["P1", "P2"]
d = 2
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    path = tmp_path_factory.mktemp("report") / "s.sqlite"
    execute(parse_study(STUDY), path, workers=2)
    return Results.load(path)


@pytest.mark.parametrize(
    ("log10", "text"),
    [
        (-56.9, "1.3e-57"),  # 1.2589..., rounded up
        (0.0, "1.0e+00"),
        (math.log10(9.95), "1.0e+01"),
        (-5.0, "1.0e-05"),
        (math.log10(1.21) - 1000, "1.3e-1000"),
    ],
)
def test_powers_are_rounded_up(log10, text):
    assert power(log10) == text


def test_cells():
    assert Column("x", "decimal").cell(-0.04) == "0.0"
    assert Column("x", "decimal", 0).cell(2.5) == "2"
    assert Column("x", "integer").cell(7.0) == "7"
    assert Column("x", "power").cell(-math.inf) == "0"
    assert Column("x", "power").cell(math.inf) == "∞"
    assert Column("x", "decimal").cell(None) == DASH
    assert Column("x", "decimal").cell(math.nan) == DASH


def test_one_table_three_formats():
    columns = (Column("α|x"), Column("lost, %", "decimal"), Column("ms", "decimal", timing=True))
    table = Table("t", "A_b", columns, (("a&b", 1.25, 3.0), ("c,d", None, 4.0)), ("note #1",))
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert rows == [["α|x", "lost, %", "ms"], ["a&b", "1.2", "3.0"], ["c,d", "", "4.0"]]
    assert table.to_csv(timing=False).splitlines()[1] == "a&b,1.2"
    assert r"| α\|x | lost, % | ms |" in table.to_markdown()
    latex = table.to_latex()
    assert r"a\&b & 1.2 & 3.0 \\" in latex
    assert r"c,d & {--} & 4.0 \\" in latex
    assert r"\caption{A\_b note \#1}" in latex
    assert r"$\alpha$$|$x & {lost, \%}" in latex
    assert "S[table-format=1.1]" in latex


def test_a_long_table_may_break_and_a_short_one_not():
    short = Table("t", "c", (Column("n", "integer"),), tuple((j,) for j in range(ONE_PAGE)))
    assert r"\begin{table}" in short.to_latex()
    assert "longtable" not in short.to_latex()
    assert r"\begin{longtable}" in replace(short, rows=(*short.rows, (0,))).to_latex()
    wrapped = Table("t", "c", (Column("reason"),), (("word " * 10,),))
    assert r"\begin{longtable}" in wrapped.to_latex()


def test_every_measure_has_one_section_of_the_paper(results):
    named = [measure for _, _, measures in SECTIONS for measure in measures]
    assert sorted([*named, "derivation"]) == sorted(MEASURES)  # derivations are for the pages
    source = paper_source(results, study_figures(results))
    for table in study_tables(results):
        assert source.count(f"\\input{{tables/{table.id}.tex}}") == 1
    for figure in study_figures(results):
        assert source.count(f"{{figures/{figure.id}.pdf}}") == 1


def test_latex_of_every_sign():
    assert latex_text("a_b^{x}\\") == r"a\_b\textasciicircum{}\{x\}\textbackslash{}"
    assert latex_text("D⁻¹·X ≤ α") == r"D$^{-1}$$\cdot$X $\le$ $\alpha$"


def test_every_measure_has_its_table(results):
    assert results.missing() == 0
    tables = {table.id: table for table in study_tables(results)}
    assert set(tables) >= {"accuracy", "scale", "unwinding", "distance", "depth", "proofs"}
    assert len(tables["accuracy"].rows) == 8
    for table in tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert latex_text(table.caption).isascii()


def test_a_run_beyond_the_ceiling_is_listed_with_its_reason(results):
    tables = {table.id: table for table in study_tables(results)}
    assert len(results.not_passed()) >= 1
    assert len(tables["failures"].rows) == len(results.not_passed())
    assert all(row[2] for row in tables["failures"].rows)


def test_figures_are_the_same_bytes_twice(results):
    figures, again = study_figures(results), study_figures(results)
    assert {f.id for f in figures} >= {"accuracy", "prediction", "unwinding", "distance", "depth"}
    for one, two in zip(figures, again, strict=True):
        assert one.id == two.id
        assert rendered(one, "svg") == rendered(two, "svg")
        assert "better" in one.caption or "line" in one.caption
    assert rendered(figures[0], "pdf") == rendered(again[0], "pdf")


def test_page_needs_nothing_from_elsewhere(results):
    page = study_page(results, ["s.sqlite"])
    assert "<script>" in page
    for mark in ('src="http', "src='http", "@import", "<link"):
        assert mark not in page
    assert page.count('<table class="sortable"') == len(study_tables(results)) + 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_without_overfull_tables(results, tmp_path: Path):
    pdf = write_paper(results, tmp_path)
    assert pdf is not None
    assert pdf.read_bytes().startswith(b"%PDF")
    assert overfull(tmp_path) == []


PLANE = """
format = "deepexp-exact/study"
version = 1
name = "plane"
[[grid]]
measure = "scale"
family = "color-spaces"
digits = 10
re_c = [-1.0, -1e-8, 0.0, 1e-8, 1.0]
im_c = [-2.0, 0.0, 2.0]
[[grid]]
measure = "choice"
family = "color-spaces"
digits = 10
alpha = ["auto", "positive"]
"""


def test_the_map_of_c_shows_where_the_rules_land(tmp_path):
    """One mark for each rule, with the digits lost there, at its own c."""
    execute(parse_study(PLANE), tmp_path / "s.sqlite", workers=2)
    results = Results.load(tmp_path / "s.sqlite")
    (found,) = [f for f in study_figures(results) if f.id == "scale-color-spaces"]
    (axis, _) = found.drawing.axes
    marks = {line.get_label(): line.get_xydata()[0] for line in axis.lines}
    for row in results.where("choice"):
        (label,) = [x for x in marks if x.startswith(f"{row.run.params['alpha']}: ")]
        measured = row.outcome.measured
        assert f"{measured['lost']:.1f} digits lost" in label
        assert tuple(marks[label]) == (measured["found_re_c"], measured["found_im_c"])
    assert axis.get_xscale() == "symlog"
