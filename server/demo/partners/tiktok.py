"""TikTok's Events API 2.0: HTTP 200 whatever happened; the body's `code` says what did.

https://business-api.tiktok.com/portal/docs?id=1771100865818625
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
    decode,
    hashes,
    inner,
    is_address,
    is_number,
    is_text,
    is_url,
    money,
    named,
    read_list,
    seconds,
    texts,
    within,
)

SOURCES = ("web", "app", "offline", "crm")
OLDEST_MS = 28 * DAY_MS
HASHED = ("email", "phone", "external_id", "first_name", "last_name", "zip_code")
OK, PARTIAL, INVALID, THROTTLED, EMPTY_TOKEN, WRONG_TOKEN = 0, 20001, 40002, 40100, 40104, 40105


def read(asked: Asked) -> Read:
    found = read_list(asked, "data", most=1000, check=_event)
    if not asked.headers.get("access-token"):
        found.denied = "access-token: missing"
    document = decode(asked.body)
    if isinstance(document, dict):
        found.faults += among(document, "event_source", SOURCES)
        found.faults += texts(document, "event_source_id")
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id, name = str(event.get("event_id", "")), str(event.get("event", ""))
    faults = [*_own(event, asked.now), *within("user", _user(inner(event, "user")))]
    faults += within("properties", _properties(inner(event, "properties"), name))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from texts(event, "event")
    at_ms = seconds(event.get("event_time"))
    yield from named("event_time", aged(at_ms, now, oldest_ms=OLDEST_MS))
    if "event_id" in event and not is_text(event["event_id"]):
        yield "event_id: expected a text"
    for key in ("user", "properties", "page"):
        if key in event and not isinstance(event[key], dict):
            yield f"{key}: expected an object"
    page = inner(event, "page")
    if "url" in page and not is_url(page["url"]):
        yield "page.url: expected an address"


def _user(user: dict[str, Any]) -> Found:
    yield from hashes(user, *HASHED)
    if "ip" in user and not is_address(user["ip"]):
        yield "ip: expected an address"
    for key in ("user_agent", "ttclid", "ttp", "locale", "city", "state", "country"):
        if key in user and not is_text(user[key]):
            yield f"{key}: expected a text"


def _properties(properties: dict[str, Any], name: str) -> Found:
    yield from money(properties, "value", "currency")
    for key in ("value", "currency") if name in ("CompletePayment", "Purchase") else ():
        if key not in properties:
            yield f"{key}: {name} needs it"
    if "content_type" in properties:
        yield from among(properties, "content_type", ("product", "product_group"))
    contents = properties.get("contents", [])
    if not isinstance(contents, list):
        yield "contents: expected a list"
        return
    for number, content in enumerate(contents):
        if not isinstance(content, dict):
            yield f"contents[{number}]: expected an object"
            continue
        for key in ("price", "quantity"):
            if key in content and not is_number(content[key]):
                yield f"contents[{number}].{key}: expected a number"


def answer(read: Read) -> Answer:
    """Good events are taken, the others told by their place: as `/pixel/batch/` tells them, the
    documents show no such answer of `/event/track/`."""
    if read.faults:
        return _said(INVALID, f"Invalid params: {read.faults[0]}")
    failed = [
        {"order_in_batch": n, "error_code": INVALID, "error_message": read.items[n].faults[0]}
        for n in read.faulty
    ]
    if not failed:
        return _said(OK, "OK")
    if len(failed) == len(read.items):
        return _said(INVALID, f"Invalid params: {failed[0]['error_message']}")
    return _said(PARTIAL, "Partial success", {"failed_events": failed})


def _said(code: int, message: str, data: Any = None) -> Answer:
    content = {"code": code, "message": message, "request_id": "recorder", "data": data or {}}
    return json_answer(200, content)


PARTNER = Partner(
    name="tiktok",
    title="TikTok",
    docs="https://business-api.tiktok.com/portal/docs?id=1771100865818625",
    path=re.compile(r"/open_api/v[\d.]+/event/track/?"),
    read=read,
    answer=answer,
    throttled=_said(THROTTLED, "Too many requests. Please retry in some time."),
    revoked=_said(WRONG_TOKEN, "Access token is incorrect or has been revoked."),
)
