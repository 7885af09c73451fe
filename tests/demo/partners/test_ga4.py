from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from server.clock import HOUR_MS
from tests.demo.partners.asking import HOSTILE, Line

NOW = 1_795_000_000_000
QUERY = "measurement_id=G-DEMO000001&api_secret=abc"
SOUND: dict[str, Any] = {
    "client_id": "737486335.2019735876",
    "user_id": "c-17",
    "timestamp_micros": (NOW - HOUR_MS) * 1000,
    "user_properties": {"plan": {"value": "gold"}},
    "consent": {"ad_user_data": "GRANTED", "ad_personalization": "DENIED"},
    "events": [
        {
            "name": "purchase",
            "timestamp_micros": str((NOW - 2 * HOUR_MS) * 1000),
            "params": {
                "session_id": "1795000000",
                "engagement_time_msec": 100,
                "page_location": "https://shop.example/" + "a" * 900,
                "currency": "EUR",
                "value": 24.5,
                "tax": 4,
                "shipping": 0,
                "transaction_id": "T-1",
                "items": [{"item_id": "CUP-1", "price": 24.5, "quantity": 1, "colour": "sage"}],
            },
        }
    ],
}

Change = Callable[[dict[str, Any]], object]


def judge(change: Change, query: str = QUERY) -> list[str]:
    document = copy.deepcopy(SOUND)
    change(document)
    return faults(query, json.dumps(document).encode())


def faults(query: str, body: bytes) -> list[str]:
    return Line(f"/mp/collect?{query}").faults(body)


def param(**values: Any) -> Change:
    """The event's parameters with these; None takes one away."""

    def change(document: dict[str, Any]) -> None:
        params = document["events"][0]["params"] | values
        kept = {key: value for key, value in params.items() if value is not None}
        document["events"][0]["params"] = kept

    return change


def field(**values: Any) -> Change:
    return lambda document: document.update(values)


def event(**values: Any) -> Change:
    return lambda document: document["events"][0].update(values)


def test_a_sound_request_has_no_faults() -> None:
    assert judge(lambda document: None) == []


