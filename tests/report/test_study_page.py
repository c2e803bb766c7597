"""The study's page in headless Chromium: no errors, sorting, filtering, phone width."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deepexp_exact.report.study_page import study_page
from deepexp_exact.solution import Label
from deepexp_exact.study import Results
from deepexp_exact.study.outcome import Outcome
from deepexp_exact.study.plan import Run
from deepexp_exact.study.store import Row

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

PROBE = """<script>
var out = [], table = document.querySelector('#table-runs table');
var first = function () { return table.tBodies[0].rows[0].cells[2].textContent; };
var button = table.querySelectorAll('th button')[2];
button.click(); out.push('up=' + first());
button.click(); out.push('down=' + first());
var box = document.querySelector('#table-runs input');
box.value = 're_c=2'; box.dispatchEvent(new Event('input'));
out.push('shown=' + Array.from(table.tBodies[0].rows).filter(r => !r.hidden).length);
out.push('wide=' + (document.documentElement.scrollWidth - window.innerWidth));
document.title = out.join(' ');
</script>"""


def results() -> Results:
    """Six rows of a scale study, one of them undecided, without running anything."""
    rows = []
    for j in range(6):
        params = {
            "family": "gaussian-complex",
            "d": 2,
            "seed": 0,
            "digits": 10,
            "re_c": float(j),
            "im_c": 0.0,
            "branch": "principal",
            "construction": "shift",
        }
        outcome = Outcome(Label.CERTIFIED, "", {"lost": 7.0 - j, "predicted": 12.0 - j})
        if j == 5:
            outcome = Outcome(Label.UNDECIDED, "a <ceiling> & a limit")
        rows.append(Row(Run("scale", params), outcome))
    return Results(rows, [{"name": "page", "text": "x = '</script>'", "sha256": "0"}])


def test_reasons_are_escaped():
    page = study_page(results())
    assert "a &lt;ceiling&gt; &amp; a limit" in page
    assert page.count("</script>") == 1


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_in_a_browser(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(study_page(results()).replace("</html>", PROBE + "</html>"), "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=500,900",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title is not None
    found = dict(part.split("=") for part in title[1].split())
    assert (found["up"], found["down"], found["shown"]) == ("3.0", "7.0", "1")
    assert int(found["wide"]) <= 0
