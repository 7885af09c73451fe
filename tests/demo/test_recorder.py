from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from server.clock import now_ms
from server.demo.recorder import HEADERS, MISDIRECTED, make_recorder
from server.errors import StoreUnavailable
from tests.browser import chromium
from tests.demo.serving import serve

NOW = 1_795_000_000_000
EVENT_ID = "01a1fa34-e125-7752-9219-dc50a45487a8"


def nothing() -> list[dict[str, Any]]:
    return []


def recorder(**more: Any) -> TestClient:
    known: dict[str, Any] = {"events": nothing, "now": lambda: NOW}
    return TestClient(make_recorder(**known | more), base_url="http://127.0.0.1:8002")


def test_it_takes_posts_and_puts_on_any_path_and_shows_them_after_a_number() -> None:
    client = recorder()
    assert client.post("/orders?token=hidden", json={"a": 1}).status_code == 204
    assert client.put("/mp/collect", content=b"").status_code == 204
    assert client.post("/a/b/../%2e%2e/%ff").status_code == 204
    answer = client.get("/requests").json()
    assert [(one["number"], one["method"], one["partner"]) for one in answer["requests"]] == [
        (1, "POST", "Webhook"), (2, "PUT", "GA4"), (3, "POST", "Webhook"),
    ]  # fmt: skip
    assert answer["requests"][0]["query"] == [["token", "…"]]
    assert client.get("/requests?after=2").json()["requests"][0]["number"] == 3
    assert client.get("/requests?after=3").json() == {"run": NOW, "last": 3, "requests": []}


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 400, "²"])
def test_a_number_that_is_none_means_from_the_beginning(after: str) -> None:
    client = recorder()
    client.post("/orders")
    assert len(client.get("/requests", params={"after": after}).json()["requests"]) == 1


@pytest.mark.parametrize("path", ["/", "/requests", "/events", "/recorder.js"])
def test_its_own_pages_are_no_partners(path: str) -> None:
    client = recorder()
    assert client.post(path).status_code == 405
    assert client.get("/requests").json()["last"] == 0


def test_its_own_pages_carry_a_strict_policy() -> None:
    client = recorder()
    for path in ("/", "/recorder.css", "/recorder.js", "/icon.svg", "/requests", "/events"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert client.get("/orders").status_code == 405


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8002", "10.0.0.5:1", "[::1]:8002", "[2001:db8::1]",
     "localhost", "LOCALHOST:8002", "shop.localhost:8002"],
)  # fmt: skip
def test_it_shows_itself_by_address_and_as_localhost(host: str) -> None:
    client = recorder()
    for path in ("/", "/requests", "/events", "/recorder.js"):
        assert client.get(path, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["rebound.example", "rebound.example:8002", "localhost.example", "notlocalhost", "",
     "127.0.0.1.example", "2130706433", "127.1", "[::1].example", "[]", "127.0.0.1:x", "[fe::1"],
)  # fmt: skip
def test_it_shows_nothing_to_a_host_name_that_another_may_point_here(host: str) -> None:
    client = recorder(events=lambda: ROWS)
    assert client.post("/orders", json={"a": 1}, headers={"host": host}).status_code == 204
    for path in ("/", "/requests", "/requests?after=0", "/events", "/recorder.js"):
        answer = client.get(path, headers={"host": host})
        assert (answer.status_code, answer.text) == (421, MISDIRECTED)
    assert client.get("/requests").json()["last"] == 1


def test_a_partner_can_be_made_to_fail() -> None:
    codes = iter([503, 429, 204])
    client = recorder(status=lambda: next(codes))
    assert [client.post("/orders").status_code for _ in range(3)] == [503, 429, 204]
    shown = client.get("/requests").json()["requests"]
    assert [one["status"] for one in shown] == [503, 429, 204]


def test_a_large_body_is_cut_and_read_to_its_end() -> None:
    client = recorder()
    body = b"x" * 3_000_000
    assert client.post("/orders", content=iter([body[:1_000_000], body[1_000_000:]])).is_success
    [one] = client.get("/requests").json()["requests"]
    assert (one["size"], len(one["body"])) == (3_000_000, 256 * 1024)


