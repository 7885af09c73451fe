from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.enrich.currency import put_currency
from server.model import Item

from .subjects import CONTEXT, changes, subject_of

POUNDS = replace(CONTEXT, container=replace(CONTEXT.container, currency="GBP"))


@pytest.mark.parametrize(
    ("columns", "currency"),
    [
        ({"currency": "usd", "value": "5.0000"}, "USD"),
        ({"currency": "usd"}, "USD"),
        ({"value": "5.0000"}, "GBP"),
        ({"value": "0.0000", "props": {"currency": ""}}, "GBP"),
        ({"items": [Item(item_id="A"), Item(price="5.0000")]}, "GBP"),
    ],
)
def test_an_amount_has_a_currency_in_capitals(columns: dict[str, Any], currency: str) -> None:
    before = subject_of(**columns)
    assert changes(before, put_currency(before, POUNDS)) == {"currency": currency}


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"currency": "USD", "value": "5.0000"},
        {"items": [Item(item_id="A")]},
        {"value": "5.0000", "props": {"currency": "US dollars"}},
    ],
)
def test_nothing_is_put_where_nothing_is_missing_or_all_is_doubtful(
    columns: dict[str, Any],
) -> None:
    before = subject_of(**columns)
    assert put_currency(before, POUNDS) is before
