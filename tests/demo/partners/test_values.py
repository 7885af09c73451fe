from __future__ import annotations

import pytest

from server.demo.partners.contract import Asked
from server.demo.partners.values import (
    aged,
    bearer,
    hashes,
    iso_ms,
    money,
    seconds,
)
from tests.demo.partners.asking import EMPTY_HASH, HASH, NOW


@pytest.mark.parametrize("value", [HASH.upper(), EMPTY_HASH, HASH[:-1], "", None, [], [HASH, ""]])
def test_a_hash_is_lower_case_whole_and_of_something(value: object) -> None:
    assert list(hashes({"em": value}, "em")) == ["em: expected SHA-256 in lower-case hex"]
    assert list(hashes({"em": HASH, "ph": [HASH, HASH]}, "em", "ph", "fn")) == []


def test_an_amount_needs_its_currency() -> None:
    assert list(money({"value": 0, "currency": "EUR"}, "value", "currency")) == []
    assert list(money({}, "value", "currency")) == []
    assert list(money({"value": 1}, "value", "currency")) == ["currency: value needs it"]
    assert list(money({"value": True, "currency": "EURO"}, "value", "currency")) == [
        "value: expected a number",
        "currency: expected three capital letters",
    ]


def test_times_are_read_with_their_zone_and_have_bounds() -> None:
    assert iso_ms("2026-11-18T21:46:40+01:00") == iso_ms("2026-11-18T20:46:40Z")
    assert [iso_ms(text) for text in ("2026-11-18T20:46:40", "today", None, 5)] == [None] * 4
    assert (seconds(5), seconds("5"), seconds(True), seconds(5.5)) == (5000, None, None, None)
    bounds = {"oldest_ms": 1000, "ahead_ms": 10}
    assert list(aged(NOW - 1000, NOW, **bounds)) == list(aged(NOW + 10, NOW, **bounds)) == []
    assert list(aged(NOW - 1001, NOW, **bounds)) == ["too long ago"]
    assert list(aged(NOW + 11, NOW, **bounds)) == ["lies in the future"]
    assert list(aged(None, NOW, **bounds)) == ["expected a time"]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("Bearer t0ken", ""),
        (f"Bearer recorder-{NOW + 1}-x", ""),
        (f"Bearer recorder-{NOW}-x", "authorization: the access token has expired"),
        ("Basic dTpw", "authorization: expected a Bearer token"),
        ("Bearer ", "authorization: expected a Bearer token"),
        ("", "authorization: expected a Bearer token"),
    ],
)
def test_a_token_that_the_recorder_gave_expires(header: str, fault: str) -> None:
    assert bearer(Asked(path="/", headers={"authorization": header}, now=NOW)) == fault
