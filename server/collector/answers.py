"""What the collector says to a hit: nothing, a pixel, or what is wrong and where.

An Answer is a value; `plain` sends it through ASGI, `hit_protocol` writes it to the socket.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.collector.asked import Asked
from server.collector.hits import Arrival
from server.collector.site import Site
from server.dialects import DIALECTS
from server.errors import BadHit, JournalUnwritable, OptedOut
from server.model import Hit, Position, Reject

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
NO_STORE = b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
IMAGE = b"content-type: image/gif\r\n"
JSON = b"content-type: application/json\r\n"
CLOSE = b"connection: close\r\n"
FOREIGN = b"vary: Origin\r\n"
ALLOWED = (
    b"vary: Origin\r\n"
    b"access-control-allow-origin: %b\r\n"
    b"access-control-allow-credentials: true\r\n"
    b"access-control-expose-headers: X-Freehold-Error, Retry-After\r\n"
)
BODILESS = frozenset({204, 304})
CLOSING = frozenset({408, 413})
"""Answers after which the rest of the request would still be on its way: the connection ends."""


class Answer(Struct, frozen=True, kw_only=True, gc=False):
    """A status, headers and a body."""

    status: int
    head: bytes = NO_STORE
    """Headers as HTTP/1.1 writes them, each line with its end; names in lower case."""
    body: bytes = b""

    def more(self, *lines: bytes) -> Answer:
        """The same answer with more header lines."""
        return replace(self, head=b"".join((self.head, *lines)))

    def to_http(self, *lines: bytes) -> bytes:
        """The whole answer as HTTP/1.1 writes it, with more header lines."""
        length = b"" if self.status in BODILESS else b"content-length: %d\r\n" % len(self.body)
        first = _STATUS_LINES[self.status]
        return b"".join((first, self.head, *lines, length, b"\r\n", self.body))

    def to_asgi(self) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI wants them."""
        return list(_pairs(self.head))


_STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}

STORED = Answer(status=204)
"""The hit is on the disk."""
STORED_PIXEL = Answer(status=200, head=NO_STORE + IMAGE, body=PIXEL)
"""The same, and an image was asked for."""
PREFLIGHT = Answer(
    status=204,
    head=(
        b"access-control-allow-headers: Content-Type\r\n"
        b"access-control-allow-methods: POST\r\n"
        b"access-control-max-age: 86400\r\n"
    ),
)


def refused(error: BadHit) -> Answer:
    """Nothing was stored; the reason stands in the body and in a header."""
    if isinstance(error, OptedOut):
        return STORED.more(_reason(error.reason), set_cookie(error.cookie))
    if error.status in BODILESS:
        return STORED.more(_reason(error.reason))
    body = {"error": f"{error.reason}: {error.detail}", "at": error.at}
    return _json(body, status=error.status, reason=error.reason)


def shown(answer: Answer) -> Answer:
    """The same of a hit that came as an image, and is refused for good: the image comes, with the
    status and the reason, since all that a page hears is whether it comes. Without one the page
    sends the hit again."""
    status = 200 if answer.status in BODILESS else answer.status
    return Answer(status=status, head=answer.head.replace(JSON, b"") + IMAGE, body=PIXEL)


def unwritable(retry_after_s: int, reason: str = JournalUnwritable.reason) -> Answer:
    """The disk cannot promise anything now; the tag keeps the events and comes again."""
    body = {"error": f"{reason}: the hit could not be stored; send it again", "at": ""}
    answer = _json(body, status=503, reason=reason)
    return answer.more(b"retry-after: %d\r\n" % retry_after_s)


def stored(arrival: Arrival, answer: Answer) -> Answer:
    """The answer to a stored hit: the usual one, or the verdict for `?debug=1`."""
    return verdict(arrival.hit) if arrival.debug else answer


def cookie(arrival: Arrival) -> bytes:
    """The lines that set cookies, when they are due."""
    return b"".join([set_cookie(value) for value in arrival.set_cookies])


def set_cookie(value: str) -> bytes:
    """The line that sets a cookie."""
    return b"set-cookie: %b\r\n" % value.encode()


def verdict(hit: Hit) -> Answer:
    """What decoding made of a hit, for `?debug=1`. Its position is left out, and the visitor's id,
    which scripts of the page have no business to know."""
    return _json({"stored": True, "verdict": list(_verdicts(hit))})


def cors(asked: Asked, site: Site | None) -> bytes:
    """CORS, exactly: the origin of a page that the container names, and no other."""
    origin = asked.fields.get(b"origin")
    if origin is None:
        return b""
    if site is None or not site.allows(origin, asked.fields.get(b"host", b"")):
        return FOREIGN
    return ALLOWED % origin


def _verdicts(hit: Hit) -> Iterator[dict[str, Any]]:
    for decoded in DIALECTS[hit.dialect](hit, Position(src=0, off=0)):
        if isinstance(decoded, Reject):
            yield {"event": decoded.idx, "reject": decoded.reason, "detail": decoded.detail,
                   "at": decoded.at}  # fmt: skip
            continue
        event, _ = decoded
        fields = msgspec.to_builtins(event)
        for name in ("src", "off", "visitor_id", "container_version", "withheld"):
            fields.pop(name, None)
        yield {"event": fields.pop("idx"), "accepted": {k: v for k, v in fields.items() if v}}


def _json(content: Any, *, status: int = 200, reason: str = "") -> Answer:
    head = NO_STORE + JSON
    if reason:
        head += _reason(reason)
    return Answer(status=status, head=head, body=msgspec.json.encode(content))


def _reason(reason: str) -> bytes:
    return b"x-freehold-error: %b\r\n" % reason.encode()


@lru_cache(maxsize=256)
def _pairs(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    lines = [line.partition(b": ") for line in head.split(b"\r\n")[:-1]]
    return tuple((name, value) for name, _, value in lines)
