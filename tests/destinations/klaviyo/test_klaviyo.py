from __future__ import annotations

from msgspec.structs import replace

from server.destinations.contract import EVENT, PURCHASE, sample
from server.destinations.klaviyo import DESTINATION
from server.destinations.klaviyo.config import Config
from tests.destinations.asking import said

CONFIG = Config(api_key="pk_1")
BULK = replace(CONFIG, bulk=True)


def test_events_share_a_request_in_bulk_alone() -> None:
    def groups(config: Config) -> int:
        sendings = [sample(config, replace(EVENT, event_id=id_)) for id_ in ("a", "b")]
        return len({DESTINATION.group(one, said(DESTINATION, one)) for one in sendings})

    assert (groups(CONFIG), groups(BULK)) == (2, 1)


def test_a_name_and_its_properties_are_as_many_as_klaviyo_takes() -> None:
    props = {f"p{number}": "x" for number in range(500)}
    found = said(DESTINATION, sample(CONFIG, replace(EVENT, name="x" * 200, props=props)))
    assert len(found["metric"]["data"]["attributes"]["name"]) == 127
    assert len(found["properties"]) == 400


def test_an_order_that_does_not_say_its_value_has_no_currency_either() -> None:
    found = said(DESTINATION, sample(CONFIG, replace(PURCHASE, value=None)))
    assert not found.keys() & {"value", "value_currency"}
