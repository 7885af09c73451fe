"""Google Ads, `uploadClickConversions`: with `partialFailure` a 200 names the conversions that were
not taken by their place, and without it the request is refused.

https://developers.google.com/google-ads/api/docs/conversions/upload-offline
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
CLICKS = ("gclid", "gbraid", "wbraid")
CONSENTS = ("GRANTED", "DENIED", "UNSPECIFIED", "UNKNOWN")
PATH = re.compile(r"/v\d+/customers/\d+:uploadClickConversions")
_ACTION = re.compile(r"customers/\d+/conversionActions/\d+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")
FAILURE = "type.googleapis.com/google.ads.googleads.v22.errors.GoogleAdsFailure"


def read(asked: Asked) -> Read:
    found = read_list(asked, "conversions", most=2000, check=_conversion)
    found.denied = bearer(asked)
    document = decode(asked.body)
    if not isinstance(document, dict) or document.get("partialFailure") is not True:
        found.faults.append("partialFailure: expected true")
    return found


def _conversion(one: dict[str, Any], asked: Asked) -> Item:
    action, order = str(one.get("conversionAction", "")), str(one.get("orderId", ""))
    click = next((str(one[key]) for key in CLICKS if one.get(key)), "")
    key = f"{action}|{order}" if order else f"{click}|{one.get('conversionDateTime')}"
    faults = [*_own(one, asked.now), *_person(one)]
    return Item(id=order, key=key, name=action.rpartition("/")[2], faults=faults)


def _own(one: dict[str, Any], now: int) -> Found:
    action, time = str(one.get("conversionAction", "")), str(one.get("conversionDateTime", ""))
    if not _ACTION.fullmatch(action):
        yield "conversionAction: expected customers/<id>/conversionActions/<id>"
    if _TIME.fullmatch(time):
        yield from named("conversionDateTime", aged(iso_ms(time), now, oldest_ms=OLDEST_MS))
    else:
        yield "conversionDateTime: expected yyyy-mm-dd hh:mm:ss+hh:mm"
    yield from money(one, "conversionValue", "currencyCode")
    yield from texts(one, *(key for key in ("orderId", *CLICKS) if key in one))
    consent = inner(one, "consent")
    for key in ("adUserData", "adPersonalization"):
        if key in consent:
            yield from within("consent", among(consent, key, CONSENTS))
    items = inner(one, "cartData").get("items", [])
    for number, item in enumerate(items if isinstance(items, list) else [None]):
        if not isinstance(item, dict) or not is_text(item.get("productId")):
            yield f"cartData.items[{number}].productId: expected a text"


def _person(one: dict[str, Any]) -> Found:
    people = one.get("userIdentifiers", [])
    clicks = [key for key in CLICKS if one.get(key)]
    if not clicks and not people:
        yield "gclid: a click id or user identifiers are needed"
    if len(clicks) > 1:
        yield f"{clicks[1]}: only one click id may be given"
    if not isinstance(people, list) or len(people) > 5:
        yield "userIdentifiers: expected a list of at most 5"
        return
    for number, person in enumerate(people):
        place = f"userIdentifiers[{number}]"
        known = {"hashedEmail", "hashedPhoneNumber", "addressInfo"}
        if not isinstance(person, dict) or len(known & set(person)) != 1:
            yield f"{place}: expected one of {', '.join(sorted(known))}"
            continue
        yield from (f"{place}.{fault}" for fault in hashes(person, "hashedEmail"))
        yield from (f"{place}.{fault}" for fault in hashes(person, "hashedPhoneNumber"))
        address = inner(person, "addressInfo")
        found = hashes(address, "hashedFirstName", "hashedLastName", "hashedStreetAddress")
        yield from (f"{place}.addressInfo.{fault}" for fault in found)


def answer(read: Read) -> Answer:
    """A result for each conversion, an empty one for those that failed."""
    if read.faults:
        return _status(400, "INVALID_ARGUMENT", read.faults[0])
    results = [{} if item.faults else {"conversionAction": item.name} for item in read.items]
    if not read.faulty:
        return json_answer(200, {"results": results, "jobId": "1"})
    errors = [
        {
            "errorCode": {"conversionUploadError": "INVALID_CONVERSION"},
            "message": read.items[number].faults[0],
            "location": {"fieldPathElements": [{"fieldName": "conversions", "index": number}]},
        }
        for number in read.faulty
    ]
    failure = {
        "code": 3,
        "message": f"{errors[0]['message']}, at conversions[{read.faulty[0]}]",
        "details": [{"@type": FAILURE, "errors": errors}],
    }
    return json_answer(200, {"partialFailureError": failure, "results": results, "jobId": "1"})


def _status(code: int, status: str, message: str) -> Answer:
    return json_answer(code, {"error": {"code": code, "message": message, "status": status}})


PARTNER = Partner(
    name="google_ads",
    title="Google Ads",
    docs="https://developers.google.com/google-ads/api/docs/conversions/upload-offline",
    path=PATH,
    read=read,
    answer=answer,
    throttled=_status(429, "RESOURCE_EXHAUSTED", "Too many requests. Retry in 30 seconds."),
    revoked=_status(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
)
