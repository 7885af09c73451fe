from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.collector import door
from server.errors import BadHit


def refusal(body: bytes) -> tuple[int, str]:
    with pytest.raises(BadHit) as caught:
        door.check_body(body)
    return caught.value.status, caught.value.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"{", "not_json"),
        (b'{"a":1,}', "not_json"),
        (b"name=page_view", "not_json"),
        (b'{"a":NaN}', "not_json"),
        (b'{"a":1e999}', "not_json"),
        (b'{"a":' + b"9" * 5000 + b"}", "not_json"),
        (b'{"a":"\\ud800"}', "not_json"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"\x00", "not_json"),
        (b'{"a":"' + b"\x00" + b'"}', "not_json"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_many_values"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too_deep"),
        (b'{"a":[' + b"1," * 30_000 + b"1]}", "too_many_values"),
        (b'{"events":[' + b"{}," * 500 + b"{}]}", "too_many_events"),
    ],
)
def test_the_door_refuses_with_a_reason(body: bytes, reason: str) -> None:
    assert refusal(body) == (400, reason)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"a":1,"a":2}',
        b'{"a":"\\u0000"}',
        b'{"a":' * 16 + b"1" + b"}" * 16,
        b'{"a":[' + b"[],[]," * 100 + b"[]]}",
        '{"a":"é \U0001f600"}'.encode(),
    ],
)
def test_what_is_json_and_bounded_passes(body: bytes) -> None:
    door.check_body(body)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_door_raise_anything_else(body: bytes) -> None:
    with contextlib.suppress(BadHit):
        door.check_body(body)


def test_a_bomb_costs_milliseconds() -> None:
    bomb = b'{"a":{' + b",".join(b'"%d":1' % n for n in range(60_000)) + b"}}"
    began = time.thread_time()
    assert refusal(bomb) == (400, "too_many_values")
    assert time.thread_time() - began < 0.1


@pytest.mark.parametrize(
    ("content_type", "content_encoding", "is_taken"),
    [
        ("application/json", "", True),
        ("text/plain;charset=UTF-8", "", True),
        ("", "identity", True),
        ("Application/JSON; charset=utf-8", "", True),
        ("multipart/form-data", "", False),
        ("application/x-www-form-urlencoded", "", False),
        ("application/json", "gzip", False),
    ],
)
def test_only_plain_json_is_taken(content_type: str, content_encoding: str, is_taken: bool) -> None:
    if is_taken:
        door.check_media(content_type.encode(), content_encoding.encode())
    else:
        with pytest.raises(BadHit) as caught:
            door.check_media(content_type.encode(), content_encoding.encode())
        assert caught.value.status == 415


def test_headers_and_query_have_bounds() -> None:
    door.check_headers([(b"cookie", b"x" * 30_000)])
    door.check_query(b"x" * 16_000)
    with pytest.raises(BadHit, match="headers_too_large"):
        door.check_headers([(b"cookie", b"x" * 40_000)])
    with pytest.raises(BadHit, match="query_too_long"):
        door.check_query(b"x" * 20_000)
