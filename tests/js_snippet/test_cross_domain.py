"""Links to another domain of the brand take the visitor along: two hosts and a real collector."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, Request
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse
from starlette.routing import Route

from server.collector.app import make_app
from server.collector.script import snippet
from server.collector.site import make_site
from server.containers.model import Container, CookieMode, Links
from server.model import Hit
from tests.collector.doors import KEYS, Door
from tests.collector.serving import serving
from tests.js_snippet.links import TOKENS
from tests.js_snippet.recorder import Recorder, make_container
from tests.running import wait_for

pytestmark = pytest.mark.browser

BRAND = Links(domains=["cups.localhost", "rugs.localhost"])
GRANT = "freehold('consent', {analytics_storage: 'granted'})"


class Brand:
    """Two shops on hosts of their own, each with a container; a page with `?ask` has no consent."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.port = 0
        self.containers = {
            name: Container(id=name, sites=["self"], links=BRAND) for name in ("cups", "rugs")
        }
        sites = {
            name: make_site(one, KEYS, used=door.used) for name, one in self.containers.items()
        }
        self.collector = replace(door.collector, sites=sites)

    def url(self, name: str, rest: str = "/") -> str:
        return f"http://{name}.localhost:{self.port}{rest}"

    async def page(self, asked: Asked) -> HTMLResponse:
        name = str(asked.url.hostname).partition(".")[0]
        other = "rugs" if name == "cups" else "cups"
        tag = snippet(self.containers[name], origin=self.url(name, ""))
        grant = "" if "ask" in asked.query_params else GRANT
        there = self.url(other, "/?a=%20b#part")
        return HTMLResponse(
            f"<!doctype html><html lang=en><title>{name}</title><script>{TOKENS}</script>{tag}"
            f"<script>{grant}</script><a id=there href='{there}'>There</a>"
            f"<a id=here href='/next'>Here</a>"
        )

    def hits(self, name: str, count: int = 1) -> list[Hit]:
        """Those of a container, as soon as there are so many."""

        def found() -> list[Hit]:
            return [hit for hit in self.door.hits() if hit.container_id == name]

        wait_for(lambda: len(found()) >= count, f"{count} hits of {name}")
        return found()


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[Brand]:
    made = Brand(Door(tmp_path))
    app = make_app(made.collector, pages=[Route("/{page:path}", made.page)])
    with serving(made.collector, app=app) as server:
        made.port = server.port
        yield made


def visitor_of(hit: Hit) -> str:
    assert hit.visitor is not None
    return hit.visitor.visitor_id


def asked_of(context: BrowserContext) -> Callable[[str], list[str]]:
    """What is asked for from now on whose address has a part."""
    heard: list[str] = []

    def hear(request: Request) -> None:
        heard.append(request.url)

    context.on("request", hear)
    return lambda part: [url for url in heard if part in url]


def open_cups(page: Page, brand: Brand) -> None:
    page.goto(brand.url("cups"))
    brand.hits("cups")
    page.wait_for_function("!freehold.q")


def test_a_visitor_is_the_same_over_a_link_and_a_new_one_when_it_is_opened_again(
    context: BrowserContext, own_page: Page, browser: Browser, brand: Brand
) -> None:
    asked = asked_of(context)
    open_cups(own_page, brand)
    own_page.hover("#there")
    own_page.wait_for_function("tokens == 1")
    there = own_page.get_attribute("#there", "href")
    assert there == brand.url("rugs", "/?a=%20b#part")
    own_page.click("#there")
    [landed] = brand.hits("rugs")
    [left] = brand.hits("cups")
    assert visitor_of(landed) == visitor_of(left)
    [event] = json.loads(landed.body)["events"]
    assert event["url"] == own_page.evaluate("location.href") == there
    [decorated] = asked("_fh=")
    assert decorated.startswith(brand.url("rugs", "/?_fh="))
    assert decorated.partition("#")[0].endswith("&a=%20b")

    own_page.goto(brand.url("rugs"))  # and is known there from now on
    assert visitor_of(brand.hits("rugs", 2)[1]) == visitor_of(left)

    other = browser.new_context()
    other.new_page().goto(decorated)
    assert visitor_of(brand.hits("rugs", 3)[2]) != visitor_of(left)
    other.close()
    assert brand.collector.refusals == {"link_used": 1}


