"""What hits of every kind become, from the collector to ClickHouse."""

from __future__ import annotations

import contextlib
import socket
import stat
import time
import urllib.request

import clickhouse_connect
import pytest
from playwright.sync_api import Page

from loadtests.load import Load
from tests.running import Running, wait_for


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
