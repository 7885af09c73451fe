"""A partner of the tests' own: a real HTTP server that answers as it is told, or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from msgspec import Struct

WAIT_S = 20.0
PIECE = b"x" * 65_536


class Asked(Struct, frozen=True, kw_only=True):
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


class Says(Struct, frozen=True, kw_only=True):
    """An answer. `pieces` sends so many times 64 KiB; `hold` waits for it first; `drip_s` is the
    time between two bytes of the body; status 0 cuts the connection; `raw` replaces all of it."""

    status: int = 204
    headers: dict[str, str] = {}
    body: bytes = b""
    pieces: int = 0
    hold: threading.Event | None = None
    drip_s: float = 0.0
    raw: bytes | None = None


class LocalPartner:
    """`with LocalPartner() as partner:` it listens on `partner.url`, again there after `stop()`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: deque[Says] = deque()
        self.always: Callable[[Asked], Says] = lambda asked: Says()
        self._changed = threading.Condition()
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        owner = self

        class Handler(_Handler):
            partner = owner

        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """From now on connections are refused."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, count: int, seconds: float = WAIT_S) -> list[Asked]:
        """All requests so far, as soon as there are `count`."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.asked) >= count, seconds)
            assert came, f"{len(self.asked)} requests, expected {count}"
            return list(self.asked)

    def note(self, asked: Asked) -> Says:
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
            return self.answers.popleft() if self.answers else self.always(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.0: a connection ends with its answer, so none outlives its test."""

    partner: LocalPartner
    timeout = 20

    def do_POST(self) -> None:
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            at=time.monotonic(),
        )
        says = self.partner.note(asked)
        if says.hold:
            says.hold.wait(WAIT_S)
        try:
            self._say(says)
        except OSError:
            self.close_connection = True

    do_PUT = do_POST  # noqa: N815

    def _say(self, says: Says) -> None:
        if says.raw is not None:
            self.wfile.write(says.raw)
        elif says.status:
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for start in range(len(says.body)) if says.drip_s else ():
                self.wfile.write(says.body[start : start + 1])
                time.sleep(says.drip_s)
            self.wfile.write(b"" if says.drip_s else says.body)
            for _ in range(says.pieces):
                self.wfile.write(PIECE)

    def log_message(self, format: str, *args: Any) -> None:
        pass
