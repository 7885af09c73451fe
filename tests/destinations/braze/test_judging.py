from __future__ import annotations

import json
from typing import Any

import pytest

from server.delivery import Delivered, Mixed, Refused, Response, Retry
from server.destinations.braze.judging import judge


def answer(errors: Any) -> Response:
    return Response(status=201, body=json.dumps({"message": "success", "errors": errors}).encode())


@pytest.mark.parametrize(
    ("errors", "detail"),
    [
        (None, ""),
        ({}, ""),
        ([], ""),
        (["minor"], "minor"),
        ([{"type": "wrong", "input_array": "events", "index": "0"}], "wrong"),
        ([{"type": "wrong", "input_array": "attributes", "index": 0}], "wrong"),
    ],
)
def test_errors_that_name_no_event_leave_all_taken(errors: Any, detail: str) -> None:
    assert judge(answer(errors)) == Delivered(detail)


def test_a_success_that_does_not_call_itself_one_is_none() -> None:
    body = '{"message":"no valid objects","errors":["minor"]}'
    response = Response(status=201, body=body.encode())
    assert judge(response) == Refused("not_taken", body)


def test_a_line_that_is_not_taken_is_its_order_s() -> None:
    wrong = [{"type": told, "input_array": "purchases", "index": 2} for told in ("first", "second")]
    assert judge(answer(wrong)) == Mixed({0: Refused("not_taken", "first")})


@pytest.mark.parametrize("seconds", ["", "soon", "-1", "9" * 7, "٣"])
def test_a_wait_that_is_no_number_is_not_waited(seconds: str) -> None:
    response = Response(status=429, headers={"x-ratelimit-retry-after": seconds})
    assert judge(response) == Retry("http_429")
