"""The first loop: reads the journals, makes rows, and commits them to the store's spool.

    read ──▶ sort ──▶ append to spools ──▶ fdatasync ──▶ one SQLite transaction
                                                          (journal cursors, spool ends, counts)

A crash before the transaction leaves a spool longer than its committed end: it is cut back at the
next start and the batch is done again, so nothing doubles. A failure in between is treated alike:
the sorter opens itself anew. (Routing to partners comes between sort and append: a spool a tag.)
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from server import journal
from server.containers.model import Container
from server.enrich import Places
from server.envelope import unseal
from server.journal import Chunk, Mark, SegmentWriter
from server.pipeline.recent import rebuild
from server.pipeline.sorting import Desk, encoded_rows
from server.pipeline.state import STATE_FILE, State

STORE_SPOOL = "store"
DOUBT = "store.doubt"
"""Up to here the state was lost: what is loaded of it is asked by position."""
BATCH_HITS = 5_000
BATCH_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


class Batch(Struct, frozen=True, kw_only=True):
    """What one step did in one journal: how many hits, and up to which time of receipt, in ms."""

    hits: int
    reached_at: int


class Sorter:
    """One batch at a time from the journals under `data/journal` to the spools."""

    def __init__(
        self,
        data: Path,
        *,
        containers: Mapping[str, Container],
        places: Places,
        now: Callable[[], int],
    ) -> None:
        self._journals = data / "journal"
        self._spool = data / "spools" / STORE_SPOOL
        self._state = State(data / STATE_FILE)
        self._now = now
        self._containers = containers
        self._places = places
        self._writer: SegmentWriter | None = None
        self._desk: Desk | None = None
        self._stopped: set[Path] = set()

    def step(self) -> int:
        """Sorts what has come; returns how many hits. After an exception, call it again."""
        try:
            writer, desk = self._open()
            batches = [self._sort(folder, writer, desk) for folder in self._folders()]
            # Hits that waited are compared with those of their own hour, not with the clock's.
            desk.recent.forget(min([self._now(), *(batch.reached_at for batch in batches)]))
        except BaseException:
            self.close()
            raise
        return sum(batch.hits for batch in batches)

    def close(self) -> None:
        """Lets go of the spool; the next step opens it where it is committed."""
        writer, self._writer, self._desk = self._writer, None, None
        if writer is not None:
            writer.close()

    def _open(self) -> tuple[SegmentWriter, Desk]:
        if self._writer is None or self._desk is None:
            end = self._recover()
            self._writer = SegmentWriter(self._spool, now=self._now)
            self._desk = Desk(
                containers=self._containers,
                places=self._places,
                recent=rebuild(self._spool, end),
                counts=Counter(),
            )
        return self._writer, self._desk

    def _recover(self) -> Mark:
        """The spool's committed end, with what is not committed cut away. A spool that the state
        knows nothing of is taken as it is: its ids tell what was sorted, and the loader asks
        ClickHouse what was loaded."""
        end = self._state.end(STORE_SPOOL)
        if end == Mark() and journal.segments(self._spool):
            end = _last(self._spool)
            log.error("the state knew nothing of the spool; it is compared with ClickHouse")
            self._state.commit_sorted({}, {STORE_SPOOL: end, DOUBT: end}, {})
        removed = journal.cut_back(self._spool, end)
        if removed:
            log.info("cut back the spool by %d bytes that were not committed", removed)
        return end

    def _folders(self) -> list[Path]:
        return sorted(self._journals.glob("w*"))

    def _sort(self, folder: Path, writer: SegmentWriter, desk: Desk) -> Batch:
        cursor = self._state.cursor(folder.name)
        chunk = journal.read(folder, cursor, max_records=BATCH_HITS, max_bytes=BATCH_BYTES)
        self._note_newer(folder, chunk)
        now = self._now()
        if chunk.mark == cursor:
            return Batch(hits=0, reached_at=now)
        end = self._spool_rows(chunk, writer, desk)
        desk.counts["sorted"] += len(chunk.records)
        self._count_damage(chunk, desk)
        self._state.commit_sorted({folder.name: chunk.mark}, {STORE_SPOOL: end}, desk.counts)
        desk.counts.clear()
        journal.remove_before(folder, chunk.mark)
        return Batch(hits=len(chunk.records), reached_at=_reached_at(chunk, now))

    def _spool_rows(self, chunk: Chunk, writer: SegmentWriter, desk: Desk) -> Mark:
        """Appends the rows piece by piece, since a row is many times its event on the wire, and
        syncs once; returns the spool's new end."""
        now = self._now()
        piece: list[bytes] = []
        size = 0
        for record in chunk.records:
            for row in encoded_rows(record, desk, now=now):
                piece.append(row)
                size += len(row)
                if size >= PIECE_BYTES:
                    writer.write(piece)
                    piece, size = [], 0
        if piece:
            writer.write(piece)
        writer.sync()
        return self._state.end(STORE_SPOOL) if writer.mark.at == 0 else writer.mark

    def _note_newer(self, folder: Path, chunk: Chunk) -> None:
        """Hits that a newer Freehold wrote wait for it; whoever went back a version must know."""
        if chunk.is_stopped and folder not in self._stopped:
            self._stopped.add(folder)
            log.error("%s: written by a newer Freehold; its hits wait until that one runs", folder)

    def _count_damage(self, chunk: Chunk, desk: Desk) -> None:
        for damage in chunk.damage:
            log.error("journal %s is damaged at byte %d: %s", damage.path, damage.at, damage.reason)
            desk.counts[f"damage.{damage.reason}"] += 1
            desk.counts["quarantined"] += damage.lost or 0


def _reached_at(chunk: Chunk, now: int) -> int:
    """When the last hit of the chunk was received; 0, which forgets nothing, if none tells."""
    if not chunk.records:
        return now
    try:
        return unseal(chunk.records[-1].payload).received_at
    except (msgspec.DecodeError, RecursionError):
        return 0


def _last(folder: Path) -> Mark:
    """The end of all that can be read."""
    mark = Mark()
    while True:
        found = journal.read(folder, mark).mark
        if found == mark:
            return mark
        mark = found
