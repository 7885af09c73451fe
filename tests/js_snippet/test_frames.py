"""The snippet in a frame: what the README says of it happens, with a real collector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext

from server.collector.site import make_site
from server.model import Hit
from tests.collector.doors import KEYS, Door
from tests.collector.serving import serving
from tests.js_snippet.recorder import Recorder, make_container
from tests.running import wait_for

pytestmark = pytest.mark.browser


class Framed:
    """A page of the site, and others that show it in a frame."""

    def __init__(self, recorder: Recorder, door: Door, port: int) -> None:
        self.recorder, self.door = recorder, door
        self.head = recorder.snippet.replace(recorder.origin, f"http://127.0.0.1:{port}")
        recorder.page(path="/framed", head=self.head)

    def around(self, *, sandbox: str = "", tagged: bool = False) -> str:
        """Where the page around the frame is: of the same site as its host is called by number."""
        frame = f"<iframe {sandbox} src='{self.recorder.origin}/framed'></iframe>"
        return self.recorder.page(frame, path="/around", head=self.head if tagged else "")

    def wait(self, count: int) -> list[Hit]:
        wait_for(lambda: len(self.door.hits()) >= count, f"{count} hits")
        return self.door.hits()


@pytest.fixture
def framed(recorder: Recorder, tmp_path: Path) -> Iterator[Framed]:
    door = Door(tmp_path)
    shop = replace(make_container(), sites=[recorder.origin])
    with serving(replace(door.collector, sites={"shop": make_site(shop, KEYS)})) as server:
        yield Framed(recorder, door, server.port)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def paths(hits: list[Hit]) -> set[str]:
    bodies = [msgspec.json.decode(hit.body) for hit in hits]
    return {event["url"].rpartition("/")[2] for body in bodies for event in body["events"]}


def test_a_frame_of_the_same_site_is_a_page_of_its_own(
    framed: Framed, visitor: BrowserContext
) -> None:
    visitor.new_page().goto(framed.around(tagged=True))
    assert paths(framed.wait(2)) == {"around", "framed"}


def test_a_frame_on_another_site_is_a_new_visitor_at_each_load(
    framed: Framed, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    page.goto(framed.around().replace("127.0.0.1", "localhost"))
    framed.wait(1)
    page.reload()
    hits = framed.wait(2)
    assert paths(hits) == {"framed"}
    assert visitor.cookies() == []
    assert len({hit.visitor and hit.visitor.visitor_id for hit in hits}) == 2


def test_a_sandboxed_frame_sends_nothing_that_is_taken(
    framed: Framed, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(framed.around(sandbox="sandbox=allow-scripts"))
    wait_for(lambda: framed.door.collector.refusals["origin"] > 0, "a refusal")
    assert framed.door.hits() == []
    assert errors == []
