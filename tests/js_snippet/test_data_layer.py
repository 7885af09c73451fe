"""The bridge to `dataLayer` and gtag, `observe: data_layer`: events, consent and user ids."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.layers import open_page
from tests.js_snippet.recorder import Received, Recorder, make_container

pytestmark = pytest.mark.browser

CUP = {"item_id": "CUP-1", "price": 24, "quantity": 2}


def contents(hit: Received) -> list[dict[str, Any]]:
    """What the events of a hit say, without where and when."""
    frame = {"id", "at", "try", "url", "referrer", "title"}
    return [
        {key: value for key, value in event.items() if key not in frame}
        for event in hit.body["events"]
    ]


def test_the_history_follows_the_page_view_and_pushes_follow_the_history(
    page: Page, recorder: Recorder
) -> None:
    purchase = """{
      event: 'purchase', coupon: 'MAY', 'gtm.uniqueEventId': 7, eventTimeout: 500, _clear: true,
      eventCallback() {}, page: {type: 'thanks', tags: ['a', 'b'], nothing: null},
      user_data: {email: 'ann@example.com'},
      ecommerce: {transaction_id: 'T1', value: 48, currency: 'EUR', items: [cup, 'junk', [1]]}
    }"""
    cup = "{item_id: 'CUP-1', price: 24, quantity: 2, since: new Date(), link: document.body}"
    open_page(
        page,
        recorder,
        """dataLayer.push({page_type: 'home'}, {event: 'gtm.js', 'gtm.start': 1});
           dataLayer.push({event: 'login', method: 'mail'});""",
    )
    page.evaluate(f"() => {{ const cup = {cup}; dataLayer.push({{ecommerce: null}}, {purchase}) }}")
    first, second = recorder.wait(2)

    assert contents(first) == [
        {"name": "page_view"},
        {"name": "login", "props": {"method": "mail"}},
    ]
    assert contents(second) == [
        {
            "name": "purchase",
            "props": {
                "coupon": "MAY",
                "page": {"type": "thanks", "tags": ["a", "b"]},
                "transaction_id": "T1",
                "value": 48,
                "currency": "EUR",
            },
            "items": [CUP],
        }
    ]
    assert len({first.body["page"]["id"], second.body["page"]["id"]}) == 1


def test_calls_of_gtag_are_events_too(page: Page, recorder: Recorder) -> None:
    open_page(page, recorder, "gtag('js', new Date()); gtag('event', 'sign_up', {method: 'x'})")
    page.evaluate(
        """() => {
          gtag('event', 'add_to_cart', {value: 48, currency: 'EUR', send_to: 'G-1',
            event_callback() {}, items: [{item_id: 'CUP-1', price: 24, quantity: 2}]});
          gtag('event', 'bare');
          gtag('get', 'G-1', 'client_id', () => {});
          gtag('constructor', 'x'); gtag();
        }"""
    )
    first, second = recorder.wait(2)
    assert contents(first)[1:] == [{"name": "sign_up", "props": {"method": "x"}}]
    assert contents(second) == [
        {"name": "add_to_cart", "props": {"value": 48, "currency": "EUR"}, "items": [CUP]},
        {"name": "bare", "props": {}},
    ]


def test_there_is_a_data_layer_although_the_page_made_none(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "data_layer")
    page.goto(recorder.page())
    recorder.wait(1)
    assert page.evaluate("dataLayer.push({event: 'a'}, {event: 'b'})") == 2
    assert recorder.wait(2)[1].names == ["a", "b"]


def test_the_users_id_is_known_to_the_first_page_view(page: Page, recorder: Recorder) -> None:
    open_page(page, recorder, "gtag('config', 'G-1'); gtag('config', 'G-1', {user_id: 7})")
    page.evaluate(
        """() => {
          freehold('user', {id: 'u1', email: 'ann@example.com'});
          gtag('set', {user_id: 'u2'}); gtag('event', 'a');
          gtag('set', {currency: 'EUR'}); gtag('event', 'b');
          gtag('set', {user_id: null}); gtag('event', 'c');
        }"""
    )
    users = [event.get("user") for hit in recorder.wait(2) for event in hit.body["events"]]
    email = {"email": "ann@example.com"}
    assert users == [{"id": "7"}, {"id": "u2", **email}, {"id": "u2", **email}, email]


@pytest.mark.parametrize(
    ("page_views", "expected"),
    [(True, ["page_view", "next"]), (False, ["page_view", "page_view", "next"])],
)
def test_a_page_view_of_the_page_counts_if_the_tag_counts_none(
    page: Page, recorder: Recorder, page_views: bool, expected: list[str]
) -> None:
    open_page(page, recorder, "gtag('event', 'page_view', {kind: 'a'})", page_views=page_views)
    page.evaluate("() => { dataLayer.push({event: 'page_view'}, {event: 'next'}) }")
    assert [event["name"] for event in recorder.until("next")] == expected
    assert len({hit.body["page"]["id"] for hit in recorder.hits}) == expected.count("page_view")


DENIED = "{ad_storage: 'denied', analytics_storage: 'denied', wait_for_update: 500}"


def test_a_default_holds_for_the_first_page_view_and_an_update_from_the_next_hit(
    page: Page, recorder: Recorder
) -> None:
    open_page(page, recorder, f"gtag('consent', 'default', {DENIED})", CookieMode.CONSENT)
    recorder.wait(1)
    page.evaluate(
        """() => {
          gtag('consent', 'update', {analytics_storage: 'granted', security_storage: 'granted'});
          gtag('consent', 'default', {analytics_storage: 'denied', ad_user_data: 'denied'});
        }"""
    )
    first, second = recorder.wait(2)

    assert (first.path, second.path) == ("/shop/hit?c=0", "/shop/hit?c=1")
    assert first.body["consent"] == {
        "source": "gtag",
        "purposes": {"ad_storage": "denied", "analytics_storage": "denied"},
    }
    assert second.names == ["consent_update"]
    assert second.body["consent"]["purposes"] == {
        "ad_storage": "denied",
        "analytics_storage": "granted",
        "ad_user_data": "denied",
    }


def test_an_update_of_the_history_holds_for_the_first_page_view(
    page: Page, recorder: Recorder
) -> None:
    said = f"""gtag('consent', 'default', {DENIED});
      gtag('consent', 'update', {{analytics_storage: 'granted', ad_storage: 'maybe'}});
      gtag('consent', 'default', {{ad_storage: 'granted', region: ['US']}});
      gtag('consent', 'later', {{ad_storage: 'granted'}});"""
    open_page(page, recorder, said, CookieMode.CONSENT)
    (hit,) = recorder.wait(1)
    assert (hit.path, hit.names) == ("/shop/hit?c=1", ["page_view"])
    assert hit.body["consent"]["purposes"] == {
        "ad_storage": "denied",
        "analytics_storage": "granted",
    }


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_denied_in_some_regions_is_denied_until_an_update(
    page: Page, recorder: Recorder, first: int
) -> None:
    by_region = "{ad_storage: 'denied', analytics_storage: 'granted', region: ['FR']}"
    everywhere = "{ad_storage: 'granted', analytics_storage: 'unset'}"
    defaults = [f"gtag('consent', 'default', {said});" for said in (by_region, everywhere)]
    open_page(page, recorder, defaults[first] + defaults[1 - first])
    purposes = recorder.wait(1)[0].body["consent"]["purposes"]
    assert purposes == {"ad_storage": "denied", "analytics_storage": "unset"}
    page.evaluate("gtag('consent', 'update', {ad_storage: 'granted'})")
    page.evaluate("freehold('event', 'next')")
    hit = recorder.wait(2)[1]
    assert hit.body["consent"]["purposes"]["ad_storage"] == "granted"


def test_a_default_does_not_take_back_what_was_said_to_the_tag_itself(
    page: Page, recorder: Recorder
) -> None:
    open_page(page, recorder)
    page.evaluate("freehold('consent', {ad_storage: 'granted'})")
    page.evaluate(f"() => {{ gtag('consent', 'default', {DENIED}); freehold('event', 'next') }}")
    assert recorder.wait(2)[1].body["consent"]["purposes"] == {
        "ad_storage": "granted",
        "analytics_storage": "denied",
    }


def test_an_id_of_the_page_is_the_events_id_unless_two_events_share_it(
    page: Page, recorder: Recorder
) -> None:
    open_page(page, recorder, page_views=False)
    page.evaluate(
        """() => {
          gtag('event', 'purchase', {event_id: 'order-7'});
          dataLayer.push({event: 'purchase', event_id: 'order-7'});
          for (const event_id of ['order-7', 8, '', {}, 'x'.repeat(513)]) {
            dataLayer.push({event: 'lead', event_id});
          }
        }"""
    )
    (hit,) = recorder.wait(1)
    ids = [event_id if len(event_id) < 36 else "ours" for event_id in hit.ids]
    assert ids == ["order-7", "order-7", "ours", "8", "ours", "ours", "ours"]
    props = [event["props"] for event in hit.body["events"]]
    assert props == [{}, {}, {"event_id": "order-7"}, {}, {}, {}, {}]


WRAP = """(function (seen) {
  const push = dataLayer.push;
  dataLayer.push = function (...entries) {
    seen.push(...entries.map((entry) => entry.event));
    push.apply(dataLayer, entries);
    return 'of ' + %r;
  };
})(window.%s = [])"""


def test_other_scripts_may_wrap_push_before_and_after(page: Page, recorder: Recorder) -> None:
    open_page(page, recorder, WRAP % ("before", "before"))
    assert page.evaluate("dataLayer.push({event: 'a'})") == "of before"
    page.evaluate(WRAP % ("after", "after"))
    assert page.evaluate("dataLayer.push({event: 'b'})") == "of after"
    page.evaluate("freehold('event', 'end')")
    assert [event["name"] for event in recorder.until("end")] == ["page_view", "a", "b", "end"]
    assert page.evaluate("[before, after, dataLayer.length]") == [["a", "b"], ["b"], 2]


def test_an_announcement_pushed_into_the_data_layer_does_not_go_round(
    page: Page, recorder: Recorder
) -> None:
    open_page(page, recorder, page_views=False)
    page.evaluate(
        """() => {
          addEventListener('freehold', ({detail: {name, id}}) => {
            dataLayer.push({event: 'freehold.' + name, event_id: id}, {event: 'echo'});
          });
          dataLayer.push({event: 'a'});
          freehold('event', 'b');
        }"""
    )
    assert [event["name"] for event in recorder.until("echo")] == ["a", "b", "echo"]
