"""Where one event is on this node, and what the node owes of it: for whoever asks why.

    journal ──▶ store's spool ──▶ ClickHouse
           └──▶ tags' spools ──▶ retries ⇄ dead letters ──▶ ledger's spool ──▶ ClickHouse

Looked at in this order, and ClickHouse last: what moves on meanwhile is seen at its next place.
Of what waits all is read; a search for the id's text finds the few records that are decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from server import journal
from server.delivery import Attempt
from server.journal import Mark
from server.model import Event
from server.pipeline.dead import Letter, Wanted, letters
from server.pipeline.queue import Queue, unpack
from server.pipeline.spools import LEDGER, STORE, TAG_PREFIX, spool_folder
from server.pipeline.state import State
from server.pipeline.turns import PARKED
from server.store.rows import decode_row


class Place(Struct, frozen=True, kw_only=True):
    """A delivery that waits: in its spool, or for its next try at `due_at`, in ms."""

    spool: str
    attempts: int = 0
    due_at: int = 0
    """0: in its spool, for its turn."""


class Whereabouts(Struct, kw_only=True):
    """All that is known here of one event."""

    event: Event | None = None
    is_hit: bool = False
    """Its hit is in a journal, not sorted yet."""
    waiting: list[Place] = field(default_factory=list)
    dead: list[Letter] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    """That are not loaded yet."""


def find(data: Path, state: State, event_id: str) -> Whereabouts:
    """Looks everywhere once."""
    found = Whereabouts()
    text = event_id.encode()
    for folder in sorted((data / "journal").glob("w*")):
        found.is_hit |= any(_read(folder, state.cursor(folder.name), None, text))
    for payload in _spooled(data, state, STORE, text):
        row = decode_row(payload)
        if isinstance(row, Event) and row.event_id == event_id:
            found.event = row
    for spool in sorted(state.ends(TAG_PREFIX)):
        for payload in _spooled(data, state, spool, text):
            _note(found, payload, event_id, Place(spool=spool))
    rows = state.db.execute(
        "SELECT spool, attempts, due_at, payload FROM retries WHERE instr(payload, ?) > 0", (text,)
    )
    for spool, attempts, due_at, payload in rows:
        at = due_at if due_at < PARKED else 0
        _note(found, payload, event_id, Place(spool=spool, attempts=attempts, due_at=at))
    found.dead = list(letters(state, Wanted(event_id=event_id)))
    for payload in _spooled(data, state, LEDGER, text):
        row = decode_row(payload)
        if isinstance(row, Attempt) and row.event_id == event_id:
            found.attempts.append(row)
    return found


def _note(found: Whereabouts, payload: bytes, event_id: str, place: Place) -> None:
    event = unpack(payload).event
    if event.event_id == event_id:
        found.waiting.append(place)
        found.event = found.event or event


def _spooled(data: Path, state: State, spool: str, text: bytes) -> Iterator[bytes]:
    """Of what a spool's reader has before it, what has the text in it."""
    with state.snapshot():
        cursor, end = state.cursor(spool), state.end(spool)
        done = Queue(state).done(spool, cursor)
    return _read(spool_folder(data, spool), cursor, end, text, done=done)


def _read(
    folder: Path, mark: Mark, end: Mark | None, text: bytes, *, done: int = 0
) -> Iterator[bytes]:
    """What has the text in it, but for the first `done`."""
    while True:
        chunk = journal.read(folder, mark, until=end)
        for record in chunk.records[done:]:
            if text in record.payload:
                yield record.payload
        done = max(0, done - len(chunk.records))
        if chunk.mark == mark:
            return
        mark = chunk.mark
