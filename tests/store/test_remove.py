from __future__ import annotations

import pytest

from server.model import Position
from server.store import remove
from server.store.client import Connection
from server.store.compare import Span, twice
from server.store.insert import insert
from server.store.remove import remove_positions, remove_twice
from server.store.rows import encode_row, split_row
from tests.samples import NOON, event

SRC = event().src
ALL = Span(src=SRC, low=0, high=1 << 47, begin=NOON, end=NOON + 100_000)


def lines(*numbers: int) -> list[bytes]:
    return [split_row(encode_row(event(number)))[1] for number in numbers]


def offs(connection: Connection) -> list[int]:
    with connection.open() as client:
        rows = client.query("SELECT off FROM freehold.events ORDER BY off").result_rows
    return [off for (off,) in rows]


def test_of_rows_that_are_alike_one_stays(connection: Connection) -> None:
    insert(connection, "events", [*lines(1, 2, 3), *lines(3)], token="first")
    insert(connection, "events", lines(2, 3), token="second")
    while rows := list(twice(connection, "events", ALL, limit=2)):
        assert remove_twice(connection, "events", rows)
    assert offs(connection) == [1, 2, 3]


def test_a_part_that_was_merged_meanwhile_loses_nothing(connection: Connection) -> None:
    insert(connection, "events", lines(1, 2), token="first")
    insert(connection, "events", lines(2), token="second")
    rows = list(twice(connection, "events", ALL, limit=9))
    with connection.open() as client:
        client.command("OPTIMIZE TABLE freehold.events FINAL")
    assert remove_twice(connection, "events", rows)
    assert offs(connection) == [1, 2, 2]


def test_all_rows_of_a_position_are_removed(connection: Connection) -> None:
    insert(connection, "events", lines(1, 2, 2, 3), token="all")
    positions = [Position(src=SRC, off=2), Position(src=SRC, off=3, idx=1)]
    assert remove_positions(connection, "events", positions)
    assert offs(connection) == [1, 3]


def test_what_cannot_be_done_in_time_is_told_and_not_begun_again(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remove, "DEADLINE_S", 0.3)
    insert(connection, "events", lines(1, 2), token="all")
    with connection.open() as client:
        client.command("SYSTEM STOP MERGES freehold.events")
    try:
        assert not remove_positions(connection, "events", [Position(src=SRC, off=2)])
        assert not remove_positions(connection, "events", [Position(src=SRC, off=1)])
    finally:
        with connection.open() as client:
            client.command("SYSTEM START MERGES freehold.events")
            client.command("KILL MUTATION WHERE table = 'events'")
    with connection.open() as client:
        mutations = client.query(
            "SELECT count() FROM system.mutations WHERE table = 'events' "
            "AND command LIKE '%, 1, 0)%' AND create_time > now() - 60"
        ).result_rows
    assert mutations == [(0,)]
