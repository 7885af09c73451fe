"""HubSpot's custom events, one or a batch: 204, or an error that names what is wrong with one.

https://developers.hubspot.com/docs/api-reference/events-send-event-data-v3/guide
"""

from __future__ import annotations

import re
from typing import Any

from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    bearer,
    decode,
    is_integer,
    is_text,
    iso_ms,
    read_events,
    read_list,
)

WHO = ("email", "utk", "objectId")
_NAME = re.compile(r"(?:pe\d+_)?[a-z][a-z0-9_-]{0,99}")


def read(asked: Asked) -> Read:
    if asked.path.endswith("/batch"):
        found = read_list(asked, "inputs", most=500, check=_event)
    else:
        found = read_events([decode(asked.body)], asked, where="", most=1, check=_event)
    found.denied = bearer(asked)
    return found


def _event(event: dict[str, Any], _: Asked) -> Item:
    own, name = str(event.get("uuid", "")), str(event.get("eventName", ""))
    return Item(id=own, name=name, faults=[*_faults(event)])


def _faults(event: dict[str, Any]) -> Found:
    if not _NAME.fullmatch(str(event.get("eventName", ""))):
        yield "eventName: expected pe<account>_<name>"
    if not any(is_text(event.get(key)) for key in WHO):
        yield f"email: expected one of {', '.join(WHO)}"
    at = event.get("occurredAt")
    if at is not None and not is_integer(at) and iso_ms(at) is None:
        yield "occurredAt: expected ISO 8601"
    properties = event.get("properties", {})
    if not isinstance(properties, dict) or len(properties) > 50:
        yield "properties: expected an object of at most 50"
        return
    for key, value in properties.items():
        if isinstance(value, dict | list) or len(str(value)) > 1024:
            yield f"properties.{key}: expected a text of at most 1024 characters"


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    return _error(400, "VALIDATION_ERROR", faults) if faults else Answer(status=204)


def _error(status: int, category: str, told: list[str]) -> Answer:
    content = {
        "status": "error",
        "message": told[0],
        "correlationId": "recorder",
        "category": category,
        "errors": [{"message": one, "in": one.partition(":")[0]} for one in told],
    }
    return json_answer(status, content)


PARTNER = Partner(
    name="hubspot",
    title="HubSpot",
    docs="https://developers.hubspot.com/docs/api-reference/events-send-event-data-v3/guide",
    path=re.compile(r"/events/(?:custom/)?v3/send(?:/batch)?"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_error(429, "RATE_LIMITS", ["You have reached your secondly limit."]),
    revoked=_error(401, "INVALID_AUTHENTICATION", ["Authentication credentials not found."]),
)
