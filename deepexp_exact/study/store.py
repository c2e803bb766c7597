"""The results of one study: one SQLite file, one row for each run, one transaction a run.

Tables: ``study`` (plan's name, title, limits, text, digests), ``session`` (one row for each time
the study was run: command, machine, versions, start, end), ``plan`` (position, key, measure,
parameters) and ``result`` (key, label, reason, values, timings, seconds, session).  A run that
failed or timed out is a result with its reason.  Only one process writes to a file at a time; it
holds an exclusive lock, which the operating system releases however that process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FormatError, clip, shown
from ..files import checked_path, make_folder
from ..solution import Label
from .axes import AXES
from .measures import MEASURES
from .outcome import Outcome, decode
from .plan import Run, Study, canonical

SCHEMA_VERSION = 1
_FACTS = ("name", "title", "text", "sha256", "plan_sha256", "limits")
#: Figures and timings that are numbers.
_NUMERIC = re.compile(
    "log10_.*|.*_seconds|.*_digits|lost|predicted|carried|size|fitted|found_.*|argument|types"
)
_WRONG = "is it the right file? name another one with --store"
_SCHEMA = """
CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE session (
  id INTEGER PRIMARY KEY, started REAL NOT NULL, ended REAL, command TEXT NOT NULL,
  provenance TEXT NOT NULL) STRICT;
CREATE TABLE plan (
  position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, measure TEXT NOT NULL,
  params TEXT NOT NULL) STRICT;
