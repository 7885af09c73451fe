from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.delivery import Mixed, Refused, Response
from server.destinations import DESTINATIONS
from server.destinations.contract import PERSON, PURCHASE, sample
from server.destinations.reddit.config import Config
from server.model import Event, Item
from tests.destinations.asking import said

REDDIT = DESTINATIONS["reddit"]
CONFIG = Config(pixel_id="a2_abc123", access_token="t0ken")


def user(event: Event = PURCHASE, **cookies: str) -> dict[str, Any]:
    found = said(REDDIT, sample(CONFIG, event, replace(PERSON, cookies=cookies)))["user"]
    assert isinstance(found, dict)
    return found


def test_a_cookie_that_reddit_would_refuse_the_request_for_is_not_sent() -> None:
    assert "uuid" not in user(_rdt_uuid="1677712978045.none")
    assert "uuid" in user(_rdt_uuid="1677712978045.b8f7eb7d-b357-437b-8bd3-e1c8166c7132")


def test_what_is_not_counted_in_pieces_is_not_counted() -> None:
    quantities = (2.0, 0.5, float("inf"), float("nan"), -1.0)
    items = [Item(item_id=str(number), quantity=number) for number in quantities]
    metadata = said(REDDIT, sample(CONFIG, replace(PURCHASE, items=items)))["metadata"]
    assert "item_count" not in metadata
    assert [one.get("quantity") for one in metadata["products"]] == [2, None, None, None, None]


@pytest.mark.parametrize(
    ("country", "region", "said_of_it"), [("US", "CA", "US-CA"), ("FR", "", None)]
)
def test_limited_data_use_says_where(country: str, region: str, said_of_it: str | None) -> None:
    event = replace(PURCHASE, country=country, region=region)
    message = said(REDDIT, sample(CONFIG, event, denied=("ad_personalization",)))
    options = message["user"]["data_processing_options"]
    assert (options["modes"], options["country"]) == (["LDU"], country)
    assert options.get("region") == said_of_it


@pytest.mark.parametrize(
    "fields", [b"[]", b"{}", b"[1]", b'[{"field":7}]', b'[{"field":"$.data"}]', b"null"]
)
def test_a_400_that_names_nobody_is_for_the_whole_request(fields: bytes) -> None:
    body = b'{"error":{"fields":' + fields + b"}}"
    judged = REDDIT.judge(Response(status=400, body=body))
    assert not isinstance(judged, Mixed)
    assert isinstance(judged, Refused)
