from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, Line, changed

LINE = Line("/12/measurement/conversions/o8z6j", {"authorization": "OAuth oauth_token=t"})
ONE: dict[str, Any] = {
    "conversion_time": "2026-11-18T10:40:00.000Z",
    "event_id": "tw-o8z6j-o87ne",
    "identifiers": [{"twclid": "23o"}, {"hashed_email": HASH}],
    "conversion_id": "e-1",
    "value": "24.5",
    "price_currency": "EUR",
    "number_items": 1,
}
SOUND: dict[str, Any] = {"conversions": [ONE]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["data"]["conversions_processed"] == 1


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("conversions", 0, "conversion_time"),
            "today",
            "conversions[0].conversion_time: expected a time",
        ),
        (
            ("conversions", 0, "event_id"),
            "Purchase",
            "conversions[0].event_id: expected tw-<pixel>-<event>",
        ),
        (
            ("conversions", 0, "identifiers"),
            [],
            "conversions[0].identifiers: at least one is needed",
        ),
        (
            ("conversions", 0, "identifiers"),
            [{"ip_address": "203.0.113.9"}],
            "conversions[0].identifiers: ip_address and user_agent count together only",
        ),
        (
            ("conversions", 0, "identifiers", 1, "hashed_email"),
            "a@b.c",
            "conversions[0].identifiers[1].hashed_email: expected SHA-256 in lower-case hex",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_who_is_not_signed_is_unknown() -> None:
    status, body = Line(LINE.path).says(SOUND)
    assert (status, body["errors"][0]["code"]) == (401, "UNAUTHORIZED_ACCESS")
    assert Line(LINE.path, {"x-pixel-token": "t"}).says(SOUND)[0] == 200
