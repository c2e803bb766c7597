"""The command line in real subprocesses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import resources

import jsonschema
import pytest
from commands import prompt, real

from deepexp_exact.problems import Problem, load_problem


def run(*words, start=prompt, timeout=120, cwd=None, env=None):
    return subprocess.run(
        start(*words),
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def test_help_names_every_subcommand_and_imports_nothing_heavy():
    shown = run("--help", start=real)
    assert shown.returncode == 0
    for name in ("solve", "verify", "prove", "check", "compare", "show"):
        assert name in shown.stdout
    code = (
        "import sys, contextlib, io\n"
        "from deepexp_exact.cli.arguments import build_parser\n"
        "build_parser().format_help()\n"
        "heavy = {'sympy', 'scipy', 'matplotlib', 'numpy', 'mpmath', 'flint'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("name", ["quantum-gates", "iris-covariances", "color-spaces"])
def test_solve_shipped_problem_by_name_and_by_path(name, tmp_path):
    load_problem(name).save(tmp_path / "copy.json")
    by_name = run("solve", name, "--digits", 30)
    by_path = run("solve", tmp_path / "copy.json", "--digits", 30)
    assert by_name.returncode == by_path.returncode == 0, by_name.stderr + by_path.stderr
    for text in (by_name.stdout, by_path.stdout):
        for word in ("branch record", "residuals", "carried", "conditions", "float64", "time"):
            assert word in text


def test_paper_case_of_color_spaces_overflows_float64_and_says_so():
    shown = run("solve", "color-spaces", "--alpha", "positive", "--digits", 20)
    assert shown.returncode == 0, shown.stderr
    assert "overflow" in shown.stdout


def test_solve_writes_a_certificate_that_check_accepts_and_a_changed_one_it_refuses(tmp_path):
    path = tmp_path / "c.json"
    assert run("solve", "quantum-gates", "--out", path).returncode == 0
    good = run("check", path)
    assert good.returncode == 0, good.stdout
    for claim in ("C1", "C2", "C3"):
        assert f"{claim} CERTIFIED" in good.stdout
    table = json.loads(path.read_text())
    table["digits"] = 49
    path.write_text(json.dumps(table))
    bad = run("check", path)
    assert bad.returncode == 2
    assert "sha256" in bad.stdout


def test_check_without_claims_is_not_accepted(tmp_path):
    path = tmp_path / "c.json"
    assert run("solve", "quantum-gates", "--path", "double", "--out", path).returncode == 0
    assert run("check", path).returncode == 1


def test_record_round_trip_gives_the_same_weights_bit_for_bit(tmp_path):
    one, two, record = tmp_path / "1.json", tmp_path / "2.json", tmp_path / "r.json"
    assert (
        run(
            "solve", "iris-covariances", "--branch=0,-1,0,1", "--out", one, "--record", record
        ).returncode
        == 0
    )
    assert run("solve", "iris-covariances", "--branch", record, "--out", two).returncode == 0
    same = run("compare", one, two)
    assert same.returncode == 0
    assert same.stdout.splitlines() == ["same branch"] + [f"W{j}: identical" for j in (1, 2, 3)]
    assert run("compare", one, record).returncode == 0


def test_compare_names_the_integer_that_differs(tmp_path):
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    for target, branch in ((one, "0,0,0,0"), (two, "0,1,0,0")):
        run(
            "solve",
            "iris-covariances",
            "--digits",
            20,
            "--alpha",
            3,
            "--branch",
            branch,
            "--record",
            target,
        )
    shown = run("compare", one, two)
    assert shown.returncode == 1
    assert "eigenvalue 2: k = 0 and 1" in shown.stdout


def test_k_minus_one_on_the_cut_gives_minus_i_pi(tmp_path):
    problem = Problem([[1, 0], [0, 2]], [[2, 1], [0, 4]], [[1, 0], [0, 1]], [[-1, 0], [0, 1]])
    problem.save(tmp_path / "p.json")
    shown = run("solve", tmp_path / "p.json", "--digits", 20, "--branch=-1,0")
    assert shown.returncode == 0, shown.stderr
    assert "Log λ = log(−λ) + iπ" in shown.stdout
    row = next(line for line in shown.stdout.splitlines() if " yes " in line)
    assert row.split()[-2:] == ["-1", "-1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["solve", "no-such-problem"], "no shipped problem"),
        (["solve", "./missing.json"], "cannot read"),
        (["solve", "quantum-gates", "--alpha", "1"], "choose α other than 0 and 1"),
        (["solve", "quantum-gates", "--alpha", "__import__('os')"], "is not a number"),
        (["solve", "quantum-gates", "--digits", "0"], "digits"),
        (["solve", "quantum-gates", "--branch", "0,0,0"], "distinct eigenvalues"),
        (["solve", "quantum-gates", "--branch", "best"], "no branch rule"),
        (["solve", "quantum-gates", "--path", "magic"], "no path"),
        (["solve", "quantum-gates", "--out", "no/such/folder/x.json"], "cannot write"),
        (["prove", "--step", "P99"], "no statement"),
        (["check", "missing.json"], "cannot read"),
        (["frobnicate"], "invalid choice"),
        (["verify", "--quick", "--full"], "not allowed"),
    ],
)
def test_malformed_input_exits_with_2_and_says_why(words, message, tmp_path):
    shown = run(*words, start=real, cwd=tmp_path)
    assert shown.returncode == 2, shown.stdout + shown.stderr
    assert message in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("which", ["D", "Y1", "Y2"])
def test_no_solution_is_an_answer_with_its_proof(which, tmp_path):
    one, two, zero = [[1, 0], [0, 1]], [[2, 1], [1, 3]], [[1, 1], [1, 1]]
    data = {"D": (one, one, one, two), "Y1": (one, two, zero, two), "Y2": (one, two, one, zero)}
    Problem(*data[which]).save(tmp_path / "p.json")
    shown = run("solve", tmp_path / "p.json", "--out", tmp_path / "c.json")
    assert shown.returncode == 3
    proof = ("N2", "row 1, column 1") if which == "D" else ("N1", f"rank {which} = 1")
    assert all(words in shown.stdout for words in ("no solution", "PROVED", *proof))
    checked = run("check", tmp_path / "c.json")
    assert (checked.returncode, proof[0] in checked.stdout) == (0, True), checked.stdout
    accepted = run("solve", tmp_path / "p.json", "--json", "--accept-no-solution")
    table = _valid(accepted.stdout)
    assert (accepted.returncode, table["outcome"], table["label"]) == (0, "no-solution", "PROVED")
    ranks = {"rank Y1": 2, "rank Y2": 2, "rank [Y1 Y2]": 2, f"rank {which}": 1}
    assert table["evidence"] == ({"row": 1, "column": 1} if which == "D" else ranks)


def test_a_singular_pencil_is_solved_by_a_first_layer_of_rank_one(tmp_path):
    Problem([[1, 0], [0, 0]], [[2, 0], [0, 0]], [[1, 0], [0, 1]], [[2, 1], [1, 3]]).save(
        tmp_path / "p.json"
    )
    shown = run("solve", tmp_path / "p.json", "--out", tmp_path / "c.json")
    assert shown.returncode == 0
    assert all(words in shown.stdout for words in ("CERTIFIED", "rank-one"))
    assert run("check", tmp_path / "c.json").returncode == 0
    table = _valid(run("solve", tmp_path / "p.json", "--json").stdout)
    assert (table["outcome"], table["exit_status"]) == ("solution", 0)


def test_the_construction_is_the_programs_choice_or_named(tmp_path):
    Problem([[1, 0], [0, 1]], [[2, 0], [0, 1]], [[1, 2], [2, 5]], [[2, 3], [0, 1]]).save(
        tmp_path / "p.json"
    )
    assert "construction split" in run("solve", tmp_path / "p.json").stdout
    for words in (("--construction", "shift"), ("--alpha", "positive")):
        refused = run("solve", tmp_path / "p.json", *words)
        assert refused.returncode == 2
        assert "D = X2 − X1" in refused.stderr
    assert run("solve", tmp_path / "p.json", "--construction", "magic").returncode == 2
    named = run("solve", "color-spaces", "--construction", "split", "--digits", 20)
    assert named.returncode == 0
    assert "construction split" in named.stdout


def _valid(text):
    table = json.loads(text)
    schema = resources.files("deepexp_exact") / "schemas" / "solution.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(table)
    return table


def test_solve_prints_json_for_programs():
    table = json.loads(run("solve", "quantum-gates", "--digits", 20, "--json").stdout)
    assert table["label"] == "CERTIFIED"
    assert table["residuals_are"] == table["errors_are"] == "proved"
    fast = ("solve", "quantum-gates", "--digits", 20, "--path", "multiprecision", "--json")
    other = json.loads(run(*fast).stdout)
    assert (other["label"], other["residuals_are"]) == ("AGREES", "measured")
    assert other["errors_are"] == "estimated"
    assert set(table["weights"]) == {"W1", "W2", "W3"}
    assert table["record"]["format"] == "deepexp-exact/branch-record"


def test_show_lists_and_describes(tmp_path):
    assert "color-spaces" in run("show").stdout
    assert "rank D = 4" in run("show", "quantum-gates").stdout
    run("solve", "quantum-gates", "--digits", 15, "--out", tmp_path / "c.json")
    assert "certificate of quantum-gates" in run("show", tmp_path / "c.json").stdout


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="POSIX signals")
def test_ctrl_c_keeps_partial_results_and_exits_with_130(tmp_path):
    target = tmp_path / "v.json"
    process = subprocess.Popen(
        real("verify", "--full", "--jobs", 1, "--json", target),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stderr.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert first.startswith("[1/")
    assert process.returncode == 130
    table = json.loads(target.read_text())
    assert table["interrupted"]
    assert 1 <= len(table["cases"]) < table["planned"]


#: D = diag(0, 1): real weights are not decided, though complex ones exist.
SINGULAR_D = {"X1": [[1, 0], [0, 2]], "X2": [[1, 0], [0, 3]], "Y1": [[1, 0], [0, 1]]}


def test_an_undecided_problem_has_its_words_its_json_and_status_1(tmp_path):
    rows = SINGULAR_D | {"Y2": [[2, 1], [1, 1]]}
    Problem(*rows.values(), name="half").save(tmp_path / "p.json")
    shown = run("solve", tmp_path / "p.json", "--real", "--out", tmp_path / "c.json")
    assert shown.returncode == 1, shown.stderr
    for words in ("UNDECIDED: ", "rank of X1 + z·(X2 − X1): 2 of 2", "remedy", "complex solution"):
        assert words in shown.stdout
    assert "--out: nothing is written" in shown.stderr
    assert not (tmp_path / "c.json").exists()
    told = run("solve", tmp_path / "p.json", "--real", "--json")
    assert told.returncode == 1
    table = json.loads(told.stdout)
    assert (table["outcome"], table["label"], table["exit_status"]) == ("undecided", "UNDECIDED", 1)
    assert (table["pencil_rank"], table["d"]) == (2, 2)
    assert not {"W1", "weights", "statement"} & set(table)
    assert run("solve", tmp_path / "p.json", "--digits", 15).returncode == 0
