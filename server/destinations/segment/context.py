"""Whose event it is, and where it was: what Segment's libraries say beside each call.

https://segment.com/docs/connections/spec/common/
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from server.destinations.contract import (
    GRANTED,
    Sending,
    allows_user_data,
    screen,
    stated,
    visitor_id,
)
from server.model import Event
from server.person import normalise

ANONYMOUS_COOKIE = "ajs_anonymous_id"

_ID = re.compile(r'"?([\w.:-]{1,128})"?')


def anonymous_id(sending: Sending) -> str:
    """That of analytics.js on the page, if its cookie came with the hit; else our visitor's id;
    "" without either."""
    found = _ID.fullmatch(unquote(sending.person.cookies.get(ANONYMOUS_COOKIE, "")))
    return found[1] if found else visitor_id(sending.event)


def traits(sending: Sending) -> dict[str, Any]:
    """Who it is, in clear; nothing without the setting and the consent for it."""
    if not allows_user_data(sending):
        return {}
    person = sending.person
    address = {
        "street": person.street,
        "city": person.city,
        "state": person.region,
        "postalCode": person.postcode,
        "country": normalise.country(person.country),
    }
    return stated(
        {
            "email": normalise.email(person.email),
            "phone": normalise.phone(person.phone, person.country),
            "firstName": person.first_name,
            "lastName": person.last_name,
            "address": stated(address),
        }
    )


def context(sending: Sending, *, has_traits: bool) -> dict[str, Any]:
    """Page, campaign, device, place and consent."""
    event, person = sending.event, sending.person
    sends_device = sending.config.send_device
    return stated(
        {
            "library": {"name": "freehold"},
            "page": _page(event),
            "campaign": _campaign(event),
            "locale": event.language,
            "timezone": event.timezone,
            "screen": dict(zip(("width", "height"), screen(event) or (), strict=False)),
            "device": _device(event),
            "os": stated({"name": event.os, "version": event.os_version}),
            "location": _location(event),
            "ip": person.ip if sends_device else "",
            "userAgent": person.user_agent if sends_device else "",
            "sessionId": event.session_id or None,
            "consent": _consent(event),
            "traits": traits(sending) if has_traits else {},
        }
    )


def _page(event: Event) -> dict[str, Any]:
    return stated(
        {
            "url": event.url,
            "path": event.path,
            "search": f"?{event.query}" if event.query else "",
            "title": event.title,
            "referrer": event.referrer,
        }
    )


def _campaign(event: Event) -> dict[str, Any]:
    return stated(
        {
            "name": event.campaign_name,
            "source": event.campaign_source,
            "medium": event.campaign_medium,
            "term": event.campaign_term,
            "content": event.campaign_content,
            "id": event.campaign_id,
        }
    )


def _device(event: Event) -> dict[str, Any]:
    return stated(
        {
            "type": event.device_type,
            "manufacturer": event.device_brand,
            "model": event.device_model,
        }
    )


def _location(event: Event) -> dict[str, Any]:
    return stated({"country": event.country, "region": event.region, "city": event.city})


def _consent(event: Event) -> dict[str, Any]:
    said = {purpose: answer == GRANTED for purpose, answer in event.consent.items()}
    return stated({"categoryPreferences": said})
