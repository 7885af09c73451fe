from __future__ import annotations

from server.clock import DAY_MS
from server.store.client import Connection
from server.store.insert import insert
from server.store.ledger import Failure, Told, ask_ledger
from server.store.rows import encode_row, split_row
from tests.samples import NOON, attempt

NOW = NOON + 60_000


def load(connection: Connection, *rows: dict[str, object]) -> None:
    made = [attempt(number, **{"attempt": 1, **row}) for number, row in enumerate(rows, 1)]
    insert(connection, "deliveries", [split_row(encode_row(one))[1] for one in made], token="l")


def test_the_last_day_is_told_by_tag_and_what_failed_by_reason(connection: Connection) -> None:
    delivered = {"outcome": "delivered", "reason": "", "status": 204}
    load(
        connection,
        *({**delivered, "lag_ms": ms} for ms in (100, 200, 300)),
        {**delivered, "lag_ms": None},  # of a back-fill
        {},
        {},
        {"outcome": "withheld", "reason": "withdrawn:ad_storage", "attempt": 0},
        {"tag": "hook", "destination": "webhook", "outcome": "refused", "reason": "http_422"},
        {**delivered, "tag": "hook", "attempted_at": NOW - DAY_MS - 1},
    )
    found = ask_ledger(connection, now=NOW)
    assert found["demo", "hook"] == Told(
        destination="webhook",
        sent=1,
        failures=[Failure(outcome="refused", reason="http_422", number=1)],
    )
    ga4 = found["demo", "ga4"]
    assert (ga4.destination, ga4.sent, ga4.delivered) == ("ga4", 6, 4)
    assert ga4.lag_p50_ms == 200
    assert ga4.lag_p99_ms is not None
    assert 200 < ga4.lag_p99_ms <= 300
    assert ga4.failures == [
        Failure(outcome="retry", reason="http_503", number=2),
        Failure(outcome="withheld", reason="withdrawn:ad_storage", number=1),
    ]


def test_purchases_of_the_last_week_are_told_with_their_match_keys(connection: Connection) -> None:
    bought = {"event_name": "purchase", "outcome": "delivered", "attempted_at": NOW - 6 * DAY_MS}
    load(
        connection,
        {**bought, "match_keys": ("email", "click_id")},
        {**bought, "match_keys": ("email",)},
        bought,
        {**bought, "attempted_at": NOW - 8 * DAY_MS, "match_keys": ("email",)},
        {**bought, "event_name": "page_view", "match_keys": ("email",)},
        {**bought, "outcome": "retry", "match_keys": ("email",)},
    )
    told = ask_ledger(connection, now=NOW)["demo", "ga4"]
    assert (told.purchases, told.match_keys) == (3, {"email": 2, "click_id": 1})
    assert (told.sent, told.failures) == (0, [])


def test_an_empty_ledger_tells_nothing(connection: Connection) -> None:
    assert ask_ledger(connection, now=NOW) == {}
