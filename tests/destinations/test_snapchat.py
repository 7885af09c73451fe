from __future__ import annotations

from typing import Any

import pytest
from msgspec import ValidationError, convert
from msgspec.structs import replace

from server.destinations.contract import ANONYMOUS, PAGE_VIEW, PURCHASE, sample
from server.destinations.snapchat import DESTINATION
from server.destinations.snapchat.config import Config
from server.model import Item
from tests.destinations.asking import refusal, said

PIXEL = "1ec32188-754e-4be2-8e55-c949a984a39f"
CONFIG = Config(pixel_id=PIXEL, access_token="t0ken")
QUIET = replace(CONFIG, send_user_data=False)


def test_half_a_device_is_none() -> None:
    assert refusal(DESTINATION, sample(QUIET, PAGE_VIEW, ANONYMOUS)) is None
    for half in (replace(ANONYMOUS, ip=""), replace(ANONYMOUS, user_agent="")):
        refused = refusal(DESTINATION, sample(QUIET, PAGE_VIEW, half))
        assert refused is not None
        assert refused.reason == "no_match_key"


def test_numbers_of_a_product_are_texts_without_zeros_at_their_end() -> None:
    items = [Item(item_id="a", price="10.0000", quantity=3.0), Item(item_id="b", price="0.5000")]
    custom = said(DESTINATION, sample(CONFIG, replace(PURCHASE, items=items)))["custom_data"]
    assert custom["contents"] == [
        {"id": "a", "quantity": "3", "item_price": "10"},
        {"id": "b", "quantity": "1", "item_price": "0.5"},
    ]


@pytest.mark.parametrize(
    "settings", [{"pixel_id": "1"}, {"event_name": "Purchase"}, {"event_name": "1ST"}]
)
def test_what_snap_has_no_place_for_is_no_setting(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        convert({"pixel_id": PIXEL, "access_token": "t", **settings}, Config)
