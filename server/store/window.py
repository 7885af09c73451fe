"""Events of a container that were received within a time, with what is kept beside them, in blocks
of bounded size.

    counts by second ──▶ slices of MAX_ROWS ──▶ a question each ──▶ events in the order of receipt
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from server.model import NO_VISITOR, Event, EventContext
from server.store.client import Connection
from server.store.stored import CONTEXTS, EVENTS, decode_context, decode_event

MAX_ROWS = 20_000
"""In a block, unless more came within one second."""
_SHARES = 10_000
# A visitor is in a sample with all events, or limits would be counted wrong.
_OF_SAMPLE = (
    "NOT is_preview AND cityHash64("
    f"if(visitor_id = '{NO_VISITOR}', toString(events.page_id), toString(visitor_id))"
    f") % {_SHARES} < {{share:UInt32}}"
)


class Window(Struct, frozen=True, kw_only=True):
    """Which events: received from `since` until before `until`, ms UTC, without previews."""

    container_id: str
    since: int
    until: int
    sample: float = 1.0
    """The part of all visitors that is looked at, the same ones each time."""


class Slice(Struct, frozen=True, kw_only=True):
    """A part of the window, and how many events it has."""

    since: int
    until: int
    rows: int


class Kept(Struct, frozen=True, kw_only=True):
    """An event, and what is kept beside it."""

    event: Event
    context: EventContext | None = None


class _Second(Struct, frozen=True):
    second: int
    rows: int


def slices(connection: Connection, window: Window) -> list[Slice]:
    """The window in parts of some MAX_ROWS events, in the order of time; without those that have
    none."""
    lines = _ask(
        connection,
        "SELECT intDiv(toUnixTimestamp64Milli(received_at), 1000) AS second, count() AS rows "
        f"FROM freehold.events WHERE {_of_window('events')} AND {_OF_SAMPLE} "
        "GROUP BY second ORDER BY second",
        window,
    )
    parts: list[Slice] = []
    since, rows = window.since, 0
    for line in lines:
        one = _SECOND.decode(line)
        if rows and rows + one.rows > MAX_ROWS:
            parts.append(Slice(since=since, until=one.second * 1000, rows=rows))
            since, rows = one.second * 1000, 0
        rows += one.rows
    return [*parts, Slice(since=since, until=window.until, rows=rows)] if rows else parts


def read_slice(connection: Connection, window: Window, part: Slice) -> Iterator[Kept]:
    """The events of a slice as they were received; those of one hit in their order."""
    part_of = msgspec.structs.replace(window, since=part.since, until=part.until)
    of_window = _of_window("event_context")
    contexts = {
        (one.src, one.off, one.idx): one
        for one in map(decode_context, _ask(connection, f"{CONTEXTS} WHERE {of_window}", part_of))
    }
    where = f"{_of_window('events')} AND {_OF_SAMPLE}"
    lines = _ask(
        connection, f"{EVENTS} WHERE {where} ORDER BY events.received_at, src, off, idx", part_of
    )
    for line in lines:
        event = decode_event(line)
        yield Kept(event=event, context=contexts.get((event.src, event.off, event.idx)))


def _ask(connection: Connection, sql: str, window: Window) -> list[bytes]:
    with connection.open() as client:
        answer = client.raw_query(
            sql,
            parameters={
                "container": window.container_id,
                "since": window.since,
                "until": window.until,
                "share": round(window.sample * _SHARES),
            },
            fmt="JSONEachRow",
        )
    return answer.splitlines()


_SECOND = msgspec.json.Decoder(_Second, strict=False)


def _of_window(table: str) -> str:
    """The columns are the table's: a question may give others the same names."""
    return (
        "container_id = {container:String} "
        f"AND {table}.received_at >= fromUnixTimestamp64Milli({{since:Int64}}) "
        f"AND {table}.received_at < fromUnixTimestamp64Milli({{until:Int64}})"
    )
