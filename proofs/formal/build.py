#!/usr/bin/env python3
"""Check the Coq proofs: install Coq if needed, compile, and print what each theorem assumes.

The proofs count only if all of this holds:

* no source file contains a word that lets a proof be skipped (``Admitted``, ``Axiom``, ...);
* the trusted file ``Statements.v`` is the one whose SHA-256 is in ``statements.sha256``;
* every file compiles within its time limit;
* every statement ``NAME_statement`` of ``Statements.v`` is proved, for all ``R`` and ``d``, by
  the theorem ``NAME`` that ``index.json`` lists, and rests on no axiom but the three of
  MathComp-Analysis.

Standard library only.  Exit status: 0 proved, 1 not proved, 3 Coq is missing and cannot be
installed from here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
LIBRARY = "DeepExpExact"
TRUSTED = "Statements.v"
# In an order in which each file uses only those before it.
SOURCES = (
    TRUSTED,
    "OneLayer.v",
    "ExponentialSeries.v",
    "MatrixExponential.v",
    "ScalarExponential.v",
    "MatrixLogarithm.v",
    "Construction.v",
    "Necessity.v",
    "AllLogarithms.v",
    "Intertwining.v",
    "Depth.v",
    "Completion.v",
    "Split.v",
    "Pivots.v",
    "Blocks.v",
    "Regular.v",
)
COMPILE_SECONDS = 120  # for one file; the slowest takes about 10 s
AUDIT_SECONDS = 600  # about 80 s of processor time
COQCHK_SECONDS = 300

PACKAGES = (
    "coq",
    "libcoq-mathcomp",
    "libcoq-mathcomp-analysis",
    "libcoq-mathcomp-real-closed",
    "libcoq-mathcomp-algebra-tactics",
)
# One compiled file of each package, below the folder that `coqc -where` prints.
PACKAGE_FILES = (
    "mathcomp/all/all.vo",
    "mathcomp/analysis/trigo.vo",
    "mathcomp/real_closed/complex.vo",
    "mathcomp/algebra_tactics/ring.vo",
)

ALLOWED_AXIOMS = {
    "boolp.propositional_extensionality": "propositional extensionality",
    "boolp.functional_extensionality_dep": "functional extensionality",
    "boolp.constructive_indefinite_description": "constructive indefinite description",
}
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Primitive|Declare\s+Module"
    r"|Unset\s+(?:Guard|Positivity|Universe)\s+Check(?:ing)?|bypass_check|Load|Redirect"
    r"|Add\s+(?:Rec\s+)?LoadPath|Declare\s+ML\s+Module)\b"
)
REQUIRED_IDS = frozenset(
    {"B1", "N1", "N2", "N3", "S1", "S2", "S3", "Q5'", "Q7'"}
    | {f"P{j}" for j in range(1, 8)}
    | {f"Q{j}" for j in range(9)}
)


class NotProved(Exception):
    """A check failed; the message says which and where."""


class CoqMissing(Exception):
    """Coq or a library is missing and cannot be installed; the message says what to run."""


class IndexEntry(NamedTuple):
    """One theorem of ``index.json``."""

    id: str
    name: str
    file: str
    words: str


# ---- checks that need no Coq ----


def strip_comments(text: str) -> str:
    """Blank out Coq comments, which nest, and keep line breaks; strings are kept."""
    kept: list[str] = []
    depth = 0
    in_string = False
    position = 0
    while position < len(text):
        pair = text[position : position + 2]
        char = text[position]
        if not in_string and pair == "(*":
            depth += 1
            position += 2
            continue
        if not in_string and depth and pair == "*)":
            depth -= 1
            kept.append(" ")
            position += 2
            continue
        if char == '"':
            in_string = not in_string
        if depth == 0 or char == "\n":
            kept.append(char)
        position += 1
    return "".join(kept)


def check_words(folder: Path) -> None:
    """Refuse words that skip a proof, and files that the list of sources does not name."""
    found = {path.name for path in folder.glob("*.v")}
    if found != set(SOURCES):
        raise NotProved(f"the .v files and build.py's list differ: {sorted(found ^ set(SOURCES))}")
    for name in SOURCES:
        code = strip_comments((folder / name).read_text(encoding="utf-8"))
        if match := FORBIDDEN.search(code):
            line = code.count("\n", 0, match.start()) + 1
            raise NotProved(f"{name}, line {line}: `{match[0]}` is not allowed")


def check_hash(folder: Path) -> None:
    """Refuse a trusted file that is not the recorded one, so that no statement drifts unseen."""
    digest = hashlib.sha256((folder / TRUSTED).read_bytes()).hexdigest()
    recorded = (folder / "statements.sha256").read_text(encoding="ascii").split()
    if recorded != [digest, TRUSTED]:
        raise NotProved(
            f"{TRUSTED} is not the recorded one; read it again, and if it says what it should, "
            f"run: sha256sum {TRUSTED} > statements.sha256"
        )


def read_index(folder: Path) -> list[IndexEntry]:
    """Read ``index.json`` and hold it against the sources."""
    data = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    head = (data.get("format"), data.get("version"))
    if head != ("deepexp-exact/formal-index", 1):
        raise NotProved(f"index.json: unknown format {head}")
    entries: list[IndexEntry] = []
    for item in data["theorems"]:
        if set(item) != set(IndexEntry._fields) or not all(
            isinstance(value, str) and value for value in item.values()
        ):
            raise NotProved(f"index.json: malformed theorem {item}")
        entries.append(IndexEntry(**item))
    ids = [entry.id for entry in entries]
    if len(set(ids)) != len(ids):
        raise NotProved("index.json: an ID is repeated")
    if missing_ids := sorted(REQUIRED_IDS - set(ids)):
        raise NotProved(f"index.json: no theorem for {', '.join(missing_ids)}")
    for entry in entries:
        if entry.file not in SOURCES:
            raise NotProved(f"index.json: {entry.id}: no source file {entry.file}")
        code = strip_comments((folder / entry.file).read_text(encoding="utf-8"))
        if not re.search(rf"\bTheorem {re.escape(entry.name)} : {entry.name}_statement\b", code):
            raise NotProved(f"index.json: {entry.id}: no theorem {entry.name} in {entry.file}")
    trusted = strip_comments((folder / TRUSTED).read_text(encoding="utf-8"))
    stated = set(re.findall(r"\bDefinition (\w+)_statement\b", trusted))
    if stated != {entry.name for entry in entries}:
        missing = sorted(stated ^ {entry.name for entry in entries})
        raise NotProved(f"index.json and {TRUSTED} differ in: {missing}")
    return entries


# ---- Coq ----


def missing_packages() -> bool:
    """Say whether ``coqc`` or one of the libraries is missing."""
    if shutil.which("coqc") is None:
        return True
    where = subprocess.run(["coqc", "-where"], capture_output=True, text=True, check=True)
    libraries = Path(where.stdout.strip()) / "user-contrib"
    return not all((libraries / name).exists() for name in PACKAGE_FILES)


def ensure_coq() -> None:
    """Install the Debian packages if they are missing and this user may; else say how."""
    if not missing_packages():
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    command = f"apt-get update && {' '.join(install)}"
    advice = (
        "Coq 8.16 with MathComp 1.15 and MathComp-Analysis 0.6 is needed, as in Debian 12. "
        f"As root, run:\n  {command}"
    )
    if shutil.which("apt-get") is None:
        raise CoqMissing(advice)
    prefix: list[str] = []
    if os.geteuid() != 0:
        prefix = ["sudo", "-n"]
        if shutil.which("sudo") is None or subprocess.run([*prefix, "true"]).returncode:
            raise CoqMissing(advice)
    print(f"installing: {' '.join(PACKAGES)}", flush=True)
    environment = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    for step in (["apt-get", "update"], install):
        if subprocess.run([*environment, *step], stdout=subprocess.DEVNULL).returncode:
            raise CoqMissing(f"`{' '.join(step)}` failed.  {advice}")
    if missing_packages():
        raise CoqMissing(f"The packages of this system do not suffice.  {advice}")


def run_coq(command: list[str], folder: Path, seconds: int, what: str) -> str:
    """Run a Coq program in ``folder`` and return what it prints."""
    try:
        done = subprocess.run(
            command, cwd=folder, timeout=seconds, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotProved(f"{what}: not finished after {seconds} s") from None
    if done.returncode:
        raise NotProved(f"{what}: {done.stdout.strip()}")
    return done.stdout


def compile_file(build: Path, name: str, seconds: int = COMPILE_SECONDS) -> str:
    """Compile one file in the build folder and return what Coq prints."""
    return run_coq(["coqc", "-w", "none", "-Q", ".", LIBRARY, name], build, seconds, name)


def audit_source(entries: list[IndexEntry]) -> str:
    """A Coq file that holds each theorem against its statement and asks for its axioms."""
    modules = " ".join(Path(name).stem for name in SOURCES)
    lines = [
        "From mathcomp Require Import reals.",
        f"From {LIBRARY} Require {modules}.",
    ]
    for entry in entries:
        theorem = f"{LIBRARY}.{Path(entry.file).stem}.{entry.name}"
        statement = f"@{LIBRARY}.{Path(TRUSTED).stem}.{entry.name}_statement"
        lines.append(
            f"Definition audit_{entry.name} : forall (R : realType) (d : nat), "
            f"{statement} R d := @{theorem}."
        )
        lines.append(f"Print Assumptions audit_{entry.name}.")
    return "\n".join(lines) + "\n"


def parse_axioms(output: str, entries: list[IndexEntry]) -> dict[str, list[str]]:
    """Read the answers to ``Print Assumptions``: the axioms of each theorem, by its name."""
    answers: list[list[str]] = []
    for line in output.splitlines():
        if line == "Axioms:" or line == "Closed under the global context":
            answers.append([])
        elif line and not line[0].isspace():
            if not answers:
                raise NotProved(f"audit: unexpected answer: {line}")
            answers[-1].append(line.split(" : ")[0].strip())
    if len(answers) != len(entries):
        raise NotProved(f"audit: {len(answers)} answers for {len(entries)} theorems")
    return {entry.name: sorted(axioms) for entry, axioms in zip(entries, answers, strict=True)}


def check_axioms(axioms: dict[str, list[str]]) -> None:
    """Refuse any axiom beyond the three of MathComp-Analysis."""
    for name, used in axioms.items():
        if extra := sorted(set(used) - set(ALLOWED_AXIOMS)):
            raise NotProved(f"{name} rests on {', '.join(extra)}")


def audit(build: Path, entries: list[IndexEntry]) -> dict[str, list[str]]:
    """Hold each theorem against its statement; return its axioms."""
    (build / "Audit.v").write_text(audit_source(entries), encoding="utf-8")
    axioms = parse_axioms(compile_file(build, "Audit.v", AUDIT_SECONDS), entries)
    check_axioms(axioms)
    return axioms


def coqchk(build: Path) -> None:
    """Recheck the compiled files with Coq's separate checker; the libraries are taken as given."""
    names = [f"{LIBRARY}.{Path(name).stem}" for name in SOURCES]
    modules = [word for name in names for word in ("-norec", name)]
    run_coq(["coqchk", "-silent", "-Q", ".", LIBRARY, *modules], build, COQCHK_SECONDS, "coqchk")


