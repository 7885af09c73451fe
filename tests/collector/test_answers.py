from __future__ import annotations

import msgspec

from server.collector import answers
from server.collector.answers import Answer
from server.errors import BadHit
from tests.samples import hit


def test_a_refusal_carries_reason_place_and_status() -> None:
    answer = answers.refused(BadHit(400, "not_json", "a comma too many", at="byte 7"))
    assert answer.status == 400
    assert b"x-freehold-error: not_json\r\n" in answer.head
    assert msgspec.json.decode(answer.body) == {
        "error": "not_json: a comma too many",
        "at": "byte 7",
    }


def test_an_unwritable_disk_says_when_to_come_again() -> None:
    answer = answers.unwritable(9)
    assert answer.status == 503
    assert b"retry-after: 9\r\n" in answer.head


def test_a_verdict_shows_no_position() -> None:
    answer = answers.verdict(hit(b'{"v":1,"events":[{"name":"a"}]}'))
    document = msgspec.json.decode(answer.body)
    assert document["stored"] is True
    assert document["verdict"][0]["accepted"]["name"] == "a"
    assert not {"src", "off"} & document["verdict"][0]["accepted"].keys()


def test_answers_are_never_cached() -> None:
    for answer in (answers.STORED, answers.STORED_PIXEL, answers.verdict(hit(b"{}"))):
        assert (b"cache-control", b"no-store") in answer.to_asgi()


def test_an_answer_is_the_same_to_http_and_to_asgi() -> None:
    answer = Answer(status=200, head=b"a: 1\r\n", body=b"xyz").more(b"b: 2: 3\r\n", b"")
    assert answer.to_asgi() == [(b"a", b"1"), (b"b", b"2: 3")]
    assert answer.to_http(b"c: 4\r\n") == (
        b"HTTP/1.1 200 OK\r\na: 1\r\nb: 2: 3\r\nc: 4\r\ncontent-length: 3\r\n\r\nxyz"
    )


def test_an_answer_without_body_announces_none() -> None:
    assert Answer(status=204, head=b"").to_http() == b"HTTP/1.1 204 No Content\r\n\r\n"
