from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from server.clock import HOUR_MS
from server.containers.explain import Fault, Malformed
from server.containers.gate import compile_gates, share_of, window_gate
from server.containers.model import Schedule
from server.model import NO_VISITOR, Event
from tests.samples import event

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> Event:
    """An event at a time in Paris."""
    when = datetime.fromisoformat(text).replace(tzinfo=PARIS)
    return event(occurred_at=round(when.timestamp() * 1000))


def opens(given: Event, **schedule: Any) -> bool:
    (gate,) = compile_gates(msgspec.convert(schedule, Schedule), None, PARIS)
    return gate.opens(given)


@pytest.mark.parametrize(
    ("schedule", "yes", "no"),
    [
        ({"from": "2026-03-29"}, ["2026-03-29 00:00"], ["2026-03-28 23:59"]),
        ({"from": "2026-03-29 09:30"}, ["2026-03-29 09:30"], ["2026-03-29 09:29"]),
        ({"until": "2026-03-29"}, ["2026-03-29 23:59"], ["2026-03-30 00:00"]),
        ({"until": "2026-03-29T12:00"}, ["2026-03-29 11:59"], ["2026-03-29 12:00"]),
        ({"days": ["sat", "sun"]}, ["2026-11-28 10:00"], ["2026-11-27 10:00"]),
        ({"hours": ["09:00-18:00"]}, ["2026-11-27 09:00"], ["2026-11-27 18:00"]),
        (
            {"hours": ["22:00-02:00"]},
            ["2026-11-27 23:00", "2026-11-27 01:59"],
            ["2026-11-27 02:00"],
        ),
        ({"hours": ["08:00-24:00"]}, ["2026-11-27 23:59"], ["2026-11-27 07:59"]),
        (
            {"days": ["fri"], "hours": ["09:00-10:00", "12:00-13:00"]},
            ["2026-11-27 12:30"],
            ["2026-11-27 11:00", "2026-11-28 12:30"],
        ),
        ({}, ["2026-11-27 12:30"], []),
    ],
)
def test_a_schedule_is_in_the_container_s_time(
    schedule: dict[str, Any], yes: list[str], no: list[str]
) -> None:
    assert [opens(at(text), **schedule) for text in yes] == [True] * len(yes)
    assert [opens(at(text), **schedule) for text in no] == [False] * len(no)


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        ({"from": "2026-02-30"}, Fault(("schedule", "from"), "there is no such day or time")),
        (
            {"until": "2026-02-03 25:00"},
            Fault(("schedule", "until"), "there is no such day or time"),
        ),
        ({"until": "9999-12-31"}, Fault(("schedule", "until"), "there is no such day or time")),
        (
            {"from": "2026-02-03", "until": "2026-02-02"},
            Fault(("schedule", "until"), "expected later than `from`"),
        ),
    ],
)
def test_times_that_are_none_are_told(schedule: dict[str, Any], fault: Fault) -> None:
    with pytest.raises(Malformed) as caught:
        opens(event(), **schedule)
    assert caught.value.faults == [fault]


def test_a_sample_takes_its_share_of_visitors_and_always_the_same_ones() -> None:
    (gate,) = compile_gates(None, 25, PARIS)
    visitors = [event(visitor_id=f"visitor-{n}", page_id="p") for n in range(4000)]
    drawn = [gate.opens(one) for one in visitors]
    assert 850 < sum(drawn) < 1150
    again = [gate.opens(msgspec.structs.replace(one, page_id="q", name="x")) for one in visitors]
    assert again == drawn
    (more,) = compile_gates(None, 50, PARIS)
    assert all(more.opens(one) for one, is_drawn in zip(visitors, drawn, strict=True) if is_drawn)


def test_without_a_visitor_the_page_is_drawn_and_without_that_the_event() -> None:
    nobody = event(visitor_id=NO_VISITOR, page_id="p1")
    assert share_of(nobody) == share_of(event(2, visitor_id=NO_VISITOR, page_id="p1"))
    alone = event(1, visitor_id=NO_VISITOR, page_id="")
    assert share_of(alone) != share_of(event(2, visitor_id=NO_VISITOR, page_id=""))


def test_a_sample_of_everybody_asks_nobody() -> None:
    assert compile_gates(None, 100, PARIS) == ()
    assert compile_gates(None, None, PARIS) == ()


def test_a_closed_gate_says_why() -> None:
    schedule = msgspec.convert(
        {"from": "2026-11-27", "days": ["mon"], "hours": ["09:00-18:00"]}, Schedule
    )
    time, sample = compile_gates(schedule, 12.5, PARIS)
    assert time.words == "it is not the time: from 2026-11-27, on mon, at 09:00-18:00"
    assert sample.words == "the visitor is not among the 12.5 % that are drawn"


def test_an_event_that_comes_later_than_its_partner_takes_it_meets_a_closed_gate() -> None:
    gate = window_gate("Pigeon", 71 * HOUR_MS)
    assert gate.opens(event(occurred_at=0, received_at=71 * HOUR_MS))
    assert not gate.opens(event(occurred_at=0, received_at=71 * HOUR_MS + 1))
    assert gate.words == "it came later than the 71 hours in which Pigeon takes events"
