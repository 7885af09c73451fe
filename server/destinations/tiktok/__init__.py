"""TikTok Events API 2.0: what visitors did, to a pixel of TikTok's ads.

config    what a container says          examples   what TikTok is sent, and would refuse
answers   what its answers mean
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS, HOUR_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    allows_user_data,
    by_settings,
    custom_data,
    denies_personalization,
    external_ids,
    has,
    json_request,
    no_match_key,
    occurred_s,
    partner_name,
    quantity,
    stated,
    with_params,
)
from server.destinations.tiktok.answers import ANSWERS, judge
from server.destinations.tiktok.config import Config
from server.destinations.tiktok.examples import EXAMPLES, REFUSALS
from server.model import Event
from server.person import normalise
from server.person.clicks import click_cookies, click_id
from server.person.hashing import Rule, hashes

MAX_EVENTS = 1000
WINDOW_MS = 7 * DAY_MS - HOUR_MS
EVENTS = {
    "page_view": "Pageview",
    "view_item": "ViewContent",
    "search": "Search",
    "view_search_results": "Search",
    "add_to_cart": "AddToCart",
    "add_to_wishlist": "AddToWishlist",
    "begin_checkout": "InitiateCheckout",
    "add_payment_info": "AddPaymentInfo",
    "purchase": "Purchase",
    "generate_lead": "Lead",
    "sign_up": "CompleteRegistration",
    "file_download": "Download",
}
RULES: Mapping[str, Rule] = {
    "email": ("email", normalise.email),
    "phone": ("phone", normalise.phone),
    "first_name": ("first_name", normalise.solid),
    "last_name": ("last_name", normalise.solid),
    "zip_code": ("postcode", normalise.meta_postcode),
}
CONTENTS = {
    "content_id": "item_id",
    "content_name": "item_name",
    "content_category": "item_category",
    "brand": "item_brand",
    "price": "price",
    "quantity": "quantity",
}
COOKIE = "_ttp"
IDENTIFIERS = ("ttclid", "ttp", "email", "phone", "external_id", "ip")


def message(sending: Sending) -> Message | Refused:
    """https://business-api.tiktok.com/portal/docs?id=1771100865818625"""
    event, config = sending.event, sending.config
    name = partner_name(sending, EVENTS)
    if isinstance(name, Refused):
        return name
    user = _user(sending)
    if not any(key in user for key in IDENTIFIERS):
        return no_match_key("TikTok", "click", "cookie", "e-mail", "phone", "id", "address")
    return stated(
        {
            "event": name,
            "event_time": occurred_s(event),
            "event_id": event.shared_id,
            "user": user,
            "page": stated({"url": event.url, "referrer": event.referrer}),
            "properties": with_params(_properties(event), config.params),
            "limited_data_use": denies_personalization(event) or config.limited_data_use or None,
        }
    )


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events of one pixel."""
    config: Config = sendings[0].config
    body = {
        "event_source": config.event_source,
        "event_source_id": config.pixel_code,
        "test_event_code": config.test_event_code,
        "data": list(messages),
    }
    return json_request(
        f"{config.endpoint}/open_api/{config.api_version}/event/track/",
        stated(body),
        {"access-token": config.access_token},
    )


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of TikTok's pixel: the click, and the browser."""
    return (*click_cookies("ttclid"), COOKIE)


def _user(sending: Sending) -> dict[str, Any]:
    event, person, config = sending.event, sending.person, sending.config
    device = {"ip": person.ip, "user_agent": person.user_agent, "locale": event.language}
    known = _person(sending) if allows_user_data(sending) else {}
    return stated(
        {
            **known,
            "external_id": external_ids(sending),
            "ttclid": click_id(person, "ttclid").value,
            "ttp": person.cookies.get(COOKIE),
            **(device if config.send_device else {}),
        }
    )


def _person(sending: Sending) -> dict[str, Any]:
    """Hashed but for the place; e-mail and phone may be several."""
    person = sending.person
    found: dict[str, Any] = dict(hashes(person, RULES))
    for name in ("email", "phone"):
        found[name] = [found[name]] if name in found else []
    place = {"city": person.city, "state": person.region, "country": person.country}
    return found | {name: normalise.tiktok_place(text) for name, text in place.items()}


def _properties(event: Event) -> dict[str, Any]:
    known = custom_data(event, CONTENTS)
    kind = "product" if known["contents"] else ""
    return {**known, "content_type": kind, "num_items": quantity(event.items)}


DESTINATION = Destination(
    name="tiktok",
    title="TikTok Events API",
    about="What visitors did, to a pixel of TikTok ads.",
    docs="https://business-api.tiktok.com/portal/docs?id=1771100865818625",
    config=Config,
    message=message,
    group=by_settings(
        "endpoint", "api_version", "pixel_code", "access_token", "event_source", "test_event_code"
    ),
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    match_keys={
        "email": has("user.email"),
        "phone": has("user.phone"),
        "name": has("user.last_name"),
        "address": has("user.zip_code"),
        "external_id": has("user.external_id"),
        "click_id": has("user.ttclid"),
        "browser_id": has("user.ttp"),
        "ip": has("user.ip"),
        "user_agent": has("user.user_agent"),
    },
    dedup="`event_id` and the event's name, for 48 hours; the pixel's copy too",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    tcf=Tcf(vendor=None, purposes=(1, 2, 3, 4, 7, 9, 10)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
