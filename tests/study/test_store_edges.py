"""A store where things go wrong: what is not ours is left alone, and the reason is told."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import prompt, real

from deepexp_exact.solution import Label
from deepexp_exact.study import Store
from deepexp_exact.study.outcome import Outcome
from deepexp_exact.study.plan import parse_study

STUDY = """format = "deepexp-exact/study"
version = 1
name = "edges"
[[grid]]
measure = "scale"
family = "gaussian-complex"
d = 2
digits = 10
re_c = {from = -2, to = 2, count = 40}
"""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX files and limits")


def study(
    folder: Path, *words: str, before: tuple[str, ...] = (), **options: Any
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *(real if before or options else prompt)("study", *words)],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False, **options,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user may read."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    (path / "s.toml").write_text(STUDY)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def filled(path: Path, runs: int = 3) -> None:
    """A store with results written here, without any run."""
    with Store.open_for(parse_study(STUDY), path) as store:
        store.begin("test", {})
        for run in store.missing()[:runs]:
            store.add(run.key, Outcome(Label.CERTIFIED, "", {"lost": 1.5, "predicted": 2.0}))
        store.end()


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir() if p.is_file()}


RUN = ("run", "s.toml", "--workers", "1", "--store")


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_foreign_database_is_left_as_it_is(folder: Path, journal: str) -> None:
    with sqlite3.connect(folder / "mine.sqlite") as db:
        db.execute(f"PRAGMA journal_mode={journal}")
        db.execute("CREATE TABLE precious (x)")
        db.execute("INSERT INTO precious VALUES (42)")
    db.close()
    before = snapshot(folder)
    for words in ((*RUN, "mine.sqlite"), ("tables", "mine.sqlite"), ("report", "mine.sqlite")):
        refused(study(folder, *words), "mine.sqlite is not a study's SQLite file")
    assert snapshot(folder) == before


@pytest.mark.parametrize("target", ["/dev/null", "there", "s.toml/x.sqlite", "text.sqlite", "a/"])
def test_a_store_that_can_be_none(folder: Path, target: str) -> None:
    (folder / "there").mkdir()
    (folder / "a").mkdir()
    (folder / "text.sqlite").write_text("words" * 200)
    before = snapshot(folder)
    refused(study(folder, *RUN, target), "FormatError")
    assert snapshot(folder) == before
    assert not list((folder / "there").iterdir())


def test_a_full_disk_is_told_and_what_was_done_is_kept(folder: Path) -> None:
    """A limit on the size of files, as a full disk gives: ENOSPC and EFBIG take the same way."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    done = study(folder, *RUN, "s.sqlite", preexec_fn=limit)
    refused(done, "cannot write s.sqlite", "is the disk full")
    assert "another process" not in done.stderr
    assert study(folder, *RUN, "s.sqlite").returncode == 0
    with Store(folder / "s.sqlite") as store:
        assert sum(store.counts().values()) == 40
    done = study(folder, *RUN, "none.sqlite", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (0, 0)
    ))  # fmt: skip
    refused(done, "cannot write none.sqlite")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's device that is always full")
def test_tables_on_a_full_device(folder: Path) -> None:
    filled(folder / "s.sqlite")
    refused(study(folder, "report", "s.sqlite", "--html", "/dev/full"), "cannot write /dev/full")


