"""What the forwarder remembers between restarts, beside its cursors: exceptions alone.

A delivery that succeeds leaves nothing here, its tag's cursor only moves. One that fails becomes a
row of `retries`; one that never will be taken a row of `dead` (see `dead.py`). A tag that sends
nothing now has its reason in `lanes`, or was stopped by its operator (see `pauses.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import replace

from server.delivery import Delivery
from server.journal import Mark
from server.model import Event
from server.pipeline.pauses import PAUSED, pauses
from server.pipeline.spools import BACKFILL, main_spool
from server.pipeline.state import State
from server.pipeline.turns import PARKED, behind, call

SLACK_MS = 1_000
"""A clock that is set right by less has not gone back."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Delivery)


class Parcel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A `Delivery`, field by field, whose event is packed already: it is owed to several tags."""

    delivery_id: str
    container_id: str
    container_version: int = 0
    tag: str
    type: str
    settings: dict[str, Any] = field(default_factory=dict)
    needs_consent: tuple[str, ...] = ()
    event: Raw
    person: bytes = b""


def pack(delivery: Delivery | Parcel) -> bytes:
    """A delivery as it lies in a spool and in the state."""
    return _ENCODER.encode(delivery)


def pack_event(event: Event) -> Raw:
    """The event of a `Parcel`."""
    return Raw(_ENCODER.encode(event))


def unpack(payload: bytes) -> Delivery:
    """The delivery of a payload; raises msgspec.DecodeError for what is not one."""
    return _DECODER.decode(payload)


class Job(Struct, frozen=True, kw_only=True):
    """A delivery in the forwarder's hand, and how often it was tried before."""

    delivery: Delivery
    attempts: int = 0
    key: str = ""
    """Of a retry: those of which it is equal, and not empty, go in order (see `turns.py`)."""


class Later(Struct, frozen=True, kw_only=True):
    """A job that is tried again; `job.attempts` counts the one that failed."""

    job: Job
    due_at: int
    noted_at: int
    key: str = ""


class Dead(Struct, frozen=True, kw_only=True):
    """A delivery that will not be tried again by itself."""

    delivery: Delivery
    died_at: int
    reason: str
    detail: str
    attempts: int = 0


class Progress(Struct, frozen=True, kw_only=True):
    """How far a spool was taken. A frame of it can hold thousands of deliveries, and a reader takes
    whole frames: in between, what counts is how many records after the cursor are done."""

    cursor: Mark | None = None
    """Where the spool is read next, once all that was read of it is done."""
    done_from: Mark | None = None
    """Till then: the cursor, with the number of records that are done as its `off`."""
    taken: int = 0
    """How many deliveries this time."""


class Settlement(Struct, kw_only=True):
    """What came of some of a spool's deliveries; committed as a whole."""

    spool: str
    progress: Progress = field(default_factory=lambda: Progress())
    done: list[str] = field(default_factory=list)
    """Ids that need no retry any more."""
    later: list[Later] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)
    freed: set[str] = field(default_factory=set)
    """Keys of which the one that others wait for is settled."""
    at: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class Lane(Struct, frozen=True, kw_only=True):
    """A tag's queue as an operator wants to see it; `reason` is empty while it sends."""

    spool: str
    """The one that the sorter writes; what is owed of the past counts with it."""
    waiting: int
    """In the spools, not taken yet."""
    retrying: int
    dead: int
    delivered: int
    """Since the state was made."""
    replayed: int = 0
    """Dead letters that were given another chance, since the state was made."""
    reason: str = ""
    detail: str = ""
    since: int = 0


