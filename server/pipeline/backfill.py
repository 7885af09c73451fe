"""What a tag is owed of the past: a spool of its own, and a cursor in the events of ClickHouse.

    events ──decided anew──▶ not owed yet? ──▶ spool `tag.<container>.<tag>.backfill` ──▶ forwarder
                              │
                              └ both spools, retries, dead letters, ledger (here); `deliveries`

The spool has one writer, as every other: whoever runs the back-fill, beside a running pipeline. Its
cursor moves in the transaction that commits the spool's end, so what is interrupted goes on, and
nothing is owed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.delivery import Delivery, delivery_id
from server.journal import MAX_RECORD_BYTES
from server.model import Event
from server.pipeline.owed import Owed
from server.pipeline.queue import pack
from server.pipeline.spools import backfill_spool, open_spool, reached, turn_at
from server.pipeline.state import State
from server.store.client import Connection
from server.store.past import attempted, refusals
from server.store.window import Slice, Window, read_slice
from server.studio.backfill import OWED, Aim, Decider, Past


class Cursor(Struct, frozen=True, kw_only=True):
    """How far a back-fill has come in the events received from `since` until before `until`."""

    since: int
    until: int
    received_at: int = 0
    src: int = 0
    off: int = 0
    idx: int = 0
    owed: int = 0
    """Deliveries that it has made so far."""
    is_done: bool = False

    def is_past(self, event: Event) -> bool:
        """Whether the event was dealt with."""
        place = (event.received_at, event.src, event.off, event.idx)
        return place <= (self.received_at, self.src, self.off, self.idx)

    def behind(self, event: Event, owed: int) -> Cursor:
        """Behind the event, with so many more deliveries."""
        return replace(
            self,
            received_at=event.received_at,
            src=event.src,
            off=event.off,
            idx=event.idx,
            owed=self.owed + owed,
        )


class Passage(Struct, frozen=True, kw_only=True):
    """A way through past events: from where, by what they are decided, and what is owed already."""

    connection: Connection
    aim: Aim
    owed: Owed
    cursor: Cursor

    @property
    def window(self) -> Window:
        """The events that are read: where limits count, also those that were dealt with."""
        cursor, plan = self.cursor, self.aim.only
        since = cursor.since if plan.remembers else max(cursor.since, cursor.received_at)
        return Window(container_id=plan.container.id, since=since, until=cursor.until)

    def pasts(self, part: Slice, decider: Decider, *, when: Callable[[], int]) -> Iterator[Past]:
        """What each event of a slice comes to, if it were sent `when` asked, in ms; those before
        the cursor are left out. The decider is handed on from slice to slice."""
        aim, window = self.aim, self.window
        refused = refusals(self.connection, window, part, aim.needs_consent)
        pasts = [
            past
            for kept in read_slice(self.connection, window, part)
            for past in [decider.take(kept, refused, now=when())]
            if not self.cursor.is_past(past.event)
        ]
        self.owed.refresh()  # after the events: what is loaded was owed before
        ids = [past.event.event_id for past in pasts if past.send is not None]
        tried = attempted(self.connection, window.container_id, aim.tag, ids, since=part.since)
        for past in pasts:
            name = delivery_id(past.event.event_id, window.container_id, aim.tag)
            if past.send is None:
                yield past
            elif past.event.event_id in tried or name in self.owed:
                yield replace(past, send=None, reason=OWED)
            else:
                self.owed.add(name)
                yield past


class Backfill:
    """The writer of one tag's other spool; alone until it is closed. Raises FolderInUse."""

    def __init__(
        self, data: Path, state: State, container_id: str, tag: str, *, now: Callable[[], int]
    ) -> None:
        self.spool = backfill_spool(container_id, tag)
        self._state = state
        self._turn = turn_at(data, self.spool)
        try:
            self._writer = open_spool(data, self.spool, state, now=now)
        except BaseException:
            self._turn.release()
            raise

    def close(self) -> None:
        """Lets go of the spool."""
        self._writer.close()
        self._turn.release()

    def owe(self, deliveries: Sequence[Delivery], cursor: Cursor) -> int:
        """Commits deliveries together with the cursor behind them; returns how many were too long
        for the spool. After an exception, close it and begin again."""
        payloads = [pack(delivery) for delivery in deliveries]
        fitting = [payload for payload in payloads if len(payload) <= MAX_RECORD_BYTES]
        if fitting:
            self._writer.write(fitting)
            self._writer.sync()
        end = reached(self._writer, self._state.end(self.spool))
        with self._state.transaction():
            self._state.put("ends", self.spool, end)
            self._state.add({f"{self.spool}.routed": len(fitting)})
            self._state.put_note(_note(self.spool), msgspec.json.encode(cursor).decode())
        return len(payloads) - len(fitting)

    @property
    def waiting(self) -> int:
        """How many of it the forwarder has not taken yet."""
        counts = self._state.counts()
        routed = counts.get(f"{self.spool}.routed", 0)
        return routed - counts.get(f"{self.spool}.taken", 0)


def cursor_of(state: State, container_id: str, tag: str) -> Cursor | None:
    """How far the last back-fill of a tag has come; None: there was none."""
    text = state.note(_note(backfill_spool(container_id, tag)))
    return msgspec.json.decode(text, type=Cursor) if text else None


def _note(spool: str) -> str:
    return f"backfill/{spool}"
