from __future__ import annotations

from typing import Any

import pytest

from server.destinations.x.config import Config

EVENT: dict[str, Any] = {"event_name": "o87ne"}
KEYS: dict[str, Any] = {"consumer_key": "a", "consumer_secret": "b", "access_token": "c"}


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"pixel_token": "t"}, "event_ids: X takes an event by its id"),
        (EVENT, "pixel_token: expected it, or consumer_key"),
        (EVENT | KEYS, "pixel_token: expected it, or consumer_key"),
    ],
)
def test_what_could_never_send_anything_is_told(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Config(pixel_id="o8z6j", **settings)


def test_four_keys_are_enough_and_so_is_a_token() -> None:
    assert Config(pixel_id="o8z6j", **EVENT, **KEYS, access_token_secret="d")
    assert Config(pixel_id="o8z6j", **EVENT, pixel_token="t")
