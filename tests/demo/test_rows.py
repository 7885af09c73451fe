from __future__ import annotations

from server.demo.rows import latest_events
from server.model import Withheld
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.samples import NOON, event


def test_the_newest_rows_of_the_demo_come_first(
    connection: Connection, shared_store: EmbeddedStore
) -> None:
    rows = [
        event(1),
        event(3, container_id="other"),
        *(event(number, occurred_at=NOON - number) for number in range(10, 130)),
    ]
    lines = [split_row(encode_row(row))[1] for row in rows]
    insert(connection, "events", lines, token="rows")
    analyst = connect(shared_store, "analyst")
    found = latest_events(analyst)
    analyst.close()
    assert [row["received_at"] - NOON for row in found] == list(range(129, 29, -1))
    assert found[0] == {
        "event_id": "0199c000-0000-7000-8000-000000000129",
        "occurred_at": NOON - 129,
        "received_at": NOON + 129,
        "name": "page_view",
        "path": "",
        "value": None,
        "currency": "",
        "bot": "",
        "consent": {},
        "withheld": [],
    }


def test_a_row_says_what_was_withheld_and_why(
    connection: Connection, shared_store: EmbeddedStore
) -> None:
    row = event(
        2, name="purchase", path="/p", value="24.50", currency="EUR", occurred_at=NOON,
        consent={"ad_storage": "denied"}, withheld=[Withheld(tag="ga4", reason="bot")],
    )  # fmt: skip
    insert(connection, "events", [split_row(encode_row(row))[1]], token="row")
    analyst = connect(shared_store, "analyst")
    [found] = latest_events(analyst)
    analyst.close()
    assert found == {
        "event_id": "0199c000-0000-7000-8000-000000000002",
        "occurred_at": NOON,
        "received_at": NOON + 2,
        "name": "purchase",
        "path": "/p",
        "value": 24.5,
        "currency": "EUR",
        "bot": "",
        "consent": {"ad_storage": "denied"},
        "withheld": [["ga4", "bot"]],
    }
