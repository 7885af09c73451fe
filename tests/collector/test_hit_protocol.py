"""The short way of a hit, over sockets. What it has in common with the long way is in test_app.py;
here is what a connection can do to it, and that the two ways cannot be told apart."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.clock import MINUTE_MS
from tests.collector.doors import BODY, CUPS, SHOP, Door
from tests.collector.serving import Serving, Told, connect, heard, post, serving
from tests.running import wait_for

WAITS = "Content-Type: text/plain"


@pytest.fixture
def server(door: Door) -> Iterator[Serving]:
    with serving(door.collector) as server:
        yield server


def said(server: Serving, *pieces: bytes) -> Told | None:
    """The first answer to what is sent on a new connection, piece by piece."""
    with connect(server) as client:
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.05)
            client.sendall(piece)
        return heard(client)


def is_refused(server: Serving) -> bool:
    """Whether the server takes no more connections."""
    try:
        connect(server).close()
    except ConnectionRefusedError:
        return True
    return False


@contextmanager
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Events: a sync has begun; it may end."""
    begun, may_end = threading.Event(), threading.Event()
    sync = os.fdatasync

    def wait(fd: int) -> None:
        begun.set()
        may_end.wait(10)
        sync(fd)

    monkeypatch.setattr(os, "fdatasync", wait)
    try:
        yield begun, may_end
    finally:
        may_end.set()


async def no_application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_a_hit_is_answered_without_the_application(door: Door) -> None:
    with serving(door.collector, app=no_application) as server:
        assert said(server, post(BODY)) is not None
        told = said(server, post(BODY, WAITS, f"Origin: {SHOP}"))
    assert told is not None
    assert (told[0], told[1]["access-control-allow-origin"]) == (204, SHOP)
    assert [hit.body for hit in door.hits()] == [BODY, BODY]


