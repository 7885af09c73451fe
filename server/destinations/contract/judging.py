"""What an answer means, for partners whose status does not lie; and its text, for the others."""

from __future__ import annotations

from typing import Any

import msgspec

from server.delivery import Delivered, Denied, Outcome, Refused, Response, Retry

MAX_DETAIL_CHARS = 4096
"""Of an answer's text: more than is kept, since whoever keeps it looks for secrets first."""


def judge_status(response: Response) -> Outcome:
    """What the status alone says."""
    status = response.status
    text = text_of(response)
    if 200 <= status < 300:
        return Delivered()
    if status in (401, 403):
        return Denied("credentials", text)
    if status in (408, 425, 429) or status >= 500:
        return Retry(f"http_{status}", text)
    if 300 <= status < 400:
        place = response.headers.get("location", "nowhere")[:MAX_DETAIL_CHARS]
        return Refused("redirect", f"to {place.encode(errors='replace').decode()}")
    return Refused(f"http_{status}", text)


def text_of(response: Response) -> str:
    """The beginning of an answer's body, whatever its bytes are."""
    return response.body[: 4 * MAX_DETAIL_CHARS].decode(errors="replace")[:MAX_DETAIL_CHARS]


def document(response: Response) -> dict[str, Any]:
    """The object that an answer's body is; empty: it is no JSON, or no object."""
    try:
        found = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