@pytest.mark.parametrize("how", ["page", "head", "cut", "label", "json", "text", "measure", "fact"])
def test_a_damaged_store_is_told(folder: Path, how: str) -> None:
    path = folder / "s.sqlite"
    filled(path, 40)
    data = bytearray(path.read_bytes())
    if how == "page":
        data[8192:] = b"\xff" * (len(data) - 8192)
    elif how == "head":
        data[100:4096] = b"\xee" * 3996
    elif how == "cut":
        del data[len(data) // 2 :]
    if how in ("page", "head", "cut"):
        path.write_bytes(data)
    else:
        change = {
            "label": "UPDATE result SET label = 'PERFECT'",
            "json": "UPDATE result SET measured = '{\"lost\": 1'",
            "text": 'UPDATE result SET measured = \'{"lost": "few"}\'',
            "measure": "UPDATE plan SET params = '{\"colour\": 3}'",
            "fact": "DELETE FROM study WHERE key = 'plan_sha256'",
        }[how]
        with sqlite3.connect(path) as db:
            db.execute(change)
        db.close()
    before = snapshot(folder)
    for words in (
        ("tables", "s.sqlite"),
        ("figures", "s.sqlite"),
        ("report", "s.sqlite"),
        (*RUN, "s.sqlite"),
    ):
        refused(study(folder, *words, "s.sqlite"), "s.sqlite")
    after = snapshot(folder)
    after.pop("s.sqlite.lock", None)
    assert after == {k: v for k, v in before.items() if k != "s.sqlite.lock"}


def test_reading_writes_nothing_on_read_only_media_too(folder: Path) -> None:
    filled(folder / "s.sqlite")
    (folder / "s.sqlite.lock").unlink()
    out = Path(tempfile.mkdtemp())
    out.chmod(0o777)
    folder.chmod(0o555)
    before = snapshot(folder)
    plain = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
    if plain and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere")
    for words in (("tables", "s.sqlite", "--out", f"{out}/t"), ("plan", "s.toml")):
        done = study(folder, *words, before=plain)
        assert done.returncode == 0, done.stderr
    refused(study(folder, *RUN, "s.sqlite", before=plain), "cannot write")
    refused(study(folder, *RUN, "new.sqlite", before=plain), "cannot write new.sqlite")
    refused(study(folder, *RUN, "sub/new.sqlite", before=plain), "cannot make the folder sub")
    refused(
        study(folder, "tables", "s.sqlite", "--out", "t", before=plain), "cannot make the folder t"
    )
    assert snapshot(folder) == before
    shutil.rmtree(out)


def test_what_a_killed_process_left_is_read_without_a_change(folder: Path) -> None:
    """A journal that has to be rolled back, and the write-ahead log of older versions."""
    path = folder / "s.sqlite"
    filled(path)
    for journal in ("delete", "wal"):
        code = (
            "import os, sqlite3, signal\n"
            f"db = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
            f"db.execute('PRAGMA journal_mode={journal}')\n"
            "db.execute('PRAGMA cache_size=1')\n"
            "db.execute('PRAGMA cache_spill=1')\n"
            "db.execute('BEGIN')\n"
            "for _ in range(200):\n"
            "    db.execute(\"INSERT INTO study VALUES (hex(randomblob(500)), 'x')\")\n"
            + ("db.execute('ROLLBACK')\n" if journal == "wal" else "")
            + ("db.execute(\"UPDATE session SET command = 'later'\")\n" if journal == "wal" else "")
            + "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False)
        assert done.returncode == -signal.SIGKILL
        before = snapshot(folder)
        assert len(before) >= 4, before.keys()
        with Store(path) as store:
            assert len(store.facts()) == 8
            assert store.counts() == {"CERTIFIED": 3}
            assert store.sessions()[0]["command"] == ("test" if journal == "delete" else "later")
        assert snapshot(folder) == before
        Store.open_for(parse_study(STUDY), path).close()  # whoever writes settles it
        assert not [name for name in snapshot(folder) if name.endswith(("-wal", "-journal"))]


def test_the_lock_is_that_of_the_file_whatever_links_lead_to_it(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    (folder / "other.sqlite").symlink_to("real/s.sqlite")
    with Store.open_for(parse_study(STUDY), folder / "real" / "s.sqlite"):
        for name in ("link/s.sqlite", "other.sqlite", f"{folder}/link/../real/s.sqlite"):
            refused(study(folder, *RUN, name), "another process is running")


@pytest.mark.parametrize("words", [("tables",), ("figures",)])
def test_an_out_that_is_a_file(folder: Path, words: tuple[str, ...]) -> None:
    filled(folder / "s.sqlite")
    (folder / "file").write_text("keep me")
    for target in ("file", "file/below"):
        refused(study(folder, *words, "s.sqlite", "--out", target), "cannot make the folder")
    assert (folder / "file").read_text() == "keep me"
    refused(study(folder, "report", "s.sqlite", "--html", "file/x.html"), "cannot make the folder")


def test_names_that_a_uri_would_read_otherwise(folder: Path) -> None:
    name = "50% of #1?mode=rw.sqlite"
    filled(folder / name)
    assert study(folder, "tables", name).returncode == 0
    assert json.dumps(sorted(p.name for p in folder.iterdir() if "50%" in p.name)) == json.dumps(
        [name, f"{name}.lock"]
    )


OWN = """[[grid]]
measure = "scale"
family = "integer"
d = 2
re_c = [0.5, 1.0]
im_c = [1.0]
[[grid]]
measure = "accuracy"
family = "quantum-gates"
digits = [20, 40]
[[grid]]
measure = "cost"
family = "integer"
d = 2
repeat = 1
path = "double"
"""


def test_the_figures_of_a_plan_of_ones_own_show_its_data(folder: Path) -> None:
    head = STUDY.split("[[grid]]", maxsplit=1)[0]
    (folder / "own.toml").write_text(head + OWN)
    assert study(folder, "run", "own.toml", "--workers", "1").returncode == 0
    made = study(folder, "figures", "out/studies/own.sqlite", "--out", "f")
    assert made.returncode == 0, made.stderr
    names = {Path(line).name for line in made.stdout.splitlines() if line.endswith("svg")}
    assert names == {"scale.svg", "accuracy.svg", "prediction.svg", "cost.svg"}
    assert "double" in (folder / "f" / "cost.svg").read_text()
    assert "integer" in (folder / "f" / "scale.svg").read_text()
    accuracy = (folder / "f" / "accuracy.svg").read_text()
    assert ">20<" in accuracy
    assert ">40<" in accuracy


def test_no_figure_says_why(folder: Path) -> None:
    filled(folder / "s.sqlite", 0)
    done = study(folder, "figures", "s.sqlite")
    assert done.returncode == 1
    assert "no figures: no run has left a figure yet" in done.stderr
