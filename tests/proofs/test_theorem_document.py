"""Every ID has its place in the written proof, a script, and a line in what `prove` shows; every
statement, table and closed form is LaTeX that compiles."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import prompt

from deepexp_exact import load_problem, make_record, proving
from deepexp_exact.exact import gaussian
from deepexp_exact.paths.symbolic.shift.closed_form import solve_shift
from deepexp_exact.theorem import (
    NETWORK_LATEX,
    PROVED_BY_HAND,
    PROVED_STATEMENTS,
    STATEMENTS,
    THEOREM_LATEX,
)

ROOT = Path(__file__).parents[2]
STEPS = ROOT / "proofs" / "steps"


def script_of(name: str) -> Path:
    stem = name.replace("'", "p")
    return STEPS / f"{stem}_{STATEMENTS[name].title.replace(' ', '_')}.py"


@pytest.mark.parametrize("name", [*PROVED_STATEMENTS, *PROVED_BY_HAND])
def test_every_statement_is_in_the_written_proof_with_its_title(name):
    text = (ROOT / "proofs" / "theorem.md").read_text("utf-8")
    assert f"### {name}, {STATEMENTS[name].title}\n" in text
    section = text.split(f"### {name}, ")[1].split("\n### ")[0]
    assert "∎" in section
    for used in STATEMENTS[name].uses:
        assert used in section


def test_scripts_and_statements_are_the_same_set():
    assert {path.name for path in STEPS.glob("*.py")} == {
        script_of(name).name for name in PROVED_STATEMENTS
    }


@pytest.mark.parametrize("name", PROVED_STATEMENTS)
def test_every_script_proves_its_statement_by_itself(name):
    words = (str(script_of(name)), "--d", "2")
    done = subprocess.run(
        [sys.executable, *words] if name == "P1" else prompt(*words),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^{name} +2 .* PROVED", done.stdout, re.M)
    assert f"{name}: PROVED, {STATEMENTS[name].title}" in done.stdout
    assert done.stdout.startswith(f"{name}, {STATEMENTS[name].title}.")


def test_a_script_lists_its_identities(capsys):
    assert proving.step_script("P5", "P5, second layer.", ["--d", "1", "--list"]) == 0
    text = capsys.readouterr().out
    assert "d = 1: generic entries: Eq(W2*Exp(W1*X1), Z)" in text
    assert "let    W2 := Z*A**(-1)\n" in text
    assert "claim  Eq(W2*Exp(W1*X2), alpha*Z)\n" in text


def test_the_citations_of_the_program_are_those_of_the_document():
    text = (ROOT / "proofs" / "theorem.md").read_text("utf-8")
    for word in ("Jordan form", "one solution", "e^(x+y) = e^x·e^y", "Gantmacher", "Rank normal"):
        assert word in text
        assert any(word.lower() in line.lower() for line in proving.CITED) or word == "Rank normal"


def test_latex_of_statements_tables_and_solutions_compiles(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-base)")
    problem = load_problem("quantum-gates")
    solution = solve_shift(problem, make_record(problem, gaussian(-2)))
    report = proving.run_prove(1, jobs=1)
    formulas = [NETWORK_LATEX, THEOREM_LATEX, *(s.latex for s in STATEMENTS.values())]
    body = "\n".join(f"\\[ {formula} \\]" for formula in formulas)
    document = "\n".join(
        [
            r"\documentclass{article}\usepackage{amsmath}\begin{document}",
            body,
            report.to_latex(),
            solution.to_latex(),
            problem._repr_latex_(),
            r"\end{document}",
        ]
    )
    (tmp_path / "all.tex").write_text(document, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 1000
