"""Questions to ClickHouse that are not the loader's: ids seen before, and what people ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.model import Position
from server.store.client import Connection

READ_ONLY = {"readonly": 1}


def copies_elsewhere(
    connection: Connection, positions: Mapping[str, Position], *, since: int
) -> set[str]:
    """Which of these event ids `events` has at another position, received since a time in ms."""
    with connection.open() as client:
        result = client.query(
            "SELECT toString(event_id), src, off, idx FROM freehold.events "
            "WHERE event_id IN {ids:Array(UUID)} "
            "AND received_at >= fromUnixTimestamp64Milli({since:Int64})",
            parameters={"ids": list(positions), "since": since},
        )
    return {
        event_id
        for event_id, src, off, idx in result.result_rows
        if positions[event_id] != Position(src=src, off=off, idx=idx)
    }


def ask(connection: Connection, sql: str, *, fmt: str) -> Iterator[bytes]:
    """A question's answer as ClickHouse formats it, in pieces."""
    with connection.open() as client, client.raw_stream(sql, fmt=fmt) as stream:
        while piece := stream.read(65_536):
            yield piece
