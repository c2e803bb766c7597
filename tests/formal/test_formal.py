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
from helpers import shared

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


def test_a_program_that_takes_too_long_or_fails_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(build.NotProved, match="it: not finished after 0"):
        build.run_coq(["sleep", "60"], tmp_path, 0, "it")
    with pytest.raises(build.NotProved, match="it: Error"):
        build.run_coq(["sh", "-c", "echo Error; false"], tmp_path, 60, "it")


def test_missing_coq_has_its_own_exit_status(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "missing_packages", lambda: True)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["build.py", "--folder", str(copy)])
    assert build.main() == 3
    assert "apt-get install -y --no-install-recommends coq" in capsys.readouterr().err


# ---- with Coq ----


def without_proofs(name: str, imported: set[str]) -> str:
    """A source that imports its predecessors from the library, each proof taken as given.

    What it imports of MathComp is added to ``imported`` and left out here: that is most of the
    time a file of ours takes."""
    text = build.strip_comments((FORMAL / name).read_text(encoding="utf-8"))
    from_mathcomp = r"From mathcomp\S* Require Import [^.]*\."
    imported.update(" ".join(line.split()) for line in re.findall(from_mathcomp, text))
    text = re.sub(from_mathcomp, "", text).replace(f"From {build.LIBRARY} Require ", "")
    return re.sub(r"\bProof\..*?\bQed\.", "Admitted.", text, flags=re.DOTALL)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a compiled file Library.vo: every source as a module, its proofs left out.

    `make formal` compiles the proofs; here they are only what a changed one is built upon."""

    def compile_library(folder: Path) -> None:
        imported: set[str] = set()
        modules = []
        for source in build.SOURCES:
            stem = Path(source).stem
            modules.append(f"Module {stem}.{without_proofs(source, imported)}\nEnd {stem}.")
        # The parts of a lemma are then those that its statement names.
        head = [*in_order(imported), "Unset Keep Admitted Variables."]
        (folder / "Library.v").write_text("\n".join([*head, *modules]), encoding="utf-8")
        build.compile_file(folder, "Library.v")

    return shared(tmp_path_factory, "coq-library", compile_library)


def in_order(imported: set[str]) -> list[str]:
    """Lines that import MathComp: its algebra first, as in the sources."""
    return sorted(imported, key=lambda line: ("ssreflect" not in line, line))


def statement_text(name: str) -> str:
    """The text of one statement in Statements.v."""
    text = (FORMAL / build.TRUSTED).read_text(encoding="utf-8")
    match = re.search(rf"Definition {name}_statement : Prop :=(.*?)\.\n(?=\n|End)", text, re.DOTALL)
    assert match is not None
    return match[1]


def proof_text(source: str, name: str) -> str:
    """The proof of the theorem ``name`` in a source."""
    text = (FORMAL / source).read_text(encoding="utf-8")
    _, reference, tail = text.partition(f"Theorem {name} : {name}_statement R d.")
    assert reference
    return tail[: tail.index("Qed.") + len("Qed.")]


def proved(library: Path, source: str, candidates: list[tuple[str, str]], sure: int) -> list[bool]:
    """Say which statements are proved by the proofs beside them, in one run of Coq.

    Each follows the source, inside its last section.  A run from standard input goes on after an
    error, and ``About`` tells whether the candidate is there.  From candidate ``sure`` on Coq has
    5 s for each sentence: at a wrong one it says Error at once, or looks for a way to identify
    the two sides for as long as it may."""
    imported: set[str] = set()
    text = without_proofs(source, imported)
    lines = [*in_order(imported), f"From {build.LIBRARY} Require Import Library."]
    lines.append(text[: text.rindex("\nEnd ")])
    for number, (statement, proof) in enumerate(candidates):
        lines += ["Set Default Timeout 5."] * (number == sure)
        lines += [f"Theorem candidate{number} : {statement}.", proof, "Abort All."]
        lines.append(f"About candidate{number}.")
    done = subprocess.run(
        ["coqtop", "-q", "-w", "none", "-Q", ".", build.LIBRARY],
        cwd=library, input="\n".join(lines) + "\n", text=True, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    answers = [
        re.search(rf"candidate{number} (is opaque|not a defined object)", done.stdout)
        for number in range(len(candidates))
    ]
    assert all(answers), done.stdout[-2000:]
    return [answer is not None and answer[1] == "is opaque" for answer in answers]


# By file: the theorem, what is changed in its statement (a hypothesis, a sign, a size), to what.
STATEMENT_CHANGES = {
    "Construction.v": [
        ("P1_shift", "X2 - X1 \\in unitmx ->", ""),
        ("P1_shift", "W1 *m X1 + c%:M", "W1 *m X1 - c%:M"),
        ("P2_first_layer", "+ c%:M", "- c%:M"),
        ("P5_second_layer", "A1 \\in unitmx -> ", ""),
        ("P6_telescope", "a != 1 ->", ""),
        ("P7_outputs", "Y1 \\in unitmx ->", ""),
        ("explicit_solution", "cexp c != 1 -> ", ""),
        ("explicit_solution", "invmx (X2 - X1)", "invmx (X2 + X1)"),
    ],
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
# Likewise in its proof.
PROOF_CHANGES = {
    "Construction.v": [
        ("P1_shift", "addrC -subr_eq", "addrC subr_eq"),
        ("P7_outputs", "rewrite eK mulmxA e; ", ""),
    ],
}


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("source", STATEMENT_CHANGES)
def test_a_changed_statement_or_proof_is_not_proved(library: Path, source: str) -> None:
    changed, names = [], []
    for name, old, new in STATEMENT_CHANGES[source]:
        statement, proof = statement_text(name), proof_text(source, name)
        assert statement.count(old) == 1
        changed.append((statement.replace(old, new), proof))
        names.append(name)
    for name, old, new in PROOF_CHANGES.get(source, []):
        statement, proof = statement_text(name), proof_text(source, name)
        assert proof.count(old) == 1
        changed.append((statement, proof.replace(old, new)))
        names.append(name)
    controls = [(statement_text(name), proof_text(source, name)) for name in dict.fromkeys(names)]
    answers = proved(library, source, controls + changed, len(controls))
    assert answers == [True] * len(controls) + [False] * len(changed)


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
