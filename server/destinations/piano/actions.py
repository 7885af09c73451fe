"""What happened, in Piano's words: the events of its data model, and the properties they need.

Of e-commerce Piano counts products and carts apart: a purchase is the transaction, and the products
that were purchased. What lacks a property that Piano demands it would drop without a word.
"""

from __future__ import annotations

import re
from typing import Any

from server.delivery import Refused
from server.destinations.contract import Sending, contents, money, prop, props, quantity, stated
from server.model import Event

EVENTS = {
    "page_view": "page.display",
    "click": "click.exit",
    "file_download": "click.download",
    "search": "internal_search_result.display",
    "view_search_results": "internal_search_result.display",
    "view_item_list": "product.display",
    "view_item": "product.page_display",
    "add_to_cart": "product.add_to_cart",
    "remove_from_cart": "product.remove_from_cart",
    "view_cart": "cart.display",
    "add_shipping_info": "cart.delivery",
    "add_payment_info": "cart.payment",
    "purchase": "transaction.confirmation",
}
PURCHASED = "product.purchased"
TRANSACTION = "transaction.confirmation"
PRODUCT = {
    "product_id": "item_id",
    "product": "item_name",
    "product_brand": "item_brand",
    "product_variant": "item_variant",
    "product_category1": "item_category",
    "product_category2": "item_category2",
    "product_category3": "item_category3",
    "product_pricetaxincluded": "price",
    "product_quantity": "quantity",
}

_CHARS = 200
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,127}")
_RENAMED = {
    "search_term": "ise_keyword",
    "payment_type": "payment_mode",
    "shipping_tier": "shipping_delivery",
    "shipping": "shipping_costtaxincluded",
}
_NEEDED = {
    "product.": ("items_list", "no_product_id", "an item with `item_id`"),
    "cart.": ("cart_id", "no_cart_id", "`cart_id`: push it with the event, or set it in `params`"),
    "transaction.": ("transaction_id", "no_transaction_id", "`transaction_id`"),
}


def actions(sending: Sending, shared: dict[str, Any]) -> list[dict[str, Any]] | Refused:
    """The events that are sent for one of ours, `shared` among their properties."""
    event, config = sending.event, sending.config
    name = config.event_name or _name(event)
    if not is_name(name):
        return Refused("bad_name", f"Piano takes no event {name!r:.100}: set `event_name`")
    data = stated({**shared, **_own(event), **_about(event, name), **config.params})
    for prefix, (key, reason, lack) in _NEEDED.items():
        if name.startswith(prefix) and key not in data:
            return Refused(reason, f"Piano takes no {name} without {lack}")
    products = data.pop("items_list", None) if name == TRANSACTION else None
    sent = [{"name": name, "data": data}]
    if products:
        sent.append({"name": PURCHASED, "data": data | {"items_list": products}})
    return sent


def is_name(name: str) -> bool:
    """Whether Piano's data model may have an event that is called so."""
    return _NAME.fullmatch(name) is not None


def _name(event: Event) -> str:
    """Of clicks those that lead away are exits."""
    if event.name == "click" and event.props.get("outbound") != "true":
        return "click.action"
    return EVENTS.get(event.name, event.name)


def _own(event: Event) -> dict[str, Any]:
    """What the site said itself, under Piano's names where it has some."""
    named = {_RENAMED.get(name, name): value for name, value in props(event).items()}
    return {name: value for name, value in named.items() if _PROPERTY.fullmatch(name)}


def _about(event: Event, name: str) -> dict[str, Any]:
    """Page, click, search, products, cart and order, each where the event is about it."""
    kind = name.partition(".")[0]
    return _KINDS.get(kind, _custom)(event)


def _page(event: Event) -> dict[str, Any]:
    return {"page": event.title[:_CHARS] or event.path[:_CHARS] or "/"}


def _click(event: Event) -> dict[str, Any]:
    return {"click": (event.props.get("link_text") or event.props.get("file_name", ""))[:_CHARS]}


def _search(event: Event) -> dict[str, Any]:
    return {"ise_page": prop(event, "search_page") or 1}


def _products(event: Event) -> dict[str, Any]:
    return {
        "cart_currency": event.currency.upper(),
        "items_list": _lines(event),
    }


def _cart(event: Event) -> dict[str, Any]:
    return {
        "cart_currency": event.currency.upper(),
        "cart_turnovertaxincluded": money(event.value),
        "cart_quantity": quantity(event.items),
        "cart_nbdistinctproduct": len(event.items) or None,
    }


def _transaction(event: Event) -> dict[str, Any]:
    """Who knows no cart takes the order for one, as Piano's own templates do."""
    coupon = event.props.get("coupon")
    return {
        **_cart(event),
        **_products(event),
        "transaction_id": event.transaction_id,
        "transaction_promocode": [coupon] if coupon else None,
        "cart_id": event.props.get("cart_id") or event.transaction_id,
    }


def _custom(event: Event) -> dict[str, Any]:
    return {"value": money(event.value), "currency": event.currency.upper()}


def _lines(event: Event) -> list[dict[str, Any]]:
    """The products that have an id."""
    known = [item for item in event.items if item.item_id]
    reduced = [{"product_discount": True} if item.discount or item.coupon else {} for item in known]
    return [{**said, **more} for said, more in zip(contents(known, PRODUCT), reduced, strict=True)]


_KINDS = {
    "page": _page,
    "click": _click,
    "internal_search_result": _search,
    "product": _products,
    "cart": _cart,
    "transaction": _transaction,
}
"""By the first word of an event's name."""
