"""Amplitude's HTTP API: a 400 names the fields and the places of the events, and takes none of
them; 413 asks for smaller requests, 429 names who sends too much.

https://amplitude.com/docs/apis/analytics/http-v2
https://amplitude.com/docs/apis/analytics/batch-event-upload
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    decode,
    inner,
    is_integer,
    is_number,
    is_text,
    named,
    read_list,
)

MOST = {"/batch": 2000, "/2/httpapi": 2000}
MAX_BYTES = {"/batch": 20_000_000, "/2/httpapi": 1_000_000}
MIN_ID = 5
"""Characters of an id, unless `options.min_id_length` says otherwise."""
INVALID_IDS = {"anonymous", "nil", "none", "null", "n/a", "undefined", "unknown", "0", "00000000"}
TOO_LARGE = "body: too large"
MISSING = "missing"


def read(asked: Asked) -> Read:
    if len(asked.body) > MAX_BYTES.get(asked.path, 1_000_000):
        return Read(faults=[TOO_LARGE])
    document = decode(asked.body)
    given = inner(document, "options").get("min_id_length") if isinstance(document, dict) else 0
    least = given if is_integer(given) and given else MIN_ID
    found = read_list(asked, "events", most=2000, check=partial(_event, least=least))
    if isinstance(document, dict) and not is_text(document.get("api_key")):
        found.denied = "api_key: missing"
    return found


def _event(event: dict[str, Any], asked: Asked, *, least: int) -> Item:
    own, name = str(event.get("insert_id", "")), str(event.get("event_type", ""))
    who = str(event.get("device_id") or event.get("user_id") or "")
    return Item(id=own, key=f"{who}|{own}", name=name, faults=[*_faults(event, asked.now, least)])


def _faults(event: dict[str, Any], now: int, least: int) -> Found:
    if not is_text(event.get("event_type")):
        yield f"event_type: {MISSING}"
    yield from _who(event, least)
    if "time" in event:
        at = event["time"] if is_integer(event["time"]) else None
        yield from named("time", aged(at, now, oldest_ms=3650 * DAY_MS, ahead_ms=DAY_MS))
    for key in ("event_properties", "user_properties", "groups"):
        if not isinstance(event.get(key, {}), dict):
            yield f"{key}: expected an object"
    for key in ("price", "quantity", "revenue"):
        if key in event and not is_number(event[key]):
            yield f"{key}: expected a number"
    if len(inner(event, "event_properties")) > 1024:
        yield "event_properties: at most 1024 of them"


def _who(event: dict[str, Any], least: int) -> Found:
    given = {key: str(event[key]) for key in ("user_id", "device_id") if event.get(key)}
    if not given:
        yield f"user_id: {MISSING}, and no device_id"
    for key, value in given.items():
        if len(value) < least or value.lower() in INVALID_IDS:
            yield f"{key}: expected at least {least} characters, of somebody"


def answer(read: Read) -> Answer:
    if TOO_LARGE in read.faults:
        return json_answer(413, {"code": 413, "error": "Payload too large"})
    if read.faults:
        return json_answer(400, {"code": 400, "error": read.faults[0], "missing_field": "events"})
    if not read.faulty:
        counts = {"events_ingested": len(read.items), "payload_size_bytes": 0}
        return json_answer(200, {"code": 200, **counts, "server_upload_time": 0})
    missing: dict[str, list[int]] = {}
    invalid: dict[str, list[int]] = {}
    for number in read.faulty:
        for fault in read.items[number].faults:
            field, _, told = fault.partition(": ")
            book = missing if told.startswith(MISSING) else invalid
            book.setdefault(field, []).append(number)
    error = "Request missing required field" if missing else "Invalid field values on some events"
    places = {"events_with_missing_fields": missing, "events_with_invalid_fields": invalid}
    return json_answer(400, {"code": 400, "error": error, **places})


PARTNER = Partner(
    name="amplitude",
    title="Amplitude",
    docs="https://amplitude.com/docs/apis/analytics/http-v2",
    path=re.compile(r"/2/httpapi|/batch"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=json_answer(
        429,
        {
            "code": 429,
            "error": "Too many requests for some devices and users",
            "eps_threshold": 30,
            "throttled_devices": {"recorder": 31},
            "throttled_users": {},
            "throttled_events": [0],
        },
    ),
    revoked=json_answer(400, {"code": 400, "error": "Invalid API key: recorder"}),
)
