"""Google Analytics 4, by its Measurement Protocol: a visitor's events, 25 a request.

    config    what a container says           values   numbers, and texts that are not too long
    names     which names GA4 takes           params   what each event says
    visitor   what the events of a request share

The protocol answers 2xx to whatever it is sent. So what it would silently drop is refused
beforehand, with words, or left out where the rest is worth sending.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from server.clock import HOUR_MS
from server.containers.model import Asked, Warned
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    encode,
    has,
    json_request,
)
from server.destinations.ga4.answers import ANSWERS, REFUSALS
from server.destinations.ga4.config import Config
from server.destinations.ga4.examples import EXAMPLES
from server.destinations.ga4.names import is_event, nearest_event
from server.destinations.ga4.params import params, session_cookie
from server.destinations.ga4.visitor import CLIENT_COOKIE, client_id, visitor

MAX_EVENTS = 25
MAX_BYTES = 130_000
AMOUNTS = frozenset({"add_payment_info", "add_shipping_info", "add_to_cart", "begin_checkout"}) | {
    *("add_to_wishlist", "generate_lead", "purchase", "refund", "remove_from_cart", "view_cart"),
    "view_item",
}
"""Events of GA4's own whose value needs a currency."""
WINDOW_MS = 71 * HOUR_MS
"""GA4 moves what is older than 72 hours to 72 hours ago; one hour is for the way."""


def message(sending: Sending) -> Message | Refused:
    """What a request says of the visitor, and the event; refuses what GA4 would take without a
    word and never show."""
    name = _name(sending)
    if not is_event(name):
        return Refused(
            "bad_name",
            f"GA4 takes no event {name!r:.100}; set `event_name: {nearest_event(name)}` on the tag",
        )
    if not client_id(sending):
        return Refused(
            "no_client_id",
            "neither our cookie nor `_ga` came with the event, so that GA4 cannot tell whose it is;"
            " without consent there is no cookie",
        )
    return {**visitor(sending), "event": _event(sending)}


def group(sending: Sending, message: Message) -> str:
    """Events may share a request when all but the events is the same; what it is cannot be read
    off the result."""
    return hashlib.sha256(encode([_url(sending.config), _shared(message)])).hexdigest()


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """The events of one visitor, in their order."""
    events = [message["event"] for message in messages]
    return json_request(_url(sendings[0].config), {**_shared(messages[0]), "events": events})


def cookies(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of gtag.js: its client id, and the session of the stream if the container names it."""
    stream = str(settings.get("measurement_id", ""))
    is_named = stream.isascii() and stream.removeprefix("G-").isalnum()
    return (CLIENT_COOKIE, session_cookie(stream)) if is_named else (CLIENT_COOKIE,)


def warn(asked: Asked) -> Iterator[Warned]:
    """What GA4 would take without a word and never show, as far as a tag tells beforehand."""
    settings, name = asked.settings, asked.settings.get("event_name")
    if name is None:
        for event in sorted(event for event in asked.events if not is_event(event)):
            yield (), f"GA4 takes no event {event!r}: set `event_name: {nearest_event(event)}`"
    sent = {str(name)} if name is not None else asked.events
    params = settings.get("params")
    params = params if isinstance(params, dict) else {}
    if sent & AMOUNTS and "currency" in params and not params["currency"]:
        yield ("params", "currency"), "GA4 ignores the value of an event without a currency"
    if "purchase" in sent and "transaction_id" in params and not params["transaction_id"]:
        yield ("params", "transaction_id"), "without it GA4 counts a purchase twice"


def _shared(message: Message) -> Message:
    return {name: said for name, said in message.items() if name != "event"}


def _event(sending: Sending) -> dict[str, Any]:
    return {
        "name": _name(sending),
        "params": params(sending),
        "timestamp_micros": sending.event.occurred_at * 1000,
    }


def _name(sending: Sending) -> str:
    return sending.config.event_name or sending.event.name


def _url(config: Config) -> str:
    query = {"measurement_id": config.measurement_id, "api_secret": config.api_secret}
    return f"{config.endpoint}/mp/collect?{urlencode(query)}"


DESTINATION = Destination(
    name="ga4",
    title="Google Analytics 4",
    about="Each event to a GA4 web stream, in the session and with the client id of its visitor.",
    docs="https://developers.google.com/analytics/devguides/collection/protocol/ga4",
    config=Config,
    message=message,
    group=group,
    wrap=wrap,
    takes_any=True,
    match_keys={
        "browser_id": has("client_id"),
        "user_id": has("user_id"),
        "email": has("user_data.sha256_email_address"),
        "phone": has("user_data.sha256_phone_number"),
        "address": has("user_data.address"),
        "ip": has("ip_override"),
    },
    dedup="`transaction_id`, of purchases alone",
    max_events=MAX_EVENTS,
    max_bytes=MAX_BYTES,
    window_ms=WINDOW_MS,
    tcf=Tcf(vendor=755, purposes=(1, 3, 4, 7, 9, 10)),
    cookies=cookies,
    warn=warn,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
