"""`freehold.optOut()` wins over everything, and `freehold.optIn()` takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Answer, Recorder, make_container

pytestmark = pytest.mark.browser

FLAG = "localStorage['out.freehold.shop.']"


def test_nothing_is_sent_after_an_opt_out_on_this_page_and_later_ones(
    own_page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "history")
    url = recorder.page()
    own_page.goto(url)
    recorder.wait(1)
    own_page.evaluate("freehold('event', 'waits'); freehold.optOut(); freehold('event', 'no')")
    left = recorder.wait(2)[1]
    assert left.path == "/shop/hit?c=3"
    assert list(left.body) == ["page"]
    assert left.body["page"]["id"] == recorder.hits[0].body["page"]["id"]
    own_page.wait_for_function(f"{FLAG} == 2")
    own_page.evaluate("freehold('consent', {analytics_storage: 'granted'}); freehold('page')")
    own_page.goto(url)
    own_page.wait_for_function("!freehold.q")
    own_page.evaluate("history.pushState({}, '', '?next'); freehold('event', 'no')")
    assert own_page.evaluate("Object.keys(localStorage)") == ["out.freehold.shop."]

    own_page.evaluate("freehold.optIn()")
    own_page.wait_for_function(f"!{FLAG}")
    own_page.evaluate("freehold('event', 'back')")
    recorder.wait(4)
    assert [hit.path[-1] for hit in recorder.hits] == ["1", "3", "4", "1"]


def two_tabs(context: BrowserContext, recorder: Recorder) -> tuple[Page, Page]:
    """Both counted; the second notes in `heard` that the first one changed what is stored."""
    url = recorder.page()
    told, other = context.new_page(), context.new_page()
    for tab in (told, other):
        tab.goto(url)
    recorder.until("page_view", 2)
    other.evaluate("addEventListener('storage', () => window.heard = 1)")
    return told, other


def test_an_opt_out_stops_the_other_tabs(context: BrowserContext, recorder: Recorder) -> None:
    told, other = two_tabs(context, recorder)
    told.evaluate("freehold.optOut()")
    other.wait_for_function("window.heard")
    other.evaluate("freehold('event', 'no'); freehold.optIn()")
    recorder.wait(4)
    assert [hit.path[-1] for hit in recorder.hits] == ["1", "1", "3", "4"]


def test_a_tab_that_heard_of_an_opt_out_needs_no_flag(
    context: BrowserContext, recorder: Recorder
) -> None:
    listens_later = b"},3e3)"
    recorder.rewrite = lambda tag: tag.replace(listens_later, b"},0)")
    assert listens_later not in recorder.tag()
    told, other = two_tabs(context, recorder)
    other.evaluate("new Promise((done) => setTimeout(done, 9))")  # the tag's timer came before
    told.evaluate("freehold.optOut()")
    other.wait_for_function("window.heard")
    told.wait_for_function(f"{FLAG} == 2")
    told.evaluate("localStorage.clear()")
    other.wait_for_function(f"!{FLAG}")
    other.evaluate("freehold('event', 'no'); freehold.optIn()")
    recorder.wait(4)
    assert [hit.path[-1] for hit in recorder.hits] == ["1", "1", "3", "4"]


def test_the_collector_is_told_again_until_it_has_heard(own_page: Page, recorder: Recorder) -> None:
    recorder.answer(Answer(), Answer(status=503))
    url = recorder.page()
    own_page.goto(url)
    recorder.wait(1)
    own_page.evaluate("freehold.optOut()")
    recorder.wait(2)
    assert own_page.evaluate(FLAG) == "1"
    own_page.goto(url)
    recorder.wait(3)
    own_page.wait_for_function(f"{FLAG} == 2")
    assert [hit.path[-1] for hit in recorder.hits] == ["1", "3", "3"]


def test_an_opt_out_before_the_tag_is_there_stops_its_first_page_view(
    own_page: Page, recorder: Recorder
) -> None:
    own_page.goto(recorder.page("<script>freehold('optOut')</script>"))
    recorder.wait(1)
    own_page.wait_for_function(f"{FLAG} == 2")
    assert [hit.path for hit in recorder.hits] == ["/shop/hit?c=3"]
