"""The driver of the Coq proofs: what it must refuse; and that Coq refuses a changed theorem.

The tests marked slow need Coq and the libraries; `make formal` installs them.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FORMAL = Path(__file__).resolve().parents[2] / "proofs" / "formal"


def load_driver() -> ModuleType:
    """Import build.py, which is a script outside the package."""
    spec = importlib.util.spec_from_file_location("formal_build", FORMAL / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = load_driver()

needs_coq = pytest.mark.skipif(
    build.missing_packages(), reason="Coq or a library is missing: run `make formal` as root"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources to tamper with."""
    folder = tmp_path / "formal"
    folder.mkdir()
    for path in FORMAL.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def replace(path: Path, old: str, new: str) -> None:
    """Replace text that must occur exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run_driver(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run build.py on a folder, as make does."""
    command = [sys.executable, str(folder / "build.py")]
    return subprocess.run(command, capture_output=True, text=True, timeout=200)


# ---- without Coq ----


def test_the_sources_pass_every_check_that_needs_no_coq() -> None:
    build.check_words(FORMAL)
    build.check_hash(FORMAL)
    assert {entry.id for entry in build.read_index(FORMAL)} >= build.REQUIRED_IDS


def test_the_sources_are_kept_for_readers() -> None:
    for name in build.SOURCES:
        text = (FORMAL / name).read_text(encoding="utf-8")
        assert text.startswith("(****"), f"{name} has no header"
        assert max(map(len, text.splitlines())) < 100, name
    statements = build.strip_comments((FORMAL / build.TRUSTED).read_text(encoding="utf-8"))
    assert not re.search(r"\b(Proof|Lemma|Theorem|Qed)\b", statements)


@pytest.mark.parametrize(
    "text",
    [
        "Admitted.",
        "Axiom easy : False.",
        "Parameter easy : False.",
        "Proof. admit. Qed.",
        "Unset Guard Checking.",
        '(* a "(*" in a string *) Conjecture easy : False.',
    ],
)
def test_words_that_skip_a_proof_are_refused(copy: Path, text: str) -> None:
    with (copy / "OneLayer.v").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    with pytest.raises(build.NotProved, match=r"OneLayer\.v, line"):
        build.check_words(copy)


def test_the_same_words_in_a_comment_are_allowed(copy: Path) -> None:
    with (copy / "OneLayer.v").open("a", encoding="utf-8") as file:
        file.write("\n(* no Axiom (* nested *) is Admitted *)\n")
    build.check_words(copy)


def test_a_source_file_that_is_not_listed_is_refused(copy: Path) -> None:
    (copy / "Extra.v").write_text("", encoding="utf-8")
    with pytest.raises(build.NotProved, match=r"Extra\.v"):
        build.check_words(copy)


def test_a_changed_statement_needs_a_new_hash(copy: Path) -> None:
    replace(copy / build.TRUSTED, "X1 - X2 \\in unitmx", "X1 + X2 \\in unitmx")
    done = run_driver(copy)
    assert done.returncode == 1
    assert "is not the recorded one" in done.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "P1_drift"}, "no theorem P1_drift"),
        ({"file": "Nowhere.v"}, "no source file"),
        ({"file": "Necessity.v"}, "no theorem P1_shift"),
        ({"id": "P2"}, "repeated"),
        ({"id": "P8"}, "no theorem for P1"),
        ({"words": ""}, "malformed"),
    ],
)
def test_a_wrong_index_is_refused(copy: Path, change: dict[str, str], message: str) -> None:
    path = copy / "index.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    next(entry for entry in data["theorems"] if entry["id"] == "P1").update(change)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(build.NotProved, match=message):
        build.read_index(copy)


def test_a_statement_without_a_theorem_is_refused(copy: Path) -> None:
    with (copy / build.TRUSTED).open("a", encoding="utf-8") as file:
        file.write("Definition open_question_statement : Prop := False.\n")
    with pytest.raises(build.NotProved, match="open_question"):
        build.read_index(copy)


