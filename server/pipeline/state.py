"""What the pipeline remembers between restarts: a small SQLite file, one transaction a step.

    cursors      how far a reader has come: the sorter in each journal, loader and forwarder in
                 their spools
    ends         how far each spool is committed; beyond it nothing counts
    plans        the batch that the loader has begun and not finished
    counts       totals since the beginning, for the accounting
    withdrawals  the last time a visitor refused a purpose, looked up before each delivery
    memory       what limits and groups of triggers have counted (see `remembered.py`)
    clicks       which ads visitors have clicked, sealed (likewise)
    retries      deliveries that will be tried again (see `queue.py`, as for the next two)
    dead         deliveries that will not (see `dead.py`)
    lanes        what keeps a tag from sending
    pauses       tags that the operator has stopped (see `pauses.py`)
    nudges       tags that the operator wants tried at once (likewise)
    notes        what reconciliation remembers, by name (see `runs.py`)
    tallies      what it has counted so far in the spools (see `tallies.py`)

Each thread opens its own `State`; SQLite keeps them apart (WAL, synchronous=FULL). The file is
made by `create_state` before the threads start, since changing to WAL waits for nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
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
CREATE TABLE IF NOT EXISTS withdrawals
    (container_id TEXT, subject TEXT, purpose TEXT, at INT,
     PRIMARY KEY (container_id, subject, purpose)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS withdrawals_at ON withdrawals (at);
CREATE TABLE IF NOT EXISTS memory
    (container_id TEXT, name TEXT, expires_at INT, cell BLOB,
     PRIMARY KEY (container_id, name)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memory_expires_at ON memory (expires_at);
CREATE TABLE IF NOT EXISTS clicks
    (container_id TEXT, name TEXT, expires_at INT, cell BLOB,
     PRIMARY KEY (container_id, name)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS clicks_expires_at ON clicks (expires_at);
CREATE TABLE IF NOT EXISTS retries
    (spool TEXT, delivery_id TEXT, due_at INT, attempts INT, payload BLOB, noted_at INT,
     received_at INT, key TEXT, PRIMARY KEY (spool, delivery_id)) STRICT;
CREATE INDEX IF NOT EXISTS retries_due ON retries (spool, due_at);
CREATE TABLE IF NOT EXISTS dead
    (spool TEXT, delivery_id TEXT, event_id TEXT, died_at INT, reason TEXT, detail TEXT,
     payload BLOB, attempts INT, type TEXT, name TEXT, occurred_at INT, person BLOB,
     PRIMARY KEY (spool, delivery_id)) STRICT;
CREATE TABLE IF NOT EXISTS pauses
    (spool TEXT PRIMARY KEY, author TEXT, note TEXT, since INT) STRICT;
CREATE TABLE IF NOT EXISTS nudges  (spool TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS lanes
    (spool TEXT PRIMARY KEY, reason TEXT, detail TEXT, since INT) STRICT;
CREATE TABLE IF NOT EXISTS notes   (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tallies (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
"""
_ADDED = {
    "retries": ("noted_at INT", "received_at INT", "key TEXT"),
    "dead": ("attempts INT", "type TEXT", "name TEXT", "occurred_at INT", "person BLOB"),
}
"""Columns that the file of an older Freehold does not have, in their order."""


Kept = tuple[str, str, int, bytes]
"""A row of `memory` or `clicks`: container, name, when it expires (ms), and what is kept."""


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
        for table, columns in _ADDED.items():
            there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
            for column in columns:
                if column.split()[0] not in there:
                    db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        db.execute(
            "CREATE INDEX IF NOT EXISTS retries_key ON retries (spool, key) WHERE key IS NOT NULL"
        )


class Withdrawal(Struct, frozen=True, kw_only=True):
    """A visitor, or a page whose visitor we do not know, refused a purpose at a time in ms."""

    container_id: str
    subject: str
    """The visitor's id, else the page's."""
    purpose: str
    at: int


class StateUnwritable(FreeholdError):
    """SQLite could not write now: no space, or another process held the file too long."""


