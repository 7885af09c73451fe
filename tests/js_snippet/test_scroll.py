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
    recorder.until("scroll", 4)
    page.evaluate("() => { history.pushState({}, '', '/next'); scrollTo(0, 0) }")
    page.wait_for_function("scrollY == 0")
    recorder.until("page_view", 2)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    depths = [told["percent_scrolled"] for told in recorder.told("scroll", 8)]
    assert depths == [25, 50, 75, 90] * 2


def test_nothing_is_told_before_anything_is_scrolled(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "scroll")
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate("freehold('event', 'end')")
    assert "scroll" not in [event["name"] for event in recorder.until("end")]
