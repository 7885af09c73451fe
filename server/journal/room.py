"""How much room the disk has: what is refused when it gets short, and how long it will do.

    free   ≥ reserve      everything is taken
           ≥ reserve / 4  ordinary hits are refused: page views and the like
           < reserve / 4  conversions too; consent is taken until the disk itself refuses

Back up it goes a tenth higher, so that a disk at the mark does not take and refuse in turns.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

import msgspec

from server.clock import HOUR_MS
from server.journal.folder import SegmentInfo
from server.journal.record import Mark


class Shed(IntEnum):
    """Which hits are refused; each with all before it."""

    NOTHING = 0
    ORDINARY = 1
    CONVERSIONS = 2


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one look."""

    free_bytes: int
    reserve_bytes: int
    shed: Shed


def look(folder: Path, reserve_bytes: int, last: Shed = Shed.NOTHING) -> Room:
    """Look at the folder's file system; `last` is what was refused until now. Raises OSError."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    return Room(free_bytes=free, reserve_bytes=reserve_bytes, shed=judge(free, reserve_bytes, last))


def judge(free_bytes: int, reserve_bytes: int, last: Shed = Shed.NOTHING) -> Shed:
    """What to refuse: more at once, less only when there is a tenth more than it takes."""
    eased = _shed(free_bytes * 10 // 11, reserve_bytes)
    return max(_shed(free_bytes, reserve_bytes), min(last, eased))


def survives_h(free_bytes: int, reserve_bytes: int, bytes_an_hour: int) -> float | None:
    """For how many hours ClickHouse may be away before hits are refused; None when nothing comes.

    `bytes_an_hour`: what the store's spool grew by in the last hour, see `grown`.
    """
    if bytes_an_hour <= 0:
        return None
    return max(0, free_bytes - reserve_bytes) / bytes_an_hour


def grown(found: Sequence[SegmentInfo], end: Mark, *, now: int) -> int:
    """Bytes that a spool took in the hour before `now`: of a segment that began earlier, its
    share. `found`: its `segments`; `end`: where it is committed, since the live one's size tells
    nothing."""
    total = 0.0
    for number, segment in enumerate(found):
        is_last = number + 1 == len(found)
        ended_at = now if is_last else found[number + 1].created_at
        size = end.at if segment.seq == end.seq else segment.size
        lasted = max(1, ended_at - segment.created_at)
        inside = min(lasted, max(0, ended_at - max(segment.created_at, now - HOUR_MS)))
        total += size * inside / lasted
    return round(total)


def _shed(free_bytes: int, reserve_bytes: int) -> Shed:
    if free_bytes >= reserve_bytes:
        return Shed.NOTHING
    return Shed.ORDINARY if free_bytes >= reserve_bytes // 4 else Shed.CONVERSIONS
