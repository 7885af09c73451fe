"""A stand-in for the collector: serves pages and a tag, notes each hit, answers as it is told.

It can hang, cut the connection, be switched off and come back on the same port.
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from server.collector.answers import PIXEL
from server.collector.script import snippet, tag_script
from server.containers.model import Container, Cookie, CookieMode, Observe

WAIT_S = 20.0
PACES = {
    rb"(timeout\?\.\()2e4": rb"\g<1>1500",
    rb"()500(?=\*2\*\*)": rb"\g<1>20",
    rb"(setTimeout\(\w+,)1e3": rb"\g<1>50",
}
"""How long the tag waits for an answer, pauses and looks again; and a faster visitor's tag."""

PORTS: set[int] = set()
"""None is another recorder's later: browsers remember what was stored at an origin."""

COUNTER = "freehold.shop.n"
KEPT = f"Object.keys(localStorage).filter((key) => key != '{COUNTER}').length"
"""How much is stored beside the number of the browser's hits, in the page's words."""

HIDE = """() => {
  Object.defineProperty(document, 'hidden', {value: true, configurable: true});
  document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
}"""
"""What a page sees of a tab that goes into the background, where a phone may end it unheard."""


class Answer(Struct, frozen=True, kw_only=True):
    """What the next hit gets; `status` 0 cuts the connection without an answer."""

    status: int = 204
    headers: dict[str, str] = {}
    body: bytes = b""
    hold: threading.Event | None = None
    """The answer waits for it."""


class Received(Struct, frozen=True, kw_only=True):
    """A hit as it came in."""

    path: str
    content_type: str
    """`image`: it came in the address of one."""
    cookie: str
    origin: str
    size: int
    at: float
    """Seconds of the monotonic clock."""
    body: dict[str, Any]
    status: int = 204
    """What it was answered; 0: nothing."""

    @property
    def names(self) -> list[str]:
        return [event["name"] for event in self.body["events"]]

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.body["events"]]

    @property
    def tries(self) -> list[int]:
        return [event["try"] for event in self.body["events"]]


def make_container(
    mode: CookieMode = CookieMode.ALWAYS,
    *features: str,
    page_views: bool = True,
    name: str = "shop",
    **settings: Any,
) -> Container:
    """`features` are the keys of Observe that are switched on, `settings` those that say more."""
    switches: dict[str, Any] = dict.fromkeys(features, True)
    observe = Observe(page_views=page_views, **switches, **settings)
    return Container(id=name, sites=["self"], cookie=Cookie(mode=mode), observe=observe)


class Recorder:
    """`with Recorder() as recorder:` it listens on `recorder.origin`."""

    def __init__(self) -> None:
        self.hits: list[Received] = []
        self.pages: dict[str, tuple[str, str]] = {}
        self.container = make_container()
        self.vendors: list[int] = []
        self.rewrite: Callable[[bytes], bytes] = bytes
        self._answers: deque[Answer] = deque()
        self._changed = threading.Condition()
        self._port = 0

    def __enter__(self) -> Recorder:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def snippet(self) -> str:
        return snippet(self.container, origin=self.origin)

    def start(self) -> None:
        """Listens, again on the same port after stop()."""
        recorder = self

        class Handler(_Handler):
            owner = recorder

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        while not self._port and self._server.server_port in PORTS:
            self._server.server_close()
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._port = self._server.server_port
        PORTS.add(self._port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """From now on connections are refused."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, *answers: Answer) -> None:
        """What the next hits get; when there is nothing left, 204."""
        self._answers.extend(answers)

    def page(self, body: str = "", *, path: str = "/", head: str | None = None) -> str:
        """Makes a page that carries the snippet and says where it is."""
        head = self.snippet if head is None else head
        html = f"<!doctype html><html lang=en><title>Page {path}</title>{head}<body>{body}"
        self.pages[path] = ("text/html; charset=utf-8", html)
        return self.origin + path

    def wait(self, count: int) -> list[Received]:
        """All hits so far, as soon as there are `count`; fails when they do not come."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.hits) >= count, WAIT_S)
            assert came, f"{len(self.hits)} hits, expected {count}: {[h.names for h in self.hits]}"
            return list(self.hits)

    def until(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """All events so far, as soon as `count` of this name are among them."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._counted(name) >= count, WAIT_S)
            assert came, f"{self._counted(name)} {name} in {[h.names for h in self.hits]}"
            return [event for hit in self.hits for event in hit.body["events"]]

    def told(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The props of all events of a name, as soon as there are `count`."""
        events = self.until(name, count)
        return [event.get("props", {}) for event in events if event["name"] == name]

    def _counted(self, name: str) -> int:
        return sum(hit.names.count(name) for hit in self.hits)

    def note(self, hit: Received) -> Answer:
        """Keeps a hit and draws its answer."""
        with self._changed:
            answer = self._answers.popleft() if self._answers else Answer()
            self.hits.append(replace(hit, status=answer.status))
            self._changed.notify_all()
            return answer

    def hurry(self) -> None:
        """From now on the tag served has shorter pauses, for tests that are not about them."""

        def faster(tag: bytes) -> bytes:
            for pace, shorter in PACES.items():
                tag, count = re.subn(pace, shorter, tag)
                assert count == 1, pace
            return tag

        self.rewrite = faster

    def tag(self) -> bytes:
        """The container's tag.js."""
        path = f"/{self.container.id}/hit"
        script = tag_script(self.container, hit_path=path, vendors=self.vendors)
        return self.rewrite(script.body)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.0: a connection ends with its answer, so none outlives its test."""

    owner: Recorder
    timeout = 10

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.endswith(".gif") and (sent := re.search(r"&hit=([\w-]+=*)$", query)):
            self._take(urlsafe_b64decode(sent[1]), "image")
            return
        if path.endswith("/tag.js"):
            self._send(200, "text/javascript", self.owner.tag())
            return
        kind, text = self.owner.pages.get(path, ("text/plain", ""))
        self._send(200 if text else 404, kind, text.encode())

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self._take(raw, self.headers["Content-Type"])

    def _take(self, raw: bytes, content_type: str) -> None:
        """Notes a hit and answers it; to an image with an image, when all is well or that is what
        the answer says."""
        hit = Received(
            path=self.path,
            content_type=content_type,
            cookie=self.headers.get("Cookie", ""),
            origin=self.headers.get("Origin", ""),
            size=len(raw),
            at=time.monotonic(),
            body=json.loads(raw),
        )
        answer = self.owner.note(hit)
        if answer.hold:
            answer.hold.wait(WAIT_S)
        if answer.status:
            cookie = {} if hit.cookie else {"Set-Cookie": "fh_shop=somebody; Path=/; HttpOnly"}
            headers = {**cookie, **self._cors(), **answer.headers}
            if content_type == "image" and answer.status == 204:
                answer = replace(answer, status=200, body=PIXEL)
            kind = "image/gif" if answer.body == PIXEL else "text/plain"
            self._send(answer.status, kind, answer.body, headers)

    def _cors(self) -> dict[str, str]:
        return {
            "Access-Control-Allow-Origin": self.headers.get("Origin", "*"),
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "Retry-After",
        }

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass
