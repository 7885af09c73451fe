from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/api/v3/pixels/a2_x/conversion_events", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "event_at": NOW - 60_000,
    "action_source": "WEBSITE",
    "type": {"tracking_type": "PURCHASE"},
    "click_id": "rdt",
    "metadata": {"conversion_id": "e-1", "currency": "EUR", "value": 24.5},
    "user": {"email": HASH, "external_id": HASH, "ip_address": "203.0.113.9"},
}
SOUND: dict[str, Any] = {"data": {"events": [EVENT]}}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[0] == 200


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("data", "events", 0, "event_at"),
            NOW + 400_000,
            "data.events[0].event_at: lies in the future",
        ),
        (
            ("data", "events", 0, "type", "tracking_type"),
            "Purchase",
            "data.events[0].type.tracking_type: expected one of PAGE_VISIT, VIEW_CONTENT, "
            "SEARCH, ADD_TO_CART, ADD_TO_WISHLIST, PURCHASE, LEAD, SIGN_UP, CUSTOM",
        ),
        (
            ("data", "events", 0, "type", "tracking_type"),
            "CUSTOM",
            "data.events[0].type.custom_event_name: a CUSTOM event needs it",
        ),
        (
            ("data", "events", 0, "user", "external_id"),
            "c-17",
            "data.events[0].user.external_id: expected SHA-256 in lower-case hex",
        ),
        (("data",), [], "data.events: expected a list of 1 to 1000"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_all_events_are_taken_or_none() -> None:
    document = {"data": {"events": [EVENT, changed(EVENT, "action_source", to="web")]}}
    status, body = LINE.says(document)
    assert (status, body["error"]["reason"]) == (400, "BAD_REQUEST")
    assert LINE.play(document).taken == 0
