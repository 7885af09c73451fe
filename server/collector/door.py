"""What the door refuses, before anything is stored: 4xx with a reason a developer can act on."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

from server.collector.asked import Asked
from server.collector.site import Site
from server.errors import BadHit

MAX_BODY_BYTES = 512 * 1024
MAX_QUERY_BYTES = 16 * 1024
MAX_HEADER_BYTES = 32 * 1024
MAX_DEPTH = 16
MAX_VALUES = 20_000
MAX_EVENTS = 500
OWN = frozenset({b"same-origin", b"none"})
"""What browsers say in Sec-Fetch-Site of a page of the collector's host, and of no page."""
CONTENT_TYPES = frozenset({"application/json", "text/plain", ""})

_JSON = msgspec.json.Decoder()
_NESTS = frozenset({dict, list})


def check_headers(headers: list[tuple[bytes, bytes]]) -> None:
    """431 for headers that only an attack or a broken cookie jar makes."""
    size = len(b"".join(chain.from_iterable(headers)))
    if size > MAX_HEADER_BYTES:
        raise BadHit(431, "headers_too_large", f"{size} bytes, at most {MAX_HEADER_BYTES}")


def check_origin(asked: Asked, site: Site) -> None:
    """403 for a page that the container does not name. No Origin: not a page; servers may send."""
    origin = asked.fields.get(b"origin")
    if origin is not None and not site.allows(origin, asked.fields.get(b"host", b"")):
        raise BadHit(
            403,
            "origin",
            f"{origin[:200].decode('latin-1')!r} is not among `sites` of container"
            f" {site.container.id!r}",
            at="header Origin",
        )


def check_image(asked: Asked, site: Site) -> None:
    """The same of an image that carries a hit. The tag's own names its page; of one that does not,
    browsers say whether another site shows it."""
    check_origin(asked, site)
    shown_by = asked.fields.get(b"sec-fetch-site", b"none")
    if b"origin" not in asked.fields and shown_by not in OWN:
        detail = f"an image without an Origin, {shown_by[:20].decode('latin-1')}"
        raise BadHit(403, "origin", detail, at="header Sec-Fetch-Site")


@lru_cache(maxsize=256)
def check_media(content_type: bytes, content_encoding: bytes) -> None:
    """415 for anything but JSON, sent as application/json or text/plain."""
    kind = content_type.decode("latin-1").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise BadHit(
            415,
            "content_type",
            f"{kind[:100]!r}; expected application/json or text/plain",
            at="header Content-Type",
        )
    if content_encoding not in (b"", b"identity"):
        raise BadHit(
            415, "content_encoding", "compressed bodies are not taken", at="header Content-Encoding"
        )


def check_query(query: bytes) -> None:
    """414 for a query string longer than any browser makes by itself."""
    if len(query) > MAX_QUERY_BYTES:
        raise BadHit(414, "query_too_long", f"{len(query)} bytes, at most {MAX_QUERY_BYTES}")


def too_large() -> BadHit:
    """413: said from Content-Length, or as soon as the bytes that came are too many."""
    return BadHit(413, "body_too_large", f"more than {MAX_BODY_BYTES} bytes")


def check_body(body: bytes) -> None:
    """400 unless the body is a JSON object of UTF-8 text, neither too deep nor too wide."""
    _check_shape(body)
    try:
        if not body.isascii():
            body.decode("utf-8")
        document = _JSON.decode(body)
    except UnicodeDecodeError as error:
        raise BadHit(400, "not_utf8", str(error.reason), at=f"byte {error.start}") from error
    except RecursionError as error:
        raise BadHit(400, "too_deep", f"nested deeper than {MAX_DEPTH}") from error
    except msgspec.DecodeError as error:
        raise BadHit(400, "not_json", str(error)) from error
    if not isinstance(document, dict):
        raise BadHit(400, "not_an_object", "expected a JSON object", at="$")
    events = document.get("events")
    if isinstance(events, list) and len(events) > MAX_EVENTS:
        raise BadHit(400, "too_many_events", f"{len(events)}, at most {MAX_EVENTS}", at="$.events")
    if _opened(body) > MAX_DEPTH and _is_deeper(document):
        raise BadHit(400, "too_deep", f"nested deeper than {MAX_DEPTH}")


def _check_shape(body: bytes) -> None:
    """Commas bound the number of values, so that a bomb is refused before it is parsed."""
    if not body:
        raise BadHit(400, "empty_body", "expected a JSON object", at="$")
    if len(body) <= MAX_VALUES:
        return
    if body.count(b",") > MAX_VALUES or _opened(body) > MAX_VALUES:
        raise BadHit(400, "too_many_values", f"more than {MAX_VALUES}")


def _opened(body: bytes) -> int:
    """How many objects and arrays begin: an upper bound of the depth, cheap to know."""
    return body.count(b"{") + body.count(b"[")


def _is_deeper(document: dict[str, Any]) -> bool:
    """Whether objects and arrays nest deeper than MAX_DEPTH; goes down level by level."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _NESTS
        ]
    return bool(level)