CREATE TABLE result (
  key TEXT PRIMARY KEY REFERENCES plan (key), label TEXT NOT NULL, reason TEXT NOT NULL,
  measured TEXT NOT NULL, timings TEXT NOT NULL, seconds REAL NOT NULL,
  session INTEGER NOT NULL REFERENCES session (id), finished REAL NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Row:
    """One planned run and, unless it is still missing, its outcome."""

    run: Run
    outcome: Outcome | None


class Store:
    """The file of one study.  ``Store.open_for(study, path)`` makes it or checks that it fits;
    ``Store(path)`` reads it and writes nothing, be it on a read-only disk."""

    def __init__(self, path: str | os.PathLike[str], may_be_empty: bool = False) -> None:
        self.path = Path(checked_path(path))
        self._lock: sqlite3.Connection | None = None
        self._session = 0
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        if not os.path.lexists(self.path):
            raise FormatError(f"there is no study file {self.path}", "run the study first")
        if not self.path.is_file():
            raise FormatError(f"{self.path} is not a plain file", "a study is one SQLite file")
        with self._typed("read"):
            self._db = self._opened()
            try:
                self._require_ours(may_be_empty)
            except BaseException:
                self.close()
                raise

    def _opened(self) -> sqlite3.Connection:
        """A connection that reads only.  What a killed process left unfinished is settled in a
        copy: the file itself stays as it is."""
        whole, beside = Path(os.path.realpath(self.path)), []
        with open(whole, "rb") as stream:
            head = stream.read(20)
        if head and not head.startswith(b"SQLite format 3\0"):
            raise FormatError(f"{self.path} is not a study's SQLite file", _WRONG)
        for suffix in ("-journal", "-wal"):
            with contextlib.suppress(OSError):
                if (extra := Path(f"{whole}{suffix}")).stat().st_size:
                    beside.append(extra)
        if head[18:19] != b"\2":  # the journal is not a write-ahead log
            try:
                db = sqlite3.connect(f"{whole.as_uri()}?mode=ro", uri=True, timeout=30)
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()
                return db
            except sqlite3.OperationalError:
                if not beside:
                    raise
        elif not beside:
            return sqlite3.connect(f"{whole.as_uri()}?mode=ro&immutable=1", uri=True)
        self._copy = tempfile.TemporaryDirectory()
        for source in (whole, *beside):
            shutil.copyfile(source, Path(self._copy.name) / source.name)
        return sqlite3.connect(Path(self._copy.name) / whole.name)

    def _is_empty(self) -> bool:
        """Whether nothing was ever kept here: the process that made the file may have been killed
        before it had a plan."""
        facts = (
            "PRAGMA user_version",
            "PRAGMA application_id",
            "SELECT count(*) FROM sqlite_master",
        )
        return not any(self._db.execute(query).fetchone()[0] for query in facts)

    def _require_ours(self, may_be_empty: bool) -> None:
        """:class:`FormatError` unless the file has a study's tables of this schema."""
        if may_be_empty and self._is_empty():
            return
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = {name for (name,) in self._db.execute(query)}
        if not {"study", "session", "plan", "result"} <= tables:
            raise FormatError(f"{self.path} is not a study's SQLite file", _WRONG)
        schema = dict(self._db.execute("SELECT key, value FROM study").fetchall()).get("schema")
        if schema != str(SCHEMA_VERSION):
            raise FormatError(f"{self.path} has schema {schema!r}", "run the study anew")

    @contextlib.contextmanager
    def _typed(self, doing: str) -> Iterator[None]:
        """Errors of SQLite, and of values that no run can have, as :class:`FormatError`."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            remedy = (
                "is it the right file, and whole?"
                if doing == "read"
                else "is the disk full, or the folder read-only? What was done is kept"
            )
            raise FormatError(f"cannot {doing} {self.path}: {error}", remedy) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            words = f"{type(error).__name__}: {error}"
            raise FormatError(f"{self.path} is damaged: {words}", "run the study anew") from None

    # -- making and opening

    @classmethod
    def open_for(cls, study: Study, path: str | os.PathLike[str]) -> Store:
        """The store of a study, locked for this process; made if missing.

        :class:`FormatError` if another process is running it, if it holds another plan, is no
        study or cannot be written; a file that is no study's is left as it is."""
        if os.path.lexists(checked_path(path)):
            cls(path, may_be_empty=True).close()
        else:
            make_folder(Path(path).parent)
        store = cls.__new__(cls)
        store.path, store._copy, store._session = Path(path), None, 0
        with store._typed("write"):
            store._lock = _exclusive(Path(path))
        try:
            with store._typed("write"):
                store._db = sqlite3.connect(
                    os.path.realpath(path), isolation_level=None, timeout=30
                )
                store._db.execute("PRAGMA journal_mode=DELETE")
                with store._transaction():
                    if store._is_empty():
                        store._create(study)
            store._require_same(study)
        except BaseException:
            store.close()
            raise
        return store

    def _create(self, study: Study) -> None:
        for statement in _SCHEMA.strip().split(";\n"):
            self._db.execute(statement)
        facts = {
            "schema": str(SCHEMA_VERSION),
            "name": study.name,
            "title": study.title,
            "text": study.text,
            "sha256": study.sha256,
            "plan_sha256": study.plan_sha256,
            "quick": str(int(study.quick)),
            "limits": canonical(
                {"seconds": study.limits.seconds, "memory_mb": study.limits.memory_mb}
            ),
        }
        self._db.executemany("INSERT INTO study VALUES (?, ?)", facts.items())
        self._db.executemany(
            "INSERT INTO plan VALUES (?, ?, ?, ?)",
            (
                (position, run.key, run.measure, json.dumps(dict(run.params)))
                for position, run in enumerate(study.runs)
            ),
        )

    def _require_same(self, study: Study) -> None:
        facts = self.facts()
        if facts["plan_sha256"] != study.plan_sha256:
            raise FormatError(
                f"{self.path} holds the runs of another plan ({facts['name']}, "
                f"{facts['plan_sha256'][:12]}; now {study.plan_sha256[:12]})",
                "name another file with --store, or remove it to start anew",
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._typed("write"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite may have done it already
                    self._db.execute("ROLLBACK")
                raise

    # -- writing

    def begin(self, command: str, provenance: Mapping[str, Any]) -> None:
        """Note the start of a session: command, machine, versions."""
        with self._transaction():
            cursor = self._db.execute(
                "INSERT INTO session (started, command, provenance) VALUES (?, ?, ?)",
                (time.time(), command, canonical(dict(provenance))),
            )
            self._session = int(cursor.lastrowid or 0)

    def end(self) -> None:
        """Note the end of the session."""
        with self._transaction():
            self._db.execute(
                "UPDATE session SET ended = ? WHERE id = ?", (time.time(), self._session)
            )

    def add(self, key: str, outcome: Outcome) -> None:
        """Keep one outcome, in a transaction of its own; a second one for a key is an error."""
        table = outcome.to_json()
        with self._transaction():
            self._db.execute(
                "INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    table["label"],
                    table["reason"],
                    canonical(table["measured"]),
                    canonical(table["timings"]),
                    table["seconds"],
                    self._session,
                    time.time(),
                ),
            )

    def forget_failures(self) -> int:
        """Remove the results that did not pass, so that they are run again; how many there were."""
        with self._transaction():
            cursor = self._db.execute(
                "DELETE FROM result WHERE label IN (?, ?)",
                (str(Label.FAILED), str(Label.UNDECIDED)),
            )
        return cursor.rowcount

    # -- reading

    def _select(self, query: str) -> list[tuple[Any, ...]]:
        with self._typed("read"):
            return self._db.execute(query).fetchall()

    def facts(self) -> dict[str, str]:
        """Name, title, text, digests and limits of the study."""
        facts = dict(self._select("SELECT key, value FROM study"))
        if missing := [key for key in _FACTS if key not in facts]:
            raise FormatError(f"{self.path} does not tell its {missing[0]}", "run the study anew")
        return facts

    def sessions(self) -> list[dict[str, Any]]:
        """Every session with its provenance, in order of time."""
        query = "SELECT id, started, ended, command, provenance FROM session ORDER BY id"
        with self._typed("read"):
            return [
                {"id": i, "started": s, "ended": e, "command": c, "provenance": dict(json.loads(p))}
                for i, s, e, c, p in self._select(query)
            ]

    def missing(self) -> list[Run]:
        """The planned runs without a result, in the order of the plan."""
        return [row.run for row in self.rows() if row.outcome is None]

    def rows(self) -> list[Row]:
        """Every planned run with its outcome, in the order of the plan; :class:`FormatError` if a
        row is not what a run of this plan can have left."""
        if self._is_empty():
            return []
        query = (
            "SELECT p.key, p.measure, p.params, r.label, r.reason, r.measured, r.timings, "
            "r.seconds FROM plan p LEFT JOIN result r ON p.key = r.key ORDER BY p.position"
        )
        out = []
        for key, measure, params, label, reason, measured, timings, seconds in self._select(query):
            with self._typed("read"):
                run, outcome = _checked_run(key, measure, params), None
                if label is not None:
                    figures, times = _checked_figures(measured), _checked_figures(timings)
                    outcome = Outcome(Label(label), reason, figures, times, seconds)
                out.append(Row(run, outcome))
        return out

    def counts(self) -> dict[str, int]:
        """How many results have each label."""
        query = "SELECT label, count(*) FROM result GROUP BY label ORDER BY label"
        return dict(self._select(query))

    def close(self) -> None:
        """Close the file and release the lock."""
        if getattr(self, "_db", None) is not None:
            self._db.close()
        if self._copy is not None:
            self._copy.cleanup()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _checked_run(key: str, measure: str, params: str) -> Run:
    """The planned run of a row; :class:`ValueError` unless its key is that of its text."""
    run = Run(measure, dict(json.loads(params)))
    if run.key != key or measure not in MEASURES or not set(run.params) <= set(AXES):
        raise ValueError(f"the run {clip(key)} is {clip(run.text)}")
    return run


def _checked_figures(text: str) -> dict[str, Any]:
    """The figures or timings of a row; :class:`ValueError` for a text where a number belongs."""
    figures = decode(dict(json.loads(text)))
    for name, figure in figures.items():
        if _NUMERIC.fullmatch(name) and not isinstance(figure, int | float | None):
            raise ValueError(f"{name} = {shown(figure)} is not a number")
    return figures


def _exclusive(path: Path) -> sqlite3.Connection:
    """A lock held until the connection closes or the process ends, on a file beside the store
    (beside the file itself, whatever links lead to it)."""
    lock = sqlite3.connect(f"{os.path.realpath(path)}.lock", isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise
        raise FormatError(
            f"another process is running {path}", "wait for it, or use another --store"
        ) from None
    return lock
