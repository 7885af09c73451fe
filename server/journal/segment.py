"""The segment file that is being written: space first, then frames, a sync, at the end a seal.

Errors of the disk leave as OSError; `writer` decides what they mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from server.journal.folder import segment_path, sync_folder
from server.journal.frame import Body, encode_frame, encode_seal
from server.journal.header import HEADER_BYTES, SegmentHeader, encode_header
from server.journal.spare import Spare, allocate

FIRST_BYTES = 64 * 1024


class Segment:
    """One new file, never one that existed.

    The space of a spare is all there. Else it is allocated as it is used, at first a little, then
    as much again as there is, at most `step` bytes at once: a full disk shows between two frames,
    and of hundreds of spools each takes little.
    """

    def __init__(
        self, folder: Path, header: SegmentHeader, *, step: int, spare: Spare | None = None
    ) -> None:
        self.header = header
        self.at = 0
        self.off = 0
        self.is_full = False  # takes no more frames, but may be synced and sealed
        self.is_synced = False
        self._step = step
        self._frames = 0
        self._allocated = spare.allocated if spare else 0
        path = segment_path(folder, header.seq)
        if spare:
            spare.take(path)
            self._fd = spare.fd
        else:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self._write(encode_header(header), whole=HEADER_BYTES)
            sync_folder(folder)
        except OSError:
            self.abandon()
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    def append(self, bodies: Sequence[Body], *, written_at: int) -> None:
        """Write the frames, all of them or none."""
        frames = []
        off = self.off
        for body in bodies:
            frames.append(
                encode_frame(body, first_off=off, written_at=written_at, salt=self.header.salt)
            )
            off += body.n
        self._write(b"".join(frames), whole=len(frames[0]))
        self.off = off
        self._frames += len(frames)

    def sync(self) -> None:
        """Make what was appended survive a power cut. After an error: abandon, never sync again."""
        _flush(self._fd)
        self.is_synced = True

    def seal(self, *, written_at: int) -> None:
        """End the file with its totals, cut what was allocated too much, sync and close it."""
        seal = encode_seal(
            self.header, off=self.off, at=self.at, frames=self._frames, written_at=written_at
        )
        # A full disk may refuse the seal: the frames before it count without it.
        with contextlib.suppress(OSError):
            self._write(seal, whole=len(seal))
            os.ftruncate(self._fd, self.at)
        self.sync()
        with contextlib.suppress(OSError):  # a courtesy, which some file systems refuse
            os.fchmod(self._fd, 0o440)
        self.abandon()

    def abandon(self) -> None:
        """Close the file as it is."""
        os.close(self._fd)

    def _write(self, data: bytes, *, whole: int) -> None:
        """Write at the end; `whole` is the size of the first frame in it."""
        end = self.at + len(data)
        self._allocate(end)
        self.is_synced = False
        view = memoryview(data)
        done = 0
        try:
            while done < len(data):
                done += os.pwrite(self._fd, view[done:], self.at + done)
        except OSError:
            # A reader may have seen the whole frames: their positions must not be given again.
            self.is_full = done >= whole
            self._cut(self.at)
            raise
        self.at = end

    def _allocate(self, end: int) -> None:
        """Make sure of the space up to `end`, or raise with nothing changed."""
        if end <= self._allocated:
            return
        unit = min(FIRST_BYTES, self._step)
        more = min(max(self._allocated, unit), self._step)
        grown = max(self._allocated + more, -(-end // unit) * unit)
        try:
            self._allocated = allocate(self._fd, self._allocated, grown)
        except OSError:
            self._cut(self._allocated)
            raise

    def _cut(self, end: int) -> None:
        try:
            os.ftruncate(self._fd, end)
        except OSError:
            self.is_full = True
        self._allocated = min(self._allocated, end)


def _flush(fd: int) -> None:
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # its fsync leaves the data in the drive's cache
    else:
        os.fdatasync(fd)
