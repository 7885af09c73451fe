"""What the tag's tests share: one Chromium for the folder, a recorder and a page for each test.

Each recorder listens on its own port, so each test's page has an origin and a storage of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium
from tests.js_snippet.recorder import Recorder

NETWORK_ERROR = "Failed to load resource"
"""Chromium's own line for any failed request; no script can keep it from being written."""


class Visitor:
    """A browser context that remembers every error and every word in its pages' consoles."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(locale="en-GB", timezone_id="Europe/Paris")
        self.noise: list[str] = []
        self.context.on("weberror", lambda error: self.noise.append(str(error.error)))
        self.context.on("console", lambda line: self._hear(line.text))

    def _hear(self, text: str) -> None:
        if not text.startswith(NETWORK_ERROR):
            self.noise.append(text)

    def take_noise(self) -> list[str]:
        """What was heard since the last time."""
        for page in self.context.pages:
            page.evaluate("0")
        noise, self.noise = self.noise, []
        return noise


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def regular(browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser)
    visitor.context.new_page()
    yield visitor
    visitor.context.close()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.fixture
def page(regular: Visitor) -> Iterator[Page]:
    """An empty page, without cookies; it must see no error and no word in its console."""
    page = regular.context.pages[0]
    yield page
    noise = regular.take_noise()
    page.goto("about:blank")
    regular.context.clear_cookies()
    assert noise == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor of the test's own, for what cannot be undone; no errors, no words here either."""
    visitor = Visitor(browser)
    yield visitor.context
    noise = visitor.take_noise()
    visitor.context.close()
    assert noise == []


@pytest.fixture
def own_page(context: BrowserContext) -> Page:
    return context.new_page()
