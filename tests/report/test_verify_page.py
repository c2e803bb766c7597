"""The page of a verification run: harmless, complete, repeatable, and usable in a browser."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from dataclasses import replace

import pytest
from chromium import CHROMIUM, Browser
from commands import prompt
from markupsafe import escape
from pages import HOSTILE, Reading

from deepexp_exact.errors import FormatError
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import EVERY, Case
from deepexp_exact.report.html import verify_page
from deepexp_exact.report.pages import PAGES
from deepexp_exact.solution import Label
from deepexp_exact.theorem import STATEMENTS
from deepexp_exact.verification import CaseReport, VerifyReport, plan, verify

CASES = [
    Case("gaussian-complex", 2, 4, 20),
    Case("quantum-gates", 0, 0, 20),
    Case("al-mohy-higham-K", 3, 0, 20),
    Case("defective", 4, 0, 20),
    *(Case("integer", 2, seed, 15) for seed in range(5)),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A real run; one problem is a file with a hostile name, title and folder."""
    data = load_problem("quantum-gates")
    hostile = Problem(data.X1, data.X2, data.Y1, data.Y2, HOSTILE, HOSTILE, HOSTILE)
    path = tmp_path_factory.mktemp("<b>&'quoted'") / "problem,d=2 $HOME.json"
    hostile.save(path)
    return verify(jobs=1, cases=[*CASES, Case(str(path), 0, 0, 15)])


@pytest.fixture(scope="module")
def page(report):
    return verify_page(report)


def test_hostile_names_stay_texts(report, page):
    assert report.cases[-1].problem == HOSTILE
    reading = Reading(page)
    assert reading.harmless()
    assert page.lower().count("</script>") == 2
    assert reading.data() == json.loads(json.dumps(report.to_json()))
    assert any(HOSTILE in text for text in reading.texts["summary"])


def test_headings_that_sort_have_words_without_a_control_for_print(page):
    """Chromium repeats no heading with a button in it on a table's next page."""
    for head in re.findall(r"<th scope=\"col\" aria-sort[^>]*>(.*?)</th>", page, re.DOTALL):
        words = '<button type="button">(.*)</button><span class="plain-head">(.*)</span>'
        found = re.fullmatch(words, head, re.DOTALL)
        assert found is not None
        assert found[1] == found[2]


def test_the_page_says_what_the_run_found(report, page):
    assert report.bad == []
    reading = Reading(page)
    assert reading.texts["h1"] == ["verify quick: all pass"]
    assert page.count('class="plane"') == len(report.cases)
    assert len([a for tag, a in reading.tags if tag == "details"]) == len(report.cases)
    controls = page[page.index('id="controls"') : page.index('id="problems"')]
    assert controls.count('REFUTED">REFUTED') == 6  # three on each of two problems
    for words in (
        "λ = -1 lies on the branch cut (exactly)",
        "has a Jordan block of size",
        "float64 breaks down",
        "digits are lost: the weights carry",
    ):
        assert words in page


def test_the_commands_shown_repeat_the_problems(report, page, tmp_path):
    shown = Reading(page).texts["code"]
    for case in (report.cases[0], report.cases[-1]):
        command = next(c for c in shown if str(Case.parse(c.split("--case ")[-1]))
                       and shlex.split(c)[2:] == ["--case", _text(case)])  # fmt: skip
        words = shlex.split(command)
        out = tmp_path / "again.json"
        subprocess.run(
            prompt(*words[1:], "--json", out),
            capture_output=True,
            timeout=120,
            check=True,
        )
        (again,) = json.loads(out.read_text("utf-8"))["cases"]
        known = json.loads(json.dumps(case.to_json()))
        for table in (again, known):  # the same but for times
            del table["seconds"], table["summary"]["solve seconds"]
        assert again == known
    assert shlex.split(shown[0])[:2] == ["deepexp-exact", "verify"]
    assert [Case.parse(w) for w in shlex.split(shown[0])[3::2]][:-1] == CASES


def _text(case: CaseReport) -> str:
    return str(Case(case.family, case.d if case.family in EVERY else 0, case.seed, case.digits))


def test_the_text_of_a_case_means_it():
    for case in plan("full"):
        assert Case.parse(str(case)) == case
    assert Case.parse("defective") == Case("defective", 4, 0, 50)
    for wrong in ("quantum-gates,d=4", "nothing,seed=1", "integer,d=100000", "integer,digits=0"):
        with pytest.raises(FormatError):
            Case.parse(wrong)


