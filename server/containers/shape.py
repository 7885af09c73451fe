"""The keys that every variable has: they shape what was found, one after the other.

trim ▶ when_true, when_false ▶ as ▶ case ▶ hash ▶ default
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from server.containers.lookup import bounded, number_of, text_of
from server.containers.model.variable import Case, Kind, Shaped
from server.containers.scope import MISSING, Read, Scope

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})

Step = Callable[[Any], Any]


def shaped(read: Read, variable: Shaped) -> Read:
    """What `read` finds, in the shape that the variable asks for."""
    steps = tuple(_steps(variable))
    default = MISSING if variable.default is None else variable.default
    if not steps and default is MISSING:
        return read

    def shape(scope: Scope) -> Any:
        value = read(scope)
        for step in steps:
            if value is MISSING:
                break
            value = step(value)
        return default if value is MISSING or value == "" else value

    return shape


def _steps(variable: Shaped) -> list[Step]:
    steps: list[Step] = []
    if variable.trim:
        steps.append(lambda value: value.strip() if isinstance(value, str) else value)
    for word, stands in (("true", variable.when_true), ("false", variable.when_false)):
        if stands is not None:
            steps.append(_instead(word, stands))
    if variable.kind is not None:
        steps.append(_KINDS[variable.kind])
    if variable.case is not None:
        change = str.lower if variable.case is Case.LOWER else str.upper
        steps.append(lambda value: change(value) if isinstance(value, str) else value)
    if variable.hash is not None:
        steps.append(lambda value: hashlib.sha256(_bytes(value)).hexdigest())
    return steps


def _instead(word: str, stands: Any) -> Step:
    """Pages send true and false, but an event's props are texts."""
    return lambda value: stands if text_of(value) == word else value


def _text(value: Any) -> Any:
    return bounded(text_of(value))


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    number = number_of(value)
    return MISSING if number is None else number


def _boolean(value: Any) -> Any:
    word = text_of(value).lower()
    return True if word in _TRUE else False if word in _FALSE else MISSING


def _bytes(value: Any) -> bytes:
    return text_of(value).encode(errors="replace")


_KINDS: dict[Kind, Step] = {Kind.TEXT: _text, Kind.NUMBER: _number, Kind.BOOLEAN: _boolean}
