"""The snippet: it makes a queue, loads the tag once, and never gets in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.js_snippet.recorder import Recorder

pytestmark = pytest.mark.browser

SCRIPTS = "performance.getEntriesByType('resource').filter((e) => /tag.js/.test(e.name)).length"


def test_pasted_twice_it_counts_the_page_once(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(head=recorder.snippet * 2))
    recorder.wait(1)
    page.evaluate("freehold('event', 'after')")
    assert [hit.names for hit in recorder.wait(2)] == [["page_view"], ["after"]]
    assert page.evaluate(SCRIPTS) == 1


def test_beside_a_plain_script_element_the_page_counts_once(page: Page, recorder: Recorder) -> None:
    plain = "<script async src=/shop/tag.js></script>"
    page.goto(recorder.page(head=recorder.snippet + plain + plain))
    page.wait_for_load_state("load")
    recorder.wait(1)
    page.evaluate("freehold('event', 'after')")
    assert [hit.names for hit in recorder.wait(2)] == [["page_view"], ["after"]]


def test_a_script_element_alone_is_enough(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(head="<script async src=/shop/tag.js></script>"))
    assert recorder.wait(1)[0].names == ["page_view"]
    page.evaluate("freehold('event', 'a')")
    assert recorder.wait(2)[1].names == ["a"]


def test_a_nonce_lets_the_snippet_in_and_the_tag_after_it(page: Page, recorder: Recorder) -> None:
    policy = "<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-kiln'\">"
    mine = recorder.snippet.replace("<script>", "<script nonce=kiln>")
    page.goto(recorder.page(head=policy + mine))
    assert recorder.wait(1)[0].names == ["page_view"]


def test_a_function_that_the_page_kept_goes_on_where_lists_are_frozen(
    page: Page, recorder: Recorder
) -> None:
    kept = "<script>Object.freeze(Array.prototype); kept = freehold</script>"
    page.goto(recorder.page(head=recorder.snippet + kept))
    recorder.wait(1)
    page.evaluate("kept('event', 'late')")
    assert recorder.wait(2)[1].names == ["late"]


def test_the_only_global_is_freehold(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(path="/plain", head=""))
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.goto(recorder.page())
    recorder.wait(1)
    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before == {"freehold"}


def test_a_function_of_the_page_named_freehold_is_left_alone(
    page: Page, recorder: Recorder
) -> None:
    theirs = "<script>function freehold() { return 'theirs' }</script>"
    page.goto(recorder.page(head=theirs + recorder.snippet))
    assert page.evaluate("freehold()") == "theirs"
    assert page.evaluate(SCRIPTS) == 0


def test_an_element_named_freehold_does_not_hide_the_tag(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(head="<div id=freehold></div>" + recorder.snippet))
    assert recorder.wait(1)[0].names == ["page_view"]


def test_before_the_tag_comes_calls_are_only_noted(page: Page, recorder: Recorder) -> None:
    missing = recorder.snippet.replace("/shop/tag.js", "/nowhere.js")
    page.goto(recorder.page("<script>freehold('event', 'a', {n: 1})</script>", head=missing))
    assert page.evaluate("freehold('event', 'b')") is None
    assert page.evaluate("freehold.q.map(([at, [, name]]) => [at > 0, name])") == [
        [True, "a"],
        [True, "b"],
    ]
