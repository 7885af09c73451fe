from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from server.delivery import Refused
from server.destinations.contract import ADD_TO_CART, PAGE_VIEW, PURCHASE, VIEW_ITEM, sample
from server.destinations.piano.actions import actions
from server.destinations.piano.config import Config
from server.model import Event, Item

CONFIG = Config(endpoint="https://a.pa-cd.com", site_id="1")


def sent(event: Event, config: Config = CONFIG) -> list[dict[str, Any]]:
    found = actions(sample(config, event), {})
    assert not isinstance(found, Refused), found
    return found


def test_a_cart_is_told_with_what_is_in_it_counted() -> None:
    event = replace(ADD_TO_CART, name="view_cart", props={"cart_id": "C-7"})
    assert sent(event) == [
        {
            "name": "cart.display",
            "data": {
                "cart_id": "C-7",
                "cart_currency": "EUR",
                "cart_turnovertaxincluded": Decimal("59.9"),
                "cart_quantity": 2,
                "cart_nbdistinctproduct": 1,
            },
        }
    ]


def test_an_order_of_a_known_cart_names_it_and_one_without_products_is_a_transaction_alone() -> (
    None
):
    event = replace(PURCHASE, items=[], props={"cart_id": "C-7"})
    [one] = sent(event)
    assert (one["name"], one["data"]["cart_id"]) == ("transaction.confirmation", "C-7")


def test_the_tag_may_name_the_cart() -> None:
    config = replace(CONFIG, params={"cart_id": "C-7"})
    [one] = sent(replace(ADD_TO_CART, name="add_payment_info"), config)
    assert (one["name"], one["data"]["cart_id"]) == ("cart.payment", "C-7")


def test_a_click_inside_the_site_is_an_action() -> None:
    assert sent(replace(PAGE_VIEW, name="click"))[0]["name"] == "click.action"
    config = replace(CONFIG, event_name="click.navigation")
    assert sent(replace(PAGE_VIEW, name="click"), config)[0]["name"] == "click.navigation"


def test_a_discount_is_said_as_yes() -> None:
    items = [Item(item_id="A", discount="1.0000", quantity=float("nan"))]
    [one] = sent(replace(VIEW_ITEM, items=items))
    assert one["data"]["items_list"] == [{"product_id": "A", "product_discount": True}]


def test_props_that_no_property_can_be_called_are_left_out() -> None:
    event = replace(PAGE_VIEW, name="scroll", props={"Über": "x", "percent": "90", "": "y"})
    assert sent(event) == [{"name": "scroll", "data": {"percent": "90"}}]
