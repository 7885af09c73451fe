from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import NOW, Line, changed

LINE = Line("/2/httpapi")
EVENT: dict[str, Any] = {
    "event_type": "purchase",
    "device_id": "0b6f2f6e-6a1c",
    "time": NOW - 60_000,
    "insert_id": "e-1",
    "event_properties": {"value": 24.5},
    "revenue": 24.5,
}
SOUND: dict[str, Any] = {"api_key": "k", "events": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["events_ingested"] == 1


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("events", 0, "event_type"), ..., "events[0].event_type: missing"),
        (("events", 0, "device_id"), ..., "events[0].user_id: missing, and no device_id"),
        (
            ("events", 0, "user_id"),
            "c-1",
            "events[0].user_id: expected at least 5 characters, of somebody",
        ),
        (("events", 0, "time"), "now", "events[0].time: expected a time"),
        (("events", 0, "revenue"), "24.5", "events[0].revenue: expected a number"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_a_400_names_fields_and_places_and_takes_none() -> None:
    events = [EVENT, changed(EVENT, "time", to="x"), changed(EVENT, "event_type", to=...)]
    status, body = LINE.says({**SOUND, "events": events})
    assert (status, body["events_with_invalid_fields"]) == (400, {"time": [1]})
    assert body["events_with_missing_fields"] == {"event_type": [2]}
    assert LINE.play({**SOUND, "events": events}).taken == 0


def test_what_is_too_large_is_413_and_a_batch_may_be_larger() -> None:
    large = {**SOUND, "events": [changed(EVENT, "event_properties", to={"a": "x" * 1_000_000})]}
    assert LINE.says(large)[0] == 413
    assert Line("/batch").says(large)[0] == 200
    assert LINE.says({"events": [EVENT]})[1]["error"].startswith("Invalid API key")


def test_a_request_may_allow_shorter_ids() -> None:
    short = changed(SOUND, "events", 0, "user_id", to="c-1")
    assert LINE.faults({**short, "options": {"min_id_length": 1}}) == []
