from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from server.destinations.contract import encode, money, number
from server.destinations.ga4.values import value


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, b"null"),
        ("0.0000", b"0"),
        ("100.0000", b"100"),
        ("-5.5000", b"-5.5"),
        ("0.0001", b"0.0001"),
        ("9999999999999.9999", b"9999999999999.9999"),
    ],
)
def test_money_is_a_number_to_the_last_digit(amount: str | None, said: bytes) -> None:
    assert encode(money(amount)) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [(2.0, b"2"), (2.5, b"2.5"), (-0.0, b"0"), (1e300, b"1e300"), (float("inf"), b"null")],
)
def test_a_number_has_no_point_where_it_needs_none(given: float, said: bytes) -> None:
    assert encode(number(given)) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, None),
        ("", None),
        (float("nan"), None),
        (True, "true"),
        (False, "false"),
        (0, 0),
        (2**70, str(2**70)),
        (1.5, 1.5),
        ("a" * 200, "a" * 100),
        (["a", 1], '["a",1]'),
        ({"a": Decimal("1.50")}, '{"a":1.50}'),
    ],
)
def test_a_value_of_any_kind(given: Any, said: Any) -> None:
    assert value(given, 100) == said
