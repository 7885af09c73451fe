"""Forms, `observe: forms`: names, never values."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

FORM = """
<form id=order name=checkout action="/buy?step=2" onsubmit="return false">
  <input name=email type=email><input name=action value=x><input id=note type=text>
  <button> Buy now </button>
</form>"""
ABOUT = {"form_id": "order", "form_name": "checkout"}


def test_a_form_begins_with_a_change_and_is_submitted(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "forms", page_views=False)
    page.goto(recorder.page(FORM))
    page.wait_for_function("!freehold.q")
    page.locator("[name=email]").fill("jo@secret.example")
    page.locator("#note").fill("secret note")
    page.locator("button").click()
    about = {**ABOUT, "form_destination": f"{recorder.origin}/buy"}
    assert recorder.told("form_submit") == [{**about, "form_submit_text": "Buy now"}]
    first = {"first_field_name": "email", "first_field_type": "email"}
    assert recorder.told("form_start") == [{**about, **first}]
    assert "secret" not in str([hit.body for hit in recorder.hits])


def test_a_form_that_is_left_tells_where(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "forms", page_views=False)
    page.goto(recorder.page(FORM))
    page.wait_for_function("!freehold.q")
    page.locator("[name=email]").fill("jo@secret.example")
    page.locator("#note").fill("x")
    page.locator("#note").blur()
    recorder.until("form_start")
    page.goto("about:blank")
    assert recorder.told("form_abandon") == [
        {**ABOUT, "form_destination": f"{recorder.origin}/buy", "last_field_name": "note"}
    ]


def test_a_form_that_goes_nowhere_is_one_all_the_same(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "forms", page_views=False)
    form = "<form id=odd action='http://[' onsubmit='return false'><input name=a>"
    page.goto(recorder.page(form))
    page.wait_for_function("!freehold.q")
    page.locator("[name=a]").fill("x")
    page.locator("[name=a]").press("Enter")
    assert recorder.told("form_submit") == [{"form_id": "odd"}]
    first = {"first_field_name": "a", "first_field_type": "text"}
    assert recorder.told("form_start") == [{"form_id": "odd", **first}]
