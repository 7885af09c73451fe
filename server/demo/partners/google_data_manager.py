"""Google's Data Manager, `events:ingest`: it fails fast. One event that is not right, and none of
the request is taken; the 400 names the fields.

https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
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
    iso_ms,
    money,
    named,
    read_list,
    texts,
    within,
)

OLDEST_MS = 90 * DAY_MS
SOURCES = ("WEB", "APP", "IN_STORE", "PHONE", "OTHER")
CONSENTS = ("CONSENT_GRANTED", "CONSENT_DENIED", "CONSENT_STATUS_UNSPECIFIED")
CLICKS = ("gclid", "gbraid", "wbraid")
BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")


def read(asked: Asked) -> Read:
    found = read_list(asked, "events", most=2000, check=_event)
    found.denied = bearer(asked)
    document = decode(asked.body)
    if isinstance(document, dict):
        found.faults += _request(document, asked.body)
    return found


def _request(document: dict[str, Any], body: bytes) -> Found:
    destinations = document.get("destinations")
    if not isinstance(destinations, list) or not 1 <= len(destinations) <= 10:
        yield "destinations: expected a list of 1 to 10"
        return
    for number, one in enumerate(destinations):
        place = f"destinations[{number}]"
        account = inner(one, "operatingAccount") if isinstance(one, dict) else {}
        yield from within(f"{place}.operatingAccount", texts(account, "accountId"))
        if not isinstance(one, dict) or not is_text(one.get("productDestinationId")):
            yield f"{place}.productDestinationId: expected a text"
    yield from within("consent", _consent(inner(document, "consent")))
    if "encoding" in document:
        yield from among(document, "encoding", ("HEX", "BASE64"))
    elif b'"userIdentifiers"' in body:
        yield "encoding: user identifiers need it"


def _consent(consent: dict[str, Any]) -> Found:
    for key in ("adUserData", "adPersonalization"):
        if key in consent:
            yield from among(consent, key, CONSENTS)


def _event(event: dict[str, Any], asked: Asked) -> Item:
    transaction = str(event.get("transactionId", ""))
    faults = [*_own(event, asked.now), *within("userData", _user(inner(event, "userData")))]
    faults += within("consent", _consent(inner(event, "consent")))
    name = str(event.get("eventName", event.get("eventSource", "")))
    return Item(id=transaction, name=name, faults=faults)


def _own(event: dict[str, Any], now: int) -> Found:
    yield from texts(event, "transactionId")
    yield from among(event, "eventSource", SOURCES)
    at = iso_ms(event.get("eventTimestamp"))
    yield from named("eventTimestamp", aged(at, now, oldest_ms=OLDEST_MS))
    yield from money(event, "conversionValue", "currency")
    clicks = inner(event, "adIdentifiers")
    if not any(clicks.get(key) for key in CLICKS) and not event.get("userData"):
        yield "adIdentifiers: a click id or user data is needed"


def _user(user: dict[str, Any]) -> Found:
    people = user.get("userIdentifiers", [])
    if not isinstance(people, list) or len(people) > 10:
        yield "userIdentifiers: expected a list of at most 10"
        return
    for number, person in enumerate(people):
        place = f"userIdentifiers[{number}]"
        if not isinstance(person, dict) or len(person) != 1:
            yield f"{place}: expected one of emailAddress, phoneNumber, address"
            continue
        address = inner(person, "address")
        yield from within(f"{place}.address", _hashed(address, "givenName", "familyName"))
        yield from within(place, _hashed(person, "emailAddress", "phoneNumber"))


def _hashed(holder: dict[str, Any], *keys: str) -> Found:
    """Hex, or the same bytes in base64."""
    for key in keys:
        value = holder.get(key)
        if not (isinstance(value, str) and BASE64.fullmatch(value)):
            yield from hashes(holder, key)


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    if not faults:
        return json_answer(200, {"requestId": "recorder"})
    violations = []
    for fault in faults:
        field, _, told = fault.partition(": ")
        violations.append({"field": _snake(field), "description": told, "reason": "INVALID"})
    return _status(400, "INVALID_ARGUMENT", "There was a problem with the request.", violations)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _status(code: int, status: str, message: str, violations: list[Any] | None = None) -> Answer:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": status,
        "domain": "datamanager.googleapis.com",
    }
    details: list[Any] = [info]
    if violations:
        bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
        details.append(bad)
    error = {"code": code, "message": message, "status": status, "details": details}
    return json_answer(code, {"error": error})


PARTNER = Partner(
    name="google_data_manager",
    title="Google Data Manager",
    docs="https://developers.google.com/data-manager/api",
    path=re.compile(r"/v\d+/events:ingest"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_status(429, "RESOURCE_EXHAUSTED", "Quota exceeded."),
    revoked=_status(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
)
