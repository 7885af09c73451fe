"""Everything that the tag can see, on the demo shop and on hostile pages, as rows in ClickHouse."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from loadtests.load import AGENT
from server.collector.script import FEATURES
from server.containers.load import load_container
from tests.browser import chromium
from tests.js_snippet.recorder import Recorder
from tests.running import ROOT, Running, wait_for

pytestmark = pytest.mark.browser

SEEN = """
  window.seen = [];
  addEventListener('freehold', ({ detail: { name } }) => {
    seen.push(name);
    window.seenAt = performance.now();
  });
"""
"""Every page notes what the tag says it has seen."""

HOSTILE = """
id: hostile
sites: ["{origin}"]
cookie: {{mode: always}}
observe: {{{observe}, shims: [matomo, segment, plausible, posthog]}}
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Recorder]:
    """Serves the hostile pages."""
    with Recorder() as running:
        yield running


@pytest.fixture(scope="module")
def freehold(tmp_path_factory: pytest.TempPathFactory, site: Recorder) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("freehold"))
    observe = ", ".join(f"{name}: true" for name in FEATURES)
    text = HOSTILE.format(origin=site.origin, observe=observe)
    (running.containers / "hostile.yaml").write_text(text)
    with running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The outside is never reached: a click on a link to it fails as it does without a network.
    outside = "--host-resolver-rules=MAP www.example.com ~NOTFOUND"
    with chromium(f"--user-agent={AGENT}", outside, "--no-proxy-server") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(SEEN)
    yield context.new_page()
    context.close()


def until(page: Page, condition: str) -> None:
    """Returns when the condition holds in the page, whose policy forbids it to wait by itself."""

    def holds() -> bool:
        page.wait_for_timeout(20)
        try:
            return bool(page.evaluate(condition))
        except Error:  # the page is on its way
            return False

    wait_for(holds, condition)


def started(page: Page) -> None:
    """The tag has taken over."""
    until(page, "window.freehold && !freehold.q")


def saw(page: Page, name: str, times: int = 1) -> None:
    """The tag has seen it."""
    until(page, f"seen.filter((name) => name == '{name}').length >= {times}")


def visit_home(freehold: Running, page: Page) -> None:
    """Consents, reads, watches the film and subscribes."""
    with page.expect_response("**/demo/hit*"):
        page.goto(f"{freehold.url}/demo/?utm_source=letter&utm_medium=email")
    page.get_by_role("button", name="Accept all").click()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    saw(page, "scroll", 4)
    page.evaluate(
        "() => { const film = document.querySelector('video');"
        " film.playbackRate = 8; return film.play() }"
    )
    saw(page, "video_complete")
    page.get_by_label("A letter each season").fill("ann@example.com")
    page.get_by_role("button", name="Subscribe").click()
    saw(page, "generate_lead")


def search(page: Page) -> None:
    """From any page, and again in place, as single-page applications do."""
    for words in ("linen", "cup"):
        page.get_by_role("searchbox").fill(words)
        page.get_by_role("searchbox").press("Enter")
        page.wait_for_url(f"**/search?q={words}")
        started(page)
        saw(page, "view_search_results")
    saw(page, "view_search_results", 2)


def choose_a_cup(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Stoneware").click()
    page.wait_for_url("**/stoneware")
    started(page)
    page.get_by_role("link", name="Breakfast cup").click()
    page.wait_for_url("**/breakfast-cup")
    started(page)
    page.get_by_role("button", name="Keep for later").click()
    page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('h1'));"
        " document.execCommand('copy') }"
    )
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.get_by_role("button", name="Add to cart").click()
    saw(page, "add_to_cart")


def read_about_delivery(page: Page) -> None:
    """Opens the file in another tab, then leaves the shop by a link."""
    page.get_by_role("navigation").get_by_role("link", name="Delivery").click()
    page.wait_for_url("**/delivery")
    started(page)
    page.get_by_role("link", name="sizes.pdf").click(button="middle")
    saw(page, "file_download")
    page.get_by_role("link", name="its own site").click()
    page.wait_for_url("chrome-error://**")


def get_stuck(freehold: Running, page: Page) -> None:
    page.goto(f"{freehold.url}/demo/broken")
    page.bring_to_front()
    started(page)
    page.get_by_text("Click here three times").click(click_count=3)
    saw(page, "rage_click")
    page.get_by_role("button", name="Throw an error").click()
    saw(page, "exception")
    page.get_by_role("button", name="Do nothing").click()
    saw(page, "dead_click")
    until(page, "performance.now() > seenAt + 1100")  # looks at it for a second more


def buy(freehold: Running, page: Page) -> None:
    """Begins with the address, looks at the cart again, and orders after that."""
    page.goto(f"{freehold.url}/demo/checkout")
    started(page)
    page.get_by_label("E-mail", exact=True).first.fill("ann@example.com")
    page.get_by_label("Telephone").focus()
    saw(page, "form_start")
    page.goto(f"{freehold.url}/demo/cart")
    started(page)
    page.get_by_role("link", name="Check out").click()
    page.wait_for_url("**/checkout")
    started(page)
    page.get_by_role("button", name="Fill in an example").click()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/thank-you")
    started(page)
    saw(page, "purchase")


