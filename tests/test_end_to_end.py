"""The whole of Freehold in its own processes: a browser at one end, ClickHouse at the other."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import socket
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from playwright.sync_api import Browser, Page

from loadtests.faults.oracle import judge
from loadtests.faults.supervised import TARGETS, Supervised, crash_round
from loadtests.flapping import NAME as FLAPPING
from loadtests.flapping import flap, write_container
from loadtests.load import AGENT, Load
from tests.browser import chromium
from tests.embedded_store import EmbeddedStore
from tests.partner import LocalPartner, Says
from tests.running import ROOT, Running, wait_for


@pytest.fixture(scope="module")
def freehold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("freehold")) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    # An argument of the browser's: what a page sends while it is left has no context's agent.
    with chromium(f"--user-agent={AGENT}") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


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


def recorded(freehold: Running) -> Any:
    """What the recorder shows."""
    with urllib.request.urlopen(f"{freehold.recorder_url}/requests", timeout=5) as answer:
        return json.load(answer)


def received(freehold: Running) -> list[dict[str, Any]]:
    """What the recorder got, oldest first."""
    return sorted(recorded(freehold)["requests"], key=lambda one: int(one["number"]))


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
FEW = {"funnel": 1, "lost_hits": 1}
"""Queries whose answer has fewer rows than three."""
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


@pytest.mark.browser
def test_a_page_does_not_notice_that_the_collector_is_gone(freehold: Running, page: Page) -> None:
    page.goto(f"{freehold.url}/demo/p/water-jug")
    page.wait_for_load_state("networkidle")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    freehold.kill("collect")
    page.get_by_role("button", name="Add to cart").click()
    added = (
        "SELECT toUInt32(count()) FROM freehold.events "
        "WHERE name = 'add_to_cart' AND has(items.item_id, 'JUG-1')"
    )
    wait_for(lambda: freehold.ask(added) == [[1]], "the event was sent again")
    assert problems == []


def test_the_demo_fills_an_installation_that_the_queries_make_sense_of(tmp_path: Path) -> None:
    with Running(tmp_path) as freehold:
        freehold.command("demo", "--visitors", "120")
        events = "SELECT toUInt32(count()) FROM freehold.events"
        wait_for(lambda: freehold.ask(events)[0][0] > 800, "rows", 60)
        outcomes = (ROOT / "clickhouse" / "queries" / "deliveries_by_outcome.sql").read_text()
        wait_for(lambda: len(freehold.ask(outcomes)) >= 4, "deliveries", 60)
        standings = recorded(freehold)["partners"]
        answers = {
            file.stem: freehold.ask(file.read_text())
            for file in (ROOT / "clickhouse" / "queries").glob("*.sql")
        }
    assert {one["partner"] for one in standings} == {"GA4", "Meta", "TikTok", "Webhook"}
    assert [one for one in standings if one["faulty"] or not one["taken"]] == []
    assert set(answers) >= {"sessions", "top_pages", "traffic_by_channel"}
    assert [name for name, answer in answers.items() if len(answer) < FEW.get(name, 3)] == []


def test_what_was_accepted_and_is_wrong_becomes_a_row_of_rejects(freehold: Running) -> None:
    assert freehold.post({"v": 1, "events": [{"name": 5}, {"name": "fine"}]}) == 204
    assert freehold.post({"v": 99, "events": []}) == 204
    sql = "SELECT reason, at, detail, body FROM freehold.rejects ORDER BY received_at"
    wait_for(lambda: len(freehold.ask(sql)) == 2, "two rejects")
    assert freehold.ask(sql) == [
        ["bad_event", "events[0].name", "Expected `str`, got `int` - at `$.name`", '{"name": 5}'],
        ["bad_version", "", "`v` is 99, expected 1", '{"v": 99, "events": []}'],
    ]


def scraped(freehold: Running) -> dict[str, float]:
    """What Prometheus sees, by sample and labels."""
    try:
        with urllib.request.urlopen(freehold.metrics_url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return {}
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def stands_still(freehold: Running, name: str) -> bool:
    """Whether a figure is there, and the same for longer than a collector takes to tell it."""
    first = scraped(freehold).get(name)
    time.sleep(3)
    return first is not None and scraped(freehold).get(name) == first


def test_prometheus_sees_every_hit_and_goes_on_counting_after_a_kill(freehold: Running) -> None:
    hits, stored = 'freehold_hits_total{worker="w0"}', 'freehold_rows_loaded_total{table="events"}'
    wait_for(lambda: stands_still(freehold, hits), "figures of all that came before")
    before = scraped(freehold)
    for _ in range(3):
        assert freehold.post({"v": 1, "events": [{"name": "counted"}]}) == 204
    wait_for(lambda: scraped(freehold).get(hits) == before[hits] + 3, "three hits more")
    wait_for(
        lambda: scraped(freehold).get(stored, 0) >= before.get(stored, 0) + 3, "three rows more"
    )
    freehold.kill("collect", "pipeline")
    wait_for(lambda: scraped(freehold).get(hits) == before[hits] + 3, "the same after a kill")
    body = {"v": 1, "events": [{"name": "counted"}]}
    wait_for(lambda: freehold.post(body) == 204, "a collector again")
    wait_for(lambda: scraped(freehold).get(hits, 0) >= before[hits] + 4, "one hit more")
    found = scraped(freehold)
    assert {found[name] for name in found if "identity_difference" in name} == {0}


HOSTILE = [
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: fh_demo=\xff\xfe\r\n\r\n",
    b"GET /%ff%00/hit.gif?%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /demo/hit.gif?name=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /demo/hit.gif?name=a HTTP/1.1\r\n\r\n",
    b"GET /demo/hit.gif?name=a HTTP/1.1\r\nHost: \xff\r\nOrigin: \xff\r\n\r\n",
    b"GET http://evil.example/demo/tag.js HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"POST /demo/hit HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"
    b"\r\n\r\n0\r\n\r\n",
    b"POST /demo/hit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /demo/hit HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /demo/hit?c=1&c=0&%61=%ff HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    b"POST /demo/hit HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nUser-Agent: \xff\xfe\x01"
    b"\r\nReferer: \xff\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /demo/tag.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: \xff\r\nAccept-Encoding: \xff\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 9_000 + b"\r\n",
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_no_bytes_of_a_client_make_a_500(freehold: Running, sent: bytes) -> None:
    before = len(freehold.log)
    with socket.create_connection(("127.0.0.1", freehold.port), timeout=5) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            answer = client.recv(65_536)
            assert not answer or answer[9:10] in b"234"
    assert "Traceback" not in freehold.log[before:]


def test_any_clickhouse_client_answers_while_hits_stream_in(freehold: Running) -> None:
    passwords = freehold.data / "keys" / "clickhouse"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    password = dict(line.split(": ") for line in passwords.read_text().splitlines())["analyst"]
    wait_for(lambda: freehold.ask("EXISTS freehold.events") == [[1]], "tables")
    load = Load(f"{freehold.url}/demo/hit", threads=2, seed=9)
    load.start()
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=freehold.clickhouse_port, username="analyst", password=password
    )
    counts: list[int] = []

    def grows() -> bool:
        counts.append(client.query("SELECT count() FROM freehold.events").result_rows[0][0])
        return len(set(counts)) > 2

    wait_for(grows, "more events")
    client.close()
    load.stop()
    assert counts == sorted(counts)


def test_a_partner_that_is_down_and_flaps_gets_every_consented_event(tmp_path: Path) -> None:
    with LocalPartner() as partner:
        freehold = Running(tmp_path)
        write_container(freehold.containers, partner.url)
        with freehold:
            chance = random.Random(4)
            found = flap(freehold, partner, down_s=6, flaps=3, chance=chance)
    assert found.acknowledged == set(found.taken)
    assert found.rows == len(found.acknowledged) > 50


PUBLISHED = """
id: load
sites: [self]
triggers:
  small: {{when: [{{value: "{{{{ event.nums.n }}}}", less: {below}}}]}}
