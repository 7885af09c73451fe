"""How far down a page was scrolled, `observe: scroll`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

TALL = "<div style='height: 5000px'></div>"


def test_each_depth_is_told_once_a_page_view(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "scroll", "history")
    page.goto(recorder.page(TALL))
    recorder.wait(1)
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    recorder.until("scroll")
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("scrollY > 0")
    page.wait_for_timeout(100)
    page.evaluate("freehold('event', 'end')")
    recorder.until("end")
    depths = [told["percent_scrolled"] for told in recorder.told("scroll")]
    assert depths == [25, 50, 75, 90]
    page.evaluate("() => { history.pushState({}, '', '/next'); scrollTo(0, 0) }")
    page.wait_for_timeout(150)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(150)
    page.evaluate("freehold('event', 'last')")
    recorder.until("last")
    assert [told["percent_scrolled"] for told in recorder.told("scroll")] == [*depths, *depths]


def test_nothing_is_told_before_anything_is_scrolled(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "scroll")
    page.goto(recorder.page())
    page.evaluate("freehold('event', 'end')")
    assert "scroll" not in [event["name"] for event in recorder.until("end")]
