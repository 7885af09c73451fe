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

from server import journal
from server.containers.model import Container
from server.enrich import Places
from server.journal import Chunk, Mark, SegmentWriter
from server.pipeline.recent import rebuild
from server.pipeline.sorting import Desk, sort_record
from server.pipeline.state import STATE_FILE, State
from server.store.rows import encode_row

STORE_SPOOL = "store"
BATCH_HITS = 5_000

log = logging.getLogger(__name__)


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
        self._counts: Counter[str] = Counter()
        self._containers = containers
        self._places = places
        self._writer: SegmentWriter | None = None
        self._desk: Desk | None = None
        self._stopped: set[Path] = set()

    def step(self) -> int:
        """Sorts what has come; returns how many hits. After an exception, call it again."""
        try:
            writer, desk = self._open()
            sorted_hits = sum(self._sort(folder, writer, desk) for folder in self._folders())
            desk.recent.forget(self._now())
        except BaseException:
            self.close()
            raise
        return sorted_hits

    def close(self) -> None:
        """Lets go of the spool; the next step opens it where it is committed."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._desk = None

    def _open(self) -> tuple[SegmentWriter, Desk]:
        if self._writer is None or self._desk is None:
            self._spool.mkdir(parents=True, exist_ok=True, mode=0o700)
            end = self._state.end(STORE_SPOOL)
            removed = journal.cut_back(self._spool, end)
            if removed:
                log.info("cut back the spool by %d bytes that were not committed", removed)
            self._writer = SegmentWriter(self._spool, now=self._now)
            self._counts = Counter()
            self._desk = Desk(
                containers=self._containers,
                places=self._places,
                recent=rebuild(self._spool, end, now=self._now()),
                counts=self._counts,
            )
        return self._writer, self._desk

    def _folders(self) -> list[Path]:
        return sorted(self._journals.glob("w*"))

    def _sort(self, folder: Path, writer: SegmentWriter, desk: Desk) -> int:
        cursor = self._state.cursor(folder.name)
        chunk = journal.read(folder, cursor, max_records=BATCH_HITS)
        self._note_newer(folder, chunk)
        if chunk.mark == cursor:
            return 0
        now = self._now()
        rows = [
            encode_row(row)
            for record in chunk.records
            for row in sort_record(record, desk, now=now)
        ]
        end = self._append(writer, rows)
        desk.counts["sorted"] += len(chunk.records)
        self._count_damage(chunk, desk)
        self._state.commit_sorted({folder.name: chunk.mark}, {STORE_SPOOL: end}, desk.counts)
        desk.counts.clear()
        journal.remove_before(folder, chunk.mark)
        return len(chunk.records)

    def _note_newer(self, folder: Path, chunk: Chunk) -> None:
        """Hits that a newer Freehold wrote wait for it; whoever went back a version must know."""
        if chunk.is_stopped and folder not in self._stopped:
            self._stopped.add(folder)
            log.error("%s: written by a newer Freehold; its hits wait until that one runs", folder)

    def _append(self, writer: SegmentWriter, rows: list[bytes]) -> Mark:
        if rows:
            writer.write(rows)
            writer.sync()
            return writer.mark
        return self._state.end(STORE_SPOOL)

    def _count_damage(self, chunk: Chunk, desk: Desk) -> None:
        for damage in chunk.damage:
            log.error("journal %s is damaged at byte %d: %s", damage.path, damage.at, damage.reason)
            desk.counts[f"damage.{damage.reason}"] += 1
            desk.counts["quarantined"] += damage.lost or 0
