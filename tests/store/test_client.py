from __future__ import annotations

import socket

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from server.errors import StoreUnavailable
from server.store.client import (
    Connection,
    Endpoint,
    QueryRefused,
    RowsRefused,
    judge,
    parse_endpoint,
)
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore, free_port

HERE = Endpoint(host="127.0.0.1", port=8123, user="freehold", password="SECRET")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://ch.example", Endpoint(host="ch.example", port=8123)),
        (
            "https://us%40er:p%2Fw@ch.example",
            Endpoint(host="ch.example", port=8443, secure=True, user="us@er", password="p/w"),
        ),
        ("http://u:p@[::1]:9000", Endpoint(host="::1", port=9000, user="u", password="p")),
    ],
)
def test_an_endpoint_is_read_from_its_url(url: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(url) == endpoint


def test_a_password_is_never_shown() -> None:
    assert "SECRET" not in str(HERE)


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
    error = DatabaseError("HTTP driver received HTTP status 502")
    told = f"ClickHouse at {HERE} does not answer: HTTP driver received HTTP status 502"
    assert str(judge(error, HERE)) == told


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