tags:
  always: &tag
    type: webhook
    fires_on: [small]
    with: {{url: "{url}/{version}", body: {{id: "{{{{ event.event_id }}}}"}}}}
  {name}: *tag
"""


def published(version: int, url: str) -> str:
    """Version n sends what is below a number of its own by two tags, one of them its own too."""
    return PUBLISHED.format(version=version, below=version * 15, name=f"only_{version}", url=url)


def test_publishing_under_load_loses_nothing_and_each_event_meets_one_whole_version(
    tmp_path: Path,
) -> None:
    """The container has no file: it comes by its first version, and every version brings a tag."""
    last = 5
    with LocalPartner() as partner, Running(tmp_path) as freehold:
        file = tmp_path / "load.yaml"

        def publish(version: int) -> None:
            file.write_text(published(version, partner.url))
            freehold.command("container", "publish", "load", "--file", str(file))

        def decided() -> list[Any]:
            return freehold.ask(
                "SELECT container_version, toInt32(nums['n']), toString(event_id) "
                "FROM freehold.events WHERE container_id = 'load'"
            )

        publish(1)
        wait_for(
            lambda: freehold.post({"v": 1, "events": []}, container="load") == 204, "it is there"
        )
        load = Load(f"{freehold.url}/load/hit", threads=2, pause_s=0.03, seed=4)
        load.start()
        for version in range(1, last + 1):
            if version > 1:
                publish(version)
            wait_for(lambda: any(row[0] == version for row in decided()), f"{version} decides")  # noqa: B023
        ids = load.stop()
        wait_for(lambda: len(decided()) >= len(ids), "all rows")
        rows = decided()
        assert sorted(row[2] for row in rows) == sorted(ids)
        owed = sorted(
            [event_id, tag, version]
            for version, n, event_id in rows
            if n < version * 15
            for tag in ("always", f"only_{version}")
        )
        sent = (
            "SELECT toString(event_id) AS id, tag, container_version FROM freehold.deliveries "
            "WHERE outcome = 'delivered' AND container_id = 'load' ORDER BY id, tag"
        )
        wait_for(lambda: len(freehold.ask(sent)) >= len(owed), "all deliveries", 60)
        assert freehold.ask(sent) == owed
        assert {version for version, _, _ in rows} == set(range(1, last + 1))
        taken = sorted((asked.json()["id"], asked.path) for asked in partner.asked)
        assert taken == sorted((event_id, f"/{version}") for event_id, _, version in owed)


def test_everything_stops_within_five_seconds_under_load_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with Supervised(tmp_path) as freehold:
        load = Load(f"{freehold.url}/demo/hit", threads=2, seed=3)
        load.start()
        wait_for(lambda: len(load.acknowledged) > 100, "a load")
        assert freehold.stop() < 5
        freehold.start()
        outcome = judge(freehold, load.stop(), tried=1)
        assert (outcome.lost, outcome.doubled, outcome.is_well) == (0, 0, True)


CANARIES = {
    "address": "203.0.113.77",
    "agent": "Canary/77.5",
    "mail": "canary@shop.example",
    "cookie": "canary-cookie-77",
    "name": "Canarina",
}


def canary_hit(freehold: Running, body: bytes) -> int:
    """A hit that has every canary around it; returns the status."""
    request = urllib.request.Request(
        f"{freehold.url}/{FLAPPING}/hit?c=1",
        data=body,
        headers={
            "Content-Type": "text/plain",
            "User-Agent": CANARIES["agent"],
            "X-Forwarded-For": CANARIES["address"],
            "Cookie": f"_ga={CANARIES['cookie']}; fh_{FLAPPING}={CANARIES['cookie']}",
            "Referer": f"https://shop.example/?mail={CANARIES['mail']}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_log_is_json_and_knows_nothing_of_a_visitor(tmp_path: Path) -> None:
    with LocalPartner() as partner:
        # A partner that quotes what it was sent, and a dead letter for it.
        partner.always = lambda asked: Says(status=400, body=asked.body)
        freehold = Supervised(
            tmp_path, FREEHOLD_LOG="json", FREEHOLD_TRUSTED_PROXIES="127.0.0.1/32"
        )
        write_container(freehold.containers, partner.url)
        with freehold:
            event = {
                "name": "purchase",
                "title": CANARIES["name"],
                "user": {"id": CANARIES["mail"], "email": CANARIES["mail"]},
                "props": {"name": CANARIES["name"]},
            }
            consent = {"purposes": {"analytics_storage": "granted", "ad_user_data": "granted"}}
            good = {"v": 1, "consent": consent, "events": [event, {**event, "name": 5}]}
            assert canary_hit(freehold, json.dumps(good).encode()) == 204
            assert canary_hit(freehold, f'{{"x": {CANARIES["mail"]}'.encode()) == 400
            wait_for(lambda: freehold.ask("EXISTS freehold.deliveries") == [[1]], "tables")
            sql = "SELECT toUInt32(count()) FROM freehold.deliveries WHERE outcome = 'refused'"
            wait_for(lambda: freehold.ask(sql) == [[1]], "a dead letter")
            assert CANARIES["name"] in str(freehold.ask("SELECT detail FROM freehold.deliveries"))
            freehold.kill("collect", "pipeline")
            wait_for(lambda: "again in" in freehold.log, "a new start")
    lines = [line for line in freehold.log.splitlines() if line.startswith("{")]
    assert {"server.supervise", "server.pipeline.forwarder.ledger"} <= {
        json.loads(line)["logger"] for line in lines
    }
    assert [name for name, canary in CANARIES.items() if canary in freehold.log] == []


def test_a_clickhouse_elsewhere_is_used_as_the_embedded_one_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with EmbeddedStore(elsewhere) as store:
        url = f"http://freehold:{store.passwords.freehold}@127.0.0.1:{store.port}"
        with Supervised(tmp_path, FREEHOLD_CLICKHOUSE=url) as freehold:
            assert set(freehold.children()) == {"pipeline", "collect", "recorder"}
            ids = crash_round(freehold, TARGETS.index(("pipeline",)), random.Random(5))
            outcome = judge(freehold, ids, tried=1)
            assert (outcome.lost, outcome.doubled, outcome.is_well) == (0, 0, True)
            assert not (freehold.data / "clickhouse").exists()
