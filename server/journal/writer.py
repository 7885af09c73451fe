"""Writes one folder: rolls its segments and decides what an error of the disk means."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from server.errors import JournalUnwritable
from server.journal.errors import JournalBroken
from server.journal.folder import segment_numbers
from server.journal.frame import pack
from server.journal.header import new_header
from server.journal.lock import FolderLock
from server.journal.record import Mark
from server.journal.segment import Segment
from server.journal.spare import Spare, remove_spare

SEGMENT_BYTES = 64 * 1024 * 1024
# An hour, so that a quiet site's hits can be deleted when their time has come.
SEGMENT_AGE_MS = 3_600_000
ALLOCATE_BYTES = 4 * 1024 * 1024
OS_SYNC_MS = 100


class SegmentWriter:
    """The one writer of a folder: not thread-safe, holds the folder's lock until closed.

    `durability="os"` syncs at most every 100 ms: an acknowledged record survives the process,
    not the machine. `now` returns ms UTC. When `write` or `sync` has raised, nothing since the
    last good `sync` is promised, nor taken back: a spool's owner closes the writer, cuts the
    folder back to what it committed, and opens another.
    """

    def __init__(
        self,
        folder: Path,
        *,
        slot: int = 0,
        segment_bytes: int = SEGMENT_BYTES,
        durability: Literal["sync", "os"] = "sync",
        now: Callable[[], int],
    ) -> None:
        self.folder = folder
        self._slot = slot
        self.segment_bytes = segment_bytes
        self._durability = durability
        self._now = now
        self._lock = FolderLock(folder)
        self._boot = os.urandom(16)
        self._segment: Segment | None = None
        self._spare: Spare | None = None
        remove_spare(folder)
        self._next_seq = _next_seq(folder, now())
        self._synced_at = 0
        self._failed_syncs = 0

    def begin_at(self, seq: int) -> None:
        """Begin an empty folder with the number that its readers were told, not with the time."""
        if not segment_numbers(self.folder):
            self._next_seq = seq

    @property
    def mark(self) -> Mark:
        """The place after the last record written."""
        if self._segment is None:
            return Mark(seq=self._next_seq)
        return Mark(seq=self._segment.header.seq, at=self._segment.at, off=self._segment.off)

    def write(self, payloads: Sequence[bytes]) -> Mark:
        """Append all payloads, in one segment, or none; return the place after them.

        Raises JournalUnwritable when the disk refuses, ValueError when a payload is too large.
        """
        self._refuse_if_broken()
        bodies = pack(payloads)
        if bodies:
            try:
                segment = self._segment_for(sum(body.frame_bytes for body in bodies))
                segment.append(bodies, written_at=self._now())
            except OSError as error:
                raise JournalUnwritable(f"{self.folder}: {error}") from error
        return self.mark

    def sync(self) -> None:
        """Return when everything written survives a power cut.

        Raises JournalUnwritable and gives the segment up: the kernel may drop the pages of a failed
        sync and report the next one as good. Raises JournalBroken the second time in a row.
        """
        self._refuse_if_broken()
        segment, now = self._segment, self._now()
        if segment is None or segment.is_synced:
            return
        if self._durability == "os" and 0 <= now - self._synced_at < OS_SYNC_MS:
            return
        try:
            segment.sync()
        except OSError as error:
            self._give_up(segment, error)
        self._synced_at = now
        self._failed_syncs = 0

    def prepare(self) -> None:
        """Have the next segment's space ready, unless it is or the disk has none.

        The one call that another thread may make, while this one writes.
        """
        if self._spare is None:
            with contextlib.suppress(OSError):  # then the next segment takes space as it needs it
                self._spare = Spare(self.folder, self.segment_bytes)

    def close(self) -> None:
        """Seal the open segment and let another writer in, even when sealing fails."""
        try:
            self.roll()
        finally:
            spare, self._spare = self._spare, None
            if spare is not None:
                spare.discard()
            self._lock.release()

    def roll(self) -> None:
        """Seal and sync the open segment now; the next write begins another."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.seal(written_at=self._now())
        except OSError as error:
            self._give_up(segment, error)
        self._failed_syncs = 0

    def _segment_for(self, size: int) -> Segment:
        """Return the open segment, or a new one when that cannot take `size` bytes more."""
        now = self._now()
        if self._segment is not None and self._is_full(self._segment, size, now):
            self.roll()
        if self._segment is None:
            self._segment = self._begin(now)
        return self._segment

    def _begin(self, now: int) -> Segment:
        header = new_header(seq=self._next_seq, slot=self._slot, created_at=now, boot=self._boot)
        step = min(ALLOCATE_BYTES, self.segment_bytes)
        spare = self._spare
        try:
            segment = Segment(self.folder, header, step=step, spare=spare)
        except FileExistsError:  # begun, and the disk refused to have it removed again
            self._next_seq += 1
            raise
        finally:
            if spare is not None:
                self._spare = None  # only now: its name is free for the next
        self._next_seq += 1
        return segment

    def _is_full(self, segment: Segment, size: int, now: int) -> bool:
        # One write is never spread over two segments, so that it can be undone as a whole.
        return (
            segment.is_full
            or (segment.off > 0 and segment.at + size > self.segment_bytes)
            or now - segment.header.created_at >= SEGMENT_AGE_MS
        )

    def _give_up(self, segment: Segment, error: OSError) -> None:
        segment.abandon()
        self._segment = None
        self._failed_syncs += 1
        self._refuse_if_broken()
        raise JournalUnwritable(f"{self.folder}: sync failed: {error}", retry_after_s=1) from error

    def _refuse_if_broken(self) -> None:
        if self._failed_syncs > 1:
            raise JournalBroken(f"{self.folder}: two syncs in a row have failed")


def _next_seq(folder: Path, now: int) -> int:
    """Return the number after the newest segment's.

    An empty folder begins with the time in seconds: when it was emptied, its readers may stand
    anywhere, and would wait for ever for numbers that began at 1 again.
    """
    numbers = segment_numbers(folder)
    return numbers[-1] + 1 if numbers else max(1, now // 1000)
