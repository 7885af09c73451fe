"""Which folder a collector worker writes: `root/w0`, `root/w1` … one writer in each."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from server.journal.errors import FolderInUse
from server.journal.lock import FolderLock


def claim_slot(root: Path) -> tuple[Path, int]:
    """Return the first folder whose lock is free, and its slot.

    The lock is only tried: the SegmentWriter takes it. Of two processes that were given the same
    folder the slower gets FolderInUse from its writer, and claims again.
    """
    for slot in count():
        folder = root / f"w{slot}"
        try:
            FolderLock(folder).release()
        except FolderInUse:
            continue
        return folder, slot
    raise AssertionError("count() does not end")
