"""From a visitor who orders to rows and requests to partners, with consent and without."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.partner import LocalPartner
from tests.running import Running, wait_for


def clean(page: Page) -> list[str]:
    """What a page complains of from now on."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    return problems


def buy_a_cup(freehold: Running, page: Page, consent: str) -> None:
    """home → category → product → cart → checkout → thank-you, as a visitor clicks."""
    with page.expect_response("**/demo/hit*"):  # the shop waits half a second for an answer
        page.goto(f"{freehold.url}/demo/?fbclid={CLICK}&ttclid={CLICK}")
    page.get_by_role("button", name=consent).click()
    page.get_by_role("navigation").get_by_role("link", name="Stoneware").click()
    page.get_by_role("link", name="Breakfast cup").first.click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("banner").get_by_role("link", name="Cart").click()
    page.get_by_role("link", name="Check out").click()
    page.get_by_role("button", name="Fill in an example").click()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/thank-you")
    page.wait_for_load_state("networkidle")


def received(freehold: Running) -> list[dict[str, Any]]:
    """What the recorder got, oldest first."""
    return sorted(freehold.recorded()["requests"], key=lambda one: int(one["number"]))


def rows_of_the_shop(freehold: Running) -> list[Any]:
    """The way to an order, without all else that the tag sees."""
    return freehold.ask(
        "SELECT name, path, toFloat64(value), items.item_id, consent['analytics_storage'], "
        "arrayMap(one -> one.tag || ' ' || one.reason, withheld) "
        "FROM freehold.events WHERE container_id = 'demo' "
        f"AND name IN {('consent_update', *{row[0] for row in FUNNEL})} ORDER BY received_at, idx"
    )


CLICK = "IwAR-of-an-ad"
"""The id of a click on an ad, in the address of the first page."""
FUNNEL: list[list[Any]] = [
    ["page_view", "/demo/c/stoneware", None, []],
    ["view_item_list", "/demo/c/stoneware", None, ["CUP-1", "BOWL-1", "JUG-1"]],
    ["page_view", "/demo/p/breakfast-cup", None, []],
    ["view_item", "/demo/p/breakfast-cup", 24, ["CUP-1"]],
    ["add_to_cart", "/demo/p/breakfast-cup", 24, ["CUP-1"]],
    ["page_view", "/demo/cart", None, []],
    ["view_cart", "/demo/cart", 24, ["CUP-1"]],
    ["page_view", "/demo/checkout", None, []],
    ["begin_checkout", "/demo/checkout", 24, ["CUP-1"]],
    ["page_view", "/demo/thank-you", None, []],
    ["purchase", "/demo/thank-you", 24, ["CUP-1"]],
]
NO_STATISTICS = "ga4 consent:analytics_storage"
NO_ADS = ["meta consent:ad_storage,ad_user_data", "tiktok consent:ad_storage,ad_user_data"]
ADS = {
    "page_view": ("PageView", "Pageview"),
    "view_item": ("ViewContent", "ViewContent"),
    "add_to_cart": ("AddToCart", "AddToCart"),
    "begin_checkout": ("InitiateCheckout", "InitiateCheckout"),
    "purchase": ("Purchase", "Purchase"),
}
"""Events that go to the ad partners, with Meta's names and TikTok's."""


def withheld(name: str) -> list[str]:
    """From whom an event of nobody's consent is withheld."""
    return [NO_STATISTICS, *(NO_ADS if name in ADS else [])]


def told_of_the_order(freehold: Running) -> set[str]:
    """The partners that were."""
    found = {"purchase", "Purchase"}
    return {
        one["partner"]
        for one in received(freehold)
        if found & set(one["names"]) or one["path"] == "/orders"
    }


def check_ad_partners(requests: list[dict[str, Any]], event_id: str) -> None:
    """Both got what is theirs, under the id that a pixel would have, with the e-mail hashed and the
    click that brought the visitor, though they consented only after it."""
    address = hashlib.sha256(b"customer@example.com").hexdigest()
    for place, (partner, key) in enumerate((("Meta", "event_name"), ("TikTok", "event"))):
        sent = [
            event
            for one in requests
            if one["partner"] == partner
            for event in json.loads(one["body"])["data"]
        ]
        expected = sorted(ADS[row[0]][place] for row in FUNNEL if row[0] in ADS)
        assert sorted(event[key] for event in sent) == expected
        [order] = [event for event in sent if event[key] == "Purchase"]
        assert order["event_id"] == event_id
        assert address in json.dumps(order)
        assert CLICK in json.dumps(order)