class State:
    """The pipeline's memory, for one thread."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Lets go of the file."""
        self.db.close()

    def cursor(self, name: str) -> Mark:
        """How far a reader has come; the beginning when it never ran."""
        return self._mark("cursors", name)

    def end(self, spool: str) -> Mark:
        """How far a spool is committed."""
        return self._mark("ends", spool)

    def counts(self) -> dict[str, int]:
        """Totals since the beginning."""
        return dict(self.db.execute("SELECT name, total FROM counts"))

    def ends(self, prefix: str = "") -> dict[str, Mark]:
        """The committed ends of all spools whose names begin with this."""
        return self._marks("ends", prefix)

    def cursors(self) -> dict[str, Mark]:
        """How far all readers have come."""
        return self._marks("cursors", "")

    def commit_ends(self, ends: Mapping[str, Mark]) -> None:
        """Moves spools' ends alone."""
        self.commit_sorted({}, ends, {})

    def commit_sorted(
        self,
        cursors: Mapping[str, Mark],
        ends: Mapping[str, Mark],
        counts: Mapping[str, int],
        withdrawals: Iterable[Withdrawal] = (),
        kept: Mapping[str, Iterable[Kept]] | None = None,
    ) -> None:
        """Moves the journals' cursors and the spools' ends together, or neither; `kept` are the
        rows of `memory` and `clicks` that have changed."""
        with self.transaction():
            for name, mark in cursors.items():
                self.put("cursors", name, mark)
            for name, mark in ends.items():
                self.put("ends", name, mark)
            self.db.executemany(
                "INSERT INTO withdrawals VALUES (?, ?, ?, ?) ON CONFLICT "
                "(container_id, subject, purpose) DO UPDATE SET at = max(at, excluded.at)",
                [(w.container_id, w.subject, w.purpose, w.at) for w in withdrawals],
            )
            for table, rows in (kept or {}).items():
                self.db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)", rows)
            self.add(counts)

    def withdrawn(self, container_id: str, subjects: Collection[str]) -> dict[str, dict[str, int]]:
        """What each of the subjects has refused, and when last, in ms."""
        marks = ", ".join("?" * len(subjects))
        rows = self.db.execute(
            "SELECT subject, purpose, at FROM withdrawals "
            f"WHERE container_id = ? AND subject IN ({marks})",
            (container_id, *subjects),
        )
        found: dict[str, dict[str, int]] = {}
        for subject, purpose, at in rows:
            found.setdefault(subject, {})[purpose] = at
        return found

    def version(self) -> int:
        """Another number when another thread or process has written since."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    def forget_withdrawals(self, *, before: int) -> None:
        """Lets go of what no delivery can be older than."""
        with self.transaction():
            self.db.execute("DELETE FROM withdrawals WHERE at < ?", (before,))

    def plan(self, spool: str) -> Plan | None:
        """The batch that was begun and not finished."""
        row = self.db.execute(
            "SELECT token, seq, at, off FROM plans WHERE spool = ?", (spool,)
        ).fetchone()
        return row and Plan(token=row[0], end=Mark(seq=row[1], at=row[2], off=row[3]))

    def begin(self, spool: str, plan: Plan) -> None:
        """Writes a batch down before it is tried."""
        end = plan.end
        with self.transaction():
            self.db.execute(
                "INSERT INTO plans VALUES (?, ?, ?, ?, ?)",
                (spool, plan.token, end.seq, end.at, end.off),
            )

    def finish(self, spool: str, plan: Plan, counts: Mapping[str, int], until: int = 0) -> None:
        """The batch is in ClickHouse: its plan goes, the loader's cursor moves; `until` is when its
        newest hit was received, in ms, if that is known."""
        with self.transaction():
            self.db.execute("DELETE FROM plans WHERE spool = ?", (spool,))
            self.put("cursors", spool, plan.end)
            self.add(counts)
            if until:
                self.put_count("loaded_until", until)

    def note(self, name: str) -> str:
        """What stands under a name; empty when nothing does."""
        row = self.db.execute("SELECT body FROM notes WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def put_note(self, name: str, body: str) -> None:
        """Inside a transaction: writes something down under a name."""
        self.db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, body))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        except BaseException as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise StateUnwritable(str(error)) from error
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("COMMIT")

    def _marks(self, table: str, prefix: str) -> dict[str, Mark]:
        rows = self.db.execute(
            f"SELECT name, seq, at, off FROM {table} WHERE substr(name, 1, ?) = ?",
            (len(prefix), prefix),
        )
        return {name: Mark(seq=seq, at=at, off=off) for name, seq, at, off in rows}

    def _mark(self, table: str, name: str) -> Mark:
        row = self.db.execute(
            f"SELECT seq, at, off FROM {table} WHERE name = ?", (name,)
        ).fetchone()
        return Mark(seq=row[0], at=row[1], off=row[2]) if row else Mark()

    def put(self, table: str, name: str, mark: Mark) -> None:
        """Inside a transaction: moves one cursor or end."""
        self.db.execute(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)",
            (name, mark.seq, mark.at, mark.off),
        )

    def put_count(self, name: str, value: int) -> None:
        """Inside a transaction: sets one that is not a total."""
        self.db.execute("INSERT OR REPLACE INTO counts VALUES (?, ?)", (name, value))

    def add(self, counts: Mapping[str, int]) -> None:
        """Inside a transaction: adds to the totals."""
        self.db.executemany(
            "INSERT INTO counts VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET total = total + excluded.total",
            list(counts.items()),
        )
