"""Piano Analytics (AT Internet), by its Collection API: a visitor's events, with their properties.

    config    what a container says      actions   pages, clicks, searches, products, carts, orders
    examples  what Piano is sent, and what its answers mean

Piano takes whatever it is sent, and drops what its data model does not know. Whose events they are,
and from where, is told by address and headers: all that a request shares.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from server.clock import HOUR_MS
from server.containers.model import Asked, Warned
from server.delivery import Refused, Request
from server.destinations.contract import (
    GRANTED,
    Destination,
    Message,
    Sending,
    Tcf,
    by_settings,
    campaign,
    encode,
    has,
    json_request,
    judge_status,
    stated,
    user_id,
    visitor_id,
)
from server.destinations.piano.actions import EVENTS, actions, is_name
from server.destinations.piano.config import Config
from server.destinations.piano.examples import ANSWERS, EXAMPLES, REFUSALS
from server.model import Event, Person

MAX_EVENTS = 50
WINDOW_MS = 24 * HOUR_MS
"""Piano names no age that it would refuse; its reports of a day that is over should not change."""
COOKIES = ("_pcid", "pa_vid", "atuserid")
"""In which Piano's scripts keep the visitor, the newest first."""

_VISITOR = re.compile(r'(?:.*"(?:browserId|val)":)?"?([A-Za-z0-9-]{8,64})"?.*', re.S)
_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def message(sending: Sending) -> Message | Refused:
    """The events, and what a request says once of their visitor."""
    visitor_id = visitor(sending)
    if not visitor_id:
        return Refused(
            "no_visitor",
            "neither our cookie nor Piano's came with the event, and Piano counts visits by it;"
            " without consent there is no cookie",
        )
    events = actions(sending, _shared(sending.event))
    if isinstance(events, Refused):
        return events
    device = _device(sending.person) if sending.config.send_device else {}
    return stated({"idclient": visitor_id, **device, "events": events})


def group(sending: Sending, message: Message) -> str:
    """Those of one visitor, address and device, to one site."""
    shared = [message.get(name) for name in ("idclient", "ip", "user_agent")]
    return by_settings("endpoint", "path", "site_id")(sending, message) + encode(shared).decode()


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """The events of one visitor, in their order."""
    config: Config = sendings[0].config
    first = messages[0]
    url = f"{config.endpoint}/{config.path}?s={config.site_id}&idclient={quote(first['idclient'])}"
    headers = {
        "content-type": "text/plain",
        "x-forwarded-for": first.get("ip", ""),
        "user-agent": first.get("user_agent", ""),
    }
    events = [event for message in messages for event in message["events"]]
    return json_request(url, {"events": events}, stated(headers))


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """Those in which Piano's scripts keep the visitor."""
    return COOKIES


def warn(asked: Asked) -> Iterator[Warned]:
    """The tag's events whose names Piano's data model cannot have."""
    if not asked.settings.get("event_name"):
        for event in sorted(event for event in asked.events - EVENTS.keys() if not is_name(event)):
            yield (), f"Piano takes no event {event!r}: set `event_name`, or it is refused"


def visitor(sending: Sending) -> str:
    """Piano's own id, if a cookie of its came with the hit; else one made of our visitor's, always
    the same and not to be turned back; "" without either."""
    for name in COOKIES:
        found = _VISITOR.fullmatch(unquote(sending.person.cookies.get(name, "")[:1000]))
        if found:
            return found[1]
    ours = visitor_id(sending.event)
    if not ours:
        return ""
    return str(uuid.UUID(bytes=hashlib.sha256(ours.encode()).digest()[:16]))


def _device(person: Person) -> dict[str, str]:
    """What becomes headers, and so must be one printable line."""
    said = {"ip": person.ip, "user_agent": person.user_agent}
    return {name: _UNPRINTABLE.sub("", text) for name, text in said.items()}


def _shared(event: Event) -> dict[str, Any]:
    """Properties of every event: when and where it was, on what, and what was consented to."""
    language, _, country = event.language.partition("-")
    is_granted = event.consent.get("analytics_storage") == GRANTED
    return {
        "device_timestamp_utc": event.occurred_at,
        "event_collection_platform": "freehold",
        "event_url_full": event.url,
        "previous_url": event.referrer,
        "page_title_html": event.title,
        "pageview_id": event.page_id,
        "browser_language": language,
        "browser_language_local": country,
        "user_id": user_id(event),
        "visitor_privacy_consent": is_granted,
        "visitor_privacy_mode": "optin" if is_granted else "exempt",
        **campaign(event),
        **_size("screen", event.screen),
        **_size("display", event.viewport),
    }


def _size(name: str, text: str) -> dict[str, int]:
    found = _SIZE.fullmatch(text)
    if not found:
        return {}
    return {f"device_{name}_width": int(found[1]), f"device_{name}_height": int(found[2])}


DESTINATION = Destination(
    name="piano",
    title="Piano Analytics",
    about="Each event in the words of Piano's data model, sales among them; others as they are.",
    docs="https://developers.atinternet-solutions.com/piano-analytics/data-collection/how-to-send-events/collection-api",
    config=Config,
    message=message,
    group=group,
    wrap=wrap,
    judge=judge_status,
    events=EVENTS,
    takes_any=True,
    match_keys={
        "browser_id": has("idclient"),
        "user_id": has("events.data.user_id"),
        "ip": has("ip"),
        "user_agent": has("user_agent"),
    },
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    # Not known to be in the Global Vendor List.
    tcf=Tcf(vendor=None, purposes=(1, 8)),
    cookies=cookies,
    warn=warn,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
