from __future__ import annotations

import pytest

from server.destinations.reddit.config import Config


def test_what_reddit_would_refuse_each_event_for_is_told_beforehand() -> None:
    with pytest.raises(ValueError, match="params: Reddit takes no 'colour', but conversion_id"):
        Config(pixel_id="a2_abc123", access_token="t0ken", params={"colour": "red"})
