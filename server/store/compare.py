"""What a table holds of the journals' segments, counted by position; for deep reconciliation.

A position's place in its segment is one number, `off * 65536 + idx`. The digest of a set of places
is the sum of a mixed value of each: it does not depend on their order, ClickHouse and Python make
the same of the same places, and a row that is there twice counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from server.clock import DAY_MS, HOUR_MS
from server.model import Position
from server.store.client import Connection
from server.store.insert import DATABASE
from server.store.rows import TIME_COLUMNS, Head

PLACE = "(toUInt64(off) * 65536 + idx)"
_FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_WORD = (1 << 64) - 1
_ONCE = f"({PLACE} * toUInt64({_FIRST}))"
_DIGEST = f"sum(bitXor({_ONCE}, bitShiftRight({_ONCE}, 32)) * toUInt64({_SECOND}))"
LATEST_MS = 7 * DAY_MS + HOUR_MS
"""How long before its receipt an event can have happened, clamped so by the dialects."""
NOT_SPOOLED = {"rejects": "reason != 'store_refused'"}
"""Rows that the loader itself made: no spool has them."""


class Span(Struct, frozen=True, kw_only=True):
    """A stretch of one journal segment in one table."""

    src: int
    low: int
    """The first place."""
    high: int
    """The last place."""
    begin: int
    """The earliest time of a row in it, in ms."""
    end: int
    """The latest."""


class Held(Struct, frozen=True, kw_only=True):
    """What a table holds of a span."""

    rows: int = 0
    digest: int = 0


class Twice(Struct, frozen=True, kw_only=True):
    """One superfluous row: its position, and where it lies now."""

    position: Position
    part: str
    row: int


def place_of(off: int, idx: int) -> int:
    """The place of a position in its segment."""
    return off << 16 | idx


def mixed(place: int) -> int:
    """What one place adds to a digest, modulo 2**64."""
    once = place * _FIRST & _WORD
    return (once ^ once >> 32) * _SECOND & _WORD


def holds(connection: Connection, table: str, heads: Iterable[Head]) -> bool:
    """Whether the table has these positions and no others between the first and the last of each
    source; cheaper than to ask which are missing, and a reason to ask it when it says no."""
    spans: dict[int, Span] = {}
    expected: dict[int, Held] = {}
    for src, own in groupby(sorted(heads, key=_source), key=_source):
        those = list(own)
        places_ = [place_of(head.off, head.idx) for head in those]
        times = [head.at for head in those]
        spans[src] = Span(
            src=src,
            low=min(places_),
            high=max(places_),
            begin=int(min(times) * 1000) - 1,
            end=int(max(times) * 1000) + 1,
        )
        digest = sum(map(mixed, places_)) & _WORD
        expected[src] = Held(rows=len(those), digest=digest)
    return held(connection, table, list(spans.values())) == expected


def _source(head: Head) -> int:
    return head.src


def held(
    connection: Connection, table: str, spans: Sequence[Span], *, without: str = ""
) -> dict[int, Held]:
    """What the table holds of each span, by its source; nothing of it: no entry. `without` names a
    part that is left out, and not read."""
    with connection.open() as client:
        result = client.query(
            f"SELECT src, count(), {_DIGEST} FROM {DATABASE}.{table} "
            f"WHERE {_inside(table)} AND _part != {{without:String}} GROUP BY src",
            parameters={**_parameters(spans), "without": without},
        )
    return {src: Held(rows=rows, digest=digest) for src, rows, digest in result.result_rows}


def places(connection: Connection, table: str, spans: Sequence[Span]) -> dict[int, int]:
    """How many different places of each span the table has."""
    with connection.open() as client:
        result = client.query(
            f"SELECT src, uniqExact({PLACE}) FROM {DATABASE}.{table} "
            f"WHERE {_inside(table)} GROUP BY src",
            parameters=_parameters(spans),
        )
    return {row[0]: row[1] for row in result.result_rows}


def twice(connection: Connection, table: str, span: Span, *, limit: int) -> Iterator[Twice]:
    """Rows whose position the table has more than once, all but one of each."""
    with connection.open() as client:
        result = client.query(
            "SELECT off, idx, arraySort(groupArray((_part, _part_offset))) "
            f"FROM {DATABASE}.{table} WHERE {_inside(table)} "
            "GROUP BY off, idx HAVING count() > 1 ORDER BY off, idx LIMIT {limit:UInt32}",
            parameters={**_parameters([span]), "limit": limit},
        )
    for off, idx, copies in result.result_rows:
        for part, row in copies[1:]:
            yield Twice(position=Position(src=span.src, off=off, idx=idx), part=part, row=row)


def refused(connection: Connection, src: int, *, since: int) -> set[Position]:
    """Positions of one source whose rows ClickHouse refused, so that they are in `rejects`."""
    with connection.open() as client:
        result = client.query(
            f"SELECT off, idx FROM {DATABASE}.rejects WHERE src = {{src:UInt64}} "
            "AND received_at >= fromUnixTimestamp64Milli({since:Int64}) "
            "AND reason = 'store_refused'",
            parameters={"src": src, "since": since},
        )
    return {Position(src=src, off=off, idx=idx) for off, idx in result.result_rows}


def _inside(table: str) -> str:
    """The condition that a row is of one of the spans. The times spare ClickHouse whole partitions
    and, `events` being in the order of occurred_at, most of a month."""
    time = TIME_COLUMNS.get(table, "received_at")
    conditions = [
        "src IN {srcs:Array(UInt64)}",
        f"{time} BETWEEN fromUnixTimestamp64Milli({{begin:Int64}}) "
        "AND fromUnixTimestamp64Milli({end:Int64})",
        f"{PLACE} BETWEEN transform(src, {{srcs:Array(UInt64)}}, {{lows:Array(UInt64)}}, "
        "toUInt64(1)) AND transform(src, {srcs:Array(UInt64)}, {highs:Array(UInt64)}, toUInt64(0))",
    ]
    if table == "events":
        conditions.append(
            f"occurred_at BETWEEN fromUnixTimestamp64Milli({{begin:Int64}} - {LATEST_MS}) "
            f"AND fromUnixTimestamp64Milli({{end:Int64}} + {HOUR_MS})"
        )
    return " AND ".join([*conditions, *filter(None, [NOT_SPOOLED.get(table)])])


def _parameters(spans: Sequence[Span]) -> dict[str, object]:
    return {
        "srcs": [span.src for span in spans],
        "lows": [span.low for span in spans],
        "highs": [span.high for span in spans],
        "begin": min(span.begin for span in spans),
        "end": max(span.end for span in spans),
    }
