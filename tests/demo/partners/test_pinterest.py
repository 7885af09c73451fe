from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/v5/ad_accounts/549/events", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "event_name": "checkout",
    "action_source": "web",
    "event_time": NOW // 1000 - 60,
    "event_id": "e-1",
    "user_data": {"em": [HASH], "client_ip_address": "203.0.113.9", "client_user_agent": "M"},
    "custom_data": {
        "currency": "EUR",
        "value": "24.5",
        "contents": [{"id": "CUP-1", "item_price": "24.5", "quantity": 1}],
    },
}
SOUND: dict[str, Any] = {"data": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["num_events_processed"] == 1


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("data", 0, "event_id"), ..., "data[0].event_id: expected a text"),
        (
            ("data", 0, "action_source"),
            "website",
            "data[0].action_source: expected one of app_android, app_ios, offline, web",
        ),
        (("data", 0, "event_time"), NOW, "data[0].event_time: lies in the future"),
        (("data", 0, "user_data", "em"), HASH, "data[0].user_data.em: expected a list"),
        (
            ("data", 0, "user_data"),
            {},
            "data[0].user_data.*: expected em, hashed_maids, or client_ip_address with "
            "client_user_agent",
        ),
        (
            ("data", 0, "custom_data", "value"),
            24.5,
            "data[0].custom_data.value: expected a number in a text",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_each_event_has_its_status_and_422_says_that_one_failed() -> None:
    status, body = LINE.says({"data": [changed(EVENT, "event_id", to=""), EVENT]})
    assert (status, [one["status"] for one in body["events"]]) == (422, ["failed", "processed"])
    assert (body["num_events_received"], body["num_events_processed"]) == (2, 1)
