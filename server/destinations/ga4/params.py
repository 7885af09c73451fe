"""An event's parameters: 25 at most, those that GA4's reports are made of first.

    session, page, order and items, event_id  ▸  the tag's own `params`  ▸  the event's props

What GA4 would not take (names, lengths, a 26th parameter) is left out here, since it would drop
the parameter without a word. `event_id` is there to tell events apart in GA4's exports: the
protocol itself does not look for copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Raw

from server.clock import DAY_MS
from server.destinations.contract import Sending, encode, money, number, prop
from server.destinations.ga4.names import is_param
from server.destinations.ga4.values import Value, value
from server.model import Event, Item

MAX_PARAMS = 25
MAX_ITEMS = 200
MAX_ITEM_PROPS = 10
ITEMS_BYTES = 80_000
"""Of a request's 130 kB; the rest of one event takes up to 45, if every sign is escaped."""
MAX_ENGAGEMENT_MS = DAY_MS
CAMPAIGN_EVENT = "campaign_details"
"""The one event that takes a campaign in parameters; otherwise GA4 reads it off the page."""

_CHARS = 100
_LONGER = {"page_location": 1000, "page_referrer": 420, "page_title": 300}
_SESSION = re.compile(r"GS[12]\.[0-9-]+\.s?([1-9][0-9]{0,11})(?:[.$].*)?", re.S)
_FIRST = ("coupon", "shipping", "tax", "item_list_id", "item_list_name", "payment_type")
_NOT_FROM_PROPS = frozenset(
    {"session_id", "session_number", "engagement_time_msec", "timestamp_micros"}
    | {"currency", "value", "items"}
)
_ITEM_TEXTS = (
    "item_id", "item_name", "item_brand", "item_category", "item_category2", "item_category3",
    "item_variant", "item_list_id", "item_list_name", "coupon",
)  # fmt: skip
_ITEM_PROPS_OF_GA4 = frozenset(
    {
        "affiliation", "item_category4", "item_category5", "location_id", "promotion_id",
        "promotion_name", "creative_name", "creative_slot",
    }
)  # fmt: skip


def session_cookie(measurement_id: str) -> str:
    """The cookie in which gtag.js keeps the session of a stream."""
    return f"_ga_{measurement_id.removeprefix('G-')}"


def params(sending: Sending) -> dict[str, Any]:
    """Name → value, in the order in which they matter."""
    found: dict[str, Any] = _known(sending)
    for name, given in sending.config.params.items():
        found[name] = value(given, _LONGER.get(name, _CHARS))
    for name, given in _props(sending.event):
        found.setdefault(name, given)
    stated = ((name, given) for name, given in found.items() if given is not None)
    return dict(islice(stated, MAX_PARAMS))


def _known(sending: Sending) -> dict[str, Any]:
    event = sending.event
    known: dict[str, Any] = {
        "session_id": _session_id(sending),
        "engagement_time_msec": _engagement_ms(event),
        "page_location": event.url,
        "page_title": event.title,
        "page_referrer": event.referrer,
        "currency": event.currency.upper(),
        "value": money(event.value),
        "transaction_id": event.transaction_id,
        "items": _items(event) or None,
        "event_id": event.event_id,
    }
    if (sending.config.event_name or event.name) == CAMPAIGN_EVENT:
        known |= _campaign(event)
    cut = {n: value(v, _LONGER.get(n, _CHARS)) for n, v in known.items() if isinstance(v, str)}
    return {name: given for name, given in (known | cut).items() if given is not None}


def _session_id(sending: Sending) -> int | None:
    """The session of gtag.js on the page, if its cookie came with the hit; else our own."""
    name = session_cookie(sending.config.measurement_id)
    found = _SESSION.fullmatch(sending.person.cookies.get(name, ""))
    return int(found[1]) if found else sending.event.session_id or None


def _engagement_ms(event: Event) -> int:
    """GA4 shows no user as active whose events took no time."""
    return int(max(1.0, min(event.nums.get("engagement_time_msec", 1.0), MAX_ENGAGEMENT_MS)))


def _campaign(event: Event) -> dict[str, str]:
    return {
        "campaign_id": event.campaign_id,
        "campaign": event.campaign_name,
        "source": event.campaign_source,
        "medium": event.campaign_medium,
        "term": event.campaign_term,
        "content": event.campaign_content,
    }


def _props(event: Event) -> Iterator[tuple[str, Value | None]]:
    """What the site said itself, the words of e-commerce first; a number as one where it can."""
    names = event.props.keys() | event.nums.keys()
    for name in sorted(names, key=lambda name: (name not in _FIRST, name)):
        if name in _NOT_FROM_PROPS or not is_param(name):
            continue
        yield name, value(prop(event, name), _LONGER.get(name, _CHARS))


def _items(event: Event) -> list[Raw]:
    """As many as GA4 takes; those without an id and a name it would refuse."""
    is_numbered = any(item.index > 0 for item in event.items)
    items: list[Raw] = []
    size = 0
    for item in event.items:
        raw = (
            encode(_item(item, is_numbered=is_numbered)) if item.item_id or item.item_name else b""
        )
        size += len(raw)
        if size > ITEMS_BYTES or len(items) == MAX_ITEMS:
            break
        if raw:
            items.append(Raw(raw))
    return items


def _item(item: Item, *, is_numbered: bool) -> dict[str, Any]:
    """An item's fields; an index of 0 says something only beside others."""
    fields: dict[str, Any] = {n: value(getattr(item, n), _CHARS) for n in _ITEM_TEXTS}
    fields |= {
        "index": item.index if is_numbered else item.index or None,
        "price": money(item.price),
        "discount": money(item.discount),
        "quantity": number(item.quantity),
    }
    legal = sorted(name for name in item.props.keys() - fields.keys() if is_param(name))
    further = [name for name in legal if name not in _ITEM_PROPS_OF_GA4][:MAX_ITEM_PROPS]
    for name in [name for name in legal if name in _ITEM_PROPS_OF_GA4] + further:
        fields[name] = value(item.props[name], _CHARS)
    return {name: given for name, given in fields.items() if given is not None}
