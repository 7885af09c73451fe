from __future__ import annotations

import base64
import gzip
import hmac
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
from server.demo.speaking import MAX_UNPACKED_BYTES
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
    rest = client.get("/requests?after=3").json()
    assert (rest["run"], rest["last"], rest["requests"]) == (NOW, 3, [])
    assert [(one["partner"], one["requests"]) for one in rest["partners"]] == [
        ("GA4", 1), ("Webhook", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 400, "²"])
def test_a_number_that_is_none_means_from_the_beginning(after: str) -> None:
    client = recorder()
    client.post("/orders")
    assert len(client.get("/requests", params={"after": after}).json()["requests"]) == 1


@pytest.mark.parametrize(
    "path", ["/", "/requests", "/events", "/recorder.js", "/trouble", "/taken"]
)
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


def test_it_answers_as_the_partner_whose_path_it_is() -> None:
    client = recorder()
    answers = [
        client.post("/v24.0/1/events?access_token=x", json={"data": []}),
        client.post("/open_api/v1.3/event/track/", json={}, headers={"access-token": "x"}),
        client.post("/mp/collect", content=b"x"),
    ]
    assert [answer.status_code for answer in answers] == [400, 200, 204]
    assert answers[0].json()["error"]["error_subcode"] == 2804019
    assert answers[1].json()["code"] == 40002
    shown = client.get("/requests").json()["requests"]
    assert all(one["faults"] for one in shown)
    assert "Invalid parameter" in shown[0]["answer"]


def test_troubles_are_set_and_told_and_books_are_read_at_run_time() -> None:
    client = recorder()
    script = {"seed": 3, "troubles": [{"kind": "error", "partner": "webhook", "status": 503}]}
    assert client.put("/trouble", json=script).json()["troubles"][0]["status"] == 503
    assert client.post("/orders", json={"id": "a"}).status_code == 503
    assert client.post("/mp/collect").status_code == 204
    assert client.put("/trouble", json={}).json() == {"seed": 1, "troubles": []}
    for event_id in ("a", "b", "a"):
        assert client.post("/orders", json={"id": event_id}).status_code == 204
    lines = client.get("/taken?partner=webhook").text.splitlines()
    assert [(one["id"], one["times"]) for one in map(json.loads, lines)] == [("a", 2), ("b", 1)]
    assert [one["trouble"] for one in client.get("/requests").json()["requests"]][:2] == [
        "error",
        "",
    ]


@pytest.mark.parametrize(
    "body", ["", "[]", '{"troubles":[{"kind":"fire"}]}', '{"troubles":[{"kind":"slow","share":2}]}']
)
def test_a_script_that_is_none_is_refused_and_changes_nothing(body: str) -> None:
    client = recorder()
    client.put("/trouble", json={"seed": 7})
    assert client.put("/trouble", content=body).status_code == 400
    assert client.get("/trouble").json() == {"seed": 7, "troubles": []}


def test_a_webhook_that_is_signed_must_be_signed_with_the_secret() -> None:
    client = recorder(signing_secret="s3cret")
    stamp = {"webhook-id": "1", "webhook-timestamp": str(NOW // 1000)}
    mac = hmac.digest(b"s3cret", f"1.{NOW // 1000}.[]".encode(), "sha256")
    for signature, status in ((b"x", 401), (mac, 204)):
        signed = {"webhook-signature": "v1," + base64.b64encode(signature).decode(), **stamp}
        assert client.post("/orders", content="[]", headers=signed).status_code == status
    assert client.post("/orders", content="[]").status_code == 204


def test_another_host_name_neither_sets_troubles_nor_reads_the_books() -> None:
    client, host = recorder(), {"host": "rebound.example"}
    assert client.put("/trouble", json={"seed": 7}, headers=host).status_code == 421
    assert client.get("/taken?partner=webhook", headers=host).status_code == 421
    assert client.get("/trouble").json()["seed"] == 1


def test_a_large_body_is_judged_whole_and_shown_cut() -> None:
    client = recorder()
    body = json.dumps({"event_id": "e-1", "long": "x" * 3_000_000}).encode()
    assert client.post("/orders", content=iter([body[:1_000_000], body[1_000_000:]])).is_success
    [one] = client.get("/requests").json()["requests"]
    assert (one["size"], len(one["body"]), one["taken"]) == (len(body), 256 * 1024, 1)


def test_a_packed_body_is_unpacked_and_a_bomb_is_refused() -> None:
    client, headers = recorder(), {"content-encoding": "gzip"}
    small = gzip.compress(b'{"event_id":"e-1"}')
    assert client.post("/orders", content=small, headers=headers).status_code == 204
    bomb = gzip.compress(b" " * (MAX_UNPACKED_BYTES + 1))
    for body in (bomb, b"no gzip", small[:-3]):
        assert client.post("/orders", content=body, headers=headers).status_code == 413


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
    with serve(make_recorder(events=lambda: ROWS, now=lambda: NOW)) as url:
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
        expect(page.locator("[data-partners] li").first).to_have_text(
            "GA4 1 request, 0 events taken, 1 with faults"
        )
        expect(requests.nth(1).locator(".badge")).to_have_text("4 faults")
        expect(requests.nth(0).locator(".badge")).to_have_text("valid")
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
