"""Chromium for the browser tests: an installed one, else Playwright's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PATHS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = (
    "--no-sandbox",  # CI runs as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_CACHE = "--disable-back-forward-cache"
"""What Playwright itself says: its own waiting for a page that comes back would not end."""


class NoChromium(Exception):
    """No Chromium on this machine starts."""


@contextmanager
def chromium(*more: str, keeps_pages: bool = False) -> Iterator[Browser]:
    """A headless browser with more arguments, closed at the end; `keeps_pages` that are left as
    people's browsers do, for going back. While it is open, asyncio.run() cannot be used."""
    with sync_playwright() as playwright:
        browser = _launch(playwright, [*ARGUMENTS, *more], [NO_CACHE] if keeps_pages else [])
        try:
            yield browser
        finally:
            browser.close()


def _launch(playwright: Playwright, arguments: list[str], without: list[str]) -> Browser:
    """The first that starts: what a distribution calls chromium may be an empty shell."""
    problems = []
    for path in _candidates(playwright):
        try:
            return playwright.chromium.launch(
                executable_path=path, args=arguments, ignore_default_args=without
            )
        except Error as error:
            problems.append(f"{path}: {error.message.splitlines()[0]}")
    raise NoChromium("; ".join(problems) or "none found")


def _candidates(playwright: Playwright) -> Iterator[str]:
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield path
    for path in (*MAC_PATHS, playwright.chromium.executable_path):
        if Path(path).exists():
            yield path
