"""Pages and browsers that leave the tag nothing but images: hits go in their addresses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page

from server.collector.answers import PIXEL
from server.collector.script import snippet
from server.collector.site import make_site
from server.containers.model import Container
from tests.collector.doors import KEYS, Door
from tests.collector.serving import serving
from tests.js_snippet.page_tags import telling, with_page_tags
from tests.js_snippet.recorder import KEPT, Answer, Recorder, make_container
from tests.running import wait_for

pytestmark = pytest.mark.browser

IMAGES_ALONE = "connect-src 'none'; img-src *"
NOTHING = "connect-src 'none'; img-src 'none'"
NO_FETCH = "delete window.fetch;"
NO_BEACON = "delete Navigator.prototype.sendBeacon;"
TRIED = "Object.values(localStorage).some((text) => /.tries.:[3-9]/.test(text))"
FULL_BEACON = "Navigator.prototype.sendBeacon = () => false;"


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Its pages throw nothing; Chromium itself writes into the console what a policy forbids."""
    context = browser.new_context()
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def shop(recorder: Recorder) -> Recorder:
    """Its tag may use the pixel."""
    recorder.container = replace(make_container(), pixel=True)
    return recorder


def page_with(recorder: Recorder, policy: str = IMAGES_ALONE, **where: str) -> str:
    """A page under a policy."""
    head = f'<meta http-equiv=Content-Security-Policy content="{policy}">{recorder.snippet}'
    return recorder.page(head=head, **where)


def send(page: Page, *names: str) -> None:
    """Events of one task each, once the tag is there."""
    for name in names:
        page.evaluate("name => freehold('event', name)", name)


def test_where_only_images_may_be_asked_for_hits_go_as_such(
    visitor: BrowserContext, shop: Recorder
) -> None:
    page = visitor.new_page()
    page.goto(page_with(shop))
    shop.wait(1)
    send(page, "é", "b")
    shop.until("b")
    page.wait_for_function(KEPT + " == 0")
    events = [event for hit in shop.hits for event in hit.body["events"]]
    assert [event["name"] for event in events] == ["page_view", "é", "b"]
    assert {(hit.content_type, hit.path.partition("&")[0]) for hit in shop.hits} == {
        ("image", "/shop/hit.gif?c=1")
    }
    assert (shop.hits[0].cookie, shop.hits[-1].cookie) == ("", "fh_shop=somebody")
    assert [hit.body["page"]["seq"] for hit in shop.hits] == list(range(1, len(shop.hits) + 1))

    page.evaluate("addEventListener('pagehide', () => freehold('event', 'bye'))")
    page.goto(page_with(shop, path="/next"))
    shop.until("bye")
    assert {hit.content_type for hit in shop.hits} == {"image"}


def test_where_images_are_forbidden_too_hits_wait_for_a_page_that_may_send(
    visitor: BrowserContext, shop: Recorder
) -> None:
    shop.hurry()
    page = visitor.new_page()
    page.goto(page_with(shop, NOTHING))
    page.wait_for_function(KEPT + " == 1")
    page.wait_for_function(TRIED)
    assert shop.hits == []
    page.goto(shop.page(path="/free"))
    shop.until("page_view", 2)
    assert {hit.content_type for hit in shop.hits} == {"text/plain;charset=UTF-8"}


@pytest.mark.parametrize("lacking", [NO_FETCH + NO_BEACON, NO_FETCH + FULL_BEACON,
                                     NO_FETCH + "/* a beacon that goes nowhere */"])  # fmt: skip
def test_a_browser_that_can_ask_for_images_alone(
    visitor: BrowserContext, shop: Recorder, lacking: str
) -> None:
    visitor.add_init_script(lacking)
    page = visitor.new_page()
    page.goto(page_with(shop) if "nowhere" in lacking else shop.page())
    shop.wait(1)
    send(page, "a")
    shop.until("a")
    assert {hit.content_type for hit in shop.hits} == {"image"}
    page.wait_for_function(KEPT + " == 0")


def test_a_failure_that_is_none_of_the_policy_s_is_waited_for(
    visitor: BrowserContext, shop: Recorder
) -> None:
    shop.hurry()
    shop.answer(Answer(status=0), Answer(status=500))
    visitor.add_init_script("window.said = []; addEventListener('securitypolicyviolation',"
                            " ({ blockedURI }) => said.push(blockedURI))")  # fmt: skip
    page = visitor.new_page()
    page.goto(page_with(shop, f"connect-src {shop.origin}/shop/hit; img-src *"))
    page.evaluate("fetch('/shop/other').catch(() => 0)")
    page.wait_for_function("said[0]?.endsWith('/shop/other')")
    send(page, "a")
    shop.until("page_view", 3)
    shop.until("a")
    assert {hit.content_type for hit in shop.hits} == {"text/plain;charset=UTF-8"}


def test_what_was_not_answered_is_resent_until_it_is_stored_or_refused_for_good(
    visitor: BrowserContext, shop: Recorder
) -> None:
    shop.hurry()
    shop.answer(Answer(status=500), Answer(status=0), Answer(status=400, body=PIXEL))
    page = visitor.new_page()
    page.goto(page_with(shop))
    hits = shop.wait(3)
    page.wait_for_function(KEPT + " == 0")
    assert [hit.ids for hit in hits] == [hits[0].ids] * 3
    first = hits[0].tries[0]
    assert [hit.tries for hit in hits] == [[first], [first + 1], [first + 2]]
    send(page, "next")
    assert shop.wait(4)[3].names == ["next"]


