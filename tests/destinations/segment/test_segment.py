from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Refused
from server.destinations.contract import (
    EVENT,
    PAGE_VIEW,
    Sending,
    encode,
    sample,
)
from server.destinations.segment import DESTINATION, MAX_EVENT_BYTES
from server.destinations.segment.config import Config
from tests.destinations.asking import refusal, said

CONFIG = Config(write_key="key")


def test_an_event_that_segment_would_drop_for_its_size_is_refused() -> None:
    def of(chars: int) -> Sending:
        props = {str(number): "x" * 8000 for number in range(3)} | {"last": "x" * chars}
        return sample(CONFIG, replace(EVENT, props=props))

    room = MAX_EVENT_BYTES - len(encode(said(DESTINATION, of(1)))) + 1
    assert len(encode(said(DESTINATION, of(room)))) == MAX_EVENT_BYTES
    assert refusal(DESTINATION, of(room + 1)) == Refused(
        "too_large", "32,001 bytes, and Segment drops events of more than 32 KB"
    )


def test_a_tag_names_the_call_the_event_and_the_page() -> None:
    track = replace(CONFIG, call="track", event_name="Seen", params={"a": 1})
    found = said(DESTINATION, sample(track, PAGE_VIEW))
    assert (found["type"], found["event"], found["properties"]) == ("track", "Seen", {"a": 1})
    page = said(DESTINATION, sample(replace(CONFIG, event_name="Home"), PAGE_VIEW))
    assert (page["type"], page["name"]) == ("page", "Home")


def test_events_to_which_a_page_gives_one_id_stay_several() -> None:
    event = replace(EVENT, props={"event_id": "order-7"})
    assert said(DESTINATION, sample(CONFIG, event))["messageId"] == EVENT.event_id
