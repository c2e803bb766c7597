"""A construction is a file, a registry row and a stub a path: all else follows from the row."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import deepexp_exact
from deepexp_exact.certificate import canonical_sha256

NAME = "throwaway"
PACKAGE = Path(deepexp_exact.__file__).parent
CHECKER = PACKAGE.parent / "proofs" / "checker" / "check_certificate.py"
#: Its own file, and its row in the registry: the theorem's first layer under another name.
OWN = f'''"""A construction for a test."""
from dataclasses import replace
from .shift import SHIFT
THROWAWAY = replace(SHIFT, name="{NAME}", words="the theorem's first layer, once more")
'''
ROW = f"""
from .{NAME} import THROWAWAY
CONSTRUCTIONS[THROWAWAY.name] = THROWAWAY
"""
#: The stub folder of each path.
STUBS = {
    "ball": (
        "from ..shift import first_layer, plan\nfrom ..network.weights import solve as solve_{0}\n"
    ),
    "multiprecision": (
        "from ..shift import first_layer\n"
        "from ..network.weights import solve_general as solve_{0}\n"
    ),
    "mpmath": (
        "from ..precision import CEILING_DIGITS, deliver\nfrom ..shift import first_layer\n"
        "def solve_{0}(problem, record, digits, *, ceiling=CEILING_DIGITS):\n"
        "    return deliver(first_layer, problem, record, digits, ceiling)\n"
    ),
    "double": (
        "from ..shift import first_layer\nfrom ..weights import deliver\n"
        "def solve_{0}(problem, record, digits=15):\n"
        "    return deliver(first_layer, problem, record, digits)\n"
    ),
}
STUDY = f"""
format = "deepexp-exact/study"
version = 1
name = "own"
[limits]
seconds = 60
[[grid]]
measure = "accuracy"
family = "gaussian-complex"
d = [2, 3]
digits = 20
path = ["multiprecision", "mpmath", "ball"]
construction = ["{NAME}", "shift"]
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that has the construction."""
    root = tmp_path_factory.mktemp("tree")
    package = root / "deepexp_exact"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "constructions" / f"{NAME}.py").write_text(OWN, "utf-8")
    with (package / "constructions" / "__init__.py").open("a", encoding="utf-8") as registry:
        registry.write(ROW)
    for path, text in STUBS.items():
        stub = package / "paths" / path / NAME
        stub.mkdir()
        (stub / "__init__.py").write_text(text.format(NAME), "utf-8")
    return root


def run(tree: Path, *arguments: str, check: int = 0) -> str:
    """What a fresh Python of that tree prints; it has to end with the status ``check``."""
    ended = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=200, check=False,
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)},
    )  # fmt: skip
    assert ended.returncode == check, f"{ended.returncode}: {ended.stdout}\n{ended.stderr}"
    return ended.stdout + ended.stderr


def command(tree: Path, *arguments: str, check: int = 0) -> str:
    return run(tree, "-m", "deepexp_exact", *arguments, check=check)


@pytest.fixture(scope="module")
def certificate(tree: Path) -> Path:
    file = tree / "own.json"
    options = ("--construction", NAME, "--digits", "20", "--out", str(file), "--json")
    told = json.loads(command(tree, "solve", "quantum-gates", *options))
    assert (told["construction"], told["label"]) == (NAME, "CERTIFIED")
    return file


@pytest.mark.parametrize("path", STUBS)
def test_every_path_with_a_stub_solves_it(tree: Path, path: str) -> None:
    options = ("--construction", NAME, "--digits", "15", "--path", path, "--json")
    told = json.loads(command(tree, "solve", "quantum-gates", *options))
    assert (told["construction"], told["path"]) == (NAME, path)
    assert told["label"] == ("CERTIFIED" if path == "ball" else "AGREES")


def test_a_path_without_a_stub_says_so(tree: Path) -> None:
    options = ("--construction", NAME, "--path", "symbolic")
    assert NAME in command(tree, "solve", "quantum-gates", *options, check=2)


def test_it_is_verified(tree: Path) -> None:
    """Steps on the instance, and the residuals recomputed from the definition of f."""
    program = f"""if True:
        import json
        from deepexp_exact import load_problem
        from deepexp_exact.solving import choose_record
        from deepexp_exact.verification.derivation import derivation
        problem = load_problem("quantum-gates")
        record = choose_record(problem, construction="{NAME}")[0]
        report = derivation(problem, record, 20, "{NAME}")
        print(json.dumps([(check.subject, check.label) for check in report.checks]))
    """
    told = json.loads(run(tree, "-c", program))
    # the ordinary script may leave the principal branch, where it does not apply
    assert {label for subject, label in told if subject != "script"} == {"PROVED", "AGREES"}
    assert {"P1", "P2", "P7", "multiprecision"} <= {subject for subject, _ in told}


def test_it_is_studied(tree: Path) -> None:
    plan, store = tree / "own.toml", tree / "own.sqlite"
    plan.write_text(STUDY, "utf-8")
    command(tree, "study", "run", str(plan), "--store", str(store))
    program = f"""if True:
        from deepexp_exact.study import Results
        rows = [(r.run.params["construction"], r.outcome.label) for r in Results.load("{store}")]
        print(sum(name == "{NAME}" for name, _ in rows), {{str(label) for _, label in rows}})
    """
    told = run(tree, "-c", program)
    assert told.startswith("6 ")
    assert "FAILED" not in told
    assert "NOT_APPLICABLE" not in told


def test_it_is_listed_and_its_certificate_is_accepted(tree: Path, certificate: Path) -> None:
    assert NAME in command(tree, "show", "quantum-gates")
    told = command(tree, "check", str(certificate))
    assert all(f"{claim} CERTIFIED" in told for claim in ("C1", "C2", "C3", "C4"))


def test_a_changed_certificate_is_not_accepted(tree: Path, certificate: Path) -> None:
    text = json.loads(certificate.read_text("utf-8"))
    text["record"]["first_layer"]["turn"] += 1
    text["sha256"] = canonical_sha256(text)
    changed = tree / "changed.json"
    changed.write_text(json.dumps(text), "utf-8")
    assert "C2" in command(tree, "check", str(changed), check=1)


def test_programs_without_the_row_refuse_its_name(tree: Path, certificate: Path) -> None:
    """This package, and the checker of the standard library, which keeps a list of its own."""
    for program in (("-m", "deepexp_exact", "check"), (str(CHECKER),)):
        ended = subprocess.run(
            [sys.executable, *program, str(certificate)],
            capture_output=True, text=True, timeout=200, check=False, cwd=PACKAGE.parent,
        )  # fmt: skip
        assert ended.returncode == 2
        assert NAME in ended.stdout + ended.stderr
