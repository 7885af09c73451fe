from __future__ import annotations

from server.clock import DAY_MS, now_ms
from server.store.client import Connection
from server.store.compare import place_of
from server.store.insert import insert
from server.store.parts import (
    Lies,
    active_parts,
    check_part,
    detach,
    is_replicated,
    kept_ms,
    lies_in,
)
from server.store.rows import encode_row, split_row
from tests.samples import event


def lines(*numbers: int, src: int = 5) -> list[bytes]:
    return [split_row(encode_row(event(number, src=src)))[1] for number in numbers]


def test_a_whole_part_is_told_by_what_lies_in_it(connection: Connection) -> None:
    insert(connection, "events", [*lines(3, 1, 2), *lines(7, src=6)], token="one")
    [part] = active_parts(connection, ["events", "rejects"])
    assert (part.table, check_part(connection, part)) == ("events", "")
    assert sorted(lies_in(connection, part), key=lambda one: one.src) == [
        Lies(src=5, low=place_of(1, 0), high=place_of(3, 0)),
        Lies(src=6, low=place_of(7, 0), high=place_of(7, 0)),
    ]


def test_parts_that_are_too_young_are_left_out(connection: Connection) -> None:
    insert(connection, "events", lines(1), token="one")
    assert active_parts(connection, ["events"], until=now_ms() - DAY_MS) == []


def test_what_is_put_aside_is_gone_from_the_table(connection: Connection) -> None:
    insert(connection, "events", lines(1), token="one")
    insert(connection, "events", lines(2), token="two")
    first, second = active_parts(connection, ["events"])
    detach(connection, first)
    assert active_parts(connection, ["events"]) == [second]


def test_how_long_rows_are_kept_is_read_from_the_tables(connection: Connection) -> None:
    kept = kept_ms(connection)
    assert {table: kept.get(table) for table in ("events", "event_context", "rejects")} == {
        "events": 25 * 28 * DAY_MS,
        "event_context": 30 * DAY_MS,
        "rejects": 7 * DAY_MS,
    }
    assert "migrations" not in kept


def test_a_ttl_in_other_words_keeps_nothing_for_sure(connection: Connection) -> None:
    with connection.open() as client:
        client.command(
            "CREATE TABLE freehold.odd (at DateTime) ENGINE = MergeTree ORDER BY at "
            "TTL toStartOfYear(at + 1)"
        )
    try:
        assert kept_ms(connection)["odd"] == 0
    finally:
        with connection.open() as client:
            client.command("DROP TABLE freehold.odd")


def test_a_table_of_one_server_is_not_replicated(connection: Connection) -> None:
    assert not is_replicated(connection, "events")