def test_axioms_are_read_from_the_answers_of_coq() -> None:
    entries = [
        build.IndexEntry("A", "first", "A.v", "w"),
        build.IndexEntry("B", "second", "B.v", "w"),
    ]
    answer = (
        "Axioms:\nboolp.propositional_extensionality : forall P Q : Prop, P <-> Q -> P = Q\n"
        "my_axiom\n  : forall x : nat,\n    x = x\nClosed under the global context\n"
    )
    axioms = build.parse_axioms(answer, entries)
    assert axioms == {
        "first": ["boolp.propositional_extensionality", "my_axiom"],
        "second": [],
    }
    with pytest.raises(build.NotProved, match="first rests on my_axiom"):
        build.check_axioms(axioms)
    with pytest.raises(build.NotProved, match="2 answers for 1"):
        build.parse_axioms(answer, entries[:1])


def test_missing_coq_has_its_own_exit_status(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "missing_packages", lambda: True)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["build.py", "--folder", str(copy)])
    assert build.main() == 3
    assert "apt-get install -y --no-install-recommends coq" in capsys.readouterr().err


# ---- with Coq ----


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled files: those of the last `make formal` as far as they are up to date, or new."""
    folder = tmp_path_factory.mktemp("compiled")
    earlier = FORMAL / "build"
    reuse = True
    for name in build.SOURCES:
        shutil.copy(FORMAL / name, folder)
        done = (earlier / name).with_suffix(".vo")
        reuse = (
            reuse
            and done.exists()
            and (earlier / name).read_bytes() == (FORMAL / name).read_bytes()
        )
        if reuse:
            shutil.copy(done, folder)
        else:
            build.compile_file(folder, name)
    return folder


def statement_text(name: str) -> str:
    """The text of one statement in Statements.v."""
    text = (FORMAL / build.TRUSTED).read_text(encoding="utf-8")
    match = re.search(rf"Definition {name}_statement : Prop :=(.*?)\.\n(?=\n|End)", text, re.DOTALL)
    assert match is not None
    return match[1]


def proof_text(source: str, name: str) -> tuple[str, str]:
    """What stands before the theorem ``name`` in a source, and its proof."""
    text = (FORMAL / source).read_text(encoding="utf-8")
    head, reference, tail = text.partition(f"Theorem {name} : {name}_statement R d.")
    assert reference
    return head, tail[: tail.index("Qed.") + len("Qed.")]


def compile_with_statement(compiled: Path, name: str, statement: str) -> None:
    """Compile Construction.v up to the theorem ``name``, with its statement written out."""
    head, proof = proof_text("Construction.v", name)
    changed = f"{head}Theorem {name} : {statement}.\n{proof}\nEnd Construction.\n"
    (compiled / "Changed.v").write_text(changed, encoding="utf-8")
    build.compile_file(compiled, "Changed.v", 15)  # the unchanged file takes 3 s


def proved(compiled: Path, source: str, candidates: list[tuple[str, str]]) -> list[bool]:
    """Say which of the statements the proofs of the named theorems prove, in one run of Coq.

    Each follows the source, inside its last section.  A run from standard input goes on after an
    error, and ``About`` tells whether the candidate is there."""
    text = (FORMAL / source).read_text(encoding="utf-8")
    lines = [text[: text.rindex("\nEnd ")]]
    for number, (name, statement) in enumerate(candidates):
        _, proof = proof_text(source, name)
        lines += [f"Theorem candidate{number} : {statement}.", proof, "Abort All."]
        lines.append(f"About candidate{number}.")
    done = subprocess.run(
        ["coqtop", "-q", "-w", "none", "-Q", ".", build.LIBRARY],
        cwd=compiled, input="\n".join(lines) + "\n", text=True, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    answers = [
        re.search(rf"candidate{number} (is opaque|not a defined object)", done.stdout)
        for number in range(len(candidates))
    ]
    assert all(answers), done.stdout[-2000:]
    return [answer is not None and answer[1] == "is opaque" for answer in answers]


STATEMENT_CHANGES = [
    ("P1_shift", "X2 - X1 \\in unitmx ->", ""),
    ("P1_shift", "W1 *m X1 + c%:M", "W1 *m X1 - c%:M"),
    ("P2_first_layer", "+ c%:M", "- c%:M"),
    ("P5_second_layer", "A1 \\in unitmx -> ", ""),
    ("P6_telescope", "a != 1 ->", ""),
    ("P7_outputs", "Y1 \\in unitmx ->", ""),
    ("explicit_solution", "cexp c != 1 -> ", ""),
    ("explicit_solution", "invmx (X2 - X1)", "invmx (X2 + X1)"),
]


@needs_coq
@pytest.mark.slow
def test_a_changed_step_is_not_proved_by_its_proof(compiled: Path) -> None:
    compile_with_statement(compiled, "explicit_solution", statement_text("explicit_solution"))
    for name, old, new in STATEMENT_CHANGES:
        statement = statement_text(name)
        assert old in statement
        # Coq says Error at once, or looks for a way to identify the two sides until its time is up.
        with pytest.raises(build.NotProved, match=r"(?s)Changed\.v: (File.*Error|not finished)"):
            compile_with_statement(compiled, name, statement.replace(old, new))


# By file: the theorem, what is changed in its statement (a hypothesis, a sign, a size), to what.
LARGER_CHANGES = {
    "Depth.v": [
        ("N3_leading_block", "expM (- (W *m X1))", "expM (W *m X1)"),
        ("N3_two_layers", "~ (exists W1 W2", "(exists W1 W2"),
    ],
    "Completion.v": [
        ("S1_rank_test", " /\\ \\rank (row_mx Y1 Y2) = \\rank Y1", ""),
        ("S2_completion", "C2 - C1", "C2 + C1"),
        ("S3_completion_exists", "\\rank C2 = r ->", ""),
    ],
    "Split.v": [
        ("Q0_reference", "(1 - s) *: F", "(1 + s) *: F"),
        ("Q1_splitting", "N + c *:", "N - c *:"),
        ("Q2_block_exponential", "Y *m N = 0 ->", ""),
        ("Q3_first_layer", "splits X1 X2 s B Y ->", ""),
    ],
    "Pivots.v": [
        ("Q4_triangular", "unit_lower H ->", ""),
        ("Q5_pivots", "~~ is_scalar_mx C1 ->", ""),
        ("Q5_pivots_singular", "C1 \\notin unitmx ->", ""),
    ],
    "Blocks.v": [
        ("Q6_parameters", "cexp c != 1 ->", ""),
        ("Q6_parameters", "'I_d.+2", "'I_d.+1"),
        ("Q7_scalar_exponential", "injective (fun j => T j j) ->", ""),
        ("Q7_singular_block", "T11 \\in unitmx ->", ""),
    ],
    "Regular.v": [
        ("Q8_completeness", "regular_pencil X1 X2 ->", ""),
        ("solvable_iff_regular", "X1 != X2 ->", ""),
        ("decision", "(X1 = X2 /\\ Y1 <> Y2) \\/", ""),
    ],
}


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("source", LARGER_CHANGES)
def test_a_changed_statement_of_the_larger_theorem_is_not_proved(
    compiled: Path, source: str
) -> None:
    changed = []
    for name, old, new in LARGER_CHANGES[source]:
        assert statement_text(name).count(old) == 1
        changed.append((name, statement_text(name).replace(old, new)))
    controls = [(name, statement_text(name)) for name, _ in changed]
    assert proved(compiled, source, controls + changed) == [True] * len(controls) + [False] * len(
        changed
    )


@needs_coq
@pytest.mark.slow
def test_a_changed_proof_fails(compiled: Path) -> None:
    path = compiled / "Changed.v"
    source = FORMAL / "Construction.v"
    for old, new in [("addrC -subr_eq", "addrC subr_eq"), ("rewrite eK mulmxA e; ", "")]:
        shutil.copy(source, path)
        replace(path, old, new)
        with pytest.raises(build.NotProved, match=r"(?s)Changed\.v.*Error"):
            build.compile_file(compiled, "Changed.v", 60)
    shutil.copy(source, path)
    build.compile_file(compiled, "Changed.v", 60)


@needs_coq
@pytest.mark.slow
def test_a_statement_without_its_hypothesis_fails_even_with_a_new_hash(copy: Path) -> None:
    statements = copy / build.TRUSTED
    replace(statements, "X1 \\in unitmx -> X2 \\in unitmx ->\n  ((exists W", "((exists W")
    digest = build.hashlib.sha256(statements.read_bytes()).hexdigest()
    (copy / "statements.sha256").write_text(f"{digest}  {build.TRUSTED}\n", encoding="ascii")
    done = run_driver(copy)
    assert done.returncode == 1
    assert "NOT PROVED: OneLayer.v" in done.stderr
