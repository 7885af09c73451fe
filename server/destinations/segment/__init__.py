"""Segment, and whoever takes the same calls, such as RudderStack: track, page and identify.

    config    what a container says        context   whose event it is, and where it was
    names     Segment's words for e-commerce

Segment answers 200 to nearly everything: an event that is too large, or nobody's, or one of too
many, is dropped behind it without a word. So those are refused here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    basic,
    by_settings,
    encode,
    has,
    iso_time,
    json_request,
    props,
    stated,
    user_id,
    with_params,
)
from server.destinations.segment.config import Call, Config
from server.destinations.segment.context import ANONYMOUS_COOKIE, anonymous_id, context, traits
from server.destinations.segment.examples import ANSWERS, EXAMPLES, REFUSALS
from server.destinations.segment.names import EVENTS, RENAMED, shop

MAX_EVENTS = 2500
MAX_BYTES = 500_000
MAX_EVENT_BYTES = 32_000
WINDOW_MS = 7 * DAY_MS
"""Segment itself takes events of any age; a week is enough for us to wait."""


def message(sending: Sending) -> Message | Refused:
    """One call, or why Segment would drop it."""
    event, config = sending.event, sending.config
    call: Call = config.call or ("page" if event.name == "page_view" else "track")
    who = stated({"anonymousId": anonymous_id(sending), "userId": user_id(event)})
    if not who:
        return Refused(
            "no_visitor",
            "neither a cookie nor a user id came with the event, and Segment drops what is"
            " nobody's; without consent there is no cookie",
        )
    said = {
        "type": call,
        # Segment looks at nothing else: two events that a page gives one id would be one.
        "messageId": event.event_id,
        "timestamp": iso_time(event.occurred_at),
        **who,
        **_said(sending, call),
        "context": context(sending, has_traits=call != "identify"),
        **stated({"integrations": config.integrations}),
    }
    size = len(encode(said))
    if size > MAX_EVENT_BYTES:
        return Refused("too_large", f"{size:,} bytes, and Segment drops events of more than 32 KB")
    return said


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Calls in their order."""
    config = sendings[0].config
    url = f"{config.endpoint}/v1/batch"
    return json_request(url, {"batch": list(messages)}, basic(config.write_key))


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """In which analytics.js keeps its id on the page."""
    return (ANONYMOUS_COOKIE,)


def _said(sending: Sending, call: Call) -> dict[str, Any]:
    """What the call itself is about."""
    event, config = sending.event, sending.config
    if call == "identify":
        return stated({"traits": with_params(traits(sending), config.params)})
    own = {RENAMED.get(name, name): value for name, value in props(event).items()}
    if call == "page":
        page = context(sending, has_traits=False).get("page", {})
        name, said = config.event_name or "", {**own, **page}
        return stated({"name": name, "properties": with_params(said, config.params)})
    name = config.event_name or EVENTS.get(event.name, event.name)
    return {"event": name, "properties": with_params({**own, **shop(event)}, config.params)}


DESTINATION = Destination(
    name="segment",
    title="Segment",
    about="Each event as a track, page or identify call, in the words of Segment's e-commerce.",
    docs="https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/",
    config=Config,
    message=message,
    group=by_settings("endpoint", "write_key"),
    wrap=wrap,
    events=EVENTS,
    takes_any=True,
    match_keys={
        "user_id": has("userId"),
        "browser_id": has("anonymousId"),
        "email": lambda said: has("context.traits.email")(said) or has("traits.email")(said),
        "phone": lambda said: has("context.traits.phone")(said) or has("traits.phone")(said),
        "ip": has("context.ip"),
        "user_agent": has("context.userAgent"),
    },
    dedup="`messageId`",
    max_events=MAX_EVENTS,
    max_bytes=MAX_BYTES,
    window_ms=WINDOW_MS,
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
