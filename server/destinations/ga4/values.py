"""Values as GA4 takes them: texts that are not too long, and numbers that lose nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.destinations.contract import encode, number

Value = str | int | float | Decimal


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
