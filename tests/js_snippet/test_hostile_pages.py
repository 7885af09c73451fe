"""Pages and networks at their worst: the page's own script must run as if there were no tag.

The fixture `page` fails a test in which anything reached the page's console.
"""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Page

from server.collector.script import FEATURES
from server.containers.model import CookieMode
from tests.js_snippet.recorder import Answer, Recorder, make_container

pytestmark = pytest.mark.browser

SITE = """<script>
  freehold('event', 'early');
  addEventListener('unhandledrejection', (event) => console.log(String(event.reason)));
  window.ready = 'site works';
</script>"""

DAMAGE = {
    "storage forbidden": """Object.defineProperty(window, 'localStorage',
        {get() { throw new DOMException('denied', 'SecurityError') }})""",
    "storage is null": "Object.defineProperty(window, 'localStorage', {value: null})",
    "storage full": """Object.defineProperty(window, 'localStorage', {value: new Proxy({}, {
        set() { throw new DOMException('full', 'QuotaExceededError') }})})""",
    "crypto missing": "Object.defineProperty(window, 'crypto', {value: undefined})",
    "requests without a time-out": "delete AbortSignal.timeout",
    "Promise replaced": "window.Promise = function () { throw Error('Promise') }",
    "Object.prototype extended": "Object.prototype.surprise = function () {}",
    "Array.prototype extended": "Array.prototype.last = function () { return this.at(-1) }",
    "Array.prototype frozen": "Object.freeze(Array.prototype)",
    "JSON as with Prototype 1.6": """
        Array.prototype.toJSON = function () { return '[' + this.map(JSON.stringify) + ']' };
        String.prototype.toJSON = Number.prototype.toJSON = function () { return '' + this };
        Object.keys = (of) => { const all = []; for (const key in of) all.push(key); return all };
        Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] }""",
    "all objects become text in JSON": "Object.prototype.toJSON = () => 'spoilt'",
    "fetch is patched": """const real = fetch;
        window.fetch = function (...args) { return real.apply(this, args).then((a) => a) }""",
    "title is an element": "onload = () => document.body.innerHTML += '<img name=title>'",
}

UNABLE = {
    "fetch throws": "window.fetch = () => { throw Error('fetch') }",
    "fetch answers nonsense": "window.fetch = async () => undefined",
    "no transport": "window.fetch = undefined; navigator.sendBeacon = undefined",
    "a beacon is not taken": "delete window.fetch; navigator.sendBeacon = () => false",
    "JSON throws": "JSON.stringify = JSON.parse = () => { throw Error('JSON') }",
}


def use(page: Page) -> None:
    """What the site does after loading; nothing of it may throw."""
    assert page.evaluate("ready") == "site works"
    page.evaluate("typeof freehold == 'function' && freehold('event', 'late', {n: [1, {a: 'b'}]})")
    page.wait_for_timeout(50)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_hits_arrive_although(page: Page, recorder: Recorder, damage: str) -> None:
    page.goto(recorder.page(SITE, head=f"<script>{damage}</script>{recorder.snippet}"))
    recorder.wait(1)
    use(page)
    first, second = recorder.wait(2)
    assert (first.names, second.names) == (["page_view", "early"], ["late"])
    assert len({*first.ids, *second.ids}) == 3
    assert all(len(event) == 36 for event in first.ids)
    assert second.body["events"][0]["props"] == {"n": [1, {"a": "b"}]}


@pytest.mark.parametrize("damage", UNABLE.values(), ids=UNABLE)
def test_the_page_works_although(page: Page, recorder: Recorder, damage: str) -> None:
    page.goto(recorder.page(SITE, head=f"<script>{damage}</script>{recorder.snippet}"))
    use(page)
    assert recorder.hits == []


NETWORKS = {
    "500": Answer(status=500, body=b"oops"),
    "garbage": Answer(status=200, body=b"\x00\xff{<html>", headers={"Content-Type": "x"}),
    "an odd Retry-After": Answer(status=429, headers={"Retry-After": "Wed, 21 Oct"}),
    "a huge Retry-After": Answer(status=503, headers={"Retry-After": "99999999999"}),
    "a cut connection": Answer(status=0),
    "a redirect in a circle": Answer(status=307, headers={"Location": "/shop/hit"}),
}


