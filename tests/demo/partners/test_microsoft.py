from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/v1/17654321/events", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "eventType": "custom",
    "eventName": "purchase",
    "eventTime": NOW // 1000 - 60,
    "eventId": "e-1",
    "pageLoadId": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    "adStorageConsent": "G",
    "userData": {"em": HASH, "msclkid": "x"},
    "customData": {"value": 24.5, "currency": "EUR"},
}
SOUND: dict[str, Any] = {"data": [EVENT], "continueOnValidationError": True}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["eventsReceived"] == 1


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("data", 0, "eventType"),
            "pageView",
            "data[0].eventType: expected one of pageLoad, custom",
        ),
        (("data", 0, "eventType"), "pageLoad", "data[0].eventSourceUrl: a pageLoad needs it"),
        (
            ("data", 0, "pageLoadId"),
            "0199c000-0000-7000-8000-000000000001",
            "data[0].pageLoadId: expected a UUID of version 4",
        ),
        (
            ("data", 0, "adStorageConsent"),
            "granted",
            "data[0].adStorageConsent: expected one of G, D",
        ),
        (
            ("data", 0, "userData"),
            {},
            "data[0].userData.*: expected something to know a customer by",
        ),
        (("data", 0, "customData", "currency"), ..., "data[0].customData.currency: value needs it"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_the_others_are_taken_when_it_is_told_to_go_on() -> None:
    events = [EVENT, changed(EVENT, "eventType", to="x")]
    status, body = LINE.says({"data": events, "continueOnValidationError": True})
    [detail] = body["error"]["details"]
    assert (status, detail["index"], detail["propertyName"]) == (200, 1, "eventType")
    assert body["eventsReceived"] == 1
    played = LINE.play({"data": events})
    assert (played.answer.status, played.taken) == (400, 0)
