"""Every block of code in README.md and docs/ runs and prints what the page shows.

Blocks of Python run in the order of their page in one process; ``$`` lines of console blocks run by
the shell in the page's folder; ``<!-- file: NAME -->`` writes the next block to that file; a block
of text after one of Python is its output.  Numbers shown are held against those printed digit by
digit only where the page shows output of Python; elsewhere every number stands for any.  A block
after ``<!-- slow: REASON -->`` or ``<!-- not run: REASON -->`` is left out.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import prompt

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>file|slow|not run): (?P<what>[^\n]+?) -->\n)?"
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass
class Block:
    """One fenced block: its language, text, and what the comment before it says."""

    language: str
    text: str
    mark: str | None
    what: str


def blocks(page: Path) -> list[Block]:
    found = [
        Block(m["language"], m["text"], m["mark"], m["what"] or "")
        for m in _BLOCK.finditer(page.read_text("utf-8"))
    ]
    for block in found:
        if not block.language and block.text.startswith("$ "):
            block.language = "console"
    return found


def commands(text: str) -> list[tuple[str, list[str]]]:
    """(command, the lines shown below it) of a console block."""
    out: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        else:
            out[-1][1].append(line)
    return out


def holds(shown: list[str], printed: str) -> bool:
    """Whether the lines shown (``...`` stands for anything) occur in this order in what is printed,
    numbers aside."""

    def plain(line: str) -> str:
        return " ".join(re.sub("─+", "─", _NUMBER.sub("#", line)).split())

    lines = iter([plain(line) for line in printed.splitlines()])
    for line in shown:
        wanted = plain(line)
        if wanted in ("", "..."):
            continue
        wanted, _, rest = wanted.partition(" ...")
        if not any(found.startswith(wanted) if rest or line.endswith("...") else found == wanted
                   for found in lines):  # fmt: skip
            return False
    return True


@pytest.fixture
def shell(tmp_path):
    """The environment of a page's commands: deepexp-exact and python are those of this run."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, words in (("deepexp-exact", prompt()), ("python", [sys.executable])):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
    folder = tmp_path / "page"
    folder.mkdir()
    paths = os.pathsep.join((str(programs), os.environ["PATH"]))
    known = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return folder, os.environ | {"PATH": paths, "PYTHONPATH": known, "COLUMNS": "160"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_block_runs_and_prints_what_is_shown(page, shell, monkeypatch, capsys):
    folder, environment = shell
    monkeypatch.chdir(folder)
    names: dict[str, object] = {"__name__": "page"}
    last: str | None = None
    for block in blocks(page):
        before, last = last, None
        if block.mark in ("slow", "not run"):
            assert len(block.what) > 10, "say why"
        elif block.mark == "file":
            (folder / block.what).write_text(block.text, "utf-8")
        elif block.language == "python":
            exec(compile(block.text, page.name, "exec"), names)
            last = capsys.readouterr().out
        elif block.language == "text" and before is not None:
            assert before.rstrip().splitlines() == block.text.rstrip().splitlines()
        elif block.language == "console":
            for command, shown in commands(block.text):
                done = subprocess.run(
                    command, shell=True, cwd=folder, env=environment, capture_output=True,
                    text=True, timeout=120,
                )  # fmt: skip
                assert done.returncode == 0, (command, done.stderr)
                assert holds(shown, done.stdout), (command, done.stdout)
        else:
            assert block.language in ("text", "", "json", "toml")


def test_a_line_that_is_not_printed_is_seen():
    printed = "a  C1 CERTIFIED 1.5e-3\nb 2\nc"
    assert holds(["a C1 CERTIFIED 9", "...", "c"], printed)
    assert not holds(["a C1 FAILED 9"], printed)
    assert not holds(["c", "b 2"], printed)
    assert not holds(["b 2 x"], printed)


@pytest.fixture(scope="module")
def site():
    """scripts/documentation.py, which makes pages from the code."""
    path = ROOT / "scripts" / "documentation.py"
    spec = importlib.util.spec_from_file_location("documentation", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_measure_and_axis_is_described(site):
    from deepexp_exact.study.axes import AXES
    from deepexp_exact.study.measures import MEASURES

    text = site.command_line()
    for command in ("solve", "verify", "prove", "check", "compare", "depth", "logm", "expm", "show",
                    "study run", "study once"):  # fmt: skip
        assert f"## deepexp-exact {command}\n\n```text\nusage: deepexp-exact {command} " in text
    assert set(re.findall(r"^\| `(\w+)`", site.measures(), re.MULTILINE)) == set(MEASURES)
    assert re.findall(r"^### (\w+)$", site.axes(), re.MULTILINE) == list(AXES)
    assert "Accepted: an integer from 1 to 128." in site.axes()


def test_generated_parts_are_known_and_links_lead_somewhere(site):
    pages = site.site_pages()
    for source in pages:
        if source.endswith(".md"):
            text = (ROOT / source).read_text("utf-8")
            assert set(site._MARK.findall(text)) <= set(site.GENERATED)
            site.relinked(text, source, pages)
    with pytest.raises(FileNotFoundError):
        site.relinked("[x](nowhere.md)", "docs/index.md", pages)
    with pytest.raises(KeyError):
        site.filled("<!-- generated: nothing -->")
    made = site.relinked("[a](../../proofs/theorem.md#proof)", "docs/howto/studies.md", pages)
    assert made == "[a](../theory/theorem.md#proof)"


def test_every_public_name_is_in_the_reference():
    import deepexp_exact

    text = (ROOT / "docs/reference/python.md").read_text("utf-8")
    named = set(re.findall(r"^::: [\w.]*?\.?(\w+)$", text, re.MULTILINE))
    named |= {word for line in re.findall(r"members: \[(.*)\]", text) for word in line.split(", ")}
    missing = set(deepexp_exact.__all__) - named - {"__version__", "DeepexpError"}
    assert not missing
    assert "::: deepexp_exact.errors" in text


def test_the_comparison_is_measured():
    """Our side of scripts/compare_logarithms.py, and two verdicts that rest on exact facts."""
    path = ROOT / "scripts" / "compare_logarithms.py"
    spec = importlib.util.spec_from_file_location("compare_logarithms", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    cases = {case.words: case for case in module.CASES}
    half_turn = cases["diag(−1, 1)"]
    correct, words = module.ours(half_turn)
    assert words == "[[1πi, 0], [0, 0]]"
    module.ANSWERS["tampered"] = lambda case: -correct
    module.SAME["tampered"] = 1e-8
    assert module.verdict(half_turn, "tampered", correct).startswith("**[[−1πi, 0], [0, 0]]**, yet")
    module.ANSWERS["right"] = lambda case: correct
    module.SAME["right"] = 1e-8
    assert module.verdict(half_turn, "right", correct) == "right to all digits"
    assert module.ours(cases["zero"]) == (
        None, "HypothesisError: K is singular: its rank is 0, needed 2"
    )  # fmt: skip
    overflow = cases["exp of [[0, 10³⁰⁸], [0, 0]]"]
    assert module.ours(overflow)[1] == "[[1, 1e+308], [0, 1]]"
