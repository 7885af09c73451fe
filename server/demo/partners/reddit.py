"""Reddit's Conversions API v3: all events, or none; the 400 explains one of them.

https://ads-api.reddit.com/docs/v3/
"""

from __future__ import annotations

import re
from typing import Any

from server.clock import DAY_MS, MINUTE_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    among,
    bearer,
    hashes,
    inner,
    is_integer,
    is_text,
    iso_ms,
    money,
    named,
    read_list,
    within,
)

OLDEST_MS, AHEAD_MS = 7 * DAY_MS, 5 * MINUTE_MS
SOURCES = ("WEBSITE", "APP", "PHYSICAL_STORE")
TYPES = (
    "PAGE_VISIT", "VIEW_CONTENT", "SEARCH", "ADD_TO_CART", "ADD_TO_WISHLIST", "PURCHASE", "LEAD",
    "SIGN_UP", "CUSTOM",
)  # fmt: skip
HASHED = ("aaid", "idfa", "external_id")
_HASH_OR_ADDRESS = re.compile(r"[0-9a-f]{64}|[^\s@]+@[^\s@]+\.[^\s@]+")
_IP = re.compile(r"[0-9a-f]{64}|[0-9a-fA-F.:]{3,45}")


def read(asked: Asked) -> Read:
    found = read_list(asked, "data.events", most=1000, check=_event)
    found.denied = bearer(asked)
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    metadata, kind = inner(event, "metadata"), inner(event, "type")
    event_id, name = str(metadata.get("conversion_id", "")), str(kind.get("tracking_type", ""))
    faults = [*_own(event, asked.now), *within("type", _type(kind))]
    faults += within("metadata", money(metadata, "value", "currency"))
    faults += within("user", _user(inner(event, "user"), bool(event.get("click_id"))))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    given = event.get("event_at")
    at_ms = given if is_integer(given) else iso_ms(given)
    yield from named("event_at", aged(at_ms, now, oldest_ms=OLDEST_MS, ahead_ms=AHEAD_MS))
    yield from among(event, "action_source", SOURCES)


def _type(kind: dict[str, Any]) -> Found:
    yield from among(kind, "tracking_type", TYPES)
    if kind.get("tracking_type") == "CUSTOM" and not is_text(kind.get("custom_event_name")):
        yield "custom_event_name: a CUSTOM event needs it"


def _user(user: dict[str, Any], is_click: bool) -> Found:
    if not is_click and not any(value for key, value in user.items() if key != "user_agent"):
        yield "*: expected a click_id or something to know a customer by"
    yield from hashes(user, *(key for key in HASHED if key != "external_id" or key in user))
    if "email" in user and not _HASH_OR_ADDRESS.fullmatch(str(user["email"])):
        yield "email: expected an address, better hashed"
    if "ip_address" in user and not _IP.fullmatch(str(user["ip_address"])):
        yield "ip_address: expected an address, or hashed"


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    if not faults:
        told = f"Successfully processed {len(read.items)} conversion events."
        return json_answer(200, {"data": {"message": told}})
    return _error(400, "BAD_REQUEST", faults[0], [_field(fault) for fault in faults])


def _field(fault: str) -> dict[str, str]:
    """A fault with its place, as a path into the body."""
    place, _, told = fault.partition(": ")
    return {"field": f"$.{place}", "message": told or place}


def _error(status: int, reason: str, told: str, fields: list[Any] | None = None) -> Answer:
    content = {"code": status, "reason": reason, "explanation": told}
    return json_answer(status, {"error": content | ({"fields": fields} if fields else {})})


PARTNER = Partner(
    name="reddit",
    title="Reddit",
    docs="https://ads-api.reddit.com/docs/v3/",
    path=re.compile(r"/api/v3/pixels/[^/]+/conversion_events"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_error(429, "TOO_MANY_REQUESTS", "Too many requests"),
    revoked=_error(401, "UNAUTHORIZED", "The access token is not valid"),
)
