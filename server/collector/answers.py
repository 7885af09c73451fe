"""What the collector says: nothing, a pixel, or what is wrong and where."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.responses import Response

from server.dialects import DIALECTS
from server.errors import BadHit, JournalUnwritable
from server.model import Hit, Position, Reject

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def stored() -> Response:
    """The hit is on the disk."""
    return Response(status_code=204, headers=NO_STORE)


def pixel() -> Response:
    """The hit is on the disk, and an image was asked for."""
    return Response(PIXEL, media_type="image/gif", headers=NO_STORE)


def refused(error: BadHit) -> Response:
    """Nothing was stored; the reason stands in the body and in a header."""
    body = {"error": f"{error.reason}: {error.detail}", "at": error.at}
    headers = {**NO_STORE, "X-Freehold-Error": error.reason}
    return _json(body, status=error.status, headers=headers)


def unwritable(error: JournalUnwritable) -> Response:
    """The disk cannot promise anything now; the tag keeps the events and comes again."""
    headers = {
        **NO_STORE,
        "X-Freehold-Error": "unwritable",
        "Retry-After": str(error.retry_after_s),
    }
    body = {"error": "unwritable: the hit could not be stored; send it again", "at": ""}
    return _json(body, status=503, headers=headers)


def verdict(hit: Hit) -> Response:
    """What decoding made of a hit, for `?debug=1`. Its position is left out, and the visitor's id,
    which scripts of the page have no business to know."""
    return _json({"stored": True, "verdict": list(_verdicts(hit))}, headers=NO_STORE)


def _verdicts(hit: Hit) -> Iterator[dict[str, Any]]:
    for decoded in DIALECTS[hit.dialect](hit, Position(src=0, off=0)):
        if isinstance(decoded, Reject):
            yield {"event": decoded.idx, "reject": decoded.reason, "detail": decoded.detail,
                   "at": decoded.at}  # fmt: skip
            continue
        event, _ = decoded
        fields = msgspec.to_builtins(event)
        for name in ("src", "off", "hit_id", "visitor_id", "container_version", "withheld"):
            del fields[name]
        yield {"event": fields.pop("idx"), "accepted": {k: v for k, v in fields.items() if v}}


def _json(content: Any, *, headers: dict[str, str], status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )
