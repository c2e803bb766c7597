"""The study's page: harmless whatever its texts are, its commands repeat its runs, and in headless
Chromium it opens without complaint, sorts, filters, fits a telephone and prints."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from chromium import CHROMIUM, Browser
from commands import prompt, real
from pages import HOSTILE, Reading

from deepexp_exact.report.pages import PAGES
from deepexp_exact.report.study_page import study_page
from deepexp_exact.solution import Label
from deepexp_exact.study import Results, execute, load_study
from deepexp_exact.study.derivations import derive, subjects
from deepexp_exact.study.outcome import Outcome
from deepexp_exact.study.plan import Run, parse_study
from deepexp_exact.study.single import command_of, parse_run
from deepexp_exact.study.store import Row

STUDIES = sorted((Path(__file__).parents[2] / "scripts/studies").glob("*.toml"))
STUDY = """
format = "deepexp-exact/study"
version = 1
name = "small"
[[grid]]
measure = "accuracy"
family = ["gaussian-complex", "quantum-gates"]
d = 2
seed = [3, 0]
digits = 15
path = ["multiprecision", "ball"]
[[grid]]
measure = "unwinding"
family = "gaussian-real"
d = 3
k = [-1, 1]
digits = 15
[[grid]]
measure = "rule" # fails: K has two eigenvalues for three integers
family = "gaussian-complex"
d = 2
digits = 15
branch = [[0, 1, 2]]
[[grid]]
measure = "proof"
statement = "P1"
d = 1
"""
#: Losses of the rows that did not fail, in the order of the plan.
FAMILIES = ("gaussian-complex", "gaussian-real", "integer", "defective", "derogatory")
LOSSES = (7.0, 10.5, -0.25, 9.0, 100.0, 0.0, 3.0, 2.0, 1.0)


def rows_by_hand(reason: str = "a limit") -> Results:
    """Ten rows of a scale study, the last one undecided, without running anything."""
    params = {
        "family": "gaussian-complex",
        "d": 2,
        "seed": 0,
        "digits": 10,
        "im_c": 0.0,
        "branch": "principal",
        "construction": "shift",
    }
    rows = []
    for j, lost in enumerate((*LOSSES, None)):
        outcome = Outcome(Label.UNDECIDED, reason)
        if lost is not None:
            residual = -400.0 + j if j else -12.5
            outcome = Outcome(
                Label.CERTIFIED, "", {"lost": lost, "predicted": 12.0, "log10_residual": residual}
            )
        rows.append(Row(Run("scale", params | {"d": 2 + j % 3, "re_c": float(j + 1)}), outcome))
    facts = {"name": "by-hand", "title": reason, "text": f"x = '{reason}'", "sha256": "0"}
    return Results(rows, [facts])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small study really run, its derivations, its store and its page."""
    path = tmp_path_factory.mktemp("page") / "small.sqlite"
    execute(parse_study(STUDY), path, workers=1)
    results = Results.load(path)
    derived = derive(results, workers=1)
    return results, derived, study_page(results, [str(path)], derived)


