"""Mixpanel's import, strict: a 400 names the records that failed, and the others are imported.

https://developer.mixpanel.com/reference/import-events
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from server.clock import DAY_MS, HOUR_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    decode,
    inner,
    is_number,
    is_text,
    named,
    read_events,
)

MAX_BYTES = 10_000_000
OLDEST_MS = 55 * 365 * DAY_MS
TOO_LARGE = "body: too large"
NOBODY = {"anon", "anonymous", "nil", "none", "null", "n/a", "undefined", "unknown", "0"}
_INSERT = re.compile(r"[A-Za-z0-9-]{1,36}")


def read(asked: Asked) -> Read:
    if len(asked.body) > MAX_BYTES:
        return Read(faults=[TOO_LARGE])
    events = decode(asked.body)
    if events is None:  # a line an event
        events = [decode(line) for line in asked.body.splitlines() if line]
    found = read_events(events, asked, where="records", most=2000, check=_event)
    query = dict(parse_qsl(asked.query))
    if query.get("strict") != "1":
        found.faults.append("strict: expected 1")
    if not asked.headers.get("authorization", "").startswith("Basic "):
        found.denied = "authorization: expected Basic"
    return found


def _event(event: dict[str, Any], asked: Asked) -> Item:
    properties, name = inner(event, "properties"), str(event.get("event", ""))
    own = str(properties.get("$insert_id", ""))
    who, at = properties.get("distinct_id"), properties.get("time")
    key = f"{name}|{who}|{at}|{own}"
    return Item(id=own, key=key, name=name, faults=[*_faults(event, properties, asked.now)])


def _faults(event: dict[str, Any], properties: dict[str, Any], now: int) -> Found:
    if not is_text(event.get("event"), 255):
        yield "event: expected a text of at most 255 characters"
    at = properties.get("time")
    at_ms = None
    if is_number(at) and at is not None:
        at_ms = at * 1000 if at < 100_000_000_000 else at
    found = aged(at_ms, now, oldest_ms=OLDEST_MS, ahead_ms=HOUR_MS)
    yield from named("properties.time", found)
    if not _INSERT.fullmatch(str(properties.get("$insert_id", ""))):
        yield "properties.$insert_id: expected at most 36 letters, digits and -"
    who = properties.get("distinct_id")
    if who is None or str(who).lower() in NOBODY:
        yield "properties.distinct_id: expected somebody, or an empty text"
    if len(properties) > 255:
        yield "properties: at most 255 of them"


def answer(read: Read) -> Answer:
    if TOO_LARGE in read.faults:
        return json_answer(413, {"code": 413, "error": "request exceeds max limit of 10485760"})
    if read.faults:
        return _error(400, read.faults[0], "Bad Request")
    imported = len(read.items) - len(read.faulty)
    if not read.faulty:
        return json_answer(200, {"code": 200, "num_records_imported": imported, "status": "OK"})
    failed = [
        {"index": n, "$insert_id": read.items[n].id, "field": field, "message": told}
        for n in read.faulty
        for field, _, told in (read.items[n].faults[0].partition(": "),)
    ]
    content = {
        "code": 400,
        "error": "some data points in the request failed validation",
        "failed_records": failed,
        "num_records_imported": imported,
        "status": "Bad Request",
    }
    return json_answer(400, content)


def _error(code: int, error: str, status: str) -> Answer:
    return json_answer(code, {"code": code, "error": error, "status": status})


PARTNER = Partner(
    name="mixpanel",
    title="Mixpanel",
    docs="https://developer.mixpanel.com/reference/import-events",
    path=re.compile(r"/import/?"),
    read=read,
    answer=answer,
    throttled=_error(429, "Project exceeded rate limits, please retry", "Too Many Requests"),
    revoked=_error(401, "Invalid credentials", "Unauthorized"),
)
