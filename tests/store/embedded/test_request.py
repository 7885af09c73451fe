from __future__ import annotations

import base64

import pytest
from starlette.datastructures import Headers

from server.store.embedded.errors import StoreError
from server.store.embedded.request import Call, read_call
from server.store.embedded.users import ANALYST, FREEHOLD, Passwords

PASSWORDS = Passwords(freehold="writes", analyst="reads")


def read(
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> Call:
    credentials = {"x-clickhouse-user": "freehold", "x-clickhouse-key": "writes"}
    return read_call(method, query or {}, Headers({**credentials, **(headers or {})}), PASSWORDS)


def test_a_bare_request_is_read_with_clickhouses_defaults() -> None:
    call = read()
    assert call == Call(
        user=FREEHOLD,
        query="",
        query_id=call.query_id,
        database="",
        format="TabSeparated",
        settings={},
        parameters={},
        session_id="",
        session_timeout_s=60,
        session_must_exist=False,
        closes_session=False,
        waits_for_end=False,
        may_write=True,
        body_encoding="",
        body_in_blocks=False,
        answer_encoding="",
        answer_in_blocks=False,
        protocol_version=0,
    )
    assert len(call.query_id) == 36


def test_parameters_settings_and_what_is_ours_are_told_apart() -> None:
    call = read(
        {
            "query": "SELECT 1",
            "query_id": "q",
            "database": "d",
            "default_format": "JSON",
            "param_x": "1",
            "max_threads": "2",
            "wait_end_of_query": "1",
            "buffer_size": "3",
            "compress": "1",
            "decompress": "true",
            "client_protocol_version": "54405",
            "session_id": "s",
            "session_timeout": "5",
            "session_check": "1",
            "close_session": "1",
            "user": "ignored",
            "enable_http_compression": "1",
        },
        {"content-encoding": " LZ4 ", "accept-encoding": "zstd"},
    )
    assert call == Call(
        user=FREEHOLD,
        query="SELECT 1",
        query_id="q",
        database="d",
        format="JSON",
        settings={"max_threads": "2", "enable_http_compression": "1"},
        parameters={"x": "1"},
        session_id="s",
        session_timeout_s=5,
        session_must_exist=True,
        closes_session=True,
        waits_for_end=True,
        may_write=True,
        body_encoding="lz4",
        body_in_blocks=True,
        answer_encoding="zstd",
        answer_in_blocks=True,
        protocol_version=54405,
    )
    assert call.mark == "freehold:q"


def test_headers_say_what_the_url_does_not() -> None:
    headers = {"x-clickhouse-database": "d", "x-clickhouse-format": "CSV"}
    assert (read(headers=headers).database, read(headers=headers).format) == ("d", "CSV")
    assert read({"database": "u"}, headers).database == "u"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ({"user": "analyst", "password": "reads"}, {}),
        ({}, {"x-clickhouse-user": "analyst", "x-clickhouse-key": "reads"}),
        ({}, {"authorization": "Basic " + base64.b64encode(b"analyst:reads").decode()}),
        ({"user": "freehold"}, {"x-clickhouse-user": "analyst", "x-clickhouse-key": "reads"}),
    ],
)
def test_the_user_comes_from_headers_basic_or_the_url(
    query: dict[str, str], headers: dict[str, str]
) -> None:
    call = read_call("POST", query, Headers(headers), PASSWORDS)
    assert (call.user, call.may_write) == (ANALYST, False)


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic /w==", "Bearer x", "Digest x"])
def test_other_credentials_are_refused(header: str) -> None:
    with pytest.raises(StoreError) as refused:
        read_call("POST", {}, Headers({"authorization": header}), PASSWORDS)
    assert refused.value.code == 516


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_writes(method: str) -> None:
    assert not read(method=method).may_write


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ({"query_id": "a\r\nX-Evil: 1"}, {}, 36),
        ({"query_id": "é"}, {}, 36),
        ({"query_id": "x" * 257}, {}, 36),
        ({"role": "writer"}, {}, 48),
        ({"session_timeout": "1.5"}, {}, 374),
        ({}, {"sec-fetch-site": "cross-site"}, 497),
        ({}, {"sec-fetch-site": "same-site"}, 497),
    ],
)
def test_what_is_refused(query: dict[str, str], headers: dict[str, str], code: int) -> None:
    with pytest.raises(StoreError) as refused:
        read(query, headers)
    assert refused.value.code == code
