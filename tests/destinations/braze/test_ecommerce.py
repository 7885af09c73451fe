from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.destinations.braze import DESTINATION
from server.destinations.braze.config import Config
from server.destinations.braze.ecommerce import NAMES, recommended
from server.destinations.contract import ADD_TO_CART, PURCHASE, VIEW_ITEM, encode, sample
from server.model import Event, Item
from tests.destinations.asking import said

CONFIG = Config(api_key="k", endpoint="https://rest.fra-02.braze.eu", ecommerce=True)
IN_CART = replace(ADD_TO_CART, props={"cart_id": "12"}, nums={"cart_id": 12.0})


def found(event: Event) -> tuple[str, dict[str, Any]]:
    known = recommended(event)
    assert known is not None
    return known


def test_a_product_that_is_seen_stands_alone_and_has_no_quantity() -> None:
    items = [replace(VIEW_ITEM.items[0], item_variant="42", props={"url": "https://x/"})]
    name, properties = found(replace(VIEW_ITEM, items=items))
    assert name == "ecommerce.product_viewed"
    assert encode(properties) == (
        b'{"product_id":"SKU-1","product_name":"Shoes","variant_id":"42","price":29.95,'
        b'"product_url":"https://x/","currency":"EUR","source":"web","metadata":{"event_id":'
        b'"0199c000-0000-7000-8000-000000000001"}}'
    )


@pytest.mark.parametrize(
    ("name", "action"), [("add_to_cart", "add"), ("remove_from_cart", "remove")]
)
def test_a_cart_says_what_was_done_to_it(name: str, action: str) -> None:
    told, properties = found(replace(IN_CART, name=name))
    assert told == "ecommerce.cart_updated"
    assert (properties["cart_id"], properties["action"]) == ("12", action)


@pytest.mark.parametrize(
    "event",
    [
        ADD_TO_CART,
        replace(PURCHASE, value=None),
        replace(PURCHASE, currency=""),
        replace(PURCHASE, transaction_id=""),
        replace(PURCHASE, items=[]),
        replace(PURCHASE, items=[Item(item_id="a", item_name="A")]),
        replace(VIEW_ITEM, items=PURCHASE.items),
        replace(PURCHASE, name="scroll"),
    ],
)
def test_what_braze_would_not_take_so_goes_under_its_own_name(event: Event) -> None:
    assert recommended(event) is None


def test_a_checkout_and_a_refund_are_known_by_their_order() -> None:
    for name, id_ in (("begin_checkout", "checkout_id"), ("refund", "order_id")):
        told, properties = found(replace(PURCHASE, name=name))
        assert (told, properties[id_]) == (NAMES[name], "T-1001")


def test_an_order_that_lacks_something_is_a_purchase_and_a_name_of_the_tag_beats_all() -> None:
    lacking = said(DESTINATION, sample(CONFIG, replace(PURCHASE, transaction_id="")))
    assert "purchases" in lacking
    named = said(DESTINATION, sample(replace(CONFIG, event_name="purchase"), PURCHASE))
    assert [one["name"] for one in named["events"]] == ["purchase"]
