from __future__ import annotations

import signal

import pytest

from server.errors import BadHit, JournalUnwritable
from server.journal import JournalBroken
from tests.collector.doors import Door


def test_every_refusal_is_counted_by_its_reason(door: Door) -> None:
    refuse = door.collector.refuse
    answers = [
        refuse(BadHit(400, "not_json", "x")),
        refuse(JournalUnwritable("full", retry_after_s=7)),
        refuse(RuntimeError("nobody foresaw this")),
    ]
    assert [answer.status for answer in answers] == [400, 503, 503]
    assert b"retry-after: 7\r\n" in answers[1].head
    assert door.collector.refusals == {"not_json": 1, "unwritable": 2}


def test_a_broken_journal_ends_the_process(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        assert door.collector.refuse(JournalBroken("two syncs have failed")).status == 503
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_a_container_that_is_not_there_is_a_refusal(door: Door) -> None:
    assert door.collector.site("shop").container.id == "shop"
    with pytest.raises(BadHit, match="no container 'nowhere' here"):
        door.collector.site("nowhere")
