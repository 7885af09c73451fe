from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import Line, changed

LINE = Line("/event?s=123456&idclient=0b6f2f6e")
SOUND: dict[str, Any] = {
    "events": [{"name": "page.display", "data": {"page": "home", "event_id": "e-1", "n": [1]}}]
}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (200, None)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("events", 0, "name"),
            "Page view",
            "events[0].name: expected letters, digits, . and _, at most 50",
        ),
        (
            ("events", 0, "data"),
            {"a b": 1},
            "events[0].data.a b: expected letters, digits, . and _",
        ),
        (
            ("events", 0, "data", "page"),
            {},
            "events[0].data.page: expected a text, a number, yes or no, or a list of them",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_it_says_200_to_whatever_it_is_sent() -> None:
    bodies: list[Any] = [b"x", {"events": []}]
    assert [LINE.says(body) for body in bodies] == [(200, None)] * 2
    assert Line("/event").faults(SOUND) == [
        "s: expected the number of the site",
        "idclient: missing",
    ]
