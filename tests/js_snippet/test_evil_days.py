"""A page that is left at once, a clock that is wrong, a policy that forbids, a burst: nothing is
lost that can be kept, and the page does not notice."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import KEPT, Answer, Recorder, make_container

pytestmark = pytest.mark.browser

DAY_MS = 86_400_000
LONG = "n => { for (let i = 0; i < n; i++) freehold('event', 'long', {i, text: 'x'.repeat(2e4)}) }"
LATER = """if (location.pathname == '/next') {
  const now = Date.now;
  Date.now = () => now() + 6e4;
}"""
BROKEN_LATER = """() => {
  JSON.stringify = JSON.parse = () => { throw Error('JSON') };
  window.Promise = function () { throw Error('Promise') };
  crypto.randomUUID = () => { throw Error('crypto') };
  Object.prototype.surprise = Array.prototype.last = function () {};
  const real = fetch;
  window.fetch = function (...args) { return real.apply(this, args).then((a) => a) };
  freehold('event', 'after');
}"""
BURST = """() => {
  let made = 0;
  const more = setInterval(() => {
    for (let n = 0; n < 20; n++) freehold('event', 'tick', {n: made++});
    if (made == 1000) clearInterval(more), freehold('event', 'end');
  }, 20);
}"""


def test_a_page_that_is_left_before_its_first_paint_has_sent_its_view(
    page: Page, recorder: Recorder
) -> None:
    recorder.page("thanks", path="/elsewhere", head="")
    left = "<script async src=/shop/tag.js onload=\"location = '/elsewhere'\"></script>"
    page.goto(recorder.page(head=left))
    (hit,) = recorder.wait(1)
    assert hit.names == ["page_view"]
    page.wait_for_url("**/elsewhere")


def test_more_than_keepalive_requests_share_is_sent_by_the_next_page(
    own_page: Page, recorder: Recorder
) -> None:
    """Six hits of 20 KB: 64 KiB leave with the page, the others are found in storage, which the
    next page asks a minute later by its clock."""
    recorder.hurry()
    own_page.add_init_script(LATER)
    recorder.container = make_container(CookieMode.ALWAYS, page_views=False)
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    recorder.page(path="/next")
    own_page.goto(recorder.page())
    own_page.wait_for_function("!freehold.q")
    own_page.evaluate(LONG, 1)
    recorder.wait(1)
    own_page.evaluate(LONG, 5)
    own_page.goto(recorder.origin + "/next")
    hold.set()
    own_page.wait_for_function(KEPT + " == 0")
    assert len({event for hit in recorder.hits for event in hit.ids}) == 6


@pytest.mark.parametrize("wrong_ms", [-DAY_MS, DAY_MS])
def test_a_clock_that_is_wrong_by_a_day_loses_and_doubles_nothing(
    own_page: Page, recorder: Recorder, wrong_ms: int
) -> None:
    recorder.hurry()
    recorder.answer(Answer(status=503))
    own_page.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {wrong_ms} }}")
    own_page.goto(recorder.page())
    first, second = recorder.wait(2)
    assert (first.ids, second.tries) == (second.ids, [1])
    own_page.wait_for_function(KEPT + " == 0")
    assert len(recorder.hits) == 2


def test_a_clock_that_is_set_back_while_the_page_is_open_holds_nothing_up(
    own_page: Page, recorder: Recorder
) -> None:
    own_page.goto(recorder.page())
    recorder.wait(1)
    own_page.evaluate(f"{{ const now = Date.now; Date.now = () => now() - {DAY_MS} }}")
    own_page.evaluate("freehold('event', 'a')")
    assert recorder.wait(2)[1].names == ["a"]


def test_what_a_policy_forbids_to_send_waits_for_a_page_that_may(
    browser: Browser, recorder: Recorder
) -> None:
    """Chromium itself says in the console that the policy forbids it."""
    recorder.hurry()
    policy = "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\">"
    recorder.page(path="/free")
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page.goto(recorder.page(head=policy + recorder.snippet))
    page.wait_for_function(KEPT + " == 1")
    assert recorder.hits == []
    page.goto(recorder.origin + "/free")
    recorder.until("page_view", 2)
    seen = {event["url"] for hit in recorder.hits for event in hit.body["events"]}
    context.close()
    assert (seen, errors) == ({recorder.origin + "/", recorder.origin + "/free"}, [])


def test_what_another_script_breaks_later_breaks_no_hit(own_page: Page, recorder: Recorder) -> None:
    own_page.goto(recorder.page())
    recorder.wait(1)
    own_page.evaluate(BROKEN_LATER)
    recorder.until("after")
    assert len({event for hit in recorder.hits for event in hit.ids}) == 2


def test_what_happens_offline_is_sent_when_the_network_is_back(
    context: BrowserContext, recorder: Recorder
) -> None:
    recorder.hurry()
    page = context.new_page()
    page.goto(recorder.page())
    recorder.wait(1)
    page.wait_for_function(KEPT + " == 0")
    context.set_offline(True)
    page.evaluate("freehold('event', 'a')")
    page.wait_for_function(KEPT + " == 1")
    page.evaluate("freehold('event', 'b')")
    page.wait_for_function(KEPT + " == 2")
    context.set_offline(False)
    recorder.until("b")
    assert [hit.names for hit in recorder.hits[1:]] == [["a"], ["b"]]


def test_a_thousand_events_in_a_second_arrive_once_each(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate(BURST)
    events = recorder.until("end")
    assert [event["props"]["n"] for event in events[:-1]] == list(range(1000))
