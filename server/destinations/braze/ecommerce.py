"""Braze's recommended events for shops, which its templates and reports know.

https://www.braze.com/docs/user_guide/data/activation/events/recommended_events

Braze looks at what each must say. An event that lacks some of it goes under its own name.
"""

from __future__ import annotations

from typing import Any

from server.destinations.contract import money, number, prop, props, stated
from server.model import Event, Item

SOURCE = "web"
NAMES = {
    "view_item": "ecommerce.product_viewed",
    "add_to_cart": "ecommerce.cart_updated",
    "remove_from_cart": "ecommerce.cart_updated",
    "begin_checkout": "ecommerce.checkout_started",
    "purchase": "ecommerce.order_placed",
    "refund": "ecommerce.order_refunded",
}

_ACTIONS = {"add_to_cart": "add", "remove_from_cart": "remove"}
_IDS = {
    "ecommerce.cart_updated": "cart_id",
    "ecommerce.checkout_started": "checkout_id",
    "ecommerce.order_placed": "order_id",
    "ecommerce.order_refunded": "order_id",
}


def recommended(event: Event) -> tuple[str, dict[str, Any]] | None:
    """The name and the properties; None: Braze has no such event, or would not take this one."""
    name = NAMES.get(event.name, "")
    products = [_product(item) for item in event.items]
    if not name or not products or not event.currency or not all(map(_is_whole, products)):
        return None
    own = {**props(event), "event_id": event.shared_id}
    said = {"currency": event.currency.upper(), "source": SOURCE, "metadata": own}
    if name == "ecommerce.product_viewed":
        product = {key: value for key, value in products[0].items() if key != "quantity"}
        return (name, {**product, **said}) if len(products) == 1 else None
    id_ = _IDS[name]
    order = {
        id_: event.props.get(id_) or ("" if id_ == "cart_id" else event.transaction_id),
        "total_value": money(event.value),
        "action": _ACTIONS.get(event.name),
        "tax": prop(event, "tax"),
        "shipping": prop(event, "shipping"),
    }
    found = {**stated(order), **said, "products": products}
    needed = {id_} if id_ == "cart_id" else {id_, "total_value"}
    return (name, found) if needed <= found.keys() else None


def _product(item: Item) -> dict[str, Any]:
    return stated(
        {
            "product_id": item.item_id,
            "product_name": item.item_name,
            "variant_id": item.item_variant or item.item_id,
            "quantity": number(item.quantity),
            "price": money(item.price),
            "image_url": item.props.get("image_url"),
            "product_url": item.props.get("url"),
        }
    )


def _is_whole(product: dict[str, Any]) -> bool:
    return {"product_id", "product_name", "price", "quantity"} <= product.keys()
