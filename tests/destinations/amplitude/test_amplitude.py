from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.containers.checks import check
from server.destinations import tag_types
from server.destinations.amplitude import DESTINATION
from server.destinations.amplitude.config import Config
from server.destinations.contract import EVENT, PURCHASE, sample
from tests.destinations.asking import ask, said

CONFIG = Config(api_key="0" * 32)


def event_of(**more: Any) -> dict[str, Any]:
    (found,) = json.loads(ask(DESTINATION, sample(CONFIG, replace(PURCHASE, **more))).body)[
        "events"
    ]
    return dict(found)


@pytest.mark.parametrize("value", ["64.8500", "-64.8500"])
def test_a_refund_takes_back_what_it_says_whatever_its_sign(value: str) -> None:
    assert event_of(name="refund", value=value)["revenue"] == -64.85


def test_only_an_order_that_says_its_value_has_revenue() -> None:
    assert "revenue" not in event_of(value=None)
    assert "revenue" not in event_of(name="add_to_cart")


def test_texts_are_cut_where_amplitude_cuts_them_in_lists_too() -> None:
    long = sample(replace(CONFIG, params={"a": ["x" * 2000], "b": True}), EVENT)
    properties = said(DESTINATION, long)["event_properties"]
    assert (properties["a"], properties["b"]) == (["x" * 1024], True)


def test_the_cookie_that_is_read_is_the_project_s() -> None:
    assert DESTINATION.cookies({"api_key": "0123456789abcdef" * 2}) == ("AMP_0123456789",)
    assert DESTINATION.cookies({"api_key": "{{ key }}"}) == ()


def test_a_key_of_another_shape_is_told() -> None:
    tag = {"type": "amplitude", "fires_on": ["all_pages"], "with": {"api_key": "secret"}}
    (fault,) = check({"id": "shop", "sites": ["self"], "tags": {"a": tag}}, tag_types())
    assert str(fault).endswith("api_key: expected 32 of 0-9 and a-f")


def test_events_to_which_a_page_gives_one_id_stay_several() -> None:
    assert event_of(props={"event_id": "order-7"})["insert_id"] == PURCHASE.event_id