class Queue:
    """The forwarder's part of the state, for one thread."""

    def __init__(self, state: State) -> None:
        self._state = state

    def due(self, spool: str, *, now: int, limit: int) -> list[Job]:
        """Deliveries whose time has come, the longest waiting first; also those that were noted
        later than now: the clock went back, and none waits until it has caught up."""
        rows = self._state.db.execute(
            "SELECT payload, attempts, key FROM retries WHERE spool = ? "
            "AND (due_at <= ? OR noted_at > ? AND due_at < ?) ORDER BY due_at LIMIT ?",
            (spool, now, now + SLACK_MS, PARKED, limit),
        )
        return [
            Job(delivery=unpack(payload), attempts=attempts, key=key or "")
            for payload, attempts, key in rows
        ]

    def commit(self, settlement: Settlement, ledger: Mapping[str, Mark]) -> None:
        """Writes down what came of deliveries, together with the end of their ledger."""
        spool, db = settlement.spool, self._state.db
        with self._state.transaction():
            for name, mark in ledger.items():
                self._state.put("ends", name, mark)
            progress = settlement.progress
            if progress.cursor is not None:
                self._state.put("cursors", spool, progress.cursor)
            if progress.done_from is not None:
                self._state.put("cursors", _done(spool), progress.done_from)
            db.executemany(
                "DELETE FROM retries WHERE spool = ? AND delivery_id = ?",
                [(spool, delivery_id) for delivery_id in settlement.done],
            )
            db.executemany(
                "INSERT OR REPLACE INTO retries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [_retry_row(spool, later) for later in settlement.later],
            )
            db.executemany(
                f"INSERT OR REPLACE INTO dead VALUES ({', '.join('?' * 12)})",
                [_dead_row(spool, dead) for dead in settlement.dead],
            )
            if settlement.freed:
                call(self._state, spool, settlement.freed, now=settlement.at)
            self._state.add(settlement.counts)

    def hasten(self, spool: str, *, now: int) -> None:
        """What kept the tag from sending is over: all of it is due."""
        with self._state.transaction():
            self._state.db.execute(
                "UPDATE retries SET due_at = min(due_at, ?) WHERE spool = ? AND due_at < ?",
                (now, spool, PARKED),
            )

    def behind(self, spool: str, keys: Collection[str]) -> set[str]:
        """The keys of which something is tried again already."""
        return behind(self._state, spool, keys) if keys else set()

    def done(self, spool: str, cursor: Mark) -> int:
        """How many records from the cursor on are done already."""
        done = self._state.cursor(_done(spool))
        return done.off if (done.seq, done.at) == (cursor.seq, cursor.at) else 0

    def hold(self, spool: str, reason: str, detail: str, *, now: int) -> None:
        """Notes why a tag does not send; the first time of the same reason stays."""
        with self._state.transaction():
            self._state.db.execute(
                "INSERT INTO lanes VALUES (?, ?, ?, ?) ON CONFLICT (spool) DO UPDATE SET "
                "since = iif(reason = excluded.reason, since, excluded.since), "
                "reason = excluded.reason, detail = excluded.detail",
                (spool, reason, detail, now),
            )

    def release(self, spool: str) -> None:
        """The tag sends again."""
        with self._state.transaction():
            self._state.db.execute("DELETE FROM lanes WHERE spool = ?", (spool,))

    def lanes(self, spools: Sequence[str]) -> list[Lane]:
        """How each tag's queue stands; a tag whose two spools are named is there once."""
        counts = self._state.counts()
        held = {row[0]: row[1:] for row in self._state.db.execute("SELECT * FROM lanes")}
        for spool, pause in pauses(self._state).items():
            held[spool] = (PAUSED, pause.detail, pause.since)
        retrying, dead = self._totals("retries"), self._totals("dead")

        def lane(spool: str) -> Lane:
            both = (spool, f"{spool}{BACKFILL}")

            def count(word: str) -> int:
                return sum(counts.get(f"{one}.{word}", 0) for one in both)

            why = held.get(spool) or held.get(both[1], ())
            return Lane(
                spool=spool,
                waiting=count("routed") - count("taken"),
                retrying=sum(retrying.get(one, 0) for one in both),
                dead=sum(dead.get(one, 0) for one in both),
                delivered=count("delivered"),
                replayed=count("replayed"),
                **dict(zip(("reason", "detail", "since"), why, strict=False)),
            )

        return [lane(spool) for spool in dict.fromkeys(map(main_spool, spools))]

    def _totals(self, table: str) -> dict[str, int]:
        return dict(self._state.db.execute(f"SELECT spool, count(*) FROM {table} GROUP BY 1"))


def _done(spool: str) -> str:
    return f"done/{spool}"


def _retry_row(spool: str, later: Later) -> tuple[Any, ...]:
    delivery, attempts = later.job.delivery, later.job.attempts
    last = (later.noted_at, delivery.event.received_at, later.key or None)
    return spool, delivery.delivery_id, later.due_at, attempts, pack(delivery), *last


def _dead_row(spool: str, dead: Dead) -> tuple[Any, ...]:
    """The person stands apart: it goes when it may not be sent any more, the letter later."""
    delivery, event = dead.delivery, dead.delivery.event
    ids = (spool, delivery.delivery_id, event.event_id)
    why = (dead.died_at, dead.reason, dead.detail, pack(replace(delivery, person=b"")))
    return *ids, *why, dead.attempts, delivery.type, event.name, event.occurred_at, delivery.person
