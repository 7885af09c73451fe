"""Whose events they are: all that the events of one request share.

GA4 takes place and device as fields of the request, so that events are only sent together where
they are the same.
"""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import Any

from server.destinations.contract import Sending, visitor_id
from server.destinations.ga4.values import value
from server.model import Event, Person
from server.person import normalise
from server.person.hashing import hashed

MAX_USER_ID_CHARS = 256
MAX_USER_PROPERTIES = 25
USER_PROPERTY_CHARS = 36
GRANTED = "granted"
CLIENT_COOKIE = "_ga"

_CHARS = 100
_GA = re.compile(r"GA[0-9]\.[0-9-]+\.([1-9][0-9]{0,18}\.[1-9][0-9]{0,18})")
_SCREEN = re.compile(r"[0-9]{1,5}x[0-9]{1,5}")
_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")
_CATEGORIES = {"tv": "smart TV"}


def client_id(sending: Sending) -> str:
    """Two numbers: those of gtag.js, if its cookie came with the hit; else made of our visitor's
    id, always the same and not to be turned back; "" without either."""
    found = _GA.fullmatch(sending.person.cookies.get(CLIENT_COOKIE, ""))
    if found:
        return found[1]
    ours = visitor_id(sending.event)
    if not ours:
        return ""
    digest = hashlib.sha256(ours.encode()).digest()
    halves = (int.from_bytes(digest[start : start + 4], "big") for start in (0, 4))
    return ".".join(str(half % (2**31 - 1) + 1) for half in halves)


def visitor(sending: Sending) -> dict[str, Any]:
    """The request's fields save `events`."""
    event, person, config = sending.event, sending.person, sending.config
    is_known = 0 < len(event.user_id) <= MAX_USER_ID_CHARS
    sends_user_data = config.send_user_data and event.consent.get("ad_user_data") == GRANTED
    ip = person.ip if config.send_ip else ""
    fields = {
        "client_id": client_id(sending),
        "user_id": event.user_id if is_known else "",
        "user_properties": _user_properties(config.user_properties),
        "user_data": _user_data(person) if sends_user_data else {},
        "consent": _consent(event),
        "user_location": {} if ip else _location(event),
        "ip_override": ip,
        "device": _device(event),
    }
    return {name: given for name, given in fields.items() if given}


def _consent(event: Event) -> dict[str, str]:
    return {
        purpose: "GRANTED" if event.consent.get(purpose) == GRANTED else "DENIED"
        for purpose in ("ad_user_data", "ad_personalization")
    }


def _user_properties(given: dict[str, Any]) -> dict[str, Any]:
    cut = ((name, value(said, USER_PROPERTY_CHARS)) for name, said in given.items())
    stated = ((name, {"value": said}) for name, said in cut if said is not None)
    return dict(islice(stated, MAX_USER_PROPERTIES))


def _user_data(person: Person) -> dict[str, Any]:
    """https://developers.google.com/analytics/devguides/collection/ga4/uid-data"""
    email = hashed(person.email, normalise.google_email)
    phone = hashed(person.phone, lambda text: normalise.phone(text, person.country))
    fields = {
        "sha256_email_address": [email] if email else [],
        "sha256_phone_number": [phone] if phone else [],
        "address": [_address(person)] if person.first_name and person.last_name else [],
    }
    return {name: given for name, given in fields.items() if given}


def _address(person: Person) -> dict[str, str]:
    """Without a name an address is nobody's, and Google cannot use it."""
    return _stated(
        {
            "sha256_first_name": hashed(person.first_name, normalise.name),
            "sha256_last_name": hashed(person.last_name, normalise.name),
            "sha256_street": hashed(person.street, normalise.street),
            "city": normalise.name(person.city),
            "region": normalise.name(person.region),
            "postal_code": normalise.postcode(person.postcode),
            "country": normalise.country(person.country),
        }
    )


def _location(event: Event) -> dict[str, str]:
    has_code = event.country and _SUBDIVISION.fullmatch(event.region)
    return _stated(
        {
            "city": event.city,
            "region_id": f"{event.country}-{event.region}" if has_code else "",
            "country_id": event.country,
        }
    )


def _device(event: Event) -> dict[str, str]:
    return _stated(
        {
            "category": _CATEGORIES.get(event.device_type, event.device_type),
            "language": event.language,
            "screen_resolution": event.screen if _SCREEN.fullmatch(event.screen) else "",
            "operating_system": event.os,
            "operating_system_version": event.os_version,
            "model": event.device_model,
            "brand": event.device_brand,
            "browser": event.browser,
            "browser_version": event.browser_version,
        }
    )


def _stated(fields: dict[str, str]) -> dict[str, str]:
    return {name: given[:_CHARS] for name, given in fields.items() if given}
