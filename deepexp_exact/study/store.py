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
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FormatError
from ..solution import Label
from .outcome import Outcome, decode
from .plan import Run, Study, canonical

SCHEMA_VERSION = 1
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
    """The file of one study.  ``Store.open_for(study, path)`` makes it or checks that it fits."""

    def __init__(self, path: str | os.PathLike[str], writable: bool = False) -> None:
        self.path = Path(path)
        if not writable and not self.path.is_file():
            raise FormatError(f"there is no study file {self.path}", "run the study first")
        self._lock: sqlite3.Connection | None = None
        self._session = 0
        try:
            self._db = self._connect(writable)
        except sqlite3.DatabaseError as error:
            raise FormatError(
                f"{self.path} is not a study's SQLite file: {error}", "is it the right file?"
            ) from None

    def _connect(self, writable: bool) -> sqlite3.Connection:
        if writable:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
        else:
            db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
            db.execute("SELECT key FROM study").fetchone()
        return db

    # -- making and opening

    @classmethod
    def open_for(cls, study: Study, path: str | os.PathLike[str]) -> Store:
        """The store of a study, locked for this process; made if missing.

        :class:`FormatError` if another process is running it or if it holds another plan."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        lock = _exclusive(Path(path))
        try:
            store = cls(path, writable=True)
            store._lock = lock
            with store._transaction():
                if store._is_empty():
                    store._create(study)
            store._require_same(study)
        except BaseException:
            lock.close()
            raise
        return store

    def _is_empty(self) -> bool:
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        return bool(self._db.execute(query).fetchone()[0] == 0)

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
        if facts.get("schema") != str(SCHEMA_VERSION):
            raise FormatError(f"{self.path} has schema {facts.get('schema')!r}", "run it anew")
        if facts["plan_sha256"] != study.plan_sha256:
            raise FormatError(
                f"{self.path} holds the runs of another plan ({facts['name']}, "
                f"{facts['plan_sha256'][:12]}; now {study.plan_sha256[:12]})",
                "name another file with --store, or remove it to start anew",
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

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

    def facts(self) -> dict[str, str]:
        """Name, title, text, digests and limits of the study."""
        return dict(self._db.execute("SELECT key, value FROM study").fetchall())

    def sessions(self) -> list[dict[str, Any]]:
        """Every session with its provenance, in order of time."""
        query = "SELECT id, started, ended, command, provenance FROM session ORDER BY id"
        return [
            {"id": i, "started": s, "ended": e, "command": c, "provenance": json.loads(p)}
            for i, s, e, c, p in self._db.execute(query)
        ]

    def missing(self) -> list[Run]:
        """The planned runs without a result, in the order of the plan."""
        query = (
            "SELECT measure, params FROM plan WHERE key NOT IN (SELECT key FROM result) "
            "ORDER BY position"
        )
        return [Run(measure, json.loads(params)) for measure, params in self._db.execute(query)]

    def rows(self) -> list[Row]:
        """Every planned run with its outcome, in the order of the plan."""
        query = (
            "SELECT p.measure, p.params, r.label, r.reason, r.measured, r.timings, r.seconds "
            "FROM plan p LEFT JOIN result r ON p.key = r.key ORDER BY p.position"
        )
        out = []
        for measure, params, label, reason, measured, timings, seconds in self._db.execute(query):
            outcome = None
            if label is not None:
                figures, times = decode(json.loads(measured)), decode(json.loads(timings))
                outcome = Outcome(Label(label), reason, figures, times, seconds)
            out.append(Row(Run(measure, json.loads(params)), outcome))
        return out

    def counts(self) -> dict[str, int]:
        """How many results have each label."""
        query = "SELECT label, count(*) FROM result GROUP BY label ORDER BY label"
        return dict(self._db.execute(query).fetchall())

    def planned(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM plan").fetchone()[0])

    def close(self) -> None:
        """Close the file and release the lock."""
        self._db.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _exclusive(path: Path) -> sqlite3.Connection:
    """A lock held until the connection closes or the process ends, on a file beside the store."""
    lock = sqlite3.connect(f"{path}.lock", isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise FormatError(
            f"another process is running {path} ({error})", "wait for it, or use another --store"
        ) from None
    return lock
