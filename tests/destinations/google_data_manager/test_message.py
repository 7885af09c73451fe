from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.destinations.contract import PERSON, PURCHASE, Message, sample
from server.destinations.google_data_manager import DESTINATION
from server.destinations.google_data_manager.config import Config
from server.destinations.google_data_manager.message import message
from server.model import Item, Person
from tests.destinations.asking import said

CONFIG = Config(customer_id="1234567890", conversion_action_id="9", service_account="$secret.K")
CLICKED = replace(PERSON, click_ids={"gclid": "g"})


def told(event: Any = PURCHASE, person: Person = CLICKED, **settings: Any) -> Message:
    return said(DESTINATION, sample(replace(CONFIG, **settings), event, person))


@pytest.mark.parametrize(
    ("country", "address"), [("US", True), ("FR", False), ("GB", False), ("", False)]
)
def test_an_address_goes_where_google_takes_it_and_the_country_is_known(
    country: str, address: bool
) -> None:
    device = told(replace(PURCHASE, country=country))["eventDeviceInfo"]
    assert ("ipAddress" in device) is address


def test_a_device_is_told_where_it_was_allowed_alone() -> None:
    assert "eventDeviceInfo" not in told(send_device=False)
    refused = message(sample(CONFIG, PURCHASE, CLICKED, denied=("ad_user_data",)))
    assert isinstance(refused, dict)
    assert refused.keys().isdisjoint({"eventDeviceInfo", "userData"})


def test_an_address_without_a_part_that_google_needs_is_not_sent() -> None:
    for part in ("first_name", "last_name", "postcode", "country"):
        person = replace(CLICKED, **{part: ""})
        identifiers = told(person=person)["userData"]["userIdentifiers"]
        assert not any("address" in one for one in identifiers)


def test_items_without_an_id_and_parts_of_a_piece_are_not_counted() -> None:
    items = [Item(item_name="Gift"), Item(item_id="W", quantity=1.5), Item(item_id="X", price="2")]
    assert told(replace(PURCHASE, items=items))["cartData"]["items"] == [
        {"merchantProductId": "W"},
        {"merchantProductId": "X", "quantity": 1, "unitPrice": 2},
    ]


def test_a_value_may_be_left_out_with_its_currency() -> None:
    fields = told(params={"conversionValue": None, "currency": None})
    assert fields.keys().isdisjoint({"conversionValue", "currency"})


def test_a_session_that_is_too_long_is_not_sent() -> None:
    session = {"_dm_session_attributes": "x" * 4001}
    assert told(person=replace(CLICKED, cookies=session))["adIdentifiers"] == {"gclid": "g"}


def test_conversions_of_different_actions_do_not_share_a_request() -> None:
    others = [
        CONFIG,
        replace(CONFIG, params={"currency": "USD"}, service_account="$secret.L"),
        replace(CONFIG, conversion_action_id="8"),
        replace(CONFIG, customer_id="1234567891"),
        replace(CONFIG, validate_only=True),
        replace(CONFIG, endpoint="https://eu.example"),
    ]
    assert len({DESTINATION.group(sample(one, PURCHASE), {}) for one in others}) == len(others) - 1
