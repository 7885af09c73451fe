from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from server import journal
from server.clock import DAY_MS, HOUR_MS
from server.containers.decide import compile_container
from server.containers.load import read_container
from server.containers.plan import only_tag
from server.delivery import Attempt, Delivery, delivery_id
from server.destinations import DESTINATIONS, tag_types
from server.journal import FolderInUse, Mark
from server.model import Event
from server.pipeline.backfill import Backfill, Cursor, Passage, cursor_of
from server.pipeline.owed import Owed
from server.pipeline.queue import Queue, unpack
from server.pipeline.spools import recover_all, spool_folder
from server.pipeline.state import STATE_FILE, State, create_state
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from server.store.window import slices
from server.studio.backfill import OWED, Aim, Decider, Past
from tests.samples import NOON, attempt, event

SPOOL = "tag.shop.hook.backfill"
CURSOR = Cursor(since=NOON, until=NOON + DAY_MS)
SOURCE = """
id: shop
sites: [self]
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    needs_consent: [analytics_storage]
    with: {url: "https://erp.example/in"}
"""
GRANTED = {"analytics_storage": "granted"}


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    create_state(data / STATE_FILE)
    state = State(data / STATE_FILE)
    yield state
    state.close()


def owing(number: int) -> Event:
    return event(number, container_id="shop", consent=GRANTED)


def delivery(number: int, **more: str) -> Delivery:
    made = owing(number)
    return Delivery(
        delivery_id=delivery_id(made.event_id, "shop", "hook"),
        container_id="shop",
        tag="hook",
        type="webhook",
        event=replace(made, **more),
    )


def opened(data: Path, state: State) -> Backfill:
    return Backfill(data, state, "shop", "hook", now=lambda: NOON)


def spooled(data: Path, state: State) -> list[int]:
    records = journal.read(spool_folder(data, SPOOL), Mark(), until=state.end(SPOOL)).records
    return [unpack(record.payload).event.off for record in records]


def test_deliveries_and_the_cursor_behind_them_are_committed_together(
    data: Path, state: State
) -> None:
    assert cursor_of(state, "shop", "hook") is None
    writer = opened(data, state)
    first = CURSOR.behind(owing(2), 2)
    assert writer.owe([delivery(1), delivery(2)], first) == 0
    assert (spooled(data, state), writer.waiting) == ([1, 2], 2)
    assert cursor_of(state, "shop", "hook") == first
    last = replace(first.behind(owing(3), 0), is_done=True)
    writer.owe([], last)
    writer.close()
    assert cursor_of(state, "shop", "hook") == last
    assert [last.is_past(owing(number)) for number in (2, 3, 4)] == [True, True, False]
    assert Queue(state).lanes([SPOOL])[0].waiting == 2


def test_what_is_too_long_for_the_spool_is_left_out_and_counted(data: Path, state: State) -> None:
    writer = opened(data, state)
    long = delivery(1, title="x" * 1_100_000)
    assert writer.owe([long, delivery(2)], CURSOR.behind(owing(2), 2)) == 1
    writer.close()
    assert spooled(data, state) == [2]


def test_one_runs_at_a_time_and_a_pipeline_that_starts_meanwhile_cuts_nothing_away(
    data: Path, state: State
) -> None:
    writer = opened(data, state)
    with pytest.raises(FolderInUse):
        opened(data, state)
    writer.owe([delivery(1)], CURSOR.behind(owing(1), 1))
    end = state.end(SPOOL)
    writer._writer.write([b"not committed yet"])
    writer._writer.sync()
    recover_all(data, State(data / STATE_FILE))
    writer.owe([delivery(2)], CURSOR.behind(owing(2), 1))
    assert state.end(SPOOL) > end
    writer.close()
    folder = spool_folder(data, SPOOL)
    whole = [record.payload for record in journal.read(folder, Mark()).records]
    assert b"not committed yet" in whole


