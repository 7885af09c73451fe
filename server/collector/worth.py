"""What a hit is worth when the disk gets short: consent, conversions, everything else.

Asked only then. A hit is worth what the best of its events is.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from server.collector import opt_out
from server.collector.hits import WITHDRAWN, switches
from server.model import Hit

CONSENT = "consent_update"
CONVERSIONS = frozenset({
    "purchase", "refund", "in_app_purchase", "begin_checkout", "add_payment_info",
    "add_shipping_info", "generate_lead", "qualify_lead", "close_convert_lead", "lead", "sign_up",
})  # fmt: skip
"""GA4's names of what a business lives by."""
LOOKING = frozenset({
    "page_view", "view_item", "view_item_list", "select_item", "view_cart", "add_to_cart",
    "remove_from_cart", "add_to_wishlist", "view_promotion", "select_promotion",
})  # fmt: skip
"""GA4's names of what carries a value and earns none."""


class Worth(IntEnum):
    """A hit below what `server.journal.Shed` says is refused."""

    ORDINARY = 0
    CONVERSION = 1
    CONSENT = 2


def worth(hit: Hit) -> Worth:
    """By its query and its events; one that takes consent back is consent, whoever sends it."""
    if switches(hit.query).choice in (WITHDRAWN, opt_out.OUT):
        return Worth.CONSENT
    return max((_worth(name, value) for name, value in _events(hit)), default=Worth.ORDINARY)


def _worth(name: Any, value: Any) -> Worth:
    if name == CONSENT:
        return Worth.CONSENT
    if name in CONVERSIONS or (name not in LOOKING and _amount(value) > 0):
        return Worth.CONVERSION
    return Worth.ORDINARY


def _amount(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _events(hit: Hit) -> Iterator[tuple[Any, Any]]:
    """Name and value of each event; whatever has another shape has none."""
    if not hit.body:
        fields = dict(parse_qsl(hit.query, errors="replace", max_num_fields=200))
        yield fields.get("name"), fields.get("p.value")
        return
    document = msgspec.json.decode(hit.body)
    events = document.get("events")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and isinstance(event.get("name"), str):
            props = event.get("props")
            yield event["name"], props.get("value") if isinstance(props, dict) else None
