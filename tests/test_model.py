from __future__ import annotations

import pytest

from tests.samples import event

ROW_ID = event().event_id


@pytest.mark.parametrize(
    ("props", "shared"),
    [
        ({}, ROW_ID),
        ({"event_id": ""}, ROW_ID),
        ({"event_id": "order-77"}, "order-77"),
    ],
)
def test_an_event_is_shared_by_the_id_that_its_page_gave(
    props: dict[str, str], shared: str
) -> None:
    assert event(props=props).shared_id == shared
