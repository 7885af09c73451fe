from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.destinations.contract import EVENT, Sending, encode
from server.destinations.ga4.params import params
from server.model import Item, Person
from tests.destinations.ga4.sendings import CONFIG, sending

LEAST = {
    "session_id": 1760000000,
    "engagement_time_msec": 1,
    "page_location": "https://www.example.com/shoes",
    "event_id": EVENT.event_id,
}


def said(one: Sending) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(encode(params(one)))
    return plain


def test_an_event_says_its_session_its_page_and_its_id() -> None:
    assert said(sending()) == LEAST


def test_an_event_without_a_session_says_none() -> None:
    assert "session_id" not in said(sending(session_id=0))


@pytest.mark.parametrize(
    ("cookie", "session_id"),
    [
        ("GS1.1.1750000001.3.1.1750000300.0.0.0", 1750000001),
        ("GS2.1.s1750000002$o3$g1$t1750000300$j42$l0$h0", 1750000002),
        ("GS2.1-2.s1750000003", 1750000003),
        ("GS2.1.sx", 1760000000),
        ("GS1.1.0.1", 1760000000),
        ("", 1760000000),
    ],
)
def test_the_session_is_that_of_gtag_js_where_its_cookie_came(cookie: str, session_id: int) -> None:
    person = Person(cookies={"_ga_ABC123": cookie, "_ga_OTHER": "GS1.1.1.1"})
    assert said(sending(person=person))["session_id"] == session_id


@pytest.mark.parametrize(
    ("spent", "engagement"), [(8700.0, 8700), (0.0, 1), (-5.0, 1), (1e300, 86_400_000)]
)
def test_engagement_is_between_a_millisecond_and_a_day(spent: float, engagement: int) -> None:
    one = sending(nums={"engagement_time_msec": spent}, props={"engagement_time_msec": "x"})
    assert said(one) == LEAST | {"engagement_time_msec": engagement}


def test_no_more_than_25_parameters_and_the_dispensable_ones_go_first() -> None:
    one = sending(
        config=replace(CONFIG, params={"mine": "x"}),
        value="10.0000",
        currency="eur",
        transaction_id="T-1",
        title="Thanks",
        items=[Item(item_id="SKU-1")],
        props={f"prop_{n:02}": str(n) for n in range(40)} | {"tax": "1.5", "coupon": "C"},
    )
    assert list(said(one)) == [
        "session_id",
        "engagement_time_msec",
        "page_location",
        "page_title",
        "currency",
        "value",
        "transaction_id",
        "items",
        "event_id",
        "mine",
        "coupon",
        "tax",
        *(f"prop_{n:02}" for n in range(13)),
    ]
    assert said(one)["currency"] == "EUR"


def test_texts_are_cut_to_what_ga4_takes() -> None:
    long = "ß" * 2000
    one = sending(url=long, title=long, referrer=long, transaction_id=long, props={"prop": long})
    found = said(one)
    assert {name: len(found[name]) for name in found if "ß" in str(found[name])} == {
        "page_location": 1000,
        "page_title": 300,
        "page_referrer": 420,
        "transaction_id": 100,
        "prop": 100,
    }


def test_props_that_ga4_would_not_take_are_left_out() -> None:
    props = {"a-b": "1", "ga_x": "1", "x" * 41: "1", "été": "1", "": "1", "empty": "", "ok": "yes"}
    assert said(sending(props=props)) == LEAST | {"ok": "yes"}


def test_props_never_speak_for_the_event() -> None:
    props = {
        "session_id": "1",
        "value": "much",
        "currency": "gold",
        "items": "two",
        "event_id": "x",
        "page_location": "x",
    }
    assert said(sending(props=props)) == LEAST


def test_a_server_may_name_the_page_in_a_prop() -> None:
    props = {"page_location": "https://www.example.com/" + "x" * 200}
    assert said(sending(url="", props=props))["page_location"] == props["page_location"]


def test_numbers_are_numbers_unless_the_text_says_more() -> None:
    props = {"percent": "90", "price": "19.90", "postcode": "01000", "phone": "+33612345678"}
    nums = {"percent": 90.0, "price": 19.9, "postcode": 1000.0, "phone": 33612345678.0}
    assert said(sending(props=props, nums=nums | {"alone": 2.5})) == LEAST | {
        "percent": 90,
        "price": 19.9,
        "postcode": "01000",
        "phone": "+33612345678",
        "alone": 2.5,
    }


def test_the_tag_has_the_last_word() -> None:
    config = replace(
        CONFIG, params={"page_location": None, "session_id": 7, "plan": None, "vip": True}
    )
    one = sending(config=config, props={"plan": "free", "vip": "no"})
    assert said(one) == {
        "session_id": 7,
        "engagement_time_msec": 1,
        "event_id": EVENT.event_id,
        "vip": "true",
    }


def test_the_campaign_is_said_in_the_one_event_that_takes_it() -> None:
    campaign: dict[str, Any] = {
        "campaign_name": "spring",
        "campaign_source": "news",
        "campaign_medium": "email",
        "campaign_id": "c1",
    }
    assert said(sending(**campaign)) == LEAST
    config = replace(CONFIG, event_name="campaign_details")
    assert said(sending(config=config, **campaign)) == LEAST | {
        "campaign_id": "c1",
        "campaign": "spring",
        "source": "news",
        "medium": "email",
    }


def test_an_item_says_what_it_knows_in_ga4s_words() -> None:
    item = Item(
        item_id="SKU-1",
        item_name="Shoes",
        index=3,
        price="19.9900",
        discount="5.0000",
        quantity=2.0,
        props={f"size_{n:02}": "42" for n in range(12)}
        | {"promotion_id": "P", "affiliation": "A", "bad-name": "x", "price": "9"},
    )
    assert said(sending(items=[item]))["items"] == [
        {
            "item_id": "SKU-1",
            "item_name": "Shoes",
            "index": 3,
            "price": 19.99,
            "discount": 5,
            "quantity": 2,
            "affiliation": "A",
            "promotion_id": "P",
            **{f"size_{n:02}": "42" for n in range(10)},
        }
    ]


def test_the_first_place_of_a_list_is_said_where_items_are_numbered() -> None:
    def places(*given: int) -> list[int | None]:
        items = [Item(item_id=str(n), index=index) for n, index in enumerate(given)]
        return [item.get("index") for item in said(sending(items=items))["items"]]

    assert places(0, 1, 0) == [0, 1, 0]
    assert places(0, 0) == [None, None]


def test_items_without_a_name_are_left_out_and_so_are_those_after_the_two_hundredth() -> None:
    items = [Item(price="1.0000"), *(Item(item_id=str(n)) for n in range(300))]
    found = said(sending(items=items))["items"]
    assert [item["item_id"] for item in found] == [str(n) for n in range(200)]
    assert "items" not in said(sending(items=items[:1]))


def test_large_items_are_said_as_long_as_the_request_can_hold_them() -> None:
    items = [Item(item_id=f"{n}" + "\x01" * 200, item_name="\x02" * 200) for n in range(200)]
    found = params(sending(items=items))["items"]
    assert 60 < len(found) < 200
    assert len(encode(found)) <= 80_200
