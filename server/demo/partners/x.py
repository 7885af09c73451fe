"""X's Web Conversions API: what counts is `data.conversions_processed`, not the status.

https://developer.x.com/en/docs/x-ads-api/measurement/web-conversions/conversions
"""

from __future__ import annotations

import re
from typing import Any

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    hashes,
    is_integer,
    is_text,
    iso_currency,
    iso_ms,
    named,
    read_list,
    texts,
    within,
)

OLDEST_MS = 90 * DAY_MS
KNOWN = {
    "twclid", "hashed_email", "hashed_phone_number", "ip_address", "user_agent", "external_id",
}  # fmt: skip
_EVENT = re.compile(r"(?:tw-[0-9a-z]+-)?[0-9a-z]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def read(asked: Asked) -> Read:
    found = read_list(asked, "conversions", most=500, check=_conversion)
    is_signed = asked.headers.get("authorization", "").startswith("OAuth ")
    if not is_signed and not asked.headers.get("x-pixel-token"):
        found.denied = "authorization: expected OAuth 1.0a, or x-pixel-token"
    return found


def _conversion(one: dict[str, Any], asked: Asked) -> Item:
    own, event = str(one.get("conversion_id", "")), str(one.get("event_id", ""))
    faults = [*_own(one, asked.now), *_identifiers(one.get("identifiers"))]
    return Item(id=own, key=f"{event}|{own}", name=event, faults=faults)


def _own(one: dict[str, Any], now: int) -> Found:
    if not _EVENT.fullmatch(str(one.get("event_id", ""))):
        yield "event_id: expected tw-<pixel>-<event>"
    stamp = one.get("conversion_timestamp")
    at_ms = stamp if is_integer(stamp) else iso_ms(one.get("conversion_time"))
    yield from named("conversion_time", aged(at_ms, now, oldest_ms=OLDEST_MS))
    yield from iso_currency(one, "price_currency")
    if "value" in one and not _NUMBER.fullmatch(str(one["value"])):
        yield "value: expected a number"
    if "number_items" in one and not is_integer(one["number_items"]):
        yield "number_items: expected a number"
    yield from texts(one, *(key for key in ("conversion_id", "description") if key in one))


def _identifiers(given: Any) -> Found:
    if not isinstance(given, list) or not given:
        yield "identifiers: at least one is needed"
        return
    for number, one in enumerate(given):
        place = f"identifiers[{number}]"
        if not isinstance(one, dict) or not one or set(one) - KNOWN:
            yield f"{place}: expected one of {', '.join(sorted(KNOWN))}"
            continue
        yield from within(place, hashes(one, "hashed_email", "hashed_phone_number"))
        if not all(map(is_text, one.values())):
            yield f"{place}: expected a text"
    if all(isinstance(one, dict) and set(one) <= {"ip_address", "user_agent"} for one in given):
        together = {key for one in given for key in one}
        if together != {"ip_address", "user_agent"}:
            yield "identifiers: ip_address and user_agent count together only"


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    if faults:
        return _error(400, "INVALID_PARAMETER", faults[0])
    data = {"conversions_processed": len(read.items), "debug_id": "recorder"}
    return json_answer(200, {"request": {"params": {}}, "data": data})


def _error(status: int, code: str, message: str) -> Answer:
    errors = [{"code": code, "message": message}]
    return json_answer(status, {"errors": errors, "request": {"params": {}}})


PARTNER = Partner(
    name="x",
    title="X",
    docs="https://developer.x.com/en/docs/x-ads-api/measurement/web-conversions/conversions",
    path=re.compile(r"/\d+/measurement/conversions/[^/]+"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_error(429, "TOO_MANY_REQUESTS", "Rate limit exceeded"),
    revoked=_error(401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated"),
)