def test_rows_are_asked_for_once_however_many_look() -> None:
    asked = []

    def events() -> list[dict[str, Any]]:
        asked.append(threading.get_ident())
        time.sleep(0.1)
        return [{"event_id": EVENT_ID}]

    with (
        serve(make_recorder(events=events, now=now_ms)) as url,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda _: urllib.request.urlopen(f"{url}/events").read(), range(8)))
    assert set(answers) == {b'{"events":[{"event_id":"%b"}],"problem":""}' % EVENT_ID.encode()}
    assert len(asked) == 1
    assert threading.get_ident() not in asked


def test_a_store_that_does_not_answer_is_told() -> None:
    def events() -> list[dict[str, Any]]:
        raise StoreUnavailable("ClickHouse does not answer")

    assert recorder(events=events).get("/events").json() == {
        "events": [],
        "problem": "ClickHouse does not answer",
    }


def test_requests_at_the_same_time_are_all_kept_under_numbers_of_their_own() -> None:
    def post(number: int) -> int:
        request = urllib.request.Request(f"{url}/orders", data=b'{"n":%d}' % number)
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)

    with serve(make_recorder(events=nothing, now=now_ms)) as url, ThreadPoolExecutor(12) as pool:
        assert set(pool.map(post, range(300))) == {204}
        with urllib.request.urlopen(f"{url}/requests") as answer:
            shown = json.load(answer)
    assert [one["number"] for one in shown["requests"]] == list(range(1, 301))
    assert {json.loads(one["body"])["n"] for one in shown["requests"]} == set(range(300))


# In Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def row(event_id: str, name: str, occurred_at: int, **more: Any) -> dict[str, Any]:
    known = {
        "event_id": event_id, "name": name, "occurred_at": occurred_at, "received_at": occurred_at,
        "path": "/demo/", "value": None, "currency": "", "bot": "",
        "consent": {"analytics_storage": "granted"}, "withheld": [],
    }  # fmt: skip
    return known | more


HOSTILE = "<img src=x onerror=alert(1)>"
ROWS = [
    row(EVENT_ID, "purchase", NOW, value=24, currency="EUR"),
    row("01a1fa34-0000-7000-8000-000000000002", "page_view", NOW - 1, path=HOSTILE,
        withheld=[["ga4", "consent:ad_storage,ad_user_data"]]),
    row("01a1fa34-0000-7000-8000-000000000003", HOSTILE, NOW - 2),
]  # fmt: skip


@pytest.mark.browser
def test_the_page_ties_what_was_done_to_what_was_sent(browser: Browser) -> None:
    noise: list[str] = []
    with serve(make_recorder(events=lambda: ROWS, now=now_ms)) as url:
        page = browser.new_page()
        page.on("console", lambda line: noise.append(line.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(f"{url}/")
        cards = page.locator("[data-events] .card")
        expect(cards).to_have_count(3)
        for path, body in (
            ("/orders", {"event_id": EVENT_ID}),
            (
                "/mp/collect",
                {"events": [{"name": "page_view", "timestamp_micros": (NOW - 1) * 1000}]},
            ),
            (f"/{HOSTILE}", {HOSTILE: HOSTILE}),
        ):
            page.request.post(url + path, data=body)
        requests = page.locator("[data-requests] .card")
        expect(requests).to_have_count(3)
        requests.nth(2).hover()
        expect(page.locator(".lit strong").first).to_have_text("purchase")
        expect(page.locator(".lit")).to_have_count(2)
        cards.nth(1).click()
        expect(requests.nth(1)).to_have_class("card lit")
        expect(page.locator(".lit")).to_have_count(2)
        assert (
            cards.nth(1).inner_text().endswith("not to ga4: no consent to ad_storage, ad_user_data")
        )
        assert cards.nth(1).locator(".where").inner_text() == HOSTILE
        assert cards.nth(2).locator("strong").inner_text() == HOSTILE
        page.close()
    assert noise == []
