"""What a transformation may change of an event, by name: its columns, its props, the person.

    value   title   …   a column        props   props.colour   all of them, or one
    items               all lines       person  person.email   what is personal, beside the event

What says which event it is, whose, and with what consent, stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from server.containers.explain import hint, shown
from server.containers.lookup import FIELDS, number_of, text_of
from server.model import Event, Person

MAX_NAME_CHARS = 100
FIXED = frozenset(
    {"event_id", "src", "off", "idx", "container_id", "container_version"}
    | {"visitor_id", "session_id", "session_number", "page_id", "page_seq"}
    | {"name", "occurred_at", "received_at", "resend", "is_preview"}
    | {"consent", "consent_source", "consent_version", "bot", "bot_name", "nums", "withheld"}
)
CHANGEABLE = tuple(name for name in FIELDS if name not in FIXED)
"""Columns that can be left out."""
PERSONAL = tuple(name for name in Person.__struct_fields__ if name != "clicked_at")
"""What is called by a name of its own; the times of clicks go with `click_ids`."""
_TEXTS = tuple(
    name for name, kind in Event.__annotations__.items() if kind == "str" and name in CHANGEABLE
)
SETTABLE = ("name", "value", *_TEXTS)
"""Columns that can be set, beside `props.…`."""
_BLANK = Event(
    event_id="", src=0, off=0, idx=0, container_id="", name="", occurred_at=0, received_at=0
)
NOTHING = {name: getattr(_BLANK, name) for name in CHANGEABLE}
"""What stands in a column that was left out."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_LIMIT = Decimal(10) ** 13


def removable_fault(name: str) -> str:
    """What is wrong with a name under `allow` or `exclude`; empty: nothing."""
    root, dot, key = name.partition(".")
    if root == "props" and (key or not dot):
        return ""
    if root == "person" and (not dot or key in PERSONAL):
        return ""
    if root == "person":
        return f"`{shown(key)}` is nothing of a person{hint(key, PERSONAL)}"
    if name in FIXED:
        return f"`{shown(name)}` says which event it is, whose or with what consent: it stays"
    known = (*CHANGEABLE, "props", "person")
    return "" if name in CHANGEABLE else f"no field {shown(name)!r}{hint(name, known)}"


def settable_fault(name: str) -> str:
    """What is wrong with a name under `augment`; empty: nothing."""
    root, _, key = name.partition(".")
    if (root == "props" and key) or name in SETTABLE:
        return ""
    if root == "person":
        return "what is personal can be left out, not set"
    if name in FIXED or name in CHANGEABLE:
        return (
            f"`{shown(name)}` cannot be set; those that can: {', '.join(SETTABLE[:6])}, … props.…"
        )
    return f"no field {shown(name)!r}{hint(name, (*SETTABLE, 'props.…'))}"


def kept(event: Event, allowed: frozenset[str]) -> dict[str, Any]:
    """Only these fields stay: what else is to be changed."""
    changes = {name: NOTHING[name] for name in CHANGEABLE if name not in allowed}
    if "props" not in allowed:
        names = {name.removeprefix("props.") for name in allowed if name.startswith("props.")}
        changes["props"] = {key: text for key, text in event.props.items() if key in names}
        changes["nums"] = {key: number for key, number in event.nums.items() if key in names}
    return changes


def left_out(event: Event, excluded: frozenset[str]) -> dict[str, Any]:
    """These fields go: what is to be changed."""
    changes = {name: NOTHING[name] for name in excluded if name in NOTHING}
    if "props" in excluded:
        changes["nums"] = {}
        return changes
    names = {name.removeprefix("props.") for name in excluded if name.startswith("props.")}
    if names:
        changes["props"] = {key: text for key, text in event.props.items() if key not in names}
        changes["nums"] = {key: number for key, number in event.nums.items() if key not in names}
    return changes


def put(changes: dict[str, Any], event: Event, name: str, value: Any) -> None:
    """Notes that a field is set; a value that does not fit it changes nothing."""
    if name.startswith("props."):
        key = name.removeprefix("props.")
        changes["props"] = {**changes.get("props", event.props), key: text_of(value)}
        nums = {k: n for k, n in changes.get("nums", event.nums).items() if k != key}
        number = number_of(value)
        changes["nums"] = nums if number is None else {**nums, key: float(number)}
        return
    fitted = _FITTED.get(name, text_of)(value)
    if fitted is not None:
        changes[name] = fitted


def _money(value: Any) -> str | None:
    number = number_of(value)
    if number is None or abs(number) >= _LIMIT:
        return None
    return f"{Decimal(str(number)):.4f}"


def _currency(value: Any) -> str | None:
    text = text_of(value).upper()
    return text if _CURRENCY.fullmatch(text) else None


def _name(value: Any) -> str | None:
    text = text_of(value).strip()
    return text if 0 < len(text) <= MAX_NAME_CHARS and text.isprintable() else None


_FITTED: Mapping[str, Callable[[Any], str | None]] = {
    "value": _money,
    "currency": _currency,
    "name": _name,
}
