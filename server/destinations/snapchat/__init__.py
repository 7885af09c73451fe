"""Snapchat Conversions API v3: what visitors did, to a pixel of Snap's ads.

    config    what a container says          examples   what Snap is sent, and would refuse
    answers   what its answers mean

One event that Snap does not like makes the whole request invalid, so that the forwarder halves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from server.clock import DAY_MS, HOUR_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    MATCH_KEYS,
    Destination,
    Message,
    Sending,
    Tcf,
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
    with_params,
)
from server.destinations.snapchat.answers import ANSWERS, judge
from server.destinations.snapchat.config import Config
from server.destinations.snapchat.examples import EXAMPLES, REFUSALS
from server.model import Event
from server.person.clicks import click_cookies, click_id

MAX_EVENTS = 2000
AT_ONCE = 2
"""Snap lets ten requests a second pass, unless it is asked for more."""
WINDOW_MS = 7 * DAY_MS - HOUR_MS
"""Snap takes 37 days; a week is enough for us to wait with what is personal."""
EVENTS = {
    "page_view": "PAGE_VIEW",
    "view_item": "VIEW_CONTENT",
    "view_item_list": "LIST_VIEW",
    "search": "SEARCH",
    "view_search_results": "SEARCH",
    "add_to_cart": "ADD_CART",
    "add_to_wishlist": "ADD_TO_WISHLIST",
    "begin_checkout": "START_CHECKOUT",
    "add_payment_info": "ADD_BILLING",
    "purchase": "PURCHASE",
    "sign_up": "SIGN_UP",
    "login": "LOGIN",
    "share": "SHARE",
}
CONTENTS = {"id": "item_id", "quantity": "quantity", "item_price": "price", "brand": "item_brand"}
COOKIE = "_scid"


def message(sending: Sending) -> Message | Refused:
    """https://developers.snap.com/api/marketing-api/Conversions-API/Parameters"""
    event, config = sending.event, sending.config
    name = partner_name(sending, EVENTS)
    if isinstance(name, Refused):
        return name
    person = _user_data(sending)
    if not _is_known(person):
        return no_match_key("Snap", "e-mail", "phone", "address with user agent")
    if not event.url and config.action_source == "WEB":
        return Refused(
            "no_page",
            "Snap requires the page of what happens on the web: let the tag send it, or set "
            "`action_source: OFFLINE`",
        )
    custom = with_params(_custom_data(event), config.params)
    if name == "PURCHASE" and (missing := missing_amount(custom)):
        return missing
    denies = denies_personalization(event)
    fields = {
        "event_name": name,
        "event_time": occurred_s(event),
        "event_id": event.shared_id,
        "action_source": config.action_source,
        "event_source_url": event.url,
        "user_data": person,
        "custom_data": custom,
        "opt_out": denies or None,
        "data_processing_options": ["LDU"] if denies or config.limited_data_use else [],
    }
    return stated(fields)


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events of one pixel."""
    config: Config = sendings[0].config
    place = f"{config.endpoint}/{config.api_version}/{config.pixel_id}/events"
    place += "/validate" if config.validate_only else ""
    query = urlencode({"access_token": config.access_token})
    return json_request(f"{place}?{query}", {"data": list(messages)})


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of Snap's pixel: the click, and the browser."""
    return (*click_cookies("sccid"), COOKIE)


def _user_data(sending: Sending) -> dict[str, Any]:
    clicks = {
        "sc_click_id": click_id(sending.person, "sccid").value,
        "sc_cookie1": sending.person.cookies.get(COOKIE),
    }
    return stated(user_data(sending) | clicks)


def _is_known(person: Mapping[str, Any]) -> bool:
    """Clicks and cookies are not enough for Snap."""
    has_device = "client_ip_address" in person and "client_user_agent" in person
    return has_device or "em" in person or "ph" in person


def _custom_data(event: Event) -> dict[str, Any]:
    """What is said of a product is text to Snap, numbers too."""
    known = custom_data(event, CONTENTS)
    products = [{name: str(said) for name, said in one.items()} for one in known["contents"]]
    one = event.items[0] if len(event.items) == 1 else None
    return known | {
        "contents": products,
        "content_category": one.item_category if one else "",
        "num_items": quantity(event.items),
        "sign_up_method": event.props.get("method") if event.name == "sign_up" else "",
    }


DESTINATION = Destination(
    name="snapchat",
    title="Snapchat Conversions API",
    about="What visitors did, to a pixel of Snapchat ads.",
    docs="https://developers.snap.com/api/marketing-api/Conversions-API",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "pixel_id", "access_token", "validate_only"),
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    match_keys={
        **MATCH_KEYS,
        "click_id": has("user_data.sc_click_id"),
        "browser_id": has("user_data.sc_cookie1"),
    },
    dedup="`event_id` and the event's name, for 48 hours; the pixel's copy too",
    max_events=MAX_EVENTS,
    at_once=AT_ONCE,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    tcf=Tcf(vendor=None, purposes=(1, 2, 3, 4, 7, 9, 10)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
