from __future__ import annotations

import json

import msgspec
import pytest
from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Refused, Resend, Response, Retry
from server.destinations.contract import LEAD, PERSON, PURCHASE, sample
from server.destinations.linkedin import DESTINATION
from server.destinations.linkedin.config import Config
from server.destinations.linkedin.judging import judge
from tests.destinations.asking import said

CONFIG = Config(conversion_id="1", access_token="t")


def answer(status: int, **body: object) -> Response:
    return Response(status=status, body=json.dumps(body).encode())


def test_those_to_blame_are_read_out_of_the_words() -> None:
    words = "Index: 0, ERROR :: /a :: first\nERROR :: /b :: second\nIndex: 12, ERROR :: /c :: x\n"
    assert judge(answer(422, message=words, code="UNPROCESSABLE")) == Mixed(
        {
            0: Refused("rejected", "ERROR :: /a :: first\nERROR :: /b :: second", "UNPROCESSABLE"),
            12: Refused("rejected", "ERROR :: /c :: x", "UNPROCESSABLE"),
        },
        Resend(),
    )


def test_without_places_they_are_found_by_halves() -> None:
    assert judge(answer(422, message="No.")) == Refused("http_422", "No.")


def test_each_of_a_list_has_its_own_outcome() -> None:
    elements = [{"status": 201}, {"status": 503}, {"status": 403, "error": []}, None, 7]
    assert judge(answer(200, elements=elements)) == Mixed(
        {1: Retry("http_503"), 2: Refused("http_403")}
    )
    assert judge(answer(200, elements=7)) == Delivered()


def test_a_page_of_something_between_is_no_success() -> None:
    assert judge(Response(status=200, body=b"<html>")) == Retry("unclear_answer", "<html>")


@pytest.mark.parametrize(
    ("value", "amount"), [("64.8500", "64.85"), ("60.0000", "60"), ("1000000.0000", "1000000")]
)
def test_an_amount_is_a_text_of_digits(value: str, amount: str) -> None:
    fields = said(DESTINATION, sample(CONFIG, replace(PURCHASE, value=value)))
    assert fields["conversionValue"] == {"amount": amount, "currencyCode": "EUR"}


def test_a_name_is_sent_whole_and_where_it_was_allowed_alone() -> None:
    config = replace(CONFIG, send_name=True)
    for person in (replace(PERSON, last_name=" "), replace(PERSON, first_name="")):
        assert "userInfo" not in said(DESTINATION, sample(config, LEAD, person))["user"]
    kept = sample(replace(config, send_user_data=False), LEAD, PERSON)
    assert "userInfo" not in said(DESTINATION, kept)["user"]
    assert "userInfo" not in said(DESTINATION, sample(CONFIG, LEAD, PERSON))["user"]


@pytest.mark.parametrize(
    "settings",
    [
        {"conversion_id": "urn:lla:llaPartnerConversion:1"},
        {"api_version": "202613"},
        {"params": {"userIds": []}},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(CONFIG) | settings, Config)
