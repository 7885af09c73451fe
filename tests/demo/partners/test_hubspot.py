from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import Line, changed

LINE = Line("/events/v3/send/batch", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "eventName": "pe123_purchase",
    "email": "a@example.com",
    "uuid": "e-1",
    "occurredAt": "2026-11-18T20:40:00Z",
    "properties": {"value": 24.5},
}
SOUND: dict[str, Any] = {"inputs": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (204, None)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("inputs", 0, "eventName"),
            "Purchase!",
            "inputs[0].eventName: expected pe<account>_<name>",
        ),
        (("inputs", 0, "email"), ..., "inputs[0].email: expected one of email, utk, objectId"),
        (("inputs", 0, "occurredAt"), "today", "inputs[0].occurredAt: expected ISO 8601"),
        (
            ("inputs", 0, "properties", "value"),
            [],
            "inputs[0].properties.value: expected a text of at most 1024 characters",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_one_that_is_wrong_fails_all_and_is_named() -> None:
    status, body = LINE.says({"inputs": [EVENT, changed(EVENT, "email", to=...)]})
    assert (status, body["category"], body["errors"][0]["in"]) == (
        400, "VALIDATION_ERROR", "inputs[1].email",
    )  # fmt: skip


def test_one_event_alone_has_a_path_of_its_own() -> None:
    assert Line("/events/v3/send", LINE.headers).says(EVENT) == (204, None)
