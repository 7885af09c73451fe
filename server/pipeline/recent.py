"""Event ids of the last hour, exactly: what a tag sends again within it is dropped here.

The memory is bounded. It is rebuilt from the store's spool after a restart, so that it always
knows just what was committed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from server import journal
from server.clock import HOUR_MS
from server.journal import Mark
from server.store.rows import split_row

WINDOW_MS = HOUR_MS
MAX_IDS = 1_000_000
BUCKETS = 1 << 16
TIME_AT = 18
ENTRY_BYTES = 24
LATEST_MS = (1 << 48) - 1


class RecentIds:
    """A set of (container, event id) that forgets by age, and by number where it must.

    A million of them take 35 MB, where a dict takes 147: they lie as bytes in buckets, each in the
    order in which they came, and one queue says whose bucket the next oldest is in.

        entry = event id (16 bytes) | container's number (2) | received_at (6, ms)
    """

    def __init__(self, *, limit: int = MAX_IDS) -> None:
        self._limit = limit
        self._buckets = [bytearray() for _ in range(BUCKETS)]
        self._queue = bytearray()
        self._containers: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._queue) // 2

    def add(self, container_id: str, event_id: str, received_at: int) -> bool:
        """Remembers an id; False when it was there already."""
        container = self._containers.get(container_id) or self._number(container_id)
        key = bytes.fromhex(event_id.replace("-", "")) + container
        number = hash(key) % len(self._buckets)  # salted: nobody can fill one bucket on purpose
        bucket = self._buckets[number]
        place = bucket.find(key)
        while place > 0 and place % ENTRY_BYTES:  # bytes of two neighbours may look like it
            place = bucket.find(key, place + 1)
        if place >= 0:
            return False
        bucket += key + _stamp(received_at)
        self._queue += number.to_bytes(2, "big")
        return True

    def forget(self, reached_at: int) -> None:
        """Lets go of what is older than the window before this time, or beyond the limit."""
        queue, young = self._queue, _stamp(reached_at - WINDOW_MS)
        while queue:
            bucket = self._buckets[int.from_bytes(queue[:2], "big")]
            if len(self) <= self._limit and bucket[TIME_AT:ENTRY_BYTES] >= young:
                return
            del bucket[:ENTRY_BYTES]  # from the front of a bytearray it costs nothing
            del queue[:2]

    def _number(self, container_id: str) -> bytes:
        return self._containers.setdefault(
            container_id, len(self._containers).to_bytes(TIME_AT - 16, "big")
        )


def _stamp(at: int) -> bytes:
    """A time in ms as bytes that compare as times do."""
    return min(max(at, 0), LATEST_MS).to_bytes(ENTRY_BYTES - TIME_AT, "big")


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
