from __future__ import annotations

import json
import socket

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from server.errors import StoreUnavailable
from server.store.client import (
    Connection,
    QueryRefused,
    RowsRefused,
    judge,
    without_quotes,
)
from server.store.endpoint import Endpoint
from server.store.insert import insert
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore, free_port

HERE = Endpoint(host="127.0.0.1", port=8123, user="freehold", password="SECRET")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OperationalError("refused"), StoreUnavailable),
        (ConnectionResetError(), StoreUnavailable),
        (DatabaseError("memory", code=241), StoreUnavailable),
        (DatabaseError("no space", code=243), StoreUnavailable),
        (DatabaseError("too many parts", code=252), StoreUnavailable),
        (DatabaseError("no table", code=60), StoreUnavailable),
        (DatabaseError("Unknown field found", code=117), StoreUnavailable),
        (DatabaseError("cannot parse: while pushing to view x", code=6), StoreUnavailable),
        (DatabaseError("bad uuid", code=376), RowsRefused),
        (DatabaseError("incorrect data", code=117), RowsRefused),
        (DatabaseError("syntax", code=62), QueryRefused),
        (DatabaseError("denied", code=497), QueryRefused),
    ],
)
def test_an_error_says_whose_it_is(error: Exception, kind: type[Exception]) -> None:
    assert type(judge(error, HERE)) is kind


# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
NO_ROW_S_FAULT = {
    **{3: "UNEXPECTED_END_OF_FILE", 10: "NOT_FOUND_COLUMN_IN_BLOCK", 16: "NO_SUCH_COLUMN"},
    **{23: "CANNOT_READ_FROM_SOCKET", 24: "CANNOT_WRITE_TO_SOCKET", 40: "CHECKSUM_DOESNT_MATCH"},
    **{32: "ATTEMPT_TO_READ_AFTER_EOF", 33: "CANNOT_READ_ALL_DATA", 53: "TYPE_MISMATCH"},
    **{60: "UNKNOWN_TABLE", 70: "CANNOT_CONVERT_TYPE", 74: "CANNOT_READ_FROM_FILE_DESCRIPTOR"},
    **{75: "CANNOT_WRITE_TO_FILE_DESCRIPTOR", 76: "CANNOT_OPEN_FILE", 81: "UNKNOWN_DATABASE"},
    **{95: "CANNOT_READ_FROM_SOCKET", 159: "TIMEOUT_EXCEEDED", 160: "TOO_SLOW"},
    **{164: "READONLY", 173: "CANNOT_ALLOCATE_MEMORY", 201: "QUOTA_EXCEEDED"},
    **{202: "TOO_MANY_SIMULTANEOUS_QUERIES", 203: "NO_FREE_CONNECTION", 209: "SOCKET_TIMEOUT"},
    **{210: "NETWORK_ERROR", 225: "NO_ZOOKEEPER", 236: "ABORTED", 241: "MEMORY_LIMIT_EXCEEDED"},
    **{242: "TABLE_IS_READ_ONLY", 243: "NOT_ENOUGH_SPACE", 252: "TOO_MANY_PARTS"},
    **{279: "ALL_CONNECTION_TRIES_FAILED", 285: "TOO_FEW_LIVE_REPLICAS"},
    **{286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", 319: "UNKNOWN_STATUS_OF_INSERT"},
    **{394: "QUERY_WAS_CANCELLED", 396: "TOO_MANY_ROWS_OR_BYTES", 425: "SYSTEM_ERROR"},
    **{439: "CANNOT_SCHEDULE_TASK", 497: "ACCESS_DENIED", 499: "S3_ERROR"},
    **{516: "AUTHENTICATION_FAILED", 999: "KEEPER_EXCEPTION", 1002: "UNKNOWN_EXCEPTION"},
}


@pytest.mark.parametrize(("code", "name"), NO_ROW_S_FAULT.items())
def test_what_is_no_row_s_fault_is_never_blamed_on_rows(code: int, name: str) -> None:
    assert not isinstance(judge(DatabaseError(f"({name})", code=code), HERE), RowsRefused)


@pytest.mark.parametrize("code", [241, 243, 210, 159, 252])
def test_memory_that_ends_in_the_middle_of_a_row_is_no_row_s_fault(code: int) -> None:
    error = DatabaseError("would use 9 GiB: (at row 7): while reading", code=code)
    assert type(judge(error, HERE)) is StoreUnavailable


@pytest.mark.parametrize("code", [32, 33, 53, 70])
def test_a_row_that_is_named_is_at_fault(code: int) -> None:
    error = DatabaseError("Unexpected end: (at row 3): While executing", code=code)
    assert type(judge(error, HERE)) is RowsRefused


REFUSED = {
    "a text for a number": {"off": "x"},
    "a negative number": {"off": -1},
    "a number for a map": {"props": 1},
    "a map for a list": {"items": {}},
    "a text for a list": {"click_ids": "x"},
    "no boolean": {"is_preview": "maybe"},
    "no UUID": {"id": "x"},
    "no time": {"received_at": "yesterday"},
    "a time beyond all times": {"received_at": 1e300},
    "money beyond all money": {"value": "99999999999999999999"},
    "no number in a map of numbers": {"nums": {"a": "x"}},
    "no number in a line of the order": {"items": [{"quantity": "x"}]},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_whatever_is_wrong_in_a_row_is_the_row_s_fault(
    wrong: dict[str, object], connection: Connection
) -> None:
    with pytest.raises(RowsRefused):
        insert(connection, "events", [json.dumps(wrong).encode()], token=str(wrong))


def test_half_an_escaped_pair_is_the_row_s_fault(connection: Connection) -> None:
    with pytest.raises(RowsRefused):
        insert(connection, "events", [b'{"name":"\\ud800"}'], token="half")


def test_nobody_at_home_is_unavailable() -> None:
    here = Endpoint(host="127.0.0.1", port=free_port())
    with pytest.raises(StoreUnavailable) as told, Connection(here).open():
        pass
    assert str(told.value) == f"ClickHouse at {here} does not answer: connection refused"


def test_one_who_does_not_speak_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = Endpoint(host="127.0.0.1", port=door.getsockname()[1])
        with pytest.raises(StoreUnavailable) as told, Connection(here, timeout_s=1).open():
            pass
    assert str(told.value) == f"ClickHouse at {here} does not answer: timed out"


def test_what_is_no_fault_of_the_network_is_told_as_it_is() -> None:
    error = DatabaseError("HTTP driver received HTTP status 502\n<!DOCTYPE html>\n<p>Bad Gateway")
    told = f"ClickHouse at {HERE} does not answer: HTTP driver received HTTP status 502"
    assert str(judge(error, HERE)) == told


def test_of_what_clickhouse_says_of_a_row_the_log_has_its_code_and_name() -> None:
    text = (
        "Received ClickHouse exception, code: 27, server response: Code: 27. DB::Exception: Cannot "
        "parse input: expected '\"' before: 'ann@shop.example (A B)': (at row 1): While executing "
        "JSONEachRow. (CANNOT_PARSE_INPUT_ASSERTION_FAILED) (version 26.9.2.1)"
    )
    assert without_quotes(text) == "code 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED"
    assert without_quotes("no code at all") == "code ?"


def test_a_connection_opens_again_after_an_error(shared_store: EmbeddedStore) -> None:
    connection = connect(shared_store)
    with pytest.raises(QueryRefused), connection.open() as client:
        client.command("SELEKT 1")
    with connection.open() as client:
        assert client.command("SELECT 1") == 1
    connection.close()
    with connection.open() as client:
        assert client.command("SELECT 2") == 2
    connection.close()
