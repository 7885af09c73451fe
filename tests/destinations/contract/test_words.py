from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.destinations.contract import (
    EVENT,
    PURCHASE,
    campaign,
    commerce,
    encode,
    is_plain_number,
    iso_time,
    items,
    page,
    prop,
    props,
    screen,
    user_id,
    visitor_id,
    with_params,
)
from server.model import NO_VISITOR, Item


@pytest.mark.parametrize("text", ["0", "-1", "90", "4.95", "999999999999999"])
def test_a_text_that_is_a_number_and_no_more(text: str) -> None:
    assert is_plain_number(text)


@pytest.mark.parametrize(
    "text", ["", "01000", "+33612345678", "1e5", "1234567890123456", "1.", "٣"]
)
def test_a_text_that_would_lose_something_as_a_number(text: str) -> None:
    assert not is_plain_number(text)


def test_what_a_site_says_is_a_number_where_nothing_is_lost_by_it() -> None:
    said = {"percent": "90", "postcode": "01000", "colour": "red", "nothing": "", "event_id": "x"}
    nums = {"percent": 90.0, "postcode": 1000.0, "seconds": 1.5, "endless": float("inf")}
    event = replace(EVENT, props=said, nums=nums)
    assert props(event) == {"percent": 90, "postcode": "01000", "colour": "red", "seconds": 1.5}
    assert [prop(event, name) for name in ("percent", "absent", "endless")] == [90, "", None]


def test_an_order_is_told_in_the_words_of_ga4() -> None:
    bought = replace(PURCHASE, currency="eur")
    assert encode(commerce(bought)) == (
        b'{"currency":"EUR","value":64.85,"transaction_id":"T-1001","items":['
        b'{"item_id":"SKU-1","item_name":"Shoes","item_brand":"Freewalk",'
        b'"item_category":"Footwear","price":29.95,"quantity":2},'
        b'{"item_id":"SKU-2","item_name":"Laces","price":4.95,"quantity":1}]}'
    )
    assert commerce(EVENT) == {}


def test_items_keep_what_a_site_adds_and_their_places_where_they_have_some() -> None:
    lines = [
        Item(item_id="a", props={"size": "42", "price": "x", "note": ""}, price="1.0000"),
        Item(item_id="b", index=1),
        Item(),
    ]
    assert items(replace(EVENT, items=lines)) == [
        {"size": "42", "price": 1, "item_id": "a", "index": 0, "quantity": 1},
        {"item_id": "b", "index": 1, "quantity": 1},
    ]


def test_the_page_and_what_brought_the_visitor_are_told_under_known_names() -> None:
    event = replace(EVENT, title="Shoes", campaign_source="news", campaign_id="7")
    assert page(event) == {"page_location": EVENT.url, "page_title": "Shoes"}
    assert campaign(event) == {"utm_source": "news", "utm_id": "7"}


def test_an_id_that_mistakes_make_is_nobody_s() -> None:
    ids = ["u-42", "Undefined", " null ", NO_VISITOR, ""]
    assert [user_id(replace(EVENT, user_id=id_)) for id_ in ids] == ["u-42", "", "", "", ""]
    assert visitor_id(EVENT) == EVENT.visitor_id
    assert visitor_id(replace(EVENT, visitor_id=NO_VISITOR)) == ""


@pytest.mark.parametrize(
    ("text", "size"),
    [("1920x1080", (1920, 1080)), ("0x0", None), ("x", None), ("123456x1", None), ("٣x٣", None)],
)
def test_a_screen_is_two_numbers(text: str, size: tuple[int, int] | None) -> None:
    assert screen(replace(EVENT, screen=text)) == size


def test_a_tag_s_own_params_beat_the_event_s_and_null_leaves_one_out() -> None:
    known = {"a": 1, "b": "", "c": 3, "d": 4}
    assert with_params(known, {"c": None, "d": 5, "e": False}) == {"a": 1, "d": 5, "e": False}


def test_a_moment_has_milliseconds_and_no_zone_but_utc() -> None:
    assert iso_time(1_760_000_030_007) == "2025-10-09T08:53:50.007Z"
