"""Values as partners' JSON says them: money and counts as numbers, and nothing that is empty."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from server.delivery import Request

MAX_DEPTH = 4
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:
    """Compact JSON; money is a number, and what is not finite is null."""
    return _ENCODER.encode(value)


def json_request(
    url: str, body: Any, headers: Mapping[str, str] | None = None, *, method: str = "POST"
) -> Request:
    """A request that says something in JSON; header names in lower case."""
    kind = {"content-type": "application/json"}
    return Request(method=method, url=url, headers={**kind, **(headers or {})}, body=encode(body))


def money(amount: str | None) -> int | Decimal | None:
    """Decimal text as a number, without zeros at its end."""
    if amount is None:
        return None
    number = Decimal(amount)
    whole = number.to_integral_value()
    return int(whole) if number == whole else number.normalize()


def number(value: float) -> int | float | None:
    """Whole numbers without a point; None: not finite."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: neither None, nor an empty text, list or object."""
    return {name: value for name, value in fields.items() if value or value == 0}


def cut(value: Any, most_chars: int, most: int | None = None) -> Any:
    """Texts of so many characters, in lists and objects of so many elements at most."""
    if isinstance(value, str):
        return value[:most_chars]
    if isinstance(value, Mapping):
        inside = islice(value.items(), most)
        return {name: cut(inner, most_chars, most) for name, inner in inside}
    if isinstance(value, list):
        return [cut(inner, most_chars, most) for inner in value[:most]]
    return value


def basic(user: str, password: str = "") -> dict[str, str]:
    """The header that lets in by a name and a password."""
    key = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {key}"}


def field_names(message: Mapping[str, Any]) -> list[str]:
    """The names of what a message says, as `user_data.em`, sorted; lists are seen through."""
    found: set[str] = set()
    _gather(message, "", MAX_DEPTH, found)
    return sorted(found)


def _gather(value: Any, path: str, depth: int, found: set[str]) -> None:
    """Each message is looked through, so that it is not asked for more than what messages are."""
    if type(value) is dict and value and depth:
        for name, inner in value.items():
            _gather(inner, f"{path}.{name}" if path else str(name), depth - 1, found)
    elif type(value) is list and value and type(value[0]) is dict:
        for inner in value:
            _gather(inner, path, depth, found)
    else:
        found.add(path)
