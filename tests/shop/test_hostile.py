"""Pages at their worst, and a network and a visitor who are no better: every hit is a row, once."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.js_snippet.recorder import Recorder
from tests.js_snippet.waiting import until
from tests.running import Running, wait_for
from tests.shop.visiting import (
    Row,
    check_numbering,
    elsewhere,
    lost,
    rows_until,
    saw,
    started,
)

pytestmark = pytest.mark.browser

DAY_S = 86_400
STRICT = (
    '<meta http-equiv=Content-Security-Policy content="'
    "default-src 'none'; script-src 'nonce-a1b2'; connect-src {}\">"
)
PROTOTYPE = """
  Function.prototype.bind = function (context) {
    const method = this;
    return function () { return method.apply(context, arguments) };
  };
  for (const name of ['each', 'collect', 'without', 'first', 'clone', 'inspect', '_reverse']) {
    Array.prototype[name] = String.prototype[name] = function () { return this };
  }
  Array.prototype.toJSON = function () { return '[' + this.map(JSON.stringify) + ']' };
  Array.from = window.$A = (given) => [].slice.call(given);
  Element.prototype.remove = function () { return this.parentNode.removeChild(this) };
  Event.prototype.stop = function () { this.preventDefault() };
  window.$ = (id) => document.getElementById(id);
"""
"""What old libraries do to all pages that have them."""
PAGES = {
    "frozen": "for (const one of [Object, Array, Function, String, Promise, EventTarget])"
    " Object.freeze(one.prototype)",
    "redefined": "window.Promise = function () { throw Error('Promise') };"
    " Array.prototype.last = Object.prototype.last = function () { return 1 };"
    " addEventListener('freehold', () => {"
    " JSON.stringify = JSON.parse = () => { throw Error('JSON') } })",
    "prototype": PROTOTYPE,
    "no_storage": "for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])"
    " Object.defineProperty(window, name, {get() { throw Error(name) }})",
    "strict": "",
    "yesterday": f"{{ const now = Date.now; Date.now = () => now() - {DAY_S * 1000} }}",
    "tomorrow": f"{{ const now = Date.now; Date.now = () => now() + {DAY_S * 1000} }}",
    "beacons": "window.fetch = undefined",
    "images": "window.fetch = navigator.sendBeacon = undefined",
}
"""What each page does to its browser before the snippet; images end with their page, so last."""

CALLS = """() => {
  freehold('view_item', {item_id: 'CUP-1', price: 24});
  dataLayer.push({event: 'layer'});
  _paq.push(['trackEvent', 'a', 'matomo']);
  analytics.track('segment');
  plausible('plausible');
  posthog.capture('posthog');
}"""
OTHERS = ("matomo", "segment", "plausible", "posthog", "layer")
LEAVE = """<script>
  const tag = document.querySelector('script[src$="/tag.js"]');
  tag.addEventListener('load', () => (location = '/next'));
