from __future__ import annotations

import pytest

from server.clock import HOUR_MS
from server.delivery import Attempt
from server.model import NO_VISITOR, Event
from server.store import past
from server.store.client import Connection
from server.store.insert import insert
from server.store.past import attempted, refusals
from server.store.rows import encode_row, split_row
from server.store.window import Slice, Window
from tests.samples import NOON, VISITOR_ID, attempt, event

WINDOW = Window(container_id="demo", since=NOON, until=NOON + HOUR_MS)
OTHER = "11111111-0000-4000-8000-000000000001"
REFUSED = {"ad_storage": "denied", "analytics_storage": "granted"}


def load(connection: Connection, *rows: Event | Attempt) -> None:
    for number, row in enumerate(rows):
        table, line = split_row(encode_row(row))
        insert(connection, table, [line], token=f"{table}/{number}")


def test_what_the_ledger_has_a_row_of_was_tried_whatever_came_of_it(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "IDS_AT_ONCE", 2)
    ids = [event(number).event_id for number in range(6)]
    load(
        connection,
        attempt(1, event_id=ids[0], outcome="delivered"),
        attempt(2, event_id=ids[1], outcome="retry"),
        attempt(3, event_id=ids[2], outcome="withheld", attempt=0),
        attempt(4, event_id=ids[3], tag="other"),
        attempt(5, event_id=ids[4], container_id="shop"),
    )
    assert attempted(connection, "demo", "ga4", ids, since=NOON) == set(ids[:3])
    assert attempted(connection, "demo", "ga4", [], since=NOON) == set()


def found(connection: Connection, *rows: Event) -> dict[tuple[str, str], int]:
    load(connection, *rows)
    part = Slice(since=NOON, until=NOON + 1_000, rows=0)
    return refusals(connection, WINDOW, part, ("ad_storage", "analytics_storage"))


def test_the_last_refusal_of_the_slice_s_visitors_counts_also_after_the_slice(
    connection: Connection,
) -> None:
    rows = (
        event(1, consent={"ad_storage": "granted"}),
        event(2, received_at=NOON + 5_000, consent=REFUSED),
        event(3, received_at=NOON + 9_000, consent=REFUSED),
        event(4, received_at=NOON + 5_000, visitor_id=OTHER, consent=REFUSED),  # not of the slice
        event(5, container_id="shop", received_at=NOON + 99_000, consent=REFUSED),
        event(6, visitor_id=NO_VISITOR, page_id="7", consent=REFUSED),
        event(7, visitor_id=NO_VISITOR, page_id="8", received_at=NOON + 4_000, consent=REFUSED),
    )
    assert found(connection, *rows) == {(VISITOR_ID, "ad_storage"): NOON + 9_000}


def test_a_page_speaks_for_itself_where_it_tells_of_a_change(connection: Connection) -> None:
    changed = event(
        2,
        name="consent_update",
        visitor_id=NO_VISITOR,
        page_id="18446744073709551615",
        received_at=NOON + 7_000,
        consent=REFUSED,
    )
    before = event(1, visitor_id=OTHER, page_id="18446744073709551615")
    assert found(connection, before, changed) == {
        ("18446744073709551615", "ad_storage"): NOON + 7_000
    }


def test_without_purposes_nothing_is_asked() -> None:
    part = Slice(since=NOON, until=NOON + 1, rows=0)
    nobody: Connection = None  # type: ignore[assignment]
    assert refusals(nobody, WINDOW, part, ()) == {}
