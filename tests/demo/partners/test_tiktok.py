from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/open_api/v1.3/event/track/", {"access-token": "t0ken"})
PURCHASE: dict[str, Any] = {
    "event": "Purchase",
    "event_time": NOW // 1000 - 60,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "user": {"email": HASH, "phone": [HASH], "ttp": "x", "ip": "203.0.113.9", "user_agent": "M"},
    "page": {"url": "https://www.example.com/"},
    "properties": {
        "currency": "EUR",
        "value": 24.5,
        "contents": [{"price": 24.5, "quantity": 1, "content_id": "CUP-1"}],
    },
}
SOUND = {"event_source": "web", "event_source_id": "PIXEL", "data": [PURCHASE]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    status, body = LINE.says(SOUND)
    assert (status, body["code"], body["message"]) == (200, 0, "OK")


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("event",), 5, "event: expected a text"),
        (("event_time",), NOW, "event_time: lies in the future"),
        (("user", "email"), "a@example.com", "user.email: expected SHA-256 in lower-case hex"),
        (("user", "ip"), HASH, "user.ip: expected an address"),
        (("properties", "currency"), "eur", "properties.currency: expected three capital letters"),
        (("properties", "value"), ..., "properties.value: Purchase needs it"),
        (
            ("properties", "contents", 0, "price"),
            "1",
            "properties.contents[0].price: expected a number",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, "data", 0, *path, to=value)) == [f"data[0].{fault}"]


def test_what_went_wrong_stands_in_the_body_of_a_200() -> None:
    bad = changed(PURCHASE, "event", to=5)
    answers = [
        LINE.says({**SOUND, "data": [bad]}),
        LINE.says({**SOUND, "data": [PURCHASE, bad]}),
        LINE.says({**SOUND, "event_source": "shop"}),
        Line("/open_api/v1.3/event/track").says(SOUND),
    ]
    assert [(status, body["code"]) for status, body in answers] == [
        (200, 40002), (200, 20001), (200, 40002), (200, 40105),
    ]  # fmt: skip
    assert answers[1][1]["data"]["failed_events"][0]["order_in_batch"] == 1
    assert LINE.play({**SOUND, "data": [PURCHASE, bad]}).taken == 1


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)
