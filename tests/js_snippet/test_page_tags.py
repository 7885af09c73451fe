"""Page tags in Chromium: what runs, when, how often, with whose consent; and what never can."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.js_snippet.page_tags import FIRED, telling, with_page_tags
from tests.js_snippet.recorder import Recorder
from tests.js_snippet.waiting import until

pytestmark = pytest.mark.browser

FIRST = {"value": "{{ event.props.a }}", "equals": 1}
HOSTILE = [
    "\"><img src=x onerror='window.hacked=1'>",
    "');window.hacked=1;//",
    '");window.hacked=1;//',
    "</script><script>window.hacked=1</script>",
    "`;window.hacked=1;`${window.hacked=1}",
    "\\';window.hacked=1//\n\u2028'+(window.hacked=1)+'",
    "a&b=c#d/../%2e é 😀",
]


def fired(page: Page, *expected: str) -> None:
    """Waits until just these have fired, in any order; `name event` each."""
    until(page, f"({FIRED}).slice().sort().join() == {json.dumps(','.join(sorted(expected)))}")


def say(page: Page, *calls: list[Any]) -> None:
    page.evaluate("(calls) => calls.forEach((one) => freehold(...one))", list(calls))


def grant(**purposes: str) -> list[Any]:
    return ["consent", purposes]


def test_it_runs_once_the_page_is_loaded_and_only_where_it_is_enabled(
    page: Page, recorder: Recorder
) -> None:
    states = telling("state", html="<script>window.state = document.readyState</script><p id=put>")
    recorder.container = with_page_tags(
        {
            "state": states,
            "other": telling("other", fires_on=["sales"]),
            "blocked": telling("blocked", **{"except": ["greetings"]}),
            "off": telling("off", enabled=False),
            "elsewhere": telling("elsewhere", environments=["staging"]),
        },
        triggers={
            "sales": {"event": ["purchase", "refund"]},
            "greetings": {
                "event": "hello",
                "when": [FIRST],
            },
        },
    )
    page.goto(recorder.page("<script>freehold('event', 'hello', {a: 1})</script>"))
    page.wait_for_function("window.state")
    assert page.evaluate("state") == "complete"
    assert page.locator("body > div[hidden] > #put").count() == 1
    say(page, ["event", "hello", {"a": 2}], ["event", "purchase"])
    fired(page, "blocked hello", "blocked purchase", "other purchase")


def test_nothing_runs_before_its_consent_and_then_what_the_page_has_seen(
    page: Page, recorder: Recorder
) -> None:
    both, named = ["ad_storage", "ad_user_data"], ["named"]
    recorder.container = with_page_tags(
        {
            "ads": telling("ads", needs_consent=both, fires_on=named),
            "free": telling("free", fires_on=named),
        },
        triggers={"named": {"event": ["first", "second", "third"]}},
        consent={"gpc": False, "sources": ["banner"]},
    )
    page.goto(recorder.page())
    say(page, grant(ad_storage="denied"), ["event", "first"])
    fired(page, "free first")
    say(page, [*grant(ad_storage="granted", ad_user_data="granted"), {"source": "somebody"}])
    say(page, ["event", "second"])
    fired(page, "free first", "free second")
    say(page, [*grant(), {"source": "banner"}])
    fired(page, "free first", "free second", "ads first", "ads second")
    say(page, grant(ad_user_data="denied"), ["event", "third"])
    recorder.until("third")
    page.wait_for_function(f"({FIRED}).includes('free third')")
    assert "ads third" not in page.evaluate(FIRED)


def test_what_waits_for_consent_keeps_nothing_else_from_running(
    page: Page, recorder: Recorder
) -> None:
    ads = {f"ads{n}": telling("ads", needs_consent=["ad_storage"]) for n in range(50)}
    recorder.container = with_page_tags(
        {**ads, "free": telling("free", fires_on=["named"])},
        triggers={"named": {"event": ["first", "last"]}},
    )
    page.goto(recorder.page())
    say(page, ["event", "first"], *[["event", "other"]] * 30)
    fired(page, "free first")
    say(page, ["event", "last"])
    fired(page, "free first", "free last")


def test_limits_count_a_page_view_or_a_session_where_that_may_be_kept(
    page: Page, recorder: Recorder
) -> None:
    tags = {
        "each": telling("each", limit={"per": "page", "times": 2}),
        "once": telling("once", limit={"per": "session"}),
    }
    recorder.container = with_page_tags(tags, cookie={"mode": "consent"})
    page.goto(recorder.page())
    say(page, *[["event", name] for name in "abc"])
    fired(page, "each a", "each b", "once a")
    assert page.evaluate("localStorage.length") == 0
    say(page, ["page"], grant(analytics_storage="granted"), ["page"], ["event", "d"])
    page_views = ["each page_view", "each page_view"]
    fired(page, "each a", "each b", "once a", *page_views, "each d", "once page_view")
    page.reload()
    say(page, grant(analytics_storage="granted"), ["event", "e"])
    fired(page, "each e")
    recorder.until("e")
    say(page, grant(analytics_storage="denied"))
    page.wait_for_function("localStorage.length == 0")


def test_a_session_is_of_all_tabs_and_ends_half_an_hour_after_it_was_asked_of(
    context: BrowserContext, recorder: Recorder
) -> None:
    tags = {
        "each": telling("each"),
        "twice": telling("twice", limit={"per": "session", "times": 2}),
    }
    recorder.container = with_page_tags(tags)
    url = recorder.page()
    first, second = context.new_page(), context.new_page()
    for tab in (first, second):
        tab.goto(url)
    say(first, ["event", "a"])
    fired(first, "each a", "twice a")
    counted = "(times) => localStorage['freehold.shop.twice1'] % 2000 == times"
    second.wait_for_function(counted, arg=1)
    say(second, *[["event", name] for name in "bcd"])
    fired(second, "each b", "each c", "each d", "twice b")
    first.wait_for_function(counted, arg=2)
    age = "(minutes) => localStorage['freehold.shop.twice1'] -= minutes * 60000 * 2000"
    first.evaluate(age, 29)
    say(first, ["event", "e"])
    fired(first, "each a", "each e", "twice a")
    first.evaluate(age, 30)
    say(first, *[["event", name] for name in "fgh"])
    fired(first, *[f"each {name}" for name in "aefgh"], *[f"twice {name}" for name in "afg"])


def test_who_came_by_a_link_is_in_no_storage(page: Page, recorder: Recorder) -> None:
    once = telling("once", limit={"per": "session"})
    recorder.container = with_page_tags({"once": once}, links={"domains": ["other.example"]})
    page.goto(recorder.page() + "?_fh=TOKEN")
    say(page, ["event", "a"])
    fired(page, "once a")
    recorder.until("a")
    keys = page.evaluate("Object.keys(localStorage)")
    assert [key for key in keys if "once" in key] == ["freehold.shop.once1"]


def test_what_a_tag_makes_while_it_runs_does_not_fire_itself(
    page: Page, recorder: Recorder
) -> None:
    html = f"""<script>({FIRED}).push('echo {{{{ event.name }}}}');
        freehold('event', 'called'); dataLayer.push({{event: 'pushed'}})</script>"""
    recorder.container = with_page_tags(
        {"echo": telling("echo", html=html), "other": telling("other", fires_on=["echoes"])},
        triggers={"echoes": {"event": ["called", "pushed"]}},
        observe={"page_views": False, "data_layer": True},
    )
    page.goto(recorder.page())
    say(page, ["event", "first"])
    heard = ["other called", "other pushed"]
    fired(page, "echo first", *heard)
    say(page, ["event", "called"])
    fired(page, "echo first", *heard, "echo called", "other called", *heard)


def test_what_a_tag_makes_later_fires_it_five_hundred_times_at_most(
    page: Page, recorder: Recorder
) -> None:
    def fewer(tag: bytes) -> bytes:
        assert tag.count(b"<501") == 1
        return tag.replace(b"<501", b"<10")

    html = f"<script>({FIRED}).push('x'); setTimeout(() => freehold('page'))</script>"
    once = {"limit": {"per": "page"}}
    recorder.container = with_page_tags(
        {"loop": telling("loop", html=html, **once), "other": telling("other", fires_on=["end"])},
        triggers={"end": {"event": "end"}},
    )
    recorder.rewrite = fewer
    page.goto(recorder.page())
    say(page, ["page"])
    recorder.until("page_view", 10)
    say(page, ["event", "end"])
    fired(page, *["x"] * 9, "other end")


def test_each_event_fires_once_though_a_listener_answers_it_with_another(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = with_page_tags({"a": telling("a")})
    answer = """<script>addEventListener('freehold', ({ detail: { name } }) => {
        if (name == 'asked') freehold('event', 'answered');
    })</script>"""
    page.goto(recorder.page(head=answer + recorder.snippet))
    say(page, ["event", "asked"], ["event", "last"])
    fired(page, "a asked", "a answered", "a last")


def test_scripts_run_by_the_nonce_of_the_snippet(page: Page, recorder: Recorder) -> None:
    def serve(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=f"({FIRED}).push('partner x')")

    page.route("https://chat.example/**", serve)
    script = {"type": "script", "src": "https://chat.example/a.js?b=1&c={{ event.props.n }}"}
    chat = telling("chat", html="") | script
    html = f"<style>p {{color: red}}</style><script>({FIRED}).push('inline x')</script>"
    recorder.container = with_page_tags({"chat": chat, "inline": telling("inline", html=html)})
    policy = "default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; connect-src 'self'"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    snippet = recorder.snippet.replace("<script>", "<script nonce=abc>")
    page.goto(recorder.page(head=head + snippet))
    with page.expect_request("https://chat.example/**") as asked:
        page.evaluate("freehold('event', 'x', {n: 'ä/&'})")
    fired(page, "partner x", "inline x")
    assert asked.value.url == "https://chat.example/a.js?b=1&c=%C3%A4%2F%26"


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_leaves_what_it_stands_in(page: Page, recorder: Recorder, value: str) -> None:
    page.route("https://px.example/**", lambda route: route.fulfill(status=204))
    html = """<script>
      // it's {{ event.props.x }} here
      window.found = [{{ event.props.x }}, '{{ event.props.x }}', "-{{ event.title }}-",
                      `{{ event.props.x }}`, {{ url_title }}];</script>"""
    image = {"type": "image", "src": "https://px.example/i?x={{ event.props.x }}&z=1"}
    recorder.container = with_page_tags(
        {"html": telling("html", html=html), "image": telling("image", html="") | image},
        variables={"url_title": {"type": "event", "field": "title"}},
    )
    page.goto(recorder.page())
    with page.expect_request("https://px.example/**") as asked:
        page.evaluate("(x) => freehold('event', 'x', {x}, {title: x})", value)
    page.wait_for_function("window.found")
    assert page.evaluate("found") == [value, value, f"-{value}-", value, value]
    assert page.evaluate("(url) => [...new URL(url).searchParams]", asked.value.url) == [
        ["x", value],
        ["z", "1"],
    ]
    assert page.evaluate("window.hacked") is None


def test_an_error_in_one_reaches_neither_the_page_nor_the_others(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = with_page_tags(
        {"first": telling("first", priority=1), "second": telling("second")}
    )
    page.goto(recorder.page())
    page.evaluate("""() => {
        const real = document.createRange;
        document.createRange = function () {
          document.createRange = real;
          throw Error('range');
        };
        freehold('event', 'x');
    }""")
    fired(page, "second x")


def one_waits(page: Page, recorder: Recorder) -> None:
    """A page on which `a` has run for the event x, and `waits` needs a grant of ad_storage."""
    waits = telling("waits", needs_consent=["ad_storage"])
    recorder.container = with_page_tags({"a": telling("a"), "waits": waits})
    page.goto(recorder.page())
    say(page, ["event", "x"])
    fired(page, "a x")
    recorder.until("x")


def test_an_opt_out_that_the_tab_did_not_hear_of_ends_what_waits(
    page: Page, recorder: Recorder
) -> None:
    one_waits(page, recorder)
    page.evaluate("localStorage['out.freehold.shop.'] = 1")
    say(page, ["event", "y"], grant(ad_storage="granted"))
    for _ in range(2):
        page.evaluate("new Promise((done) => requestIdleCallback(done))")
    fired(page, "a x")


def test_a_page_tag_that_opts_out_is_the_last_one(page: Page, recorder: Recorder) -> None:
    last = telling("b") | {"html": "<script>freehold.optOut()</script>"}
    recorder.container = with_page_tags({"a": telling("a"), "b": last, "c": telling("c")})
    page.goto(recorder.page())
    say(page, ["event", "x"])
    page.wait_for_function("localStorage['out.freehold.shop.'] == 2")
    page.evaluate("new Promise((done) => requestIdleCallback(done))")
    fired(page, "a x")


def test_nothing_runs_after_an_opt_out(page: Page, recorder: Recorder) -> None:
    one_waits(page, recorder)
    page.evaluate("() => { freehold('event', 'y'); freehold.optOut() }")
    say(page, grant(ad_storage="granted"), ["event", "z"])
    assert recorder.wait(2)[1].path.endswith("c=3")
    page.evaluate("new Promise((done) => requestIdleCallback(done))")
    fired(page, "a x")
