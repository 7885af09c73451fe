from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import NOW, Line, changed

LINE = Line("/v1/batch", {"authorization": "Basic a2V5Og=="})
EVENT: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "e-1",
    "anonymousId": "0b6f2f6e",
    "timestamp": "2026-11-18T20:40:00Z",
    "properties": {"value": 24.5},
}
SOUND: dict[str, Any] = {"batch": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (200, {"success": True})


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("batch", 0, "type"),
            "event",
            "batch[0].type: expected one of alias, group, identify, page, screen, track",
        ),
        (("batch", 0, "event"), ..., "batch[0].event: expected a text"),
        (("batch", 0, "anonymousId"), ..., "batch[0].userId: expected one, or an anonymousId"),
        (("batch", 0, "timestamp"), NOW, "batch[0].timestamp: expected ISO 8601"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_it_says_success_to_events_that_it_will_drop() -> None:
    played = LINE.play(changed(SOUND, "batch", 0, "event", to=...))
    assert (played.answer.status, played.taken) == (200, 0)
    assert LINE.says(b"x")[0] == 400
    assert LINE.says({"batch": [EVENT], "more": "x" * 500_000})[0] == 400


def test_an_event_alone_and_a_key_in_the_body_will_do() -> None:
    assert Line("/v1/track").says({**EVENT, "writeKey": "key"}) == (200, {"success": True})
    assert Line("/v1/track").says(EVENT)[0] == 401
