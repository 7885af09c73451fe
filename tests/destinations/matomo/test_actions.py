from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.destinations.contract import ADD_TO_CART, PAGE_VIEW, PURCHASE, sample
from server.destinations.matomo.actions import action
from server.destinations.matomo.config import Config
from server.model import Event, Item

CONFIG = Config(endpoint="https://m.example", site_id="1", token_auth="t")


def named(name: str, **props: str) -> Event:
    return replace(PAGE_VIEW, name=name, props=props)


@pytest.mark.parametrize(
    "event",
    [
        named("search"),
        named("file_download"),
        named("click", link_url="https://www.example.com/", outbound="false"),
        replace(named("view_cart"), items=[Item(item_category="Shoes")]),
    ],
    ids=lambda event: event.name,
)
def test_what_lacks_what_makes_it_special_is_an_event(event: Event) -> None:
    said = action(sample(CONFIG, event))
    assert (said["e_a"], "idgoal" in said) == (event.name, False)


def test_what_is_added_to_a_cart_is_not_the_cart() -> None:
    assert "ec_items" not in action(sample(CONFIG, ADD_TO_CART))


def test_an_order_without_items_is_one_too() -> None:
    said = action(sample(CONFIG, replace(PURCHASE, items=[], value=None)))
    assert (said["ec_id"], said["revenue"], said["ec_items"]) == ("T-1001", 0, "")


@pytest.mark.parametrize(
    ("item", "row"),
    [
        (Item(item_name="Shoes", price="1.5000"), '["Shoes","Shoes","",1.5,1]'),
        (Item(item_id="A", quantity=float("inf")), '["A","","",0,1]'),
        (Item(item_id='"', quantity=0.5), '["\\"","","",0,0.5]'),
    ],
)
def test_a_line_has_a_code_a_price_and_a_quantity(item: Item, row: str) -> None:
    said = action(sample(CONFIG, replace(PURCHASE, items=[item])))
    assert said["ec_items"] == f"[{row}]"


@pytest.mark.parametrize(
    ("event", "name"),
    [(replace(PAGE_VIEW, title=""), "/shoes"), (replace(PAGE_VIEW, title="", path=""), "/")],
)
def test_a_page_without_a_title_has_a_name(event: Event, name: str) -> None:
    assert action(sample(CONFIG, event)) == {"action_name": name}


def test_a_goal_beats_what_an_event_is_otherwise_and_the_tag_s_name_beats_a_goal() -> None:
    config = replace(CONFIG, goals={"purchase": 4})
    goal: dict[str, Any] = action(sample(config, PURCHASE))
    assert goal["idgoal"] == 4
    assert action(sample(replace(config, event_name="Sale"), PURCHASE))["e_a"] == "Sale"
