"""A link to the brand's other domain takes the visitor along: two shops on https, one Freehold."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.js_snippet.links import TOKENS
from tests.js_snippet.waiting import until
from tests.running import Running
from tests.shop.visiting import choose, has, named, rows_until, started

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("hosts")]

KILN, LOOM = "https://www.kiln.example/demo", "https://www.loom.example/demo"


def follow(page: Page) -> str:
    """From one shop to the other by its page about delivery; the address that was asked for."""
    page.goto(f"{KILN}/delivery")
    started(page)
    link = page.get_by_role("link", name="its own site")
    link.hover()
    until(page, "tokens == 1")
    with page.expect_request("https://www.loom.example/demo/?**") as asked:
        link.click()
    return asked.value.url


def test_a_visitor_is_the_same_on_the_brand_s_other_domain(
    freehold: Running, visitor: BrowserContext, browser: Browser
) -> None:
    visitor.add_init_script(TOKENS)
    page = visitor.new_page()
    page.goto(f"{KILN}/")
    choose(page, "Accept all")
    address = follow(page)
    assert "_fh=" in address
    page.wait_for_url(f"{LOOM}/?from=kiln#main")
    choose(page, "Accept all")
    page.goto(f"{LOOM}/cart")
    started(page)
    cookies = {one["domain"]: one for one in visitor.cookies()}
    assert set(cookies) == {"www.kiln.example", "www.loom.example"}
    assert all(one["secure"] and one["httpOnly"] for one in cookies.values())

    other = browser.new_context()
    late = other.new_page()
    late.goto(address)
    choose(late, "Accept all")
    late.goto(f"{LOOM}/checkout")
    started(late)
    other.close()

    there = rows_until(
        freehold,
        lambda found: {"/demo/cart", "/demo/checkout"} <= {row["path"] for row in found},
        "loom",
    )
    [left] = named(rows_until(freehold, has("click"), "kiln"), "click")
    known = left["visitor"], left["session_id"]
    visitors = {row["path"]: (row["visitor"], row["session_id"]) for row in there}
    assert visitors["/demo/cart"] == known != visitors["/demo/checkout"]
    assert not [row for row in there if "_fh" in row["url"]]
    [landed, *_] = named(there, "page_view")
    assert (landed["url"], landed["referrer_host"]) == (f"{LOOM}/?from=kiln", "")
