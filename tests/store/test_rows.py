from __future__ import annotations

import msgspec
import pytest

from server.delivery import Attempt
from server.model import Event, EventContext, Position, Reject
from server.store.client import Connection
from server.store.insert import insert
from server.store.queries import half
from server.store.rows import (
    COLUMNS,
    TABLES,
    decode_row,
    encode_row,
    has_resends,
    head_of,
    split_row,
)
from tests.samples import NOON, attempt, context, event, full_event, reject


@pytest.mark.parametrize("row", [event(), full_event(), context(), reject(), attempt()])
def test_a_row_says_its_table_and_its_position(
    row: Event | EventContext | Reject | Attempt,
) -> None:
    table, line = split_row(encode_row(row))
    assert table == TABLES[type(row)]
    assert head_of(line).position == Position(src=row.src, off=row.off, idx=row.idx)


@pytest.mark.parametrize(
    "row", [event(), full_event(), context(), reject(), attempt(), attempt(next_at=NOON, lag_ms=7)]
)
def test_a_row_is_read_back_as_it_was(row: Event | EventContext | Reject | Attempt) -> None:
    assert decode_row(encode_row(row)) == row


@pytest.mark.parametrize("kind", [Event, EventContext, Reject, Attempt])
def test_struct_fields_are_the_columns_in_their_order(
    connection: Connection, kind: type[msgspec.Struct]
) -> None:
    with connection.open() as client:
        rows = client.query(
            "SELECT name FROM system.columns WHERE database = 'freehold' AND table = {t:String} "
            "AND default_kind IN ('', 'EPHEMERAL') ORDER BY position",
            parameters={"t": TABLES[kind]},
        ).result_rows
    assert tuple(name for (name,) in rows) == COLUMNS[TABLES[kind]]


def test_every_column_has_a_comment(connection: Connection) -> None:
    with connection.open() as client:
        bare = client.query(
            "SELECT table, name FROM system.columns WHERE database = 'freehold' AND comment = '' "
            "AND table IN ('events', 'event_context', 'rejects', 'migrations', 'deliveries')"
        ).result_rows
    assert list(bare) == []


def test_what_goes_in_comes_out(connection: Connection) -> None:
    row = full_event()
    insert(connection, "events", [split_row(encode_row(row))[1]], token="whole")
    times = ", ".join(
        f"toUnixTimestamp64Milli({name}) AS {name}" for name in ("occurred_at", "received_at")
    )
    with connection.open() as client:
        text = client.raw_query(
            f"SELECT event_id, * REPLACE ({times}, toString(page_id) AS page_id) "
            "FROM freehold.events",
            fmt="JSONEachRow",
            settings={
                "output_format_json_quote_64bit_integers": 0,
                "output_format_json_quote_decimals": 1,
                "output_format_decimal_trailing_zeros": 1,
            },
        )
    assert msgspec.json.decode(text, type=Event) == row


@pytest.mark.parametrize(
    "event_id",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0199c000-0000-7000-8000-000000000001",
        "8c1f3f7f-7b2d-4b68-9e1d-ffffffffffff",
    ],
)
@pytest.mark.parametrize("client_ahead_ms", [None, 0, -(10**14), 10**14])
def test_any_event_id_is_put_together_again(
    connection: Connection, event_id: str, client_ahead_ms: int | None
) -> None:
    row = event(event_id=event_id, client_ahead_ms=client_ahead_ms)
    insert(connection, "events", [split_row(encode_row(row))[1]], token=f"{row}")
    with connection.open() as client:
        found = client.query("SELECT toString(event_id), event_low FROM freehold.events")
    assert list(found.result_rows) == [(event_id, half(event_id))]


def test_a_copied_table_keeps_the_ids(connection: Connection) -> None:
    insert(connection, "events", [split_row(encode_row(full_event()))[1]], token="copied")
    with connection.open() as client:
        client.command("INSERT INTO freehold.events SELECT * FROM freehold.events")
        found = client.query("SELECT toString(event_id) FROM freehold.events").result_rows
    assert list(found) == [(full_event().event_id,)] * 2


def test_only_marked_resends_are_noticed() -> None:
    trap = event(3, props={"a": '"resend":1', "try": "1"})
    lines = [split_row(encode_row(row))[1] for row in (event(1), trap)]
    assert not has_resends(lines)
    assert has_resends([*lines, split_row(encode_row(event(2, resend=1)))[1]])


def test_times_keep_their_milliseconds() -> None:
    line = split_row(encode_row(event(1, occurred_at=NOON + 123, received_at=NOON + 999)))[1]
    assert f'"occurred_at":{NOON // 1000}.123,"received_at":{NOON // 1000}.999'.encode() in line
