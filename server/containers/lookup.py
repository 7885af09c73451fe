"""What a placeholder in a container looks up, and the value found: number, text, list, mapping.

What is missing, or an empty text, is MISSING. Numbers that are whole are ints; money is a number. A
text ends at MAX_TEXT_BYTES. Nothing that an event says ever becomes a `$secret.…`: such a text is
MISSING too, or a visitor could ask for a secret by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import asdict

from server.containers.explain import hint, nearest, shown
from server.containers.model import Purpose
from server.containers.scope import MISSING, Read, Scope
from server.model import Event, Item

MAX_TEXT_BYTES = 8192
SECRET = "$secret."  # noqa: S105
FIELDS = tuple(name for name in Event.__struct_fields__ if name != "withheld")
MAPS = ("props", "nums", "consent")

_PURPOSES = [purpose.value for purpose in Purpose]
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]{0,30}))(\.[0-9]{1,20})?")
_LONGEST_NUMBER = 1 + 31 + 1 + 20
_WHOLE = 2**53
_SHORT_CHARS = MAX_TEXT_BYTES // 4
_TEXTS = frozenset(name for name, kind in Event.__annotations__.items() if kind == "str")
_PLAIN = frozenset(name for name, kind in Event.__annotations__.items() if kind in ("int", "bool"))

Names = Mapping[str, Read]
"""Variables, by name."""
NO_NAMES: Names = {}


def reader(name: str, names: Names = NO_NAMES) -> Read:
    """How to look up `event.…` or a variable; raises ValueError with the nearest right word."""
    if name in names:
        return names[name]
    if not name:
        raise ValueError("`{{ }}` is empty; expected such as `{{ event.name }}`")
    root, _, rest = name.partition(".")
    column, dot, key = rest.partition(".")
    if root != "event" or column not in FIELDS:
        raise ValueError(f"`{shown(name)}` is not known{_nearest(name, names)}")
    if not dot:
        return _column(column)
    if column not in MAPS:
        raise ValueError(f"`{shown(name)}`: `event.{column}` has nothing inside")
    if not key:
        raise ValueError(f"`{shown(name)}`: expected a key after the dot")
    if column == "consent" and key not in _PURPOSES:
        raise ValueError(f"`{shown(name)}` is not a purpose{hint(key, _PURPOSES)}")
    return _inside(column, key)


def number_of(value: Any) -> int | float | None:
    """A number, or the number that a text is: `12`, `-0.50`; not `007`, `1e3`, true."""
    if isinstance(value, str):
        return _number_of_text(value) if len(value) <= _LONGEST_NUMBER else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) <= _WHOLE else value


@lru_cache(maxsize=4096)
def _number_of_text(text: str) -> int | float | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, rest = match.groups()
    return float(text) if rest and rest.strip(".0") else int(whole)


def text_of(value: Any) -> str:
    """A value within a text: numbers as they are written, lists and mappings as JSON."""
    if isinstance(value, str):
        return value
    if value is MISSING or value is None:
        return ""
    return msgspec.json.encode(value).decode()


def bounded(text: str) -> Any:
    """Not longer than MAX_TEXT_BYTES; MISSING when it is empty or would pass for a secret."""
    if not text or SECRET in text:
        return MISSING
    if len(text) * 4 > MAX_TEXT_BYTES:
        return text.encode(errors="replace")[:MAX_TEXT_BYTES].decode(errors="ignore")
    return text


def _column(name: str) -> Read:
    get = attrgetter(f"event.{name}")
    if name == "value":
        return lambda scope: _number(scope.event.value)
    if name == "items":
        return lambda scope: _lines(scope.event.items)
    if name in _PLAIN:
        return get
    return _text(get) if name in _TEXTS else lambda scope: typed(get(scope))


def _text(get: Read) -> Read:
    """A column's text; most are short, and there are many."""

    def read(scope: Scope) -> Any:
        text = get(scope)
        if text and len(text) <= _SHORT_CHARS and SECRET not in text:
            return text
        return bounded(text)

    return read


def _inside(column: str, key: str) -> Read:
    get = attrgetter(f"event.{column}")

    def read(scope: Scope) -> Any:
        value = get(scope).get(key)
        if value.__class__ is str:
            is_short = value and len(value) <= _SHORT_CHARS and SECRET not in value
            return value if is_short else bounded(value)
        return typed(value)

    return read


def typed(value: Any) -> Any:
    """A value of the event's as it goes out."""
    if isinstance(value, str):
        return bounded(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        return {key: inner for key, v in value.items() if (inner := typed(v)) is not MISSING}
    if isinstance(value, list):
        return [inner for v in value if (inner := typed(v)) is not MISSING]
    return MISSING if value is None else value


def _lines(items: list[Item]) -> list[Any]:
    """Items as mappings; where none has an index above 0, none was given."""
    is_numbered = any(item.index > 0 for item in items)
    return [_line(item, is_numbered=is_numbered) for item in items]


def _line(item: Item, *, is_numbered: bool) -> Any:
    """An item's fields that are not empty."""
    line = asdict(item)
    for name in ("price", "discount"):
        line[name] = number_of(line[name])
    line["index"] = item.index if is_numbered else item.index or None
    line["props"] = item.props or None
    return typed(line)


def _number(value: Any) -> Any:
    number = number_of(value)
    return MISSING if number is None else number


def _nearest(name: str, names: Names) -> str:
    """The nearest known name, for `evnt.name`, `event.nam`, `name` and a variable's."""
    root, _, rest = name.partition(".")
    column, _, key = (rest if nearest(root, ["event"]) else name).partition(".")
    near = nearest(column, FIELDS)
    inside = f".{shown(key)}" if near in MAPS and key else ""
    known = [f"event.{near}{inside}"] if near else []
    own = nearest(name, names)
    best = nearest(name, [*known, own]) or own or (known[0] if known else "")
    return f"; did you mean {best}?" if best else ""
