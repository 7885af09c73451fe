from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import NOW, Line, changed

LINE = Line("/users/track", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "external_id": "c-17",
    "name": "add_to_cart",
    "time": "2026-11-18T20:40:00Z",
    "properties": {"event_id": "e-1"},
}
PURCHASE: dict[str, Any] = {
    "external_id": "c-17",
    "product_id": "CUP-1",
    "currency": "EUR",
    "price": 24.5,
    "quantity": 2,
    "time": "2026-11-18T20:40:00Z",
}
SOUND: dict[str, Any] = {"events": [EVENT], "purchases": [PURCHASE]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 2
    assert LINE.says(SOUND) == (201, {"message": "success", "events_processed": 2})


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("events", 0, "external_id"),
            ...,
            "events[0].external_id: expected one of external_id, braze_id, user_alias, email, "
            "phone",
        ),
        (("events", 0, "time"), NOW, "events[0].time: expected ISO 8601"),
        (("purchases", 0, "price"), "24.5", "purchases[0].price: expected a number"),
        (("purchases", 0, "quantity"), 0, "purchases[0].quantity: expected 1 to 100"),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_a_201_may_carry_errors_by_list_and_place() -> None:
    status, body = LINE.says(changed(SOUND, "purchases", 0, "price", to=...))
    assert (status, body["errors"]) == (
        201, [{"type": "price: expected a number", "input_array": "purchases", "index": 0}],
    )  # fmt: skip
    assert LINE.says({"events": [{}]})[0] == 400
    assert LINE.says({})[0] == 400
    assert LINE.says({"events": [EVENT] * 76}) == (
        400, {"message": "events: expected a list of at most 75"},
    )  # fmt: skip
