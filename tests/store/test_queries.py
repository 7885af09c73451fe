from __future__ import annotations

from typing import Any

import pytest

from server.clock import DAY_MS
from server.model import Event
from server.store.client import Connection, QueryRefused
from server.store.insert import insert
from server.store.queries import READ_ONLY, ask, copies_elsewhere, find_attempts, find_event
from server.store.rows import Head, encode_row, head_of, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.samples import NOON, attempt, event, full_event

HALF_HOUR = 30 * 60 * 1000


def load(connection: Connection, *rows: Event) -> None:
    insert(connection, "events", [split_row(encode_row(row))[1] for row in rows], token="rows")


def rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    with connection.open() as client:
        return [tuple(row) for row in client.query(sql).result_rows]


def head(number: int, **more: object) -> Head:
    return head_of(split_row(encode_row(event(number, **more)))[1])


def test_copies_are_those_at_another_position_of_the_same_container(
    connection: Connection,
) -> None:
    load(connection, event(1), event(2), event(4))
    heads = [head(1), head(2, off=99), head(3), head(4, off=98, container_id="other")]
    since = NOON - DAY_MS
    assert copies_elsewhere(connection, heads, since=since) == {heads[1].position}
    assert copies_elsewhere(connection, heads, since=NOON + DAY_MS) == set()


def test_any_number_of_ids_can_be_asked_for(connection: Connection) -> None:
    load(connection, event(9_999))
    heads = [head(number, off=1) for number in range(1, 10_001)]
    found = copies_elsewhere(connection, heads, since=NOON - DAY_MS)
    assert found == {heads[0].position}


def test_an_answer_comes_in_the_format_that_was_asked(connection: Connection) -> None:
    sql = "SELECT number AS n, 'a\tb' AS t FROM numbers(2)"
    assert b"".join(ask(connection, sql, fmt="TabSeparatedWithNames")) == (
        b"n\tt\n0\ta\\tb\n1\ta\\tb\n"
    )
    assert b"".join(ask(connection, sql, fmt="JSONEachRow")).count(b"\n") == 2


@pytest.mark.parametrize("sql", ["SELECT 1 AS n FORMAT JSONEachRow", "SELECT 1 AS n format CSV;"])
def test_a_format_in_the_question_wins(connection: Connection, sql: str) -> None:
    assert b"".join(ask(connection, sql, fmt="TSV")) in {b'{"n":1}\n', b"1\n"}


def test_a_wrong_question_is_told_in_clickhouses_words(connection: Connection) -> None:
    with pytest.raises(QueryRefused, match="SYNTAX_ERROR"):
        list(ask(connection, "SELEKT 1", fmt="TSV"))


def test_the_writer_asks_read_only_when_there_is_no_analyst(shared_store: EmbeddedStore) -> None:
    endpoint = connect(shared_store).endpoint
    reader = Connection(endpoint, settings=READ_ONLY)
    assert b"".join(ask(reader, "SELECT 1", fmt="TSV")) == b"1\n"
    with pytest.raises(QueryRefused, match="READONLY"):
        list(ask(reader, "DROP TABLE freehold.events", fmt="TSV"))
    reader.close()


def test_sessions_split_after_thirty_minutes_and_take_late_events_in(
    connection: Connection,
) -> None:
    start = NOON // 1000
    later = NOON + 2 * HALF_HOUR
    load(
        connection,
        event(1, session_id=0, occurred_at=NOON - 60_000, path="/late"),
        event(2, session_id=start, occurred_at=NOON, path="/a", channel="Paid Search"),
        event(3, session_id=start, occurred_at=NOON + 9_000, path="/b", name="purchase",
              value="12.50", currency="EUR"),
        event(4, session_id=later // 1000, occurred_at=later, path="/c"),
        event(5, session_id=start, occurred_at=NOON, bot="crawler"),
        event(6, visitor_id="00000000-0000-0000-0000-000000000000"),
        event(7, is_preview=True),
    )  # fmt: skip
    assert rows(
        connection,
        "SELECT session_id, duration_s, events, page_views, purchases, "
        "toFloat64(revenue['EUR']), length(revenue), "
        "landing_path, exit_path, channel FROM freehold.sessions ORDER BY started_at",
    ) == [
        (start, 69, 3, 2, 1, 12.5, 1, "/late", "/b", "Paid Search"),
        (later // 1000, 0, 1, 1, 0, 0.0, 0, "/c", "/c", ""),
    ]
    assert rows(
        connection,
        "SELECT channel, visitors, sessions, bounces, page_views, purchases, "
        "toFloat64(revenue['EUR']) "
        "FROM freehold.daily_traffic ORDER BY channel",
    ) == [("Paid Search", 1, 1, 0, 2, 1, 12.5), ("Unassigned", 1, 1, 1, 1, 0, 0.0)]


def test_a_visitor_who_never_had_a_session_id_has_sessions_by_time(
    connection: Connection,
) -> None:
    load(
        connection,
        event(1, session_id=0, occurred_at=NOON),
        event(2, session_id=0, occurred_at=NOON + HALF_HOUR),
        event(3, session_id=0, occurred_at=NOON + 2 * HALF_HOUR + 1),
    )
    assert rows(
        connection, "SELECT session_id, events FROM freehold.sessions ORDER BY started_at"
    ) == [(NOON // 1000, 2), ((NOON + 2 * HALF_HOUR + 1) // 1000, 1)]


def test_an_event_comes_back_as_it_was_stored(connection: Connection) -> None:
    full = full_event()
    insert(connection, "events", [split_row(encode_row(full))[1]], token="t")
    assert find_event(connection, full.event_id) == full
    assert find_event(connection, event(99).event_id) is None


def test_all_attempts_of_one_event_come_in_their_order(connection: Connection) -> None:
    known = [attempt(2), attempt(1, next_at=NOON + 5), attempt(3, event_id=event(9).event_id)]
    lines = [split_row(encode_row(one))[1] for one in known]
    insert(connection, "deliveries", lines, token="d")
    assert find_attempts(connection, event(1).event_id) == [known[1], known[0]]