def test_an_event_without_a_session_is_taken() -> None:
    assert judge(param(session_id=None)) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("api_secret=abc", "query: measurement_id must be a G-… id"),
        ("measurement_id=UA-1&api_secret=abc", "query: measurement_id must be a G-… id"),
        ("measurement_id=G-DEMO000001", "query: api_secret is missing"),
        ("measurement_id=G-DEMO000001&api_secret=", "query: api_secret is missing"),
    ],
)
def test_the_query_names_stream_and_secret(query: str, fault: str) -> None:
    assert judge(lambda document: None, query) == [fault]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (field(client_id=""), "client_id: expected a text without spaces"),
        (field(client_id=5), "client_id: expected a text without spaces"),
        (field(user_id=""), "user_id: expected a text of 1 to 256 characters"),
        (
            field(timestamp_micros=(NOW - 73 * HOUR_MS) * 1000),
            "timestamp_micros: more than 72 hours ago, so it would be dropped",
        ),
        (
            event(timestamp_micros=(NOW - 73 * HOUR_MS) * 1000),
            "events[0].timestamp_micros: more than 72 hours ago, so it would be dropped",
        ),
        (
            event(timestamp_micros=(NOW + 2 * HOUR_MS) * 1000),
            "events[0].timestamp_micros: lies in the future",
        ),
        (
            event(timestamp_micros="x"),
            "events[0].timestamp_micros: expected microseconds since 1970",
        ),
        (field(consent={"ad_storage": "GRANTED"}), "consent.ad_storage: no such purpose"),
        (
            field(consent={"ad_user_data": "granted"}),
            "consent.ad_user_data: expected GRANTED or DENIED",
        ),
        (field(consent=[]), "consent: expected an object"),
        (
            field(user_properties={"p": {"value": "v" * 37}}),
            "user_properties.p: longer than 36 characters",
        ),
        (
            field(user_properties={"p" * 25: {"value": "v"}}),
            f"user_properties.{'p' * 25}: "
            "expected a letter, then letters, digits and _, at most 24",
        ),
        (field(user_properties={"p": "v"}), 'user_properties.p: expected {"value": …}'),
        (
            field(user_properties={f"p{n}": {"value": 1} for n in range(26)}),
            "user_properties: expected an object of at most 25",
        ),
        (field(events=[]), "events: expected a list of 1 to 25"),
        (field(events=SOUND["events"] * 26), "events: expected a list of 1 to 25"),
        (field(events=["x"]), "events[0].name: expected an object with a name"),
        (event(name="session_start"), "events[0].name: session_start is Google's own"),
        (
            event(name="ga_purchase"),
            "events[0].name: begins with a prefix of Google's own",
        ),
        (
            event(name="1st"),
            "events[0].name: expected a letter, then letters, digits and _, at most 40",
        ),
        (event(params=[]), "events[0].params: expected an object"),
        (param(session_id="a1"), "events[0].params.session_id: expected a number"),
        (param(session_id=-5), "events[0].params.session_id: expected a number"),
        (
            param(engagement_time_msec=0),
            "events[0].params.engagement_time_msec: expected a positive number of milliseconds",
        ),
        (
            param(engagement_time_msec=None),
            "events[0].params.engagement_time_msec: without it the user does not show in reports",
        ),
        (param(currency="eur"), "events[0].params.currency: expected three capital letters"),
        (param(value="24"), "events[0].params.value: expected a number"),
        (param(value=None), "events[0].params.value: purchase needs it"),
        (param(transaction_id=None), "events[0].params.transaction_id: purchase needs it"),
        (param(transaction_id=7), "events[0].params.transaction_id: expected a text"),
        (param(items=[]), "events[0].params.items: purchase needs it"),
        (
            param(items=[{"price": 1}]),
            "events[0].params.items[0].item_id: item_id or item_name is needed",
        ),
        (
            param(items=[{"item_name": "Cup", "price": "1"}]),
            "events[0].params.items[0].price: expected a number",
        ),
        (
            param(items=[{"item_id": "a", **{f"own{n}": 1 for n in range(11)}}]),
            "events[0].params.items[0].*: 11 parameters of its own, at most 10",
        ),
        (
            param(items=[{"item_id": "a"}] * 201),
            "events[0].params.items: expected a list of at most 200",
        ),
        (param(note="n" * 101), "events[0].params.note: 101 characters, at most 100"),
        (
            param(page_location="h" * 1001),
            "events[0].params.page_location: 1001 characters, at most 1000",
        ),
        (param(deep={"a": 1}), "events[0].params.deep: expected a text or a number"),
        (
            param(**{"a-b": 1}),
            "events[0].params.a-b: expected a letter, then letters, digits and _, at most 40",
        ),
        (
            param(**{f"p{n}": 1 for n in range(18)}),
            "events[0].params.*: 26 parameters, at most 25",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(change: Change, fault: str) -> None:
    assert judge(change) == [fault]


def test_a_value_needs_its_currency_in_any_event() -> None:
    def change(document: dict[str, Any]) -> None:
        document["events"] = [
            {"name": "own", "params": {"value": 1, "engagement_time_msec": 1}},
        ]

    assert judge(change) == ["events[0].params.currency: a value needs it"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1", b"[" * 100_000, b"9" * 5_000])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    assert faults(QUERY, body) == ["body: no JSON"]


def test_a_body_has_a_limit_and_is_an_object() -> None:
    assert faults(QUERY, b"[]") == ["body: no JSON object"]
    long = b" " * 130_000 + json.dumps(SOUND).encode()
    assert faults(QUERY, long) == [f"body: {len(long)} bytes, less than 130000 are taken"]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_no_value_in_any_place_breaks_the_check(value: Any) -> None:
    for key in SOUND:
        judge(field(**{key: value}))
    for key in ("name", "params", "timestamp_micros"):
        judge(event(**{key: value}))
    for key in [*SOUND["events"][0]["params"], "own"]:
        judge(event(params={**SOUND["events"][0]["params"], key: value}))
    for key in ("item_id", "price", "own"):
        judge(param(items=[value, {"item_id": "a", key: value}]))
    judge(field(user_properties={"p": value, "q": {"value": value}}))
    judge(field(consent={"ad_user_data": value}))


def test_it_answers_204_to_whatever_it_is_sent() -> None:
    line = Line(f"/mp/collect?{QUERY}")
    bodies: list[Any] = [SOUND, {"events": []}, b"x"]
    assert [line.says(body) for body in bodies] == [(204, None)] * 3
    assert line.play(SOUND).taken == 1
    assert line.play(b"x").taken == 0
