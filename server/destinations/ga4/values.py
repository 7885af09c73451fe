"""Values as GA4 takes them: texts that are not too long, and numbers that lose nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from server.destinations.contract import encode, number

Value = str | int | float | Decimal

# Leading zeros, a plus sign or more digits than a double holds: a number would lose them.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


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
