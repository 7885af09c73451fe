"""A proxy between the pipeline and ClickHouse that can be told what becomes of the next insert.

It reads a whole request, forwards it, reads the whole answer, and gives it back. `arm()` names the
stage at which one insert of events goes wrong; `wait()` returns when it has.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_plus

HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "host")
UPSTREAM_S = 60


class Stage(Enum):
    """What happens to one insert."""

    NOT_SENT = "cut before ClickHouse sees it"
    HALF_SENT = "cut in the middle of the request"
    DONE = "done, and the reply cut"
    LATE = "done, and the reply comes too late"
    SLOW = "its second half comes when the client has given up"


class Proxy:
    """`with Proxy() as proxy:` then `proxy.upstream = port`."""

    def __init__(self) -> None:
        self.upstream = 0
        self.late_s = 0.0  # how long LATE and SLOW hold it
        self._stage: Stage | None = None
        self._lock = threading.Lock()
        self._struck = threading.Event()
        owner = self

        class Handler(_Handler):
            proxy = owner

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arm(self, stage: Stage, *, late_s: float = 0.0) -> None:
        """The next insert of events goes wrong at this stage."""
        self._struck.clear()
        with self._lock:
            self._stage, self.late_s = stage, late_s

    def wait(self, seconds: float = 30) -> bool:
        """Whether the stage was reached in time."""
        return self._struck.wait(seconds)

    def take(self, target: str) -> Stage | None:
        """The stage that this request goes wrong at."""
        if "INSERT INTO freehold.events " not in unquote_plus(target) + " ":
            return None
        with self._lock:
            stage, self._stage = self._stage, None
        return stage

    def strike(self) -> None:
        """Tells whoever waits that the stage is reached."""
        self._struck.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut on purpose is no news."""


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self._body()
        stage = self.proxy.take(self.path + " " + body[:200].decode(errors="replace"))
        if stage in (Stage.NOT_SENT, Stage.HALF_SENT):
            if stage is Stage.HALF_SENT:
                self._send_half(body)
            self.close_connection = True
            self.proxy.strike()
            return
        if stage is Stage.SLOW:
            self.proxy.strike()
        answer, payload = self._forward(
            body, pause_s=self.proxy.late_s if stage is Stage.SLOW else 0
        )
        if stage is Stage.LATE:
            self.proxy.strike()
            time.sleep(self.proxy.late_s)
        if stage is Stage.DONE:
            self.close_connection = True
            self.proxy.strike()
            return
        with contextlib.suppress(OSError):
            self._give_back(answer, payload)

    do_GET = do_POST  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _open(self, length: int) -> http.client.HTTPConnection:
        upstream = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream, timeout=UPSTREAM_S)
        upstream.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP:
                upstream.putheader(name, value)
        upstream.putheader("Content-Length", str(length))
        upstream.endheaders()
        return upstream

    def _send_half(self, body: bytes) -> None:
        upstream = self._open(len(body))
        upstream.send(body[: len(body) // 2])
        time.sleep(0.05)
        upstream.close()

    def _forward(
        self, body: bytes, *, pause_s: float
    ) -> tuple[http.client.HTTPResponse | None, bytes]:
        """The answer; none where ClickHouse cannot be reached."""
        try:
            upstream = self._open(len(body))
            with contextlib.closing(upstream):
                half = len(body) // 2
                upstream.send(body[:half])
                time.sleep(pause_s)
                upstream.send(body[half:])
                answer = upstream.getresponse()
                return answer, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""

    def _give_back(self, answer: http.client.HTTPResponse | None, payload: bytes) -> None:
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        pass
