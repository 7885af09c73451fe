from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.enrich import open_places
from server.envelope import seal
from server.journal import Record
from server.model import Event, EventContext, Reason, Reject
from server.pipeline.previewing import Plans
from server.pipeline.recent import RecentIds
from server.pipeline.remembered import Clicked, Remembered
from server.pipeline.sorting import Desk, Row, sort_record
from server.pipeline.state import State, create_state
from tests.pipeline.conftest import PLANS, SEAL
from tests.samples import NOON, hit

GCLID = "https://shop.example/?gclid=abc"


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """The state file that desks of these tests look things up in."""
    path = tmp_path_factory.mktemp("state") / "pipeline.sqlite"
    create_state(path)
    STATES.append(State(path))
    yield STATES[0]
    STATES.pop().close()


STATES: list[State] = []


def desk() -> Desk:
    return Desk(
        plans=Plans(live=PLANS),
        places=open_places(None),
        seal=SEAL,
        recent=RecentIds(),
        remembered=Remembered(STATES[0]),
        clicked=Clicked(STATES[0], SEAL),
        counts=Counter(),
        withdrawals={},
    )


def sort(payload: bytes, at: Desk) -> list[Row]:
    return list(sort_record(Record(src=3, off=4, payload=payload), at, now=NOON))


def body(*events: Any, **more: Any) -> bytes:
    return json.dumps({"v": 1, "events": list(events), **more}).encode()


def test_a_hit_becomes_enriched_events_at_its_position() -> None:
    at = desk()
    first, second = sort(seal(hit(body({"name": "a", "url": GCLID}, {"name": "b"}))), at)
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert (first.src, first.off, first.idx) == (3, 4, 0)
    assert (second.src, second.off, second.idx) == (3, 4, 1)
    assert (first.host, first.channel, first.click_ids) == (
        "shop.example",
        "Paid Search",
        ["gclid"],
    )
    assert "gclid" not in first.url
    assert at.counts == {"decoded": 2}


def test_a_resend_is_counted_and_dropped() -> None:
    at = desk()
    payload = seal(hit(body({"name": "a", "id": "0199c000-0000-7000-8000-00000000abcd"})))
    assert len(sort(payload, at)) == 1
    assert sort(payload, at) == []
    assert at.counts == {"decoded": 2, "duplicate": 1}


def test_ad_click_ids_are_kept_only_with_consent_to_advertising() -> None:
    consent = {"purposes": {"ad_storage": "granted"}}
    event = {"name": "a", "url": GCLID}
    denied = sort(seal(hit(body(event))), desk())
    granted = sort(seal(hit(body(event, consent=consent))), desk())
    free = sort(seal(hit(body(event), container_id="free")), desk())
    assert [type(row) for row in denied] == [Event]
    for rows in (granted, free):
        assert isinstance(rows[1], EventContext)
        assert rows[1].click_ids == {"gclid": "abc"}


def test_what_no_pipeline_knows_is_kept_with_its_body() -> None:
    at = desk()
    rows = [
        *sort(seal(hit(b'{"x":1}', container_id="gone")), at),
        *sort(seal(hit(b'{"x":1}', dialect="klingon")), at),
    ]
    assert [(row.reason, row.body) for row in rows if isinstance(row, Reject)] == [
        (Reason.UNKNOWN_CONTAINER, '{"x":1}'),
        (Reason.UNKNOWN_DIALECT, '{"x":1}'),
    ]
    assert at.counts["rejected"] == 2


def test_a_record_that_is_no_hit_is_a_reject_and_the_pipeline_goes_on() -> None:
    at = desk()
    [row] = sort(b"\x00\xffnonsense", at)
    assert isinstance(row, Reject)
    assert (row.reason, row.received_at, row.body) == (
        Reason.BAD_RECORD,
        NOON,
        "\x00\\xffnonsense",
    )


@given(st.binary(max_size=300))
def test_no_record_makes_it_raise(payload: bytes) -> None:
    assert sort(payload, desk())


@given(st.binary(max_size=200), st.text(max_size=100), st.text(max_size=50))
def test_every_hit_that_was_accepted_has_a_row(data: bytes, agent: str, ip: str) -> None:
    assert sort(seal(hit(data, user_agent=agent, ip=ip)), desk())


def test_a_bug_of_ours_keeps_what_the_page_sent_and_nothing_personal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("server.pipeline.sorting.enrich", bug)
    [row] = sort(seal(hit(body({"name": "a"}), ip="203.0.113.77", user_agent="UA/9")), desk())
    assert isinstance(row, Reject)
    assert (row.reason, row.body) == (Reason.UNEXPECTED, body({"name": "a"}).decode())
    assert "203.0.113.77" not in repr(row)
    assert "UA/9" not in repr(row)
