"""What was not answered survives the page, and does not turn into more than it was."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext, Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import COUNTER, KEPT, Answer, Recorder, make_container

pytestmark = pytest.mark.browser

DOWN = Answer(status=503)
LEFT = """left => {
  for (const [name, days, due] of left) {
    const key = 'freehold.shop.' + name;
    const event = {id: name, name, at: Date.now() - days * 864e5};
    const consent = {purposes: {analytics_storage: 'granted'}};
    const hit = {v: 1, page: {id: 'p0'}, consent, events: [event]};
    localStorage[key] = JSON.stringify({key, due: Date.now() + due * 1e3, tries: 1, hit});
  }
}"""
"""Stores hits as an earlier page would have: name, age in days, seconds until it is due."""


def test_an_answered_hit_leaves_nothing_behind(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page())
    recorder.wait(1)
    page.wait_for_function(KEPT + " == 0")


def test_a_later_page_resends_what_was_not_answered(page: Page, recorder: Recorder) -> None:
    recorder.answer(DOWN)
    recorder.page(path="/next")
    page.goto(recorder.page())
    recorder.wait(1)
    page.wait_for_timeout(50)
    page.goto(recorder.origin + "/next")
    first, second, third = recorder.wait(3)

    assert second.body["events"][0]["url"].endswith("/next")
    assert (third.ids, third.tries) == (first.ids, [1])
    assert third.body["page"] == first.body["page"]
    page.wait_for_function(KEPT + " == 0")


def test_what_was_in_flight_when_the_page_went_is_resent(page: Page, recorder: Recorder) -> None:
    recorder.hurry()
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    recorder.page(path="/next")
    page.goto(recorder.page())
    recorder.wait(1)
    page.goto(recorder.origin + "/next")
    hits = recorder.wait(3)
    hold.set()
    assert (hits[2].ids, hits[2].tries) == (hits[0].ids, [1])


def test_another_tab_leaves_a_hit_to_its_page(context: BrowserContext, recorder: Recorder) -> None:
    recorder.answer(Answer(status=503, headers={"Retry-After": "2"}))
    url = recorder.page()
    context.new_page().goto(url)
    recorder.wait(1)
    context.new_page().goto(url)
    first, second, third = recorder.wait(3)
    context.pages[0].wait_for_timeout(1500)

    assert first.ids != second.ids
    assert (third.ids, third.tries) == (first.ids, [1])
    assert len(recorder.hits) == 3


def test_another_tab_takes_over_from_one_that_is_gone(
    context: BrowserContext, recorder: Recorder
) -> None:
    recorder.answer(DOWN)
    url = recorder.page()
    gone = context.new_page()
    gone.goto(url)
    (first,) = recorder.wait(1)
    gone.wait_for_timeout(50)
    gone.close(run_before_unload=True)
    context.new_page().goto(url)
    assert recorder.wait(3)[2].ids == first.ids


def test_without_permission_nothing_is_written_and_nothing_read(
    page: Page, recorder: Recorder
) -> None:
    recorder.hurry()
    recorder.container = make_container(CookieMode.CONSENT)
    recorder.answer(DOWN)
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate("freehold('event', 'a')")
    page.wait_for_timeout(50)
    assert page.evaluate("localStorage.length") == 0
    assert [hit.names for hit in recorder.wait(3)] == [["page_view"], ["page_view"], ["a"]]


def test_leftovers_wait_for_permission(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.CONSENT)
    url = recorder.page()
    page.goto(recorder.page(path="/plain", head=""))
    page.evaluate(LEFT, [["left", 0, -1]])
    page.goto(url)
    recorder.wait(1)
    page.evaluate("freehold('consent', {analytics_storage: 'granted'})")
    second = recorder.wait(2)[1]
    assert (second.path, second.names, second.tries) == ("/shop/hit?c=1", ["left"], [1])


def test_a_refusal_deletes_what_waits(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(path="/plain", head=""))
    page.evaluate(LEFT, [["left", 0, 60]])
    page.goto(recorder.page("<script>freehold('consent', {analytics_storage: 'denied'})</script>"))
    recorder.wait(1)
    page.wait_for_function("localStorage.length == 0")
    assert len(recorder.hits) == 1


@pytest.mark.parametrize("answer", ["granted", "denied"])
def test_what_waits_is_there_until_the_update_that_a_default_waits_for(
    page: Page, recorder: Recorder, answer: str
) -> None:
    recorder.container = make_container(CookieMode.CONSENT, "data_layer")
    default = "{analytics_storage: 'denied', wait_for_update: 9000}"
    page.goto(recorder.page(path="/plain", head=""))
    page.evaluate(LEFT, [["left", 0, -1]])
    gtag = "dataLayer = []; function gtag() { dataLayer.push(arguments) }"
    said = f"<script>{gtag}; gtag('consent', 'default', {default})</script>"
    page.goto(recorder.page(head=said + recorder.snippet))
    page.wait_for_function("!freehold.q")
    page.evaluate("(answer) => gtag('consent', 'update', {analytics_storage: answer})", answer)
    if answer == "granted":
        recorder.until("left")
    else:
        page.wait_for_function("localStorage.length == 0")
        recorder.until("page_view")
        assert len(recorder.hits) == 1


def test_what_is_a_week_old_or_broken_is_deleted(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(path="/plain", head=""))
    page.evaluate(LEFT, [["old", 7.1, -1], ["young", 6.9, -1]])
    page.evaluate(
        """() => {
          localStorage['freehold.shop.not-json'] = '{';
          localStorage['freehold.shop.not-ours'] = '{"a": 1}';
          localStorage['freehold.other.x'] = 'of another container';
          localStorage['cart'] = 'of the site';
        }"""
    )
    page.goto(recorder.page())
    assert recorder.wait(2)[1].names == ["young"]
    page.wait_for_function(KEPT + " == 2")
    keys = page.evaluate("Object.keys(localStorage)")
    assert sorted(keys) == ["cart", "freehold.other.x", COUNTER]


def test_storage_holds_64_kilobytes_at_most_and_memory_the_rest(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(page_views=False)
    recorder.answer(Answer(status=503))
    page.goto(recorder.page())
    page.evaluate(
        "for (let n = 0; n < 8; n++) freehold('event', 'long', {n, text: 'x'.repeat(25_000)})"
    )
    recorder.wait(1)
    page.wait_for_timeout(50)
    sizes = page.evaluate("Object.values(localStorage).map((text) => text.length)")
    assert 0 < sum(sizes) <= 65_536
    hits = recorder.wait(9)
    numbers = {event["props"]["n"] for hit in hits for event in hit.body["events"]}
    assert numbers == set(range(8))


def test_a_browser_numbers_its_hits_over_pages_while_cookies_are_allowed(
    own_page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.CONSENT)
    url = recorder.page()
    own_page.goto(url)
    recorder.wait(1)
    own_page.evaluate("freehold('consent', {analytics_storage: 'granted'}); freehold('event', 'a')")
    recorder.wait(2)
    own_page.goto(url)
    recorder.wait(3)
    own_page.evaluate("freehold('consent', {analytics_storage: 'granted'}); freehold('event', 'b')")
    hits = recorder.wait(4)
    assert [hit.body["page"].get("browser_seq") for hit in hits] == [None, 1, None, 2]
    own_page.evaluate("freehold('consent', {analytics_storage: 'denied'})")
    own_page.wait_for_function("!Object.keys(localStorage).length")