@pytest.mark.parametrize("answer", NETWORKS.values(), ids=NETWORKS)
def test_the_page_does_not_notice(page: Page, recorder: Recorder, answer: Answer) -> None:
    recorder.answer(*[answer] * 100)
    page.goto(recorder.page(SITE))
    recorder.wait(1)
    use(page)


def test_the_page_does_not_notice_a_collector_that_hangs(page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.answer(*[Answer(hold=hold)] * 10)
    page.goto(recorder.page(SITE))
    recorder.wait(1)
    use(page)
    assert page.evaluate("document.readyState") == "complete"
    hold.set()


def test_the_page_does_not_notice_a_collector_that_is_off(page: Page, recorder: Recorder) -> None:
    with Recorder() as site:
        url = site.page(SITE, head=recorder.snippet)
        recorder.stop()
        page.goto(url)
        use(page)
        assert page.evaluate("freehold.q.length") == 2
        recorder.start()


STRICT = "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\">"
SITE_FILE = """
  if (!window.freehold) {
    const q = [];
    window.freehold = function () { q.push([Date.now(), arguments]) };
    window.freehold.q = q;
  }
  window.dataLayer = window.dataLayer || [];
  dataLayer.push({event: 'pushed'});
  addEventListener('click', (event) => event.preventDefault());
"""


def test_all_features_work_under_a_strict_content_security_policy(
    page: Page, recorder: Recorder
) -> None:
    features = [name for name in FEATURES if name != "page_views"]
    recorder.container = make_container(CookieMode.ALWAYS, *features)
    recorder.pages["/site.js"] = ("text/javascript", SITE_FILE)
    head = f"{STRICT}<script src=/site.js></script><script async src=/shop/tag.js></script>"
    page.goto(
        recorder.page("<a href=//files.example/a.pdf>x</a> <a href=//b.example>y</a>", head=head)
    )
    recorder.wait(1)
    for link in page.locator("a").all():
        link.click()
    page.evaluate("() => { history.pushState({}, '', '/next'); freehold('event', 'end') }")
    names = [event["name"] for event in recorder.until("end")]
    assert names == ["page_view", "pushed", "file_download", "click", "page_view", "end"]


def test_half_a_character_does_not_spoil_a_hit(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page("<script>document.title = '\\ud83d'</script>"))
    assert recorder.wait(1)[0].body["events"][0]["title"] == "\N{REPLACEMENT CHARACTER}"


def test_what_is_written_like_half_a_character_is_none(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page())
    recorder.wait(1)
    props = {"a": r"C:\ud", "b": r"C:\udo", "c": r"C:\uda", "d": r"\udonna"}
    page.evaluate("(props) => freehold('event', 'written', props)", props)
    assert recorder.told("written") == [props]


def test_a_tag_that_is_not_javascript_hurts_nobody(page: Page, recorder: Recorder) -> None:
    recorder.rewrite = lambda tag: b""
    page.goto(recorder.page(SITE))
    use(page)
    assert recorder.hits == []


CALLS = {
    "nothing": "freehold()",
    "an unknown command": "freehold('nope', 1)",
    "a name of Object": "freehold('constructor'); freehold('__proto__'); freehold('toString')",
    "a symbol": "freehold(Symbol('s'))",
    "a circle": "const a = {}; a.a = a; freehold('event', 'circle', a)",
    "a big integer": "freehold('event', 'big', {n: 10n})",
    "a getter that throws": "freehold('event', 'get', {get x() { throw Error('x') }})",
    "consent of null": "freehold('consent', null, null)",
    "a user who throws": "freehold('user', {get id() { throw Error('x') }})",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_wrong_call_sends_nothing_and_throws_nothing(
    page: Page, recorder: Recorder, call: str
) -> None:
    page.goto(recorder.page(f"<script>{{{call}}}</script>"))
    recorder.wait(1)
    page.evaluate(f"() => {{ {call}; freehold('user'); freehold('event', 'right') }}")
    first, second = recorder.wait(2)
    assert (first.names[0], second.names) == ("page_view", ["right"])
