"""Calls for other tags, `observe: shims`: what their queues hold, and what comes after."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser


def told(page: Page, recorder: Recorder, shim: str, before: str, after: str) -> list[Any]:
    """All events of a page that calls `before` the tag is there, and `after`."""
    recorder.container = make_container(CookieMode.ALWAYS, shims=[shim])
    page.goto(recorder.page(head=f"<script>{before}</script>{recorder.snippet}"))
    page.wait_for_function("!freehold.q")
    page.evaluate(f"() => {{ {after}; freehold('event', 'end') }}")
    return [
        (event["name"], event.get("props", {}), event.get("items"), event.get("user"))
        for event in recorder.until("end")
    ][:-1]


def test_matomo(page: Page, recorder: Recorder) -> None:
    events = told(
        page,
        recorder,
        "matomo",
        "var _paq = [undefined, {}, ['setUserId', 7], ['trackPageView'],"
        " ['trackEvent', 'Shop', 'share', 'x', 2]]",
        "for (const wrong of [undefined, {}, () => 0, 7]) _paq.push(wrong);"
        "_paq.push(['addEcommerceItem', 'CUP', 'Cup', ['Cups', 'Blue'], 24, 2], ['unknown']);"
        "_paq.push(['trackEcommerceOrder', 'T1', 48, 40, 8, 0, false])",
    )
    (view, _, _, _), (share, props, _, user), (purchase, order, items, _) = events
    assert (view, share, purchase) == ("page_view", "share", "purchase")
    assert props == {"event_category": "Shop", "event_label": "x", "value": 2}
    assert user == {"id": "7"}
    assert order == {"transaction_id": "T1", "value": 48, "tax": 8, "shipping": 0}
    line = {"item_id": "CUP", "item_name": "Cup", "item_category": "Cups"}
    assert items == [{**line, "price": 24, "quantity": 2}]


def test_segment(page: Page, recorder: Recorder) -> None:
    events = told(
        page,
        recorder,
        "segment",
        "var analytics = [['identify', 'u1', {email: 'ann@example.com', plan: 'gold'}], ['page']]",
        "analytics.track('Order Completed', {order_id: 'T1', total: 24, currency: 'EUR',"
        " products: [{product_id: 'CUP', name: 'Cup', price: 24, quantity: 1}]})"
        ".track('Seen', {a: 1})",
    )
    (_, purchase, seen) = events
    assert purchase == (
        "purchase",
        {"transaction_id": "T1", "value": 24, "currency": "EUR"},
        [{"item_id": "CUP", "item_name": "Cup", "price": 24, "quantity": 1}],
        {"id": "u1", "email": "ann@example.com"},
    )
    assert seen[:2] == ("Seen", {"a": 1})


def test_plausible(page: Page, recorder: Recorder) -> None:
    events = told(
        page,
        recorder,
        "plausible",
        "window.plausible = function() { (plausible.q = plausible.q || []).push(arguments) };"
        "plausible('early', {props: {a: 'b'}})",
        "plausible('pageview'); plausible('Sale', {revenue: {amount: '24.5', currency: 'EUR'}})",
    )
    assert [event[:2] for event in events[1:]] == [
        ("early", {"a": "b"}),
        ("Sale", {"value": 24.5, "currency": "EUR"}),
    ]


def test_posthog(page: Page, recorder: Recorder) -> None:
    events = told(
        page,
        recorder,
        "posthog",
        "var posthog = [['capture', 'early', {a: 1}]]",
        "posthog.identify('u2'); posthog.capture('$pageview'); posthog.capture('$set');"
        "posthog.capture('later')",
    )
    assert [(event[0], event[3]) for event in events[1:]] == [
        ("early", None),
        ("later", {"id": "u2"}),
    ]


@pytest.mark.parametrize(
    ("shim", "before", "after"),
    [
        ("matomo", "var _paq = []", "_paq.push(['trackEvent', 'Shop', 'share'])"),
        ("segment", "var analytics = []", "analytics.track('share')"),
        ("plausible", "", "plausible('share')"),
        ("posthog", "var posthog = []", "posthog.capture('share')"),
    ],
)
def test_calls_are_answered_where_lists_are_frozen(
    page: Page, recorder: Recorder, shim: str, before: str, after: str
) -> None:
    events = told(page, recorder, shim, f"Object.freeze(Array.prototype); {before}", after)
    assert [event[0] for event in events] == ["page_view", "share"]


@pytest.mark.parametrize(
    ("shim", "real"),
    [
        ("matomo", "window.Matomo = {}; window._paq = {push: () => 'real'}"),
        ("matomo", "window._paq = {push: () => 'real'}"),
        ("segment", "window.analytics = {track: () => 'real'}"),
        ("posthog", "window.posthog = {capture: () => 'real'}"),
    ],
)
def test_where_the_other_tag_is_there_nothing_is_replaced(
    page: Page, recorder: Recorder, shim: str, real: str
) -> None:
    after = (
        "if ((window._paq?.push || window.analytics?.track || posthog.capture)() != 'real') throw 0"
    )
    assert [event[0] for event in told(page, recorder, shim, real, after)] == ["page_view"]
