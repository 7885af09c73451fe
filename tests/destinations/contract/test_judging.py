from __future__ import annotations

import pytest

from server.delivery import Denied, Outcome, Refused, Response, Retry
from server.destinations.contract import (
    MAX_DETAIL_CHARS,
    document,
    inner,
    judge_unclear,
    listed,
    text_of,
    told,
)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"nonsense", b"[" * 5000, b'"\xff"'])
def test_an_answer_that_is_no_object_is_an_empty_one(body: bytes) -> None:
    assert document(Response(status=200, body=body)) == {}


def test_an_answer_s_text_is_read_whatever_its_bytes_are() -> None:
    assert document(Response(status=200, body=b'{"code":0}')) == {"code": 0}
    assert text_of(Response(status=200, body=b"a\xffb")) == "a\ufffdb"
    assert len(text_of(Response(status=200, body=b"x" * 99_999))) == MAX_DETAIL_CHARS


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"OK", Retry("unclear_answer", "OK")),
        (200, b"", Retry("unclear_answer", "")),
        (400, b" <html>", Retry("unclear_answer", " <html>")),
        (403, b"<html>", Retry("unclear_answer", "<html>")),
        (503, b"<html>", Retry("http_503", "<html>")),
        (413, b"<html>", Refused("http_413", "<html>")),
        (400, b"no", Refused("http_400", "no")),
        (401, b"no", Denied("credentials", "no")),
    ],
)
def test_what_is_not_in_the_partners_words_is_no_verdict_on_the_event(
    status: int, body: bytes, outcome: Outcome
) -> None:
    assert judge_unclear(Response(status=status, body=body)) == outcome


def test_an_answer_is_told_in_one_line() -> None:
    said = {"message": "bad", "title": "", "at": ["a", 1], "long": "x" * 9000}
    assert told(said, "message", "title", "at", "nothing") == "bad; a, 1"
    assert len(told(said, "long")) == 1000


@pytest.mark.parametrize("found", [None, 7, "x", [7, None, []], {"a": 1}])
def test_what_is_looked_for_and_is_something_else_is_not_there(found: object) -> None:
    assert listed({"here": found}, "here") == []
    assert listed({"here": [{"a": 1}, 7]}, "here") == [{"a": 1}]
    assert inner({"here": found}, "here") == (found if isinstance(found, dict) else {})
    assert (listed({}, "here"), inner({}, "here")) == ([], {})
