"""The whole of Freehold in its own processes: a browser at one end, ClickHouse at the other."""

from __future__ import annotations

import contextlib
import random
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from playwright.sync_api import Browser, Page

from loadtests.crashes import TARGETS, crash_round, settled
from loadtests.load import Load
from tests.browser import chromium
from tests.embedded_store import EmbeddedStore
from tests.running import Running, wait_for

EVENTS = (
    "SELECT name, path, toFloat64(value), currency, items.item_id, browser, bot "
    "FROM freehold.events ORDER BY occurred_at, name"
)


@pytest.fixture(scope="module")
def freehold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("freehold")) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    agent = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36"
    )
    context = browser.new_context(user_agent=agent)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_the_demo_page_s_views_and_events_are_rows_within_three_seconds(
    freehold: Running, page: Page
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto(f"{freehold.url}/demo/")
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("navigation").get_by_role("link", name="Delivery").click()
    page.wait_for_load_state("networkidle")
    time.sleep(3)
    assert freehold.ask(EVENTS) == [
        ["page_view", "/demo/", None, "", [], "Chrome", ""],
        ["add_to_cart", "/demo/", 24, "EUR", ["CUP-1"], "Chrome", ""],
        ["page_view", "/demo/second.html", None, "", [], "Chrome", ""],
    ]
    assert freehold.ask(
        "SELECT toUInt32(count()), toUInt32(uniqExact(visitor_id)), "
        "toUInt32(uniqExact(session_id)), toUInt32(uniqExact(event_id)) FROM freehold.events"
    ) == [[3, 1, 1, 3]]
    assert freehold.ask(
        "SELECT toUInt32(events), toUInt32(page_views), landing_path, exit_path, channel "
        "FROM freehold.sessions"
    ) == [[3, 2, "/demo/", "/demo/second.html", "Direct"]]
    assert problems == []


@pytest.mark.browser
def test_a_page_does_not_notice_that_the_collector_is_gone(freehold: Running, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{freehold.url}/demo/")
    page.wait_for_load_state("networkidle")
    freehold.kill("collect")
    page.get_by_role("button", name="Ask for a quote").click()
    lead = "SELECT toUInt32(count()) FROM freehold.events WHERE name = 'generate_lead'"
    wait_for(lambda: freehold.ask(lead) == [[1]], "the event was sent again")
    assert problems == []


def test_what_was_accepted_and_is_wrong_becomes_a_row_of_rejects(freehold: Running) -> None:
    assert freehold.post({"v": 1, "events": [{"name": 5}, {"name": "fine"}]}) == 204
    assert freehold.post({"v": 99, "events": []}) == 204
    sql = "SELECT reason, at, detail, body FROM freehold.rejects ORDER BY received_at"
    wait_for(lambda: len(freehold.ask(sql)) == 2, "two rejects")
    assert freehold.ask(sql) == [
        ["bad_event", "events[0].name", "Expected `str`, got `int` - at `$.name`", '{"name": 5}'],
        ["bad_version", "", "`v` is 99, expected 1", '{"v": 99, "events": []}'],
    ]


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
    load = Load(f"{freehold.url}/demo/hit", threads=2, seed=9)
    load.start()
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=freehold.clickhouse_port, username="analyst", password=password
    )
    counts = []
    for _ in range(6):
        counts.append(client.query("SELECT count() FROM freehold.events").result_rows[0][0])
        time.sleep(0.5)
    client.close()
    load.stop()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_everything_stops_within_five_seconds_under_load_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with Running(tmp_path) as freehold:
        load = Load(f"{freehold.url}/demo/hit", threads=2, seed=3)
        load.start()
        time.sleep(2)
        assert freehold.stop() < 5
        freehold.start()
        ids = load.stop()
        assert settled(freehold, len(ids)) == (len(ids), len(ids))


@pytest.mark.parametrize("number", range(len(TARGETS)), ids=lambda n: "+".join(TARGETS[n]) or "all")
def test_kill_9_loses_nothing_and_doubles_nothing(freehold: Running, number: int) -> None:
    before = settled(freehold, 0)[1]
    ids = crash_round(freehold, number, random.Random(number))
    assert settled(freehold, before + len(ids)) == (before + len(ids), before + len(ids))


def test_a_clickhouse_elsewhere_is_used_as_the_embedded_one_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with EmbeddedStore(elsewhere) as store:
        url = f"http://freehold:{store.passwords.freehold}@127.0.0.1:{store.port}"
        with Running(tmp_path, FREEHOLD_CLICKHOUSE=url) as freehold:
            assert set(freehold.children()) == {"pipeline", "collect"}
            ids = crash_round(freehold, TARGETS.index(("pipeline",)), random.Random(5))
            assert settled(freehold, len(ids)) == (len(ids), len(ids))
            assert not (freehold.data / "clickhouse").exists()
