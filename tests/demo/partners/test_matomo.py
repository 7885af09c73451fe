from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.demo.partners.asking import Line, changed

LINE = Line("/matomo.php")
VIEW = "?idsite=1&rec=1&url=https%3A%2F%2Fwww.example.com%2F&_id=0123456789abcdef&pv_id=e1"
ORDER = "?idsite=1&rec=1&idgoal=0&ec_id=T-1&revenue=24.5&ec_items=%5B%5B%22CUP-1%22%5D%5D"
SOUND: dict[str, Any] = {"requests": [VIEW, ORDER], "token_auth": "t"}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 2
    assert LINE.says(SOUND)[1] == {
        "status": "success", "tracked": 2, "invalid": 0, "invalid_indices": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("requests",), [], "requests: expected a list"),
        (("requests", 0), VIEW.replace("rec=1", "rec=0"), "requests[0].rec: expected 1"),
        (
            ("requests", 0),
            VIEW.replace("idsite=1", "idsite="),
            "requests[0].idsite: expected a number",
        ),
        (
            ("requests", 0),
            VIEW.replace("abcdef", "xyz"),
            "requests[0]._id: expected 16 hexadecimal characters",
        ),
        (
            ("requests", 0),
            VIEW + "&e_a=click",
            "requests[0].e_c: an event has a category and an action",
        ),
        (("requests", 1), ORDER.replace("24.5", ""), "requests[1].revenue: an order needs it"),
        (
            ("requests", 1),
            ORDER.replace("CUP-1", ""),
            "requests[1].ec_items: expected a list of [sku, name, category, price, quantity]",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_only_who_has_a_token_may_set_an_address_or_an_old_time() -> None:
    requests = [VIEW + "&cip=203.0.113.9", VIEW + "&cdt=1600000000"]
    assert LINE.faults({"requests": requests, "token_auth": "t"}) == []
    assert LINE.faults({"requests": requests}) == [
        "requests[0].cip: only with token_auth",
        "requests[1].cdt: older than 24 hours, only with token_auth",
    ]


def test_what_was_invalid_is_told_by_its_place_and_the_rest_is_tracked() -> None:
    status, body = LINE.says(changed(SOUND, "requests", 0, to="?rec=1"))
    assert (status, body["tracked"], body["invalid_indices"]) == (200, 1, [0])


def test_a_request_may_be_an_object_of_its_parameters() -> None:
    view = dict(parse_qsl(VIEW.lstrip("?")))
    assert LINE.faults({"requests": [view]}) == []
    assert LINE.faults({"requests": [{**view, "rec": "0"}]}) == ["requests[0].rec: expected 1"]
