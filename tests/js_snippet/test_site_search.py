"""The site's own search, `observe: site_search`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser


def test_a_page_that_shows_results_tells_the_term(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "site_search")
    page.goto(recorder.page() + "?s=&q=blue+cups&page=2")
    events = recorder.until("view_search_results")
    assert [event["name"] for event in events] == ["page_view", "view_search_results"]
    assert events[1]["props"] == {"search_term": "blue cups"}


def test_a_container_names_its_own_parameters(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "history", site_search=["wort"])
    page.goto(recorder.page() + "?q=no")
    recorder.wait(1)
    page.evaluate("history.pushState({}, '', '?wort=Tasse')")
    assert recorder.told("view_search_results") == [{"search_term": "Tasse"}]
    assert [event["name"] for event in recorder.until("view_search_results")].count(
        "page_view"
    ) == 2
