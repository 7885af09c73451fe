"""What Braze's answers mean: a 201 tells which objects it has not taken.

https://www.braze.com/docs/api/errors
"""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Outcome, Refused, Response, Retry
from server.destinations.contract import document, judge_status, text_of

WAIT = "x-ratelimit-retry-after"
"""Seconds; Braze has a header of its own."""


def judge(response: Response) -> Outcome | Mixed:
    """An event has its place among the events, an order has its request to itself; attributes
    that are not taken leave the event as it is. A success that does not call itself one is none."""
    judged = judge_status(response)
    if isinstance(judged, Retry):
        seconds = response.headers.get(WAIT, "")
        return replace(judged, after_s=float(seconds)) if _is_count(seconds) else judged
    if not isinstance(judged, Delivered):
        return judged
    said = document(response)
    errors = said.get("errors")
    if errors and said.get("message") != "success":
        return Refused("not_taken", text_of(response))
    parts: dict[int, Outcome] = {}
    told = ""
    for one in errors if isinstance(errors, list) else []:
        fields = one if isinstance(one, dict) else {"type": one}
        text = str(fields.get("type", ""))[:1000]
        told = told or text
        place, kind = fields.get("index"), fields.get("input_array")
        if kind in ("events", "purchases") and type(place) is int and place >= 0:
            parts.setdefault(place if kind == "events" else 0, Refused("not_taken", text))
    return Mixed(parts) if parts else replace(judged, detail=told)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 7
