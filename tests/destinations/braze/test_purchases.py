from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.delivery import Refused
from server.destinations.braze.config import Config
from server.destinations.braze.purchases import MAX_LINES, purchases
from server.destinations.contract import PURCHASE, encode, sample
from server.model import Item

CONFIG = Config(api_key="k", endpoint="https://rest.fra-02.braze.eu")


def lines(**more: Any) -> list[dict[str, Any]]:
    found = purchases(sample(CONFIG, replace(PURCHASE, **more)), {})
    assert not isinstance(found, Refused)
    return [{key: said for key, said in one.items() if key != "properties"} for one in found]


@pytest.mark.parametrize(
    "items",
    [
        [],
        [Item(item_id="a", price="1.0000"), Item(item_id="b")],
        [Item(item_name="a", price="1.0000")],
        [Item(item_id="a", price="1.0000", quantity=float("inf"))],
        [Item(item_id="a", price="1.0000")] * (MAX_LINES + 1),
    ],
)
def test_an_order_whose_lines_say_too_little_or_are_too_many_is_one_purchase(
    items: list[Item],
) -> None:
    (found,) = lines(items=items)
    assert encode(found) == b'{"currency":"EUR","product_id":"T-1001","price":64.85,"quantity":1}'


@pytest.mark.parametrize(
    ("quantity", "said"), [(100.0, (0.5, 100)), (101.0, (50.5, 1)), (2.5, (1.25, 1))]
)
def test_a_quantity_that_braze_does_not_take_is_part_of_the_price(
    quantity: float, said: tuple[float, int]
) -> None:
    (found,) = lines(items=[Item(item_id="a", price="0.5000", quantity=quantity)])
    assert (float(found["price"]), found["quantity"]) == said


def test_an_order_of_unknown_worth_is_refused_and_one_with_lines_needs_none() -> None:
    assert len(lines(value=None)) == 2
    found = purchases(sample(CONFIG, replace(PURCHASE, value=None, items=[])), {})
    assert isinstance(found, Refused)
    assert found.reason == "no_value"
