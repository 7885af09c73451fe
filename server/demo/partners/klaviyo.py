"""Klaviyo's events, one a request or in a bulk job: 202 and nothing, or JSON:API errors.

https://developers.klaviyo.com/en/reference/create_event
https://developers.klaviyo.com/en/reference/bulk_create_events
"""

from __future__ import annotations

import re
from typing import Any

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    aged,
    decode,
    inner,
    is_number,
    is_text,
    iso_currency,
    iso_ms,
    named,
)

OLDEST_MS = 365 * 20 * DAY_MS
WHO = ("email", "phone_number", "external_id", "anonymous_id", "_kx", "id")
_KEY = re.compile(r"Klaviyo-API-Key \S+")
_REVISION = re.compile(r"\d{4}-\d\d-\d\d(?:\.pre)?")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def read(asked: Asked) -> Read:
    data = inner(document, "data") if isinstance(document := decode(asked.body), dict) else {}
    items = _bulk(data, asked) if "bulk" in asked.path else [_event(data, None, asked)]
    found = Read(items=items, faults=[] if items else ["data: expected events"])
    if not _KEY.fullmatch(asked.headers.get("authorization", "")):
        found.denied = "authorization: expected a Klaviyo-API-Key"
    if not _REVISION.fullmatch(asked.headers.get("revision", "")):
        found.faults.append("revision: expected a date")
    return found


def _bulk(data: dict[str, Any], asked: Asked) -> list[Item]:
    """The events of profiles of a job, as one list."""
    found: list[Item] = []
    jobs = inner(inner(data, "attributes"), "events-bulk-create").get("data", [])
    for job in jobs if isinstance(jobs, list) else []:
        attributes = inner(job, "attributes") if isinstance(job, dict) else {}
        events = inner(attributes, "events").get("data", [])
        profile = inner(attributes, "profile")
        for event in events if isinstance(events, list) else []:
            found.append(_event(event if isinstance(event, dict) else {}, profile, asked))
    return found


def _event(data: dict[str, Any], profile: dict[str, Any] | None, asked: Asked) -> Item:
    event = inner(data, "attributes")
    metric = inner(inner(inner(event, "metric"), "data"), "attributes").get("name", "")
    own = str(event.get("unique_id", ""))
    person = inner(inner(profile or inner(event, "profile"), "data"), "attributes")
    faults = [*_faults(data, event, asked.now), *_person(person)]
    if not is_text(metric, 128):
        faults.append("metric: expected a name")
    return Item(id=own, key=f"{metric}|{own}", name=str(metric), faults=faults)


def _faults(data: dict[str, Any], event: dict[str, Any], now: int) -> Found:
    if data.get("type") != "event":
        yield "type: expected event"
    if not isinstance(event.get("properties"), dict):
        yield "properties: expected an object"
    if "time" in event:
        at = iso_ms(event["time"])
        yield from named("time", aged(at, now, oldest_ms=OLDEST_MS, ahead_ms=365 * DAY_MS))
    if "value" in event and not is_number(event["value"]):
        yield "value: expected a number"
    yield from iso_currency(event, "value_currency")


def _person(person: dict[str, Any]) -> Found:
    if not any(is_text(person.get(key)) for key in WHO):
        yield f"profile: expected one of {', '.join(WHO)}"
    if "phone_number" in person and not _PHONE.fullmatch(str(person["phone_number"])):
        yield "profile.phone_number: expected E.164"
    if "email" in person and not _EMAIL.fullmatch(str(person["email"])):
        yield "profile.email: expected an address"


def answer(read: Read) -> Answer:
    faults = [*read.verdict()]
    return _errors(400, "invalid", "Invalid input.", faults) if faults else Answer(status=202)


def _errors(status: int, code: str, title: str, told: list[str]) -> Answer:
    errors = []
    for one in told:
        field = one.partition(":")[0].replace(".", "/")
        source = {"pointer": f"/data/attributes/{field}"}
        about = {"id": "recorder", "status": status, "code": code, "title": title}
        errors.append(about | {"detail": one, "source": source, "links": {}, "meta": {}})
    return json_answer(status, {"errors": errors}, {"content-type": "application/vnd.api+json"})


PARTNER = Partner(
    name="klaviyo",
    title="Klaviyo",
    docs="https://developers.klaviyo.com/en/reference/create_event",
    path=re.compile(r"/api/(?:events|event-bulk-create-jobs)/?"),
    read=read,
    answer=answer,
    is_whole=True,
    throttled=_errors(429, "throttled", "Request was throttled.", ["Expected available in 1 s."]),
    revoked=_errors(401, "authentication_failed", "Incorrect authentication.", ["api_key: wrong"]),
)
