"""What Google's documentation says of a request, as a check."""

from __future__ import annotations

import json
import re
from typing import Any

from server.delivery import Request

NAME = re.compile(r"(?!ga_|google_|firebase_)[A-Za-z][A-Za-z0-9_]{0,39}")
LONGER = {"page_location": 1000, "page_referrer": 420, "page_title": 300}


def checked(request: Request) -> dict[str, Any]:
    """The body, after every limit of the protocol was looked at."""
    body: dict[str, Any] = json.loads(request.body, parse_constant=_refuse)
    assert len(request.body) < 130_000
    assert re.fullmatch(r"[1-9]\d*\.[1-9]\d*", body["client_id"])
    assert 1 <= len(body["events"]) <= 25
    assert len(body.get("user_properties", {})) <= 25
    for name, said in body.get("user_properties", {}).items():
        assert NAME.fullmatch(name)
        assert len(name) <= 24
        assert len(str(said["value"])) <= 36
    for event in body["events"]:
        _check_event(event)
    return body


def _check_event(event: dict[str, Any]) -> None:
    assert event.keys() == {"name", "params", "timestamp_micros"}
    assert NAME.fullmatch(event["name"])
    params = dict(event["params"])
    assert len(params) <= 25
    items = params.pop("items", [{}])
    assert 1 <= len(items) <= 200
    for fields in (params, *items):
        for name, value in fields.items():
            assert NAME.fullmatch(name)
            assert isinstance(value, str | int | float)
            assert not isinstance(value, bool)
            assert value != ""
            assert not isinstance(value, str) or len(value) <= LONGER.get(name, 100)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
