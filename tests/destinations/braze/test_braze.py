from __future__ import annotations

from msgspec.structs import replace

from server.destinations.braze import DESTINATION
from server.destinations.braze.config import Config
from server.destinations.contract import EVENT, PURCHASE, sample
from tests.destinations.asking import said

CONFIG = Config(api_key="k", endpoint="https://rest.fra-02.braze.eu", alias_label="visitor")


def test_an_order_shares_its_request_with_nothing() -> None:
    sendings = [sample(CONFIG, event) for event in (EVENT, PURCHASE)]
    sendings += [sample(CONFIG, replace(one.event, event_id="b")) for one in sendings]
    groups = [DESTINATION.group(one, said(DESTINATION, one)) for one in sendings]
    assert groups[0] == groups[2]
    assert len(set(groups)) == 3


def test_texts_are_cut_and_names_that_braze_keeps_for_itself_are_left_out() -> None:
    event = replace(EVENT, name="x" * 300, props={"$x": "1", "long": "y" * 300})
    (found,) = said(DESTINATION, sample(CONFIG, event))["events"]
    assert (len(found["name"]), len(found["properties"]["long"])) == (255, 255)
    assert "$x" not in found["properties"]
