"""What the tag sends: the hit body, version 1, and the calls that make events."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page

from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_page_view_is_the_documented_body(page: Page, recorder: Recorder) -> None:
    url = recorder.page(path="/shoes")
    before = time.time() * 1000
    page.goto(url, referer="https://search.example/")
    (hit,) = recorder.wait(1)

    (event,) = hit.body["events"]
    assert hit.path == "/shop/hit?c=1"
    assert hit.content_type == "text/plain;charset=UTF-8"
    assert UUID7.fullmatch(event["id"])
    assert UUID7.fullmatch(hit.body["page"]["id"])
    assert before - 1000 < event["at"] <= hit.body["sent_at"] < time.time() * 1000 + 1000
    assert hit.body == {
        "v": 1,
        "sent_at": hit.body["sent_at"],
        "page": {
            "id": hit.body["page"]["id"],
            "seq": 1,
            "browser_seq": 1,
            "lang": "en-GB",
            "screen": "1280x720",
            "viewport": "1280x720",
        },
        "consent": {"purposes": {"analytics_storage": "unset"}},
        "events": [
            {
                "id": event["id"],
                "name": "page_view",
                "at": event["at"],
                "try": 0,
                "url": url,
                "referrer": "https://search.example/",
                "title": "Page /shoes",
            }
        ],
    }


def test_an_event_carries_props_items_and_user(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.evaluate(
        """() => {
          freehold('user', {id: 'u1', email: 'ann@example.com'});
          freehold('event', 'purchase',
            {value: 12.5, currency: 'EUR', transaction_id: 'T1', gift: true},
            {items: [{item_id: 'S1', price: 12.5, quantity: 1}]});
        }"""
    )
    (hit,) = recorder.wait(1)

    (event,) = hit.body["events"]
    del event["at"], event["id"]
    assert event == {
        "name": "purchase",
        "try": 0,
        "url": recorder.origin + "/",
        "referrer": "",
        "title": "Page /",
        "props": {"value": 12.5, "currency": "EUR", "transaction_id": "T1", "gift": True},
        "items": [{"item_id": "S1", "price": 12.5, "quantity": 1}],
        "user": {"id": "u1", "email": "ann@example.com"},
    }


def test_an_event_may_bring_its_own_id_and_user(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.evaluate(
        """() => {
          freehold('event', 'sign_up', {}, {id: 'order-7', user: {id: 'u2'}});
          freehold('event', 'sign_up', {}, {id: undefined});
        }"""
    )
    (hit,) = recorder.wait(1)

    given, made = hit.body["events"]
    assert (given["id"], given["user"]) == ("order-7", {"id": "u2"})
    assert UUID7.fullmatch(made["id"])


def test_props_are_what_they_were_when_the_event_happened(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate(
        "() => { const p = {step: 1}; freehold('event', 'step', p); p.step = 2; p.self = p }"
    )
    (hit,) = recorder.wait(1)
    assert hit.body["events"][0]["props"] == {"step": 1}


def test_calls_before_the_tag_is_there_are_replayed_in_order(
    page: Page, recorder: Recorder
) -> None:
    early = """<script>
      freehold('event', 'first', {n: 1});
      freehold('user', {id: 'u1'});
      freehold('event', 'second');
      freehold('consent', {analytics_storage: 'granted'}, {source: 'banner', version: '3'});
      freehold('event', 'third');
    </script>"""
    page.goto(recorder.page(early))
    (hit,) = recorder.wait(1)

    assert hit.names == ["page_view", "first", "second", "third"]
    assert [event.get("user") for event in hit.body["events"]] == [None, None, *[{"id": "u1"}] * 2]
    assert hit.body["consent"] == {
        "source": "banner",
        "version": "3",
        "purposes": {"analytics_storage": "granted"},
    }


def test_a_queued_event_has_the_time_of_its_call(page: Page, recorder: Recorder) -> None:
    wait = "<script>freehold('event', 'early'); const t = Date.now(); while (Date.now() < t + 60);"
    page.goto(recorder.page(f"{wait}</script>"))
    (hit,) = recorder.wait(1)
    view, early = hit.body["events"]
    assert view["at"] - early["at"] >= 50


def test_a_stub_that_a_script_has_kept_still_works(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page("<script>const kept = freehold</script>"))
    recorder.wait(1)
    page.evaluate("kept('event', 'late')")
    assert recorder.wait(2)[1].names == ["late"]


def test_a_manual_page_view_is_a_page_of_its_own(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(), referer="https://search.example/")
    recorder.wait(1)
    page.evaluate("history.pushState({}, '', '/cart'); freehold('page', {kind: 'cart'})")
    first, second = recorder.wait(2)

    (event,) = second.body["events"]
    assert (event["name"], event["props"]) == ("page_view", {"kind": "cart"})
    assert (event["url"], event["referrer"]) == (recorder.origin + "/cart", recorder.origin + "/")
    assert second.body["page"]["seq"] == 1
    assert second.body["page"]["id"] != first.body["page"]["id"]


def test_hits_of_a_page_are_numbered(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page())
    for number in (1, 2, 3):
        assert recorder.wait(number)[-1].body["page"]["seq"] == number
        page.evaluate("freehold('event', 'next')")
    assert len({hit.body["page"]["id"] for hit in recorder.wait(4)}) == 1


def test_a_container_that_observes_nothing_sends_nothing(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate("freehold('event', 'only')")
    assert [hit.names for hit in recorder.wait(1)] == [["only"]]


def test_a_page_from_the_back_forward_cache_counts_again(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    first, second = recorder.wait(2)
    assert second.names == ["page_view"]
    assert first.body["page"]["id"] != second.body["page"]["id"]


def test_a_prerendered_page_counts_when_it_is_shown(own_page: Page, recorder: Recorder) -> None:
    own_page.add_init_script(
        "Object.defineProperty(document, 'prerendering', {value: true, configurable: true})"
    )
    own_page.goto(recorder.page("<script>freehold('event', 'early')</script>"))
    own_page.wait_for_timeout(100)
    assert recorder.hits == []

    own_page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    assert recorder.wait(1)[0].names == ["page_view", "early"]
