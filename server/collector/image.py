"""A hit as the address of an image: `hit.gif?c=1&hit=…`, base64url of the body that a POST would
have, with or without its padding.

It comes from pages that may ask for images alone, and becomes the hit that the POST would be.
"""

from __future__ import annotations

import binascii

from msgspec.structs import replace

from server.collector.asked import Asked
from server.errors import BadHit

FIELD = b"hit="

_ALPHABET = bytes.maketrans(b"-_", b"+/")


def unwrap(asked: Asked) -> tuple[Asked, bytes | None]:
    """The request without the hit, and the hit as it was sent; None: it carries none. The last of
    several counts, as of everything in a query."""
    fields = asked.query.split(b"&")
    sent = [field for field in fields if field.startswith(FIELD)]
    if not sent:
        return asked, None
    rest = [field for field in fields if not field.startswith(FIELD)]
    return replace(asked, query=b"&".join(rest)), sent[-1].removeprefix(FIELD)


def body_of(sent: bytes) -> bytes:
    """The body; raises BadHit for what is not base64url."""
    padding = b"=" * (-len(sent) % 4)
    try:
        return binascii.a2b_base64(sent.translate(_ALPHABET) + padding, strict_mode=True)
    except binascii.Error as error:
        raise BadHit(400, "not_base64", str(error), at="query hit") from error
