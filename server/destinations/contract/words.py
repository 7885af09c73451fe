"""What an event says in GA4's own words, for partners that take any name: analytics and CRM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server.destinations.contract.values import money, number, stated
from server.model import NO_VISITOR, SHARED_ID, Event, Item

PLACEHOLDERS = frozenset(
    {
        "-1", "0", "<nil>", "[]", "anon", "anonymous", "false", "lmy47d", "n/a", "na", "nil",
        "none", "null", "true", "undefined", "unknown", "{}", '""', NO_VISITOR,
    }
)  # fmt: skip
"""Ids that mistakes make of everybody; Amplitude and Mixpanel refuse an event for one."""

_ITEM_TEXTS = (
    "item_id", "item_name", "item_brand", "item_category", "item_category2", "item_category3",
    "item_variant", "item_list_id", "item_list_name", "coupon",
)  # fmt: skip

_SCREEN = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
# Leading zeros, a plus sign or more digits than a double holds: a number would lose them.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


def user_id(event: Event) -> str:
    """The site's own id of the user; "" where it is one that mistakes make."""
    return "" if event.user_id.strip().lower() in PLACEHOLDERS else event.user_id


def visitor_id(event: Event) -> str:
    """Ours of the visitor; "" of nobody."""
    return "" if event.visitor_id == NO_VISITOR else event.visitor_id


def is_plain_number(text: str) -> bool:
    """Whether the number says all that the text says."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def prop(event: Event, name: str) -> str | int | float | None:
    """What the site said itself under a name: a number where nothing is lost by it, else text."""
    text = event.props.get(name, "")
    is_number = name in event.nums and (not text or is_plain_number(text))
    return number(event.nums[name]) if is_number else text


def props(event: Event) -> dict[str, str | int | float]:
    """All that the site said itself; money, the order and the event's own id are not among it."""
    said = {name: prop(event, name) for name in {**event.props, **event.nums} if name != SHARED_ID}
    return {name: value for name, value in said.items() if value is not None and value != ""}


def commerce(event: Event) -> dict[str, Any]:
    """Money, the order and its items."""
    return stated(
        {
            "currency": event.currency.upper(),
            "value": money(event.value),
            "transaction_id": event.transaction_id,
            "items": items(event),
        }
    )


def items(event: Event) -> list[dict[str, Any]]:
    """The lines of an order, a cart or a list; an index of 0 says something only beside others."""
    is_numbered = any(item.index > 0 for item in event.items)
    lines = [_item(item, is_numbered=is_numbered) for item in event.items]
    return [line for line in lines if line.keys() - {"quantity", "index"}]


def campaign(event: Event) -> dict[str, str]:
    """What brought the visitor, under the names that it has in an address."""
    return stated(
        {
            "utm_source": event.campaign_source,
            "utm_medium": event.campaign_medium,
            "utm_campaign": event.campaign_name,
            "utm_term": event.campaign_term,
            "utm_content": event.campaign_content,
            "utm_id": event.campaign_id,
        }
    )


def page(event: Event) -> dict[str, str]:
    """Where it was, in the names of GA4's own parameters."""
    return stated(
        {
            "page_location": event.url,
            "page_title": event.title,
            "page_referrer": event.referrer,
        }
    )


def screen(event: Event) -> tuple[int, int] | None:
    """Width and height in pixels; None: not known."""
    found = _SCREEN.fullmatch(event.screen)
    return (int(found[1]), int(found[2])) if found else None


def with_params(fields: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that say something, beaten by the tag's own; `null` leaves one out."""
    beaten = {**fields, **params}
    return stated(beaten)


def iso_time(at: int) -> str:
    """ISO 8601 with milliseconds, UTC, of ms since 1970."""
    moment = datetime.fromtimestamp(at // 1000, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def _item(item: Item, *, is_numbered: bool) -> dict[str, Any]:
    known = {name: getattr(item, name) for name in _ITEM_TEXTS}
    known |= {
        "index": item.index if is_numbered else None,
        "price": money(item.price),
        "discount": money(item.discount),
        "quantity": number(item.quantity),
    }
    return {**{k: v for k, v in item.props.items() if v}, **stated(known)}
