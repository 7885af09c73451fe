"""What an answer means, for partners whose status does not lie; and its text, for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from server.delivery import Delivered, Denied, Outcome, Refused, Response, Retry

MAX_DETAIL_CHARS = 4096
"""Of an answer's text: more than is kept, since whoever keeps it looks for secrets first."""


TOO_LARGE = 413


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


def judge_unclear(response: Response) -> Outcome:
    """What an answer means that is not in the partner's own words: a page of HTML comes from
    something before the partner, and a success that says nothing is none."""
    outcome = judge_status(response)
    if isinstance(outcome, Retry) or response.status == TOO_LARGE:
        return outcome
    is_page = response.body.lstrip()[:1] == b"<"
    if isinstance(outcome, Delivered) or is_page:
        return Retry("unclear_answer", text_of(response))
    return outcome


def told(said: Mapping[str, Any], *names: str) -> str:
    """What an answer says under some names, in one line."""
    found = (said[name] for name in names if said.get(name))
    parts = (", ".join(map(str, one)) if isinstance(one, list) else str(one) for one in found)
    return "; ".join(part[:1000] for part in parts)[:MAX_DETAIL_CHARS]


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


def listed(of: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list under a name, whatever else is there."""
    found = of.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def inner(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a name, whatever else is there."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}
