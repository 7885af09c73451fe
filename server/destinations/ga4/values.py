"""Values as GA4 takes them: numbers, and texts that are not too long; nothing is None."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import msgspec

Value = str | int | float | Decimal

_ENCODER = msgspec.json.Encoder(decimal_format="number")
# Leading zeros, a plus sign or more digits than a double holds: a number would lose them.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


def encode(value: Any) -> bytes:
    """Compact JSON; money is a number, and what is not finite is null."""
    return _ENCODER.encode(value)


def money(amount: str | None) -> Value | None:
    """Decimal text as a number, without zeros at its end."""
    if amount is None:
        return None
    number = Decimal(amount)
    whole = number.to_integral_value()
    return int(whole) if number == whole else number.normalize()


def number(value: float) -> Value | None:
    """Whole numbers without a point; None: not finite."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def is_plain_number(text: str) -> bool:
    """Whether the number says all that the text says."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def value(given: Any, most_chars: int) -> Value | None:
    """A number as it is, a text cut, anything else as JSON text; None: there is nothing to say."""
    if given is None or given == "":
        return None
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, float):
        return number(given)
    if isinstance(given, int):
        return given if abs(given) < 2**63 else str(given)[:most_chars]
    text = given if isinstance(given, str) else encode(given).decode()
    return text[:most_chars]
