"""The example queries of clickhouse/queries, each as the analyst asks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from server.model import Event
from server.resources import resource
from server.store.client import Connection
from server.store.insert import insert
from server.store.queries import ask
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.samples import NOON, VISITOR_ID, attempt, event

FOLDER = resource("clickhouse", "queries")
MINUTE = 60_000
HOUR = 60 * MINUTE
SECOND_VISITOR = "1c7f3f7f-7b2d-4b68-9e1d-1e6f1f4b0d22"
NOBODY = "00000000-0000-0000-0000-000000000000"

SEARCH = {"channel": "Paid Search", "channel_source": "google", "channel_medium": "cpc"}
LANDING = event(
    1,
    host="shop.example",
    path="/a",
    title="A",
    device_type="mobile",
    campaign_name="cups",
    **SEARCH,
)
EVENTS = [
    LANDING,
    event(2, occurred_at=NOON + 61_000, host="shop.example", path="/b", title="B", session_id=0),
    event(3, occurred_at=NOON + 62_000, path="/b", name="purchase", value="12.50", currency="EUR"),
    replace(
        LANDING, off=4, event_id=event(4).event_id, visitor_id=SECOND_VISITOR,
        occurred_at=NOON + HOUR, session_id=0,
    ),
    event(5, host="shop.example", path="/a", title="A", visitor_id=NOBODY, session_id=0),
    event(6, host="shop.example", path="/a", title="A", bot="crawler"),
    event(7, host="shop.example", path="/a", title="A", is_preview=True),
    event(8, container_id="other", host="other.example", path="/", title="Other"),
]  # fmt: skip


@pytest.fixture
def analyst(connection: Connection, shared_store: EmbeddedStore) -> Iterator[Connection]:
    """Who asks; the tables are empty."""
    with connection.open() as client:
        client.command("TRUNCATE TABLE freehold.deliveries")
    reader = connect(shared_store, "analyst")
    yield reader
    reader.close()


@pytest.fixture
def visited(connection: Connection) -> None:
    """Two sessions in one container, and one in another."""
    load(connection, EVENTS)


def load(connection: Connection, rows: Sequence[Event]) -> None:
    insert(connection, "events", [split_row(encode_row(row))[1] for row in rows], token="rows")


def answer(connection: Connection, name: str) -> list[list[str]]:
    sql = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    text = b"".join(ask(connection, sql, fmt="TabSeparatedWithNames")).decode()
    return [line.split("\t") for line in text.splitlines()]


def minute(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.sql")))
def test_a_query_says_first_what_a_row_is(name: str, visited: None, analyst: Connection) -> None:
    first = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("-- A row is one ")
    assert first.endswith(".")
    assert answer(analyst, name)[0][0] == "container_id"


def test_traffic_by_channel(visited: None, analyst: Connection) -> None:
    assert answer(analyst, "traffic_by_channel") == [
        ["container_id", "channel", "sessions", "bounces_percent", "page_views", "purchases",
         "revenue"],
        ["demo", "Paid Search", "2", "50", "3", "1", "{'EUR':12.5}"],
        ["other", "Unassigned", "1", "100", "1", "0", "{}"],
    ]  # fmt: skip


def test_sessions_newest_first(visited: None, analyst: Connection) -> None:
    first, second = VISITOR_ID[:8], SECOND_VISITOR[:8]
    search = ["Paid Search", "google", "cups"]
    rows = answer(analyst, "sessions")
    assert rows[0] == [
        "container_id", "started", "minutes", "channel", "source", "campaign", "landing_path",
        "exit_path", "page_views", "events", "purchases", "revenue", "device", "visitor",
    ]  # fmt: skip
    assert rows[1:] == [
        ["demo", minute(NOON + HOUR), "  0:00", *search, "/a", "/a", "1", "1", "0", "{}", "mobile",
         second],
        ["other", minute(NOON), "  0:00", "Unassigned", "", "", "/", "/", "1", "1", "0", "{}", "",
         first],
        ["demo", minute(NOON), "  1:01", *search, "/a", "/b", "2", "3", "1", "{'EUR':12.5}",
         "mobile", first],
    ]  # fmt: skip


def test_top_pages(visited: None, analyst: Connection) -> None:
    assert answer(analyst, "top_pages") == [
        ["container_id", "host", "path", "views", "visitors", "landings", "title"],
        ["demo", "shop.example", "/a", "3", "2", "2", "A"],
        ["other", "other.example", "/", "1", "1", "0", "Other"],
        ["demo", "shop.example", "/b", "1", "1", "0", "B"],
    ]


def test_conversion_by_campaign(visited: None, analyst: Connection) -> None:
    assert answer(analyst, "conversion_by_campaign") == [
        ["container_id", "source", "medium", "campaign", "sessions", "sessions_that_bought",
         "percent", "revenue"],
        ["demo", "google", "cpc", "cups", "2", "1", "50", "{'EUR':12.5}"],
        ["other", "(not set)", "(not set)", "(none)", "1", "0", "0", "{}"],
    ]  # fmt: skip


def test_visitors_by_channel(visited: None, analyst: Connection) -> None:
    day = minute(NOON)[:10]
    assert answer(analyst, "visitors_by_channel") == [
        ["container_id", "day", "channel", "visitors"],
        ["demo", day, "Paid Search", "2"],
    ]


def test_funnel_counts_steps_in_their_order_alone(
    connection: Connection, analyst: Connection
) -> None:
    third = "2c7f3f7f-7b2d-4b68-9e1d-1e6f1f4b0d33"
    steps = [
        (VISITOR_ID, "view_item"), (VISITOR_ID, "add_to_cart"), (VISITOR_ID, "purchase"),
        (SECOND_VISITOR, "view_item"), (SECOND_VISITOR, "purchase"),
        (SECOND_VISITOR, "add_to_cart"),
        (third, "add_to_cart"), (third, "view_item"), (NOBODY, "view_item"),
    ]  # fmt: skip
    load(
        connection,
        [event(at, visitor_id=who, name=name) for at, (who, name) in enumerate(steps, 1)],
    )
    assert answer(analyst, "funnel") == [
        ["container_id", "saw_an_item", "put_into_cart", "bought", "percent"],
        ["demo", "3", "2", "1", "33.3"],
    ]


def test_an_order_is_its_last_touch_s(connection: Connection, analyst: Connection) -> None:
    order = {"name": "purchase", "value": "10.00", "currency": "EUR"}
    old = NOON - 31 * 24 * HOUR
    load(
        connection,
        [
            event(1, channel="Email"),
            event(2, channel="Direct"),
            event(3, **order),
            event(4, channel="Email"),
            event(5, visitor_id=SECOND_VISITOR, **order),
            event(6, visitor_id=SECOND_VISITOR, channel="Email", occurred_at=old, received_at=old),
            event(7, container_id="other", channel="Email", occurred_at=NOON),
        ],
    )
    assert answer(analyst, "last_touch") == [
        ["container_id", "channel", "orders", "revenue"],
        ["demo", "(none)", "1", "{'EUR':10}"],
        ["demo", "Direct", "1", "{'EUR':10}"],
    ]


def test_deliveries_by_outcome(connection: Connection, analyst: Connection) -> None:
    well = {"outcome": "delivered", "reason": "", "status": 204}
    attempts = [
        attempt(1, **well, duration_ms=30),
        attempt(2, **well, duration_ms=51, event_id=event(2).event_id),
        attempt(3, duration_ms=10),
        attempt(4, duration_ms=30),
        attempt(5, tag="orders", destination="webhook", outcome="expired", reason="too_old",
                attempt=0, status=0, duration_ms=0),
    ]  # fmt: skip
    lines = [split_row(encode_row(row))[1] for row in attempts]
    insert(connection, "deliveries", lines, token="attempts")

    def last(number: int) -> str:
        at = datetime.fromtimestamp(NOON / 1000 + number, UTC)
        return at.strftime("%Y-%m-%d %H:%M:%S.000")

    assert answer(analyst, "deliveries_by_outcome") == [
        ["container_id", "tag", "destination", "outcome", "reason", "attempts", "events",
         "average_ms", "last_at"],
        ["demo", "ga4", "ga4", "delivered", "", "2", "2", "40", last(2)],
        ["demo", "ga4", "ga4", "retry", "http_503", "2", "1", "20", last(4)],
        ["demo", "orders", "webhook", "expired", "too_old", "1", "1", "\\N", last(5)],
    ]  # fmt: skip


def test_lost_hits_are_gaps_in_the_numbers_of_pages_and_browsers(
    connection: Connection, analyst: Connection
) -> None:
    numbers = [("7", 1, 1), ("7", 3, 3), ("8", 1, 6), ("8", 1, 6)]  # page, in it, of the browser
    rows = [
        event(at, page_id=page, page_seq=seq, browser_seq=browser)
        for at, (page, seq, browser) in enumerate(numbers, 1)
    ]
    load(connection, [*rows, event(9, page_id="9", page_seq=2, container_id="other")])
    day = minute(NOON)[:10]
    assert answer(analyst, "lost_hits") == [
        ["container_id", "day", "hits", "lost_within_pages", "numbered_by_browsers",
         "lost_by_browsers", "lost_percent"],
        ["demo", day, "3", "1", "3", "3", "50"],
        ["other", day, "1", "1", "0", "0", "0"],
    ]  # fmt: skip


def test_busy_pages_are_those_with_a_hundred_of_one_event(
    connection: Connection, analyst: Connection
) -> None:
    counts = {("7", "again"): 100, ("7", "page_view"): 1, ("8", "again"): 101, ("9", "again"): 99}
    made = [page_and_name for page_and_name, times in counts.items() for _ in range(times)]
    load(
        connection,
        [
            event(at, page_id=page, name=name, host="shop.example", path="/a")
            for at, (page, name) in enumerate(made, 1)
        ],
    )
    assert answer(analyst, "busy_pages") == [
        ["container_id", "name", "host", "path", "page_views", "most"],
        ["demo", "again", "shop.example", "/a", "2", "101"],
    ]


def test_deduplication_tells_whose_id_partners_got(
    connection: Connection, analyst: Connection
) -> None:
    ours, own, made = (
        f"{number:08x}-0000-{version}000-8000-000000000000" for number, version in
        ((1, 5), (2, 4), (3, 5))
    )  # fmt: skip
    events = [
        event(1),
        event(2, props={"event_id": "order-7"}),
        event(3, event_id=made, props={"event_id": "order-7"}),
        event(4, event_id=ours),
        event(5, event_id=own),
    ]
    load(connection, events)
    well = {"outcome": "delivered", "reason": "", "status": 204}
    attempts = [
        *(attempt(n, event_id=one.event_id, **well) for n, one in enumerate(events, 1)),
        attempt(6, event_id=events[0].event_id, **well),
        attempt(7, event_id=events[1].event_id),
        attempt(8, event_id=ours, event_name="purchase", tag="hook", destination="webhook", **well),
    ]
    lines = [split_row(encode_row(row))[1] for row in attempts]
    insert(connection, "deliveries", lines, token="shared")
    assert answer(analyst, "deduplication") == [
        ["container_id", "tag", "destination", "event_name", "delivered", "with_id_of_page",
         "with_id_of_tag", "unknown_to_page", "percent_known", "ids_sent_again",
         "ids_of_several_events"],
        ["demo", "ga4", "ga4", "page_view", "5", "3", "1", "1", "80", "2", "1"],
        ["demo", "hook", "webhook", "purchase", "1", "0", "0", "1", "0", "0", "0"],
    ]  # fmt: skip
