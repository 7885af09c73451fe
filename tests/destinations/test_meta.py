from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.containers.model import Asked
from server.delivery import Refused, Response
from server.destinations.contract import ANONYMOUS, PAGE_VIEW, PERSON, PURCHASE, Sending, sample
from server.destinations.meta import DESTINATION
from server.destinations.meta.config import Config
from server.model import SHARED_ID, Item, Person
from tests.destinations.asking import ask, refusal, said

CONFIG = Config(pixel_id="1234567890123456", access_token="t0ken")
FBC = "fb.1.1760000000000.AbC"


def user(sending: Sending) -> dict[str, Any]:
    found: dict[str, Any] = said(DESTINATION, sending)["user_data"]
    return found


def judged(status: int, **error: Any) -> tuple[str, str, str]:
    """Kind, reason and code."""
    body = json.dumps({"error": error}).encode()
    outcome = DESTINATION.judge(Response(status=status, body=body))
    assert not hasattr(outcome, "parts")
    return type(outcome).__name__, outcome.reason, outcome.code  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"code": 1}, ("Retry", "partner_fault", "1")),
        (400, {"code": 368, "error_subcode": 1}, ("Retry", "partner_fault", "368/1")),
        (400, {"code": 17}, ("Retry", "throttled", "17")),
        (400, {"code": 613}, ("Retry", "throttled", "613")),
        (400, {"code": 80004}, ("Retry", "throttled", "80004")),
        (429, {"code": 999}, ("Retry", "partner_fault", "999")),
        (503, {"code": 999}, ("Retry", "partner_fault", "999")),
        (401, {"code": 190, "error_subcode": 463}, ("Denied", "credentials", "190/463")),
        (403, {"code": 200}, ("Denied", "permission", "200")),
        (400, {"code": 10}, ("Denied", "permission", "10")),
        (400, {"code": 100, "error_subcode": 33}, ("Denied", "permission", "100/33")),
        (400, {"code": 100, "is_transient": False}, ("Refused", "rejected", "100")),
        (400, {"code": "100"}, ("Refused", "rejected", "")),
        (200, {"code": 190}, ("Denied", "credentials", "190")),
    ],
)
def test_the_status_is_not_enough(
    status: int, error: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert judged(status, **error) == expected


def test_a_browser_is_told_by_its_cookie_else_by_our_visitor_as_far_as_granted() -> None:
    told = replace(ANONYMOUS, cookies={"_fbp": "fb.1.1750000000000.1116446470"})
    assert user(sample(CONFIG, PAGE_VIEW, told))["fbp"] == "fb.1.1750000000000.1116446470"
    assert user(sample(CONFIG, PAGE_VIEW, ANONYMOUS))["fbp"].startswith("fb.1.")
    assert "fbp" not in user(sample(CONFIG, PAGE_VIEW, ANONYMOUS, denied=("ad_user_data",)))
    quiet = replace(CONFIG, send_user_data=False)
    assert "fbp" not in user(sample(quiet, PAGE_VIEW, ANONYMOUS))


def test_a_click_is_the_landings_or_the_cookies() -> None:
    kept = replace(ANONYMOUS, cookies={"_fbc": FBC})
    landed = replace(kept, click_ids={"fbclid": "DeF"}, clicked_at={"fbclid": 1_760_000_010_000})
    assert user(sample(CONFIG, PAGE_VIEW, kept))["fbc"] == FBC
    assert user(sample(CONFIG, PAGE_VIEW, landed))["fbc"] == "fb.1.1760000010000.DeF"


def test_what_is_true_of_too_many_is_nobody() -> None:
    place = Person(city="Paris", region="IDF", postcode="75002", country="FR", user_agent="Mozilla")
    nobody = replace(PAGE_VIEW, visitor_id="00000000-0000-0000-0000-000000000000")
    refused = refusal(DESTINATION, sample(CONFIG, nobody, place))
    assert refused is not None
    assert refused.reason == "no_match_key"
    assert refusal(DESTINATION, sample(CONFIG, nobody, replace(place, last_name="Doe"))) is None


def test_the_id_is_the_one_of_the_pixel_in_the_page() -> None:
    event = replace(PURCHASE, props={SHARED_ID: "order-1001"})
    assert said(DESTINATION, sample(CONFIG, event))["event_id"] == "order-1001"


def test_a_tags_fields_beat_the_events_and_null_leaves_one_out() -> None:
    config = replace(CONFIG, params={"value": 1, "order_id": None, "status": ""})
    custom = said(DESTINATION, sample(config, PURCHASE))["custom_data"]
    assert custom["value"] == 1
    assert not {"order_id", "status"} & custom.keys()
    without = replace(CONFIG, params={"currency": None})
    assert isinstance(DESTINATION.message(sample(without, PURCHASE)), Refused)


def test_only_a_checkout_says_how_many_pieces_it_has() -> None:
    items = [Item(item_id="a", quantity=2.0), Item(item_id="b")]
    begun = replace(PURCHASE, name="begin_checkout", items=items)
    assert said(DESTINATION, sample(CONFIG, begun))["custom_data"]["num_items"] == 3
    assert "num_items" not in said(DESTINATION, sample(CONFIG, PURCHASE))["custom_data"]


def test_the_token_is_safe_in_the_address() -> None:
    odd = replace(CONFIG, access_token="a&b=c d|é")
    assert ask(DESTINATION, sample(odd, PAGE_VIEW, PERSON)).url.endswith("=a%26b%3Dc+d%7C%C3%A9")


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, 0),
        ({"send_device": False}, 1),
        ({"send_device": False, "action_source": "phone_call"}, 0),
    ],
)
def test_a_website_without_its_browsers_is_told_beforehand(
    settings: dict[str, Any], warned: int
) -> None:
    asked = Asked(settings=settings, events=frozenset(), currency="EUR")
    assert len(list(DESTINATION.warn(asked))) == warned
