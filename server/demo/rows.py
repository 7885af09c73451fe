"""Asks ClickHouse for the demo's newest events, for the recorder's page."""

from __future__ import annotations

from typing import Any

import msgspec

from server.store.client import Connection
from server.store.queries import ask

_SQL = """
SELECT
    toString(event_id)                               AS event_id,
    toFloat64(toUnixTimestamp64Milli(occurred_at))   AS occurred_at,
    toFloat64(toUnixTimestamp64Milli(received_at))   AS received_at,
    name,
    path,
    toFloat64(value)                                 AS value,
    currency,
    bot,
    consent,
    arrayMap(one -> [one.tag, one.reason], withheld) AS withheld
FROM freehold.events
WHERE container_id = 'demo'
ORDER BY freehold.events.received_at DESC, freehold.events.occurred_at DESC, idx DESC
LIMIT 100
"""


def latest_events(connection: Connection) -> list[dict[str, Any]]:
    """The last hundred that were received, newest first; times in ms."""
    answer = b"".join(ask(connection, _SQL, fmt="JSONEachRow"))
    return [msgspec.json.decode(line) for line in answer.splitlines()]
