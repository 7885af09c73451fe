from __future__ import annotations

import json
from typing import Any

import pytest

from tests.demo.partners.asking import NOW, Line, changed

LINE = Line("/import?strict=1&project_id=9", {"authorization": "Basic dTpw"})
EVENT: dict[str, Any] = {
    "event": "purchase",
    "properties": {"time": NOW // 1000, "distinct_id": "0b6f2f6e", "$insert_id": "e-1"},
}
SOUND: list[Any] = [EVENT]


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[1]["num_records_imported"] == 1


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ((0, "event"), 5, "records[0].event: expected a text of at most 255 characters"),
        ((0, "properties", "time"), ..., "records[0].properties.time: expected a time"),
        (
            (0, "properties", "$insert_id"),
            "a b",
            "records[0].properties.$insert_id: expected at most 36 letters, digits and -",
        ),
        (
            (0, "properties", "distinct_id"),
            "undefined",
            "records[0].properties.distinct_id: expected somebody, or an empty text",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_the_good_records_are_imported_and_the_others_named() -> None:
    status, body = LINE.says([EVENT, changed(EVENT, "properties", "time", to=...)])
    [failed] = body["failed_records"]
    assert (status, failed["index"], failed["field"]) == (400, 1, "properties.time")
    assert (failed["$insert_id"], body["num_records_imported"]) == ("e-1", 1)


def test_a_line_an_event_will_do() -> None:
    lines = b"\n".join(json.dumps(EVENT).encode() for _ in range(3))
    assert LINE.says(lines)[1]["num_records_imported"] == 3
    assert Line("/import", LINE.headers).faults(SOUND) == ["strict: expected 1"]