@pytest.mark.browser
def test_a_consented_purchase_is_rows_and_valid_requests_to_partners_within_five_seconds(
    freehold: Running, page: Page
) -> None:
    problems = clean(page)
    buy_a_cup(freehold, page, "Accept all")
    wait_for(lambda: told_of_the_order(freehold) == {"GA4", "Meta", "TikTok", "Webhook"}, "all", 5)
    wait_for(lambda: len(rows_of_the_shop(freehold)) == len(FUNNEL) + 2, "all rows", 5)
    assert rows_of_the_shop(freehold) == [
        ["page_view", "/demo/", None, [], "denied", withheld("page_view")],
        ["consent_update", "/demo/", None, [], "granted", []],
        *([*row, "granted", []] for row in FUNNEL),
    ]
    [[visitors, sessions]] = freehold.ask(
        "SELECT toUInt32(uniqExact(visitor_id)), toUInt32(uniqExact(session_id)) "
        "FROM freehold.events WHERE consent['analytics_storage'] = 'granted'"
    )
    assert (visitors, sessions) == (1, 1)
    requests = received(freehold)
    assert all(one["faults"] == [] for one in requests)
    for path in (freehold.data / "keys" / "secrets").iterdir():
        assert path.read_text() not in json.dumps(requests), path.name
    sent = [
        event
        for one in requests
        if one["path"].startswith("/mp/collect")
        for event in json.loads(one["body"])["events"]
    ]
    [order] = [event["params"] for event in sent if event["name"] == "purchase"]
    assert (order["value"], order["currency"]) == (24, "EUR")
    assert [(item["item_id"], item["price"]) for item in order["items"]] == [("CUP-1", 24)]
    assert sorted(event["name"] for event in sent) == sorted(row[0] for row in FUNNEL)
    [[event_id]] = freehold.ask("SELECT event_id FROM freehold.events WHERE name = 'purchase'")
    assert order["event_id"] == event_id
    check_ad_partners(requests, event_id)
    told = "SELECT tag, outcome, status FROM freehold.deliveries WHERE event_id = '{}' ORDER BY tag"
    delivered = [
        ["ga4", "delivered", 204],
        ["meta", "delivered", 200],
        ["orders", "delivered", 204],
        ["tiktok", "delivered", 200],
    ]
    wait_for(lambda: freehold.ask(told.format(event_id)) == delivered, "the ledger", 5)
    text = freehold.command("deliveries", "why", event_id)
    assert text.count("delivered; attempt 1, HTTP 20") == 4
    assert "ga4 " in freehold.command("deliveries")
    assert problems == []


@pytest.mark.browser
def test_without_consent_nothing_reaches_a_partner_and_it_is_told_why(
    freehold: Running, page: Page
) -> None:
    before = len(rows_of_the_shop(freehold)), len(received(freehold))
    buy_a_cup(freehold, page, "Refuse")
    wait_for(lambda: len(rows_of_the_shop(freehold)) == before[0] + 1 + len(FUNNEL), "all rows", 10)
    rows = rows_of_the_shop(freehold)[before[0] :]
    orders = "orders consent:analytics_storage,ad_user_data"
    assert rows == [
        ["page_view", "/demo/", None, [], "denied", withheld("page_view")],
        *([*row, "denied", withheld(row[0])] for row in FUNNEL[:-1]),
        [*FUNNEL[-1], "denied", [*withheld("purchase"), orders]],
    ]
    assert len(received(freehold)) == before[1]
    assert page.context.cookies(freehold.url) == []
    [[event_id]] = freehold.ask(
        "SELECT event_id FROM freehold.events WHERE name = 'purchase' AND length(withheld) = 4"
    )
    text = freehold.command("deliveries", "why", event_id)
    assert "withheld: the visitor had not consented to analytics_storage\n" in text
    assert "withheld: the visitor had not consented to analytics_storage and ad_user_data" in text


