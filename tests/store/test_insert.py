from __future__ import annotations

import threading

import pytest

from server.store.client import Connection, RowsRefused
from server.store.insert import bisect, insert, kill, missing, settle
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.running import wait_for
from tests.samples import NOON, event

POISON = b'{"id":"no uuid","src":1,"off":99,"idx":0,"container_id":"demo","received_at":%d}' % (
    NOON // 1000
)


def lines(count: int) -> list[bytes]:
    return [split_row(encode_row(event(number)))[1] for number in range(1, count + 1)]


def count(connection: Connection) -> tuple[int, int]:
    with connection.open() as client:
        rows = client.query("SELECT count(), uniqExact(event_id) FROM freehold.events").result_rows
    return rows[0][0], rows[0][1]


def test_the_same_token_is_taken_once(connection: Connection) -> None:
    for _ in range(3):
        insert(connection, "events", lines(100), token="once")
    assert count(connection) == (100, 100)


def test_a_settled_insert_lacks_nothing_and_doubles_nothing(connection: Connection) -> None:
    insert(connection, "events", lines(60), token="half")
    left = settle(connection, "events", lines(100), token="half")
    assert left == lines(100)[60:]
    insert(connection, "events", left, token="half:rest")
    assert count(connection) == (100, 100)


def test_settling_says_what_a_refused_insert_left_out(connection: Connection) -> None:
    good = lines(5)
    insert(connection, "events", good[:2], token="part")
    assert settle(connection, "events", [*good, POISON], token="bad") == [*good[2:], POISON]
    assert count(connection) == (2, 2)


def test_one_poison_row_costs_itself_only(connection: Connection) -> None:
    good = lines(37)
    batch = [*good[:11], POISON, *good[11:]]
    with pytest.raises(RowsRefused):
        insert(connection, "events", batch, token="batch")
    refused = list(bisect(connection, "events", batch, token="batch"))
    assert [line for line, _ in refused] == [POISON]
    assert "CANNOT_PARSE_UUID" in refused[0][1]
    assert count(connection) == (37, 37)


def test_what_is_missing_is_told_exactly(connection: Connection) -> None:
    insert(connection, "events", lines(10), token="ten")
    other = [
        split_row(encode_row(event(1, off=11)))[1],
        split_row(encode_row(event(1, idx=1)))[1],
        split_row(encode_row(event(1, src=4)))[1],
    ]
    assert missing(connection, "events", [*lines(10), *other]) == other


def test_kill_ends_a_running_query_and_waits(
    shared_store: EmbeddedStore, connection: Connection
) -> None:
    other = connect(shared_store)
    ended = threading.Event()

    def long_query() -> None:
        with pytest.raises(Exception, match="cancelled"), other.open() as client:
            client.command(
                "SELECT sum(sipHash64(number)) FROM numbers(100000000000)",
                settings={"log_comment": "long"},
            )
        ended.set()

    thread = threading.Thread(target=long_query)
    thread.start()
    running = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'long'"
    with connection.open() as client:
        wait_for(lambda: client.query(running).result_rows == [(1,)], "the query")
    kill(connection, token="lo")
    thread.join(30)
    other.close()
    assert ended.is_set()