def test_a_case_survives_its_json(report):
    for case in report.cases:
        again = CaseReport.from_json(json.loads(json.dumps(case.to_json())))
        assert again == replace(case, seconds=round(case.seconds, 3))


def failing(report: VerifyReport) -> VerifyReport:
    """The same run with one check that failed and one problem that never ended."""
    first, second, *rest = report.cases
    checks = (replace(first.checks[4], label=Label.FAILED), *first.checks[5:])
    lost = CaseReport("lost", "integer", "", 2, 0, 50, (), {}, 0.0)
    late = replace(second.checks[0], label=Label.UNDECIDED, detail="the limit of 60 s was reached")
    cases = (replace(first, checks=checks), replace(second, checks=(late,), record=None), *rest)
    return replace(report, cases=(*cases, lost), planned=20, interrupted=True)


def test_what_did_not_pass_comes_first_and_open(report):
    page = verify_page(failing(report))
    reading = Reading(page)
    assert reading.texts["h1"] == ["verify quick: interrupted"]
    assert page.index('id="failed"') < page.index('id="matrix"')
    opened = [a["id"] for tag, a in reading.tags if tag == "details" and "open" in a]
    assert opened == ["problem-1", "problem-2"]
    bad = [a for tag, a in reading.tags if tag == "tr" and a.get("class") == "bad"]
    assert len(bad) == 4  # two problems, two checks


def test_pages_can_be_heard_and_set_their_mathematics(report, page):
    for text in (page, verify_page(failing(report))):
        reading = Reading(text.replace(escape(HOSTILE), "a name"))
        assert reading.flaws() == []
        assert {"1", "2", "3", "i"} <= set(reading.texts["sub"])
        assert "c" in reading.texts["sup"]
    assert f"P1 {STATEMENTS['P1'].title}" in page
    assert ">7 of 7<" in page


def test_the_auditor_sees_flaws():
    flawed = Reading(
        "<html><p id=a>W1 and e^c</p><p id=a><table><th>x</th></table><a href='#b'>b</a>"
        "<figure><div role=img></div></figure><figure></figure></html>"
    )
    assert len(flawed.flaws()) == 9


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_however_much_fails_it_is_printed_on_fifteen_pages(report, tmp_path):
    bad = failing(report)
    checks = tuple(replace(check, label=Label.FAILED) for check in bad.cases[0].checks)
    worst = replace(bad.cases[0], checks=checks)
    with Browser() as browser:
        for name, cases in {"bad": [worst] * 60, "good": [*report.cases] * 8}.items():
            path = tmp_path / f"{name}.html"
            path.write_text(verify_page(replace(bad, cases=tuple(cases))), "utf-8")
            browser.open(path)
            assert 3 <= browser.printed_pages() <= PAGES
            words = browser.run("document.querySelector('main').textContent")
            assert "left out of print" in words
            assert name == "good" or "rows are printed; all are on the screen" in words


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_in_a_browser(report, tmp_path):
    path = tmp_path / "verify.html"
    path.write_text(verify_page(failing(report)), "utf-8")
    with Browser() as browser:
        browser.open(path)
        assert browser.complaints == []
        browser.click("#table-matrix th:nth-child(5) button")
        cells = browser.run(
            "Array.from(document.querySelectorAll('#table-matrix tbody tr'))"
            ".map(r => [r.cells[4].textContent, r.cells[4].dataset.v])"
        )
        known = [float(v) for _, v in cells if v is not None]
        assert known == sorted(known)
        assert [text for text, v in cells if v is None] == ["–", "–"] == [c[0] for c in cells[-2:]]
        browser.type("#table-matrix input", "al-mohy")
        assert "1 of 11 rows shown" in browser.run(
            "document.querySelector('#table-matrix output').textContent"
        )
        browser.click("#table-matrix tbody tr:not([hidden]) a")
        end = time.monotonic() + 10  # the page opens it once it is told of the new address
        while not browser.run("location.hash && document.querySelector(location.hash).open"):
            assert time.monotonic() < end
            time.sleep(0.05)
        browser.resize(360, 800)
        browser.click("button[data-open=yes]")
        assert (
            browser.run("document.querySelectorAll('.problems > details:not([open])').length") == 0
        )
        assert browser.run("document.documentElement.scrollWidth") <= 360
        assert browser.pdf().startswith(b"%PDF")
        assert browser.complaints == []
