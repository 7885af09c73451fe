from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Response, Retry
from server.destinations.contract import PERSON, PURCHASE, sample
from server.destinations.google_ads import DESTINATION, access
from server.destinations.google_ads.config import Config
from server.destinations.google_ads.judging import judge
from server.model import Person
from tests.destinations.asking import said
from tests.destinations.contract.test_oauth import key_file

CONFIG = Config(customer_id="1234567890", conversion_action_id="9", service_account=key_file())


def partly(*errors: Any) -> Response:
    kind = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    status = {"code": 3, "message": "Some.", "details": [{"@type": kind, "errors": errors}]}
    return Response(status=200, body=json.dumps({"partialFailureError": status}).encode())


def error(code: str, index: object = 0, field: str = "conversions") -> dict[str, Any]:
    return {
        "errorCode": {"conversionUploadError": code},
        "message": "Why.",
        "location": {"fieldPathElements": [{"fieldName": field, "index": index}]},
    }


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("EXPIRED_EVENT", Refused("rejected", "Why.", "EXPIRED_EVENT")),
        ("DUPLICATE_ORDER_ID", Retry("not_now", "Why.", code="DUPLICATE_ORDER_ID")),
        ("ORDER_ID_ALREADY_IN_USE", Delivered("Why.", "ORDER_ID_ALREADY_IN_USE")),
    ],
)
def test_each_conversion_has_its_own_outcome(code: str, outcome: Outcome) -> None:
    assert judge(partly(error(code, 3))) == Mixed({3: outcome}, Delivered())


def test_what_the_account_lacks_makes_all_wait() -> None:
    code = "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"
    answer = partly(error("EXPIRED_EVENT", 0), error(code, 1))
    assert judge(answer) == Denied("account", "Why.", code)


@pytest.mark.parametrize(
    "odd",
    [
        error("EXPIRED_EVENT", field="customerId"),
        error("EXPIRED_EVENT", index=None),
        {"errorCode": 7, "location": []},
        {},
        None,
    ],
)
def test_an_error_of_no_conversion_is_looked_for_by_halves(odd: object) -> None:
    assert judge(partly(odd)) == Refused("rejected", "Some.")


def test_a_click_has_one_id_alone() -> None:
    ids = {"wbraid": "w", "gbraid": "b", "gclid": "g"}
    for kinds in (("gclid", "gbraid", "wbraid"), ("gbraid", "wbraid"), ("wbraid",)):
        person = Person(click_ids={kind: ids[kind] for kind in kinds})
        fields = said(DESTINATION, sample(CONFIG, PURCHASE, person))
        assert {kind: fields[kind] for kind in ids if kind in fields} == {kinds[0]: ids[kinds[0]]}


def test_an_address_and_a_name_are_not_for_this_interface() -> None:
    person = replace(PERSON, email="", phone="")
    assert isinstance(DESTINATION.message(sample(CONFIG, PURCHASE, person)), Refused)


def test_a_token_is_asked_for_with_the_scope_of_google_ads() -> None:
    request = access(CONFIG, 1_760_000_000_000)
    assert request.url == "https://oauth2.googleapis.com/token"
    assert b"jwt-bearer" in request.body


@pytest.mark.parametrize(
    "settings",
    [
        {"params": {"gclid": "x"}},
        {"params": {"userIdentifiers": []}},
        {"custom_variables": {"plan": "gold"}},
        {"api_version": "26"},
        {"service_account": None},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(CONFIG) | settings, Config)
