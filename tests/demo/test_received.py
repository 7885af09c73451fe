from __future__ import annotations

import json
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.demo.partners.contract import Asked
from server.demo.playing import Played, Stage
from server.demo.received import (
    MAX_BODY_BYTES,
    MAX_KEPT_BYTES,
    MAX_REQUESTS,
    Arrived,
    Received,
    Shelf,
    masked_query,
    shown,
)

NOW = 1_795_000_000_000
EVENT_ID = "01a1fa34-e125-7752-9219-dc50a45487a8"


def arrived(body: bytes = b"", path: str = "/orders", query: str = "") -> Arrived:
    return Arrived(method="POST", path=path, query=query, body=body, size=len(body))


def played(one: Arrived) -> Played:
    return Stage().play(Asked(path=one.path, query=one.query, body=one.body, now=NOW))


def seen(body: bytes = b"", path: str = "/orders", query: str = "") -> Received:
    one = arrived(body, path, query)
    return shown(one, played(one), number=1, now=NOW)


def test_a_request_is_shown_whole_and_without_its_secrets() -> None:
    body = {"order": "T-1", "event_id": EVENT_ID, "nested": [{"Access_Token": "hidden"}]}
    assert seen(json.dumps(body).encode(), query="a=1&token=hidden") == Received(
        number=1,
        received_at=NOW,
        method="POST",
        partner="Webhook",
        docs="https://www.standardwebhooks.com",
        path="/orders",
        query=[("a", "1"), ("token", "…")],
        size=len(json.dumps(body)),
        names=[],
        body='{\n  "order": "T-1",\n  "event_id": "' + EVENT_ID + '",\n  "nested": [\n    {\n'
        '      "Access_Token": "…"\n    }\n  ]\n}',
        faults=[],
        taken=1,
        trouble="",
        marks=[EVENT_ID],
        status=204,
        answer="",
    )


def test_ga4_s_events_are_marked_by_name_and_time_and_judged() -> None:
    body = {
        "client_id": "1.2",
        "timestamp_micros": NOW * 1000,
        "events": [
            {"name": "page_view", "params": {"engagement_time_msec": 1, "event_id": EVENT_ID}},
            {"name": "scroll", "timestamp_micros": str((NOW - 5) * 1000), "params": {}},
        ],
    }
    received = seen(
        json.dumps(body).encode(), "/mp/collect", "measurement_id=G-DEMO000001&api_secret=x"
    )
    assert received.names == ["page_view", "scroll"]
    assert received.marks == [EVENT_ID, f"page_view@{NOW}", f"scroll@{NOW - 5}"]
    assert received.faults == [
        "events[1].params.engagement_time_msec: without it the user does not show in reports"
    ]


def test_secrets_of_a_query_keep_their_names_alone() -> None:
    query = "API_Secret=a&access_token=b&key=c&x=d&token=&y"
    assert masked_query(query) == [
        ("API_Secret", "…"), ("access_token", "…"), ("key", "…"), ("x", "d"), ("token", "…"),
        ("y", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"a=1&access_token=hidden&b=2", "a=1&access_token=…&b=2"),
        (b'{"api_secret": "hidden", broken', '{"api_secret": "…", broken'),
        (b"token=hidden", "token=…"),
    ],
)
def test_secrets_are_hidden_in_forms_and_broken_json_too(body: bytes, shown: str) -> None:
    received = seen(body)
    assert (received.body, received.faults) == (shown, ["body: no JSON"])


def test_a_body_that_was_cut_shows_its_size_and_what_was_judged_of_the_whole() -> None:
    whole = arrived(b'{"event_id":"e-1"}')
    cut = Arrived(method="PUT", path="/orders", query="", body=b'{"eve', size=18)
    received = shown(cut, played(whole), number=1, now=NOW)
    assert (received.body, received.size, received.faults) == ('{"eve', 18, [])


def test_json_that_would_grow_by_indenting_is_shown_as_it_came() -> None:
    deep = b"[" * 40 + b"1" + b"]" * 40
    wide = b"[[[[[[[[" + b"1," * 100_000 + b"1]]]]]]]]"
    assert [seen(deep).body, seen(wide).body] == [deep.decode(), wide.decode()]


@given(st.binary(max_size=200), st.binary(max_size=60))
@example(b'{"a":"\\ud800","events":[{"name":"\\udfff","timestamp_micros":1}]}', b"\xff=%ff")
@example(b'{"events":[{"name":5,"timestamp_micros":true}],"user_properties":{"\\ud800":1}}', b"")
@example(b"[" * 5_000, b"&" * 500)
@example(b"1e999", b"a=" + quote("\udc80", errors="replace").encode())
def test_any_bytes_become_something_to_show(body: bytes, query: bytes) -> None:
    for path in ("/mp/collect", "/\udcff"):
        received = seen(body, path.encode(errors="replace").decode(), query.decode("latin-1"))
        assert msgspec.json.decode(msgspec.json.encode(received))["size"] == len(body)


def test_a_shelf_keeps_the_last_requests() -> None:
    shelf = Shelf()
    for _ in range(MAX_REQUESTS + 20):
        shelf.add(arrived(), played(arrived()), now=NOW)
    assert shelf.last == MAX_REQUESTS + 20
    assert [one.number for one in shelf.after(0)] == list(range(21, MAX_REQUESTS + 21))
    assert [one.number for one in shelf.after(MAX_REQUESTS + 18)] == [519, 520]


def test_a_shelf_does_not_outgrow_its_memory() -> None:
    shelf = Shelf()
    one = arrived(b"x" * MAX_BODY_BYTES)
    for _ in range(200):
        shelf.add(one, played(one), now=NOW)
    assert len(shelf.after(0)) == MAX_KEPT_BYTES // MAX_BODY_BYTES
