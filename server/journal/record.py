"""The journal's nouns: what is read, where a reader stands, what was found damaged."""

from __future__ import annotations

from enum import StrEnum

import msgspec


# gc=False: a batch is 20,000 of these and none can be part of a cycle.
class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One payload and its position, which no other record ever has."""

    src: int  # UInt64, random, drawn for the segment, never 0
    off: int  # UInt32, counts the segment's records: 0, 1, 2 …
    payload: bytes


class Mark(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A place between two frames of one folder; `Mark()` is the beginning of everything."""

    seq: int = 0  # the segment's number; real ones begin at 1
    at: int = 0  # offset in bytes of the next frame; 0 = before the segment's header
    off: int = 0  # index of the next record


class DamageReason(StrEnum):
    TORN_TAIL = "torn_tail"  # a write that a crash cut short: nobody was promised it
    CORRUPT = "corrupt"  # bytes that were written whole and have changed since
    BAD_HEADER = "bad_header"  # the segment's first 64 bytes are unreadable
    MISSING = "missing"  # a whole segment is gone


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that a reader had to pass over; a copy is in `quarantine/` unless it is a torn tail."""

    path: str
    at: int
    bytes: int
    lost: int | None  # records; None = cannot be known
    reason: DamageReason
