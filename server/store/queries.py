"""Questions to ClickHouse that are not the loader's: ids seen before, and what people ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from server.model import Position
from server.store.client import Connection
from server.store.rows import Head

READ_ONLY = {"readonly": 1}
_FORMAT = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
# Ids travel in the URL, of which ClickHouse takes 128 KiB a value.
IDS_AT_ONCE = 1_000


def copies_elsewhere(connection: Connection, heads: Sequence[Head], *, since: int) -> set[Position]:
    """Positions of those heads whose event, of the same container, `events` has at another
    position, received since a time in ms."""
    return {
        position
        for start in range(0, len(heads), IDS_AT_ONCE)
        for position in _copies(connection, heads[start : start + IDS_AT_ONCE], since)
    }


def _copies(connection: Connection, heads: Sequence[Head], since: int) -> Iterator[Position]:
    asked = {(head.container_id, head.event_id): head.position for head in heads}
    with connection.open() as client:
        result = client.query(
            "SELECT container_id, toString(event_id), src, off, idx FROM freehold.events "
            "WHERE event_id IN {ids:Array(UUID)} "
            "AND received_at >= fromUnixTimestamp64Milli({since:Int64})",
            parameters={"ids": [head.event_id for head in heads], "since": since},
        )
    for container_id, event_id, src, off, idx in result.result_rows:
        position = asked.get((container_id, event_id))
        if position is not None and position != Position(src=src, off=off, idx=idx):
            yield position


def ask(connection: Connection, sql: str, *, fmt: str) -> Iterator[bytes]:
    """A question's answer in pieces, as ClickHouse formats it; a FORMAT in the question wins."""
    own = _FORMAT.search(sql)
    with connection.open() as client, client.raw_stream(sql, fmt=None if own else fmt) as stream:
        while piece := stream.read(65_536):
            yield piece