def once(command: str) -> dict[str, object]:
    """What a command of a page prints, run as a command."""
    words = shlex.split(command)
    assert words[0] == "deepexp-exact"
    done = subprocess.run(
        prompt(*words[1:], "--json"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    table: dict[str, object] = json.loads(done.stdout)
    assert done.returncode == (0 if Label(str(table["label"])).passes else 1)
    return table


def test_hostile_texts_stay_texts():
    page = study_page(rows_by_hand(HOSTILE))
    reading = Reading(page)
    assert reading.harmless()
    assert page.lower().count("</script>") == 2
    data = reading.data()
    assert data["runs"][-1]["reason"] == HOSTILE
    assert data["studies"][0]["title"] == HOSTILE


def test_every_run_of_the_shipped_studies_has_a_command_that_means_it():
    for path in STUDIES:
        for run in load_study(path, quick=True).runs:
            words = shlex.split(command_of(run))
            assert parse_run(words[3:]).key == run.key


def test_the_commands_shown_repeat_the_runs(made):
    results, derived, page = made
    shown = Reading(page).texts["code"]
    rows = [r for r in results if r.run.measure != "accuracy" or r.run.params["path"] == "ball"]
    for row in rows:
        command = command_of(row.run)
        assert command.removeprefix("deepexp-exact study once ") in shown
        again = once(command)
        assert again["label"] == row.outcome.label
        assert again["reason"] == row.outcome.reason
        assert again["measured"] == Outcome.to_json(row.outcome)["measured"]
    subject = next(s for s in subjects(results) if s.name == "gaussian-complex d=2 seed=3")
    command = command_of(subject.run)
    assert command in shown
    case, known = once(command)["measured"]["case"], derived[subject.run.key].measured["case"]
    for table in (case, known):  # all but the time it took
        del table["summary"]["solve seconds"]
    assert case == known


def test_a_derivation_shows_the_branch_that_the_run_had(made):
    results, derived, page = made
    subject = next(s for s in subjects(results) if s.key[0] == "gaussian-real")
    ks = [int(k) for k in subject.shown.outcome.measured["ks"].split(",")]
    assert sum(map(abs, ks)) == 1
    case = derived[subject.run.key].measured["case"]
    assert [e["k"] for e in case["record"]["logarithm"]["eigenvalues"]] == ks
    assert {f"P{j}" for j in range(1, 8)} <= {check["subject"] for check in case["checks"]}
    sections = [a for tag, a in Reading(page).tags if tag == "details" and "id" in a]
    assert len(sections) == len(subjects(results)) == 4
    assert page.count('class="plane"') == len([o for o in derived.values() if o.measured])


def test_problems_that_are_not_derived_say_so_and_how(made):
    results, derived, _ = made
    assert derive(results, most=0) == {}
    page = study_page(results, [], {})
    assert page.count("Not made for this page") == len(subjects(results))
    run = next(s.run for s in subjects(results) if s.run)
    late = study_page(results, [], {run.key: Outcome(Label.UNDECIDED, f"late {HOSTILE}")})
    assert Reading(late).harmless()
    assert late.count("late &lt;/script") == 1
    kept = Results([*results.rows, Row(run, derived[run.key])], results.facts)
    assert derive(kept, most=0) == {run.key: derived[run.key]}  # what a study holds is not redone


def column(browser: Browser, index: int) -> list[str]:
    """The visible cells of one column of the table of runs."""
    return browser.run(
        "Array.from(document.querySelector('#table-runs table').tBodies[0].rows)"
        f".filter(r => !r.hidden).map(r => r.cells[{index}].textContent)"
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    page = tmp_path_factory.mktemp("pages") / "by hand.html"
    page.write_text(study_page(rows_by_hand(HOSTILE)), "utf-8")
    with Browser() as found:
        found.open(page)
        yield found


def test_it_opens_without_complaint(browser):
    assert browser.complaints == []
    assert browser.run("document.querySelector('h1').textContent") == "by-hand"


def test_a_click_sorts_and_what_is_missing_stays_last(browser):
    head = "#table-runs th:nth-child(3)"
    expected = sorted(LOSSES)
    for state, order in (("ascending", expected), ("descending", expected[::-1])):
        browser.click(f"{head} button")
        assert browser.run(f"document.querySelector('{head}').ariaSort") == state
        assert [float(x) for x in column(browser, 2)[:-1]] == [
            pytest.approx(x, abs=0.06) for x in order
        ]
        assert column(browser, 2)[-1] == "–"
    # Powers beyond float64's range are sorted by their logarithms.
    browser.click("#table-runs th:nth-child(5) button")
    assert [x.partition("e")[2] for x in column(browser, 4)[:3]] == ["-399", "-398", "-397"]
    assert browser.run(f"document.querySelector('{head}').ariaSort") == "none"


def test_the_keyboard_sorts_too(browser):
    button = "document.querySelector('#table-runs th:nth-child(3) button')"
    browser.run(f"{button}.focus()")
    browser.press("Enter", 13)
    assert [float(x) for x in column(browser, 2)[:2]] == [pytest.approx(-0.25, abs=0.06), 0.0]


def test_words_and_labels_filter_the_rows_and_the_count_is_told(browser):
    count = "document.querySelector('#table-runs output').textContent"
    browser.type("#table-runs input", "re_c=2 CERTIFIED")
    assert column(browser, 0) == ["scale family=gaussian-complex d=3 seed=0 digits=10 re_c=2.0"]
    assert browser.run(count) == "1 of 10 rows shown"
    browser.type("#table-runs input", '"d=4"')
    assert browser.run(count) == "3 of 10 rows shown"
    browser.type("#table-runs input", " ")
    assert browser.run(count) == "10 of 10 rows shown"
    select = "document.querySelector('#table-runs select')"
    browser.run(f"{select}.value = 'UNDECIDED'; {select}.dispatchEvent(new Event('change'))")
    assert column(browser, 1) == ["UNDECIDED"]
    browser.run(f"{select}.value = ''; {select}.dispatchEvent(new Event('change'))")
    browser.run("document.querySelectorAll('.problems > details')[2].open = true")
    browser.click(".problems > details:nth-of-type(3) button[data-runs]")
    assert browser.run(count) == "3 of 10 rows shown"
    browser.type("#table-runs input", " ")


def test_it_fits_a_telephone(browser):
    browser.resize(360, 800)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") <= 360
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = false; })")
    browser.resize(1200, 900)


def test_print_shows_what_is_open_and_says_what_it_leaves_out(browser):
    browser.send("Emulation.setEmulatedMedia", media="print")
    hidden = (
        "Array.from(document.querySelectorAll("
        "'input, select, thead button, .copy, .save, nav, details:not([open])'))"
        ".every(e => e.offsetParent === null)"
    )
    assert browser.run(hidden)
    heads = "Array.from(document.querySelectorAll('th .plain-head'))"
    assert browser.run(f"{heads}.some(e => e.offsetHeight > 0)")  # each heading once
    shown = "Array.from(document.querySelectorAll('details[open] .command code, .paper'))"
    assert browser.run(f"{shown}.length") >= 3
    assert browser.run(f"{shown}.every(e => e.offsetHeight > 0)")
    browser.send("Emulation.setEmulatedMedia", media="")
    assert 2 <= browser.printed_pages() <= PAGES
    assert browser.complaints == []


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_long_study_is_printed_on_fifteen_pages(made, tmp_path):
    """Twenty studies' worth of rows, whose problems all have runs that did not pass."""
    results, derived, _ = made
    rows = []
    for seed in range(120):
        for row in rows_by_hand("a limit that takes a line or two to tell, whatever it was").rows:
            params = row.run.params | {"seed": seed, "family": FAMILIES[seed % len(FAMILIES)]}
            rows.append(Row(Run("scale", params), row.outcome))
    long = Results([*results.rows, *rows], [*results.facts] * 8)
    path = tmp_path / "long.html"
    path.write_text(study_page(long, [], derived), "utf-8")
    with Browser() as browser:  # of its own: the other tests share a page that is open
        browser.open(path)
        assert 3 <= browser.printed_pages() <= PAGES
        words = browser.run("document.querySelector('main').textContent")
    assert "rows are printed; all are on the screen" in words


def test_it_can_be_heard_and_sets_its_mathematics(made):
    reading = Reading(made[2])
    assert reading.flaws() == []
    assert reading.texts["sub"]


def test_what_is_missing_is_said_before_the_work(monkeypatch, tmp_path):
    """In a process where Jinja2 cannot be found: exit status 2, the remedy, and no work done."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda n, *a: None if n == 'jinja2' else found(n, *a)\n"
    )
    known = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"}
    for words in (["verify", "--html", "v.html"], ["study", "report", "none.sqlite"]):
        done = subprocess.run(
            real(*words),
            cwd=tmp_path, env=known, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "needs jinja2" in done.stderr
        assert "pip install 'deepexp-exact[report]'" in done.stderr
        assert not (tmp_path / "v.html").exists()
