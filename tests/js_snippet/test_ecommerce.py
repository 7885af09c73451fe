"""GA4's e-commerce events as calls, `observe: ecommerce`."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

CUP = {"item_id": "CUP-1", "price": 24.1, "quantity": 3}
BOWL = {"item_id": "BOWL-1", "price": "29"}
NAMES = (
    *("view_item_list", "select_item", "view_promotion", "select_promotion"),
    *("view_item", "add_to_cart", "add_to_wishlist", "remove_from_cart", "view_cart"),
    *("begin_checkout", "add_shipping_info", "add_payment_info", "purchase", "refund"),
)


def told(page: Page, recorder: Recorder, script: str) -> list[tuple[str, Any, Any]]:
    """Name, props and items of each event of a script."""
    recorder.container = make_container(CookieMode.ALWAYS, "ecommerce", page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate(
        f"() => {{ const cup = {CUP}, bowl = {BOWL}; {script}; freehold('event', 'end') }}"
    )
    events = recorder.until("end")[:-1]
    return [(event["name"], event["props"], event.get("items")) for event in events]


def test_items_are_one_or_many_and_the_event_is_worth_what_they_cost(
    page: Page, recorder: Recorder
) -> None:
    script = """
        freehold('view_item', bowl);
        freehold('add_to_cart', [cup, bowl], {currency: 'USD'});
        freehold('purchase', [cup], {transaction_id: 'T1', value: 70, tax: 2});
        freehold('purchase', {transaction_id: 'T2', items: [cup]});
        freehold('refund', [], {transaction_id: 'T1'});
        freehold('view_cart', {item_id: 'GIFT-1'});
        freehold('purchase', null, {transaction_id: 'T3'});
        freehold('purchase', {transaction_id: 'T4', value: 5});
        freehold('view_item', [null, {item_name: 'A cup', price: 2}, undefined])"""
    assert told(page, recorder, script) == [
        ("view_item", {"value": 29}, [BOWL]),
        ("add_to_cart", {"value": 101.3, "currency": "USD"}, [CUP, BOWL]),
        ("purchase", {"transaction_id": "T1", "value": 70, "tax": 2}, [CUP]),
        ("purchase", {"transaction_id": "T2", "value": 72.3}, [CUP]),
        ("refund", {"transaction_id": "T1"}, []),
        ("view_cart", {}, [{"item_id": "GIFT-1"}]),
        ("purchase", {"transaction_id": "T3"}, []),
        ("purchase", {"transaction_id": "T4", "value": 5}, []),
        ("view_item", {"value": 2}, [{"item_name": "A cup", "price": 2}]),
    ]


def test_every_name_of_ga4_is_there_and_a_list_is_worth_nothing(
    page: Page, recorder: Recorder
) -> None:
    calls = ";".join(f"freehold('{name}', [cup])" for name in NAMES)
    events = told(page, recorder, calls)
    assert [name for name, _, _ in events] == list(NAMES)
    assert [props.get("value") for _, props, _ in events] == [None] * 4 + [72.3] * 10


def test_a_call_is_an_event_as_any_other(page: Page, recorder: Recorder) -> None:
    script = """
        freehold('set', {shop: 'north'});
        freehold('view_item', cup, {}, {id: 'mine'})"""
    assert told(page, recorder, script)[0][1] == {"shop": "north", "value": 72.3}
    assert recorder.until("end")[0]["id"] == "mine"


def test_a_list_longer_than_the_collector_takes_is_cut(page: Page, recorder: Recorder) -> None:
    [(_, _, items)] = told(page, recorder, "freehold('view_item_list', Array(300).fill(cup))")
    assert len(items) == 200
