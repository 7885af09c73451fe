"""Rows as they lie in the store's spool and go to ClickHouse: a table's name and one JSON line.

    b"events\\t" + b'{"id":"…","occurred_at":1700000000.123,…}'

The struct's fields are the table's columns, but for the identity of an event: it is written as
`id`, which `events` takes apart and puts together again as `event_id`. A row is encoded once, by
the sorter; the loader joins lines and sends them as JSONEachRow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from server.delivery import Attempt
from server.model import Event, EventContext, Position, Reject
from server.publication import Trace

TABLES: dict[type[msgspec.Struct], str] = {
    Event: "events",
    EventContext: "event_context",
    Reject: "rejects",
    Attempt: "deliveries",
    Trace: "traces",
}
BESIDE = ("event_context", "traces")
"""Tables of rows that some events have beside their own, at the same position."""
TIME_COLUMNS = {"deliveries": "attempted_at"}
"""Where a table's rows stand in time, if not by `received_at`."""
_TIMES: dict[type[msgspec.Struct], tuple[str, ...]] = {
    Event: ("occurred_at", "received_at"),
    EventContext: ("received_at",),
    Reject: ("received_at",),
    Attempt: ("attempted_at", "occurred_at", "next_at"),
    Trace: ("received_at",),
}
COLUMNS = {
    table: tuple("id" if table == "events" and name == "event_id" else name for name in fields)
    for table, fields in ((name, kind.__struct_fields__) for kind, name in TABLES.items())
}
"""What a table is given, in the order of its columns."""
_KINDS = {kind: (table.encode() + b"\t", _TIMES[kind]) for kind, table in TABLES.items()}
_OF_TABLE = {table: kind for kind, table in TABLES.items()}
_EVENT_ID, _ID = b'{"event_id":', b'{"id":'
_JSON = msgspec.json.Encoder()


class Head(msgspec.Struct, frozen=True, gc=False):
    """What every row begins with, as far as loading needs it; times are in seconds."""

    src: int
    off: int
    idx: int
    container_id: str
    received_at: float = 0.0
    attempted_at: float = 0.0
    id: str = ""
    """Of an event, its identity."""
    resend: int = 0

    @property
    def at(self) -> float:
        """When it came to be."""
        return self.received_at or self.attempted_at

    @property
    def position(self) -> Position:
        """Where it stands in the journals."""
        return Position(src=self.src, off=self.off, idx=self.idx)


_HEAD = msgspec.json.Decoder(Head)


def head_of(line: bytes) -> Head:
    """The head of a JSON line."""
    return _HEAD.decode(line)


def each_once(lines: Iterable[bytes]) -> dict[bytes, Head]:
    """The lines, and what each begins with; of several at one position the first: after a lost
    state the same journal is sorted again."""
    rows: dict[bytes, Head] = {}
    places: set[tuple[int, int, int]] = set()
    for line in lines:
        head = head_of(line)
        place = (head.src, head.off, head.idx)
        if place not in places:
            places.add(place)
            rows[line] = head
    return rows


def has_resends(lines: Iterable[bytes]) -> bool:
    """Whether the tag had sent any of these events before; false alarms cost a look-up."""
    return any(b'"resend":' in line for line in lines)


def encode_row(row: Event | EventContext | Reject | Attempt | Trace) -> bytes:
    """One row for the spool. What an event does not say is not written: the columns' defaults are
    the struct's."""
    prefix, times = _KINDS[type(row)]
    seconds = {name: at / 1000 for name in times if (at := getattr(row, name)) is not None}
    line = _JSON.encode(replace(row, **seconds))
    if isinstance(row, Event):
        line = _ID + line.removeprefix(_EVENT_ID)
    return prefix + line


def decode_row(row: bytes) -> msgspec.Struct:
    """What was encoded, for people who ask; raises msgspec.DecodeError, ValidationError."""
    table, line = split_row(row)
    kind = _OF_TABLE[table]
    fields = msgspec.json.decode(line, type=dict[str, Any])
    for name in _TIMES[kind]:
        if fields.get(name) is not None:
            fields[name] = round(fields[name] * 1000)
    if kind is Event:
        fields["event_id"] = fields.pop("id")
    return msgspec.convert(fields, kind)


def split_row(row: bytes) -> tuple[str, bytes]:
    """A spooled row's table and its JSON line."""
    table, _, line = row.partition(b"\t")
    return table.decode(), line
