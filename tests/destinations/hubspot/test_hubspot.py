from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.containers.model import Asked
from server.destinations.contract import EVENT, sample
from server.destinations.hubspot import DESTINATION
from server.destinations.hubspot.config import Config
from server.model import Event, Person
from tests.destinations.asking import refusal, said

CONFIG = Config(access_token="pat", hub_id="1234", object_id="1")


def properties(params: dict[str, Any] | None = None, event: Event = EVENT) -> dict[str, Any]:
    message = said(DESTINATION, sample(replace(CONFIG, params=params or {}), event))
    return dict(message["properties"])


def test_every_property_is_a_text_that_is_not_too_long() -> None:
    found = properties({"a": True, "b": 2, "c": [1], "d": "x" * 2000})
    assert {name: found[name] for name in "abc"} == {"a": "true", "b": "2", "c": "[1]"}
    assert len(found["d"]) == 1024


def test_there_are_as_many_as_hubspot_takes() -> None:
    assert len(properties({f"p{number}": "x" for number in range(80)})) == 50


def test_where_it_was_is_told_in_the_properties_that_each_event_has() -> None:
    event = replace(
        EVENT, screen="1920x1080", campaign_source="news", campaign_id="7", city="Paris"
    )
    assert properties(event=event) == {
        "hs_page_url": EVENT.url,
        "hs_utm_source": "news",
        "hs_city": "Paris",
        "hs_screen_width": "1920",
        "hs_screen_height": "1080",
    }


def test_a_cookie_that_is_not_hubspot_s_tells_of_nobody() -> None:
    nobody = Person(cookies={"hubspotutk": "x"})
    refused = refusal(DESTINATION, sample(replace(CONFIG, object_id=None), EVENT, nobody))
    assert refused is not None
    assert refused.reason == "no_match_key"


def test_a_tag_is_told_beforehand_which_of_its_events_cannot_be_called_so() -> None:
    def told(**settings: str) -> list[str]:
        events = frozenset({"purchase", "Form sent"})
        asked = Asked(settings=settings, events=events, currency="EUR")
        return [text for _, text in DESTINATION.warn(asked)]

    assert told() == ["HubSpot has no event 'Form sent': set `event_name`"]
    assert told(event_name="form_sent") == []
