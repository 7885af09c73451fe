"""Pinterest's API for Conversions: what visitors did, to an ad account; each event has its own
answer.

    config    what a container says          examples   what Pinterest is sent, and would refuse
    answers   what its answers mean
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS, HOUR_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    MATCH_KEYS,
    RULES,
    Destination,
    Message,
    Sending,
    Tcf,
    by_settings,
    custom_data,
    denies_personalization,
    has,
    json_request,
    no_match_key,
    occurred_s,
    partner_name,
    quantity,
    stated,
    user_data,
    with_params,
)
from server.destinations.pinterest.answers import ANSWERS, judge
from server.destinations.pinterest.config import Config
from server.destinations.pinterest.examples import EXAMPLES, REFUSALS
from server.person import normalise
from server.person.clicks import click_cookies, click_id

MAX_EVENTS = 1000
WINDOW_MS = 7 * DAY_MS - HOUR_MS
EVENTS = {
    "page_view": "page_visit",
    "view_item": "view_content",
    "view_item_list": "view_category",
    "search": "search",
    "view_search_results": "search",
    "add_to_cart": "add_to_cart",
    "add_to_wishlist": "add_to_wishlist",
    "begin_checkout": "initiate_checkout",
    "add_payment_info": "add_payment_info",
    "purchase": "checkout",
    "generate_lead": "lead",
    "sign_up": "signup",
}
OWN_RULES = {
    **RULES,
    "fn": ("first_name", normalise.solid),
    "ln": ("last_name", normalise.solid),
    "zp": ("postcode", normalise.pinterest_postcode),
}
CONTENTS = {
    "id": "item_id",
    "item_name": "item_name",
    "item_category": "item_category",
    "item_brand": "item_brand",
    "item_price": "price",
    "quantity": "quantity",
}
LIMITED = "LDP"


def message(sending: Sending) -> Message | Refused:
    """https://developers.pinterest.com/docs/api/v5/events-create"""
    event, config = sending.event, sending.config
    name = partner_name(sending, EVENTS)
    if isinstance(name, Refused):
        return name
    person = _user_data(sending)
    if not _is_known(person):
        return no_match_key("Pinterest", "e-mail", "address with user agent")
    custom = _custom_data(sending)
    if "value" in custom and "currency" not in custom:
        return Refused(
            "no_currency",
            "Pinterest takes a value without a currency for one of the ad account's: set "
            "`currency` of the event or the container",
        )
    return stated(
        {
            "event_name": name,
            "event_time": occurred_s(event),
            "event_id": event.shared_id,
            "action_source": config.action_source,
            "event_source_url": event.url,
            "user_data": person,
            "custom_data": custom,
            "opt_out": denies_personalization(event) or None,
            "language": event.language[:2],
        }
    )


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events of one ad account."""
    config: Config = sendings[0].config
    place = f"{config.endpoint}/{config.api_version}/ad_accounts/{config.ad_account_id}/events"
    place += "?test=true" if config.validate_only else ""
    token = {"authorization": f"Bearer {config.access_token}"}
    return json_request(place, {"data": list(messages)}, token)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """The one of Pinterest's tag: the click."""
    return click_cookies("epik")


def _user_data(sending: Sending) -> dict[str, Any]:
    clicked = click_id(sending.person, "epik").value
    return stated(user_data(sending, OWN_RULES) | {"click_id": clicked})


def _is_known(person: Mapping[str, Any]) -> bool:
    """A click is not enough for Pinterest."""
    return "em" in person or ("client_ip_address" in person and "client_user_agent" in person)


def _custom_data(sending: Sending) -> dict[str, Any]:
    """The event's own, and what the tag says, which beats it; money is text to Pinterest."""
    event, config = sending.event, sending.config
    known = custom_data(event, CONTENTS)
    is_limited = denies_personalization(event) or config.limited_data_use
    further = {
        "contents": [_priced(one, "item_price") for one in known["contents"]],
        "num_items": quantity(event.items),
        "opt_out_type": LIMITED if is_limited else "",
    }
    return _priced(with_params(known | further, config.params), "value")


def _priced(said: dict[str, Any], name: str) -> dict[str, Any]:
    return {**said, name: str(said[name])} if name in said else said


DESTINATION = Destination(
    name="pinterest",
    title="Pinterest API for Conversions",
    about="What visitors did, to an ad account of Pinterest.",
    docs="https://developers.pinterest.com/docs/api/v5/events-create",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "ad_account_id", "access_token", "validate_only"),
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    match_keys={**MATCH_KEYS, "click_id": has("user_data.click_id")},
    dedup="`event_id` and the event's name; the tag's copy too",
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
