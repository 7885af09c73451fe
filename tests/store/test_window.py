from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.clock import HOUR_MS
from server.model import Event, EventContext
from server.store import window as windows
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from server.store.window import Kept, Window, read_slice, slices
from tests.samples import NOON, context, event, full_event

WINDOW = Window(container_id="demo", since=NOON, until=NOON + HOUR_MS)


def load(connection: Connection, *rows: Event | EventContext) -> None:
    for row in rows:
        table, line = split_row(encode_row(row))
        insert(connection, table, [line], token=f"{table}/{row.off}")


def read(connection: Connection, window: Window = WINDOW) -> list[Kept]:
    return [
        kept for part in slices(connection, window) for kept in read_slice(connection, window, part)
    ]


def test_events_come_as_they_were_stored_with_their_context_in_the_order_of_receipt(
    connection: Connection,
) -> None:
    first, second = replace(full_event(), is_preview=False), event(20)
    there = context(7, cookies={"_ga": "x"}, headers={"dnt": "1"})
    load(connection, second, first, there)
    assert read(connection) == [Kept(event=first, context=there), Kept(event=second)]


def test_previews_other_containers_and_other_times_are_not_in_it(connection: Connection) -> None:
    load(
        connection,
        event(1, is_preview=True),
        event(2, container_id="shop"),
        event(3, received_at=NOON - 1),
        event(4, received_at=NOON + HOUR_MS),
        event(5, received_at=NOON),
    )
    assert [kept.event.off for kept in read(connection)] == [5]


def test_slices_are_bounded_and_lose_nothing(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MAX_ROWS", 3)
    load(connection, *(event(n, received_at=NOON + n // 2 * 1000) for n in range(10)))
    parts = slices(connection, WINDOW)
    assert [part.rows for part in parts] == [2] * 5
    assert (parts[0].since, parts[-1].until) == (WINDOW.since, WINDOW.until)
    assert [kept.event.off for kept in read(connection)] == list(range(10))
    assert slices(connection, replace(WINDOW, container_id="none")) == []


def test_a_sample_has_visitors_with_all_their_events(connection: Connection) -> None:
    visitors = [f"0b6f2f6e-6a1c-4a57-8d0c-{n:012d}" for n in range(20)]
    load(connection, *(event(n, visitor_id=visitors[n % 20]) for n in range(40)))
    found = [kept.event.visitor_id for kept in read(connection, replace(WINDOW, sample=0.5))]
    assert 0 < len(set(found)) < 20
    assert len(found) == 2 * len(set(found))
