from __future__ import annotations

import json

from server.publication import TagTrace
from server.studio.fields import fields_of


def test_a_request_is_fields_with_names() -> None:
    body = {"id": 1, "events": [{"params": {"value": 2.5}}, {"params": {}}], "none": None}
    trace = TagTrace(
        tag="t",
        type="webhook",
        outcome="send",
        method="POST",
        url="https://a.example/x?k=1&k=2&s=$secret.A",
        headers={"dnt": "1"},
        body=json.dumps(body),
    )
    assert fields_of(trace) == {
        "method": "POST",
        "url": "https://a.example/x",
        "url.query.k": "1, 2",
        "url.query.s": "$secret.A",
        "header.dnt": "1",
        "id": "1",
        "events[].params.value": "2.5",
        "events[].params": "{}",
        "none": "null",
    }


def test_a_refused_request_is_one_field_and_what_is_no_json_another() -> None:
    refused = TagTrace(tag="t", type="ga4", outcome="refused", reason="bad_name")
    assert fields_of(refused) == {"refused": "bad_name"}
    odd = TagTrace(tag="t", type="x", outcome="send", method="PUT", url="http://[", body="a=b")
    assert fields_of(odd) == {"method": "PUT", "url": "http://[", "body": "a=b"}
