"""Consent in the shop: by gtag, by consent platforms, by the browser; and what waits without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.js_snippet.cmps import STAND_INS, stand_in
from tests.js_snippet.recorder import Recorder
from tests.running import Running, wait_for
from tests.shop.visiting import NOBODY, Row, asked_by, choose, has, lost, named, rows_until, started

pytestmark = pytest.mark.browser

ADS = ("ad_storage", "ad_user_data", "ad_personalization")
OTHERS = [name for name in STAND_INS if name != "trustcommander"]
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
REGIONS = """
  dataLayer = [];
  gtag = function () { dataLayer.push(arguments) };
  gtag('consent', 'default', {
    region: ['FR'], ad_storage: 'denied', analytics_storage: 'granted',
  });
"""


@contextmanager
def a_visitor(browser: Browser, script: str) -> Iterator[Page]:
    """A page of a new visitor, in whose pages a script runs first."""
    context = browser.new_context()
    context.add_init_script(script)
    yield context.new_page()
    context.close()


def script_of(name: str, chosen: str) -> str:
    return stand_in(name, chosen).removeprefix("<script>").removesuffix("</script>")


@pytest.mark.usefixtures("hosts")
def test_nothing_leaves_before_the_answer_to_a_platform_and_its_change_is_heard(
    freehold: Running, browser: Browser
) -> None:
    """Each visitor looks, does something, agrees to statistics, and takes it back."""
    for number, name in enumerate(STAND_INS):
        host = "commander.example" if name == "trustcommander" else "platforms.example"
        with a_visitor(browser, script_of(name, "null")) as page:
            asked = asked_by(page)
            page.goto(f"https://{host}/demo/search?visitor={number}")
            started(page)
            page.evaluate("freehold('event', 'waited')")
            assert not [url for url in asked if "/demo/hit" in url]
            with page.expect_response("**/demo/hit?c=1"):
                page.evaluate("choose(true, false, false)")
            assert page.context.cookies()
            with page.expect_response("**/demo/hit?c=2"):
                page.evaluate("choose(false, false, false)")
            assert page.context.cookies() == []
    for container, names in (("platforms", OTHERS), ("commander", ["trustcommander"])):
        found = rows_until(freehold, has_answers(len(names)), container)
        for name in names:
            number = list(STAND_INS).index(name)
            check_answers(name, [one for one in found if one["url"].endswith(f"visitor={number}")])


@pytest.mark.usefixtures("hosts")
def test_nothing_ever_leaves_of_who_refuses_at_the_platform(browser: Browser) -> None:
    with a_visitor(browser, script_of("didomi", "null")) as page:
        asked = asked_by(page)
        for path in ("search", "cart", "delivery"):
            page.goto(f"https://platforms.example/demo/{path}")
            started(page)
            page.evaluate("choose(false, false).then(() => freehold('event', 'refused'))")
        page.goto("https://platforms.example/demo/icon.svg")
        assert not [url for url in asked if "/demo/hit" in url]
        assert page.context.cookies() == []


def has_answers(count: int) -> Callable[[list[Row]], bool]:
    return lambda found: len(named(found, "consent_update")) == count


def check_answers(name: str, found: list[Row]) -> None:
    """What waited came in its order, with the answer; then the change."""
    assert [row["name"] for row in found] == ["page_view", "waited", "consent_update"], name
    view, waited, change = found
    assert view["answer"] == waited["answer"] == "granted"
    assert change["answer"] == "denied"
    assert view["visitor"] == waited["visitor"] != NOBODY
    assert view["consent"]["ad_user_data"] == "denied"
    source = name.partition(" ")[0]
    assert {row["consent_source"].partition(":")[0] for row in found} == {source}


@pytest.mark.usefixtures("hosts")
def test_a_vendor_that_is_refused_in_the_tcf_is_sent_nothing(
    freehold: Running, browser: Browser
) -> None:
    """Who refuses Google and who does not agree to the same purposes."""
    for number, chosen in enumerate(("[true, true, false]", "[true, true, true]")):
        with (
            a_visitor(browser, script_of("tcf", chosen)) as page,
            page.expect_response("**/demo/hit?c=1"),
        ):
            page.goto(f"https://platforms.example/demo/cart?tcf={number}")
    found = rows_until(
        freehold,
        lambda found: len([row for row in found if row["path"] == "/demo/cart"]) == 2,
        "platforms",
    )
    refused, granted = [row for row in found if row["path"] == "/demo/cart"]
    assert refused["consent"] == {**granted["consent"], "tcf:755": "denied"}
    assert granted["consent"]["tcf:755"] == granted["consent"]["ad_storage"] == "granted"
    assert refused["consent_source"] == "tcf:31"
    assert (refused["withheld"], granted["withheld"]) == (["ga4 consent:tcf:755"], [])


@pytest.mark.usefixtures("hosts")
def test_an_exempt_measurement_has_a_visitor_until_somebody_objects(
    freehold: Running, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    with page.expect_response("**/demo/hit?c=1"):
        page.goto("https://exempt.example/demo/")
    with page.expect_response("**/demo/hit?c=1"):
        page.goto("https://exempt.example/demo/delivery")
    started(page)
    with page.expect_response("**/demo/hit?c=2"):
        page.evaluate("freehold('consent', {analytics_storage: 'denied'})")
    assert visitor.cookies() == []
    found = rows_until(freehold, has("consent_update"), "exempt")
    assert [row["name"] for row in found] == ["page_view", "page_view", "consent_update"]
    first, second, objection = [row["visitor"] for row in found]
    assert first == second != objection == NOBODY
    wait_for(lambda: lost(freehold, found) == 0, "every hit")


def test_the_browser_s_privacy_control_refuses_ads_whatever_the_banner_is_told(
    freehold: Running, browser: Browser
) -> None:
    shop = f"http://gpc.localhost:{freehold.port}/demo"
    with a_visitor(browser, GPC) as page:
        page.goto(f"{shop}/")
        choose(page, "Accept all")
        with page.expect_response("**/demo/hit?c=1"):
            page.goto(f"{shop}/delivery")
    found = rows_until(
        freehold, lambda found: len(named(found, "page_view")) == 2, host="gpc.localhost"
    )
    view = named(found, "page_view")[1]
    assert view["consent"] == {"analytics_storage": "granted", **dict.fromkeys(ADS, "denied")}
    assert [one.partition(" ")[0] for one in view["withheld"]] == ["meta", "tiktok"]


def test_a_default_of_some_regions_refuses_everywhere_and_grants_nowhere(
    freehold: Running, pages: Recorder, visitor: BrowserContext
) -> None:
    snippet = freehold.command("container", "snippet", "hostile", "--origin", freehold.url)
    page = visitor.new_page()
    with page.expect_response("**/hostile/hit*"):
        page.goto(pages.page(path="/regions", head=f"<script>{REGIONS}</script>{snippet}"))
    page.evaluate("gtag('consent', 'update', {ad_storage: 'granted'})")
    found = rows_until(freehold, has("consent_update"), "hostile")
    found = [row for row in found if row["path"] == "/regions"]
    assert {row["consent_source"] for row in found} == {"gtag"}
    [before], [after] = [named(found, name) for name in ("page_view", "consent_update")]
    assert before["consent"] == {"analytics_storage": "unset", "ad_storage": "denied"}
    assert after["consent"] == {"analytics_storage": "unset", "ad_storage": "granted"}