@pytest.mark.browser
def test_consent_taken_back_on_a_later_page_stops_what_an_earlier_one_owes(
    page: Page, tmp_path: Path
) -> None:
    """The partner is down while a visitor consents, buys, goes on, and changes their mind."""
    with LocalPartner() as partner:
        partner.stop()
        freehold = Running(tmp_path)
        demo = freehold.containers / "demo.yaml"
        demo.write_text(demo.read_text().replace(freehold.recorder_url, partner.url))
        with freehold:
            buy_a_cup(freehold, page, "Accept all")
            orders = "SELECT toUInt32(count()) FROM freehold.events WHERE name = 'purchase'"
            wait_for(lambda: freehold.ask(orders) == [[1]], "the order")
            page.goto(f"{freehold.url}/demo/")
            page.get_by_role("button", name="Cookie choices").click()
            page.get_by_role("button", name="Refuse").click()
            changed = "SELECT toUInt32(countIf(name = 'consent_update')) FROM freehold.events"
            wait_for(lambda: freehold.ask(changed) == [[2]], "the change of mind")
            assert page.context.cookies(freehold.url) == []
            partner.start()
            told = (
                "SELECT DISTINCT tag, reason FROM freehold.deliveries "
                "WHERE outcome = 'withheld' ORDER BY 1"
            )
            wait_for(lambda: len(freehold.ask(told)) == 4, "all tags withheld", 90)
            assert freehold.ask(told) == [
                ["ga4", "withdrawn:analytics_storage"],
                ["meta", "withdrawn:ad_storage,ad_user_data"],
                ["orders", "withdrawn:analytics_storage,ad_user_data"],
                ["tiktok", "withdrawn:ad_storage,ad_user_data"],
            ]
    assert partner.asked == []


@pytest.mark.browser
def test_a_preview_runs_the_draft_in_one_browser_and_partners_hear_nothing(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    """The shop's pages have a strict Content-Security-Policy."""
    with Running(tmp_path) as freehold:
        demo = freehold.containers / "demo.yaml"
        demo.write_text(demo.read_text().replace("  orders:\n    type", "  drafted:\n    type"))
        printed = freehold.command("container", "preview", "demo", "--origin", freehold.url)
        link = next(line.strip() for line in printed.splitlines() if "token=" in line)

        def is_open() -> bool:
            answer = page.goto(link)
            return answer is not None and answer.status == 200

        wait_for(is_open, "the draft on its collector")
        assert page.url == f"{freehold.url}/demo/"
        problems = clean(page)
        buy_a_cup(freehold, page, "Accept all")
        decided = (
            "SELECT name, is_preview, container_version, arrayMap(one -> one.tag, withheld) "
            "FROM freehold.events WHERE name = 'purchase' ORDER BY is_preview"
        )
        previewed = ["purchase", True, 0, ["ga4", "meta", "tiktok", "drafted"]]
        wait_for(lambda: freehold.ask(decided) == [previewed], "the order of the preview")
        other = browser.new_context()
        buy_a_cup(freehold, other.new_page(), "Accept all")
        other.close()
        real = ["purchase", False, 0, []]
        wait_for(lambda: freehold.ask(decided) == [real, previewed], "the order of another browser")
        wait_for(lambda: "GA4" in told_of_the_order(freehold), "GA4")
        requests = [one for one in received(freehold) if one["partner"] == "GA4"]
        assert sum("purchase" in one["body"] for one in requests) == 1
        told = ""

        def is_told() -> bool:
            nonlocal told
            told = freehold.command("container", "trace", "demo", "--minutes", "9", "--once")
            return "  purchase  " in told

        wait_for(is_told, "the trace")
        order = told[told.index("  purchase  ") :]
        assert "drafted (webhook): would be sent\n      fired by orders\n" in order
        assert f"POST {freehold.recorder_url}/orders" in order
        assert "api_secret=$secret.DEMO_API_SECRET" in order
        sessions = "SELECT toUInt32(sum(purchases)) FROM freehold.sessions"
        assert freehold.ask(sessions) == [[1]]
        assert problems == []
        ended = page.goto(link.partition("?")[0])
        assert ended is not None
        assert "is over in this browser" in ended.text()
        assert not [c for c in page.context.cookies() if c["name"].startswith("fh_preview")]
