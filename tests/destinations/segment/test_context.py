from __future__ import annotations

from msgspec.structs import replace

from server.destinations.contract import EVENT, sample
from server.destinations.segment import DESTINATION
from server.destinations.segment.config import Config
from server.model import Person
from tests.destinations.asking import said

CONFIG = Config(write_key="key")


def test_a_cookie_that_is_no_id_is_not_one() -> None:
    person = Person(cookies={"ajs_anonymous_id": "null;<script>"})
    assert said(DESTINATION, sample(CONFIG, EVENT, person))["anonymousId"] == EVENT.visitor_id


def test_where_it_was_is_told_in_the_words_of_segment() -> None:
    event = replace(
        EVENT,
        query="utm_source=x",
        screen="1920x1080",
        os="iOS",
        os_version="26",
        device_type="mobile",
        device_brand="Apple",
        device_model="iPhone",
        campaign_source="x",
        campaign_id="7",
        session_id=0,
        consent={},
    )
    assert said(DESTINATION, sample(CONFIG, event))["context"] == {
        "library": {"name": "freehold"},
        "page": {"url": "https://www.example.com/shoes", "search": "?utm_source=x"},
        "campaign": {"source": "x", "id": "7"},
        "screen": {"width": 1920, "height": 1080},
        "device": {"type": "mobile", "manufacturer": "Apple", "model": "iPhone"},
        "os": {"name": "iOS", "version": "26"},
    }
    odd = said(DESTINATION, sample(CONFIG, replace(EVENT, screen="wide")))
    assert "screen" not in odd["context"]
