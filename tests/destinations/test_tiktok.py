from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.delivery import Mixed, Refused, Response
from server.destinations.contract import PAGE_VIEW, PERSON, PURCHASE, sample
from server.destinations.tiktok import DESTINATION
from server.destinations.tiktok.config import Config
from tests.destinations.asking import said

CONFIG = Config(pixel_code="C4T8V5JC77UFQN0PKGJG", access_token="t0ken")


def answered(status: int = 200, **body: Any) -> Any:
    return DESTINATION.judge(Response(status=status, body=json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (200, 40001, "Denied", "permission"),
        (200, 40002, "Refused", "rejected"),
        (200, 40100, "Retry", "throttled"),
        (200, 40101, "Denied", "credentials"),
        (200, 40104, "Denied", "credentials"),
        (200, 40700, "Retry", "partner_fault"),
        (200, 51010, "Retry", "partner_fault"),
        (200, 60001, "Retry", "partner_fault"),
        (200, -1, "Refused", "rejected"),
        (429, 1, "Retry", "partner_fault"),
        (502, 1, "Retry", "partner_fault"),
    ],
)
def test_the_code_tells_what_the_status_hides(
    status: int, code: int, kind: str, reason: str
) -> None:
    outcome = answered(status, code=code, message="why")
    assert (type(outcome).__name__, outcome.reason) == (kind, reason)
    assert (outcome.code, outcome.detail) == (str(code), "why")


def test_of_some_that_failed_each_is_told() -> None:
    failed = [
        {"order_in_batch": 2, "error_message": "too old"},
        {"order_in_batch": True},
        "nonsense",
    ]
    outcome = answered(code=20001, data={"failed_events": failed})
    assert outcome == Mixed({2: Refused("rejected", "too old")})


def test_the_place_goes_in_clear_and_only_with_who_it_is() -> None:
    user = said(DESTINATION, sample(CONFIG, PURCHASE, replace(PERSON, city="Saint-Étienne")))[
        "user"
    ]
    assert (user["city"], user["state"], user["country"]) == ("saintetienne", "idf", "fr")
    denied = said(DESTINATION, sample(CONFIG, PURCHASE, denied=("ad_user_data",)))["user"]
    assert not {"city", "state", "country"} & denied.keys()


def test_several_of_one_person_are_lists_and_the_rest_are_texts() -> None:
    user = said(DESTINATION, sample(CONFIG, PAGE_VIEW))["user"]
    lists = {name for name, value in user.items() if isinstance(value, list)}
    assert lists == {"email", "phone", "external_id"}
