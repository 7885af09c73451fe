from __future__ import annotations

import json
from typing import Any

import pytest

from server.delivery import Delivered, Denied, Mixed, Refused, Resend, Response, Retry
from server.destinations.google_data_manager.judging import judge


def bad(*violations: Any, reason: str = "INVALID_ARGUMENT") -> Response:
    details = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations},
    ]
    error = {"status": "INVALID_ARGUMENT", "message": "No.", "details": details}
    return Response(status=400, body=json.dumps({"error": error}).encode())


def test_several_may_be_to_blame() -> None:
    answer = bad(
        {"field": "events.events[0].currency", "description": "a", "reason": "R1"},
        {"field": "events[17].user_data", "description": "b", "reason": "R2"},
        {"field": "events[17].user_data", "description": "c", "reason": "R3"},
    )
    assert judge(answer) == Mixed(
        {
            0: Refused("http_400", "events.events[0].currency: a", "R1"),
            17: Refused("http_400", "events[17].user_data: c", "R3"),
        },
        Resend(),
    )


def test_who_is_not_named_is_found_by_halves() -> None:
    assert judge(bad()) == Refused("http_400", "No.", "INVALID_ARGUMENT")


def test_what_the_account_has_not_agreed_to_is_waited_for() -> None:
    code = "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED"
    assert judge(bad(reason=code)) == Denied("account", "No.", code)
    place = {"field": "destinations[0]", "description": "x", "reason": code}
    assert isinstance(judge(bad(place)), Denied)


@pytest.mark.parametrize("violations", [[None], ["x"], [{}], [{"field": 7, "reason": None}]])
def test_violations_of_another_shape_blame_nobody(violations: list[Any]) -> None:
    outcome = judge(bad(*violations))
    assert isinstance(outcome, Refused | Mixed)
    if isinstance(outcome, Mixed):
        assert isinstance(outcome.rest, Refused)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (Response(status=200, body=b"{}"), Delivered),
        (Response(status=200, body=b"<html>"), Retry),
        (Response(status=200, body=b'{"requestId":7}'), Delivered),
        (Response(status=401, body=b"{}"), Denied),
        (Response(status=502, body=b"<html>"), Retry),
        (Response(status=404, body=b'{"error":{"status":"NOT_FOUND"}}'), Refused),
    ],
)
def test_other_answers_are_judged_by_their_status(response: Response, kind: type) -> None:
    assert isinstance(judge(response), kind)
