from __future__ import annotations

import json
from decimal import Decimal

from server.destinations.contract import (
    basic,
    cut,
    encode,
    field_names,
    json_request,
    money,
    number,
    stated,
)


def test_money_is_a_number_without_zeros_at_its_end() -> None:
    amounts = ("59.9000", "60.0000", "0.0000", "1234567890123.4500", None)
    said = b"[59.9,60,0,1234567890123.45,null]"
    assert encode([money(amount) for amount in amounts]) == said


def test_a_count_is_whole_where_it_can_be_and_nothing_where_it_is_no_number() -> None:
    assert [number(2.0), number(2.5), number(float("nan")), number(float("inf"))] == [
        2,
        2.5,
        None,
        None,
    ]
    assert str(number(1e300)) == "1e+300"


def test_what_is_empty_is_not_said_but_zero_and_no_are() -> None:
    fields: dict[str, object] = {
        "a": "",
        "b": None,
        "c": [],
        "d": {},
        "e": 0,
        "f": False,
        "g": Decimal(0),
    }
    assert list(stated(fields)) == ["e", "f", "g"]


def test_fields_are_told_by_name_and_lists_are_seen_through() -> None:
    message = {
        "event": "Purchase",
        "user": {"em": ["x"], "ph": []},
        "contents": [{"id": "1"}, {"id": "2", "price": 3}],
        "deep": {"a": {"b": {"c": {"d": 1}}}},
    }
    assert field_names(message) == [
        "contents.id",
        "contents.price",
        "deep.a.b.c",
        "event",
        "user.em",
        "user.ph",
    ]


def test_a_request_says_what_kind_it_is() -> None:
    request = json_request("https://x.example/", {"a": Decimal("1.5")}, {"x-token": "t"})
    assert (request.method, request.headers) == (
        "POST",
        {"content-type": "application/json", "x-token": "t"},
    )
    assert json.loads(request.body) == {"a": 1.5}


def test_texts_are_cut_however_deep_and_lists_and_objects_are_as_large_as_they_may_be() -> None:
    inner = {"d": "xyz", "e": 1, "f": 2}
    said = {"a": "xyz", "b": [1, "xyz", True], "c": inner, "g": 0}
    assert cut(said, 2) == {"a": "xy", "b": [1, "xy", True], "c": {**inner, "d": "xy"}, "g": 0}
    assert cut(said, 2, 2) == {"a": "xy", "b": [1, "xy"]}


def test_a_name_and_a_password_let_in() -> None:
    assert basic("abc123") == {"authorization": "Basic YWJjMTIzOg=="}
    assert basic("Aladdin", "open sesame") == {
        "authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    }
