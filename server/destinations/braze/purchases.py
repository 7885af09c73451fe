"""An order as Braze counts revenue: a purchase for each product, or one for all.

https://www.braze.com/docs/api/objects_filters/purchase_object
"""

from __future__ import annotations

import math
from decimal import Decimal
from math import isfinite
from typing import Any

from server.delivery import Refused
from server.destinations.contract import (
    Sending,
    missing_amount,
    money,
    page,
    props,
    stated,
    with_params,
)
from server.model import Event, Item

MAX_LINES = 74
"""Of the 75 objects of a request; one may be the user's attributes."""
MAX_QUANTITY = 100
MAX_CHARS = 255


def purchases(sending: Sending, common: dict[str, Any]) -> list[dict[str, Any]] | Refused:
    """One for each line; one for the whole order where a line lacks its product or its price, or
    where they are too many."""
    event = sending.event
    said = stated({"currency": event.currency.upper()})
    has_lines = 0 < len(event.items) <= MAX_LINES and all(map(_is_whole, event.items))
    missing = missing_amount({**said, **({"value": 0} if has_lines or event.value else {})})
    if missing:
        return missing
    own = {**page(event), **props(event), "order_id": event.transaction_id}
    own["event_id"] = event.shared_id
    if not has_lines:
        return [_order(event, {**common, **said}, with_params(own, sending.config.params))]
    lines = []
    for item in event.items:
        properties = with_params({**own, **_told(item)}, sending.config.params)
        lines.append({**common, **said, **_line(item), "properties": properties})
    return lines


def _order(event: Event, common: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    product = event.transaction_id or event.shared_id
    more = {"product_id": product[:MAX_CHARS], "price": money(event.value), "quantity": 1}
    return {**common, **more, "properties": properties}


def _line(item: Item) -> dict[str, Any]:
    """A quantity that Braze does not take is part of the price; one that is no number is one."""
    price = Decimal(item.price or 0)
    quantity = item.quantity if isfinite(item.quantity) else 1.0
    if not (quantity.is_integer() and 1 <= quantity <= MAX_QUANTITY):
        price, quantity = price * Decimal(str(quantity)), 1
    return {
        "product_id": item.item_id[:MAX_CHARS],
        "price": money(str(price)),
        "quantity": int(quantity),
    }


def _told(item: Item) -> dict[str, Any]:
    texts = ("item_name", "item_brand", "item_category", "item_variant", "coupon")
    return stated({name: getattr(item, name) for name in texts})


def _is_whole(item: Item) -> bool:
    return bool(item.item_id) and item.price is not None and math.isfinite(item.quantity)
