"""The first loop: reads the journals, makes rows and deliveries, and commits them to the spools.

    read ──▶ sort, route ──▶ append to spools ──▶ fdatasync ──▶ one SQLite transaction
                             (store, one a tag)                 (cursors, spools' ends, counts)

A crash before the transaction leaves spools longer than their committed ends: they are cut back at
the next start and the batch is done again, so nothing doubles. A failure in between is treated
alike: the sorter opens itself anew.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from server import journal
from server.enrich import Places
from server.envelope import unseal
from server.journal import Chunk, Mark, SegmentWriter
from server.person.sealing import Seal
from server.pipeline.previewing import Plans
from server.pipeline.recent import rebuild
from server.pipeline.remembered import Clicked, Remembered
from server.pipeline.sorting import Desk, spooled
from server.pipeline.spools import STORE, open_spool, reached, spool_folder
from server.pipeline.state import STATE_FILE, State

BATCH_HITS = 10_000
BATCH_BYTES = 8 * 1024 * 1024
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
        plans: Plans,
        places: Places,
        seal: Seal,
        now: Callable[[], int],
    ) -> None:
        self._data = data
        self._state = State(data / STATE_FILE)
        self._now = now
        self._plans = plans
        self._places = places
        self._seal = seal
        self._writers: dict[str, SegmentWriter] = {}
        self._desk: Desk | None = None
        self._stopped: set[Path] = set()

    def step(self) -> int:
        """Sorts what has come; returns how many hits. After an exception, call it again."""
        try:
            desk = self._open()
            batches = [self._sort(folder, desk) for folder in self._folders()]
            # Hits that waited are compared with those of their own hour, not with the clock's.
            reached_at = min([self._now(), *(batch.reached_at for batch in batches)])
            desk.recent.forget(reached_at)
            desk.remembered.forget(reached_at)
            desk.clicked.forget(reached_at)
        except BaseException:
            self.close()
            raise
        return sum(batch.hits for batch in batches)

    def close(self) -> None:
        """Lets go of the spools; the next step opens them where they are committed."""
        writers, self._writers, self._desk = self._writers, {}, None
        with ExitStack() as stack:
            for writer in writers.values():
                stack.callback(writer.close)

    def _open(self) -> Desk:
        if self._desk is None:
            self._writer(STORE)
            self._desk = Desk(
                plans=self._plans,
                places=self._places,
                seal=self._seal,
                recent=rebuild(spool_folder(self._data, STORE), self._state.end(STORE)),
                remembered=Remembered(self._state),
                clicked=Clicked(self._state, self._seal),
                counts=Counter(),
                withdrawals={},
            )
        return self._desk

    def _writer(self, spool: str) -> SegmentWriter:
        """A spool's writer, opened when it is first needed."""
        if spool not in self._writers:
            self._writers[spool] = open_spool(self._data, spool, self._state, now=self._now)
        return self._writers[spool]

    def _folders(self) -> list[Path]:
        return sorted((self._data / "journal").glob("w*"))

    def _sort(self, folder: Path, desk: Desk) -> Batch:
        cursor = self._state.cursor(folder.name)
        chunk = journal.read(folder, cursor, max_records=BATCH_HITS, max_bytes=BATCH_BYTES)
        self._note_newer(folder, chunk)
        now = self._now()
        if chunk.mark == cursor:
            return Batch(hits=0, reached_at=now)
        ends = self._spool(chunk, desk)
        desk.counts["accepted"] += journal.numbered(folder, cursor, chunk.mark)
        self._count_damage(chunk, desk)
        self._state.commit_sorted(
            {folder.name: chunk.mark},
            ends,
            desk.counts,
            desk.withdrawals.values(),
            {"memory": desk.remembered.changes(), "clicks": desk.clicked.changes()},
        )
        desk.counts.clear()
        desk.withdrawals.clear()
        desk.remembered.committed()
        desk.clicked.committed()
        journal.remove_before(folder, chunk.mark)
        return Batch(hits=len(chunk.records), reached_at=_reached_at(chunk, now))

    def _spool(self, chunk: Chunk, desk: Desk) -> dict[str, Mark]:
        """Appends to the spools piece by piece, since a row is many times its event on the wire,
        and syncs each once; returns their new ends."""
        now = self._now()
        pieces: dict[str, list[bytes]] = {}
        touched: set[str] = set()
        size = 0
        for record in chunk.records:
            for spool, payload in spooled(record, desk, now=now):
                pieces.setdefault(spool, []).append(payload)
                size += len(payload)
            if size >= PIECE_BYTES:
                touched |= self._write(pieces)
                pieces, size = {}, 0
        touched |= self._write(pieces)
        for spool in touched:
            self._writer(spool).sync()
        return {spool: reached(self._writer(spool), self._state.end(spool)) for spool in touched}

    def _write(self, pieces: Mapping[str, list[bytes]]) -> set[str]:
        """The store's spool last: were the state lost, what is in it would not be routed again."""
        for spool in sorted(pieces, key=STORE.__eq__):
            self._writer(spool).write(pieces[spool])
        return set(pieces)

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
