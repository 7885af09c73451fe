"""Questions to ClickHouse that are not the loader's: ids seen before, and what people ask."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from server.delivery import Attempt
from server.model import Event, Position
from server.store.client import Connection
from server.store.rows import Head

READ_ONLY = {"readonly": 1}
_FORMAT = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
# Each question reads the ids of a week, so as many as fit are asked for at once: ClickHouse takes
# 128 KiB a value.
IDS_AT_ONCE = 3_000


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
    sql = (
        "SELECT event_id, * REPLACE (if(page_id = 0, '', toString(page_id)) AS page_id, "
        f"{_in_ms('occurred_at', 'received_at')}) FROM freehold.events "
        "WHERE event_low = {half:UInt64} AND event_id = {id:UUID}"
    )
    rows = _rows(connection, sql, event_id)
    for row in rows:
        row["value"] = _money(row["value"])
        for item in row["items"]:
            item |= {name: _money(item[name]) for name in ("price", "discount")}
    return msgspec.convert(rows[0], Event, strict=False) if rows else None


def find_attempts(connection: Connection, event_id: str) -> list[Attempt]:
    """All attempts to give one event to a partner, in their order."""
    sql = (
        f"SELECT * REPLACE ({_in_ms('attempted_at', 'occurred_at', 'next_at')}) "
        "FROM freehold.deliveries WHERE event_id = {id:UUID}"
    )
    rows = _rows(connection, sql, event_id)
    attempts = [msgspec.convert(row, Attempt, strict=False) for row in rows]
    return sorted(attempts, key=lambda one: (one.attempted_at, one.src, one.off))


def _rows(connection: Connection, sql: str, event_id: str) -> list[dict[str, Any]]:
    """Rows of one event, times in ms as everywhere in Python."""
    with connection.open() as client:
        answer = client.raw_query(
            f"{sql} LIMIT 1000",
            parameters={"id": event_id, "half": half(event_id)},
            fmt="JSONEachRow",
        )
    return [msgspec.json.decode(line) for line in answer.splitlines()]


def half(event_id: str) -> int:
    """The column `event_low`, which has the index, of an event id."""
    return uuid.UUID(event_id).int & (1 << 64) - 1


def _in_ms(*times: str) -> str:
    return ", ".join(f"toUnixTimestamp64Milli({name}) AS {name}" for name in times)


def _money(amount: float | None) -> str | None:
    """Decimal text with four places, as an Event has it."""
    return None if amount is None else f"{amount:.4f}"