def report(entries: list[IndexEntry], axioms: dict[str, list[str]]) -> str:
    """The theorems with their axioms, for people."""
    width = max(len(entry.name) for entry in entries)
    lines = []
    for entry in entries:
        used = ", ".join(ALLOWED_AXIOMS[name] for name in axioms[entry.name]) or "none"
        lines.append(f"  {entry.name:<{width}}  axioms: {used}")
    return "\n".join(lines)


def build_all(folder: Path, build: Path, recheck: bool) -> None:
    """Run every check on the sources in ``folder``; raise at the first that fails."""
    check_words(folder)
    check_hash(folder)
    entries = read_index(folder)
    ensure_coq()
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    for name in SOURCES:
        shutil.copy(folder / name, build / name)
        start = time.monotonic()
        compile_file(build, name)
        print(f"  {name:<24} {time.monotonic() - start:5.1f} s", flush=True)
    print("asking for the axioms of each theorem ...", flush=True)
    print(report(entries, audit(build, entries)), flush=True)
    if recheck:
        coqchk(build)
        print("coqchk accepts every compiled file", flush=True)
    print(f"{len(entries)} theorems proved for every size")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--coqchk", action="store_true", help="also run Coq's separate checker")
    parser.add_argument("--folder", type=Path, default=HERE, help="where the sources are")
    parser.add_argument("--build", type=Path, help="where to compile (default: FOLDER/build)")
    options = parser.parse_args()
    folder: Path = options.folder
    build: Path = options.build or folder / "build"
    try:
        build_all(folder, build, options.coqchk)
    except CoqMissing as problem:
        print(problem, file=sys.stderr)
        return 3
    except (NotProved, OSError, ValueError, KeyError) as problem:
        print(f"NOT PROVED: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
