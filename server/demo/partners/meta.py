"""Meta's Conversions API: a Graph request that answers 400 to whatever it does not like, and says
in the body what that was. One event that is too old, and none of the request is taken.

https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event
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

SOURCES = (
    "app", "business_messaging", "chat", "email", "other", "phone_call", "physical_store",
    "system_generated", "website",
)  # fmt: skip
OLDEST_MS = {"physical_store": 62 * DAY_MS}
HASHED = ("em", "ph", "ge", "db", "ln", "fn", "ct", "st", "zp", "country")
WEAK = {"client_user_agent", "country", "ct", "st", "zp", "ge", "db"}
"""Facts that are true of too many people."""
TOO_OLD, TOO_LITTLE, PARAMETER = 2804003, 2804050, 2804019
_FBC = re.compile(r"fb\.[0-9]\.[0-9]{10,13}\.\S+")
_FBP = re.compile(r"fb\.[0-9]\.[0-9]{10,13}\.[0-9]+(?:\.\S+)?")


def read(asked: Asked) -> Read:
    found = read_list(asked, "data", most=1000, check=_event)
    document = decode(asked.body)
    in_body = isinstance(document, dict) and is_text(document.get("access_token"))
    if not in_body and not dict(parse_qsl(asked.query)).get("access_token"):
        found.denied = "access_token: missing"
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id = str(event.get("event_id", ""))
    name = str(event.get("event_name", ""))
    faults = [*_own(event, asked.now), *within("user_data", _user(inner(event, "user_data")))]
    faults += within("custom_data", _custom(inner(event, "custom_data"), name))
    return Item(id=event_id, key=f"{name}|{event_id}", name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from texts(event, "event_name")
    yield from among(event, "action_source", SOURCES)
    source = event.get("action_source")
    at_ms = seconds(event.get("event_time"))
    oldest_ms = OLDEST_MS.get(str(source), 7 * DAY_MS)
    yield from named("event_time", aged(at_ms, now, oldest_ms=oldest_ms))
    if source == "website":
        if not is_url(event.get("event_source_url")):
            yield "event_source_url: a website's event needs it"
        if not is_text(inner(event, "user_data").get("client_user_agent")):
            yield "user_data.client_user_agent: a website's event needs it"
    if "event_id" in event and not is_text(event["event_id"]):
        yield "event_id: expected a text"
    if "data_processing_options" in event and event["data_processing_options"] not in ([], ["LDU"]):
        yield 'data_processing_options: expected [] or ["LDU"]'


def _user(user: dict[str, Any]) -> Found:
    if not set(user) - WEAK:
        yield "*: too little to know a customer by"
    yield from hashes(user, *HASHED)
    if "client_ip_address" in user and not is_address(user["client_ip_address"]):
        yield "client_ip_address: expected an address"
    for key, pattern in (("fbc", _FBC), ("fbp", _FBP)):
        if key in user and not (isinstance(user[key], str) and pattern.fullmatch(user[key])):
            yield f"{key}: expected fb.<subdomains>.<time>.<id>"


def _custom(custom: dict[str, Any], name: str) -> Found:
    yield from money(custom, "value", "currency")
    for key in ("value", "currency") if name == "Purchase" else ():
        if key not in custom:
            yield f"{key}: a Purchase needs it"
    if "content_type" in custom:
        yield from among(custom, "content_type", ("product", "product_group"))
    if "content_ids" in custom and not isinstance(custom["content_ids"], list):
        yield "content_ids: expected a list"
    contents = custom.get("contents", [])
    if not isinstance(contents, list):
        yield "contents: expected a list"
        return
    for number, content in enumerate(contents):
        if not isinstance(content, dict) or not content.get("id"):
            yield f"contents[{number}].id: missing"
            continue
        for key in ("quantity", "item_price"):
            if key in content and not is_number(content[key]):
                yield f"contents[{number}].{key}: expected a number"


def answer(read: Read) -> Answer:
    """All events, or none."""
    faults = [*read.verdict()]
    if not faults:
        content = {"events_received": len(read.items), "messages": [], "fbtrace_id": "AxRecorder"}
        return json_answer(200, content)
    subcode, told = PARAMETER, faults[0]
    for text in faults:
        if "event_time: too long ago" in text:
            subcode, told = TOO_OLD, text
        elif "too little to know" in text and subcode == PARAMETER:
            subcode, told = TOO_LITTLE, text
    return _error(100, "Invalid parameter", subcode=subcode, told=told)


def _error(code: int, message: str, *, subcode: int = 0, told: str = "") -> Answer:
    """Graph's errors are all 400."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error |= {"error_subcode": subcode, "is_transient": False, "error_user_msg": told[:300]}
    return json_answer(400, {"error": error | {"fbtrace_id": "AxRecorder"}})


PARTNER = Partner(
    name="meta",
    title="Meta",
    docs="https://developers.facebook.com/docs/marketing-api/conversions-api",
    path=re.compile(r"/v\d+\.\d+/[^/]+/events"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_error(4, "Application request limit reached"),
    revoked=_error(190, "Error validating access token: the session has been invalidated."),
)
