"""How long a page is looked at, `observe: engagement`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import HIDE, Recorder, make_container

pytestmark = pytest.mark.browser


def test_events_tell_the_time_since_the_last_one_and_leaving_tells_the_rest(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "engagement")
    page.goto(recorder.page())
    page.bring_to_front()
    recorder.wait(1)
    page.evaluate("freehold('event', 'first')")
    page.wait_for_timeout(300)
    page.evaluate("freehold('event', 'second', {engagement_time_msec: 7})")
    page.wait_for_timeout(1100)
    page.goto("about:blank")
    [left] = recorder.told("user_engagement")
    assert left["engagement_time_msec"] >= 1000
    assert recorder.told("second") == [{"engagement_time_msec": 7}]  # who knows better is believed
    assert recorder.told("first")[0].get("engagement_time_msec", 0) < 5000


def test_a_page_that_is_not_looked_at_takes_no_time(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "engagement", page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate(
        """() => {
          document.hasFocus = () => false;
          dispatchEvent(new Event('blur'));
          freehold('event', 'before');
        }"""
    )
    page.wait_for_timeout(200)
    page.evaluate("freehold('event', 'after')")
    assert recorder.told("after") == [{}]


def test_the_time_is_told_when_the_tab_goes_into_the_background(
    own_page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "engagement")
    own_page.goto(recorder.page())
    own_page.bring_to_front()
    recorder.wait(1)
    own_page.evaluate("freehold('event', 'first'); window.from = performance.now()")
    own_page.wait_for_function("performance.now() > from + 1100")
    own_page.evaluate(HIDE)
    [hidden] = recorder.told("user_engagement")
    assert hidden["engagement_time_msec"] >= 1000
