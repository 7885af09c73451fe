"""Mixpanel, by its import of events: each is looked at, and those that are refused are named.

config    what a container says        examples   what Mixpanel is sent, and what it answers
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.clock import DAY_MS
from server.delivery import Mixed, Outcome, Refused, Request, Response
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    basic,
    by_settings,
    campaign,
    commerce,
    cut,
    document,
    has,
    json_request,
    judge_status,
    props,
    read_cookie,
    screen,
    stated,
    user_id,
    visitor_id,
    with_params,
)
from server.destinations.mixpanel.config import Config
from server.destinations.mixpanel.examples import ANSWERS, EXAMPLES
from server.model import Event

MAX_EVENTS = 2000
MAX_BYTES = 2_000_000
"""Ten million by now; two are what Mixpanel took for years."""
MAX_ELEMENTS = 248
"""Of a list or an object: 255, and a few are ours."""
MAX_CHARS = 255
WINDOW_MS = 7 * DAY_MS
"""Mixpanel itself takes events of any age; a week is enough for us to wait."""

_INSERT_ID = re.compile(r"[A-Za-z0-9-]{1,36}")


class _Cookie(msgspec.Struct):
    device_id: str = msgspec.field(default="", name="$device_id")


def message(sending: Sending) -> Message:
    """One event; of nobody, if nobody is known: it is counted, and belongs to no user."""
    event, config = sending.event, sending.config
    device, user = _device_id(sending), user_id(event)
    known = stated({"$device_id": device, "$user_id": user})
    shared = event.shared_id
    said = {**_page(event), **campaign(event), **_device(sending), **props(event)}
    more = with_params({**said, **commerce(event)}, config.params)
    properties = {
        "time": event.occurred_at,
        "$insert_id": shared if _INSERT_ID.fullmatch(shared) else event.event_id,
        "distinct_id": user or (f"$device:{device}" if device else ""),
        **known,
        **cut(more, MAX_CHARS, MAX_ELEMENTS),
    }
    return {"event": config.event_name or event.name, "properties": properties}


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Events in their order."""
    config: Config = sendings[0].config
    project = f"&project_id={config.project_id}" if config.project_id else ""
    url = f"{config.endpoint}/import?strict=1{project}"
    let_in = basic(config.service_account or config.token, config.service_secret or "")
    return json_request(url, list(messages), let_in)


def judge(response: Response) -> Outcome | Mixed:
    """400 tells of single events, and the others are in."""
    failed = document(response).get("failed_records") if response.status == 400 else None
    parts: dict[int, Outcome] = {}
    for one in failed if isinstance(failed, list) else []:
        index = one.get("index") if isinstance(one, dict) else None
        if type(index) is int and index >= 0:
            field, text = one.get("field", ""), one.get("message", "")
            parts[index] = Refused("bad_field", f"{field}: {text}"[:1000], code="400")
    return Mixed(parts=parts) if parts else judge_status(response)


def cookies(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """In which Mixpanel's script keeps its ids on the page, if the container names the token."""
    token = str(settings.get("token", ""))
    return (_cookie_name(token),) if token.isascii() and token.isalnum() else ()


def _device_id(sending: Sending) -> str:
    """That of Mixpanel's script on the page, if its cookie came with the hit; else our visitor's
    id; "" without either."""
    text = sending.person.cookies.get(_cookie_name(sending.config.token), "")
    found = read_cookie(text, _Cookie)
    return found.device_id[:MAX_CHARS] if found and found.device_id else visitor_id(sending.event)


def _cookie_name(token: str) -> str:
    return f"mp_{token}_mixpanel"


def _page(event: Event) -> dict[str, Any]:
    return {
        "$current_url": event.url,
        "current_page_title": event.title,
        "$referrer": event.referrer,
        "$referring_domain": event.referrer_host,
    }


def _device(sending: Sending) -> dict[str, Any]:
    event = sending.event
    width, height = screen(event) or (None, None)
    ip = sending.person.ip if sending.config.send_device else ""
    place = {"mp_country_code": event.country, "$region": event.region, "$city": event.city}
    return {
        "$browser": event.browser,
        "$browser_version": event.browser_version,
        "$os": event.os,
        "$device": event.device_model,
        "$screen_width": width,
        "$screen_height": height,
        **({"ip": ip} if ip else place),
    }


DESTINATION = Destination(
    name="mixpanel",
    title="Mixpanel",
    about="Each event to a Mixpanel project.",
    docs="https://docs.mixpanel.com/reference/import-events",
    config=Config,
    message=message,
    group=by_settings("endpoint", "token", "service_account", "service_secret", "project_id"),
    wrap=wrap,
    judge=judge,
    takes_any=True,
    match_keys={
        "user_id": has("properties.$user_id"),
        "browser_id": has("properties.$device_id"),
        "ip": has("properties.ip"),
    },
    dedup="`$insert_id`, with the event's name, its time and its user",
    max_events=MAX_EVENTS,
    max_bytes=MAX_BYTES,
    window_ms=WINDOW_MS,
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    answers=ANSWERS,
)
