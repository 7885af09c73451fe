"""tag.js as it is served: from memory, in the smallest encoding that the browser takes, or not at
all when it has it."""

from __future__ import annotations

from msgspec.structs import replace

from server.collector.answers import Answer
from server.collector.asked import Asked
from server.collector.script import Script

HEAD = (
    b"cache-control: public, max-age=300, stale-while-revalidate=86400\r\n"
    b"cross-origin-resource-policy: cross-origin\r\n"
    b"vary: Accept-Encoding\r\n"
    b"x-content-type-options: nosniff\r\n"
)
PRIVATE = HEAD.replace(b"public, max-age=300, stale-while-revalidate=86400", b"private, no-store")
"""Of a draft's tag: for one browser, and now."""
TYPE = b"content-type: text/javascript; charset=utf-8\r\n"


def serve(script: Script, asked: Asked, *, head: bytes = HEAD) -> Answer:
    """The tag, or 304."""
    answer = Answer(status=304, head=head + b"etag: %b\r\n" % script.etag.encode())
    if script.etag in asked.text(b"if-none-match"):
        return answer
    coding, body = _smallest(script, asked.text(b"accept-encoding"))
    return replace(answer.more(TYPE, coding), status=200, body=body)


def _smallest(script: Script, accepted: str) -> tuple[bytes, bytes]:
    """The header of the encoding, and the body in it."""
    if script.brotli and takes(accepted, "br"):
        return b"content-encoding: br\r\n", script.brotli
    if takes(accepted, "gzip"):
        return b"content-encoding: gzip\r\n", script.gzip
    return b"", script.body


def takes(accepted: str, coding: str) -> bool:
    """Whether an Accept-Encoding header names a coding, and not to refuse it."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == coding:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False
