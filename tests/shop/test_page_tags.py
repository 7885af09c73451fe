"""What runs in the pages of a shop with a strict policy: page tags, let in by the page's nonce."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage

from tests.js_snippet.waiting import until
from tests.running import Running
from tests.shop.visiting import asked_by, choose, named, rows_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("hosts")]

SHOP = "https://www.kiln.example/demo"


def test_page_tags_run_by_their_consent_and_as_often_as_they_may(
    freehold: Running, visitor: BrowserContext
) -> None:
    refused: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            refused.append(line.text)

    asked = asked_by(visitor)
    visitor.on("console", hear)

    def told(path: str) -> list[str]:
        """What the requests for a path of a partner's said after their `?`."""
        found = [urlsplit(url) for url in asked]
        return [parse_qsl(one.query)[0][1] for one in found if one.path == path]

    page = visitor.new_page()
    page.goto(f"{SHOP}/c/stoneware")
    choose(page, "Only statistics")
    until(page, "document.getElementById('survey')")
    assert page.locator("#survey").inner_text() == "How did you like Stoneware · Kiln & Loom?"
    assert not told("/chat.js") + told("/pixel.svg")

    page.get_by_role("button", name="Cookie choices").click()
    choose(page, "Accept all")
    until(page, "window.chats == 1")  # what waited for it
    with page.expect_request("**/pixel.svg?**"):
        page.goto(f"{SHOP}/p/water-jug")
    assert page.locator("script[src*='/chat.js']").count() == 0
    assert told("/chat.js") == [f"{SHOP}/c/stoneware"]
    assert told("/forgotten.js") == []
    pixels = told("/pixel.svg")
    found = rows_until(freehold, lambda found: set(pixels) <= {row["id"] for row in found}, "kiln")
    views = {row["id"]: row["path"] for row in named(found, "page_view")}
    assert [views.get(one) for one in pixels] == ["/demo/c/stoneware", "/demo/p/water-jug"]
    assert refused == []
