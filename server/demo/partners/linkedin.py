"""LinkedIn's Conversions API: 201, or 200 with a status for each of a batch; 422 names the places
of what it does not like in its message and takes none; 426 once a version is older than a year.

https://learn.microsoft.com/en-us/linkedin/marketing/conversions/conversions-overview
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    among,
    bearer,
    decode,
    inner,
    is_hash,
    is_integer,
    is_text,
    iso_currency,
    named,
    read_events,
    read_list,
    texts,
    within,
)

OLDEST_MS = 90 * DAY_MS
VERSION_MONTHS = 12
IDS = (
    *("SHA256_EMAIL", "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "ACXIOM_ID", "ORACLE_MOAT_ID"),
    *("PLAINTEXT_IP_ADDRESS", "SHA256_IP_ADDRESS", "GOOGLE_AID"),
)
SUNSET = "linkedin-version: no longer active"
_RULE = re.compile(r"urn:lla:llaPartnerConversion:\d+")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?")
_VERSION = re.compile(r"(20\d\d)(0[1-9]|1[0-2])")


def read(asked: Asked) -> Read:
    if asked.headers.get("x-restli-method", "").upper() == "BATCH_CREATE":
        found = read_list(asked, "elements", most=5000, check=_event)
    else:
        found = read_events([decode(asked.body)], asked, where="", most=1, check=_event)
    found.denied = bearer(asked)
    found.faults += _headers(asked)
    return found


def _headers(asked: Asked) -> Found:
    version = _VERSION.fullmatch(asked.headers.get("linkedin-version", ""))
    if not version:
        yield "linkedin-version: expected YYYYMM"
    elif int(version[1]) * 12 + int(version[2]) < _month(asked.now) - VERSION_MONTHS:
        yield SUNSET
    if asked.headers.get("x-restli-protocol-version") != "2.0.0":
        yield "x-restli-protocol-version: expected 2.0.0"


def _month(now: int) -> int:
    """Months since the year 0."""
    date = datetime.fromtimestamp(now / 1000, UTC)
    return date.year * 12 + date.month


def _event(event: dict[str, Any], asked: Asked) -> Item:
    event_id, rule = str(event.get("eventId", "")), str(event.get("conversion", ""))
    faults = [*_own(event, asked.now), *within("user", _user(inner(event, "user")))]
    return Item(id=event_id, key=f"{rule}|{event_id}", name=rule.rpartition(":")[2], faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    if not _RULE.fullmatch(str(event.get("conversion", ""))):
        yield "conversion: expected urn:lla:llaPartnerConversion:<id>"
    at = event.get("conversionHappenedAt")
    at_ms = at if is_integer(at) else None
    yield from named("conversionHappenedAt", aged(at_ms, now, oldest_ms=OLDEST_MS))
    if "eventId" in event:
        yield from texts(event, "eventId")
    if "conversionValue" in event:
        value = inner(event, "conversionValue")
        yield from within("conversionValue", iso_currency(value, "currencyCode"))
        if not _AMOUNT.fullmatch(str(value.get("amount", ""))) or not is_text(value["amount"]):
            yield "conversionValue.amount: expected a number in a text"


def _user(user: dict[str, Any]) -> Found:
    ids, info = user.get("userIds", []), inner(user, "userInfo")
    known = ids if isinstance(ids, list) else []
    if not known and not (info.get("firstName") and info.get("lastName")):
        yield "userIds: an id, or first and last name, is needed"
    for number, one in enumerate(known):
        if not isinstance(one, dict):
            yield f"userIds[{number}]: expected an object"
            continue
        yield from within(f"userIds[{number}]", among(one, "idType", IDS))
        value = one.get("idValue")
        if not is_text(value) or (one.get("idType") == "SHA256_EMAIL" and not is_hash(value)):
            yield f"userIds[{number}].idValue: expected a hash or an id"
    for key in ("firstName", "lastName") if info else ():
        if not is_text(info.get(key)):
            yield f"userInfo.{key}: expected a text"


def answer(read: Read) -> Answer:
    """Places are told in words."""
    if SUNSET in read.faults:
        return _error(426, "NONEXISTENT_VERSION", "Requested version is not active")
    if read.faults:
        return _error(400, "ILLEGAL_ARGUMENT", read.faults[0])
    if read.faulty:
        told = "".join(
            f"Index: {number}, "
            + "".join(f"ERROR :: {_pointer(fault)}\n" for fault in read.items[number].faults)
            for number in read.faulty
        )
        return json_answer(422, {"message": told, "status": 422})
    if read.list_name:
        return json_answer(200, {"elements": [{"status": 201}] * len(read.items)})
    return Answer(status=201)


def _pointer(fault: str) -> str:
    place, _, told = fault.partition(": ")
    return f"/{place.replace('.', '/')} :: {told}"


def _error(status: int, code: str, message: str, service: int = 0) -> Answer:
    content: dict[str, Any] = {"status": status, "code": code, "message": message}
    return json_answer(status, content | ({"serviceErrorCode": service} if service else {}))


PARTNER = Partner(
    name="linkedin",
    title="LinkedIn",
    docs="https://learn.microsoft.com/en-us/linkedin/marketing/conversions/conversions-overview",
    path=re.compile(r"/rest/conversionEvents"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_error(429, "TOO_MANY_REQUESTS", "Resource level throttle DAY limit is reached", 101),
    revoked=_error(401, "REVOKED_ACCESS_TOKEN", "The token has been revoked by the user", 65601),
)
