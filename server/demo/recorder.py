"""The recorder: stands in for partners. It answers every POST and PUT as the partner whose path it
is would, keeps the last in memory, and shows them beside the events that they were made from.

GET /              the page, which asks the next two each second
GET /requests      ?after=N: what was received after number N; and how each partner stands
GET /events        the newest rows of `events` of the container `demo`
GET PUT /trouble   what goes wrong, by script: `trouble.py` has the words
GET /taken         ?partner=meta: a line an event that it took, with what it deduplicates by
POST PUT *         as a partner

What it shows and is told is for addresses and `localhost` alone: a page elsewhere could point a
host name of its own at this machine, and would read it all. Partners are asked by any name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import mimetypes
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from server.demo.partners.contract import Asked
from server.demo.playing import Stage
from server.demo.received import MAX_BODY_BYTES, Arrived, Shelf
from server.demo.speaking import MAX_UNPACKED_BYTES, say, unpacked
from server.demo.trouble import Script
from server.errors import FreeholdError

PAGES = Path(__file__).parent / "pages"
FILES = {
    "/": "recorder.html",
    "/recorder.css": "recorder.css",
    "/recorder.js": "recorder.js",
    "/icon.svg": "icon.svg",
}
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]{1,5})?")
OWN_PATHS = {*FILES, "/requests", "/events", "/trouble", "/taken"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
EVENTS_EVERY_MS = 800
"""However many pages are open, ClickHouse is not asked more often."""

MISDIRECTED = (
    "The recorder shows what it received only by an address or as localhost, such as "
    "http://127.0.0.1:8002/; it does not answer to the name in this request's Host.\n"
)

_SCRIPT = msgspec.json.Decoder(Script)

Events = Callable[[], list[dict[str, Any]]]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_recorder(
    *, events: Events, now: Callable[[], int], stage: Stage | None = None, signing_secret: str = ""
) -> Starlette:
    """The application; `stage` has the partners' troubles and books; webhooks that are signed
    must be signed with `signing_secret`."""
    stage = stage or Stage()
    shelf = Shelf()

    async def take(request: Request) -> Response:
        if request.url.path in OWN_PATHS:
            return Response(status_code=405, headers={**HEADERS, "Allow": "GET"})
        try:
            packed, size = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        body = unpacked(request.headers, packed)
        if body is None or size > MAX_UNPACKED_BYTES:
            return Response(status_code=413)
        asked = _asked(request, body, now=now(), secret=signing_secret)
        played = stage.play(asked)
        shelf.add(_arrived(asked, size), played, now=asked.now)
        return await say(played, request)

    app = Starlette(
        routes=[
            *(_page(path, name) for path, name in FILES.items()),
            _requests(shelf, stage, run=now()),
            _events(_Latest(events, now)),
            *_control(stage, now),
            Route("/{path:path}", take, methods=["POST", "PUT"]),
        ]
    )
    app.router.redirect_slashes = False
    return app


def _requests(shelf: Shelf, stage: Stage, *, run: int) -> Route:
    """What was received; `run` tells a page that the recorder began anew."""

    @_at_home
    async def requests(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        number = int(after) if after.isdecimal() and len(after) < 16 else 0
        return _json(
            {
                "run": run,
                "last": shelf.last,
                "requests": shelf.after(number),
                "partners": stage.standings(),
            }
        )

    return Route("/requests", requests, methods=["GET"])


class _Latest:
    """The newest events, asked for by one at a time."""

    def __init__(self, events: Events, now: Callable[[], int]) -> None:
        self._events = events
        self._now = now
        self._lock = asyncio.Lock()
        self._asked_at = 0
        self._answer: dict[str, Any] = {"events": [], "problem": ""}

    async def get(self) -> dict[str, Any]:
        """The rows, or why there are none now."""
        async with self._lock:
            if self._now() - self._asked_at >= EVENTS_EVERY_MS:
                try:
                    rows = await asyncio.to_thread(self._events)
                    self._answer = {"events": rows, "problem": ""}
                except FreeholdError as error:
                    self._answer = {"events": [], "problem": str(error)[:300]}
                self._asked_at = self._now()
            return self._answer


def _events(latest: _Latest) -> Route:
    @_at_home
    async def rows(_: Request) -> Response:
        return _json(await latest.get())

    return Route("/events", rows, methods=["GET"])


def _at_home(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for those who ask by an address or for localhost; else 421."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        if _is_home(request.headers.get("host", "")):
            return await endpoint(request)
        return Response(MISDIRECTED, status_code=421, media_type="text/plain", headers=HEADERS)

    return answer


def _is_home(host: str) -> bool:
    """Whether a Host header cannot be a foreign name: DNS has no say in it."""
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = (match["v6"] or match["name"]).lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _read(request: Request) -> tuple[bytes, int]:
    """The body, read to its end and kept to its limit; and its size."""
    kept, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        kept += piece[: MAX_UNPACKED_BYTES - len(kept)]
    return bytes(kept), size


def _asked(request: Request, body: bytes, *, now: int, secret: str) -> Asked:
    return Asked(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        headers={name.lower(): text for name, text in request.headers.items()},
        body=body,
        now=now,
        secret=secret if "webhook-signature" in request.headers else "",
    )


def _arrived(asked: Asked, size: int) -> Arrived:
    """What is kept of it."""
    return Arrived(
        method=asked.method,
        path=asked.path,
        query=asked.query,
        body=asked.body[:MAX_BODY_BYTES],
        size=size,
    )


def _control(stage: Stage, now: Callable[[], int]) -> list[Route]:
    """What a test tells the recorder, and asks it."""

    @_at_home
    async def trouble(request: Request) -> Response:
        if request.method == "PUT":
            try:
                stage.troubles.set(_SCRIPT.decode(await request.body()), now=now())
            except msgspec.DecodeError as error:
                return Response(f"{error}\n", 400, HEADERS, media_type="text/plain")
        return _json(stage.troubles.script)

    @_at_home
    async def taken(request: Request) -> Response:
        book = stage.taken.of(request.query_params.get("partner", ""))
        lines = b"".join(msgspec.json.encode(once) + b"\n" for once in book)
        return Response(lines, headers=HEADERS, media_type="application/x-ndjson")

    return [
        Route("/trouble", trouble, methods=["GET", "PUT"]),
        Route("/taken", taken, methods=["GET"]),
    ]


def _page(path: str, name: str) -> Route:
    body = (PAGES / name).read_bytes()
    kind = mimetypes.guess_type(name)[0]

    @_at_home
    async def page(_: Request) -> Response:
        return Response(body, media_type=kind, headers=HEADERS)

    return Route(path, page, methods=["GET"])


def _json(content: Any) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, media_type="application/json", headers=HEADERS)
