"""What is taken along, `observe: print_copy`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser


def test_printing_and_copying_are_told_and_not_what_was_copied(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "print_copy", page_views=False)
    page.goto(recorder.page("<p>a secret</p>"))
    page.wait_for_function("!freehold.q")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('p'));"
        " document.execCommand('copy') }"
    )
    assert recorder.told("copy") == [{"length": 8}]
    assert "print" in [event["name"] for event in recorder.until("copy")]
    assert "secret" not in str([hit.body for hit in recorder.hits])