def speak_to_the_tag(page: Page) -> None:
    """What a shop may call beside all that."""
    page.evaluate(
        """() => {
          freehold('set', {plan: 'gold'});
          freehold('identify', 'c-17');
          freehold('select_item', {item_id: 'JUG-1', price: 68}, {item_list_id: 'again'});
          freehold('reset');
          freehold('event', 'logged_out');
        }"""
    )


def change_ones_mind(page: Page) -> None:
    page.get_by_role("button", name="Cookie choices").click()
    page.get_by_role("button", name="Refuse").click()
    saw(page, "consent_update")


DOCUMENTED: dict[str, list[dict[str, str]]] = {
    "page_view": [{}],
    "consent_update": [{}],
    "scroll": [{"percent_scrolled": str(depth)} for depth in (25, 50, 75, 90)],
    "video_start": [{"video_title": "From clay to cup", "video_provider": "html5"}],
    "video_progress": [{"video_percent": str(percent)} for percent in (10, 25, 50, 75)],
    "video_complete": [{"video_duration": "6", "video_percent": "100"}],
    "form_start": [
        {"form_id": "newsletter", "first_field_name": "email", "first_field_type": "email"},
        {"form_id": "checkout", "first_field_name": "email"},
    ],
    "form_submit": [
        {"form_id": "newsletter", "form_submit_text": "Subscribe"},
        {"form_id": "checkout", "form_submit_text": "Place the order"},
    ],
    "form_abandon": [{"form_id": "checkout", "last_field_name": "email"}],
    "generate_lead": [{"lead_source": "newsletter"}],
    "view_search_results": [{"search_term": "linen"}, {"search_term": "cup"}],
    "menu": [{"element": "a", "element_text": "Stoneware"}, {"element_text": "Delivery"}],
    "view_item_list": [{"item_list_id": "stoneware"}],
    "view_item": [{}],
    "add_to_wishlist": [{"item_id": "CUP-1", "item_name": "Breakfast cup"}],
    "copy": [{"length": "13"}],
    "print": [{}],
    "add_to_cart": [{}],
    "file_download": [{"file_name": "/demo/sizes.pdf", "file_extension": "pdf"}],
    "click": [{"outbound": "true", "link_domain": "www.example.com", "link_text": "its own site"}],
    "rage_click": [{"element": "p", "element_id": "rage"}],
    "exception": [{"description": "Uncaught Error: The kiln is cold", "fatal": "false"}],
    "dead_click": [{"element": "button", "element_id": "nothing"}],
    "user_engagement": [{}],
    "web_vitals": [{}],
    "view_cart": [{}],
    "begin_checkout": [{}],
    "purchase": [{"shipping": "4.9", "tax": "4"}],
    "select_item": [{"item_list_id": "again", "plan": "gold"}],
    "logged_out": [{}],
}
"""Each event with props that one of its rows has."""

NUMBERS = {
    "user_engagement": {"engagement_time_msec"},
    "web_vitals": {"lcp", "fcp", "ttfb"},
    "purchase": {"engagement_time_msec"},
}
"""Props that are measured."""

WORTH = {"view_item": 24, "add_to_wishlist": 24, "add_to_cart": 24, "view_cart": 24, "purchase": 24}
ROWS = """
    SELECT name, path, props, nums, toFloat64(value) AS value, items.item_id AS items, user_id,
        toString(visitor_id) AS visitor, page_id, page_seq, browser_seq,
        consent['analytics_storage'] AS answer, consent_source, campaign_source, resend
    FROM freehold.events WHERE container_id = '{}' ORDER BY occurred_at, received_at, idx
"""
COLUMNS = (
    *("name", "path", "props", "nums", "value", "items", "user_id", "visitor", "page_id"),
    *("page_seq", "browser_seq", "answer", "consent_source", "campaign_source", "resend"),
)


def rows(freehold: Running, container: str = "demo") -> list[dict[str, Any]]:
    found = freehold.ask(ROWS.format(container))
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def missing(found: list[dict[str, Any]]) -> list[Any]:
    """What is documented and has no row."""
    return [
        (name, props)
        for name, wanted in DOCUMENTED.items()
        for props in wanted
        if not any(row["name"] == name and props.items() <= row["props"].items() for row in found)
    ]


def lost(freehold: Running) -> int:
    """How many hits of the shop: within pages, and by the browser's count."""
    text = (ROOT / "clickhouse" / "queries" / "lost_hits.sql").read_text()
    answer = freehold.ask(text)
    return sum(int(row[3]) + int(row[5]) for row in answer if row[0] == "demo")


