from __future__ import annotations

import json
from typing import Any

import pytest

from server.delivery import Mixed, Refused, Response
from server.destinations.klaviyo.judging import judge


@pytest.mark.parametrize(
    "errors",
    [
        None,
        [],
        [3],
        [{"code": 3, "source": "x"}],
        [{"source": {"pointer": 3}}],
        [{"source": {"pointer": "/data/attributes/events-bulk-create/data/x"}}],
    ],
)
def test_errors_of_another_shape_are_everybody_s(errors: Any) -> None:
    body = json.dumps({"errors": errors})
    assert judge(Response(status=400, body=body.encode())) == Refused("http_400", body)


def test_an_event_with_two_faults_is_refused_for_the_first() -> None:
    place = "/data/attributes/events-bulk-create/data/1"
    errors = [{"detail": told, "source": {"pointer": place}} for told in ("first", "second")]
    found = judge(Response(status=400, body=json.dumps({"errors": errors}).encode()))
    assert isinstance(found, Mixed)
    assert found.parts == {1: Refused("bad_event", "first")}