def test_what_an_interrupted_one_did_not_commit_is_cut_away_and_done_again(
    data: Path, state: State
) -> None:
    writer = opened(data, state)
    writer.owe([delivery(1)], CURSOR.behind(owing(1), 1))
    writer._writer.write([b"not committed"])
    writer._writer.sync()
    writer.close()
    again = opened(data, state)
    again.owe([delivery(2)], CURSOR.behind(owing(2), 1))
    again.close()
    assert spooled(data, state) == [1, 2]


def aim(source: str = SOURCE) -> Aim:
    container = read_container(source, "shop", tag_types())
    return Aim(
        only=only_tag(compile_container(container, tag_types()), "hook"),
        tag="hook",
        destination=DESTINATIONS["webhook"],
        versions={0: container}.get,
        types=tag_types(),
        since=NOON,
    )


class Shop:
    """Back-fills of the tag `hook` of what ClickHouse has."""

    def __init__(self, data: Path, state: State, connection: Connection) -> None:
        self._data, self._state, self._connection = data, state, connection

    def store(self, *rows: Event, attempts: tuple[int, ...] = ()) -> None:
        tried: list[Event | Attempt] = [
            attempt(n, event_id=owing(n).event_id, container_id="shop", tag="hook")
            for n in attempts
        ]
        for row in (*rows, *tried):
            table, line = split_row(encode_row(row))
            insert(self._connection, table, [line], token=f"{table}/{row.off}")

    def run(self, cursor: Cursor = CURSOR, source: str = SOURCE) -> list[Past]:
        passage = Passage(
            connection=self._connection,
            aim=aim(source),
            owed=Owed(self._data, self._state, "shop", "hook"),
            cursor=cursor,
        )
        decider = Decider(passage.aim)
        return [
            past
            for part in slices(self._connection, passage.window)
            for past in passage.pasts(part, decider, when=lambda: NOON + HOUR_MS)
        ]


@pytest.fixture
def past(data: Path, state: State, connection: Connection) -> Shop:
    return Shop(data, state, connection)


def told(pasts: list[Past]) -> list[tuple[int, str]]:
    return [(one.event.off, "send" if one.send else one.reason) for one in pasts]


def test_what_is_owed_or_was_tried_is_left_out_and_nothing_comes_twice(
    data: Path, state: State, past: Shop
) -> None:
    past.store(*(owing(number) for number in range(1, 5)), attempts=(2,))
    writer = opened(data, state)
    writer.owe([delivery(3)], CURSOR.behind(owing(3), 1))
    writer.close()
    past.store(replace(owing(1), off=9))  # a copy that waits to be removed
    assert told(past.run()) == [(1, "send"), (9, OWED), (2, OWED), (3, OWED), (4, "send")]


def test_it_goes_on_behind_its_cursor(past: Shop) -> None:
    past.store(*(owing(number) for number in range(1, 5)))
    assert told(past.run(CURSOR.behind(owing(2), 2))) == [(3, "send"), (4, "send")]
    other = replace(owing(5), container_id="demo")
    past.store(other)
    assert told(past.run(replace(CURSOR, until=NOON + 4))) == [
        (number, "send") for number in (1, 2, 3)
    ]


def test_limits_count_what_is_behind_the_cursor_too(past: Shop) -> None:
    limited = SOURCE.replace("fires_on", "limit: {per: page, times: 2}\n    fires_on")
    rows = [replace(owing(number), page_id="7", page_seq=number) for number in range(1, 5)]
    past.store(*rows)
    assert told(past.run(source=limited)) == [
        (1, "send"), (2, "send"), (3, "limit:page"), (4, "limit:page"),
    ]  # fmt: skip
    assert told(past.run(CURSOR.behind(rows[0], 1), limited)) == [
        (2, "send"), (3, "limit:page"), (4, "limit:page"),
    ]  # fmt: skip


def test_consent_that_was_taken_back_since_holds_an_event_back(past: Shop) -> None:
    refused = replace(owing(2), received_at=NOON + HOUR_MS, consent={"analytics_storage": "denied"})
    past.store(owing(1), refused)
    assert told(past.run()) == [
        (1, "withdrawn:analytics_storage"),
        (2, "consent:analytics_storage"),
    ]
