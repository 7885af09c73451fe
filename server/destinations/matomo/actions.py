"""What happened, in Matomo's words: a page view, an order or a cart, a search, a download, an
outlink, a goal; anything else is an event with category, action and value."""

from __future__ import annotations

from typing import Any

from server.destinations.contract import Sending, encode, money, number, prop
from server.model import Event, Item

EVENTS = {
    "page_view": "page view",
    "purchase": "order",
    "view_cart": "cart",
    "begin_checkout": "cart",
    "search": "site search",
    "view_search_results": "site search",
    "file_download": "download",
    "click": "outlink",
}
"""Matomo's kinds of actions; `add_to_cart` is none, for it does not tell what else is in it."""

_CHARS = 1000
_ITEM_CHARS = 100


def action(sending: Sending) -> dict[str, Any]:
    """The parameters that say what happened."""
    event, config = sending.event, sending.config
    if config.event_name is None:
        goal = config.goals.get(event.name)
        if goal is not None:
            return {"idgoal": goal, "revenue": money(event.value)}
        kind = EVENTS.get(event.name)
        found = _ACTIONS[kind](event) if kind else {}
        if found:
            return found
    return _event(event, config.event_name or event.name)


def _page_view(event: Event) -> dict[str, Any]:
    return {"action_name": event.title[:_CHARS] or event.path[:_CHARS] or "/"}


def _order(event: Event) -> dict[str, Any]:
    return {
        "idgoal": 0,
        "ec_id": event.transaction_id,
        "revenue": money(event.value) or 0,
        "ec_tx": _amount(event, "tax"),
        "ec_sh": _amount(event, "shipping"),
        "ec_dt": _amount(event, "discount"),
        "ec_items": _items(event),
    }


def _cart(event: Event) -> dict[str, Any]:
    """The whole cart, as it is now."""
    items = _items(event)
    return {"idgoal": 0, "revenue": money(event.value) or 0, "ec_items": items} if items else {}


def _search(event: Event) -> dict[str, Any]:
    words = event.props.get("search_term", "")[:_CHARS]
    return {"search": words, "search_cat": prop(event, "search_category")} if words else {}


def _download(event: Event) -> dict[str, Any]:
    url = event.props.get("link_url", "")
    return {"download": url, "url": url} if url else {}


def _outlink(event: Event) -> dict[str, Any]:
    """Of clicks those that lead away."""
    url = event.props.get("link_url", "") if event.props.get("outbound") == "true" else ""
    return {"link": url, "url": url} if url else {}


def _event(event: Event, name: str) -> dict[str, Any]:
    """An event; of a product that is viewed, which one."""
    is_commerce = bool(event.items)
    category = event.props.get("event_category") or ("ecommerce" if is_commerce else "event")
    fields = {
        "ca": 1,
        "e_c": category[:_CHARS],
        "e_a": name[:_CHARS],
        "e_n": event.props.get("event_label", "")[:_CHARS],
        "e_v": money(event.value),
    }
    return fields | (_product(event.items[0]) if event.name == "view_item" and is_commerce else {})


def _product(item: Item) -> dict[str, Any]:
    return {
        "_pks": item.item_id[:_ITEM_CHARS],
        "_pkn": item.item_name[:_ITEM_CHARS],
        "_pkc": item.item_category[:_ITEM_CHARS],
        "_pkp": money(item.price),
    }


def _items(event: Event) -> str:
    """Code, name, category, price and quantity of each, as JSON text; without a code Matomo could
    not tell it from others."""
    rows = [
        [
            (item.item_id or item.item_name)[:_ITEM_CHARS],
            item.item_name[:_ITEM_CHARS],
            item.item_category[:_ITEM_CHARS],
            money(item.price) or 0,
            number(item.quantity) or 1,
        ]
        for item in event.items
        if item.item_id or item.item_name
    ]
    return encode(rows).decode() if rows else ""


def _amount(event: Event, name: str) -> int | float | None:
    return number(event.nums[name]) if name in event.nums else None


_ACTIONS = {
    "page view": _page_view,
    "order": _order,
    "cart": _cart,
    "site search": _search,
    "download": _download,
    "outlink": _outlink,
}
