from __future__ import annotations

from typing import Any

import pytest

from server.clock import DAY_MS
from tests.demo.partners.asking import EMPTY_HASH, HASH, NOW, Line, changed

LINE = Line("/v24.0/1234567890/events?access_token=t0ken")
PURCHASE: dict[str, Any] = {
    "event_name": "Purchase",
    "event_time": NOW // 1000 - 60,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "action_source": "website",
    "event_source_url": "https://www.example.com/thank-you",
    "user_data": {
        "em": [HASH],
        "client_ip_address": "203.0.113.9",
        "client_user_agent": "Mozilla/5.0",
        "fbc": f"fb.1.{NOW}.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2",
        "fbp": f"fb.1.{NOW}.1098115397",
    },
    "custom_data": {
        "currency": "EUR",
        "value": 24.5,
        "content_type": "product",
        "contents": [{"id": "CUP-1", "quantity": 1, "item_price": 24.5}],
    },
}
SOUND = {"data": [PURCHASE]}


def test_a_sound_request_is_taken_and_deduplicated_by_name_and_id() -> None:
    assert LINE.faults(SOUND) == []
    status, body = LINE.says(SOUND)
    assert (status, body["events_received"]) == (200, 1)
    [item] = LINE.read(SOUND).items
    assert item.key == f"Purchase|{PURCHASE['event_id']}"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("event_name",), ..., "event_name: expected a text"),
        (("event_time",), NOW, "event_time: lies in the future"),
        (("event_time",), (NOW - 8 * DAY_MS) // 1000, "event_time: too long ago"),
        (("event_time",), "yesterday", "event_time: expected a time"),
        (("event_source_url",), ..., "event_source_url: a website's event needs it"),
        (
            ("user_data", "client_user_agent"),
            ...,
            "user_data.client_user_agent: a website's event needs it",
        ),
        (
            ("user_data", "em"),
            ["a@example.com"],
            "user_data.em: expected SHA-256 in lower-case hex",
        ),
        (("user_data", "em"), [EMPTY_HASH], "user_data.em: expected SHA-256 in lower-case hex"),
        (("user_data", "fbc"), "IwAR2F4", "user_data.fbc: expected fb.<subdomains>.<time>.<id>"),
        (
            ("user_data",),
            {"client_user_agent": "M"},
            "user_data.*: too little to know a customer by",
        ),
        (("custom_data", "value"), "24.5", "custom_data.value: expected a number"),
        (("custom_data", "value"), ..., "custom_data.value: a Purchase needs it"),
        (("custom_data", "contents", 0, "id"), ..., "custom_data.contents[0].id: missing"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, "data", 0, *path, to=value)) == [f"data[0].{fault}"]


def test_one_old_event_fails_all_of_the_request() -> None:
    old = changed(PURCHASE, "event_time", to=(NOW - 8 * DAY_MS) // 1000)
    played = LINE.play({"data": [PURCHASE, old]})
    assert (played.answer.status, played.taken) == (400, 0)
    _, body = LINE.says({"data": [PURCHASE, old]})
    assert (body["error"]["code"], body["error"]["error_subcode"]) == (100, 2804003)


def test_a_shop_with_a_door_may_tell_older_events() -> None:
    old = changed(PURCHASE, "event_time", to=(NOW - 30 * DAY_MS) // 1000)
    assert LINE.faults({"data": [changed(old, "action_source", to="physical_store")]}) == []


def test_without_a_token_it_is_an_error_of_400_too() -> None:
    status, body = Line("/v24.0/1/events").says(SOUND)
    assert (status, body["error"]["code"]) == (400, 190)


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)
