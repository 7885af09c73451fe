"""What the pipeline remembers between restarts: a small SQLite file, one transaction a step.

    cursors   how far a reader has come: the sorter in each journal, the loader in the spool
    ends      how far each spool is committed; beyond it nothing counts
    plans     the batch that the loader has begun and not finished
    counts    totals since the beginning, for the accounting

Each thread opens its own `State`; SQLite keeps them apart (WAL, synchronous=FULL). The file is
made by `create_state` before the threads start, since changing to WAL waits for nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from server.errors import FreeholdError
from server.journal import Mark

STATE_FILE = Path("state", "pipeline.sqlite")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, seq INT, at INT, off INT) STRICT;
CREATE TABLE IF NOT EXISTS ends    (name TEXT PRIMARY KEY, seq INT, at INT, off INT) STRICT;
CREATE TABLE IF NOT EXISTS plans
    (spool TEXT PRIMARY KEY, token TEXT, seq INT, at INT, off INT) STRICT;
CREATE TABLE IF NOT EXISTS counts  (name TEXT PRIMARY KEY, total INT NOT NULL) STRICT;
"""


class Plan(Struct, frozen=True, kw_only=True):
    """A batch: from the loader's cursor to `end`, under one token."""

    token: str
    end: Mark


def create_state(path: Path) -> None:
    """Makes the file and its tables where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(_SCHEMA)


class StateUnwritable(FreeholdError):
    """SQLite could not write now: no space, or another process held the file too long."""


class State:
    """The pipeline's memory, for one thread."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def cursor(self, name: str) -> Mark:
        """How far a reader has come; the beginning when it never ran."""
        return self._mark("cursors", name)

    def end(self, spool: str) -> Mark:
        """How far a spool is committed."""
        return self._mark("ends", spool)

    def counts(self) -> dict[str, int]:
        """Totals since the beginning."""
        return dict(self._db.execute("SELECT name, total FROM counts"))

    def commit_sorted(
        self, cursors: Mapping[str, Mark], ends: Mapping[str, Mark], counts: Mapping[str, int]
    ) -> None:
        """Moves the journals' cursors and the spools' ends together, or neither."""
        with self._transaction():
            for name, mark in cursors.items():
                self._put("cursors", name, mark)
            for name, mark in ends.items():
                self._put("ends", name, mark)
            self._add(counts)

    def plan(self, spool: str) -> Plan | None:
        """The batch that was begun and not finished."""
        row = self._db.execute(
            "SELECT token, seq, at, off FROM plans WHERE spool = ?", (spool,)
        ).fetchone()
        return row and Plan(token=row[0], end=Mark(seq=row[1], at=row[2], off=row[3]))

    def begin(self, spool: str, plan: Plan) -> None:
        """Writes a batch down before it is tried."""
        end = plan.end
        with self._transaction():
            self._db.execute(
                "INSERT INTO plans VALUES (?, ?, ?, ?, ?)",
                (spool, plan.token, end.seq, end.at, end.off),
            )

    def finish(self, spool: str, plan: Plan, counts: Mapping[str, int]) -> None:
        """The batch is in ClickHouse: its plan goes, the loader's cursor moves."""
        with self._transaction():
            self._db.execute("DELETE FROM plans WHERE spool = ?", (spool,))
            self._put("cursors", spool, plan.end)
            self._add(counts)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise StateUnwritable(str(error)) from error
            raise

    def _mark(self, table: str, name: str) -> Mark:
        row = self._db.execute(
            f"SELECT seq, at, off FROM {table} WHERE name = ?", (name,)
        ).fetchone()
        return Mark(seq=row[0], at=row[1], off=row[2]) if row else Mark()

    def _put(self, table: str, name: str, mark: Mark) -> None:
        self._db.execute(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)",
            (name, mark.seq, mark.at, mark.off),
        )

    def _add(self, counts: Mapping[str, int]) -> None:
        self._db.executemany(
            "INSERT INTO counts VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET total = total + excluded.total",
            list(counts.items()),
        )
