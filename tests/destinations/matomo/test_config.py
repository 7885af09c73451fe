from __future__ import annotations

import pytest

from server.destinations.matomo.config import Config


def test_what_another_setting_says_is_no_parameter() -> None:
    with pytest.raises(ValueError, match="params: idsite is said by a setting of its own"):
        Config(endpoint="https://m.example", site_id=1, token_auth="t", params={"idsite": 2})
