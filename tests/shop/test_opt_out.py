"""The opt-out at the foot of the shop's pages wins over every consent."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.js_snippet.waiting import until
from tests.running import Running, wait_for
from tests.shop.visiting import NOBODY, asked_by, choose, lost, named, rows_until, started

pytestmark = pytest.mark.browser

HOST = "out.localhost"


def test_nobody_is_counted_who_opted_out_until_they_opt_in(
    freehold: Running, visitor: BrowserContext
) -> None:
    shop = f"http://{HOST}:{freehold.port}/demo"
    asked = asked_by(visitor)

    def cookies() -> set[str]:
        return {one["name"] for one in visitor.cookies()}

    page = visitor.new_page()
    page.goto(f"{shop}/")
    choose(page, "Accept all")
    assert cookies() == {"fh_demo"}
    with page.expect_response("**/demo/hit?c=3"):
        page.get_by_role("button", name="Do not count me").click()
    until(page, "localStorage['out.freehold.demo.'] == 2")  # the collector has heard
    assert cookies() == {"fh_optout_demo"}

    asked.clear()
    page.goto(f"{shop}/c/linen")
    started(page)
    page.evaluate("freehold('event', 'uncounted')")
    page.get_by_role("button", name="Cookie choices").click()
    page.get_by_role("button", name="Accept all").click()
    with page.expect_response("**/demo/hit?c=4"):
        page.get_by_role("button", name="Count me again").click()
    until(page, "!localStorage['out.freehold.demo.']")
    assert cookies() == set()
    assert [url for url in asked if "/demo/hit" in url] == [f"{shop}/hit?c=4"]
    with page.expect_response("**/demo/hit?c=1"):
        page.goto(f"{shop}/delivery")
    found = rows_until(freehold, lambda found: len(named(found, "page_view")) == 2, host=HOST)
    assert {row["path"] for row in found} == {"/demo/", "/demo/delivery"}
    visitors = [
        {row["visitor"] for row in found if row["path"] == path} - {NOBODY}
        for path in ("/demo/", "/demo/delivery")
    ]
    before, after = visitors
    assert len(before | after) == 2  # who comes back is somebody new
    wait_for(lambda: lost(freehold, found) == 0, "every hit")
