from __future__ import annotations

from msgspec.structs import replace

from server.destinations.contract import EVENT, PURCHASE, VIEW_ITEM, sample
from server.destinations.segment import DESTINATION
from server.destinations.segment.config import Config
from tests.destinations.asking import said

CONFIG = Config(write_key="key")


def test_a_list_is_one_and_a_single_product_of_an_order_too() -> None:
    listed = replace(VIEW_ITEM, name="view_item_list", props={"item_list_id": "new"})
    found = said(DESTINATION, sample(CONFIG, listed))
    assert found["event"] == "Product List Viewed"
    assert found["properties"]["list_id"] == "new"
    assert [product["product_id"] for product in found["properties"]["products"]] == ["SKU-1"]
    several = said(DESTINATION, sample(CONFIG, replace(PURCHASE, name="add_to_cart")))
    assert len(several["properties"]["products"]) == 2


def test_the_words_of_a_search_and_of_a_promotion_are_those_of_segment() -> None:
    props = {"search_term": "shoes", "creative_name": "spring", "shipping": "5"}
    event = replace(EVENT, name="search", props=props, nums={"shipping": 5.0})
    found = said(DESTINATION, sample(CONFIG, event))
    assert found["event"] == "Products Searched"
    assert found["properties"] == {"query": "shoes", "creative": "spring", "shipping": 5}
