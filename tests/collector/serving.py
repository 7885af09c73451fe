"""A real server in a thread: requests as bytes over a socket, answers as values."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from server.collector.app import make_app
from server.collector.collector import Collector
from server.collector.hit_protocol import hit_protocol
from server.collector.protocol import BoundedProtocol

Told = tuple[int, dict[str, str], bytes]
"""Status, headers but for the date, body."""


class Serving(uvicorn.Server):
    """Knows its port, and can be told to stop."""

    port = 0

    def stop(self) -> None:
        """As SIGTERM does."""
        self.should_exit = True


@contextmanager
def serving(
    collector: Collector, *, app: ASGIApp | None = None, is_short: bool = True, rest_s: int = 5
) -> Iterator[Serving]:
    """The collector, with or without the short way of hits; stopped gracefully at the end."""
    config = uvicorn.Config(
        app or make_app(collector),
        http=hit_protocol(collector) if is_short else BoundedProtocol,
        loop="uvloop",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=rest_s,
        timeout_graceful_shutdown=3,
    )
    server = Serving(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        server.port = door.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join()


def connect(server: Serving) -> socket.socket:
    """A new connection."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def heard(client: socket.socket) -> Told | None:
    """The next answer on a connection; None when it was closed."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            return None
        head += byte
    first, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    headers.pop("date", None)
    body = b""
    while left := int(headers.get("content-length", 0)) - len(body):
        body += client.recv(left)
    return int(first.split()[1]), headers, body


def post(
    body: bytes, *lines: str, path: str = "/shop/hit", method: str = "POST", version: str = "1.1"
) -> bytes:
    """A hit as bytes, with more header lines."""
    head = [f"{method} {path} HTTP/{version}", "Host: c.shop.example", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body
