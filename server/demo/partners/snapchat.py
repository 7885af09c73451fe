"""Snapchat's Conversions API v3. Its rules are Meta's with other names; one event that is not
right, and the request is `INVALID`.

https://developers.snap.com/api/marketing-api/Conversions-API/UsingTheAPI
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    hashes,
    inner,
    is_address,
    iso_currency,
    named,
    read_list,
    seconds,
    texts,
    within,
)

OLDEST_MS = {"APP": 37 * DAY_MS, "MOBILE_APP": 37 * DAY_MS}
SOURCES = ("APP", "MOBILE_APP", "OFFLINE", "WEB", "WEBSITE")
HASHED = ("em", "ph", "fn", "ln", "ge", "ct", "st", "zp", "country", "external_id", "madid")


def read(asked: Asked) -> Read:
    found = read_list(asked, "data", most=2000, check=_event)
    if not dict(parse_qsl(asked.query)).get("access_token"):
        found.denied = "access_token: missing"
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id, name = str(event.get("event_id", "")), str(event.get("event_name", ""))
    faults = [*_own(event, asked.now), *within("user_data", _user(inner(event, "user_data")))]
    faults += within("custom_data", iso_currency(inner(event, "custom_data"), "currency"))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from texts(event, "event_name")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", str(event.get("event_name", ""))):
        yield "event_name: expected capital letters, such as PURCHASE"
    source = str(event.get("action_source", "")).upper()
    if source not in SOURCES:
        yield f"action_source: expected one of {', '.join(SOURCES)}"
    at_ms = seconds(event.get("event_time"))
    if at_ms is not None and at_ms > now * 500:
        at_ms //= 1000  # ms are taken too
    yield from named("event_time", aged(at_ms, now, oldest_ms=OLDEST_MS.get(source, 7 * DAY_MS)))
    if source in ("WEB", "WEBSITE"):
        yield from texts(event, "event_source_url")


def _user(user: dict[str, Any]) -> Found:
    is_browser = user.get("client_ip_address") and user.get("client_user_agent")
    if not (user.get("em") or user.get("ph") or user.get("madid") or is_browser):
        yield "*: expected em, ph, or client_ip_address with client_user_agent"
    yield from hashes(user, *HASHED)
    if "client_ip_address" in user and not is_address(user["client_ip_address"]):
        yield "client_ip_address: expected an address"


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    if not faults:
        told = "All records are valid and processed successfully"
        return json_answer(200, {"status": "VALID", "reason": told})
    return json_answer(400, {"status": "INVALID", "reason": faults[0]})


PARTNER = Partner(
    name="snapchat",
    title="Snapchat",
    docs="https://developers.snap.com/api/marketing-api/Conversions-API/UsingTheAPI",
    path=re.compile(r"/v3/[^/]+/events(?:/validate)?"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=json_answer(429, {"status": "FAILED", "reason": "rate limit exceeded"}),
    revoked=json_answer(401, {"status": "FAILED", "reason": "Unauthorized"}),
)
