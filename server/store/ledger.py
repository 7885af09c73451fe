"""What the ledger tells of each tag lately: how much was sent, how late, what failed and why, and
by what partners could recognise who bought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from server.clock import DAY_MS
from server.store.client import Connection

LAST_MS = DAY_MS
PURCHASES_MS = 7 * DAY_MS
MAX_FAILURES = 1_000
"""Rows of reasons: they are words of ours and codes, and few."""

_SINCE = "attempted_at >= fromUnixTimestamp64Milli({since:Int64})"


class Failure(Struct, frozen=True, kw_only=True):
    """A way in which sending did not end well."""

    outcome: str
    reason: str
    number: int


class Told(Struct, kw_only=True):
    """What the ledger tells of one tag."""

    destination: str = ""
    sent: int = 0
    """Attempts that went out, in the last day."""
    delivered: int = 0
    lag_p50_ms: float | None = None
    """From the receipt of the event until it was delivered; of live traffic."""
    lag_p99_ms: float | None = None
    failures: list[Failure] = field(default_factory=list)
    """Of the last day, the most frequent first."""
    purchases: int = 0
    """Delivered in the last seven days."""
    match_keys: dict[str, int] = field(default_factory=dict)
    """How many of these had each."""


class _Day(Struct, frozen=True):
    container_id: str
    tag: str
    destination: str
    sent: int
    delivered: int
    p50: float | None
    p99: float | None


class _Failed(Struct, frozen=True):
    container_id: str
    tag: str
    outcome: str
    reason: str
    number: int


class _Keyed(Struct, frozen=True):
    container_id: str
    tag: str
    key: str
    number: int


def ask_ledger(connection: Connection, *, now: int) -> dict[tuple[str, str], Told]:
    """By container and tag, for those that did anything in the last seven days, on any node."""
    found: dict[tuple[str, str], Told] = {}
    for day in _rows(connection, _Day, _DAY, now - LAST_MS):
        found[day.container_id, day.tag] = Told(
            destination=day.destination,
            sent=day.sent,
            delivered=day.delivered,
            lag_p50_ms=day.p50,
            lag_p99_ms=day.p99,
        )
    for one in _rows(connection, _Failed, _FAILED, now - LAST_MS):
        told = found.setdefault((one.container_id, one.tag), Told())
        told.failures.append(Failure(outcome=one.outcome, reason=one.reason, number=one.number))
    for keyed in _rows(connection, _Keyed, _KEYED, now - PURCHASES_MS):
        told = found.setdefault((keyed.container_id, keyed.tag), Told())
        if keyed.key:
            told.match_keys[keyed.key] = keyed.number
        else:
            told.purchases = keyed.number
    return found


_Row = TypeVar("_Row", bound=Struct)


def _rows(connection: Connection, kind: type[_Row], sql: str, since: int) -> Iterator[_Row]:
    with connection.open() as client:
        answer = client.raw_query(sql, parameters={"since": since}, fmt="JSONEachRow")
    decoder = msgspec.json.Decoder(kind, strict=False)
    return map(decoder.decode, answer.splitlines())


_DAY = (
    "SELECT container_id, tag, any(destination) AS destination, countIf(attempt > 0) AS sent, "
    "countIf(outcome = 'delivered') AS delivered, "
    "quantileTDigestIf(0.5)(lag_ms, outcome = 'delivered') AS p50, "
    "quantileTDigestIf(0.99)(lag_ms, outcome = 'delivered') AS p99 "
    f"FROM freehold.deliveries WHERE {_SINCE} GROUP BY container_id, tag"
)
_FAILED = (
    "SELECT container_id, tag, outcome, reason, count() AS number FROM freehold.deliveries "
    f"WHERE {_SINCE} AND outcome != 'delivered' GROUP BY container_id, tag, outcome, reason "
    f"ORDER BY number DESC, outcome, reason LIMIT {MAX_FAILURES}"
)
_KEYED = (
    "SELECT container_id, tag, key, count() AS number FROM freehold.deliveries "
    "ARRAY JOIN arrayPushFront(arrayMap(one -> toString(one), match_keys), '') AS key "
    f"WHERE {_SINCE} AND event_name = 'purchase' AND outcome = 'delivered' "
    "GROUP BY container_id, tag, key ORDER BY number DESC, key"
)
