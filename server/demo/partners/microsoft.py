"""Microsoft's UET Conversions API: what it does not like stands in `error.details`, by its place;
with `continueOnValidationError` the others are taken, in a 200.

https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration
"""

from __future__ import annotations

import re
from typing import Any

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    among,
    bearer,
    decode,
    hashes,
    inner,
    is_text,
    is_url,
    money,
    named,
    read_list,
    seconds,
    texts,
    within,
)

OLDEST_MS = 7 * DAY_MS
ALL_OR_NONE = "continueOnValidationError: false, and an event is not right"
_PAGE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def read(asked: Asked) -> Read:
    found = read_list(asked, "data", most=1000, check=_event)
    found.denied = bearer(asked)
    document = decode(asked.body)
    goes_on = isinstance(document, dict) and document.get("continueOnValidationError") is True
    if found.faulty and not goes_on:
        found.faults.append(ALL_OR_NONE)
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id = str(event.get("eventId", ""))
    name = str(event.get("eventName") or event.get("eventType", ""))
    faults = [*_own(event, asked.now), *within("userData", _user(inner(event, "userData")))]
    faults += within("customData", money(inner(event, "customData"), "value", "currency"))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from among(event, "eventType", ("pageLoad", "custom"))
    at_ms = seconds(event.get("eventTime"))
    yield from named("eventTime", aged(at_ms, now, oldest_ms=OLDEST_MS))
    if event.get("eventType") == "pageLoad" and not is_url(event.get("eventSourceUrl")):
        yield "eventSourceUrl: a pageLoad needs it"
    if "pageLoadId" in event and not _PAGE.fullmatch(str(event["pageLoadId"]).lower()):
        yield "pageLoadId: expected a UUID of version 4"
    if "adStorageConsent" in event:
        yield from among(event, "adStorageConsent", ("G", "D"))
    yield from texts(event, *(key for key in ("eventId", "eventName") if key in event))


def _user(user: dict[str, Any]) -> Found:
    if not any(is_text(value) for value in user.values()):
        yield "*: expected something to know a customer by"
    yield from hashes(user, "em", "ph")


def answer(read: Read) -> Answer:
    details = [
        {"index": number, "propertyName": name, "attemptedValue": "", "errorMessage": told}
        for number in read.faulty
        for name, _, told in (read.items[number].faults[0].partition(": "),)
    ]
    content: dict[str, Any] = {"eventsReceived": len(read.items), "traceId": "recorder"}
    if read.faults or details:
        told = "Validation failed" if details else read.faults[0]
        content["error"] = {"code": "ValidationError", "message": told, "details": details}
    if read.faults:
        return json_answer(400, content | {"eventsReceived": 0})
    return json_answer(200, content | {"eventsReceived": len(read.items) - len(details)})


def _error(status: int, code: str, message: str) -> Answer:
    error = {"code": code, "message": message, "details": []}
    return json_answer(status, {"eventsReceived": 0, "error": error, "traceId": "recorder"})


PARTNER = Partner(
    name="microsoft",
    title="Microsoft",
    docs="https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration",
    path=re.compile(r"/v1/[^/]+/events"),
    read=read,
    answer=answer,
    throttled=_error(429, "TooManyRequests", "Too many requests"),
    revoked=_error(401, "Unauthorized", "The token is not valid"),
)
