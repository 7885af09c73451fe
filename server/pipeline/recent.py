"""Event ids of the last hour, exactly: what a tag sends again within it is dropped here.

The memory is bounded. It is rebuilt from the store's spool after a restart, so that it always
knows just what was committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server import journal
from server.clock import HOUR_MS
from server.journal import Mark
from server.store.rows import split_row

WINDOW_MS = HOUR_MS
MAX_IDS = 1_000_000


class RecentIds:
    """A set of (container, event id) that forgets by age, and by number where it must."""

    def __init__(self, *, limit: int = MAX_IDS) -> None:
        self._limit = limit
        self._seen: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, container_id: str, event_id: str, received_at: int) -> bool:
        """Remembers an id; False when it was there already."""
        key = uuid.UUID(event_id).bytes + container_id.encode()
        if key in self._seen:
            return False
        self._seen[key] = received_at
        return True

    def forget(self, now: int) -> None:
        """Lets go of what is older than the window, or beyond the limit; oldest first."""
        over = len(self._seen) - self._limit
        for key, received_at in list(self._oldest(now, over)):
            del self._seen[key]
            assert received_at <= now or over > 0

    def _oldest(self, now: int, over: int) -> Iterator[tuple[bytes, int]]:
        for number, (key, received_at) in enumerate(self._seen.items()):
            if number >= over and received_at >= now - WINDOW_MS:
                return
            yield key, received_at


class _Row(msgspec.Struct):
    event_id: str
    container_id: str
    received_at: float


_ROW = msgspec.json.Decoder(_Row)


def rebuild(spool: Path, end: Mark, *, now: int) -> RecentIds:
    """The ids of the last hour that the spool holds, up to its committed end."""
    recent = RecentIds()
    mark = _an_hour_back(spool, now)
    while True:
        chunk = journal.read(spool, mark, until=end)
        for record in chunk.records:
            table, line = split_row(record.payload)
            if table == "events":
                row = _ROW.decode(line)
                recent.add(row.container_id, row.event_id, round(row.received_at * 1000))
        if chunk.mark == mark:
            break
        mark = chunk.mark
    recent.forget(now)
    return recent


def _an_hour_back(spool: Path, now: int) -> Mark:
    """The start of the youngest segment that is an hour old; younger ones follow it."""
    start = Mark()
    for segment in journal.segments(spool):
        if segment.created_at <= now - WINDOW_MS or start == Mark():
            start = Mark(seq=segment.seq)
    return start
