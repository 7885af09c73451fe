from __future__ import annotations

from msgspec.structs import replace

from server.destinations.contract import ADD_TO_CART, EVENT, PURCHASE, VIEW_ITEM
from server.destinations.klaviyo.products import order
from server.model import Item


def test_what_a_site_adds_to_an_item_stands_in_its_line() -> None:
    items = [Item(item_id="a", item_name="A", props={"ImageURL": "https://x/", "ItemPrice": "?"})]
    (line,) = order(replace(PURCHASE, items=items))["Items"]
    assert line == {
        "ImageURL": "https://x/",
        "ItemPrice": "?",
        "ProductID": "a",
        "ProductName": "A",
        "Quantity": 1,
    }


def test_of_several_products_none_is_the_one() -> None:
    for event in (VIEW_ITEM, ADD_TO_CART):
        found = order(replace(event, items=PURCHASE.items))
        assert not [name for name in found if name.startswith(("Product", "AddedItem"))]


def test_brands_and_categories_are_named_once() -> None:
    items = [Item(item_id=id_, item_brand="B", item_category="C") for id_ in "ab"]
    found = order(replace(EVENT, items=items))
    assert (found["Brands"], found["Categories"]) == (["B"], ["C"])
    assert order(replace(EVENT, items=[Item()])) == {}
