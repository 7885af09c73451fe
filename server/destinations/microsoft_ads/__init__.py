"""Microsoft Advertising, by the UET Conversions API: page views and events, 1,000 a request.

    config    what a container says          examples   what Microsoft is sent, and would refuse
    judging   what an answer means

Conversion goals in the account go by an event's action, which is the event's own name here, or by
the page's address.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS, HOUR_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    allows_user_data,
    by_settings,
    contents,
    has,
    json_request,
    missing_amount,
    money,
    no_match_key,
    occurred_s,
    stated,
    user_id,
    visitor_id,
    with_params,
)
from server.destinations.microsoft_ads.config import Config
from server.destinations.microsoft_ads.examples import EXAMPLES, REFUSALS
from server.destinations.microsoft_ads.judging import ANSWERS, judge
from server.model import Event
from server.person import normalise
from server.person.clicks import click_cookies, click_id
from server.person.hashing import Rule, hashed, hashes

MAX_EVENTS = 1000
WINDOW_MS = 7 * DAY_MS - HOUR_MS
"""One hour of seven days is for the way."""
PAGE_VIEW = "page_view"
EVENTS = {PAGE_VIEW: "pageLoad"}
RULES: Mapping[str, Rule] = {
    "em": ("email", normalise.bare_email),
    "ph": ("phone", normalise.phone_digits),
}
ITEM = {"id": "item_id", "name": "item_name", "price": "price", "quantity": "quantity"}
PAGES = {
    "view_item": "product",
    "view_item_list": "category",
    "search": "searchresults",
    "view_search_results": "searchresults",
    "view_cart": "cart",
    "purchase": "purchase",
}
"""What kind of page an event is of, for Microsoft's dynamic remarketing."""
CONSENT = {"granted": "G", "denied": "D"}
VISITOR_COOKIE = "_uetvid"


def message(sending: Sending) -> Message | Refused:
    """https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration"""
    event, config = sending.event, sending.config
    person = _user_data(sending)
    if not person:
        return no_match_key("Microsoft", "click", "cookie", "e-mail", "phone", "id", "device")
    is_page = event.name == PAGE_VIEW and not config.event_name
    if is_page and not event.url:
        return Refused("no_page", "Microsoft requires the page of a page view: let the tag send it")
    custom = with_params(_custom_data(event), config.params)
    name = config.event_name or event.name
    if name == "purchase" and (missing := missing_amount(custom)):
        return missing
    fields = {
        "eventType": "pageLoad" if is_page else "custom",
        "eventName": "" if is_page else name,
        "eventId": event.shared_id,
        "eventTime": occurred_s(event),
        "eventSourceUrl": event.url,
        "pageLoadId": _page_load_id(event),
        "referrerUrl": event.referrer,
        "pageTitle": event.title,
        "adStorageConsent": CONSENT.get(event.consent.get("ad_storage", "")),
        "userData": person,
        "customData": custom,
    }
    return stated(fields)


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events of one tag; one that is wrong does not hold up the others."""
    config: Config = sendings[0].config
    headers = {"authorization": f"Bearer {config.access_token}"}
    url = f"{config.endpoint}/{config.api_version}/{config.tag_id}/events"
    return json_request(url, {"data": messages, "continueOnValidationError": True}, headers)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the UET tag in the page: the click, and the browser."""
    return (*click_cookies("msclkid"), VISITOR_COOKIE)


def _user_data(sending: Sending) -> dict[str, str]:
    event, person = sending.event, sending.person
    allowed: dict[str, str] = {}
    if allows_user_data(sending):
        allowed = {
            "anonymousId": person.cookies.get(VISITOR_COOKIE, "") or visitor_id(event),
            "externalId": hashed(user_id(event), normalise.solid),
            **hashes(person, RULES),
        }
    device = {"clientIpAddress": person.ip, "clientUserAgent": person.user_agent}
    return stated(
        {
            **allowed,
            "msclkid": click_id(person, "msclkid").value,
            **(device if sending.config.send_device else {}),
        }
    )


def _custom_data(event: Event) -> dict[str, Any]:
    items = contents(event.items, ITEM)
    return {
        "eventCategory": event.props.get("event_category"),
        "eventLabel": event.props.get("event_label"),
        "searchTerm": event.props.get("search_term"),
        "transactionId": event.transaction_id,
        "value": money(event.value),
        "currency": event.currency.upper(),
        "pageType": PAGES.get(event.name),
        "itemIds": [item["id"] for item in items],
        "items": items,
    }


def _page_load_id(event: Event) -> str:
    """Events of one page have the same, in the form of a random UUID, as Microsoft wants it."""
    if not event.page_id:
        return ""
    digest = hashlib.sha256(event.page_id.encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


DESTINATION = Destination(
    name="microsoft_ads",
    title="Microsoft Advertising",
    about="Page views and events to a UET tag, by its Conversions API.",
    docs="https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "tag_id", "access_token"),
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    takes_any=True,
    match_keys={
        "click_id": has("userData.msclkid"),
        "browser_id": has("userData.anonymousId"),
        "external_id": has("userData.externalId"),
        "email": has("userData.em"),
        "phone": has("userData.ph"),
        "ip": has("userData.clientIpAddress"),
        "user_agent": has("userData.clientUserAgent"),
    },
    dedup="`eventId`, with the UET tag in the page too",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
