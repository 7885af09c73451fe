"""The same event stored at two positions: what was sent again and slipped through another node.

ClickHouse looks for it a slice of all event ids at a time, so that its memory stays bounded
however many events there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from server.model import Position
from server.store.client import Connection
from server.store.insert import DATABASE

SLICE_ROWS = 4_000_000
MAX_SLICES = 16
LIMIT = 20_000
"""Rows at most of one slice; what is beyond them is found the next time."""
_SETTINGS = {"max_bytes_before_external_group_by": 256 * 1024 * 1024}
_KEY = "cityHash64(container_id, event_id)"
_SINCE = "received_at >= fromUnixTimestamp64Milli({since:Int64})"


def slices(connection: Connection, *, since: int) -> int:
    """In how many slices to look at what was received since a time in ms."""
    with connection.open() as client:
        result = client.query(
            f"SELECT count() FROM {DATABASE}.events WHERE {_SINCE}", parameters={"since": since}
        )
    return min(MAX_SLICES, 1 + int(result.result_rows[0][0]) // SLICE_ROWS)


def copied(connection: Connection, *, since: int, number: int, count: int) -> Iterator[Position]:
    """Superfluous positions in one slice of several: of each event, of each container, all but the
    one that was received first."""
    inside = f"{_SINCE} AND {_KEY} % {{count:UInt64}} = {{number:UInt64}}"
    with connection.open() as client:
        result = client.query(
            f"SELECT container_id, event_id, src, off, idx FROM {DATABASE}.events "
            f"WHERE {inside} AND {_KEY} IN (SELECT {_KEY} FROM {DATABASE}.events "
            f"WHERE {inside} GROUP BY {_KEY} HAVING count() > 1) "
            f"ORDER BY container_id, event_id, received_at, src, off, idx LIMIT {LIMIT}",
            parameters={"since": since, "number": number, "count": count},
            settings=_SETTINGS,
        )
    for _, rows in groupby(result.result_rows, key=lambda row: row[:2]):
        positions = [Position(src=src, off=off, idx=idx) for _, _, src, off, idx in rows]
        yield from {one: None for one in positions if one != positions[0]}


def still_there(connection: Connection, table: str, positions: Sequence[Position]) -> int:
    """How many of some positions a table has."""
    listed = ", ".join(f"({one.src}, {one.off}, {one.idx})" for one in positions)
    with connection.open() as client:
        result = client.query(
            f"SELECT uniqExact(src, off, idx) FROM {DATABASE}.{table} "
            f"WHERE (src, off, idx) IN ({listed})"
        )
    return int(result.result_rows[0][0])
