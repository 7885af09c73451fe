"""What ClickHouse knows of a tag's past: what was tried, and what visitors have refused since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from server.clock import HOUR_MS
from server.model import NO_VISITOR
from server.store.client import Connection
from server.store.window import Slice, Window

IDS_AT_ONCE = 3_000
_EARLIER_MS = HOUR_MS
"""A clock may have gone back between an event and its attempts."""

Refusals = dict[tuple[str, str], int]
"""Of a visitor, or of a page, and a purpose: when it was refused last, in ms."""


class _Refusal(Struct, frozen=True):
    subject: str
    purpose: str
    at: int


def attempted(
    connection: Connection, container_id: str, tag: str, ids: Sequence[str], *, since: int
) -> set[str]:
    """Those of the event ids of which the ledger has a row for the tag, whatever came of it;
    the events were received since a time in ms."""
    return {
        found
        for start in range(0, len(ids), IDS_AT_ONCE)
        for found in _attempted(connection, (container_id, tag), ids[start:][:IDS_AT_ONCE], since)
    }


def _attempted(
    connection: Connection, tag: tuple[str, str], ids: Sequence[str], since: int
) -> Iterator[str]:
    with connection.open() as client:
        result = client.query(
            "SELECT DISTINCT toString(event_id) FROM freehold.deliveries "
            "WHERE container_id = {container:String} AND tag = {tag:String} "
            "AND attempted_at >= fromUnixTimestamp64Milli({since:Int64}) "
            "AND event_id IN {ids:Array(UUID)}",
            parameters={
                "container": tag[0],
                "tag": tag[1],
                "since": since - _EARLIER_MS,
                "ids": list(ids),
            },
        )
    for (event_id,) in result.result_rows:
        yield str(event_id)


def refusals(
    connection: Connection, window: Window, part: Slice, purposes: Sequence[str]
) -> Refusals:
    """What the visitors of a slice, and its pages where they told of a change, have refused since
    it began; until now, not until its end."""
    if not purposes:
        return {}
    slice_of = (
        "SELECT {column} FROM freehold.events WHERE container_id = {{container:String}} "
        "AND received_at >= fromUnixTimestamp64Milli({{since:Int64}}) "
        "AND received_at < fromUnixTimestamp64Milli({{until:Int64}})"
    )
    ours = (
        "SELECT toString({column}) AS subject, purpose, max(received_at) AS last "
        "FROM freehold.events ARRAY JOIN {{purposes:Array(String)}} AS purpose "
        "WHERE container_id = {{container:String}} AND consent[purpose] = 'denied' "
        "AND received_at >= fromUnixTimestamp64Milli({{since:Int64}}) "
        f"AND {{column}} IN ({slice_of}) AND {{only}} GROUP BY subject, purpose"
    )
    visitors = ours.format(column="visitor_id", only=f"visitor_id != '{NO_VISITOR}'")
    pages = ours.format(column="page_id", only="page_id != 0 AND name = 'consent_update'")
    with connection.open() as client:
        answer = client.raw_query(
            "SELECT subject, purpose, toUnixTimestamp64Milli(last) AS at "
            f"FROM ({visitors} UNION ALL {pages})",
            parameters={
                "container": window.container_id,
                "since": part.since,
                "until": part.until,
                "purposes": list(purposes),
            },
            fmt="JSONEachRow",
        )
    found = (_REFUSAL.decode(line) for line in answer.splitlines())
    return {(one.subject, one.purpose): one.at for one in found}


_REFUSAL = msgspec.json.Decoder(_Refusal, strict=False)
