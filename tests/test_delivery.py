from __future__ import annotations

import uuid

from server.delivery import delivery_id

EVENT_ID = "0199c000-0000-7000-8000-000000000001"


def test_the_same_event_is_owed_to_the_same_tag_under_the_same_id() -> None:
    assert delivery_id(EVENT_ID, "shop", "ga4") == delivery_id(EVENT_ID, "shop", "ga4")
    others = {("shop", "meta"), ("blog", "ga4"), ("shop", "ga4")}
    assert len({delivery_id(EVENT_ID, *names) for names in others}) == 3


def test_a_delivery_id_is_the_uuid_that_any_library_makes_of_the_name() -> None:
    namespace = uuid.UUID("b3f0a5c2-4d8e-5f61-9a77-2c1d0e8f6b42")
    for number in range(100):
        name = f"{EVENT_ID}/shop/tag{number}"
        assert delivery_id(EVENT_ID, "shop", f"tag{number}") == str(uuid.uuid5(namespace, name))
