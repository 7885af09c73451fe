"""Segment's HTTP Tracking API, which RudderStack and others speak too: 200 and `success`, also for
events that it will drop; 400 only for what is no JSON or too large.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

from __future__ import annotations

import re
from typing import Any

from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    decode,
    is_text,
    iso_ms,
    read_events,
    read_list,
)

MAX_BYTES, MAX_EVENT_BYTES = 500_000, 32_000
TYPES = ("alias", "group", "identify", "page", "screen", "track")


def read(asked: Asked) -> Read:
    if len(asked.body) > MAX_BYTES:
        return Read(faults=["body: too large"])
    kind = asked.path.rpartition("/")[2]
    if kind in ("batch", "import"):
        found = read_list(asked, "batch", most=10_000, check=_event)
    else:
        document = decode(asked.body)
        event = {"type": kind, **document} if isinstance(document, dict) else document
        found = read_events([event], asked, where="", most=1, check=_event)
    document = decode(asked.body)
    in_body = isinstance(document, dict) and is_text(document.get("writeKey"))
    if not in_body and not asked.headers.get("authorization", "").startswith("Basic "):
        found.denied = "authorization: expected Basic, with the write key"
    return found


def _event(event: dict[str, Any], _: Asked) -> Item:
    own, kind = str(event.get("messageId", "")), str(event.get("type", ""))
    return Item(id=own, name=str(event.get("event") or kind), faults=[*_faults(event)])


def _faults(event: dict[str, Any]) -> Found:
    if event.get("type") not in TYPES:
        yield f"type: expected one of {', '.join(TYPES)}"
    if event.get("type") == "track" and not is_text(event.get("event")):
        yield "event: expected a text"
    if not is_text(event.get("userId")) and not is_text(event.get("anonymousId")):
        yield "userId: expected one, or an anonymousId"
    if "timestamp" in event and iso_ms(event["timestamp"]) is None:
        yield "timestamp: expected ISO 8601"
    for key in ("properties", "traits", "context"):
        if not isinstance(event.get(key, {}), dict):
            yield f"{key}: expected an object"


def answer(read: Read) -> Answer:
    return json_answer(400 if read.faults else 200, {"success": not read.faults})


PARTNER = Partner(
    name="segment",
    title="Segment",
    docs="https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/",
    path=re.compile(r"/v1/(?:batch|import|track|page|screen|identify|group|alias)"),
    read=read,
    answer=answer,
    revoked=json_answer(401, {"success": False}),
)
