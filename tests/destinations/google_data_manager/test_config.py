from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.checks import check
from server.destinations import tag_types
from server.destinations.google_data_manager.config import Config

LEAST = {
    "customer_id": "123-456-7890",
    "conversion_action_id": "987",
    "service_account": "$secret.GOOGLE",
}


def test_an_action_and_a_key_are_enough() -> None:
    config = msgspec.convert(LEAST, Config)
    assert (config.send_user_data, config.send_device, config.validate_only) == (True, True, False)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (
            {"customer_id": "1234"},
            "customer_id: expected the ten digits of a Google Ads account, such as 123-456-7890",
        ),
        (
            {"conversion_action_id": "AW-1/abc"},
            "conversion_action_id: expected digits: the `ctId` in the address of the conversion "
            "action's page",
        ),
        (
            {"params": {"userData": {}}},
            "params: expected transactionId, conversionValue, currency, eventSource, "
            "lastUpdatedTimestamp, userProperties, not 'userData'",
        ),
        (
            {"client_id": "c"},
            "expected either `service_account`, or `client_id`, `client_secret` and "
            "`refresh_token`",
        ),
        (
            {"refresh_token": "1//r"},
            "refresh_token: a secret in clear: write $secret.NAME and set FREEHOLD_SECRET_NAME, "
            "or put it into a file",
        ),
    ],
)
def test_what_a_marketer_may_get_wrong_is_told_in_words(
    settings: dict[str, Any], fault: str
) -> None:
    tag = {"type": "google_data_manager", "fires_on": ["all_pages"], "with": LEAST | settings}
    found = check({"id": "shop", "sites": ["self"], "tags": {"a": tag}}, tag_types())
    told = str(found[0]).removeprefix("tags.a.with.").removeprefix("tags.a.with: ")
    assert told == fault
