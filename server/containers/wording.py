"""Parts of a container in words that a marketer reads: conditions, limits, values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from server.containers.explain import shown

OPERATORS = {
    "equals": "equals",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "matches": "matches",
    "in": "is one of",
    "greater": "greater than",
    "greater_or_equal": "at least",
    "less": "less than",
    "less_or_equal": "at most",
}
BOUNDS = frozenset({"greater", "greater_or_equal", "less", "less_or_equal"})
"""Operators whose operand is a number, whole or not."""
Tree = Mapping[str, Any]


def condition_words(condition: Tree) -> str:
    """`event.value greater than 100`."""
    return " ".join((looked_at_words(condition), *operator_words(condition)))


def looked_at_words(condition: Tree) -> str:
    """`event.value` of `{{ event.value }}`."""
    value = str(condition.get("value", ""))
    return shown(value.replace("{{", "").replace("}}", "").strip() or value)


def operator_words(condition: Tree) -> tuple[str, str]:
    """The operator in words, and its operand."""
    negation = "not " if condition.get("not") else ""
    case = ", upper or lower case" if condition.get("ignore_case") else ""
    for name, words in OPERATORS.items():
        operand = condition.get(name)
        if operand is not None:
            is_whole = name in BOUNDS and float(operand).is_integer()
            return f"{negation}{words}", f"{said(int(operand) if is_whole else operand)}{case}"
    rest = {key: value for key, value in condition.items() if key != "value" and value is not None}
    return f"{negation}meets", said(rest)


def limit_words(limit: Any) -> str:
    """`3 a session at most`."""
    if not isinstance(limit, dict):
        return "none"
    return f"{limit.get('times', 1)} a {limit['per']} at most"


def said(value: Any) -> str:
    """A value in a line: texts as they are, switches as on and off, the rest as JSON."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return shown(value) if value else "nothing"
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return shown(", ".join(value)) if value else "nothing"
    return shown(msgspec.json.encode(value).decode())
