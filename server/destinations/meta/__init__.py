"""Meta Conversions API: what visitors did, to a dataset of Facebook's and Instagram's ads.

    config    what a container says          examples   what Meta is sent, and would refuse
    answers   what its answers mean

One event that Meta refuses refuses the whole request, so that the forwarder halves it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from server.clock import DAY_MS, HOUR_MS
from server.containers.model import Asked, Warned
from server.delivery import Refused, Request
from server.destinations.contract import (
    MATCH_KEYS,
    Destination,
    Message,
    Sending,
    Tcf,
    allows_user_data,
    by_settings,
    custom_data,
    denies_personalization,
    has,
    json_request,
    missing_amount,
    no_match_key,
    occurred_s,
    partner_name,
    quantity,
    stated,
    user_data,
    visitor_id,
    with_params,
)
from server.destinations.meta.answers import ANSWERS, judge
from server.destinations.meta.config import Config
from server.destinations.meta.examples import EXAMPLES, REFUSALS
from server.model import Event
from server.person.fb_ids import FBC_COOKIE, FBP_COOKIE, fbc, fbp

MAX_EVENTS = 1000
WINDOW_MS = 7 * DAY_MS - HOUR_MS
"""Meta takes seven days, and refuses a request for one event that is older; one hour is for the
way."""
EVENTS = {
    "page_view": "PageView",
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
}
TOO_BROAD = frozenset({"client_user_agent", "ct", "st", "zp", "country"})
"""Of this alone Meta cannot tell anybody, and refuses the event."""
CONTENTS = {"id": "item_id", "quantity": "quantity", "item_price": "price"}


def message(sending: Sending) -> Message | Refused:
    """https://developers.facebook.com/docs/marketing-api/conversions-api/parameters"""
    event, config = sending.event, sending.config
    name = partner_name(sending, EVENTS)
    if isinstance(name, Refused):
        return name
    person = _user_data(sending)
    if person.keys() <= TOO_BROAD:
        return no_match_key("Meta", "click", "cookie", "e-mail", "phone", "name", "id", "address")
    if config.action_source == "website" and not (event.url and person.get("client_user_agent")):
        return Refused(
            "no_page",
            "Meta requires page and user agent of what happens on a website: let the tag send "
            "them, or set its `action_source`",
        )
    custom = _custom_data(event, name, config.params)
    if name == "Purchase" and (missing := missing_amount(custom)):
        return missing
    fields = {
        "event_name": name,
        "event_time": occurred_s(event),
        "event_id": event.shared_id,
        "action_source": config.action_source,
        "event_source_url": event.url,
        "referrer_url": event.referrer,
        "user_data": person,
        "custom_data": custom,
    }
    return {**stated(fields), **_limits(sending)}


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events of one dataset."""
    config: Config = sendings[0].config
    query = {"access_token": config.access_token}
    if config.app_secret:
        key, token = config.app_secret.encode(), config.access_token.encode()
        query["appsecret_proof"] = hmac.digest(key, token, hashlib.sha256).hex()
    body = stated({"data": list(messages), "test_event_code": config.test_event_code})
    place = f"{config.endpoint}/{config.api_version}/{config.pixel_id}/events"
    return json_request(f"{place}?{urlencode(query)}", body)


def warn(asked: Asked) -> Iterator[Warned]:
    """What Meta takes and then makes no use of."""
    settings = asked.settings
    is_website = settings.get("action_source", "website") == "website"
    if is_website and settings.get("send_device") is False:
        yield ("send_device",), "Meta requires the user agent of events of a website"


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of Meta's pixel: the click, and the browser."""
    return (FBC_COOKIE, FBP_COOKIE)


def _user_data(sending: Sending) -> dict[str, Any]:
    """A browser's id that is made of our visitor's is one more of their ids."""
    event, person = sending.event, sending.person
    visitor = visitor_id(event) if allows_user_data(sending) else ""
    clicks = {
        "fbc": fbc(person, event.host, event.occurred_at),
        "fbp": fbp(person, visitor, event.host),
    }
    return stated(user_data(sending) | clicks)


def _custom_data(event: Event, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The event's own, and what the tag says, which beats it."""
    known = custom_data(event, CONTENTS)
    one = event.items[0] if len(event.items) == 1 else None
    further = {
        "content_type": "product" if known["contents"] else "",
        "content_name": one.item_name if one else "",
        "content_category": one.item_category if one else "",
        "num_items": quantity(event.items) if name == "InitiateCheckout" else None,
    }
    return with_params(known | further, params)


def _limits(sending: Sending) -> dict[str, Any]:
    """What Meta may not do with it; 0 leaves it to Meta to tell country and state."""
    denies = denies_personalization(sending.event)
    limits: dict[str, Any] = {"opt_out": True} if denies else {}
    if denies or sending.config.limited_data_use:
        limits["data_processing_options"] = ["LDU"]
        limits["data_processing_options_country"] = 0
        limits["data_processing_options_state"] = 0
    return limits


DESTINATION = Destination(
    name="meta",
    title="Meta Conversions API",
    about="What visitors did, to a pixel of Facebook and Instagram ads.",
    docs="https://developers.facebook.com/docs/marketing-api/conversions-api",
    config=Config,
    message=message,
    group=by_settings(
        "endpoint", "api_version", "pixel_id", "access_token", "app_secret", "test_event_code"
    ),
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    match_keys={
        **MATCH_KEYS,
        "click_id": has("user_data.fbc"),
        "browser_id": has("user_data.fbp"),
    },
    dedup="`event_id` and the event's name, for 48 hours; the pixel's copy too",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    tcf=Tcf(vendor=None, purposes=(1, 2, 3, 4, 7, 9, 10)),
    cookies=cookies,
    warn=warn,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
