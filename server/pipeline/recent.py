"""Event ids of the last hour, exactly: what a tag sends again within it is dropped here.

The memory is bounded. It is rebuilt from the store's spool after a restart, so that it always
knows just what was committed.
"""

from __future__ import annotations

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
        key = bytes.fromhex(event_id.replace("-", "")) + container_id.encode()
        if key in self._seen:
            return False
        self._seen[key] = received_at
        return True

    def forget(self, reached_at: int) -> None:
        """Lets go of what is older than the window before this time, or beyond the limit."""
        over = len(self._seen) - self._limit
        for key in list(self._oldest(reached_at, over)):
            del self._seen[key]

    def _oldest(self, reached_at: int, over: int) -> Iterator[bytes]:
        for number, (key, received_at) in enumerate(self._seen.items()):
            if number >= over and received_at >= reached_at - WINDOW_MS:
                return
            yield key


class _Row(msgspec.Struct):
    id: str
    container_id: str
    received_at: float


_ROW = msgspec.json.Decoder(_Row)


def rebuild(spool: Path, end: Mark) -> RecentIds:
    """The ids of the last hour that the spool holds, up to its committed end."""
    recent = RecentIds()
    newest = 0
    mark = _an_hour_back(spool)
    while True:
        chunk = journal.read(spool, mark, until=end)
        for record in chunk.records:
            table, line = split_row(record.payload)
            if table == "events":
                row = _ROW.decode(line)
                newest = max(newest, round(row.received_at * 1000))
                recent.add(row.container_id, row.id, round(row.received_at * 1000))
        recent.forget(newest)
        if chunk.mark == mark:
            return recent
        mark = chunk.mark


def _an_hour_back(spool: Path) -> Mark:
    """The start of the youngest segment that is an hour older than the last one."""
    segments = journal.segments(spool)
    start = Mark()
    for segment in segments:
        if segment.created_at <= segments[-1].created_at - WINDOW_MS or start == Mark():
            start = Mark(seq=segment.seq)
    return start