def check_numbering(found: list[dict[str, Any]]) -> None:
    """No page's and no browser's hits have a gap."""
    pages = defaultdict(set)
    for row in found:
        pages[row["page_id"]].add(row["page_seq"])
    assert [seqs for seqs in pages.values() if seqs != set(range(1, max(seqs) + 1))] == []
    browser = {row["browser_seq"] for row in found if row["browser_seq"]}
    assert browser == set(range(1, max(browser) + 1))


def test_all_that_a_visitor_does_in_the_shop_is_a_row(freehold: Running, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit_home(freehold, page)
    search(page)
    choose_a_cup(page)
    read_about_delivery(page)
    get_stuck(freehold, page)
    buy(freehold, page)
    speak_to_the_tag(page)
    page.goto(f"{freehold.url}/demo/delivery")
    started(page)
    with contextlib.suppress(AssertionError):
        wait_for(lambda: not missing(rows(freehold)), "all rows")
    assert missing(rows(freehold)) == []
    change_ones_mind(page)
    wait_for(lambda: rows(freehold)[-1]["answer"] == "denied", "the change of mind")
    wait_for(lambda: lost(freehold) == 0, "every hit")

    found = rows(freehold)
    check_numbering(found)
    assert errors == ["The kiln is cold"]
    assert freehold.ask("SELECT toUInt32(count()) FROM freehold.rejects") == [[0]]
    for name, numbers in NUMBERS.items():
        assert numbers <= next(row for row in found if row["name"] == name)["nums"].keys(), name
    for name, value in WORTH.items():
        [row] = [row for row in found if row["name"] == name]
        assert (row["value"], row["items"]) == (value, ["CUP-1"])
    users = {row["name"]: row["user_id"] for row in found}
    assert (users["purchase"], users["select_item"], users["logged_out"]) == ("", "c-17", "")
    assert "plan" not in next(row for row in found if row["name"] == "logged_out")["props"]
    assert "ann@example.com" not in str(found)

    granted = [row for row in found if row["answer"] == "granted"]
    others = [row for row in found if row["answer"] != "granted"]
    assert {row["consent_source"] for row in found} == {"gtag"}
    assert [row["name"] for row in others] == ["page_view", "consent_update"]
    [visitor] = {row["visitor"] for row in granted}
    assert {row["visitor"] for row in others} == {"00000000-0000-0000-0000-000000000000"}
    assert visitor not in {row["visitor"] for row in others}
    assert page.context.cookies(freehold.url) == []


def test_the_shop_observes_all_that_can_be_observed() -> None:
    container = load_container(ROOT / "tag_configs" / "demo.yaml")
    assert [name for name in FEATURES if not getattr(container.observe, name)] == []


STRICT = (
    '<meta http-equiv=Content-Security-Policy content="'
    "default-src 'none'; script-src 'nonce-a1b2'; connect-src {}\">"
)
PAGES = {
    "frozen": "for (const one of [Object, Array, Function, String, Promise, EventTarget])"
    " Object.freeze(one.prototype)",
    "redefined": "window.Promise = function () { throw Error('Promise') };"
    " Array.prototype.last = Object.prototype.last = function () { return 1 };"
    " addEventListener('freehold', () => {"
    " JSON.stringify = JSON.parse = () => { throw Error('JSON') } })",
    "no_storage": "for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])"
    " Object.defineProperty(window, name, {get() { throw Error(name) }})",
    "strict": "",
}
"""What each page does to its browser before the snippet."""

CALLS = """() => {
  freehold('view_item', {item_id: 'CUP-1', price: 24});
  dataLayer.push({event: 'layer'});
  _paq.push(['trackEvent', 'a', 'matomo']);
  analytics.track('segment');
  plausible('plausible');
  posthog.capture('posthog');
}"""


def test_hits_of_hostile_pages_are_rows(freehold: Running, site: Recorder, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    origin = ["--origin", freehold.url]
    snippet = freehold.command("container", "snippet", "hostile", *origin).strip()
    for name, damage in PAGES.items():
        head = f"<script>{damage}</script>{snippet}<script>freehold('event', 'early')</script>"
        if name == "strict":
            head = STRICT.format(freehold.url) + head.replace("<script>", "<script nonce=a1b2>")
        page.goto(site.page("<h1>x</h1>", path=f"/{name}", head=head))
        started(page)
        page.evaluate(CALLS)
    others = ["matomo", "segment", "plausible", "posthog", "layer"]
    wanted = {
        (f"/{name}", event)
        for name in PAGES
        # Where prototypes are frozen, the push of another's list cannot be replaced.
        for event in ("page_view", "early", "view_item", *(others if name != "frozen" else ()))
    }

    def told() -> set[tuple[str, str]]:
        return {(row["path"], row["name"]) for row in rows(freehold, "hostile")}

    with contextlib.suppress(AssertionError):
        wait_for(lambda: wanted <= told(), "rows of every page")
    assert wanted - told() == set()
    found = rows(freehold, "hostile")
    assert len({row["visitor"] for row in found}) == 1
    assert errors == []
