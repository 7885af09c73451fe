"""Everything that the tag can see in the demo shop, as rows in ClickHouse."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from server.collector.script import FEATURES
from server.containers.load import load_container
from tests.js_snippet.waiting import until
from tests.running import ROOT, Running, wait_for
from tests.shop.visiting import (
    NOBODY,
    Row,
    check_numbering,
    lost,
    named,
    rows_until,
    saw,
    started,
)

pytestmark = pytest.mark.browser

HOST = "127.0.0.1"


VIEWS = "seen.filter((name) => name == 'page_view').length"


def visit_home(freehold: Running, page: Page) -> None:
    """Consents, reads, watches the film and subscribes."""
    with page.expect_response("**/demo/hit*"):
        page.goto(f"{freehold.url}/demo/?utm_source=letter&utm_medium=email")
    page.get_by_role("button", name="Accept all").click()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    saw(page, "scroll", 4)
    page.evaluate(
        "() => { const film = document.querySelector('video');"
        " film.playbackRate = 8; return film.play() }"
    )
    saw(page, "video_complete")
    page.get_by_label("A letter each season").fill("ann@example.com")
    page.get_by_role("button", name="Subscribe").click()
    saw(page, "generate_lead")


def search(page: Page) -> None:
    """From any page, and again in place, as single-page applications do."""
    for words in ("linen", "cup"):
        page.get_by_role("searchbox").fill(words)
        page.get_by_role("searchbox").press("Enter")
        page.wait_for_url(f"**/search?q={words}")
        started(page)
        saw(page, "view_search_results")
    saw(page, "view_search_results", 2)


def choose_a_cup(page: Page) -> None:
    """And goes back to the shelf in between, which the browser has kept as it was."""
    page.get_by_role("navigation").get_by_role("link", name="Stoneware").click()
    page.wait_for_url("**/stoneware")
    started(page)
    page.evaluate("window.was = 1")
    page.get_by_role("link", name="Breakfast cup").click()
    page.wait_for_url("**/breakfast-cup")
    started(page)
    page.go_back(wait_until="commit")
    until(page, f"location.pathname == '/demo/c/stoneware' && {VIEWS} > (window.was ? 1 : 0)")
    page.get_by_role("link", name="Breakfast cup").click()
    page.wait_for_url("**/breakfast-cup")
    started(page)
    page.get_by_role("link", name="To the content").press("Enter")
    saw(page, "page_view", 2)
    page.get_by_role("button", name="Keep for later").click()
    page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('h1'));"
        " document.execCommand('copy') }"
    )
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.get_by_role("button", name="Add to cart").click()
    saw(page, "add_to_cart")


def read_about_delivery(page: Page) -> None:
    """Opens the file in another tab, then leaves the shop by a link."""
    page.get_by_role("navigation").get_by_role("link", name="Delivery").click()
    page.wait_for_url("**/delivery")
    started(page)
    page.get_by_role("link", name="sizes.pdf").click(button="middle")
    saw(page, "file_download")
    page.get_by_role("link", name="its own site").click()
    page.wait_for_url("chrome-error://**")


def get_stuck(freehold: Running, page: Page) -> None:
    page.goto(f"{freehold.url}/demo/broken")
    page.bring_to_front()
    started(page)
    page.get_by_text("Click here three times").click(click_count=3)
    saw(page, "rage_click")
    page.get_by_role("button", name="Throw an error").click()
    saw(page, "exception")
    page.get_by_role("button", name="Do nothing").click()
    saw(page, "dead_click")
    until(page, "performance.now() > seenAt + 1100")  # looks at it for a second more


def buy(freehold: Running, page: Page) -> None:
    """Begins with the address, looks at the cart again, and orders after that."""
    page.goto(f"{freehold.url}/demo/checkout")
    started(page)
    page.get_by_label("E-mail", exact=True).first.fill("ann@example.com")
    page.get_by_label("Telephone").focus()
    saw(page, "form_start")
    page.goto(f"{freehold.url}/demo/cart")
    started(page)
    page.get_by_role("link", name="Check out").click()
    page.wait_for_url("**/checkout")
    started(page)
    page.get_by_role("button", name="Fill in an example").click()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/thank-you")
    started(page)
    saw(page, "purchase")


def speak_to_the_tag(page: Page) -> None:
    """What a shop may call beside all that."""
    page.evaluate(
        """() => {
          freehold('set', {plan: 'gold'});
          freehold('identify', 'c-17');
          freehold('select_item', {item_id: 'JUG-1', price: 68}, {item_list_id: 'again'});
          freehold('reset');
          freehold('event', 'logged_out');
        }"""
    )


def change_ones_mind(page: Page) -> None:
    page.get_by_role("button", name="Cookie choices").click()
    page.get_by_role("button", name="Refuse").click()
    saw(page, "consent_update")


DOCUMENTED: dict[str, list[dict[str, str]]] = {
    "page_view": [{}],
    "consent_update": [{}],
    "scroll": [{"percent_scrolled": str(depth)} for depth in (25, 50, 75, 90)],
    "video_start": [{"video_title": "From clay to cup", "video_provider": "html5"}],
    "video_progress": [{"video_percent": str(percent)} for percent in (10, 25, 50, 75)],
    "video_complete": [{"video_duration": "6", "video_percent": "100"}],
    "form_start": [
        {"form_id": "newsletter", "first_field_name": "email", "first_field_type": "email"},
        {"form_id": "checkout", "first_field_name": "email"},
    ],
    "form_submit": [
        {"form_id": "newsletter", "form_submit_text": "Subscribe"},
        {"form_id": "checkout", "form_submit_text": "Place the order"},
    ],
    "form_abandon": [{"form_id": "checkout", "last_field_name": "email"}],
    "generate_lead": [{"lead_source": "newsletter"}],
    "view_search_results": [{"search_term": "linen"}, {"search_term": "cup"}],
    "menu": [{"element": "a", "element_text": "Stoneware"}, {"element_text": "Delivery"}],
    "view_item_list": [{"item_list_id": "stoneware"}],
    "view_item": [{}],
    "add_to_wishlist": [{"item_id": "CUP-1", "item_name": "Breakfast cup"}],
    "copy": [{"length": "13"}],
    "print": [{}],
    "add_to_cart": [{}],
    "file_download": [{"file_name": "/demo/sizes.pdf", "file_extension": "pdf"}],
    "click": [{"outbound": "true", "link_domain": "www.example.com", "link_text": "its own site"}],
    "rage_click": [{"element": "p", "element_id": "rage"}],
    "exception": [{"description": "Uncaught Error: The kiln is cold", "fatal": "false"}],
    "dead_click": [{"element": "button", "element_id": "nothing"}],
    "user_engagement": [{}],
    "web_vitals": [{}],
    "view_cart": [{}],
    "begin_checkout": [{}],
    "purchase": [{"shipping": "4.9", "tax": "4"}],
    "select_item": [{"item_list_id": "again", "plan": "gold"}],
    "logged_out": [{}],
}
"""Each event with props that one of its rows has."""

NUMBERS = {
    "user_engagement": {"engagement_time_msec"},
    "web_vitals": {"lcp", "fcp", "ttfb"},
    "purchase": {"engagement_time_msec"},
}
"""Props that are measured."""

WORTH = {"view_item": 24, "add_to_wishlist": 24, "add_to_cart": 24, "view_cart": 24, "purchase": 24}


def missing(found: list[Row]) -> list[Any]:
    """What is documented and has no row."""
    return [
        (name, props)
        for name, wanted in DOCUMENTED.items()
        for props in wanted
        if not any(row["name"] == name and props.items() <= row["props"].items() for row in found)
    ]


def test_all_that_a_visitor_does_in_the_shop_is_a_row(
    freehold: Running, visitor: BrowserContext, errors: list[str]
) -> None:
    page = visitor.new_page()
    visit_home(freehold, page)
    search(page)
    choose_a_cup(page)
    read_about_delivery(page)
    get_stuck(freehold, page)
    buy(freehold, page)
    speak_to_the_tag(page)
    page.goto(f"{freehold.url}/demo/delivery")
    started(page)
    assert missing(rows_until(freehold, lambda found: not missing(found), host=HOST)) == []
    change_ones_mind(page)
    found = rows_until(freehold, lambda found: found[-1]["answer"] == "denied", host=HOST)
    wait_for(lambda: lost(freehold, found) == 0, "every hit")
    check_numbering(found)
    assert errors == ["The kiln is cold"]
    errors.clear()
    assert freehold.ask("SELECT toUInt32(count()) FROM freehold.rejects") == [[0]]
    check_measures(found)
    check_users(found)
    check_visitor(found)
    assert visitor.cookies(freehold.url) == []


def check_measures(found: list[Row]) -> None:
    """What was measured is there, and what things are worth; a page that was gone back to, or whose
    hash changed, is another page view."""
    for name, numbers in NUMBERS.items():
        assert numbers <= named(found, name)[0]["nums"].keys(), name
    for name, value in WORTH.items():
        worth = [(row["value"], row["items"]) for row in named(found, name)]
        assert worth == [(value, ["CUP-1"])] * len(worth) != []
    for path, times in (("/demo/c/stoneware", 2), ("/demo/p/breakfast-cup", 3)):
        views = [row["page_id"] for row in named(found, "page_view") if row["path"] == path]
        assert len(views) == len(set(views)) == times


def check_users(found: list[Row]) -> None:
    """A user is who was named, until a reset; nothing personal is in a row."""
    users = {row["name"]: row["user_id"] for row in found}
    assert (users["purchase"], users["select_item"], users["logged_out"]) == ("", "c-17", "")
    [out] = named(found, "logged_out")
    assert "plan" not in out["props"]
    assert "ann@example.com" not in str(found)


def check_visitor(found: list[Row]) -> None:
    """One visitor while there was consent, none before and after."""
    granted = [row for row in found if row["answer"] == "granted"]
    others = [row for row in found if row["answer"] != "granted"]
    assert {row["consent_source"] for row in found} == {"gtag"}
    assert [row["name"] for row in others] == ["page_view", "consent_update"]
    [visitor] = {row["visitor"] for row in granted}
    assert {row["visitor"] for row in others} == {NOBODY} != {visitor}


def test_the_shop_observes_all_that_can_be_observed() -> None:
    container = load_container(ROOT / "tag_configs" / "demo.yaml")
    assert [name for name in FEATURES if not getattr(container.observe, name)] == []
