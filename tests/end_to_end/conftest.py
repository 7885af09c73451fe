"""Freehold in its own processes, one for each file, and Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from loadtests.load import AGENT
from tests.browser import chromium
from tests.running import Running


@pytest.fixture(scope="module")
def freehold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("freehold")) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    # An argument of the browser's: what a page sends while it is left has no context's agent.
    with chromium(f"--user-agent={AGENT}") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()
