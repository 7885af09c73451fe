"""Single-page applications: page views by the address's change, `observe: history`.

Each test of the counting runs with the Navigation API and, as in older browsers, without it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Received, Recorder, make_container

pytestmark = pytest.mark.browser

WITHOUT_NAVIGATION = "<script>delete window.navigation</script>"
MOMENT_MS = 150

browsers = pytest.mark.parametrize("damage", ["", WITHOUT_NAVIGATION], ids=["new", "old"])


def open_shop(page: Page, recorder: Recorder, damage: str = "", *, page_views: bool = True) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "history", page_views=page_views)
    page.goto(recorder.page(head=damage + recorder.snippet))


def seen(recorder: Recorder, hits: list[Received]) -> list[tuple[str, str, str]]:
    """Each page view's path, referrer and title."""
    events: list[dict[str, Any]] = [event for hit in hits for event in hit.body["events"]]
    assert {event["name"] for event in events} == {"page_view"}
    return [
        (
            event["url"].removeprefix(recorder.origin),
            event["referrer"].removeprefix(recorder.origin),
            event["title"],
        )
        for event in events
    ]


@browsers
def test_each_new_address_is_one_page_view(page: Page, recorder: Recorder, damage: str) -> None:
    open_shop(page, recorder, damage)
    recorder.wait(1)
    moves = [
        "history.pushState({n: 1}, '', '/shoes?size=40'); "
        "setTimeout(() => document.title = 'Shoes')",
        "history.pushState({n: 2}, ''); history.replaceState({n: 3}, '', '/shoes?size=40'); "
        "history.replaceState({}, '', '/shoes?size=41')",
        "location.hash = 'reviews'",
        "history.back()",
    ]
    for count, move in enumerate(moves, start=2):
        page.evaluate(f"() => {{ {move} }}")
        recorder.wait(count)
    page.evaluate("history.replaceState({n: 4}, '')")
    page.wait_for_timeout(MOMENT_MS)

    hits = recorder.wait(5)
    assert seen(recorder, hits) == [
        ("/", "", "Page /"),
        ("/shoes?size=40", "/", "Shoes"),
        ("/shoes?size=41", "/shoes?size=40", "Shoes"),
        ("/shoes?size=41#reviews", "/shoes?size=41", "Shoes"),
        ("/shoes?size=41", "/shoes?size=41#reviews", "Shoes"),
    ]
    assert len({hit.body["page"]["id"] for hit in hits}) == 5


@browsers
def test_an_address_that_is_left_within_a_moment_is_not_counted(
    page: Page, recorder: Recorder, damage: str
) -> None:
    open_shop(page, recorder, damage)
    recorder.wait(1)
    page.evaluate("history.pushState({}, '', '/old'); history.replaceState({}, '', '/new')")
    page.evaluate("history.pushState({}, '', '/popup'); history.replaceState({}, '', '/new')")
    recorder.wait(2)
    page.wait_for_timeout(MOMENT_MS)
    assert seen(recorder, recorder.hits)[1:] == [("/new", "/", "Page /")]


def test_an_event_after_the_change_belongs_to_the_new_page(page: Page, recorder: Recorder) -> None:
    open_shop(page, recorder)
    recorder.wait(1)
    page.evaluate("() => { history.pushState({}, '', '/cup'); freehold('event', 'view_item') }")
    assert recorder.wait(2)[1].names == ["page_view", "view_item"]
    page.wait_for_timeout(MOMENT_MS)
    assert len(recorder.hits) == 2


def test_a_page_view_is_not_lost_when_the_page_is_left_at_once(
    page: Page, recorder: Recorder
) -> None:
    open_shop(page, recorder)
    recorder.wait(1)
    recorder.page("thanks", path="/elsewhere", head="")
    page.evaluate("() => { history.pushState({}, '', '/cup'); location = '/elsewhere' }")
    assert seen(recorder, recorder.wait(2))[1] == ("/cup", "/", "Page /")


def test_alone_it_counts_only_the_changes(page: Page, recorder: Recorder) -> None:
    open_shop(page, recorder, page_views=False)
    page.wait_for_function("!freehold.q")
    page.evaluate("history.pushState({}, '', '/cup')")
    assert seen(recorder, recorder.wait(1)) == [("/cup", "/", "Page /")]


def test_a_global_of_the_page_named_navigation_is_not_taken_for_the_interface(
    page: Page, recorder: Recorder
) -> None:
    open_shop(page, recorder, "<script>var navigation = document.body</script>")
    recorder.wait(1)
    page.evaluate("history.pushState({}, '', '/cup')")
    assert seen(recorder, recorder.wait(2))[1] == ("/cup", "/", "Page /")


WRAP = """(calls => {
  const original = history.pushState;
  history.pushState = function (...args) {
    calls.push(args[2]);
    return original.apply(this, args);
  };
})(window.%s = [])"""


def test_the_pages_own_history_works_as_before(page: Page, recorder: Recorder) -> None:
    before = f"<script>{WRAP % 'before'}</script>"
    open_shop(page, recorder, WITHOUT_NAVIGATION + before)
    recorder.wait(1)
    page.evaluate(WRAP % "after")
    answers = page.evaluate(
        """() => {
          const attempt = (...args) => {
            try { return [String(history.pushState(...args)), history.state] }
            catch (error) { return [error.name, history.state] }
          };
          return [attempt({n: 1}, '', '/one'), attempt(() => 0, '', '/two'),
                  attempt({}, '', 'https://other.example/'), before, after];
        }"""
    )
    urls = ["/one", "/two", "https://other.example/"]
    assert answers == [
        ["undefined", {"n": 1}],
        ["DataCloneError", {"n": 1}],
        ["SecurityError", {"n": 1}],
        urls,
        urls,
    ]
    assert seen(recorder, recorder.wait(2))[1] == ("/one", "/", "Page /")
