from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Mixed, Refused, Response, Retry
from server.destinations.contract import PURCHASE, sample
from server.destinations.pinterest import DESTINATION
from server.destinations.pinterest.config import Config
from server.model import Item
from tests.destinations.asking import said

CONFIG = Config(ad_account_id="549755885175", access_token="t0ken")


def test_money_is_text_whoever_said_it() -> None:
    event = replace(PURCHASE, items=[Item(item_id="a", price="10.5000", quantity=0.5)])
    custom = said(DESTINATION, sample(replace(CONFIG, params={"value": 7}), event))["custom_data"]
    assert custom["value"] == "7"
    assert custom["contents"] == [{"id": "a", "item_price": "10.5"}]
    assert "num_items" not in custom


def test_an_answer_of_odd_events_is_read_as_far_as_it_goes() -> None:
    body = b'{"events":[1,{"status":"failed"},{"status":"processed","warning_message":"x"}]}'
    assert DESTINATION.judge(Response(status=422, body=body)) == Mixed({1: Refused("rejected")})
    nothing = Response(status=200, body=b'{"events":[]}')
    assert DESTINATION.judge(nothing) == Retry("unclear_answer", '{"events":[]}')
