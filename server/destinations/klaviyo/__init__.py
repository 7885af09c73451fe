"""Klaviyo, by its events API: metrics of profiles, one a request, or in bulk.

config    what a container says          profile   whose event it is
products  an order in Klaviyo's words    judging   which event of a bulk an answer tells of
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    by_settings,
    campaign,
    has,
    iso_time,
    json_request,
    money,
    page,
    props,
    stated,
    with_params,
)
from server.destinations.klaviyo.config import Config
from server.destinations.klaviyo.examples import ANSWERS, EXAMPLES, REFUSALS
from server.destinations.klaviyo.judging import judge
from server.destinations.klaviyo.products import order
from server.destinations.klaviyo.profile import COOKIE, profile

EVENTS = {
    "page_view": "Active on Site",
    "view_item": "Viewed Product",
    "add_to_cart": "Added to Cart",
    "begin_checkout": "Started Checkout",
    "purchase": "Placed Order",
    "refund": "Refunded Order",
}
MAX_EVENTS = 1000
MAX_BYTES = 5_000_000
MAX_NAME_CHARS = 127
MAX_PROPERTIES = 400
WINDOW_MS = 7 * DAY_MS
"""Klaviyo itself takes events of any age; a week is enough for us to wait."""

_of_account = by_settings("endpoint", "api_key", "api_version", "bulk")


def message(sending: Sending) -> Message | Refused:
    """An event's attributes, or why it is nobody's."""
    event, config = sending.event, sending.config
    who = profile(sending)
    if not who:
        return Refused(
            "no_match_key",
            "nothing tells Klaviyo whose it is: no cookie, no user id, and no e-mail or phone that"
            " may be sent",
        )
    name = config.event_name or EVENTS.get(event.name, event.name)[:MAX_NAME_CHARS]
    said = with_params(
        {**page(event), **campaign(event), **props(event), **order(event)}, config.params
    )
    amount = {"value": money(event.value), "value_currency": event.currency.upper()}
    return {
        "metric": {"data": {"type": "metric", "attributes": {"name": name}}},
        "profile": {"data": {"type": "profile", "attributes": who}},
        "properties": dict(islice(said.items(), MAX_PROPERTIES)),
        "time": iso_time(event.occurred_at),
        "unique_id": event.shared_id,
        **(stated(amount) if event.value is not None else {}),
    }


def group(sending: Sending, message: Message) -> str:
    """One event a request, unless the tag says otherwise."""
    alone = "" if sending.config.bulk else sending.event.event_id
    return _of_account(sending, message) + alone


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """An event, or a job of several."""
    config: Config = sendings[0].config
    headers = {
        "authorization": f"Klaviyo-API-Key {config.api_key}",
        "revision": config.api_version,
    }
    if not config.bulk:
        data = {"type": "event", "attributes": messages[0]}
        return json_request(f"{config.endpoint}/api/events", {"data": data}, headers)
    jobs = {"events-bulk-create": {"data": [_entry(message) for message in messages]}}
    body = {"data": {"type": "event-bulk-create-job", "attributes": jobs}}
    return json_request(f"{config.endpoint}/api/event-bulk-create-jobs", body, headers)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """In which Klaviyo's script keeps whom it knows on the page."""
    return (COOKIE,)


def _entry(message: Message) -> dict[str, Any]:
    """The event of one profile, in a job."""
    event = {name: said for name, said in message.items() if name != "profile"}
    events = {"data": [{"type": "event", "attributes": event}]}
    attributes = {"profile": message["profile"], "events": events}
    return {"type": "event-bulk-create", "attributes": attributes}


DESTINATION = Destination(
    name="klaviyo",
    title="Klaviyo",
    about="Each event as a metric of its visitor's profile, to start flows and make segments.",
    docs="https://developers.klaviyo.com/en/reference/create_event",
    config=Config,
    message=message,
    group=group,
    wrap=wrap,
    judge=judge,
    events=EVENTS,
    takes_any=True,
    match_keys={
        "external_id": has("profile.data.attributes.external_id"),
        "browser_id": has("profile.data.attributes.anonymous_id"),
        "click_id": has("profile.data.attributes._kx"),
        "email": has("profile.data.attributes.email"),
        "phone": has("profile.data.attributes.phone_number"),
        "name": has("profile.data.attributes.last_name"),
        "address": has("profile.data.attributes.location.zip"),
        "ip": has("profile.data.attributes.location.ip"),
    },
    dedup="`unique_id`, of the same metric and profile",
    max_events=MAX_EVENTS,
    max_bytes=MAX_BYTES,
    window_ms=WINDOW_MS,
    consent=("analytics_storage", "ad_user_data"),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