def test_the_keyboard_takes_along_too_and_the_link_is_put_back(
    own_page: Page, brand: Brand
) -> None:
    open_cups(own_page, brand)
    own_page.evaluate(
        """for (const type of ['click', 'auxclick']) there.addEventListener(type, (event) => {
          event.preventDefault();
          went = there.href;
        })"""
    )
    own_page.focus("#there")
    own_page.wait_for_function("tokens == 1")
    own_page.keyboard.press("Enter")
    own_page.wait_for_function("window.went && !there.href.includes('_fh')")
    assert "_fh=" in own_page.evaluate("went")
    own_page.evaluate("there.click()")  # that token is gone, and the next one is not there yet
    assert "_fh=" not in own_page.evaluate("went")
    own_page.wait_for_function("tokens == 2")
    own_page.click("#there", button="right")
    assert "_fh=" not in own_page.evaluate("went")
    own_page.click("#there", button="middle")
    assert "_fh=" in own_page.evaluate("went")


def test_nothing_is_asked_without_consent_for_the_own_pages_and_after_an_opt_out(
    context: BrowserContext, own_page: Page, brand: Brand
) -> None:
    asked = asked_of(context)
    own_page.goto(brand.url("cups", "/?ask"))
    brand.hits("cups")
    own_page.hover("#there")
    own_page.focus("#there")
    own_page.evaluate(GRANT)
    own_page.hover("#here")
    own_page.evaluate("freehold('event', 'end')")
    brand.hits("cups", 2)
    own_page.evaluate("freehold.optOut()")
    own_page.hover("#there")
    brand.hits("cups", 3)
    own_page.goto(brand.url("rugs"))
    brand.hits("rugs")
    assert asked("/link") == []
    assert brand.collector.refusals == {}


def test_the_token_goes_from_the_address_to_the_hits(page: Page, recorder: Recorder) -> None:
    recorder.container = replace(make_container(CookieMode.ALWAYS), links=BRAND)
    recorder.page()
    left = {
        "/?_fh=T": "/",
        "/?_fh=T#part": "/#part",
        "/?_fh=T&a=%20b+c": "/?a=%20b+c",
        "/?flag&_fh=T&a=1#_fh=x": "/?flag&a=1#_fh=x",
        "/?a=1&_fh=T": "/?a=1",
        "/?a_fh=1&b=_fh=2": "/?a_fh=1&b=_fh=2",
    }
    for count, (came, stays) in enumerate(left.items(), start=1):
        page.goto(recorder.origin + came)
        hit = recorder.wait(count)[-1]
        url = page.evaluate("location.href")
        assert hit.body["events"][0]["url"] == url == recorder.origin + stays
        assert ("&l=T." in hit.path) is ("_fh=T" in came)


def test_it_waits_for_consent_and_leaves_the_page_s_state_alone(
    own_page: Page, recorder: Recorder
) -> None:
    recorder.container = replace(make_container(CookieMode.CONSENT), links=BRAND)
    own_page.goto(recorder.page())
    recorder.wait(1)
    own_page.evaluate("history.replaceState({mine: 7}, '', '/?_fh=T')")
    own_page.reload()
    recorder.wait(2)
    own_page.evaluate(GRANT)
    for name in ("one", "two"):
        own_page.evaluate("name => freehold('event', name)", name)
        recorder.until(name)
    assert own_page.evaluate("[history.state.mine, location.search]") == [7, ""]
    first, second, *granted = [hit.path for hit in recorder.hits]
    assert first == second == "/shop/hit?c=0"
    assert len(set(granted)) == 1  # of one page load
    assert granted[0].startswith("/shop/hit?c=1&l=T.")


def test_no_address_keeps_the_tag_from_counting(page: Page, recorder: Recorder) -> None:
    recorder.container = replace(make_container(CookieMode.ALWAYS), links=BRAND)
    addresses = ["//evil.example/?_fh=T", "/?_fh=%00%ff\\'\"<x>&_fh=2", "/?_fh=&_fh", "/?&&_fh==&#"]
    for path in addresses:
        recorder.page(path=path.partition("?")[0].replace("//", "/"))  # as its server reads it
    for count, path in enumerate(addresses, start=1):
        page.goto(recorder.origin + path)
        assert recorder.wait(count)[-1].names == ["page_view"]
