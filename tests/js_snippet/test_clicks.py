"""Clicks that the page declares and that a container selects, `observe: clicks`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

SHOP = """
<nav><a id=top class="big red" href="#x"><b>  To the
 top </b></a></nav>
<button data-fh-event=add_to_wishlist data-fh-item-id=CUP-1 data-fh-fhx=y><i>+</i></button>
<form data-fh-event=newsletter data-fh-list=weekly onsubmit="return false">
<button>Go</button></form>
<p data-other=1>nothing</p>"""


def test_what_the_page_declares_is_an_event_with_its_props(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "clicks", page_views=False)
    page.goto(recorder.page(SHOP))
    page.wait_for_function("!freehold.q")
    for selector in ("i", "p", "form button"):
        page.locator(selector).click()
    events = [(one["name"], one["props"], one.get("items")) for one in recorder.until("newsletter")]
    wish = {"item_id": "CUP-1", "fhx": "y"}
    assert events == [
        ("add_to_wishlist", wish, [wish]),
        ("newsletter", {"list": "weekly"}, None),
    ]


def test_what_a_container_selects_is_an_event_of_its_name(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(
        CookieMode.ALWAYS, page_views=False, clicks={"broken": "::(", "menu": "nav a"}
    )
    page.goto(recorder.page(SHOP))
    page.wait_for_function("!freehold.q")
    page.locator("p").click()
    page.locator("b").click()
    assert recorder.told("menu") == [
        {
            "element": "a",
            "element_id": "top",
            "element_classes": "big red",
            "element_text": "To the top",
        }
    ]
