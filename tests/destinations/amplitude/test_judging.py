from __future__ import annotations

import json
from typing import Any

import pytest

from server.delivery import Mixed, Refused, Response, Retry
from server.destinations.amplitude.judging import judge


def answer(status: int, said: Any) -> Response:
    return Response(status=status, body=json.dumps(said).encode())


@pytest.mark.parametrize(
    "said",
    [
        {"error": "Request missing required field", "missing_field": "api_key"},
        {"events_with_invalid_fields": {"time": ["3", None, -1, True]}},
        {"events_with_invalid_fields": [3], "silenced_events": {"3": 1}},
        [3],
        None,
    ],
)
def test_a_refusal_that_names_no_event_is_everybody_s(said: Any) -> None:
    assert judge(answer(400, said)) == Refused("http_400", json.dumps(said))


def test_an_event_with_two_faults_is_refused_once() -> None:
    said = {"events_with_invalid_fields": {"time": [1]}, "events_with_missing_fields": {"x": [1]}}
    found = judge(answer(400, said))
    assert isinstance(found, Mixed)
    assert list(found.parts) == [1]


def test_a_throttled_project_waits_as_a_whole() -> None:
    assert judge(answer(429, {"error": "slow"})) == Retry("http_429", '{"error": "slow"}')