def test_what_a_proxy_never_lets_through_holds_up_nothing_else(
    visitor: BrowserContext, shop: Recorder
) -> None:
    shop.hurry()
    hold = threading.Event()
    shop.answer(Answer(status=403, body=b"<html>no", hold=hold))
    page = visitor.new_page()
    page.goto(page_with(shop))
    shop.wait(1)
    page.evaluate("freehold('event', 'a'); freehold('event', 'b')")
    hold.set()
    assert [hit.names for hit in shop.wait(3)] == [["page_view"], ["a", "b"], ["page_view"]]


def test_two_tabs_send_each_its_own_and_nothing_twice(
    visitor: BrowserContext, shop: Recorder
) -> None:
    url = page_with(shop)
    tabs = [visitor.new_page(), visitor.new_page()]
    for tab in tabs:
        tab.goto(url)
    shop.until("page_view", 2)
    for tab in tabs:
        send(tab, "a", "b")
    shop.until("b", 2)
    tabs[0].wait_for_function(KEPT + " == 0")
    ids = [event for hit in shop.hits for event in hit.ids]
    assert len(ids) == len(set(ids)) == 6
    assert {hit.content_type for hit in shop.hits} == {"image"}


def test_what_is_too_long_for_an_address_goes_in_parts_or_waits_for_another_page(
    visitor: BrowserContext, shop: Recorder
) -> None:
    page = visitor.new_page()
    page.goto(page_with(shop))
    shop.wait(1)
    page.evaluate(
        """() => {
          for (let n = 0; n < 60; n++) freehold('event', 'tick', { n });
          freehold('event', 'long', { text: 'é'.repeat(4000) });
        }"""
    )
    shop.until("tick", 60)
    send(page, "last")
    events = shop.until("last")
    ticks = [event["props"]["n"] for event in events if event["name"] == "tick"]
    assert ticks == list(range(60))
    assert max(len(hit.path) for hit in shop.hits) < 7_500
    assert not any("long" in hit.names for hit in shop.hits)
    page.goto(shop.page(path="/free"))
    shop.until("long")
    ids = [event["id"] for event in shop.until("page_view", 2)]
    assert len(set(ids)) == 64


def test_a_visitor_opts_out_by_an_image_and_not_in_again(
    visitor: BrowserContext, shop: Recorder
) -> None:
    page = visitor.new_page()
    page.goto(page_with(shop))
    shop.wait(1)
    page.evaluate("freehold.optOut()")
    assert "hit.gif?c=3&" in shop.wait(2)[1].path
    flag = "localStorage['out.freehold.shop.']"
    page.wait_for_function(flag + " == 2")
    page.evaluate("freehold.optIn(); freehold('event', 'never')")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert (page.evaluate(flag), len(shop.hits)) == ("2", 2)


def test_an_opt_out_while_the_policy_speaks_lets_no_image_go(
    visitor: BrowserContext, shop: Recorder
) -> None:
    page = visitor.new_page()
    opts_out = "addEventListener('securitypolicyviolation', () => freehold.optOut(), {once: true})"
    head = f'<meta http-equiv=Content-Security-Policy content="{IMAGES_ALONE}">'
    page.goto(shop.page(head=f"<script>{opts_out}</script>{head}{shop.snippet}"))
    page.wait_for_function("localStorage['out.freehold.shop.'] == 2")
    assert {hit.path.partition("&")[0] for hit in shop.hits} == {"/shop/hit.gif?c=3"}


def test_parts_of_a_hit_are_no_new_events_to_page_tags(
    visitor: BrowserContext, recorder: Recorder
) -> None:
    recorder.container = replace(with_page_tags({"a": telling("a")}), pixel=True)
    page = visitor.new_page()
    page.goto(page_with(recorder))
    page.wait_for_function("!freehold.q")
    send(page, "first")  # from then on the tag knows that it has images alone
    recorder.until("first")
    page.wait_for_function(KEPT + " == 0")
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    page.evaluate("""() => {
      for (let n = 0; n < 8; n++) freehold('event', 'e' + n, {text: 'x'.repeat(900)});
    }""")
    recorder.wait(2)
    page.evaluate("freehold('event', 'last')")
    page.wait_for_function("window.fired?.includes('a last')")
    hold.set()
    recorder.until("last")
    assert page.evaluate("fired.length") == 10


def test_the_collector_keeps_them_as_it_keeps_any_hit(
    visitor: BrowserContext, recorder: Recorder, tmp_path: Path
) -> None:
    door = Door(tmp_path)
    container = Container(id="shop", sites=[recorder.origin], pixel=True)
    sites = {"shop": make_site(container, KEYS)}
    with serving(replace(door.collector, sites=sites)) as server:
        origin = f"http://127.0.0.1:{server.port}"
        policy = f'<meta http-equiv=Content-Security-Policy content="{IMAGES_ALONE}">'
        page = visitor.new_page()
        page.goto(recorder.page(head=policy + snippet(container, origin=origin)))
        wait_for(lambda: len(door.hits()) == 1, "the page view")
        page.evaluate("freehold('consent', { analytics_storage: 'granted' })")
        send(page, "a")
        wait_for(lambda: len(door.hits()) == 2, "the first with a cookie")
        send(page, "b")
        wait_for(lambda: len(door.hits()) == 3, "the second")
        page.wait_for_function(KEPT + " == 0")
    hits = door.hits()
    assert [hit.query for hit in hits] == ["c=0", "c=1", "c=1"]
    names = [[event["name"] for event in json.loads(hit.body)["events"]] for hit in hits]
    assert names == [["page_view"], ["a"], ["b"]]
    first, second, third = [hit.visitor for hit in hits]
    assert first is None
    assert second is not None
    assert third is not None
    assert second.visitor_id == third.visitor_id
    assert "Chrome" in hits[0].user_agent
