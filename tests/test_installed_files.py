"""What comes with the package beside it: where `show --files` finds it, in the tree and installed;
and that what the project says of itself is the same everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SHARED = PROJECT["tool"]["setuptools"]["data-files"]


def show(*arguments: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`deepexp-exact show --files` of the package in this folder."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run(
        [sys.executable, "-m", "deepexp_exact", "show", "--files", *arguments],
        capture_output=True, text=True, env=environment, cwd=path,
    )  # fmt: skip


def test_in_the_tree_they_are_the_tree_s_own():
    done = show()
    assert done.returncode == 0, done.stderr
    found = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert {name: Path(place).relative_to(ROOT).as_posix() for name, place in found.items()} == {
        "studies": "scripts/studies",
        "checker": "proofs/checker",
        "certificates": "proofs/certificates",
    }


def test_every_file_of_those_folders_is_installed():
    listed = {file for globs in SHARED.values() for pattern in globs for file in ROOT.glob(pattern)}
    for folder in ("scripts/studies", "proofs/checker", "proofs/certificates"):
        kept = subprocess.run(
            ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True
        ).stdout.split("\0")
        files = [ROOT / name for name in kept if name] or list((ROOT / folder).rglob("*.*"))
        assert files
        assert {file for file in files if file.suffix != ".pyc"} <= listed


@pytest.fixture
def installed(tmp_path):
    """A copy of the package with metadata and shared files, as pip lays them out."""
    library = tmp_path / "lib"
    shutil.copytree(
        ROOT / "deepexp_exact",
        library / "deepexp_exact",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    record = ["deepexp_exact/__init__.py,,"]
    for target, globs in SHARED.items():
        folder = tmp_path / target
        folder.mkdir(parents=True, exist_ok=True)
        for file in (file for pattern in globs for file in ROOT.glob(pattern)):
            shutil.copy(file, folder)
            record.append(f"../{target}/{file.name},,")
    metadata = library / "deepexp_exact-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: deepexp-exact\nVersion: 0\n")
    (metadata / "RECORD").write_text("\n".join(record))
    return library


def test_installed_they_are_found_by_the_record_of_the_installation(installed, tmp_path):
    done = show(path=installed)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        name, place = line.split(maxsplit=1)
        assert Path(place) == tmp_path / "share/deepexp-exact" / name
    assert show("studies", path=installed).stdout.strip().endswith("share/deepexp-exact/studies")
    shutil.rmtree(tmp_path / "share/deepexp-exact/checker")
    done = show(path=installed)
    assert done.returncode == 2
    assert "not installed: checker" in done.stderr


def test_an_unknown_name_is_told_the_known_ones():
    done = show("study")
    assert done.returncode == 2
    assert "studies, checker, certificates" in done.stderr


def test_citation_project_and_workflow_agree():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    project = PROJECT["project"]
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == project["version"]
    assert re.search(r"^license: (.*)$", citation, re.MULTILINE)[1] == project["license"]
    head = citation.partition("references:")[0]
    assert re.findall(r'- name: "(.*)"', head) == [a["name"] for a in project["authors"]]
    assert "url" not in project
    assert "://" not in citation
    pythons = {
        version
        for one in project["classifiers"]
        if (version := one.removeprefix("Programming Language :: Python :: ")).startswith("3.")
    }
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    assert set(re.findall(r'"(3\.\d+)"', workflow)) == pythons
    assert f">={min(pythons)}" == project["requires-python"]
    assert ".ci/run" in workflow


def test_every_dependency_has_both_bounds():
    project = PROJECT["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    for one in wanted:
        assert one.startswith("deepexp-exact[") or re.fullmatch(
            r"[\w-]+(\[\w+\])?>=[\d.]+,<[\d.]+", one
        )