</script>"""
WAITS = "Object.values(localStorage).some((text) => text.includes('offline'))"
"""Whether the event of that name is still in storage."""
MANY = (
    "(tab) => { for (let n = 0; n < 30; n++) setTimeout(freehold, n, 'event', 'many', {tab, n}) }"
)


@pytest.fixture(scope="module")
def snippet(freehold: Running) -> str:
    """As it is printed to be pasted."""
    return freehold.command("container", "snippet", "hostile", "--origin", freehold.url).strip()


def rows_of(freehold: Running, *paths: str, wanted: set[tuple[str, str]]) -> list[Row]:
    """Rows of these pages, as soon as all that are wanted are there, path and name; none twice."""

    def of_these(found: list[Row]) -> list[Row]:
        return [row for row in found if row["path"] in paths]

    def told(found: list[Row]) -> set[tuple[str, str]]:
        return {(row["path"], row["name"]) for row in of_these(found)}

    found = of_these(rows_until(freehold, lambda found: wanted <= told(found), "hostile"))
    assert wanted - told(found) == set()
    assert len({row["id"] for row in found}) == len(found)
    return found


def test_hits_of_hostile_pages_are_rows(
    freehold: Running, pages: Recorder, visitor: BrowserContext, snippet: str
) -> None:
    page = visitor.new_page()
    with page.expect_response("**/hostile/hit*"):  # and so a cookie
        page.goto(pages.page(path="/plain", head=snippet))
    for name, damage in PAGES.items():
        head = f"<script>{damage}</script>{snippet}<script>freehold('event', 'early')</script>"
        if name == "strict":
            head = STRICT.format(freehold.url) + head.replace("<script>", "<script nonce=a1b2>")
        page.goto(pages.page("<h1>x</h1>", path=f"/{name}", head=head))
        started(page)
        page.evaluate(CALLS)
    wanted = {
        (f"/{name}", event)
        for name in PAGES
        # Where prototypes are frozen, the push of another's list cannot be replaced.
        for event in ("page_view", "early", "view_item", *(OTHERS if name != "frozen" else ()))
    }
    right = {"/plain": 0, **{f"/{name}": 0 for name in PAGES}}
    found = rows_of(freehold, *right, wanted=wanted | {("/plain", "page_view")})
    assert len({row["visitor"] for row in found}) == 1
    assert max(abs(row["late_s"]) for row in found) < 60
    wrong = {row["path"]: round(row["ahead_s"] / DAY_S, 2) for row in found}
    assert wrong == right | {"/yesterday": -1, "/tomorrow": 1}
    check_numbering(found)
    wait_for(lambda: lost(freehold, found) == 0, "every hit")


def test_visitors_who_are_never_where_one_expects_them_lose_nothing(
    freehold: Running, pages: Recorder, visitor: BrowserContext, snippet: str
) -> None:
    """Left before the first paint; without a network; in two tabs at once; closed; no cookies."""
    page = visitor.new_page()
    with page.expect_response("**/hostile/hit*"):
        page.goto(pages.page(path="/next", head=snippet))
    page.goto(pages.page(path="/left", head=snippet + LEAVE), wait_until="commit")
    page.wait_for_url("**/next")
    saw(page, "page_view")

    visitor.set_offline(True)
    page.evaluate("freehold('event', 'offline')")
    until(page, WAITS)
    visitor.set_offline(False)

    other = visitor.new_page()
    other.goto(pages.page(path="/tab", head=snippet))
    for tab in (page, other):
        tab.evaluate(MANY)
    saw(page, "many", 30)
    saw(other, "many", 30)
    other.evaluate("freehold('event', 'closed')")
    other.close()
    until(page, f"!{WAITS}")

    page.goto(elsewhere(pages) + "/next")
    saw(page, "page_view")
    page.evaluate("freehold('event', 'unknown')")
    wanted = {
        *(("/left", "page_view"), ("/next", "page_view"), ("/next", "offline")),
        *(("/next", "many"), ("/tab", "many"), ("/tab", "closed"), ("/next", "unknown")),
    }
    found = rows_of(freehold, "/left", "/next", "/tab", wanted=wanted)
    many = sorted((row["path"], row["nums"]["n"]) for row in found if row["name"] == "many")
    assert many == [(path, n) for path in ("/next", "/tab") for n in range(30)]
    check_visitors(found)
    wait_for(lambda: lost(freehold, found) == 0, "every hit")


def check_visitors(found: list[Row]) -> None:
    """One where a cookie is kept; what was offline came later; where none is kept, a new one."""
    here = {row["visitor"] for row in found if row["host"] == "127.0.0.1"}
    there = {row["visitor"] for row in found if row["host"] == "localhost"}
    assert len(here) == 1
    assert there
    assert not here & there
    [offline] = [row for row in found if row["name"] == "offline"]
    assert offline["resend"] > 0
