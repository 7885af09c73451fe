from __future__ import annotations

import pytest

from server.clock import DAY_MS
from server.model import Position
from server.store import copies
from server.store.client import Connection
from server.store.copies import copied, slices, still_there
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.samples import NOON, event

SINCE = NOON - DAY_MS


def line(number: int, **more: object) -> bytes:
    return split_row(encode_row(event(number, **more)))[1]


def found(connection: Connection, count: int = 1) -> list[Position]:
    numbers = range(count)
    return sorted(
        (
            position
            for number in numbers
            for position in copied(connection, since=SINCE, number=number, count=count)
        ),
        key=lambda one: (one.src, one.off, one.idx),
    )


def test_all_but_the_first_received_are_superfluous(connection: Connection) -> None:
    rows = [
        *(line(1, src=1), line(1, src=2, received_at=NOON), line(1, src=3, idx=7)),
        *(line(2, src=1), line(2, src=1, container_id="other")),
        *(line(3, src=4), line(3, src=4)),
        *(line(4, src=5, received_at=SINCE - 1), line(4, src=6)),
        *(line(5, src=9, received_at=NOON), line(5, src=8, received_at=NOON)),
    ]
    insert(connection, "events", rows, token="all")
    superfluous = [
        Position(src=1, off=1),
        Position(src=3, off=1, idx=7),
        Position(src=9, off=5),
    ]
    assert found(connection) == superfluous
    assert found(connection, 7) == superfluous


def test_many_events_are_looked_at_in_slices(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(connection, "events", [line(number) for number in range(100)], token="all")
    assert slices(connection, since=SINCE) == 1
    monkeypatch.setattr(copies, "SLICE_ROWS", 30)
    assert slices(connection, since=SINCE) == 4
    monkeypatch.setattr(copies, "SLICE_ROWS", 1)
    assert slices(connection, since=SINCE) == copies.MAX_SLICES


def test_a_row_is_there_or_it_is_not(connection: Connection) -> None:
    insert(connection, "events", [line(1), line(1), line(2)], token="all")
    src = event().src
    asked = [Position(src=src, off=off) for off in (1, 2, 3)]
    assert still_there(connection, "events", asked) == 2
