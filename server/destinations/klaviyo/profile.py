"""Whose event it is: the site's own id and ours, and in clear what the visitor allows."""

from __future__ import annotations

from typing import Any

import msgspec

from server.destinations.contract import (
    Sending,
    allows_user_data,
    read_cookie,
    stated,
    user_id,
    visitor_id,
)
from server.person import normalise

COOKIE = "__kla_id"

_MAX_CHARS = 512


class _Cookie(msgspec.Struct):
    exchange_id: str = msgspec.field(default="", name="$exchange_id")


def profile(sending: Sending) -> dict[str, Any]:
    """Its attributes; empty: nothing tells whose it is."""
    ids = {"external_id": user_id(sending.event), "anonymous_id": visitor_id(sending.event)}
    who = stated({**ids, **_user_data(sending)})
    if not who:
        return {}
    ip = sending.person.ip if sending.config.send_device else ""
    more = stated({"location": stated({**who.pop("location", {}), "ip": ip})})
    return {**who, **more, **stated({"properties": stated(sending.config.profile)})}


def _user_data(sending: Sending) -> dict[str, Any]:
    if not allows_user_data(sending):
        return {}
    person = sending.person
    email = normalise.email(person.email)
    phone = normalise.phone(person.phone, person.country)
    came_from = _exchange_id(person.cookies.get(COOKIE, ""))
    if not (email or phone or came_from or user_id(sending.event)):
        return {}  # a name without anybody whose it is
    location = {
        "address1": person.street,
        "city": person.city,
        "region": person.region,
        "zip": person.postcode,
        "country": normalise.country(person.country),
    }
    return {
        "email": email,
        "phone_number": phone,
        "_kx": came_from,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "location": stated(location),
    }


def _exchange_id(text: str) -> str:
    """By what Klaviyo knows who clicked in one of its e-mails: from its cookie."""
    found = read_cookie(text, _Cookie)
    return found.exchange_id[:_MAX_CHARS] if found else ""
