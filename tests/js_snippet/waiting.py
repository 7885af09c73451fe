"""Waiting for a page from outside. `page.wait_for_function` asks again from inside, by `eval`; a
policy with `script-src` refuses that, unless the condition holds when it is asked first."""

from __future__ import annotations

from playwright.sync_api import Error, Page

from tests.running import wait_for


def until(page: Page, condition: str) -> None:
    """Returns when the condition holds in the page, whose policy forbids it to wait by itself."""

    def holds() -> bool:
        page.wait_for_timeout(20)
        try:
            return bool(page.evaluate(condition))
        except Error:  # the page is on its way
            return False

    wait_for(holds, condition)
