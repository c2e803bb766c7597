"""Tables and figures: rounding, the three formats of one table, and all of a small study."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deepexp_exact.errors import NotApplicableError
from deepexp_exact.report.figures import Figure, new, rendered
from deepexp_exact.report.latex import latex_text
from deepexp_exact.report.studies import SECTIONS, overfull, paper_source, write_paper
from deepexp_exact.report.study_figures import study_figures
from deepexp_exact.report.study_page import study_page
from deepexp_exact.report.study_tables import study_tables
from deepexp_exact.report.tables import CENSORED, DASH, Column, Table, power
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
        (0.0, "1.0e0"),
        (math.log10(9.95), "1.0e1"),
        (-5.0, "1.0e-5"),
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
    table = Table("t", "A_b", columns, (("a&b", 1.25, 3.0), ("x,y", None, 4.0)), ("note #1",))
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert rows == [["α|x", "lost, %", "ms"], ["a&b", "1.25", "3.0"], ["x,y", "", "4.0"]]
    assert json.loads(table.to_json())["rows"] == [["a&b", 1.25, 3.0], ["x,y", None, 4.0]]
    assert r"| α\|x | lost, % | ms |" in table.to_markdown()
    latex = table.to_latex()
    assert r"a\&b & 1.2 & 3.0 \\" in latex
    assert r"x,y & {--} & 4.0 \\" in latex
    assert r"\caption{A\_b note \#1}" in latex
    assert r"$\alpha |$x & {lost, \%}" in latex
    assert "S[table-format=1.1]" in latex


def test_values_stay_as_they_are_and_only_print_rounds():
    columns = (Column("c", "general"), Column("t", "time"), Column("r", "power"), Column("g"))
    rows = ((-1e-5, 0.00042, -3.0123456, CENSORED), (0.5, 12.3456, 800.0, ""))
    table = Table("t", "c", columns, rows)
    # One way of writing in a column; a time is never 0.00; a censored value says so.
    assert table.cells() == [
        ["-1.0e-5", "0.0004", "9.8e-4", "cens."],
        ["5.0e-1", "12.3456", "1.0e800", DASH],
    ]
    read = list(csv.reader(io.StringIO(table.to_csv())))
    assert read[0] == ["c", "t", "log10 of r", "g"]
    assert read[1] == ["-1e-05", "0.00042", "-3.0123456", "censored"]
    assert json.loads(table.to_json())["rows"][0] == [-1e-5, 0.00042, -3.0123456, "censored"]
    plain = Table("t", "c", (Column("c", "general"),), ((0.25,), (-2.0,)))
    assert plain.cells() == [["0.25"], ["-2.00"]]


def test_groups_of_columns_have_rules_and_headings_no_two_alike():
    columns = (Column("data"), *(Column(h, "decimal", group=g) for g in "ab" for h in ("m", "w")))
    table = Table("t", "c", columns, (("x", 1.0, 2.0, 3.0, 4.0),))
    assert table.headings() == ["data", "a, m", "a, w", "b, m", "b, w"]
    latex = table.to_latex()
    assert r"\multicolumn{2}{c}{a}" in latex
    assert r"\cmidrule(lr){2-3} \cmidrule(lr){4-5}" in latex


def lines_of(table: Table) -> list[str]:
    return [x for x in table.to_latex().splitlines() if x[0].isdigit()]


def test_a_narrow_table_is_set_in_halves_that_read_down_one_page():
    """Two halves side by side, in blocks that no page parts: 16 rows down, 16 up, then the rest."""
    rows = tuple((j, j * j) for j in range(19))
    table = Table("t", "c", (Column("n", "integer"), Column("m", "integer")), rows)
    lines = lines_of(table)
    assert lines[0] == r"0 & 0 & 8 & 64 \\*"
    assert lines[7] == r"7 & 49 & 15 & 225 \\[3pt]"
    assert lines[8:] == [r"16 & 256 & 18 & 324 \\*", r"17 & 289 &  &  \\"]
    wide = replace(table, columns=(Column("n" * 60, "integer"), Column("m", "integer")))
    assert len(lines_of(wide)) == 19


def test_a_page_break_leaves_four_rows_on_either_side():
    wide = (Column("n" * 90, "integer"), Column("m", "integer"))
    for count in (1, 3, 7, 8, 9, 30):
        lines = lines_of(Table("t", "c", wide, tuple((j, j) for j in range(count))))
        breaks = [j for j, line in enumerate(lines, 1) if not line.endswith("*")]
        assert breaks[-1] == count
        assert all(4 <= j <= count - 4 for j in breaks[:-1])
        assert len(breaks) == max(1, count - 6)


def test_figures_float_and_two_halves_stand_side_by_side(results):
    """No figure is fixed to its place, so that a page is filled before it ends."""
    drawn = [Figure(name, f"{name}.", None, "scale", half) for name, half in
             (("a", True), ("b", True), ("c", True), ("d", False))]  # fmt: skip
    floats = paper_source(results, drawn).split(r"\begin{figure}")[1:]
    assert [part.count(r"\includegraphics") for part in floats] == [2, 1, 1]
    assert all(part.startswith("[!htp]") for part in floats)
    assert [part.count(r"0.485\linewidth") for part in floats] == [2, 1, 0]


def test_every_measure_has_one_section_of_the_paper(results):
    named = [measure for _, _, measures in SECTIONS for measure in measures]
    # derivations are for the pages; forward errors of exp and log are measured by a script
    assert sorted([*named, "derivation"]) == sorted([*MEASURES, "forward-errors"])
    source = paper_source(results, study_figures(results))
    for table in study_tables(results):
        assert source.count(f"\\input{{tables/{table.id}.tex}}") == 1
    for figure in study_figures(results):
        assert source.count(f"{{figures/{figure.id}.pdf}}") == 1


def test_latex_of_every_sign():
    assert latex_text("a_b^{x}\\") == r"a\_b\textasciicircum{}\{x\}\textbackslash{}"
    assert latex_text("D⁻¹·X1 ≤ α") == r"$D^{-1}\cdot X_1$ $\le $ $\alpha $"
    assert latex_text("10^−50, e^c, e^(±i(π − 1))") == (
        r"$10^{-50}$, $e^{c}$, $e^{\pm i(\pi  - 1)}$"
    )
    assert latex_text("near-singular-Y1 d = 4, n/a, F + Π") == (
        r"near-singular-Y1 $d$ = 4, n/a, F + $\Pi $"
    )
    assert latex_text("1e-6, 2.5e3, nearly-1e-12-s0, C·x^p") == (
        r"$10^{-6}$, $2.5\cdot 10^{3}$, nearly-1e-12-s0, $C\cdot x^{p}$"
    )
    assert latex_text("u = 10^(−digits carried)") == r"$u$ = $10^{-\mathrm{digits~carried}}$"
    assert latex_text("C1 to C3 of a claim") == "C1 to C3 of a claim"
    assert latex_text("C1 := A2·A1⁻¹, M'·X_s, T11 or (R·R*)^−T", formula=True) == (
        r"$C_1$ := $A_2\cdot A_1^{-1}$, $M'\cdot X_s$, $T_{11}$ or ($R\cdot R$*)$^{-T}$"
    )


def test_latex_of_any_sign_is_ascii():
    """Whatever a file's name or a reason holds, LaTeX gets no sign that it does not know."""
    every = "".join(map(chr, [*range(32, 0x250), *range(0x370, 0x400), *range(0x2000, 0x2300)]))
    assert latex_text(every + "漢字").isascii()
    assert latex_text("漢") == r"\texttt{U+6F22}"


