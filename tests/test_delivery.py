from __future__ import annotations

from server.delivery import delivery_id

EVENT_ID = "0199c000-0000-7000-8000-000000000001"


def test_the_same_event_is_owed_to_the_same_tag_under_the_same_id() -> None:
    assert delivery_id(EVENT_ID, "shop", "ga4") == delivery_id(EVENT_ID, "shop", "ga4")
    others = {("shop", "meta"), ("blog", "ga4"), ("shop", "ga4")}
    assert len({delivery_id(EVENT_ID, *names) for names in others}) == 3
