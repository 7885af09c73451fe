"""Clicks on links to other hosts, `observe: outbound_links`: the event `click`, as in GA4."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.links import STAY, collect
from tests.js_snippet.recorder import Answer, Recorder, make_container

pytestmark = pytest.mark.browser

PARTNER = "https://www.partner.example"


def open_links(page: Page, recorder: Recorder, body: str, stay: str = STAY) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "outbound_links", page_views=False)
    page.goto(recorder.page(stay + body))
    page.wait_for_function("!freehold.q")


def test_a_click_is_the_documented_event(page: Page, recorder: Recorder) -> None:
    link = f"{PARTNER}:8443/a/b?email=ann@example.com#top"
    body = f'<a id=go class="button big" href="{link}"><b>Visit </b>\n our\n<i>partner</i></a>'
    open_links(page, recorder, body)
    page.click("a i")
    assert collect(page, recorder) == [
        {
            "name": "click",
            "outbound": True,
            "link_domain": "www.partner.example",
            "link_url": f"{PARTNER}:8443/a/b",
            "link_text": "Visit our partner",
            "link_id": "go",
            "link_classes": "button big",
        }
    ]


SHADOW = f"""<div id=host></div><script>
  document.querySelector('#host').attachShadow({{mode: 'open'}}).innerHTML =
    '<a href={PARTNER}/><em>Shadow</em></a>';
</script>"""
DEAF = f"<a href={PARTNER}/ onclick='event.stopImmediatePropagation(); return false'>Deaf</a>"

COUNTED: dict[str, tuple[str, Callable[[Page], object]]] = {
    "the middle button": (
        f"<a href={PARTNER}/>x</a>",
        lambda p: p.click("a", button="middle"),
    ),
    "the keyboard": (f"<a href={PARTNER}/>x</a>", lambda p: p.press("a", "Enter")),
    "a script": (f"<a href={PARTNER}/>x</a>", lambda p: p.evaluate("document.links[0].click()")),
    "SVG": (
        f"<svg><a href={PARTNER}/><text y=20>x</text></a></svg>",
        lambda p: p.click("svg text"),
    ),
    "a shadow root": (SHADOW, lambda p: p.click("em")),
    "a listener that stops the event": (DEAF, lambda p: p.click("a")),
}


@pytest.mark.parametrize(("body", "use"), COUNTED.values(), ids=COUNTED)
def test_a_link_counts_however_it_is_used(
    page: Page, recorder: Recorder, body: str, use: Callable[[Page], object]
) -> None:
    open_links(page, recorder, body)
    use(page)
    (click,) = collect(page, recorder)
    assert (click["name"], click["link_url"]) == ("click", f"{PARTNER}/")


def test_other_links_and_other_buttons_are_not_counted(page: Page, recorder: Recorder) -> None:
    hrefs = [
        "/here",
        "#top",
        "mailto:ann@example.com",
        "tel:+33123456789",
        "javascript:0",
        "http://[",
    ]
    links = "".join(f"<a href='{href}'>{href}</a> " for href in hrefs)
    open_links(page, recorder, f"{links} <a>none</a> <p>text</p> <a id=out href={PARTNER}>out</a>")
    for link in page.locator("a:not(#out), p").all():
        link.click()
    page.click("#out", button="right")
    assert collect(page, recorder) == []


def test_a_long_text_is_cut_to_a_hundred_characters(page: Page, recorder: Recorder) -> None:
    open_links(page, recorder, f"<a href={PARTNER}>{'x' * 99}\N{GRINNING FACE} and more</a>")
    page.click("a")
    (click,) = collect(page, recorder)
    assert click["link_text"] == "x" * 99 + "\N{REPLACEMENT CHARACTER}"


def test_a_click_that_leaves_the_site_arrives(page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    with Recorder() as partner:
        away = partner.page("the other site", head="")
        open_links(page, recorder, f"<a href={away}>away</a>", stay="")
        page.evaluate("freehold('event', 'in flight')")
        recorder.wait(1)
        page.click("a")
        page.wait_for_url(away)
        hits = recorder.wait(2)
        hold.set()
    assert hits[1].names == ["click"]