def test_every_measure_has_its_table(results):
    assert results.missing() == 0
    tables = {table.id: table for table in study_tables(results)}
    wanted = {"accuracy", "prediction", "scale-gaussian-complex", "unwinding", "distance", "depth"}
    assert set(tables) >= wanted | {"proofs"}
    assert len(tables["accuracy"].rows) == 8
    captions = [table.caption for table in tables.values()]
    assert len(set(captions)) == len(captions)
    for table in tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert len(set(table.headings())) == len(table.columns)
        assert latex_text(table.caption).isascii()


def test_a_run_beyond_the_ceiling_is_listed_with_its_reason(results):
    tables = {table.id: table for table in study_tables(results)}
    assert len(results.not_passed()) >= 1
    assert sum(row[3] for row in tables["failures"].rows) == len(results.not_passed())
    assert all(row[2] for row in tables["failures"].rows)


def test_a_censored_run_counts_in_every_quantile(results):
    """The run of D at 1e-30 with α > 0 ends at the ceiling: n counts it, no quantile leaves it
    out."""
    (table,) = [t for t in study_tables(results) if t.id == "distance"]
    rows = [dict(zip(table.headings(), row, strict=True)) for row in table.rows]
    (beyond,) = [r for r in rows if (r["α"], r["distance"]) == ("positive", "1e-30")]
    assert (beyond["n"], beyond["censored"]) == (1, 1)
    assert beyond["digits lost, median"] is beyond["digits lost, worst"] is CENSORED
    assert sum(r["n"] for r in rows) == len(results.where("distance"))


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


def test_without_the_extra_the_remedy_is_told_before_any_work(monkeypatch):
    """Tables need pandas, figures matplotlib; neither half-writes anything."""
    from importlib import util

    from deepexp_exact.report import extras

    monkeypatch.setattr(
        extras, "find_spec", lambda name: None if name == "pandas" else util.find_spec(name)
    )
    with pytest.raises(NotApplicableError, match=r"pandas, not installed here.*report\]"):
        study_tables(Results([]))
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(NotApplicableError, match="a figure needs matplotlib"):
        new()
