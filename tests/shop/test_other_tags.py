"""A shop whose pages call other tags, and whose visitors bring other tags' cookies."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from server.collector.adoption import visitor_id
from server.endpoints import writer_endpoint
from server.settings import read_settings
from server.store.client import Connection
from tests.running import Running, wait_for
from tests.shop.visiting import Row, choose, has, named, rows_until, saw, sent_to_meta, started

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("hosts")]

SHOP = "https://www.kiln.example/demo"
BROUGHT = {
    "_ga": "GA1.1.1234567890.1750000000",
    "_fbp": "fb.1.1750000000000.1098115397",
    "_fbc": "fb.1.1750000000000.IwAR2F4",
    "_gcl_au": "1.1.1234567890.1750000000",
    "theirs": "of nobody's business",
}
BEFORE = """
  dataLayer = [{event: 'before_all', step: 1}];
  _paq = [['trackEvent', 'a', 'matomo_before']];
  analytics = [['track', 'segment_before']];
  plausible = function () { (plausible.q = plausible.q || []).push(arguments) };
  plausible('plausible_before');
  posthog = [['capture', 'posthog_before']];
"""
"""What stands in the page's queues before any script of the shop, and so long before the tag."""
ORDER = f"order {time.time_ns()}"
"""The site's own id of the event."""
AFTER = """(order) => {
  _paq.push(['trackEvent', 'a', 'matomo_after', 'label', 7]);
  analytics.track('Product Added', {product_id: 'CUP-1', price: 24, quantity: 2});
  plausible('plausible_after', {revenue: {amount: 24, currency: 'EUR'}});
  posthog.capture('posthog_after', {plan: 'gold'});
  gtag('config', 'G-1', {user_id: 'c-17'});
  gtag('event', 'sign_up', {method: 'email'});
  gtag('set', {user_id: null});
  gtag('event', 'purchase', {
    transaction_id: 'T1', value: 48, currency: 'EUR', event_id: order,
    items: [{item_id: 'CUP-1', price: 24, quantity: 2}],
  });
  dataLayer.push({ecommerce: null});
  dataLayer.push({event: 'add_to_wishlist', ecommerce: {items: [{item_id: 'JUG-1'}]}});
}"""
TOLD = {
    "before_all": {"step": "1"},
    "matomo_before": {"event_category": "a"},
    "segment_before": {},
    "plausible_before": {},
    "posthog_before": {},
    "matomo_after": {"event_category": "a", "event_label": "label"},
    "plausible_after": {},
    "posthog_after": {"plan": "gold"},
    "sign_up": {"method": "email"},
    "purchase": {"event_id": ORDER},
}
WORTH = {
    "add_to_cart": (None, ["CUP-1"]),
    "plausible_after": (24, []),
    "purchase": (48, ["CUP-1"]),
    "add_to_wishlist": (None, ["JUG-1"]),
}


def test_calls_for_other_tags_are_events_under_the_ids_that_the_page_knows(
    freehold: Running, visitor: BrowserContext
) -> None:
    visitor.add_cookies(
        [{"name": name, "value": text, "url": SHOP} for name, text in BROUGHT.items()]
    )
    visitor.add_init_script(f"if (location.pathname == '/demo/cart') {{ {BEFORE} }}")
    page = visitor.new_page()
    page.goto(f"{SHOP}/")
    choose(page, "Accept all")
    page.goto(f"{SHOP}/cart")
    started(page)
    page.evaluate(AFTER, ORDER)
    saw(page, "add_to_wishlist")
    ids = page.evaluate("ids")
    found = rows_until(freehold, has(*TOLD, *WORTH), "kiln")
    assert {*TOLD, *WORTH} - {row["name"] for row in found} == set()
    found = [row for row in found if row["path"] == "/demo/cart"]
    assert ids == {row["props"].get("event_id", row["id"]): row["name"] for row in found}
    check_calls(found)
    [view] = named(found, "page_view")  # and none more for _paq's, analytics' and the others'
    check_cookies(freehold, view)


def check_calls(found: list[Row]) -> None:
    props = {row["name"]: row["props"] for row in found}
    assert {name: props[name] for name in TOLD} == TOLD
    worth = {row["name"]: (row["value"], row["items"]) for row in found}
    assert {name: worth[name] for name in WORTH} == WORTH
    users = {row["name"]: row["user_id"] for row in found}
    assert (users["sign_up"], users["purchase"]) == ("c-17", "")


def kept(freehold: Running, view: Row) -> Sequence[Any]:
    """The cookies beside an event, which analysts do not see."""
    connection = Connection(writer_endpoint(read_settings(freehold.environ)))
    with connection.open() as client:
        sql = "SELECT cookies FROM freehold.event_context WHERE event_id = {id:UUID}"
        rows = client.query(sql, parameters={"id": view["id"]}).result_rows
    connection.close()
    return rows


def check_cookies(freehold: Running, view: Row) -> None:
    """The visitor is who Google Analytics knew, and what partners' cookies say reaches them; a
    pixel in the page would have told Meta the same id."""
    assert view["visitor"] == visitor_id("_ga", "1234567890.1750000000")
    ours = {name: text for name, text in BROUGHT.items() if name != "theirs"}
    wait_for(lambda: kept(freehold, view) == [(ours,)], "the cookies")

    def told() -> list[Any]:
        return [event for event in sent_to_meta(freehold) if event["event_id"] == view["id"]]

    wait_for(lambda: bool(told()), "Meta")
    [event] = told()
    person = event["user_data"]
    assert (person["fbp"], person["fbc"]) == (BROUGHT["_fbp"], BROUGHT["_fbc"])
