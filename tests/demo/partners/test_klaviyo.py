from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import Line, changed

HEADERS = {"authorization": "Klaviyo-API-Key pk_x", "revision": "2026-04-15"}
LINE = Line("/api/events", HEADERS)
PROFILE = {"data": {"type": "profile", "attributes": {"email": "a@example.com"}}}
EVENT: dict[str, Any] = {
    "type": "event",
    "attributes": {
        "properties": {"order": "T-1"},
        "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
        "profile": PROFILE,
        "time": "2026-11-18T20:40:00Z",
        "value": 24.5,
        "value_currency": "EUR",
        "unique_id": "e-1",
    },
}
SOUND: dict[str, Any] = {"data": EVENT}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (202, None)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("data", "type"), "events", "type: expected event"),
        (("data", "attributes", "properties"), ..., "properties: expected an object"),
        (("data", "attributes", "metric"), {}, "metric: expected a name"),
        (("data", "attributes", "value"), "24.5", "value: expected a number"),
        (
            ("data", "attributes", "profile", "data", "attributes", "phone_number"),
            "0601",
            "profile.phone_number: expected E.164",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_what_is_wrong_is_told_as_json_api_does() -> None:
    status, body = LINE.says(changed(SOUND, "data", "attributes", "value", to="x"))
    assert (status, body["errors"][0]["source"]["pointer"]) == (400, "/data/attributes/value")
    assert Line(LINE.path, {"revision": "2026-04-15"}).says(SOUND)[0] == 401
    assert Line(LINE.path, {**HEADERS, "revision": "now"}).says(SOUND)[0] == 400


def test_a_bulk_job_has_the_events_of_profiles() -> None:
    events = {"data": [changed(EVENT, "attributes", "profile", to=...)]}
    one = {"type": "event-bulk-create", "attributes": {"profile": PROFILE, "events": events}}
    job = {"data": {"attributes": {"events-bulk-create": {"data": [one]}}}}
    bulk = Line("/api/event-bulk-create-jobs", HEADERS)
    assert (bulk.faults(job), bulk.play(job).taken) == ([], 1)
