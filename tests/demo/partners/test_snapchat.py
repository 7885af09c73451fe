from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/v3/pixel-1/events?access_token=t")
EVENT: dict[str, Any] = {
    "event_name": "PURCHASE",
    "action_source": "website",
    "event_time": NOW // 1000 - 60,
    "event_id": "e-1",
    "event_source_url": "https://www.example.com/",
    "user_data": {"em": [HASH], "client_ip_address": "203.0.113.9", "client_user_agent": "M"},
    "custom_data": {"currency": "EUR", "value": 24.5},
}
SOUND: dict[str, Any] = {"data": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["status"] == "VALID"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("data", 0, "event_name"),
            "Purchase",
            "data[0].event_name: expected capital letters, such as PURCHASE",
        ),
        (("data", 0, "event_source_url"), ..., "data[0].event_source_url: expected a text"),
        (("data", 0, "event_time"), NOW // 1000 - 8 * 86_400, "data[0].event_time: too long ago"),
        (
            ("data", 0, "user_data"),
            {},
            "data[0].user_data.*: expected em, ph, or client_ip_address with client_user_agent",
        ),
        (
            ("data", 0, "custom_data", "currency"),
            "eur",
            "data[0].custom_data.currency: expected three capital letters",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_one_event_that_is_not_right_fails_all() -> None:
    status, body = LINE.says({"data": [EVENT, changed(EVENT, "event_name", to="x")]})
    assert (status, body["status"]) == (400, "INVALID")
    assert body["reason"].startswith("data[1].event_name: ")


def test_an_app_may_tell_older_events() -> None:
    old = changed(EVENT, "event_time", to=NOW // 1000 - 30 * 86_400)
    assert LINE.faults({"data": [changed(old, "action_source", to="app")]}) == []