@pytest.mark.parametrize(
    "request_",
    [
        post(BODY, method="GET"),
        post(BODY, "Expect: 100-continue"),
        post(BODY, "Connection: Upgrade", "Upgrade: h2c"),
        post(BODY, path="/shop/hit.gif"),
        post(BODY, path="http://c.shop.example/shop/hit"),
        post(BODY, path="/shop/hit#part"),
        post(BODY, path="/shop/hit?a#part"),
        post(BODY, "X: " + "x" * 33_000),
        b"POST /shop/hit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=lambda request_: request_[:40].decode(),
)
def test_what_is_unusual_goes_the_long_way(door: Door, request_: bytes) -> None:
    with serving(door.collector, app=no_application) as server:
        told = said(server, request_)
    assert told is not None
    assert told[0] == 418


@pytest.mark.parametrize(
    "request_",
    [
        post(BODY),
        post(BODY, f"Origin: {SHOP}"),
        post(BODY, "Origin: https://evil.example"),
        post(BODY, f"Origin: {SHOP}", "Origin: https://evil.example"),
        post(BODY, "Origin: https://evil.example", f"Origin: {SHOP}"),
        post(BODY, "Content-Type: text/html", "Content-Type: text/plain"),
        post(BODY, "Content-Encoding: gzip"),
        post(b""),
        post(b"{", f"Origin: {SHOP}"),
        post(BODY, path="/shop/hit?debug=1&c=0"),
        post(BODY, f"Origin: {CUPS}", path="/cups/hit?debug=1&l=x.p1"),
        post(BODY, path="/shop/hit?c=0"),
        post(BODY, path="/shop/hit?" + "a=1&" * 300),
        post(BODY, path="/shop/hit?" + "x" * 20_000),
        post(BODY, path="/shop/%68it?c=0"),
        post(BODY, "Cookie: a=b; fh_shop=forged", path="/asks/hit"),
        post(BODY, "Connection: close"),
        post(BODY, version="1.0"),
        post(BODY, "Connection: keep-alive", version="1.0"),
        post(BODY, path="/nowhere/hit"),
    ],
    ids=lambda request_: request_[:60].decode(),
)
def test_both_ways_give_the_same_answer(tmp_path: Path, request_: bytes) -> None:
    told = []
    for is_short in (False, True):
        door = Door(tmp_path / str(is_short))
        with serving(door.collector, is_short=is_short) as server, connect(server) as client:
            client.sendall(request_)
            status, headers, body = heard(client) or (0, {}, b"")
            if "set-cookie" in headers:
                headers["set-cookie"] = headers["set-cookie"].partition(";")[2]
            is_closed = headers.get("connection") == "close" and heard(client) is None
            told.append((status, headers, body, is_closed, len(door.hits())))
    assert told[0] == told[1]
    assert told[0][0] != 500


def test_a_cookie_is_renewed_a_minute_later(door: Door, server: Serving) -> None:
    with connect(server) as client:
        client.sendall(post(BODY))
        _, headers, _ = heard(client) or (0, {}, b"")
        cookie = "Cookie: " + headers["set-cookie"].partition(";")[0]
        seen = []
        for _ in range(3):
            door.now += MINUTE_MS // 2
            client.sendall(post(BODY, cookie))
            seen.append("set-cookie" in (heard(client) or (0, {}, b""))[1])
    assert seen == [False, True, True]
    assert len({visitor.visitor_id for visitor in door.visitors() if visitor}) == 1


def test_a_hit_that_comes_in_pieces_is_stored_whole(door: Door, server: Serving) -> None:
    request = post(BODY)
    head = request.index(b"\r\n\r\n") + 4
    for cuts in ([20], [head], [head + 7], [20, head - 2, head + 7]):
        bounds = [0, *cuts, len(request)]
        pieces = [request[a:b] for a, b in itertools.pairwise(bounds)]
        told = said(server, *pieces)
        assert told is not None
        assert told[0] == 204
    assert [hit.body for hit in door.hits()] == [BODY] * 4


def test_a_chunked_hit_is_stored_and_its_trailers_are_no_headers(
    door: Door, server: Serving
) -> None:
    head = b"POST /shop/hit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
    told = said(server, head + chunks + b"User-Agent: trailer\r\n\r\n")
    assert told is not None
    assert told[0] == 204
    assert [(hit.body, hit.user_agent) for hit in door.hits()] == [(BODY, "")]


def test_who_expects_a_100_gets_it(door: Door, server: Serving) -> None:
    request = post(BODY, "Expect: 100-continue")
    head = request.index(b"\r\n\r\n") + 4
    with connect(server) as client:
        client.sendall(request[:head])
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(request[head:])
        told = heard(client)
    assert told is not None
    assert (told[0], len(door.hits())) == (204, 1)


def test_who_expects_a_100_for_a_body_that_is_too_large_need_not_send_it(server: Serving) -> None:
    request = post(b" " * 600_000, "Expect: 100-continue")
    with connect(server) as client:
        client.sendall(request.rstrip(b" "))
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_given_up(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.collector.plain.BODY_TIMEOUT_S", 0.2)
    with connect(server) as client:
        client.sendall(post(BODY)[:-5])
        status, headers, _ = heard(client) or (0, {}, b"")
        assert (status, headers["connection"], heard(client)) == (408, "close", None)


def test_pipelined_hits_are_answered_in_their_order(door: Door, server: Serving) -> None:
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(server) as client:
        client.sendall(post(BODY) + post(b"{") + health + post(b"{}") + post(BODY)[:-3])
        time.sleep(0.1)
        client.sendall(post(BODY)[-3:] + post(b""))
        told = [heard(client) for _ in range(6)]
    assert [one[0] for one in told if one] == [204, 400, 200, 204, 204, 400]
    assert [hit.body for hit in door.hits()] == [BODY, b"{}", BODY]


def test_pipelined_hits_wait_for_the_one_on_its_way_to_the_disk(
    door: Door, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_disk(monkeypatch) as (begun, may_end), connect(server) as client:
        client.sendall(post(BODY))
        assert begun.wait(5)
        client.sendall(post(b"{"))
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)
        may_end.set()
        told = [heard(client), heard(client)]
    assert [one[0] for one in told if one] == [204, 400]


def test_a_hit_whose_sender_has_gone_is_stored_all_the_same(
    door: Door, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_disk(monkeypatch) as (begun, may_end):
        with connect(server) as client:
            client.sendall(post(BODY))
            assert begun.wait(5)
        may_end.set()
        wait_for(lambda: len(door.hits()) == 1, "stored", 5)
    told = said(server, post(BODY))
    assert told is not None
    assert told[0] == 204


def test_a_hit_in_flight_is_answered_before_the_server_stops(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(door.collector) as server,
        slow_disk(monkeypatch) as (begun, may_end),
        connect(server) as client,
    ):
        client.sendall(post(BODY))
        assert begun.wait(5)
        server.stop()
        wait_for(lambda: is_refused(server), "a door that is closed", 5)
        time.sleep(0.1)  # the connections are told in the same turn of the loop
        may_end.set()
        status, headers, _ = heard(client) or (0, {}, b"")
        assert (status, headers.get("connection"), heard(client)) == (204, "close", None)
    assert len(door.hits()) == 1


def test_a_connection_that_rests_is_closed_and_one_that_works_is_not(door: Door) -> None:
    with serving(door.collector, rest_s=4) as server, connect(server) as client:
        for _ in range(4):  # together longer than one may rest
            client.sendall(post(BODY))
            assert heard(client) is not None
            time.sleep(1.2)
        began = time.monotonic()
        assert heard(client) is None
        assert time.monotonic() - began < 60


def test_who_sends_and_never_reads_is_slowed_down(server: Serving) -> None:
    """Answers wait in a bounded buffer; then nothing more is read from this client."""
    with connect(server) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(1)
        hits = post(BODY, path="/shop/hit?debug=1&c=0") * 2_000
        with pytest.raises(TimeoutError):
            client.sendall(hits * 200)
        told = said(server, post(BODY))
        assert told is not None
        assert told[0] == 204


def test_a_full_backlog_is_answered_503_at_once(tmp_path: Path) -> None:
    door = Door(tmp_path, max_pending_bytes=10)
    with serving(door.collector) as server:
        status, headers, _ = said(server, post(BODY)) or (0, {}, b"")
    assert (status, headers["x-freehold-error"], headers["retry-after"]) == (503, "unwritable", "1")
    assert door.collector.refusals == {"unwritable": 1}


def test_the_address_is_the_connections(door: Door, server: Serving) -> None:
    said(server, post(BODY, "X-Forwarded-For: 203.0.113.5"))
    assert [hit.ip for hit in door.hits()] == ["127.0.0.1"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 200), st.binary(min_size=1, max_size=12), st.integers(0, 12))
def test_no_bytes_bring_it_down(server: Serving, at: int, noise: bytes, cut: int) -> None:
    request = post(BODY, "Origin: x", path="/shop/hit?c=1")
    with connect(server) as client:
        client.sendall(request[:at] + noise + request[at + cut :])
        client.shutdown(socket.SHUT_WR)
        told = heard(client)
    assert told is None or told[0] in (204, 400, 403, 404, 405, 413, 415)
