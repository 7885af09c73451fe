"""Somebody is stuck, `observe: rage_clicks`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

PAGE = """
<button id=dead class=big>Nothing</button>
<button id=lively onclick="this.textContent = 'done'">Something</button>
<p>text</p>"""


def test_three_clicks_at_one_place_are_rage_and_no_answer_is_a_dead_click(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "rage_clicks", page_views=False)
    page.goto(recorder.page(PAGE))
    page.wait_for_function("!freehold.q")
    page.locator("#lively").click()
    page.locator("p").click(click_count=3)
    page.wait_for_timeout(1200)
    page.locator("#dead").dispatch_event("click")
    recorder.until("dead_click")
    assert recorder.told("rage_click") == [{"element": "p"}]
    dead = {"element": "button", "element_id": "dead", "element_classes": "big"}
    assert recorder.told("dead_click") == [dead]
