"""Rows as they lie in the store's spool and go to ClickHouse: a table's name and one JSON line.

    b"events\\t" + b'{"event_id":"…","occurred_at":1700000000.123,…}'

The struct's fields are the table's columns. A row is encoded once, by the sorter; the loader
joins lines and sends them as JSONEachRow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from server.model import Event, EventContext, Position, Reject

TABLES: dict[type[msgspec.Struct], str] = {
    Event: "events",
    EventContext: "event_context",
    Reject: "rejects",
}
_TIMES = ("occurred_at", "received_at", "client_at")
_JSON = msgspec.json.Encoder()


class _Place(msgspec.Struct):
    src: int
    off: int
    idx: int


_PLACE = msgspec.json.Decoder(_Place)


def encode_row(row: Event | EventContext | Reject) -> bytes:
    """One row for the spool."""
    fields: dict[str, Any] = msgspec.structs.asdict(row)
    for name in _TIMES:
        if fields.get(name) is not None:
            fields[name] /= 1000
    return TABLES[type(row)].encode() + b"\t" + _JSON.encode(fields)


def split_row(row: bytes) -> tuple[str, bytes]:
    """A spooled row's table and its JSON line."""
    table, _, line = row.partition(b"\t")
    return table.decode(), line


def position_of(line: bytes) -> Position:
    """The position that every row carries."""
    place = _PLACE.decode(line)
    return Position(src=place.src, off=place.off, idx=place.idx)


class _Resend(_Place):
    event_id: str
    resend: int


_RESEND = msgspec.json.Decoder(_Resend)


def resends(lines: Iterable[bytes]) -> dict[str, tuple[Position, bytes]]:
    """Lines of `events` that the tag had sent before, by event id."""
    found: dict[str, tuple[Position, bytes]] = {}
    for line in lines:
        if b'"resend":0,"page_id"' in line:  # nearly all; saves decoding them
            continue
        row = _RESEND.decode(line)
        if row.resend:
            found[row.event_id] = Position(src=row.src, off=row.off, idx=row.idx), line
    return found
