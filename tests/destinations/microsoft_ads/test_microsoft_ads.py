from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Refused, Resend, Response, Retry
from server.destinations.contract import PAGE_VIEW, PURCHASE, sample
from server.destinations.microsoft_ads import DESTINATION
from server.destinations.microsoft_ads.config import Config
from server.destinations.microsoft_ads.judging import judge
from tests.destinations.asking import said

CONFIG = Config(tag_id="1", access_token="t")


def answer(status: int, *details: Any, received: int = 0) -> Response:
    error = {"code": "ValidationError", "message": "No.", "details": details}
    body = {"eventsReceived": received, "error": error}
    return Response(status=status, body=json.dumps(body).encode())


def test_what_was_attempted_is_not_told() -> None:
    one = {"index": 0, "propertyName": "userData.em", "errorMessage": "x", "errorCode": "E7"}
    outcome = judge(answer(200, one | {"attemptedValue": "jo@example.com"}))
    assert outcome == Mixed({0: Refused("rejected", "userData.em; x", "E7")}, Delivered())


@pytest.mark.parametrize("odd", [None, 7, {}, {"index": "0"}, {"index": 0, "isWarning": True}])
def test_details_of_another_shape_and_warnings_refuse_nobody(odd: object) -> None:
    assert judge(answer(200, odd, received=1)) == Delivered()
    assert judge(answer(200, odd)) == Refused("rejected", "No.")
    assert judge(answer(400, odd)) == Refused("http_400", "No.", "ValidationError")


def test_those_that_were_not_looked_at_are_sent_again() -> None:
    outcome = judge(answer(400, {"index": 3, "errorMessage": "x"}))
    assert isinstance(outcome, Mixed)
    assert (list(outcome.parts), outcome.rest) == ([3], Resend())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
def test_a_success_that_says_nothing_is_none(body: bytes) -> None:
    assert isinstance(judge(Response(status=200, body=body)), Retry)


def test_a_page_view_may_be_an_event_of_its_own() -> None:
    config = replace(CONFIG, event_name="seen")
    fields = said(DESTINATION, sample(config, replace(PAGE_VIEW, url="")))
    assert (fields["eventType"], fields["eventName"]) == ("custom", "seen")


def test_events_of_one_page_share_its_id_and_others_have_none() -> None:
    events = [replace(PAGE_VIEW, page_id="7"), replace(PURCHASE, page_id="7"), PURCHASE]
    ids = [said(DESTINATION, sample(CONFIG, event)).get("pageLoadId") for event in events]
    assert ids[0] == ids[1] != ids[2]
    assert ids[2] is None
