from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from server.collector import protocol
from server.collector.protocol import BoundedProtocol

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def app(scope: dict[str, str], receive: object, send: object) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A connection to a real server that gives a second and a half for the headers."""
    monkeypatch.setattr(protocol, "HEADERS_S", 1.5)
    config = uvicorn.Config(
        app, http=BoundedProtocol, loop="uvloop", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        with socket.create_connection(door.getsockname(), timeout=5) as client:
            yield client
        server.should_exit = True
        thread.join()


def answer(client: socket.socket) -> bytes:
    return client.recv(65_536)


def test_requests_in_time_are_answered_on_one_connection(client: socket.socket) -> None:
    for _ in range(3):
        client.sendall(REQUEST + b"\r\n")
        assert answer(client).startswith(b"HTTP/1.1 204")
        time.sleep(0.6)  # three of them are longer than one may take


def test_a_connection_that_says_nothing_is_closed(client: socket.socket) -> None:
    assert answer(client).startswith(b"HTTP/1.1 408")
    assert answer(client) == b""


def test_headers_that_come_byte_by_byte_are_given_up(client: socket.socket) -> None:
    began = time.monotonic()
    found = b""
    client.settimeout(0.1)
    while not found and time.monotonic() - began < 5:
        client.sendall(b"x")
        try:
            found = answer(client)
        except TimeoutError:
            continue
    assert found.startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))
    assert time.monotonic() - began < 5


def test_slow_headers_of_a_second_request_are_given_up_too(client: socket.socket) -> None:
    client.sendall(REQUEST + b"\r\n")
    assert answer(client).startswith(b"HTTP/1.1 204")
    client.sendall(REQUEST)
    assert answer(client).startswith(b"HTTP/1.1 408")


def test_headers_without_end_are_refused(client: socket.socket) -> None:
    client.sendall(REQUEST)
    found = b""
    for _ in range(200):
        try:
            client.sendall(b"X-Header: " + b"y" * 1_000 + b"\r\n")
        except OSError:
            break
    try:
        found = answer(client)
    except ConnectionResetError:
        return
    assert found.startswith(b"HTTP/1.1 431")
