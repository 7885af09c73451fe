"""Reddit, by its Conversions API v3: the conversions of one pixel, 1,000 a request.

    config     what a container says
    examples   what Reddit is sent, and what its answers mean

Reddit takes all of a request or nothing of it. It names the events that it would not take, so that
the others are sent again at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import HOUR_MS
from server.delivery import Mixed, Outcome, Refused, Request, Resend, Response
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    allows_user_data,
    by_settings,
    contents,
    denies_personalization,
    document,
    has,
    json_request,
    judge_status,
    money,
    no_match_key,
    partner_name,
    quantity,
    screen,
    stated,
    user_id,
)
from server.destinations.reddit.config import Config
from server.destinations.reddit.examples import ANSWERS, EXAMPLES, REFUSALS
from server.model import Event
from server.person import normalise
from server.person.clicks import click_cookies, click_id
from server.person.hashing import hashed, hashes

MAX_EVENTS = 1000
WINDOW_MS = 167 * HOUR_MS
"""Reddit refuses what is older than 168 hours, with all that is beside it; one is for the way."""
EVENTS = {
    "page_view": "PAGE_VISIT",
    "view_item": "VIEW_CONTENT",
    "search": "SEARCH",
    "view_search_results": "SEARCH",
    "add_to_cart": "ADD_TO_CART",
    "add_to_wishlist": "ADD_TO_WISHLIST",
    "purchase": "PURCHASE",
    "generate_lead": "LEAD",
    "sign_up": "SIGN_UP",
}
RULES = {
    "email": ("email", normalise.bare_email),
    "phone_number": ("phone", normalise.phone),
}

PRODUCT = {
    "id": "item_id",
    "name": "item_name",
    "category": "item_category",
    "quantity": "quantity",
    "item_price": "price",
}

_CHARS = 200
_of_pixel = by_settings("endpoint", "api_version", "pixel_id", "access_token", "test_id")
_WORTHLESS = frozenset({"PAGE_VISIT", "VIEW_CONTENT", "SEARCH"})
_WITHOUT_COUNT = _WORTHLESS | {"LEAD", "SIGN_UP"}
_IDENTIFIERS = ("email", "phone_number", "external_id", "uuid", "ip_address")
_UUID = re.compile(r"[0-9]{1,16}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""As the pixel writes its cookie; anything else would have the whole request refused."""
_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")
_FAULT = re.compile(r"\$?\.?data\.events\[([0-9]{1,4})\]\.?(.*)", re.S)


def message(sending: Sending) -> Message | Refused:
    """A conversion; refused is what tells of nobody, and a worth without a currency."""
    name = partner_name(sending, EVENTS)
    if isinstance(name, Refused):
        return name
    is_standard = name in EVENTS.values()
    metadata = _metadata(sending, name if is_standard else "CUSTOM")
    if ("value" in metadata) != ("currency" in metadata):
        return Refused(
            "no_currency", "Reddit takes value and currency together: set `currency` of the event"
        )
    user = _user(sending)
    click = click_id(sending.person, "rdt_cid").value
    if not click and not any(name in user for name in _IDENTIFIERS):
        return no_match_key("Reddit", "click id", "cookie", "e-mail", "phone", "user id", "address")
    return stated(
        {
            "event_at": sending.event.occurred_at,
            "action_source": "WEBSITE",
            "event_source_url": sending.event.url,
            "type": {"tracking_type": name}
            if is_standard
            else {"tracking_type": "CUSTOM", "custom_event_name": name},
            "click_id": click,
            "metadata": metadata,
            "user": user,
        }
    )


def group(sending: Sending, message: Message) -> str:
    """The page that shows tests shows one event a request."""
    alone = sending.event.event_id if sending.config.test_id else ""
    return _of_pixel(sending, message) + alone


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """The conversions of one pixel."""
    config: Config = sendings[0].config
    return json_request(
        f"{config.endpoint}/api/{config.api_version}/pixels/{config.pixel_id}/conversion_events",
        {"data": stated({"events": list(messages), "test_id": config.test_id})},
        {"authorization": f"Bearer {config.access_token}"},
    )


def judge(response: Response) -> Outcome | Mixed:
    """A 400 names the events that were wrong, and none was taken."""
    judged = judge_status(response)
    error = document(response).get("error")
    faults = error.get("fields") if isinstance(error, Mapping) else None
    if response.status != 400 or not isinstance(faults, list):
        return judged
    parts: dict[int, Outcome] = {}
    for fault in faults:
        place, told = _fault(fault)
        if place is not None:
            parts.setdefault(place, Refused("invalid_event", told))
    return Mixed(parts, rest=Resend()) if parts else judged


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of Reddit's pixel: the browser, and the click that it came by."""
    return ("_rdt_uuid", *click_cookies("rdt_cid"))


def _fault(fault: Any) -> tuple[int | None, str]:
    """The place of an event that is wrong, and what is: `$.data.events[3].user.uuid`."""
    told = fault if isinstance(fault, Mapping) else {}
    found = _FAULT.fullmatch(str(told.get("field", "")))
    said = f"{found[2]}: {told.get('message', '')}" if found else ""
    return (int(found[1]) if found else None), said[:_CHARS]


def _metadata(sending: Sending, name: str) -> dict[str, Any]:
    """What happened, as far as Reddit takes it with this kind of conversion."""
    event, has_worth = sending.event, name not in _WORTHLESS and sending.event.value is not None
    known = {
        "conversion_id": event.shared_id,
        "value": money(event.value) if has_worth else None,
        "currency": event.currency.upper() if has_worth else None,
        "item_count": None if name in _WITHOUT_COUNT else quantity(event.items),
        "products": contents(event.items, PRODUCT),
    }
    return stated(known | sending.config.params)


def _user(sending: Sending) -> dict[str, Any]:
    event, person = sending.event, sending.person
    uuid = person.cookies.get("_rdt_uuid", "")
    user: dict[str, Any] = {"uuid": uuid if _UUID.fullmatch(uuid) else ""}
    if allows_user_data(sending):
        user |= hashes(person, RULES) | {"external_id": hashed(user_id(event), str.strip)}
    if sending.config.send_device:
        user |= {
            "ip_address": hashed(person.ip, str.strip),
            "user_agent": person.user_agent,
            "screen_dimensions": dict(zip(("width", "height"), screen(event) or (), strict=False)),
        }
    return stated(user | {"data_processing_options": _limits(event)})


def _limits(event: Event) -> dict[str, Any]:
    """Limited data use, of who wants no personalised advertising."""
    if not denies_personalization(event):
        return {}
    has_code = event.country and _SUBDIVISION.fullmatch(event.region)
    return stated(
        {
            "modes": ["LDU"],
            "country": event.country,
            "region": f"{event.country}-{event.region}" if has_code else "",
        }
    )


DESTINATION = Destination(
    name="reddit",
    title="Reddit",
    about="Conversions to a Reddit pixel, matched by click, browser and hashed user data.",
    docs="https://ads-api.reddit.com/docs/v3/operations/Post%20Conversion%20Events",
    config=Config,
    message=message,
    group=group,
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    match_keys={
        "email": has("user.email"),
        "phone": has("user.phone_number"),
        "external_id": has("user.external_id"),
        "click_id": has("click_id"),
        "browser_id": has("user.uuid"),
        "ip": has("user.ip_address"),
        "user_agent": has("user.user_agent"),
    },
    dedup="`conversion_id` and the kind of conversion, within two days",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    # Not known to be in the Global Vendor List.
    tcf=Tcf(vendor=None, purposes=(1, 3, 4, 7)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
