from __future__ import annotations

import msgspec

from server.collector import answers
from server.errors import BadHit, JournalUnwritable
from tests.samples import hit


def test_a_refusal_carries_reason_place_and_status() -> None:
    answer = answers.refused(BadHit(400, "not_json", "a comma too many", at="byte 7"))
    assert answer.status_code == 400
    assert answer.headers["x-freehold-error"] == "not_json"
    assert msgspec.json.decode(answer.body) == {
        "error": "not_json: a comma too many",
        "at": "byte 7",
    }


def test_an_unwritable_disk_says_when_to_come_again() -> None:
    answer = answers.unwritable(JournalUnwritable("/secret/path: full", retry_after_s=9))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "9")
    assert b"secret" not in answer.body


def test_a_verdict_shows_no_position() -> None:
    answer = answers.verdict(hit(b'{"v":1,"events":[{"name":"a"}]}'))
    document = msgspec.json.decode(answer.body)
    assert document["stored"] is True
    assert document["verdict"][0]["accepted"]["name"] == "a"
    assert not {"src", "off", "hit_id"} & document["verdict"][0]["accepted"].keys()


def test_answers_are_never_cached() -> None:
    for answer in (answers.stored(), answers.pixel(), answers.verdict(hit(b"{}"))):
        assert answer.headers["cache-control"] == "no-store"
