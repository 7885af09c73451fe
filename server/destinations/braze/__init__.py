"""Braze, by `/users/track`: custom events, orders as purchases, and what is known of the user.

    config    what a container says        user       whose event it is
    purchases the lines of an order        judging    what a 201 says of single events
    ecommerce an order in Braze's recommended events

A request holds 75 objects: events, purchases and attributes together, for most contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.braze.config import MAX_CHARS, Config
from server.destinations.braze.ecommerce import recommended
from server.destinations.braze.examples import ANSWERS, EXAMPLES, REFUSALS
from server.destinations.braze.judging import judge
from server.destinations.braze.purchases import purchases
from server.destinations.braze.user import attributes, user
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    by_settings,
    campaign,
    commerce,
    cut,
    has,
    iso_time,
    json_request,
    page,
    props,
    stated,
    with_params,
)

MAX_EVENTS = 37
"""Each may bring its user's attributes, so that half of 75 are events."""
WINDOW_MS = 7 * DAY_MS
"""Braze itself takes events of any age; a week is enough for us to wait."""

_of_workspace = by_settings("endpoint", "api_key")


def message(sending: Sending) -> Message | Refused:
    """An event or the purchases of an order, with its user's attributes; or why not."""
    event, config = sending.event, sending.config
    who = user(sending)
    if not who:
        return Refused(
            "no_match_key",
            "nothing tells Braze whose it is: no user id, no `braze_id` of the tag, no e-mail that"
            " may be sent; with `alias_label` visitors without one are sent too",
        )
    common = {**who, **_flags(config), **stated({"app_id": config.app_id})}
    common["time"] = iso_time(event.occurred_at)
    known = attributes(sending)
    more = {"attributes": [{**who, **_flags(config), **known}]} if known else {}
    name, own = _said(sending)
    if not name:
        lines = purchases(sending, common)
        return lines if isinstance(lines, Refused) else {"purchases": lines, **more}
    said = with_params(own, config.params)
    properties = {key: cut(value, MAX_CHARS) for key, value in said.items() if key[:1] != "$"}
    return {"events": [{**common, "name": name, "properties": properties}], **more}


def _said(sending: Sending) -> tuple[str, dict[str, Any]]:
    """What the event is called, and its properties; what becomes purchases has no name."""
    event, config = sending.event, sending.config
    if not config.event_name:
        found = recommended(event) if config.ecommerce else None
        if found or event.name == "purchase":
            return found or ("", {})
    own = {**page(event), **campaign(event), **props(event), **commerce(event)}
    name = (config.event_name or event.name)[:MAX_CHARS]
    return name, {**own, "event_id": event.shared_id}


def group(sending: Sending, message: Message) -> str:
    """An order is alone, since its lines are as many objects."""
    alone = sending.event.event_id if "purchases" in message else ""
    return _of_workspace(sending, message) + alone


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """The objects of all messages, by their kind, in their order."""
    config: Config = sendings[0].config
    kinds = ("attributes", "events", "purchases")
    body = {kind: [one for said in messages for one in said.get(kind, ())] for kind in kinds}
    return json_request(
        f"{config.endpoint}/users/track",
        stated(body),
        {"authorization": f"Bearer {config.api_key}"},
    )


def _flags(config: Config) -> dict[str, bool]:
    return {"_update_existing_only": True} if config.update_existing_only else {}


DESTINATION = Destination(
    name="braze",
    title="Braze",
    about="Each event as a custom event of its user, orders as purchases.",
    docs="https://www.braze.com/docs/api/endpoints/user_data/post_user_track",
    config=Config,
    message=message,
    group=group,
    wrap=wrap,
    judge=judge,
    events={"purchase": "purchases"},
    takes_any=True,
    match_keys={
        "external_id": lambda said: _any(said, "external_id"),
        "browser_id": lambda said: _any(said, "user_alias"),
        "email": lambda said: _any(said, "email"),
        "phone": lambda said: _any(said, "phone"),
        "name": has("attributes.last_name"),
    },
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("analytics_storage", "ad_user_data"),
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)


def _any(said: Message, name: str) -> bool:
    return any(has(f"{kind}.{name}")(said) for kind in ("events", "purchases", "attributes"))
