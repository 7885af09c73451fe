"""Amplitude, by its HTTP API: events of any name, with the order's value as revenue.

config    what a container says          visitor   whose event it is, by whose cookie
judging   which events of a request an answer tells of
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.amplitude.config import Config
from server.destinations.amplitude.examples import ANSWERS, EXAMPLES, REFUSALS
from server.destinations.amplitude.judging import judge
from server.destinations.amplitude.visitor import cookie_name, visitor
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    by_settings,
    campaign,
    commerce,
    cut,
    has,
    json_request,
    money,
    page,
    props,
    stated,
    with_params,
)
from server.model import Event

MAX_EVENTS = 2000
MAX_BYTES = 1_000_000
MAX_CHARS = 1024
"""Of any text; Amplitude cuts what is longer."""
MIN_ID_CHARS = 1
"""Amplitude forgets ids of fewer than five characters, unless it is told not to."""
WINDOW_MS = 7 * DAY_MS
"""For as long Amplitude knows an event again; events themselves may be of any age."""
_SIGNS = {"purchase": "", "refund": "-"}


def message(sending: Sending) -> Message | Refused:
    """One event, or why it is nobody's."""
    event, config = sending.event, sending.config
    who = visitor(sending)
    if "user_id" not in who and "device_id" not in who:
        return Refused(
            "no_visitor",
            "neither a cookie nor a user id came with the event, and Amplitude takes none that is"
            " nobody's; without consent there is no cookie",
        )
    said = {**page(event), **campaign(event), **props(event), **commerce(event)}
    fields = {
        **who,
        "event_type": config.event_name or event.name,
        "time": event.occurred_at,
        # Amplitude looks at nothing else: two events that a page gives one id would be one.
        "insert_id": event.event_id,
        "event_properties": with_params(said, config.params),
        "user_properties": stated(config.user_properties),
        **_revenue(event),
        **_device(sending),
    }
    said_at_most: Message = cut(stated(fields), MAX_CHARS)
    return said_at_most


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events in their order."""
    config = sendings[0].config
    path = "/batch" if config.upload == "batch" else "/2/httpapi"
    body = {
        "api_key": config.api_key,
        "events": list(messages),
        "options": {"min_id_length": MIN_ID_CHARS},
    }
    return json_request(config.endpoint + path, body)


def cookies(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """In which Amplitude's script keeps its ids on the page, if the container names the key."""
    key = str(settings.get("api_key", ""))
    return (cookie_name(key),) if key.isascii() and key.isalnum() else ()


def _revenue(event: Event) -> dict[str, Any]:
    """What an order brought, or took back."""
    if event.name not in _SIGNS or event.value is None:
        return {}
    amount = event.value.removeprefix("-") if event.name == "refund" else event.value
    revenue = money(_SIGNS[event.name] + amount)
    return {"revenue": revenue, "currency": event.currency.upper()}


def _device(sending: Sending) -> dict[str, Any]:
    """For the web, Amplitude's system is the browser, and its model the system."""
    event = sending.event
    ip = sending.person.ip if sending.config.send_device else ""
    place = {"country": event.country, "region": event.region, "city": event.city}
    return {
        "platform": "Web",
        "os_name": event.browser,
        "os_version": event.browser_version,
        "device_brand": event.device_brand,
        "device_model": event.device_model or event.os,
        "language": event.language,
        **({"ip": ip} if ip else place),
    }


DESTINATION = Destination(
    name="amplitude",
    title="Amplitude",
    about="Each event to an Amplitude project, orders as revenue.",
    docs="https://amplitude.com/docs/apis/analytics/http-v2",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_key", "upload"),
    wrap=wrap,
    judge=judge,
    takes_any=True,
    match_keys={
        "user_id": has("user_id"),
        "browser_id": has("device_id"),
        "ip": has("ip"),
    },
    dedup="`insert_id`, for 7 days",
    max_events=MAX_EVENTS,
    max_bytes=MAX_BYTES,
    window_ms=WINDOW_MS,
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
