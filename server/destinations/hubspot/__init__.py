"""HubSpot, by its custom events: occurrences of events that the account has defined, 500 a request.

A contact is known by the record's number, by e-mail, or by the cookie of HubSpot's own script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec.structs import replace

from server.clock import DAY_MS
from server.containers.model import Asked, Warned
from server.delivery import Delivered, Outcome, Refused, Request, Response
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    allows_user_data,
    by_settings,
    campaign,
    document,
    encode,
    has,
    iso_time,
    json_request,
    judge_status,
    screen,
    stated,
    with_params,
)
from server.destinations.hubspot.config import Config
from server.destinations.hubspot.examples import ANSWERS, EXAMPLES, REFUSALS
from server.model import Event
from server.person import normalise

MAX_EVENTS = 500
MAX_PROPERTIES = 50
MAX_CHARS = 1024
COOKIE = "hubspotutk"
WINDOW_MS = 7 * DAY_MS
"""HubSpot itself takes events of any age; a week is enough for us to wait."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,99}")
_UTK = re.compile(r"[0-9a-f]{32}")


def message(sending: Sending) -> Message | Refused:
    """One occurrence, or why HubSpot could not take it."""
    event, config = sending.event, sending.config
    name = config.event_name or event.name
    if not _NAME.fullmatch(name):
        return Refused(
            "bad_name",
            f"HubSpot has no event {name!r:.100}: names are small letters, digits, _ and -; set"
            " `event_name`",
        )
    who = _contact(sending)
    if not who:
        return Refused(
            "no_match_key",
            f"nothing tells HubSpot whose it is: no e-mail that may be sent, no cookie `{COOKIE}`,"
            " no `object_id` of the tag",
        )
    said = with_params(_properties(event), config.params)
    prefix = f"pe{config.hub_id}_"
    return {
        "eventName": name if name.startswith(prefix) else prefix + name,
        **who,
        "occurredAt": iso_time(event.occurred_at),
        "uuid": event.event_id,
        "properties": {key: _text(value) for key, value in islice(said.items(), MAX_PROPERTIES)},
    }


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Occurrences in their order."""
    config: Config = sendings[0].config
    return json_request(
        f"{config.endpoint}/events/{config.api_version}/send/batch",
        {"inputs": list(messages)},
        {"authorization": f"Bearer {config.access_token}"},
    )


def judge(response: Response) -> Outcome:
    """The status, with HubSpot's category: it takes all of a request or nothing."""
    judged = judge_status(response)
    category = document(response).get("category")
    if isinstance(judged, Delivered) or not isinstance(category, str):
        return judged
    return replace(judged, code=category[:100])


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """By which HubSpot's script knows the browser."""
    return (COOKIE,)


def warn(asked: Asked) -> Iterator[Warned]:
    """The events of a tag that cannot be called so in HubSpot."""
    if asked.settings.get("event_name") is None:
        for name in sorted(name for name in asked.events if not _NAME.fullmatch(name)):
            yield (), f"HubSpot has no event {name!r:.100}: set `event_name`"


def _contact(sending: Sending) -> dict[str, str]:
    utk = sending.person.cookies.get(COOKIE, "")
    email = normalise.email(sending.person.email) if allows_user_data(sending) else ""
    who = {
        "objectId": sending.config.object_id or "",
        "email": email,
        "utk": utk if _UTK.fullmatch(utk) else "",
    }
    return stated(who)


def _properties(event: Event) -> dict[str, Any]:
    """Those that HubSpot gives each event by itself; https://developers.hubspot.com/docs/api-reference/events-manage-event-definitions-v3/guide"""
    width, height = screen(event) or (None, None)
    known = campaign(event)
    return {
        "hs_page_url": event.url,
        "hs_page_title": event.title,
        "hs_referrer": event.referrer,
        **{f"hs_{name}": said for name, said in known.items() if name != "utm_id"},
        "hs_country": event.country,
        "hs_region": event.region,
        "hs_city": event.city,
        "hs_browser": event.browser,
        "hs_operating_system": event.os,
        "hs_operating_version": event.os_version,
        "hs_screen_width": width,
        "hs_screen_height": height,
    }


def _text(value: Any) -> str:
    """HubSpot takes texts alone, whatever kind the property is of."""
    text = value if isinstance(value, str) else encode(value).decode()
    return text[:MAX_CHARS]


DESTINATION = Destination(
    name="hubspot",
    title="HubSpot",
    about="Each event as an occurrence of a custom event that the account has defined.",
    docs="https://developers.hubspot.com/docs/api-reference/events-send-event-completions-v3/guide",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "access_token"),
    wrap=wrap,
    judge=judge,
    takes_any=True,
    match_keys={
        "external_id": has("objectId"),
        "email": has("email"),
        "browser_id": has("utk"),
    },
    dedup="`uuid`",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("analytics_storage", "ad_user_data"),
    cookies=cookies,
    warn=warn,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
