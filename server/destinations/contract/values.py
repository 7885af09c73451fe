"""Values as partners' JSON says them: money and counts as numbers, and nothing that is empty."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from server.delivery import Request

MAX_DEPTH = 4
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


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
    return {name: value for name, value in fields.items() if value not in _EMPTY}


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
    return sorted(set(_names(message, "", MAX_DEPTH)))


def _names(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and depth and value:
        for name, inner in value.items():
            yield from _names(inner, f"{path}.{name}" if path else str(name), depth - 1)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for inner in value:
            yield from _names(inner, path, depth)
    else:
        yield path
