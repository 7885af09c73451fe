"""Takes deliveries from a tag's spool, a few at a time, though it is read in whole frames."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from msgspec import Struct

from server import journal
from server.journal import Mark
from server.pipeline.queue import Job, Progress, unpack

READ_RECORDS = 2_000
READ_BYTES = 8 * 1024 * 1024

log = logging.getLogger(__name__)


class _Read(Struct, frozen=True, kw_only=True):
    """What was read from the cursor on, and where it ends."""

    payloads: list[bytes]
    mark: Mark


class SpoolReader:
    """One lane's; `end` is how far the spool is committed, `done` how many records after the
    cursor were done before."""

    def __init__(self, folder: Path, cursor: Mark, *, done: int = 0) -> None:
        self.end = Mark()
        self.is_stopped = False
        """What comes next was written by a newer Freehold."""
        self._folder = folder
        self._cursor = cursor
        self._done = done
        self._read: _Read | None = None

    @property
    def is_at_end(self) -> bool:
        """Whether there is nothing to take."""
        return self._read is None and self._cursor >= self.end

    @property
    def has_read(self) -> bool:
        """Whether something was read that is not all taken."""
        return self._read is not None

    @property
    def is_cut(self) -> bool:
        """Whether there is more behind what was read."""
        return self._read is not None and self._read.mark < self.end

    def look(self, count: int) -> list[Job]:
        """The next ones, without taking them."""
        read = self._ahead()
        payloads = read.payloads[self._done : self._done + count] if read else []
        return [job for job in map(self._job, payloads) if job is not None]

    def take(self, count: int) -> tuple[list[Job], Progress]:
        """The next ones, and what is to be written down once they are done; then `settle` it."""
        read = self._ahead()
        if read is None:
            return [], Progress()
        jobs = self.look(count)
        taken = min(count, len(read.payloads) - self._done)
        if self._done + taken >= len(read.payloads):
            return jobs, Progress(cursor=read.mark, taken=taken)
        cursor = self._cursor
        done_from = Mark(seq=cursor.seq, at=cursor.at, off=self._done + taken)
        return jobs, Progress(done_from=done_from, taken=taken)

    def settle(self, progress: Progress) -> None:
        """Goes on behind what was written down."""
        if progress.cursor is not None:
            self._cursor, self._done, self._read = progress.cursor, 0, None
            journal.remove_before(self._folder, self._cursor)
        elif progress.done_from is not None:
            self._done = progress.done_from.off

    def _ahead(self) -> _Read | None:
        if self._read is None and not self.is_at_end:
            chunk = journal.read(
                self._folder,
                self._cursor,
                until=self.end,
                max_records=READ_RECORDS,
                max_bytes=READ_BYTES,
            )
            for damage in chunk.damage:
                log.error(
                    "spool %s is damaged: %s, lost %s", damage.path, damage.reason, damage.lost
                )
            self.is_stopped = chunk.mark == self._cursor
            if not self.is_stopped:
                payloads = [record.payload for record in chunk.records]
                self._read = _Read(payloads=payloads, mark=chunk.mark)
        return self._read

    def _job(self, payload: bytes) -> Job | None:
        try:
            return Job(delivery=unpack(payload))
        except msgspec.DecodeError as error:
            log.error("%s: a delivery cannot be read: %s", self._folder, error)
            return None
