"""Segment's words for e-commerce, which its destinations know.

https://segment.com/docs/connections/spec/ecommerce/v2/
https://segment.com/docs/connections/spec/b2b-saas/
"""

from __future__ import annotations

from typing import Any

from server.destinations.contract import commerce, stated
from server.model import Event

EVENTS = {
    "page_view": "page",
    "view_item": "Product Viewed",
    "view_item_list": "Product List Viewed",
    "select_item": "Product Clicked",
    "view_promotion": "Promotion Viewed",
    "select_promotion": "Promotion Clicked",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "add_to_wishlist": "Product Added to Wishlist",
    "view_cart": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "add_payment_info": "Payment Info Entered",
    "purchase": "Order Completed",
    "refund": "Order Refunded",
    "search": "Products Searched",
    "sign_up": "Signed Up",
    "login": "Signed In",
}
RENAMED = {
    "search_term": "query",
    "payment_type": "payment_method",
    "shipping_tier": "shipping_method",
    "item_list_id": "list_id",
    "promotion_name": "name",
    "creative_name": "creative",
    "creative_slot": "position",
}
"""GA4's words for an event → Segment's; what both call alike stays: coupon, shipping, tax, …"""

_OF_ONE_PRODUCT = frozenset(
    {"view_item", "select_item", "add_to_cart", "remove_from_cart", "add_to_wishlist"}
)
_AMOUNTS = {"purchase": "revenue", "refund": "total"}
_OF_ITEMS = {
    "item_id": "product_id",
    "item_name": "name",
    "item_brand": "brand",
    "item_category": "category",
    "item_variant": "variant",
    "item_list_id": "list_id",
    "index": "position",
}


def shop(event: Event) -> dict[str, Any]:
    """Money, the order and its products; the one product of an event of one stands in it."""
    said = commerce(event)
    products = [_product(item) for item in said.get("items", [])]
    is_of_one = event.name in _OF_ONE_PRODUCT and len(products) == 1
    return {
        **(products[0] if is_of_one else {}),
        **stated(
            {
                "order_id": said.get("transaction_id"),
                _AMOUNTS.get(event.name, "value"): said.get("value"),
                "currency": said.get("currency"),
                "products": [] if is_of_one else products,
            }
        ),
    }


def _product(item: dict[str, Any]) -> dict[str, Any]:
    return {_OF_ITEMS.get(name, name): value for name, value in item.items()}
