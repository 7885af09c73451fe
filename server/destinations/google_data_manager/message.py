"""An event as the Data Manager's `Event`: what it was worth, whose click and whose order it was."""

from __future__ import annotations

from typing import Any

from server.delivery import Refused
from server.destinations.contract import (
    GRANTED,
    Message,
    Sending,
    contents,
    iso_time,
    money,
    stated,
    with_params,
)
from server.destinations.contract.google import (
    NO_MATCH_KEY,
    google_clicks,
    google_consent,
    google_hashes,
    texts,
    valued,
)
from server.person import normalise

SESSION_COOKIE = "_dm_session_attributes"
MAX_SESSION_CHARS = 4000
ITEM = {"merchantProductId": "item_id", "quantity": "quantity", "unitPrice": "price"}
CONSENT = {"granted": "CONSENT_GRANTED", "denied": "CONSENT_DENIED"}
NO_ADDRESS = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
        # What lies overseas, the Economic Area beyond the Union, and the two others.
        "AX", "GF", "GP", "MF", "MQ", "RE", "YT", "IS", "LI", "NO", "CH", "GB",
    }
)  # fmt: skip
"""The European Economic Area, Switzerland, the United Kingdom: of their visitors Google takes no IP
address."""


def message(sending: Sending) -> Message | Refused:
    """What Google is told; refused, where it could not find a click, or the value has no
    currency."""
    identifiers = _identifiers(sending)
    clicks = _clicks(sending)
    if not identifiers and not clicks:
        return NO_MATCH_KEY
    event = sending.event
    said = {
        "transactionId": event.transaction_id or event.shared_id,
        "eventTimestamp": iso_time(min(event.occurred_at, event.received_at)),
        "eventSource": "WEB",
        "conversionValue": money(event.value),
        "currency": event.currency.upper(),
        "userData": stated({"userIdentifiers": identifiers}),
        "adIdentifiers": clicks,
        "eventDeviceInfo": _device(sending),
        "consent": google_consent(event, CONSENT),
        "cartData": _cart(sending),
        "customVariables": [
            {"variable": name, "value": value}
            for name, value in texts(sending.config.custom_variables).items()
        ],
    }
    return valued(with_params(said, sending.config.params), currency="currency")


def _identifiers(sending: Sending) -> list[dict[str, Any]]:
    found = google_hashes(sending)
    person = sending.person
    address = {
        "givenName": found.get("givenName", ""),
        "familyName": found.get("familyName", ""),
        "regionCode": normalise.country(person.country),
        "postalCode": normalise.postcode(person.postcode),
    }
    identifiers: list[dict[str, Any]] = [
        {"emailAddress": found.get("email", "")},
        {"phoneNumber": found.get("phone", "")},
        {"address": address if all(address.values()) else {}},
    ]
    return [one for one in identifiers if all(one.values())]


def _clicks(sending: Sending) -> dict[str, str]:
    session = sending.person.cookies.get(SESSION_COOKIE, "")
    clicks = google_clicks(sending.person)
    is_whole = session.isascii() and 0 < len(session) <= MAX_SESSION_CHARS
    return {**clicks, "sessionAttributes": session} if clicks and is_whole else clicks


def _device(sending: Sending) -> dict[str, str]:
    if not sending.config.send_device or sending.event.consent.get("ad_user_data") != GRANTED:
        return {}
    person, country = sending.person, sending.event.country
    takes_address = bool(country) and country not in NO_ADDRESS
    return stated({"userAgent": person.user_agent, "ipAddress": person.ip if takes_address else ""})


def _cart(sending: Sending) -> dict[str, Any]:
    config = sending.config
    items = contents(sending.event.items, ITEM)
    cart = {
        "merchantId": config.merchant_id,
        "merchantFeedLabel": config.feed_label,
        "merchantFeedLanguageCode": config.feed_language,
        "items": items,
    }
    return stated(cart) if items else {}
