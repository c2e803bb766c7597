"""The campaign of random problems: a small one, its classes, its file, its second opinion."""

from __future__ import annotations

import ast
import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import pytest
from flint import arb

from deepexp_exact.branches import LogarithmRecord
from deepexp_exact.errors import PrecisionCeilingError

SCRIPT = Path(__file__).parents[1] / "scripts" / "campaign.py"
GENTLE = ("integer", "rotations")


@pytest.fixture(scope="module")
def campaign() -> Iterator[Any]:
    """The modules of the campaign, as the script finds them."""
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        yield SimpleNamespace(
            drawing=import_module("campaigns.drawing"),
            judging=import_module("campaigns.judging"),
            residuals=import_module("residuals"),
        )
    finally:
        sys.path.remove(str(SCRIPT.parent))


def busy(seconds: float) -> None:
    """Use the processor: the campaign's limit does not count time spent waiting."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=300
    )


def solved(campaign: Any, family: str = "gaussian-complex", path: str = "ball") -> tuple[Any, ...]:
    drawing = campaign.drawing
    one = next(
        one for j in range(10**6) if (one := drawing.draw(0, j)).family == family and one.d == 2
    )
    problem = drawing.build(one)
    record, _ = drawing.record_of(problem, one)
    one = replace(one, digits=20, path=path)
    return problem, record, campaign.judging.solve_drawn(problem, record, one)


@pytest.mark.slow
def test_a_small_campaign_is_inside_and_resumes(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    only = [word for name in GENTLE for word in ("--family", name)]
    arguments = ("--count", "10", "--seed", "2", "--out", str(target), *only)
    done = run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 problems: 10 inside, 0 REFUSED, 0 VIOLATION, 0 CRASH, 0 TIME-OUT" in done.stdout
    head, *rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert head["seed"] == 2
    assert {row["family"] for row in rows} == set(GENTLE)
    for row in rows:
        numbers = [v for v in (*row["proved"], *row["residuals"]) if v is not None]
        assert max(numbers) <= -row["digits"]
    # A second start has nothing left to do; other settings are refused; a cut line is mended.
    before = target.read_text()
    target.write_text(before + '{"index": 2')
    assert run(*arguments).returncode == 0
    assert target.read_text() == before
    refused = run("--count", "10", "--seed", "6", "--out", str(target))
    assert refused.returncode == 2
    assert "other settings, versions or sources (seed)" in refused.stderr


EASY = ("--family", "integer", "--seed", "3")


def test_a_killed_campaign_goes_on_where_it_stopped_and_tells_what_is_wrong_with_its_command(
    tmp_path: Path,
) -> None:
    target = tmp_path / "rows.jsonl"
    arguments = (*EASY, "--count", "4", "--out", str(target))
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as killed:
        end = time.monotonic() + 120
        while time.monotonic() < end and not (target.exists() and target.read_bytes().count(b"\n")):
            time.sleep(0.05)
        killed.kill()
    with target.open("ab") as stream:
        stream.write(b'{"index": 2, "fam')
    assert run(*arguments).returncode == 0
    head, *rows = map(json.loads, target.read_text().splitlines())
    assert len({row["index"] for row in rows}) == len(rows) == 4
    # What went wrong, and what a worker lost, is told with its command, and the status says so.
    wrong, kept = [], ("index", "family", "d", "seed", "digits", "alpha", "turn", "branch", "path")
    for row, kind in zip(rows, ("REFUSED", "VIOLATION", "CRASH", "TIME-OUT"), strict=True):
        wrong.append({key: row[key] for key in kept} | {"result": kind, "reason": "made up"})
        target.write_text(
            "".join(json.dumps(x) + "\n" for x in (head, *wrong, *rows[len(wrong) :]))
        )
        told = run(*arguments)
        assert told.returncode == int(kind != "REFUSED")
        assert f"{4 - len(wrong)} inside, 1 REFUSED" in told.stdout
        for one in wrong:
            assert f" {one['result']} index {one['index']}: " in told.stdout
            assert f"campaign.py --seed 3 --index {one['index']}\n" in told.stdout
    alone = run("--seed", "3", "--index", str(rows[0]["index"]))
    assert alone.returncode == 0
    assert json.loads(alone.stdout)["result"] == "inside"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--family", "intger", "--fresh"), "no family intger; families: "),
        (("--fresh",), "is not of a campaign"),
        (("--count", "0"), "'0': give a whole number, 1 or more"),
        (("--index", "-1"), "'-1': give a whole number, 0 or more"),
        (("--beyond", "--pencils"), "not allowed with"),
    ],
)
def test_what_cannot_be_run_is_told_before_anything_is_written(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("mine\n")
    done = run(*words, "--out", str(target))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text() == "mine\n"


def test_files_that_are_damaged_locked_or_no_files_are_told(tmp_path: Path) -> None:
    target, command = tmp_path / "rows.jsonl", (*EASY, "--count", "1", "--out")
    for started in (b"", b'{"ki'):  # of a kill before the first line was whole
        target.write_bytes(started)
        assert run(*command, str(target)).returncode == 0
    text = target.read_bytes()
    with target.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        busy = run(*command, str(target))
        assert (busy.returncode, "another campaign" in busy.stderr) == (2, True)
    target.write_bytes(text.replace(b'{"index"', b'{"index'))
    damaged = run(*command, str(target))
    assert (damaged.returncode, "line 2, is damaged" in damaged.stderr) == (2, True)
    target.write_bytes(text.replace(b'"sources": "', b'"sources": "0'))
    other = run(*command, str(target))
    assert (other.returncode, "(sources)" in other.stderr) == (2, True)
    assert run(*command, str(target), "--fresh").returncode == 0
    assert target.read_bytes().splitlines()[0] == text.splitlines()[0]
    folder = run(*command, str(tmp_path))
    assert folder.returncode == 2
    assert folder.stderr.startswith("campaign: ")


def test_draws_are_reproducible_and_cover_what_they_say(campaign: Any) -> None:
    drawing = campaign.drawing
    draws = [drawing.draw(0, j) for j in range(4000)]
    assert draws == [drawing.draw(0, j) for j in range(4000)]
    assert draws[7] != drawing.draw(1, 7)
    assert {one.family for one in draws} == set(drawing.families())
    assert {one.d for one in draws} == set(range(1, 13))
    assert min(one.digits for one in draws) == 1
    assert 290 < max(one.digits for one in draws) <= 300
    assert {one.branch for one in draws} == {"principal", "smallest-norm", "integers"}
    assert {one.turn for one in draws} == {-1, 0, 1}
    assert {one.path for one in draws} == set(drawing.PATHS)
    assert len({one.alpha for one in draws}) == 2 + len(drawing.ALPHAS)


@pytest.mark.parametrize("which", ["W1", "W2", "W3"])
def test_a_weight_changed_above_the_digits_promised_is_a_violation(
    campaign: Any, which: str
) -> None:
    problem, record, solution = solved(campaign)
    good = campaign.judging.judge(problem, record, solution, True)
    assert good["result"] == campaign.judging.INSIDE, good
    assert len(good["mpmath"]) == 2
    weight = getattr(solution, which)
    with mpmath.workprec(400):
        changed = weight * (1 + mpmath.mpf(10) ** (1 - solution.digits))
    found = campaign.judging.judge(problem, record, replace(solution, **{which: changed}), True)
    assert found["result"] == campaign.judging.VIOLATION


def test_a_residual_told_smaller_than_it_is_is_a_violation(campaign: Any) -> None:
    problem, record, solution = solved(campaign)
    first, second = solution.residuals
    for told in ((arb(0), second), (first, arb("nan"))):
        found = campaign.judging.judge(problem, record, replace(solution, residuals=told), False)
        assert found["result"] == campaign.judging.VIOLATION
        assert "told" in found["reason"]


def test_weights_of_another_branch_are_a_violation(campaign: Any) -> None:
    problem, record, solution = solved(campaign)
    first, *rest = record.entries
    entries = (replace(first, k=first.k + 1), *rest)
    other = replace(record, logarithm=LogarithmRecord("integers", entries))
    found = campaign.judging.judge(problem, other, solution, False)
    assert found["result"] == campaign.judging.VIOLATION


def test_two_small_problems_of_each_family_are_inside(campaign: Any) -> None:
    drawing, judging = campaign.drawing, campaign.judging
    found = dict.fromkeys(drawing.families(), 0)
    for j in range(20_000, 40_000):
        one = drawing.draw(0, j)
        if one.d <= 4 and one.digits <= 40 and found[one.family] < 2:
            row = judging.examine(one, 20)
            assert row["result"] == judging.INSIDE, row
            found[one.family] += 1
    assert set(found.values()) == {2}


@pytest.mark.parametrize("index", [810, 1067])
def test_problems_that_were_late_or_undecided_are_inside(campaign: Any, index: int) -> None:
    row = campaign.judging.examine(campaign.drawing.draw(0, index), 20)
    assert row["result"] == campaign.judging.INSIDE, row


def as_table(X: Any, W1: Any, W2: Any, W3: Any, Y: Any) -> dict[str, Any]:
    """What the script of residuals reads, both equations alike, from rows of integers."""

    def texts(rows: Any) -> Any:
        return [[[f"{v:#x}p0", "0x0p0"] for v in row] for row in rows]

    given = {"X1": X, "X2": X, "Y1": Y, "Y2": Y}
    return {
        "digits": 20,
        "problem": {name: texts(rows) for name, rows in given.items()},
        "weights": {"W1": texts(W1), "W2": texts(W2), "W3": texts(W3)},
    }


def test_a_residual_that_is_exactly_zero_is_decided(campaign: Any) -> None:
    # W1·X = 0 and W2 is nilpotent: f(X) = W3·(I + W2), exactly.
    zero, one, W2 = [[0, 0], [0, 0]], [[1, 0], [0, 1]], [[2, 2], [-2, -2]]
    table = as_table(one, zero, W2, one, [[3, 2], [-2, -1]])
    for lower, upper in campaign.residuals.bounds(table):
        assert lower <= 0
        assert upper < arb(10) ** -20
    wrong = as_table(one, zero, W2, one, [[3, 2], [-2, 1]])
    assert all(lower > 0.1 for lower, _ in campaign.residuals.bounds(wrong))


def test_residuals_through_huge_matrices_of_small_eigenvalues_are_decided(campaign: Any) -> None:
    n = 10**300
    zero, one = [[0, 0], [0, 0]], [[1, 0], [0, 1]]
    W2, exact = [[-n, n], [-n, n]], [[1 - n, n], [-n, 1 + n]]
    pairs = campaign.residuals.bounds(as_table(one, zero, W2, one, exact))
    assert all(upper < arb(10) ** -20 for _, upper in pairs)
    wrong = as_table(one, zero, W2, one, [[1 - n, n], [-n, n + n // 10**9]])
    assert all(lower > 1e-12 for lower, _ in campaign.residuals.bounds(wrong))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda *_, **__: 1 / 0, "CRASH", "ZeroDivisionError"),
        (lambda *_, **__: busy(30), "TIME-OUT", "time limit"),
        (None, "REFUSED", "PrecisionCeilingError"),
    ],
)
def test_whatever_happens_becomes_a_class(
    campaign: Any, monkeypatch: pytest.MonkeyPatch, answer: Any, kind: str, words: str
) -> None:
    import deepexp_exact.solving as solving

    def refuse(*_: Any, **__: Any) -> None:
        raise PrecisionCeilingError("too much", "ask for less")

    monkeypatch.setattr(solving, "solve", answer or refuse)
    one = replace(campaign.drawing.draw(0, 13), d=1, digits=5)
    row = campaign.judging.examine(one, 1)
    assert row["result"] == kind
    assert words in row["reason"]


def test_the_script_of_residuals_agrees_and_notices(tmp_path: Path) -> None:
    script = SCRIPT.with_name("residuals.py")
    good = SCRIPT.parents[1] / "proofs" / "certificates" / "integer.json"
    table = json.loads(good.read_text())
    pair = table["weights"]["W3"][0][0]
    pair[0] = pair[0].replace("p", "1p", 1)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(table))
    done = subprocess.run(
        [sys.executable, str(script), "--mpmath", str(good), str(bad)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert " within mpmath " in first
    assert " NOT WITHIN mpmath " in second
    tree = ast.parse(script.read_text("utf-8"))
    modules = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert modules == {
        "__future__", "argparse", "json", "sys", "collections.abc", "typing", "flint", "mpmath",
    }  # fmt: skip


@pytest.mark.slow
def test_a_small_campaign_beyond_the_hypotheses_answers_as_each_problem_is_made(
    tmp_path: Path,
) -> None:
    target = tmp_path / "rows.jsonl"
    done = run("--beyond", "--count", "8", "--seed", "4", "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in target.read_text().splitlines()[1:]]
    assert len(rows) == 8
    for row in rows:
        assert row["result"] in (row["expected"], "solution")
        assert row["result"] == "open" or row["certificate"].startswith("accepted")
