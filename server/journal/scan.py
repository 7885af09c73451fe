"""One segment opened for reading: its header, the frame at a place, the next whole frame."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from server.journal.frame import (
    HEAD_BYTES,
    MAGIC,
    SEAL_BYTES,
    Head,
    decode_body,
    decode_head,
    decode_seal,
)
from server.journal.header import HEADER_BYTES, SegmentHeader, decode_header

_BLOCK_BYTES = 128 * 1024


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame whose two checksums hold, and where it is."""

    at: int
    end: int
    head: Head
    payloads: list[bytes]


class Scan:
    """Reads one segment; a damaged byte gives None, never an error or a wrong payload."""

    def __init__(self, path: Path, seq: int) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._block = b""
        self._block_at = 0
        self.size = os.fstat(self._fd).st_size
        header = decode_header(self.read(0, HEADER_BYTES))
        self.header_is_damaged = header is None
        header = header or self._header_of_seal()
        # A file under another's name would be read twice.
        self.header = header if header is not None and header.seq == seq else None

    def __enter__(self) -> Scan:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def read(self, at: int, size: int) -> bytes:
        """Return the bytes at a place, fewer at the end of the file; many frames cost one call."""
        start = at - self._block_at
        if start < 0 or start + size > len(self._block):
            self._block = os.pread(self._fd, max(size, _BLOCK_BYTES), at)
            self._block_at = at
            start = 0
        return self._block[start : start + size]

    def frame_at(self, at: int) -> Frame | None:
        """Return the frame that begins exactly here, if it is whole."""
        return self._frame(at, self.read)

    def frame_again(self, at: int) -> Frame | None:
        """Like frame_at, from the file as it is now: a live one grows while we look at it."""
        return self._frame(at, self._read_again)

    def find_frame(self, at: int, limit: int, off: int) -> Frame | None:
        """Return the first whole frame that begins in [at, limit) and is not older than `off`."""
        for place in self._find(MAGIC, at, limit):
            frame = self.frame_again(place)
            if frame is not None and frame.head.first_off >= off:
                return frame
        return None

    def has_magic(self) -> bool:
        """True when something after the header once began like a frame."""
        return next(self._find(MAGIC, HEADER_BYTES, self.size), None) is not None

    def is_blank(self, at: int) -> bool:
        """True when no frame has been begun here: preallocated zeros, or the end of the file."""
        return not self.read(at, HEAD_BYTES).strip(b"\0")

    def used_end(self, at: int) -> int:
        """Return the end of the last byte that is not zero, or `at` when all from there are."""
        end = self.size
        while end > at:
            start = max(at, end - _BLOCK_BYTES)
            used = os.pread(self._fd, end - start, start).rstrip(b"\0")
            if used:
                return start + len(used)
            end = start
        return at

    def copy(self, at: int, end: int, target: Path) -> None:
        """Copy a span of bytes to a new file, which appears whole or not at all."""
        begun = target.with_suffix(".part")
        with open(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for start in range(at, end, _BLOCK_BYTES):
                file.write(os.pread(self._fd, min(_BLOCK_BYTES, end - start), start))
            file.flush()
            os.fsync(file.fileno())
        begun.replace(target)

    def _read_again(self, at: int, size: int) -> bytes:
        return os.pread(self._fd, size, at)

    def _frame(self, at: int, read: Callable[[int, int], bytes]) -> Frame | None:
        if self.header is None:
            return None
        salt = self.header.salt
        head = decode_head(read(at, HEAD_BYTES), salt)
        if head is None:
            return None
        end = at + HEAD_BYTES + head.body_bytes
        payloads = decode_body(head, read(at + HEAD_BYTES, head.body_bytes), salt)
        return None if payloads is None else Frame(at=at, end=end, head=head, payloads=payloads)

    def _header_of_seal(self) -> SegmentHeader | None:
        return decode_seal(self.read(max(0, self.size - SEAL_BYTES), SEAL_BYTES))

    def _find(self, needle: bytes, at: int, limit: int) -> Iterator[int]:
        overlap = len(needle) - 1
        for start in range(at, min(limit, self.size), _BLOCK_BYTES):
            size = min(_BLOCK_BYTES, limit - start) + overlap
            block = os.pread(self._fd, size, start)
            found = block.find(needle)
            while found >= 0:
                yield start + found
                found = block.find(needle, found + 1)
