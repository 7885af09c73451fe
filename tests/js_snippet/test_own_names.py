"""A container's own names for all that a list of blockers could know, and a real collector."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import BrowserContext, Page

from server.collector.site import make_site
from server.containers.model import Container, Cookie, CookieMode, Paths
from tests.collector.doors import KEYS, Door
from tests.collector.serving import serving
from tests.js_snippet.recorder import Recorder
from tests.running import wait_for

pytestmark = pytest.mark.browser


def named(*sites: str) -> Container:
    """Called otherwise wherever that is possible."""
    return Container(
        id="kiln",
        sites=list(sites),
        paths=Paths(tag="cup.js", hit="glaze"),
        cookie=Cookie(mode=CookieMode.ALWAYS, name="visit"),
        global_name="kiln",
    )


def test_the_only_global_is_the_container_s_own(page: Page, recorder: Recorder) -> None:
    recorder.container = replace(named("self"), paths=Paths())
    page.goto(recorder.page(path="/plain", head=""))
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    early = "<script>kiln('event', 'early')</script>"
    page.goto(recorder.page(early, head=recorder.snippet * 2))
    recorder.until("early")
    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before == {"kiln"}
    page.evaluate("kiln('event', 'late')")
    names = [event["name"] for event in recorder.until("late")]
    assert sorted(names) == ["early", "late", "page_view"]


def test_under_other_names_hits_arrive_and_an_opt_out_wins(
    context: BrowserContext, recorder: Recorder, tmp_path: Path
) -> None:
    door = Door(tmp_path)
    container = named(recorder.origin)
    collector = replace(door.collector, sites={"kiln": make_site(container, KEYS)})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url.partition("/kiln/")[2]))
    with serving(collector) as server:
        recorder.container = container
        head = recorder.snippet.replace(recorder.origin, f"http://127.0.0.1:{server.port}")
        url = recorder.page(head=head)
        page.goto(url)
        wait_for(lambda: cookies(context) == {"visit"}, "the cookie")
        [hit] = door.hits()
        assert hit.visitor is not None
        page.evaluate("kiln.optOut()")
        page.wait_for_function("localStorage['out.freehold.kiln.'] == 2")
        wait_for(lambda: cookies(context) == {"fh_optout_kiln"}, "the opt-out's cookie")
        page.goto(url)
        page.wait_for_function("window.kiln && !kiln.q")
        with page.expect_response(lambda answer: answer.url.endswith("/glaze?c=1")) as told:
            page.evaluate("localStorage.clear()")
            page.reload()
        assert told.value.headers["x-freehold-error"] == "opted_out"
    assert {path.partition("?")[0] for path in asked if path} == {"cup.js", "glaze"}
    assert [b"page_view" in hit.body for hit in door.hits()] == [True, False]


def cookies(context: BrowserContext) -> set[str]:
    return {cookie["name"] for cookie in context.cookies()}
