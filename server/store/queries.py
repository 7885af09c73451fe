"""Questions to ClickHouse that are not the loader's: ids seen before, and what people ask."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence

import msgspec

from server.delivery import Attempt
from server.model import Event, EventContext, Position
from server.store.client import Connection
from server.store.rows import Head
from server.store.stored import CONTEXTS, EVENTS, decode_context, decode_event, in_ms

READ_ONLY = {"readonly": 1}
_FORMAT = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
# Each question reads the ids of a week, so as many as fit are asked for at once: ClickHouse takes
# 128 KiB a value.
IDS_AT_ONCE = 3_000
_ATTEMPT = msgspec.json.Decoder(Attempt, strict=False)


def copies_elsewhere(connection: Connection, heads: Sequence[Head], *, since: int) -> set[Position]:
    """Positions of those heads whose event, of the same container, `events` has at another
    position, received since a time in ms. What is no event id is nowhere."""
    heads = [head for head in heads if _is_uuid(head.id)]
    return {
        position
        for start in range(0, len(heads), IDS_AT_ONCE)
        for position in _copies(connection, heads[start : start + IDS_AT_ONCE], since)
    }


def _copies(connection: Connection, heads: Sequence[Head], since: int) -> Iterator[Position]:
    asked = {(head.container_id, head.id): head.position for head in heads}
    with connection.open() as client:
        result = client.query(
            "SELECT container_id, toString(event_id), src, off, idx FROM freehold.events "
            "WHERE event_low IN {halves:Array(UInt64)} AND event_id IN {ids:Array(UUID)} "
            "AND received_at >= fromUnixTimestamp64Milli({since:Int64})",
            parameters={
                "ids": [head.id for head in heads],
                "halves": [half(head.id) for head in heads],
                "since": since,
            },
        )
    for container_id, event_id, src, off, idx in result.result_rows:
        position = asked.get((container_id, event_id))
        if position is not None and position != Position(src=src, off=off, idx=idx):
            yield position


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def ask(connection: Connection, sql: str, *, fmt: str) -> Iterator[bytes]:
    """A question's answer in pieces, as ClickHouse formats it; a FORMAT in the question wins."""
    own = _FORMAT.search(sql)
    with connection.open() as client, client.raw_stream(sql, fmt=None if own else fmt) as stream:
        while piece := stream.read(65_536):
            yield piece


def find_event(connection: Connection, event_id: str) -> Event | None:
    """The row of one event."""
    sql = f"{EVENTS} WHERE event_low = {{half:UInt64}} AND event_id = {{id:UUID}}"
    lines = _lines(connection, sql, event_id)
    return decode_event(lines[0]) if lines else None


def find_context(connection: Connection, event_id: str) -> EventContext | None:
    """What is kept beside one event; ours alone to ask."""
    lines = _lines(connection, f"{CONTEXTS} WHERE event_id = {{id:UUID}}", event_id)
    return decode_context(lines[0]) if lines else None


def find_attempts(connection: Connection, event_id: str) -> list[Attempt]:
    """All attempts to give one event to a partner, in their order."""
    sql = (
        f"SELECT * REPLACE ({in_ms('attempted_at', 'occurred_at', 'next_at')}) "
        "FROM freehold.deliveries WHERE event_id = {id:UUID}"
    )
    attempts = [_ATTEMPT.decode(line) for line in _lines(connection, sql, event_id)]
    return sorted(attempts, key=lambda one: (one.attempted_at, one.src, one.off))


def _lines(connection: Connection, sql: str, event_id: str) -> list[bytes]:
    """Rows of one event, a line of JSON each."""
    with connection.open() as client:
        answer = client.raw_query(
            f"{sql} LIMIT 1000",
            parameters={"id": event_id, "half": half(event_id)},
            fmt="JSONEachRow",
        )
    return answer.splitlines()


def half(event_id: str) -> int:
    """The column `event_low`, which has the index, of an event id."""
    return uuid.UUID(event_id).int & (1 << 64) - 1
