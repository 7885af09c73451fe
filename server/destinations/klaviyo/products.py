"""An order, a cart or a product in the words of Klaviyo's e-commerce, which its templates know.

https://developers.klaviyo.com/en/docs/guide_to_integrating_a_platform_without_a_pre_built_klaviyo_integration
"""

from __future__ import annotations

from typing import Any

from server.destinations.contract import money, number, prop, stated
from server.model import Event, Item


def order(event: Event) -> dict[str, Any]:
    """What the event sells or shows; a product that is seen, or put into a cart, by itself."""
    items = [item for item in event.items if item.item_id or item.item_name]
    said = {
        "OrderId": event.transaction_id,
        "DiscountCode": prop(event, "coupon"),
        "ItemNames": _each(item.item_name for item in items),
        "Brands": _each(item.item_brand for item in items),
        "Categories": _each(name for item in items for name in _categories(item)),
        "Items": [_line(item) for item in items],
    }
    if len(items) == 1 and event.name == "view_item":
        said |= _alone(items[0])
    elif len(items) == 1 and event.name == "add_to_cart":
        more = {**_alone(items[0]), "Quantity": number(items[0].quantity)}
        said |= {f"AddedItem{name}": value for name, value in more.items()}
    return stated(said)


def _alone(item: Item) -> dict[str, Any]:
    return {
        "ProductID": item.item_id,
        "ProductName": item.item_name,
        "Price": money(item.price),
        **stated({"Brand": item.item_brand, "Categories": _categories(item)}),
    }


def _line(item: Item) -> dict[str, Any]:
    price = money(item.price)
    line = {
        "ProductID": item.item_id,
        "ProductName": item.item_name,
        "Quantity": number(item.quantity),
        "ItemPrice": price,
        "ProductCategories": _categories(item),
        "Brand": item.item_brand,
        "Variant": item.item_variant,
    }
    return {**{name: said for name, said in item.props.items() if said}, **stated(line)}


def _categories(item: Item) -> list[str]:
    return _each((item.item_category, item.item_category2, item.item_category3))


def _each(names: Any) -> list[str]:
    """Those that say something, each once, in their order."""
    return [name for name in dict.fromkeys(names) if name]
