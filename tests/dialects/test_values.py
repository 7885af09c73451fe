from __future__ import annotations

from typing import Any

import pytest

from server.dialects.values import item, money, numbers, texts
from server.model import Item


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (12, "12.0000"),
        (0.1, "0.1000"),
        ("12.34567", "12.3457"),
        (" 7 ", "7.0000"),
        (-3, "-3.0000"),
        ("1e3", "1000.0000"),
        ("1,234.50", None),
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        (10**13, None),
        (True, None),
        (None, None),
        ([1], None),
        ("9" * 5000, None),
        ("1e999999999", None),
    ],
)
def test_money_is_exact_or_nothing(value: Any, amount: str | None) -> None:
    assert money(value) == amount


def test_props_become_text_and_numbers() -> None:
    props = {"a": 1, "b": 1.5, "c": "2", "d": "x", "e": True, "f": None, "g": {"h": [1]}, "i": ""}
    assert texts(props) == {
        "a": "1",
        "b": "1.5",
        "c": "2",
        "d": "x",
        "e": "true",
        "g": '{"h":[1]}',
        "i": "",
    }
    assert numbers(props) == {"a": 1.0, "b": 1.5, "c": 2.0}


def test_numbers_that_no_float_holds_stay_text() -> None:
    props = {"huge": 10**400, "words": "infinity", "nan": "nan", "long": "1" * 40}
    assert numbers(props) == {}
    assert texts(props)["huge"] == "1" + "0" * 400


def test_an_item_keeps_what_it_does_not_know() -> None:
    assert item({"item_id": 7, "item_name": None, "price": "x", "quantity": "2", "index": -1,
                 "size": "L"}) == Item(item_id="7", quantity=2.0, props={"size": "L"})  # fmt: skip
