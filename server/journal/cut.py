"""Takes a spool back to what was committed, before its writer opens it again."""

from __future__ import annotations

import os
from pathlib import Path

from server.journal.errors import CommittedDataMissing
from server.journal.folder import segment_numbers, segment_path, sync_folder
from server.journal.header import HEADER_BYTES
from server.journal.lock import FolderLock
from server.journal.record import Mark
from server.journal.scan import Scan


def cut_back(folder: Path, mark: Mark) -> int:
    """Remove everything after the mark, for good; return its bytes, preallocated zeros not counted.

    Raises CommittedDataMissing, and removes nothing, when the folder ends before the mark;
    FolderInUse when a writer is open.
    """
    lock = FolderLock(folder)
    try:
        numbers = segment_numbers(folder)
        if mark.at > HEADER_BYTES:
            _refuse_if_missing(folder, mark)
        removed = 0
        # From the newest on: a crash in between leaves a folder that can be cut again.
        for seq in reversed(numbers):
            if seq > mark.seq:
                removed += _remove(folder, seq)
            elif seq == mark.seq:
                removed += _truncate(folder, mark)
        sync_folder(folder)
        return removed
    finally:
        lock.release()


def _remove(folder: Path, seq: int) -> int:
    path = segment_path(folder, seq)
    with Scan(path, seq) as scan:
        used = scan.used_end(0)
    path.unlink()
    return used


def _truncate(folder: Path, mark: Mark) -> int:
    path = segment_path(folder, mark.seq)
    with Scan(path, mark.seq) as scan:
        if scan.header is None and mark.at == 0:
            return _remove(folder, mark.seq)
        end = max(mark.at, HEADER_BYTES)
        frame = scan.frame_at(end)
        if scan.size == end or (frame is not None and frame.head.is_seal):
            return 0
        removed = scan.used_end(end) - end
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.truncate(end)
        os.fsync(file.fileno())
    return removed


def _refuse_if_missing(folder: Path, mark: Mark) -> None:
    """Damaged bytes before the mark are the reader's to report; missing ones stop everything."""
    path = segment_path(folder, mark.seq)
    if not path.exists():
        raise CommittedDataMissing(f"{path} is gone, and {mark.at} bytes of it were committed")
    with Scan(path, mark.seq) as scan:
        end = _last_end(scan, mark.at)
        # A power cut that takes synced data leaves a shorter file, or zeros.
        is_blank = end < mark.at and not scan.read(end, mark.at - end).strip(b"\0")
        if scan.size < mark.at or is_blank:
            raise CommittedDataMissing(f"{path} ends at {end}, and {mark.at} bytes were committed")
        if end > mark.at:
            raise CommittedDataMissing(f"{path} has no frame that ends at {mark.at}: another file?")


def _last_end(scan: Scan, limit: int) -> int:
    """Return where the last whole frame that begins before `limit` ends."""
    end = HEADER_BYTES
    while end < limit:
        frame = scan.frame_at(end) or scan.find_frame(end, limit, 0)
        if frame is None:
            break
        end = frame.end
    return end
