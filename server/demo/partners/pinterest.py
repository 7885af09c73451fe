"""Pinterest's API for Conversions: a status for each event, and 422 when one of them failed.

https://developers.pinterest.com/docs/api/v5/events-create
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
    hashes,
    inner,
    is_text,
    iso_currency,
    named,
    read_list,
    seconds,
    texts,
    within,
)

OLDEST_MS = 7 * DAY_MS
SOURCES = ("app_android", "app_ios", "offline", "web")
HASHED = (
    "em", "ph", "ge", "db", "ln", "fn", "ct", "st", "zp", "country", "external_id", "hashed_maids",
)  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def read(asked: Asked) -> Read:
    found = read_list(asked, "data", most=1000, check=_event)
    found.denied = bearer(asked)
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id, name = str(event.get("event_id", "")), str(event.get("event_name", ""))
    faults = [*_own(event, asked.now), *within("user_data", _user(inner(event, "user_data")))]
    faults += within("custom_data", _custom(inner(event, "custom_data")))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from texts(event, "event_name", "event_id")
    yield from among(event, "action_source", SOURCES)
    at_ms = seconds(event.get("event_time"))
    yield from named("event_time", aged(at_ms, now, oldest_ms=OLDEST_MS))


def _user(user: dict[str, Any]) -> Found:
    is_browser = user.get("client_ip_address") and user.get("client_user_agent")
    if not (user.get("em") or user.get("hashed_maids") or is_browser):
        yield "*: expected em, hashed_maids, or client_ip_address with client_user_agent"
    for key in HASHED:
        if key in user and not isinstance(user[key], list):
            yield f"{key}: expected a list"
    yield from hashes(user, *HASHED)


def _custom(custom: dict[str, Any]) -> Found:
    yield from iso_currency(custom, "currency")
    value = custom.get("value", "0")
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        yield "value: expected a number in a text"
    contents = custom.get("contents", [])
    for number, content in enumerate(contents if isinstance(contents, list) else [None]):
        if not isinstance(content, dict):
            yield f"contents[{number}]: expected an object"
        elif "item_price" in content and not is_text(content["item_price"]):
            yield f"contents[{number}].item_price: expected a number in a text"


def answer(read: Read) -> Answer:
    if read.faults:
        return _error(400, 1, read.faults[0])
    events = [
        {"status": "failed", "error_message": item.faults[0], "warning_message": ""}
        if item.faults
        else {"status": "processed", "error_message": "", "warning_message": ""}
        for item in read.items
    ]
    counts = {
        "num_events_received": len(events),
        "num_events_processed": len(events) - len(read.faulty),
    }
    return json_answer(422 if read.faulty else 200, counts | {"events": events})


def _error(status: int, code: int, message: str) -> Answer:
    return json_answer(status, {"code": code, "message": message})


PARTNER = Partner(
    name="pinterest",
    title="Pinterest",
    docs="https://developers.pinterest.com/docs/api/v5/events-create",
    path=re.compile(r"/v5/ad_accounts/\d+/events"),
    read=read,
    answer=answer,
    throttled=_error(429, 8, "You have exceeded your rate limit. Try again later."),
    revoked=_error(401, 2, "Authentication failed."),
)
